package engine

import (
	"context"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/idempotency"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// inFlight knows the keys whose requests run in this process: a request claims
// its key in the store only when its work begins, but a second one must be told
// at once.
type inFlight struct {
	mu   sync.Mutex
	keys map[string]running
}

type running struct {
	requestID string
	since     time.Time
}

func (f *inFlight) enter(name, requestID string, now time.Time) (running, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, busy := f.keys[name]; busy {
		return r, false
	}
	if f.keys == nil {
		f.keys = map[string]running{}
	}
	f.keys[name] = running{requestID, now}
	return running{}, true
}

func (f *inFlight) leave(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.keys, name)
}

func (f *inFlight) has(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, busy := f.keys[name]
	return busy
}

// Keyed is an Idempotency-Key with the request it came with.
type Keyed struct {
	Key     string
	Scope   string // what the reply may be shown to
	Request idempotency.Request
}

// Claimed is what a key's look-up found.
type Claimed struct {
	Replay  *Reply // the stored reply, if there is one
	Release func() // to be called when the request is over; never nil
}

// ClaimKey looks a key up for a call: it gives the stored reply, or prepares
// c.Claim so that the call's first commit claims the key. It raises the three
// idempotency problems.
func (e *Engine) ClaimKey(ctx context.Context, c *Call, k Keyed) (Claimed, error) {
	nothing := Claimed{Release: func() {}}
	name := c.Business + "\n" + k.Key
	if r, ok := e.keys.enter(name, c.RequestID, e.now()); !ok {
		replay, err := e.busyKey(ctx, c, k)
		if err != nil || replay != nil {
			nothing.Replay = replay
			return nothing, err
		}
		return nothing, idempotency.InUse(r.requestID, e.now().Sub(r.since))
	}
	found := Claimed{Release: func() { e.leaveKey(c, name) }}
	replay, err := e.judgeKey(ctx, c, k)
	if err != nil {
		e.keys.leave(name)
		return nothing, err
	}
	found.Replay = replay
	return found, nil
}

// leaveKey ends a request's hold on its key. A claim that it began but did not
// complete is marked as broken off, so that a repeat may continue it.
func (e *Engine) leaveKey(c *Call, name string) {
	if c.Claim != nil && c.begun.Load() && !c.done.Load() {
		err := e.Store.Write(context.WithoutCancel(e.life), func(tx store.Tx) error {
			return tx.ReleaseClaim(c.Business, c.Claim.Key, c.Claim.Owner)
		})
		if err != nil {
			e.Log.Warn("claim not released", "error", err)
		}
	}
	e.keys.leave(name)
}

func (e *Engine) claimOf(ctx context.Context, business, key string) (*store.Claim, error) {
	var found *store.Claim
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		found, err = v.Claim(business, key)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	return found, err
}

// busyKey judges a request whose key another request of this process still holds:
// if that one has stored its reply already, the reply is sent; nil otherwise.
func (e *Engine) busyKey(ctx context.Context, c *Call, k Keyed) (*Reply, error) {
	found, err := e.claimOf(ctx, c.Business, k.Key)
	if err != nil || found == nil {
		return nil, err
	}
	verdict, err := idempotency.Decide(found, k.Request, e.now(), e.Settings().keepReplies(), true)
	switch {
	case problem.IdempotencyKeyReused.Is(err):
		return nil, err
	case err == nil && verdict == idempotency.Replay:
		e.noteReplay(ctx, found, c.RequestID)
		return replayOf(found, c.RequestID)
	}
	return nil, nil
}

func (e *Engine) judgeKey(ctx context.Context, c *Call, k Keyed) (*Reply, error) {
	found, err := e.claimOf(ctx, c.Business, k.Key)
	if err != nil {
		return nil, err
	}
	runs, err := e.mayRun(ctx, found)
	if err != nil {
		return nil, err
	}
	verdict, err := idempotency.Decide(found, k.Request, e.now(), e.Settings().keepReplies(), runs)
	switch {
	case err != nil:
		return nil, err
	case verdict == idempotency.Replay:
		c.Trace.Step("idempotency", "stored reply")
		c.Trace.About(found.ObjectType, found.ObjectID)
		e.noteReplay(ctx, found, c.RequestID)
		return replayOf(found, c.RequestID)
	case verdict == idempotency.Spent:
		return nil, e.spent(ctx, found)
	case verdict == idempotency.Continue:
		c.Trace.Step("idempotency", "continues an interrupted request")
		c.Claim, c.Resumes = found, true
		c.begun.Store(true)
		return nil, e.takeOver(ctx, c)
	}
	c.Trace.Step("idempotency", "free")
	c.forgets = found != nil
	c.Claim = &store.Claim{Business: c.Business, Key: k.Key, Fingerprint: k.Request.Fingerprint(), Fields: k.Request.Fields,
		Method: k.Request.Method, Path: k.Request.Path, Scope: k.Scope, Owner: e.nodeID(), RequestIDs: []string{c.RequestID}}
	return nil, nil
}

// replaysNoted is how many requests a key remembers.
const replaysNoted = 20

