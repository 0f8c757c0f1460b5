package juicer

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"
)

const gatheredMax = 100 // ids in one list request

// gatherer collects Payments.Get calls of a short while and asks for all of them with
// one list request. A nil gatherer collects nothing.
type gatherer struct {
	client *Client
	window time.Duration
	mu     sync.Mutex
	now    map[string]*bunch // that is being collected, by the parameter: ids or references
}

// bunch is a list request that has not been sent yet, or is under way.
type bunch struct {
	ids  []string
	full chan struct{} // closed when no further id fits
	done chan struct{}
	page *Page[json.RawMessage]
	err  error
}

// takes: a read of one payment that asks for nothing special.
func (g *gatherer) takes(r request) bool {
	return g != nil && r.method == "GET" && r.route == "/payments/{id}" && len(r.query) == 0 && !strings.Contains(r.path[0], ",")
}

// get waits for the list and picks its payment.
func (g *gatherer) get(ctx context.Context, r request, accept func([]byte) error) (answer, error) {
	id, by := r.path[0], "references"
	if uuidForm(id) {
		by = "ids"
	}
	b, leads := g.join(by, id)
	if leads {
		go g.ask(context.WithoutCancel(ctx), by, b)
	}
	select {
	case <-b.done:
	case <-ctx.Done():
		l := &loop{client: g.client, call: call{method: "GET"}, out: &outgoing{method: "GET"}, route: r.route, start: time.Now()}
		return answer{}, l.unsent(ctx.Err())
	}
	return b.pick(id, r.route, accept)
}

func uuidForm(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

func (g *gatherer) join(by, id string) (b *bunch, leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b = g.now[by]; b == nil {
		b, leads = &bunch{full: make(chan struct{}), done: make(chan struct{})}, true
		if g.now == nil {
			g.now = map[string]*bunch{}
		}
		g.now[by] = b
	}
	b.ids = append(b.ids, id)
	if len(b.ids) == gatheredMax {
		delete(g.now, by)
		close(b.full)
	}
	return b, leads
}

// ask sends the list request when the window is over or the bunch is full.
func (g *gatherer) ask(ctx context.Context, by string, b *bunch) {
	defer close(b.done)
	timer := time.NewTimer(g.window)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.full:
	}
	g.mu.Lock()
	if g.now[by] == b {
		delete(g.now, by)
	}
	g.mu.Unlock()
	query := url.Values{by: {strings.Join(unique(b.ids), ",")}}
	b.page, b.err = list[json.RawMessage](ctx, g.client, request{method: "GET", route: "/payments", query: query}, nil)
}

func unique(ids []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// pick finds one payment in the answer.
func (b *bunch) pick(id, route string, accept func([]byte) error) (answer, error) {
	if b.err != nil {
		return answer{}, b.err
	}
	for _, item := range b.page.Data {
		var named struct {
			ID        string `json:"id"`
			Reference string `json:"reference"`
		}
		if json.Unmarshal(item, &named) == nil && (named.ID == id || named.Reference == id) {
			body := []byte(`{"data":` + string(item) + `}`)
			in := incoming{reply: reply{status: 200}, body: body, header: b.page.Header}
			return answer{incoming: in, tries: b.page.Attempts, route: route}, accept(body)
		}
	}
	e := &JuicerError{Method: "GET", Route: route, Status: 404, Code: CodeNotFound, Reason: ReasonNotRetryable, Message: "Payment not found", Attempts: b.page.Attempts}
	return answer{}, typed(e, "")
}
