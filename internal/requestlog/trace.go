// Package requestlog keeps what happened to each request: one line with its
// timeline, found by request_id, written in batches beside the requests.
package requestlog

import (
	"context"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
)

// Trace collects the timeline of one request. Its methods are safe for concurrent
// use and do nothing on a nil Trace, so that background work needs none.
type Trace struct {
	start time.Time

	mu       sync.Mutex
	steps    []Step
	rails    []RailAttempt
	webhooks []Webhook
	object   Object
}

// Step is one thing the server did.
type Step struct {
	AtMS int64  `json:"at_ms"`
	Name string `json:"name"`
	Note string `json:"note"`
}

// RailAttempt is one message to a rail.
type RailAttempt struct {
	Answer        string `json:"answer"`
	AtMS          int64  `json:"at_ms"`
	DurationMS    int64  `json:"duration_ms"`
	Kind          string `json:"kind"` // execute, status
	Rail          string `json:"rail"`
	RailReference string `json:"rail_reference"`
}

// Webhook is one event the request caused. What became of its deliveries is looked up
// when somebody asks.
type Webhook struct {
	Event   string `json:"event"`
	EventID string `json:"event_id"`
}

// Object is what the request was about.
type Object struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// NewTrace starts a timeline now.
func NewTrace() *Trace { return &Trace{start: world.RealNow()} }

// Since is milliseconds since the request began.
func (t *Trace) Since() int64 {
	if t == nil {
		return 0
	}
	return world.RealNow().Sub(t.start).Milliseconds()
}

// Step adds one thing done.
func (t *Trace) Step(name, note string) {
	if t == nil {
		return
	}
	at := t.Since()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, Step{AtMS: at, Name: name, Note: note})
}

// Rail adds one message to a rail that began at the given millisecond.
func (t *Trace) Rail(a RailAttempt) {
	if t == nil {
		return
	}
	a.DurationMS = t.Since() - a.AtMS
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rails = append(t.rails, a)
}

// Event adds an event that was written.
func (t *Trace) Event(id, name string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.webhooks = append(t.webhooks, Webhook{Event: name, EventID: id})
}

// Events lists the ids of the events that were written.
func (t *Trace) Events() (ids []string) {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.webhooks {
		ids = append(ids, w.EventID)
	}
	return ids
}

// About says which object the request is about; the last word counts.
func (t *Trace) About(kind, id string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.object = Object{ID: id, Type: kind}
}

// Object is what About said.
func (t *Trace) Object() Object {
	if t == nil {
		return Object{}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.object
}

// Timeline is the part of a line that only GET /requests/{request_id} shows.
type Timeline struct {
	RailAttempts []RailAttempt `json:"rail_attempts"`
	Steps        []Step        `json:"steps"`
	Webhooks     []Webhook     `json:"webhooks"`
}

// Timeline is what was collected so far.
func (t *Trace) Timeline() Timeline {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Timeline{
		Steps: append([]Step{}, t.steps...), RailAttempts: append([]RailAttempt{}, t.rails...),
		Webhooks: append([]Webhook{}, t.webhooks...),
	}
}

type traceKey struct{}

// In gives ctx the trace.
func In(ctx context.Context, t *Trace) context.Context { return context.WithValue(ctx, traceKey{}, t) }

// From gives the trace of ctx, or nil.
func From(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}