// noteReplay keeps which requests were answered with the stored reply.
func (e *Engine) noteReplay(ctx context.Context, found *store.Claim, requestID string) {
	if len(found.RequestIDs) >= replaysNoted {
		return
	}
	ids := append(append([]string{}, found.RequestIDs...), requestID)
	err := e.Store.Write(ctx, func(tx store.Tx) error { return tx.NoteReplay(found, ids) })
	if err != nil { // the reply is there: a store that cannot write must not keep it back
		e.Log.Warn("replay not noted", "request_id", requestID, "error", err)
	}
}

// mayRun reports whether the owner of an open claim may still be at work: not if
// it broke off in order, nor if it is this process, which would know the key.
func (e *Engine) mayRun(ctx context.Context, found *store.Claim) (bool, error) {
	if found == nil || found.Completed || found.Owner == "" || found.Owner == e.nodeID() {
		return false, nil
	}
	return e.alive(ctx, found.Owner)
}

func (e *Engine) takeOver(ctx context.Context, c *Call) error {
	ids, owner := append(append([]string{}, c.Claim.RequestIDs...), c.RequestID), e.nodeID()
	err := e.Store.Write(ctx, func(tx store.Tx) error { return tx.TakeOverClaim(c.Claim, owner, ids) })
	if store.Lost(err) {
		return idempotency.InUse(c.Claim.RequestIDs[0], e.now().Sub(c.Claim.CreatedAt))
	}
	c.Claim.Owner, c.Claim.RequestIDs = owner, ids
	return err
}

// replayOf gives the stored reply. A stored refusal carries the request id of the
// present request, so that error.request_id and X-Request-Id never differ.
func replayOf(c *store.Claim, requestID string) (*Reply, error) {
	r := Reply{Status: c.Status, Body: []byte(c.Body), Outcome: problem.Outcome(c.Outcome), Replayed: true}
	if c.Status == wire.Made {
		r.Location = madeAt(c.Path, c.ObjectType, c.ObjectID)
	}
	if c.Status < 300 {
		return &r, nil
	}
	var err error
	r.Body, err = problem.Restamp(r.Body, requestID)
	return &r, err
}

// spent is idempotency_key_expired, with the outcome of the resource as it is now.
func (e *Engine) spent(ctx context.Context, c *store.Claim) error {
	outcome := problem.Outcome(c.Outcome)
	if state, now, err := e.StateOf(ctx, c.ObjectType, c.ObjectID); err == nil && state != "" {
		outcome = now
	}
	if outcome == "" {
		outcome = problem.Succeeded
	}
	return problem.IdempotencyKeyExpired.With(problem.Details{"completed_at": c.CompletedAt, "resource": map[string]any{
		"id": c.ObjectID, "type": c.ObjectType, "url": e.Site.PublicURL + PathOf(c.ObjectType, c.ObjectID),
	}}).Told(outcome)
}

// claim begins the call's work inside its first transaction. A free key is
// claimed; done says that the reply is known and stored at once.
func (e *Engine) claim(tx store.Tx, c *Call, about object, done *Reply) error {
	if c.Claim == nil {
		return nil
	}
	now := e.now()
	if c.Resumes {
		return e.complete(tx, c, about, done)
	}
	row := *c.Claim
	row.ObjectType, row.ObjectID, row.CreatedAt = about.kind, about.id, now
	if done != nil {
		fill(&row, done, now)
	}
	if c.forgets {
		forgotten := now.Add(-idempotency.Forgotten).Add(time.Microsecond) // Decide counts a claim of exactly that age as gone
		if err := tx.ForgetClaim(row.Business, row.Key, forgotten); err != nil {
			return err
		}
	}
	return tx.InsertClaim(&row)
}

// complete stores the reply of a call whose key was claimed before.
func (e *Engine) complete(tx store.Tx, c *Call, about object, done *Reply) error {
	if c.Claim == nil || done == nil {
		return nil
	}
	row := *c.Claim
	row.ObjectType, row.ObjectID = about.kind, about.id
	fill(&row, done, e.now())
	return tx.CompleteClaim(&row)
}

func fill(row *store.Claim, done *Reply, now time.Time) {
	row.Completed, row.Status, row.Body, row.Outcome, row.CompletedAt = true, done.Status, string(done.Body), string(done.Outcome), &now
	if done.Kept != nil {
		row.Body = string(done.Kept)
	}
}

// object names what a claim, a job or a request is about.
type object struct{ kind, id string }

// KeepRefusal stores a 400 that says whether money moved under the call's key.
// body is the error as sent.
func (e *Engine) KeepRefusal(ctx context.Context, c *Call, p *problem.Error, body []byte) error {
	if c.Claim == nil || c.done.Load() || !p.KeptUnderKey() {
		return nil
	}
	about := c.Trace.Object()
	r := &Reply{Status: p.Kind.Status, Body: body, Outcome: p.Outcome()}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if c.begun.Load() {
			return e.complete(tx, c, object{about.Type, about.ID}, r)
		}
		return e.claim(tx, c, object{about.Type, about.ID}, r)
	})
	c.done.Store(err == nil)
	return err
}

// taken turns a lost race for a key into its problem.
func taken(c *Call, err error) error {
	if c.Claim != nil && store.Lost(err, "claim_key") {
		return idempotency.InUse(c.RequestID, 0)
	}
	return err
}
