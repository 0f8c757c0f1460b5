package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/idempotency"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// check is one step of the order.
type check struct {
	name string
	run  func(*exchange) error
}

// order is the order of checks. The first that fails answers;
// the route comes before it, body fields and business rules after it, in the
// handlers.
var order = []check{
	{"open", (*exchange).checkOpen},
	{"key", (*exchange).checkKey},
	{"limits", (*exchange).checkLimits},
	{"faults", (*exchange).checkFaults},
	{"body", (*exchange).checkBody},
	{"idempotency", (*exchange).checkIdempotency},
	{"scope", (*exchange).checkScope},
	{"headers", (*exchange).checkHeaders},
}

func (x *exchange) checkOpen() error {
	if x.s.stopping.Load() {
		return problem.Overloaded.With(problem.Details{"reason": "stopping"})
	}
	return nil
}

func (x *exchange) checkKey() error {
	presented, err := access.Parse(x.r.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	key, err := x.s.Gate.Check(x.ctx(), presented, x.engine().Clock.Now())
	if err != nil {
		return err
	}
	x.key = key
	x.trace.Step("key", "accepted")
	x.engine().UseKey(x.ctx(), key)
	x.call = &engine.Call{RequestID: x.id, Business: key.Business, Trace: x.trace}
	return nil
}

func (x *exchange) checkLimits() error {
	if x.route.Free {
		return nil
	}
	x.decision = x.s.Limiter.Allow(x.ctx(), x.key.ID, x.route.Method+" "+x.route.Path, 1, x.at)
	if !x.decision.Allowed {
		return ratelimit.Refusal(x.decision)
	}
	lane := ratelimit.Working
	if x.route.Poll && x.r.URL.Query().Has("wait") {
		lane = ratelimit.Polling
	}
	release, ok := x.s.Slots.Enter(x.key.ID, lane)
	if !ok {
		return x.s.Slots.Crowded(lane)
	}
	x.release = append(x.release, release)
	x.trace.Step("limiter", standing(x.decision))
	return nil
}

func standing(d ratelimit.Decision) string {
	if len(d.Standings) == 0 {
		return "no limits"
	}
	s := d.Standings[len(d.Standings)-1]
	return s.Name + " " + strconv.FormatInt(s.Remaining, 10) + " left"
}

// checkBody reads the body: bodies of GET, HEAD and DELETE are ignored.
func (x *exchange) checkBody() error {
	x.body = wire.NewObject()
	x.keyText = x.r.Header.Get("Idempotency-Key")
	if !writes(x.r.Method) {
		return nil
	}
	if err := x.checkKeyForm(); err != nil || x.r.Method == http.MethodDelete {
		return err
	}
	limit := x.bodyLimit()
	raw, err := x.readBody(limit)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return problem.PayloadTooLarge.With(problem.Details{"limit": limit})
	case err != nil:
		return problem.MalformedJSON.With(problem.Details{"position": len(raw), "reason": "the body ended before it was complete"})
	case len(raw) == 0:
		return nil
	}
	if err := checkMediaType(x.r.Header.Get("Content-Type")); err != nil {
		return err
	}
	x.body, err = wire.Parse(raw)
	return err
}

func (x *exchange) bodyLimit() int64 {
	switch x.route.Path {
	case auditPath:
		return expectedBytesMax
	case batchPath:
		return batchBytesMax
	}
	return bodyBytesMax
}

// readBody reads the body once; who asks again gets the same.
func (x *exchange) readBody(limit int64) ([]byte, error) {
	if !x.bodyRead {
		x.bodyRead = true
		_ = http.NewResponseController(x.w).SetReadDeadline(world.RealNow().Add(requestTime)) // slow clients are cut off
		x.raw, x.bodyErr = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, limit))
	}
	return x.raw, x.bodyErr
}

func writes(method string) bool {
	return method == http.MethodPost || method == http.MethodPatch || method == http.MethodDelete
}

func (x *exchange) checkKeyForm() error {
	sent := x.r.Header.Values("Idempotency-Key")
	if len(sent) == 0 {
		return nil
	}
	if len(sent) > 1 || !idempotency.ValidKey(sent[0]) {
		return problem.InvalidIdempotencyKey.With(problem.Details{"length": utf8.RuneCountInString(strings.Join(sent, ""))})
	}
	return nil
}

func checkMediaType(value string) error {
	if value == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(value)
	charset := strings.ToLower(params["charset"])
	if err != nil || kind != "application/json" || charset != "" && charset != "utf-8" && charset != "utf8" {
		return problem.UnsupportedMediaType.With(problem.Details{"content_type": value})
	}
	return nil
}

func (x *exchange) checkIdempotency() error {
	if x.keyText == "" || !writes(x.r.Method) {
		return nil
	}
	x.fields = string(x.body.Rewrite(x.hideSecret).Fingerprint())
	found, err := x.engine().ClaimKey(x.ctx(), x.call, engine.Keyed{Key: x.keptKey(x.keyText), Scope: x.route.Scope,
		Request: idempotency.Request{Method: x.r.Method, Path: withQuery(x.path, x.r.URL.RawQuery), Fields: x.fields}})
	if err != nil {
		return err
	}
	x.release = append(x.release, found.Release)
	x.stored = found.Replay
	return nil
}

// keptKey is the form in which an Idempotency-Key is stored: as it is, unless
// somebody made one of a card number or an API key; then a keyed hash of it.
func (x *exchange) keptKey(key string) string {
	if requestlog.Scrub(key) == key {
		return key
	}
	return "hash:" + x.s.Keyring.Digest("idempotency_key", key)
}

// secretFields enter the fingerprint as keyed hashes of what they hold.
var secretFields = []string{"card_number", "cvv", "otp", "pin", "security_answer"}

func (x *exchange) hideSecret(name string, v *wire.Value) *wire.Value {
	text, isText := v.Text()
	if !isText || !secret(name) && requestlog.Scrub(text) == text { // a card number in a wrong field is one still
		return v
	}
	return wire.NewText(x.s.Keyring.Digest(name, text))
}

func secret(name string) bool {
	for _, s := range secretFields {
		if s == name {
			return true
		}
	}
	return false
}

func withQuery(p, query string) string {
	if query == "" {
		return p
	}
	return p + "?" + query
}

func (x *exchange) checkScope() error { return x.key.Require(x.route.Scope) }

// checkHeaders reads the query of routes that take none, and the deadline.
func (x *exchange) checkHeaders() error {
	x.query = wire.ReadQuery(x.r.URL.RawQuery)
	if !x.route.Query {
		if err := x.query.Err(); err != nil {
			return err
		}
	}
	wait, err := x.deadline()
	x.call.Deadline = world.RealNow().Add(wait)
	return err
}

func (x *exchange) deadline() (time.Duration, error) {
	sent := x.r.Header.Values("Juicer-Deadline-Ms")
	if len(sent) == 0 {
		return x.engine().Settings().Deadline(), nil
	}
	ms, err := strconv.ParseInt(sent[0], 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		ms, err = deadlineMaxMS, nil
	}
	if err != nil {
		return 0, problem.InvalidRequest.With(problem.Details{"Juicer-Deadline-Ms": []string{"Must be an integer"}}).Say("Invalid header")
	}
	return time.Duration(min(max(ms, deadlineMinMS), deadlineMaxMS)) * time.Millisecond, nil
}

// waitUntil is the real time until which a ?wait= may last; it reports whether
// one was asked for.
func (x *exchange) waitUntil() time.Time {
	return world.RealNow().Add(time.Duration(x.query.Int("wait", 0, 0, waitMaxSeconds)) * time.Second)
}
