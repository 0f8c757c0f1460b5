package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/ratelimit"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

const batchPath = "/batch"

// batchItem is one request within a batch.
type batchItem struct {
	id, method, path, key string
	body                  *wire.Value
}

// batch runs its items one after the other, each as if it had come by itself; a failure
// stops nothing.
func batch(x *exchange) (answer, error) {
	if n := utf8.RuneCountInString(x.keyText); n > batchKeyMax {
		return answer{}, problem.InvalidIdempotencyKey.With(problem.Details{"length": n})
	}
	r := wire.Read(x.body)
	items := readItems(r)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if err := x.spend(items); err != nil {
		return answer{}, err
	}
	shown, kept := make([]wire.BatchItem, len(items)), make([]wire.BatchItem, len(items))
	for i, in := range items {
		if in.key == "" && x.keyText != "" && writes(in.method) {
			in.key = x.keyText + "/" + strconv.Itoa(i)
		}
		shown[i], kept[i] = x.runItem(in)
	}
	return answer{status: wire.OK, body: wire.Marshal(wire.Data{Data: shown}), kept: wire.Marshal(wire.Data{Data: kept})}, nil
}

func readItems(r *wire.Reader) (items []batchItem) {
	r.Objects("requests", wire.Required, 1, batchMax, func(i int, e *wire.Reader) {
		in := batchItem{id: e.Text("id", wire.MaxLength(nameMax)), method: wire.OneOf(e, "method", wire.Required, get, post, patch, del),
			path: e.Text("path", wire.Required, wire.MaxLength(batchPathMax)), key: e.Text("idempotency_key"), body: wire.NewObject()}
		if in.id == "" {
			in.id = strconv.Itoa(i)
		}
		if in.path != "" && !isPath(in.path) {
			e.Breach("path", problem.FieldInvalidFormat, problem.Details{"hint": "a path such as /payments/ord_1001"})
		}
		e.Has("body") // known, whatever it holds
		switch v := e.Value().Get("body"); {
		case v.Kind() == wire.KindObject:
			in.body = v
		case v.Kind() != wire.KindNull && (v.Kind() != wire.KindList || v.Len() > 0):
			e.Breach("body", problem.FieldInvalidType, problem.Details{"type": "object"})
		}
		items = append(items, in)
	})
	return items
}

func isPath(s string) bool {
	u, err := url.ParseRequestURI(s)
	return err == nil && strings.HasPrefix(s, "/") && u.Host == "" && !strings.ContainsAny(s, " #")
}

// spend takes one more from the limits for each item that writes.
func (x *exchange) spend(items []batchItem) error {
	cost := int64(0)
	for _, in := range items {
		if in.method != get {
			cost++
		}
	}
	if cost == 0 {
		return nil
	}
	x.decision = x.s.Limiter.Allow(x.ctx(), x.key.ID, x.route.Method+" "+x.route.Path, cost, x.at)
	if !x.decision.Allowed {
		return ratelimit.Refusal(x.decision)
	}
	return nil
}

// itemOrder is what is checked of an item: the steps before these were taken for the
// whole batch.
var itemOrder = []check{
	{"body", (*exchange).checkItem},
	{"idempotency", (*exchange).checkIdempotency},
	{"scope", (*exchange).checkScope},
	{"headers", (*exchange).checkHeaders},
	{"time", (*exchange).checkItemTime},
}

// runItem gives what the item would have been answered, and what a replay of it would.
func (x *exchange) runItem(in batchItem) (shown, kept wire.BatchItem) {
	y, held := x.within(in)
	defer func() { y.cancel() }()
	defer y.finish()
	route, params, err := x.s.find(y.r.Method, y.path)
	if err == nil && !batchable(route, y.r.URL) {
		err = problem.NotBatchable.With(problem.Details{"path": in.path})
	}
	if err == nil && world.RealNow().After(x.at.Add(batchStartBy)) {
		err = problem.RequestTimeout.With(nil).BrokeOff(problem.NoWork)
	}
	var ans answer
	if err == nil {
		y.route, y.params, y.key = route, params, x.key
		y.call = &engine.Call{RequestID: y.id, Business: x.key.Business, Trace: y.trace}
		ans, err = y.safely(itemOrder)
	}
	y.answer(ans, err)
	shown = wire.BatchItem{Body: held.text(y.result.body), Headers: held.shown(), ID: in.id, Status: y.result.status}
	kept = shown
	if y.result.kept != nil {
		kept.Body = held.text(y.result.kept)
	}
	return shown, kept
}

// batchable: a batch in a batch could be without end, the sandbox's levers act on all
// requests, a wait would hold the others up, pages are for browsers, and CSV does not
// stand in JSON.
func batchable(route *Route, u *url.URL) bool {
	q := u.Query()
	return route.Path != batchPath && !route.Free && route.Page == nil && !q.Has("wait") && q.Get("format") != formatCSV
}

// within is the exchange of an item: the batch's caller, a request and an answer of its
// own.
func (x *exchange) within(in batchItem) (*exchange, *heldReply) {
	held := &heldReply{header: http.Header{}}
	r := &http.Request{Method: in.method, Header: http.Header{}, RemoteAddr: x.r.RemoteAddr, Proto: x.r.Proto, Body: http.NoBody}
	r.URL, _ = url.ParseRequestURI(in.path) // isPath has looked
	for _, name := range []string{"Juicer-Deadline-Ms", "X-Juicer-Attempt"} {
		if v, ok := x.r.Header[http.CanonicalHeaderKey(name)]; ok {
			r.Header[http.CanonicalHeaderKey(name)] = v
		}
	}
	if in.key != "" {
		r.Header.Set("Idempotency-Key", in.key)
	}
	y := &exchange{s: x.s, w: held, r: r, at: world.RealNow(), began: x.at, id: x.s.IDs.Request(), clientID: x.clientID, trace: requestlog.NewTrace(),
		path: path(r), body: in.body, bodyRead: true}
	if writes(in.method) && in.body.Len() > 0 {
		y.raw = in.body.Canonical()
	}
	y.client = requestlog.In(x.ctx(), y.trace)
	y.limitTime()
	return y, held
}

// checkItem is what checkBody looks at beside the body, which the batch has read.
func (x *exchange) checkItem() error {
	x.keyText = x.r.Header.Get("Idempotency-Key")
	if !writes(x.r.Method) || x.r.Method == http.MethodDelete {
		x.body = wire.NewObject()
	}
	if !writes(x.r.Method) {
		return nil
	}
	return x.checkKeyForm()
}

// checkItemTime keeps an item from waiting beyond the batch's time.
func (x *exchange) checkItemTime() error {
	if end := x.began.Add(batchEndBy); x.call.Deadline.After(end) {
		x.call.Deadline = end
	}
	return nil
}

// heldReply is an answer that goes into another one.
type heldReply struct{ header http.Header }

// Header implements http.ResponseWriter.
func (h *heldReply) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *heldReply) WriteHeader(int) {}

// Write implements http.ResponseWriter: the body is taken from the exchange.
func (h *heldReply) Write(p []byte) (int, error) { return len(p), nil }

func (h *heldReply) text(body []byte) wire.Raw {
	if len(body) == 0 {
		return wire.Raw("null")
	}
	return wire.Raw(body)
}

// itemHeaders are those that an item's answer shows.
var itemHeaders = []string{"Idempotent-Replayed", "Juicer-Outcome", "Location", "Retry-After", "X-Request-Id"}

func (h *heldReply) shown() map[string]string {
	out := map[string]string{}
	for _, name := range itemHeaders {
		if v := h.header.Get(name); v != "" {
			out[name] = v
		}
	}
	return out
}
