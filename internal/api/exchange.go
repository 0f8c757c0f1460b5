package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// exchange is one request and its answer.
type exchange struct {
	s        *Server
	w        http.ResponseWriter
	r        *http.Request
	at       time.Time       // real
	began    time.Time       // of an item: when its batch came
	client   context.Context // ends when the caller has gone
	cancel   context.CancelFunc
	id       string
	clientID string
	path     string

	route    *Route
	params   *chi.Context
	key      *access.Key
	call     *engine.Call
	trace    *requestlog.Trace
	decision ratelimit.Decision
	release  []func()
	fields   string // canonical body with secrets hashed
	raw      []byte // the body as it came
	bodyRead bool
	bodyErr  error
	body     *wire.Value
	query    *wire.Query
	keyText  string // Idempotency-Key
	stored   *engine.Reply
	faults   []sandbox.Fired

	result outcome
}

// outcome is what the log and the metrics are told.
type outcome struct {
	status   int
	code     string
	outcome  problem.Outcome
	replayed bool
	body     []byte
	kept     []byte // what a replay of it would show
}

// answer is a success on its way out.
type answer struct {
	status   int
	body     []byte
	outcome  problem.Outcome
	replayed bool
	location string
	kept     []byte // stored for replays instead of body, where body shows a secret once
	stream   *stream
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.running.Add(1)
	defer s.running.Add(-1)
	x := &exchange{s: s, w: w, r: r, at: world.RealNow(), id: s.IDs.Request(), trace: requestlog.NewTrace(), path: path(r), clientID: clientID(r)}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // of the request before on this connection
	x.client = requestlog.In(r.Context(), x.trace)
	defer func() { x.cancel() }()
	x.limitTime()
	defer x.finish()
	x.serve()
}

// limitTime gives the request its time from now on.
func (x *exchange) limitTime() {
	if x.cancel != nil {
		x.cancel()
	}
	var ctx context.Context
	ctx, x.cancel = context.WithTimeout(x.client, requestTime)
	x.r = x.r.WithContext(ctx)
}

func (x *exchange) serve() {
	route, params, err := x.s.find(x.r.Method, x.path)
	if err == nil && route.Page != nil {
		x.route, x.params = route, params
		x.pageSafely()
		return
	}
	var ans answer
	if err == nil {
		x.route, x.params = route, params
		ans, err = x.safely(order)
	}
	x.answer(ans, err)
}

// answer sends what came of the request.
func (x *exchange) answer(ans answer, err error) {
	for _, free := range x.release {
		defer free()
	}
	var f fault
	switch {
	case errors.As(err, &f):
		x.strike(f)
	case err != nil:
		x.refuse(x.explain(err))
	default:
		x.awaitEarly()
		x.send(ans)
	}
}

// awaitEarly holds the reply back while a rule of the sandbox says that its webhook comes
// first.
func (x *exchange) awaitEarly() {
	events := x.trace.Events()
	if x.s.Sandbox == nil || len(events) == 0 {
		return
	}
	if err := x.engine().AwaitEarly(x.ctx(), x.business(), events, earlyPatience); err != nil {
		x.s.Log.Warn("early webhook not awaited", "request_id", x.id, "error", err)
	}
}

// safely runs the checks and the handler; a panic becomes an error whose text
// stays in the log.
func (x *exchange) safely(checks []check) (ans answer, err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			x.s.Log.Error("panic", "request_id", x.id, "panic", requestlog.Scrub(fmt.Sprint(p)), "stack", string(debug.Stack()))
			err = problem.ServerError.With(nil)
		}
	}()
	for _, check := range checks {
		if err := check.run(x); err != nil {
			return answer{}, err
		}
		if x.stored != nil && check.name == "scope" {
			return replyOf(*x.stored), nil
		}
	}
	ans, err = x.route.handle(x)
	if err == nil && writes(x.r.Method) {
		err = x.engine().KeepReply(x.ctx(), x.call, engine.Reply{Status: ans.status, Body: ans.body, Kept: ans.kept, Outcome: ans.outcome})
	}
	return ans, err
}

// explain turns any error into a problem that knows whether work had begun.
func (x *exchange) explain(err error) *problem.Error {
	p := problem.From(err)
	if _, known := problem.Of(err); !known {
		switch {
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
			p = problem.RequestTimeout.With(nil).Because(err)
		case errors.Is(err, store.ErrBroken):
			p = problem.StorageUnavailable.With(nil).Because(err)
		}
	}
	if p.Kind == problem.ServerError && x.call != nil && x.call.Begun() && len(p.Details) == 0 {
		if o := x.trace.Object(); o.ID != "" {
			resource := map[string]any{"id": o.ID, "type": o.Type, "url": x.s.Site.PublicURL + engine.PathOf(o.Type, o.ID)}
			p = problem.ServerError.With(problem.Details{"resource": resource}).Because(err)
		}
	}
	if p.Kind == problem.ResourceBusy && x.call != nil && x.call.Begun() { // work has begun: "not attempted" would be false
		p = problem.ServerError.With(nil).Because(p)
	}
	return p.BrokeOff(x.work())
}

// work says how far the request had come.
func (x *exchange) work() problem.Work {
	switch {
	case x.call == nil || !x.call.Begun():
		return problem.NoWork
	case x.keyText != "" || x.named():
		return problem.RepeatableWork
	default:
		return problem.UnkeyedWork
	}
}

// named reports whether the body carries a reference, which ties a repetition to
// this request.
func (x *exchange) named() bool {
	reference, _ := x.body.Get("reference").Text()
	return reference != ""
}

func replyOf(r engine.Reply) answer {
	return answer{status: r.Status, body: r.Body, outcome: r.Outcome, replayed: r.Replayed, location: r.Location, kept: r.Kept}
}

// reply is replyOf for handlers.
func reply(r engine.Reply, err error) (answer, error) { return replyOf(r), err }

// data is a success that is not about money.
func data(v any) answer { return answer{status: wire.OK, body: wire.Marshal(wire.Data{Data: v})} }

// param is a decoded path parameter.
func (x *exchange) param(name string) string {
	raw := x.params.URLParam(name)
	text, err := url.PathUnescape(raw)
	if err != nil {
		return raw
	}
	return text
}

func (x *exchange) ctx() context.Context { return x.r.Context() }

func (x *exchange) engine() *engine.Engine { return x.s.Engine }

func (x *exchange) business() string { return x.key.Business }

// clientID is the caller's own trace id, or "".
func clientID(r *http.Request) string {
	s := r.Header.Get("X-Request-Id")
	if len(s) < 1 || len(s) > clientIDMax {
		return ""
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return ""
		}
	}
	return s
}

func ip(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
