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
	"github.com/juicer-pay/juicer/internal/wire"
)

// Refund asks to give money back to the payer.
type Refund struct {
	Amount    int64 // minor units; 0: what is left
	Reason    string
	Reference string // "" for none
}

// FindRefund reads a business's refund; not_found for any other.
func (e *Engine) FindRefund(ctx context.Context, business, key string) (*payment.Refund, error) {
	var r *payment.Refund
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			r, err = v.Refund(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && r.Business != business {
		return nil, missing("refund", key)
	}
	return r, err
}

// RefundPayment gives part or all of a captured payment back. It raises
// payment_not_refundable, payment_in_progress, refund_exceeds_payment,
// insufficient_funds, reference_exists.
func (e *Engine) RefundPayment(ctx context.Context, c *Call, paymentID string, in Refund) (Reply, error) {
	var a *attempt
	var out *Reply
	err := e.optimistic(ctx, object{aboutPayment, paymentID}, func() (err error) {
		a, out, err = e.refundOnce(ctx, c, paymentID, in)
		if store.Lost(err, "insert_refund") {
			return &store.Conflict{Query: "save_refund"} // its reference was taken at this moment: look again
		}
		return err
	})
	return e.finish(ctx, c, a, out, err)
}

func (e *Engine) refundOnce(ctx context.Context, c *Call, paymentID string, in Refund) (*attempt, *Reply, error) {
	p, err := e.FindPayment(ctx, c.Business, paymentID)
	if err != nil {
		return nil, nil, err
	}
	c.Trace.About(aboutPayment, p.ID)
	if c.Resumes {
		out, err := e.resumeRefund(ctx, c)
		return nil, out, err
	}
	if out, err := e.sameRefund(ctx, c, p, in); out != nil || err != nil {
		return nil, out, err
	}
	amount, err := e.refundable(p, in)
	if err != nil {
		return nil, nil, err
	}
	if err := e.reachable(ctx, railOfPayment(p)); err != nil {
		return nil, nil, err
	}
	r := e.newRefund(p, in, amount)
	a := &attempt{rail: railOfPayment(p), call: c, reply: e.madeRefund, about: object{aboutRefund, r.ID}, order: rail.Instruction{
		Ref: step(r.ID, 1), Kind: rail.Refund, Amount: amount.Minor, Currency: string(amount.Currency), Target: p.Course.Executed}}
	return a, nil, e.refundIntent(ctx, a, p, r)
}

// sameRefund answers a repetition under the same reference.
func (e *Engine) sameRefund(ctx context.Context, c *Call, p *payment.Payment, in Refund) (*Reply, error) {
	if in.Reference == "" {
		return nil, nil
	}
	var first *payment.Refund
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		first, err = v.RefundByReference(c.Business, in.Reference)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if differs := refundDiffers(first, p, in); len(differs) > 0 {
		return nil, referenceTaken(differs, first.ID, first.Reference, e.Site.Refund(first).Status, "refund")
	}
	out, err := e.keep(ctx, c, object{aboutRefund, first.ID}, e.madeRefund(standing{refund: first}).replayed())
	return &out, err
}

func refundDiffers(first *payment.Refund, p *payment.Payment, in Refund) (differs []string) {
	rest := in.Amount == 0 && first.State != payment.RefundFailed && p.AmountPaid > p.AmountRefunded // asks for more than the first gave
	if rest || in.Amount != 0 && in.Amount != first.Amount.Minor {
		differs = append(differs, "amount")
	}
	if first.PaymentID != p.ID {
		differs = append(differs, "payment_id")
	}
	return differs
}

// refundable is the amount to give back, or why nothing can be.
func (e *Engine) refundable(p *payment.Payment, in Refund) (money.Amount, error) {
	left := p.AmountPaid - p.AmountRefunded
	method, _ := payment.MethodByName(p.Method)
	switch {
	case p.State.Running():
		return money.Amount{}, e.inProgress(p)
	case !p.State.Paid(), !method.Refundable:
		return money.Amount{}, problem.PaymentNotRefundable.With(problem.Details{"method": p.Method, "state": string(p.State)})
	case in.Amount > left || left == 0:
		return money.Amount{}, problem.RefundExceedsPayment.With(problem.Details{"currency": p.Amount.Currency, "refundable": left})
	case in.Amount == 0:
		return money.Of(left, p.Amount.Currency), nil
	default:
		return money.Of(in.Amount, p.Amount.Currency), nil
	}
}

func (e *Engine) newRefund(p *payment.Payment, in Refund, amount money.Amount) *payment.Refund {
	now := e.now()
	source := payment.FromWallet
	if p.State == payment.Captured {
		source = payment.FromPending
	}
	return &payment.Refund{ID: e.IDs.New(), Business: p.Business, PaymentID: p.ID, Reference: in.Reference, Amount: amount,
		Reason: in.Reason, State: payment.RefundPending, Source: source, CreatedAt: now, UpdatedAt: now}
}

// refundIntent holds the money and commits that the rail is about to be told.
func (e *Engine) refundIntent(ctx context.Context, a *attempt, p *payment.Payment, r *payment.Refund) error {
	wallet, err := e.walletOf(ctx, p.Business, p.Amount.Currency)
	if err != nil {
		return err
	}
	now := e.now()
	r.State, _ = payment.NextRefund(r.State, payment.Submit)
	r.Steps = 1
	p.AmountRefunded, p.UpdatedAt = p.AmountRefunded+r.Amount.Minor, now
	from := ledger.Wallet(wallet)
	if r.Source == payment.FromPending {
		from = ledger.Pending(wallet)
		p.Unsettled -= r.Amount.Minor
	}
	ins := e.intend(p.Business, a.about, a.rail, a.order, now)
	held := e.entry(p.Business, "refund.accepted", r.ID, "", ledger.Move(from, ledger.Held(wallet), r.Amount))
	sent := e.entry(p.Business, "refund.sent", r.ID, ins.Ref, ledger.Move(ledger.Held(wallet), ledger.Clearing(ins.Rail), r.Amount))
	err = e.begin(ctx, a, ins, string(r.State), func(tx store.Tx) error {
		if err := tx.SavePayment(p); err != nil {
			return err
		}
		if err := tx.InsertRefund(r); err != nil {
			return err
		}
		if err := tx.Post(held); err != nil {
			return err
		}
		return tx.Post(sent)
	})
	switch {
	case store.Lost(err, "change_guarded_balance"):
		return e.tooLittle(ctx, wallet, r.Amount)
	case err == nil:
		a.call.Trace.About(aboutRefund, r.ID)
	}
	return err
}

// tooLittle is insufficient_funds with what the wallet holds.
func (e *Engine) tooLittle(ctx context.Context, wallet string, needed money.Amount) error {
	var available int64
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		available, err = v.Balance(ledger.Wallet(wallet), needed.Currency)
		return err
	})
	if err != nil {
		return err
	}
	return problem.InsufficientFunds.With(problem.Details{"available": available, "currency": needed.Currency, "required": needed.Minor})
}

// resumeRefund continues a refund whose request broke off after its intent.
func (e *Engine) resumeRefund(ctx context.Context, c *Call) (*Reply, error) {
	about := object{c.Claim.ObjectType, c.Claim.ObjectID}
	c.Trace.About(about.kind, about.id)
	if err := e.Look(ctx, about.kind, about.id); err != nil {
		return nil, err
	}
	out, err := e.answerNow(ctx, c, about, e.madeRefund)
	return &out, err
}

// madeRefund is the 201 of a refund.
func (e *Engine) madeRefund(s standing) Reply {
	out := e.RefundReply(s.refund)
	out.Status, out.Location = wire.Made, PathOf(aboutRefund, s.refund.ID)
	return out
}

// RefundReply is a refund with its money block.
func (e *Engine) RefundReply(r *payment.Refund) Reply {
	money := e.Site.RefundMoney(r)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: e.Site.Refund(r), Money: money}), Outcome: money.Outcome}
}
