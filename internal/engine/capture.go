package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// Capture asks to take the money of a session from a card.
type Capture struct {
	Card   *vault.SealedCard // nil: no card was sent
	Amount int64             // minor units; 0: all of it
	Chain  string            // of a crypto address; "": none was named
	Token  money.Currency    // on it

	// Session is what FindPayment has just given for the business and the id; nil:
	// to be read.
	Session *payment.Payment
}

// FindPayment reads a business's payment by id; not_found for any other.
func (e *Engine) FindPayment(ctx context.Context, business, key string) (*payment.Payment, error) {
	var p *payment.Payment
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			p, err = v.Payment(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && p.Business != business {
		return nil, missing("payment", key)
	}
	return p, err
}

func missing(resource, id string) error {
	return problem.NotFound.With(problem.Details{"id": id, "resource": resource})
}

// Capture takes the money. Capturing again with the same card gives the present
// state; it raises what the contract says for other states.
func (e *Engine) Capture(ctx context.Context, c *Call, session string, in Capture) (Reply, error) {
	var a *attempt
	var out *Reply
	err := e.optimistic(ctx, object{aboutPayment, session}, func() (err error) {
		a, out, err = e.captureOnce(ctx, c, session, in)
		in.Session = nil // overtaken: a second try reads it anew
		return err
	})
	return e.finish(ctx, c, a, out, err)
}

// finish waits for an attempt, or gives the reply that needs none.
func (e *Engine) finish(ctx context.Context, c *Call, a *attempt, out *Reply, err error) (Reply, error) {
	switch {
	case err != nil:
		return Reply{}, taken(c, err)
	case out != nil:
		return *out, nil
	}
	e.start(a)
	return e.await(ctx, a)
}

func (e *Engine) captureOnce(ctx context.Context, c *Call, session string, in Capture) (*attempt, *Reply, error) {
	p := in.Session
	if p == nil {
		var err error
		if p, err = e.FindPayment(ctx, c.Business, session); err != nil {
			return nil, nil, err
		}
	}
	c.Trace.About(aboutPayment, p.ID)
	if c.Resumes {
		if err := e.holdAgain(ctx, p, in); err != nil {
			return nil, nil, err
		}
		out, err := e.resume(ctx, c, p, e.sessionStanding)
		return nil, out, err
	}
	p, err := e.current(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	if p.Method != payment.MethodCard {
		out, err := e.instruct(ctx, c, p, in)
		return nil, out, err
	}
	card, err := e.cardOf(p, in)
	if err != nil {
		return nil, nil, err
	}
	if p.State != payment.Created {
		out, err := e.captureAgain(ctx, c, p, card)
		return nil, out, err
	}
	a, err := e.charge(ctx, c, p, card, in.Amount)
	return a, nil, err
}

// holdAgain keeps the card that a repeated request brings along, should the first
// sending turn out never to have arrived.
func (e *Engine) holdAgain(ctx context.Context, p *payment.Payment, in Capture) error {
	ref, err := e.Unresolved(ctx, p)
	if err != nil || ref == "" || in.Card == nil || p.Course.Card == nil {
		return err
	}
	card, err := e.Keyring.Card(*in.Card, world.RealNow())
	if err == nil && card.Fingerprint == p.Course.Card.Fingerprint {
		e.Hold.Put(ref, card.Rail(), world.RealNow().Add(holdFor))
	}
	return nil // a card that no longer opens only means that it cannot be sent again
}

// current raises why a session can take nothing any more; one whose time is over
// expires now, even if nobody has attended to it yet.
func (e *Engine) current(ctx context.Context, p *payment.Payment) (*payment.Payment, error) {
	if !p.State.Completed() && !p.State.Running() && !p.ExpiresAt.After(e.now()) {
		now, err := e.ExpireNow(ctx, p)
		if err != nil {
			return nil, err
		}
		p = now
	}
	if p.State.Completed() {
		return nil, e.completed(p)
	}
	return p, nil
}

// cardOf opens the card and checks what needs the session.
func (e *Engine) cardOf(p *payment.Payment, in Capture) (*vault.Card, error) {
	if in.Chain != "" {
		return nil, otherMethod(p)
	}
	if in.Card == nil {
		return nil, problem.Invalid(problem.Breach(problem.FieldRequired, "card", nil))
	}
	card, err := e.Keyring.Card(*in.Card, world.RealNow())
	if err != nil {
		return nil, err
	}
	if method, _ := payment.MethodByName(p.Method); in.Amount != 0 {
		return card, method.AdmitPart(in.Amount, p.Amount)
	}
	return card, nil
}

// captureAgain answers a capture that comes after the first: the present state
// for the same card, never a second attempt.
func (e *Engine) captureAgain(ctx context.Context, c *Call, p *payment.Payment, card *vault.Card) (*Reply, error) {
	if p.Course.Card == nil || p.Course.Card.Fingerprint != card.Fingerprint {
		return nil, e.inProgress(p)
	}
	out, err := e.keep(ctx, c, object{aboutPayment, p.ID}, e.sessionReply(p).replayed())
	return &out, err
}

// charge writes the intent to take the money.
func (e *Engine) charge(ctx context.Context, c *Call, p *payment.Payment, card *vault.Card, part int64) (*attempt, error) {
	if err := e.reachable(ctx, railOfPayment(p)); err != nil {
		return nil, err
	}
	p.Course.Card = &payment.Card{MethodID: e.IDs.New(), Masked: card.Masked, ExpiryMonth: card.ExpiryMonth,
		ExpiryYear: card.ExpiryYear, Fingerprint: card.Fingerprint}
	p.Course.Attempted = part
	amount := p.ChargeAmount()
	a := e.order(c, p, rail.Instruction{Kind: rail.Charge, Amount: amount.Minor, Currency: string(amount.Currency),
		Card: card.Rail(), ReturnURL: e.returnURL(p.ID)}, e.sessionStanding)
	err := e.intent(ctx, a, p)
	if err == nil { // only now is the reference this card's: another capture may have lost the race for it
		e.Hold.Put(a.order.Ref, a.order.Card, world.RealNow().Add(holdFor))
	}
	return a, err
}

// order prepares the next instruction of a payment.
func (e *Engine) order(c *Call, p *payment.Payment, o rail.Instruction, reply func(standing) Reply) *attempt {
	p.Steps++
	o.Ref = step(p.ID, p.Steps)
	return &attempt{order: o, rail: railOfPayment(p), call: c, reply: reply, about: object{aboutPayment, p.ID}}
}

// intent commits that the instruction is about to be given: the state, the money
// in clearing, the claim of the key, and the moment at which somebody looks
// after it should this process die. Only then may the rail hear of it.
func (e *Engine) intent(ctx context.Context, a *attempt, p *payment.Payment) error {
	to, ok := payment.Next(p.State, payment.Submit)
	if !ok {
		return e.inProgress(p)
	}
	now := e.now()
	p.State, p.UpdatedAt = to, now
	ins := e.intend(p.Business, a.about, a.rail, a.order, now)
	return e.begin(ctx, a, ins, string(p.State), func(tx store.Tx) error {
		if err := tx.SavePayment(p); err != nil || !movesMoney(ins.Kind) {
			return err
		}
		return tx.Post(e.entry(p.Business, "capture.sent", p.ID, ins.Ref, ledger.Move(ledger.Rail(ins.Rail), ledger.Clearing(ins.Rail), ins.Amount)))
	})
}

// begin commits an intent: the claim of the key, what write writes, the instruction,
// and the due moment. state is what the object is then.
func (e *Engine) begin(ctx context.Context, a *attempt, ins *store.Instruction, state string, write func(store.Tx) error) error {
	a.node = ins.Node
	if e.Flaws.SkipIntent {
		a.entered = true
		return e.enter(a)
	}
	if err := e.enter(a); err != nil {
		return err
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if a.call != nil {
			if err := e.claim(tx, a.call, a.about, nil); err != nil {
				return err
			}
		}
		if err := tx.InsertInstruction(ins); err != nil {
			return err
		}
		if err := write(tx); err != nil {
			return err
		}
		return tx.ScheduleOn(ins.Node, a.about.kind, a.about.id, ins.Business, ins.SentAt.Add(watchAfter))
	})
	e.entered(a, err, state)
	return err
}

// enter says that this process is about to hand the instruction over, before its
// intent is committed: a resolver that finds the intent must not take a slow
// process for a dead one.
func (e *Engine) enter(a *attempt) error {
	if !e.sends.enter(a.order.Ref) {
		return &store.Conflict{Query: "insert_instruction"} // another capture is here: look again
	}
	e.Activity.Enter()
	return nil
}

// entered notes how the commit of an intent went.
func (e *Engine) entered(a *attempt, err error, state string) {
	a.call.mark(err)
	defer func() {
		if !a.entered { // also if the work breaks off here
			e.sends.leave(a.order.Ref)
			e.Activity.Leave()
		}
	}()
	if err != nil {
		return
	}
	a.call.trace().Step("commit", state)
	e.crash("after intent")
	a.entered = true
}

// resume continues a request that broke off after its intent was committed: the
// rail is asked about what was sent, never told again.
func (e *Engine) resume(ctx context.Context, c *Call, p *payment.Payment, reply func(standing) Reply) (*Reply, error) {
	about := object{aboutPayment, p.ID}
	if err := e.Look(ctx, about.kind, about.id); err != nil {
		return nil, err
	}
	out, err := e.answerNow(ctx, c, about, reply)
	return &out, err
}

func (e *Engine) sessionStanding(s standing) Reply { return e.sessionReply(s.payment) }

func (e *Engine) inProgress(p *payment.Payment) error {
	e.hasten(p)
	return problem.PaymentInProgress.With(problem.Details{"payment": e.Site.FlatPayment(p)}).Told(p.State.Outcome())
}

// hasten wakes the resolver for a payment somebody asks about.
func (e *Engine) hasten(p *payment.Payment) {
	if p.State != payment.InDoubt {
		return
	}
	now := e.now()
	err := e.Store.Write(e.life, func(tx store.Tx) error { return tx.Schedule(aboutPayment, p.ID, p.Business, now) })
	if err != nil {
		e.Log.Warn("resolver not woken", "payment", p.ID, "error", err)
	}
	e.wake.Beat()
}

// completed is the refusal that tells a late caller the result.
func (e *Engine) completed(p *payment.Payment) error {
	flat := e.Site.FlatPayment(p)
	if p.State == payment.Expired {
		return problem.PaymentSessionExpired.With(problem.Details{"payment": flat, "expires_at": p.ExpiresAt})
	}
	return problem.PaymentSessionCompleted.With(problem.Details{"payment": flat, "status": wire.SessionStatus(p.State)})
}
