package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/idempotency"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// StateOf gives the state and outcome of a resource as it is now; "" for one that
// is not about money or is not there.
func (e *Engine) StateOf(ctx context.Context, kind, id string) (state string, o problem.Outcome, err error) {
	switch kind {
	case aboutSwap, aboutConversion, aboutOrder:
		return e.stateOfExchange(ctx, kind, id)
	case aboutPayment, aboutRefund, aboutPayout:
	default:
		return "", "", nil
	}
	err = e.Store.Read(ctx, func(v store.View) error {
		s, err := e.load(v, object{kind, id})
		if err == nil {
			state, o = s.state()
		}
		return err
	})
	if store.IsMissing(err) {
		return "", "", nil
	}
	return state, o, err
}

// KeyStatus tells what became of an Idempotency-Key of a business; not_found if no
// request with it has begun any work. mayRead decides whether the stored reply is
// shown, by the scope of the original request.
func (e *Engine) KeyStatus(ctx context.Context, business, key string, mayRead func(scope string) bool) (wire.KeyStatus, error) {
	c, err := e.claimOf(ctx, business, key)
	if err != nil {
		return wire.KeyStatus{}, err
	}
	if c == nil || e.now().Sub(c.CreatedAt) >= idempotency.Forgotten {
		return wire.KeyStatus{}, missing("idempotency_key", key)
	}
	state, outcome, err := e.StateOf(ctx, c.ObjectType, c.ObjectID)
	if err != nil {
		return wire.KeyStatus{}, err
	}
	runs, err := e.mayRun(ctx, c)
	if err != nil {
		return wire.KeyStatus{}, err
	}
	return e.keyStatus(c, e.claimState(c, runs || e.keys.has(business+"\n"+c.Key)), state, outcome, mayRead), nil
}

func (e *Engine) keyStatus(c *store.Claim, claimed, state string, outcome problem.Outcome, mayRead func(string) bool) wire.KeyStatus {
	keep := e.Settings().keepReplies()
	out := wire.KeyStatus{
		AgeSeconds: int64(e.now().Sub(c.CreatedAt).Seconds()), Attempts: len(c.RequestIDs), CreatedAt: wire.At(c.CreatedAt),
		Key: c.Key, Method: c.Method, Path: c.Path, RequestIDs: c.RequestIDs, SpentUntil: wire.At(c.CreatedAt.Add(idempotency.Forgotten)),
		ExpiresAt: wire.At(c.CreatedAt.Add(keep)), State: claimed,
	}
	if c.CompletedAt != nil {
		out.ExpiresAt = wire.At(c.CompletedAt.Add(keep))
	}
	if c.ObjectID != "" {
		out.Resource = &wire.KeyResource{ID: c.ObjectID, State: wire.OrNull(state), Type: c.ObjectType, URL: e.Site.PublicURL + PathOf(c.ObjectType, c.ObjectID)}
	}
	if outcome == "" {
		outcome = problem.Outcome(c.Outcome)
	}
	out.Outcome = wire.OrNull(string(outcome))
	if out.State == "completed" && mayRead(c.Scope) {
		out.Response = &wire.KeyResponse{Body: wire.Raw(c.Body), Status: c.Status}
	}
	return out
}

func (e *Engine) claimState(c *store.Claim, runs bool) string {
	switch {
	case c.Completed && e.now().Sub(*c.CompletedAt) >= e.Settings().keepReplies():
		return "spent"
	case c.Completed:
		return "completed"
	case runs:
		return "in_progress"
	case e.now().Sub(c.CreatedAt) >= e.Settings().keepReplies():
		return "spent" // too old to be continued
	default:
		return "interrupted"
	}
}

// EncryptionKey is the current card encryption key, to be shown to clients.
func (e *Engine) EncryptionKey() string { return e.Keyring.Current() }

// Request reads one line of a business's request log; not_found.
func (e *Engine) Request(ctx context.Context, business, requestID string) (*store.Request, error) {
	var r *store.Request
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		r, err = v.Request(requestID)
		return err
	})
	if store.IsMissing(err) || err == nil && r.Business != business {
		return nil, missing("request", requestID)
	}
	return r, err
}

// Requests reads a page of a business's request log, newest first.
func (e *Engine) Requests(ctx context.Context, business string, page wire.Page, span store.Span, f store.RequestFilter) (rows []*store.Request, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.RequestsNewer(business, place(*page.Before), span, f, page.Fetch())
			return err
		}
		rows, err = v.RequestsOlder(business, under(page), span, f, page.Fetch())
		return err
	})
	return rows, err
}

// Alive reports whether the store answers.
func (e *Engine) Alive(ctx context.Context) error {
	return e.Store.Read(ctx, func(v store.View) error {
		_, _, err := v.NextJob(world.RealNow())
		return err
	})
}
