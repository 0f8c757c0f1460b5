package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
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
		out, err := e.resume(ctx, c, p, e.sessionStanding)
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

// cardOf opens the card and checks what needs the session.
func (e *Engine) cardOf(p *payment.Payment, in Capture) (*vault.Card, error) {
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
	if p.State.Completed() {
		return nil, e.completed(p)
	}
	if p.Course.Card == nil || p.Course.Card.Fingerprint != card.Fingerprint {
		return nil, e.inProgress(p)
	}
	out, err := e.keep(ctx, c, object{aboutPayment, p.ID}, e.sessionReply(p).replayed())
	return &out, err
}

// charge writes the intent to take the money.
func (e *Engine) charge(ctx context.Context, c *Call, p *payment.Payment, card *vault.Card, part int64) (*attempt, error) {
	if err := e.reachable(ctx, p.Method); err != nil {
		return nil, err
	}
	p.Course.Card = &payment.Card{MethodID: e.IDs.New(), Masked: card.Masked, ExpiryMonth: card.ExpiryMonth,
		ExpiryYear: card.ExpiryYear, Fingerprint: card.Fingerprint}
	p.Course.Attempted = part
	amount := p.ChargeAmount()
	a := e.order(c, p, rail.Instruction{Kind: rail.Charge, Amount: amount.Minor, Currency: string(amount.Currency),
		Card: card.Rail(), ReturnURL: e.returnURL(p.ID)}, e.sessionStanding)
	e.Hold.Put(a.order.Ref, a.order.Card, world.RealNow().Add(holdFor))
	return a, e.intent(ctx, a, p)
}

// order prepares the next instruction of a payment.
func (e *Engine) order(c *Call, p *payment.Payment, o rail.Instruction, reply func(standing) Reply) *attempt {
	p.Steps++
	o.Ref = step(p.ID, p.Steps)
	return &attempt{order: o, rail: p.Method, call: c, reply: reply, about: object{aboutPayment, p.ID}}
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
	if e.Flaws.SkipIntent {
		return nil
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if a.call != nil {
			if err := e.claim(tx, a.call, a.about, nil); err != nil {
				return err
			}
		}
		if err := tx.SavePayment(p); err != nil {
			return err
		}
		if err := tx.InsertInstruction(ins); err != nil {
			return err
		}
		if movesMoney(ins.Kind) {
			sent := e.entry(p.Business, "capture.sent", p.ID, ins.Ref, ledger.Move(ledger.Rail(ins.Rail), ledger.Clearing(ins.Rail), ins.Amount))
			if err := tx.Post(sent); err != nil {
				return err
			}
		}
		return tx.Schedule(aboutPayment, p.ID, p.Business, now.Add(watchAfter))
	})
	if err == nil && a.call != nil {
		a.call.begun = true
		a.call.Trace.Step("commit", string(p.State))
	}
	e.crash("after intent")
	return err
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
