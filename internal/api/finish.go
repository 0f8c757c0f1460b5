package api

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// finish counts the request and writes its line.
func (x *exchange) finish() {
	took := world.RealNow().Sub(x.at)
	pattern := "unknown"
	if x.route != nil {
		pattern = x.route.Path
	}
	x.s.Metrics.observe(labels{method: x.method(), route: pattern, status: strconv.Itoa(x.result.status), code: x.result.code,
		outcome: string(x.result.outcome)}, took)
	object := x.trace.Object()
	x.s.Log.LogAttrs(x.client, slog.LevelInfo, "request", slog.String("request_id", x.id), slog.String("method", x.method()),
		slog.String("route", pattern), slog.Int("status", x.result.status), slog.String("code", x.result.code),
		slog.String("outcome", string(x.result.outcome)), slog.Int64("ms", took.Milliseconds()),
		slog.String("object", object.ID), slog.Bool("replayed", x.result.replayed))
	if x.key != nil && x.s.Lines != nil && x.route.Page == nil {
		x.s.Lines.Add(x.line(took))
	}
}

// method is the request's method if it is one we know: metrics must not grow by
// what callers invent.
func (x *exchange) method() string {
	switch x.r.Method {
	case get, post, patch, del, "HEAD", "PUT", "OPTIONS":
		return x.r.Method
	}
	return "OTHER"
}

// line is the request as the log keeps it.
func (x *exchange) line(took time.Duration) *store.Request {
	object := x.trace.Object()
	head := wire.RequestHead{ClientRequestID: wire.OrNull(requestlog.Scrub(x.clientID)), DurationMS: took.Milliseconds(), IP: ip(x.r),
		Attempt: attempt(x.r.Header.Get("X-Juicer-Attempt")),
		Key:     wire.RequestKey{ID: x.key.ID, Prefix: x.key.Prefix}, Replayed: x.result.replayed, ResourceType: object.Type}
	r := &store.Request{ID: x.id, Business: x.key.Business, CreatedAt: x.engine().Clock.Now(), Method: x.method(),
		Path: requestlog.Scrub(x.path), Status: x.result.status, Code: x.result.code, Outcome: string(x.result.outcome),
		IdempotencyKey: requestlog.Scrub(x.loggedKey()), ObjectID: object.ID, Head: string(wire.Marshal(head)),
		Timeline: string(wire.Marshal(x.trace.Timeline()))}
	if x.s.Sandbox != nil {
		r.RequestBody = requestlog.Redact(x.raw, loggedBodyBytes)
		r.ReplyBody = requestlog.Redact(x.result.body, loggedBodyBytes)
	}
	return r
}

func (x *exchange) loggedKey() string {
	if !writes(x.r.Method) {
		return ""
	}
	return cutTo(x.r.Header.Get("Idempotency-Key"), 255)
}

// attempt is the caller's number of the try, if it is one.
func attempt(text string) *int64 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		return nil
	}
	return &n
}

func cutTo(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
