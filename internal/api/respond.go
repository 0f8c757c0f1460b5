package api

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// refuse is the only place that writes a refusal.
func (x *exchange) refuse(p *problem.Error) {
	p = veiled(p)
	env := problem.Envelope{RequestID: x.id, ClientRequestID: requestlog.Scrub(x.clientID), PublicURL: x.s.Site.PublicURL, Environment: x.s.Site.Mode}
	body := p.Body(env)
	if x.call != nil {
		if err := x.engine().KeepRefusal(x.ctx(), x.call, p, body); err != nil {
			x.s.Log.Error("refusal not kept under its key", "request_id", x.id, "error", err)
		}
	}
	if p.Unwrap() != nil {
		level := slog.LevelError
		if p.Kind == problem.BankNotAvailable || p.Kind == problem.RailUnavailable {
			level = slog.LevelWarn // nothing that an operator here can mend
		}
		x.s.Log.Log(x.ctx(), level, "request failed", "request_id", x.id, "code", p.Kind.Code, "error", p.Unwrap())
	}
	h := x.common()
	maps.Copy(h, p.Headers(env))
	x.result = outcome{status: p.Kind.Status, code: p.Kind.Code, outcome: p.Outcome(), body: body}
	x.write(p.Kind.Status, h, body)
}

// send writes a success.
func (x *exchange) send(a answer) {
	h := x.common()
	if a.outcome != "" {
		h.Set("Juicer-Outcome", string(a.outcome))
	}
	if a.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if a.location != "" && a.status == wire.Made {
		h.Set("Location", a.location)
	}
	h.Set("Cache-Control", cacheNot)
	h.Set("Content-Type", "application/json; charset=utf-8")
	if a.status >= 300 { // a stored refusal, sent again
		x.result.code = problem.CodeOf(a.body)
	}
	x.result = outcome{status: a.status, code: x.result.code, outcome: a.outcome, replayed: a.replayed, body: a.body, kept: a.kept}
	if a.status == wire.OK && x.route.Cache != "" {
		h.Set("Cache-Control", x.route.Cache)
	}
	if a.status == wire.OK && x.route.ETag && x.unchanged(h, a.body) {
		return
	}
	if a.stream != nil {
		x.pour(a.status, h, a.stream)
		return
	}
	if a.status == wire.NoContent {
		h.Del("Content-Type")
	}
	x.write(a.status, h, a.body)
}

// unchanged sets the ETag and answers 304 if the caller has it; that costs
// nothing.
func (x *exchange) unchanged(h http.Header, body []byte) bool {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h.Set("ETag", tag)
	h.Set("Vary", "Authorization")
	if !matches(x.r.Header.Get("If-None-Match"), tag) {
		return false
	}
	x.decision = x.s.Limiter.Refund(x.ctx(), x.decision, world.RealNow())
	maps.Copy(h, ratelimit.Headers(x.decision))
	h.Del("Content-Type")
	h.Del("Juicer-Outcome") // there is no money block in an answer without a body
	x.result.status, x.result.body = http.StatusNotModified, nil
	x.write(http.StatusNotModified, h, nil)
	return true
}

func matches(header, tag string) bool {
	for _, part := range strings.Split(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" || part == tag {
			return true
		}
	}
	return false
}

// common is the headers of every reply.
func (x *exchange) common() http.Header {
	h := http.Header{}
	h.Set("X-Request-Id", x.id)
	h.Set("Juicer-Environment", x.s.Site.Mode)
	maps.Copy(h, ratelimit.Headers(x.decision))
	return h
}

// write sends status, headers and body, unless a fault has other plans.
func (x *exchange) write(status int, h http.Header, body []byte) {
	if x.spoil(status, h, body) {
		return
	}
	x.emit(status, h, body)
}

func (x *exchange) emit(status int, h http.Header, body []byte) {
	maps.Copy(x.w.Header(), h)
	_ = http.NewResponseController(x.w).SetWriteDeadline(world.RealNow().Add(requestTime)) // slow clients are cut off
	if len(body) >= compressFrom && strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip") {
		x.w.Header().Set("Content-Encoding", "gzip")
		x.w.Header().Add("Vary", "Accept-Encoding")
		compress(body, func(small []byte) { x.deliver(status, small) })
		return
	}
	x.deliver(status, body)
}

// deliver sends the bytes as they are.
func (x *exchange) deliver(status int, body []byte) {
	if status != http.StatusNotModified && status != wire.NoContent {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // a caller that has gone reads nothing more
}
