package juicer

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Receiver is an http.Handler for webhooks: it verifies, drops what was seen before,
// notices gaps, and fetches what was lost from /events.
type Receiver struct {
	Webhook Webhook
	// Handle does the work, at most once per event as far as Seen remembers. An error
	// answers 500, and the server delivers again.
	Handle func(ctx context.Context, e *WebhookEvent) error
	// Seen remembers events. Default: in memory, which forgets at a restart; keep it in
	// your own database, in the transaction of your own change.
	Seen SeenStore
	// Client fetches the events of a gap. Default: none, and gaps are only told.
	Client *Client
	// OnGap is told of a gap before it is filled: events after one number and before
	// another have not come. May be nil.
	OnGap func(after, before int64)

	once     sync.Once
	mu       sync.Mutex   // one event at a time: gaps are judged in order
	position atomic.Int64 // the highest number up to which everything is known to have come
}

// SeenStore remembers which events were handled.
type SeenStore interface {
	// Claim reports whether the id is new, and remembers it.
	Claim(ctx context.Context, id string) (fresh bool, err error)
	// Forget takes a claim back, because the work failed.
	Forget(ctx context.Context, id string) error
}

const webhookBytesMax = 1 << 20

// ServeHTTP implements http.Handler: 200 for done or known, 401 for not verified, 500
// for work that failed.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, webhookBytesMax))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	event, err := r.Webhook.Verify(body, req.Header)
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if err := r.Receive(req.Context(), event); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// Receive handles a verified event: first what is missing before it, then the event.
func (r *Receiver) Receive(ctx context.Context, e *WebhookEvent) error {
	r.once.Do(r.prepare)
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Sequence > 0 && e.Previous > r.position.Load() {
		if err := r.fill(ctx, e.Sequence); err != nil {
			return err
		}
	}
	if err := r.handle(ctx, e); err != nil {
		return err
	}
	r.reach(e.Sequence)
	return nil
}

// reach moves the position on; whoever calls it holds the lock.
func (r *Receiver) reach(sequence int64) {
	if sequence > r.position.Load() {
		r.position.Store(sequence)
	}
}

func (r *Receiver) prepare() {
	if r.Seen == nil {
		r.Seen = &memory{}
	}
}

// Position is the number up to which everything has come; keep it over a restart.
func (r *Receiver) Position() int64 { return r.position.Load() }

// StartAt sets the position of an earlier run. Without it a receiver begins at 0 and
// fetches everything that is kept; what Seen remembers is not done again.
func (r *Receiver) StartAt(position int64) { r.position.Store(position) }

// CatchUp fetches everything behind the position, as after a restart.
func (r *Receiver) CatchUp(ctx context.Context) error {
	r.once.Do(r.prepare)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Client == nil {
		return errors.New("juicer: a Receiver needs a Client to catch up")
	}
	return r.backfill(ctx, 0)
}

// fill fetches the events between the position and a number.
func (r *Receiver) fill(ctx context.Context, before int64) error {
	if r.OnGap != nil {
		r.OnGap(r.position.Load(), before)
	}
	if r.Client == nil {
		return nil
	}
	return r.backfill(ctx, before)
}

// listedEvent is an event of GET /events, its data as it came.
type listedEvent struct {
	ID       string          `json:"id"`
	Event    string          `json:"event"`
	Data     json.RawMessage `json:"data"`
	Sequence int64           `json:"sequence"`
}

func (r *Receiver) backfill(ctx context.Context, before int64) error {
	query := EventsListQuery{After: new(r.position.Load()), Limit: new(int64(100))}
	for e, err := range each[listedEvent](ctx, r.Client, request{method: "GET", route: "/events", query: query.values()}, nil) {
		if err != nil {
			return fmt.Errorf("fetch the events after %d: %w", r.position.Load(), err)
		}
		if before > 0 && e.Sequence >= before {
			return nil
		}
		if err := r.handle(ctx, &WebhookEvent{ID: e.ID, Event: e.Event, Data: e.Data, Sequence: e.Sequence}); err != nil {
			return err
		}
		r.reach(e.Sequence)
	}
	return nil
}

// handle does the work of an event that is not known yet.
func (r *Receiver) handle(ctx context.Context, e *WebhookEvent) error {
	id := e.identity()
	fresh, err := r.Seen.Claim(ctx, id)
	if err != nil || !fresh {
		return err
	}
	if err := r.Handle(ctx, e); err != nil {
		return errors.Join(err, r.Seen.Forget(ctx, id))
	}
	return nil
}

// identity tells events of servers apart that give them no id: by what they say.
func (e *WebhookEvent) identity() string {
	if e.ID != "" {
		return e.ID
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(e.Event+"|"+string(e.Data))))
}

const remembered = 10_000 // ids in memory

// memory is a SeenStore for one process: it forgets the oldest.
type memory struct {
	mu  sync.Mutex
	ids []string
}

// Claim implements SeenStore.
func (m *memory) Claim(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.Contains(m.ids, id) {
		return false, nil
	}
	if len(m.ids) == remembered {
		m.ids = m.ids[1:]
	}
	m.ids = append(m.ids, id)
	return true, nil
}

// Forget implements SeenStore.
func (m *memory) Forget(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ids = slices.DeleteFunc(m.ids, func(known string) bool { return known == id })
	return nil
}
