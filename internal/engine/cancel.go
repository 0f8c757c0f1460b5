package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/payment"
)

const cancelledByMerchant = "merchant"

// Cancel gives a session up before anything was paid. If the payer stands before
// a page of the bank, the bank has to agree first; if the payer was faster, the
// session is completed.
func (e *Engine) Cancel(ctx context.Context, c *Call, session, reason string) (Reply, error) {
	var a *attempt
	var out *Reply
	err := e.optimistic(ctx, object{aboutPayment, session}, func() (err error) {
		a, out, err = e.cancelOnce(ctx, c, session, reason)
		return err
	})
	if a == nil || err != nil {
		return e.finish(ctx, c, a, out, err)
	}
	e.start(a)
	if _, err := e.await(ctx, a); err != nil {
		return Reply{}, err
	}
	return e.afterVoid(ctx, c, session)
}

func (e *Engine) cancelOnce(ctx context.Context, c *Call, session, reason string) (*attempt, *Reply, error) {
	p, err := e.FindPayment(ctx, c.Business, session)
	if err != nil {
		return nil, nil, err
	}
	c.Trace.About(aboutPayment, p.ID)
	if reason == "" {
		reason = cancelledByMerchant
	}
	switch {
	case c.Resumes:
		if err := e.Look(ctx, aboutPayment, p.ID); err != nil {
			return nil, nil, err
		}
		out, err := e.afterVoid(ctx, c, p.ID)
		return nil, &out, err
	case p.State == payment.Cancelled:
		out, err := e.keep(ctx, c, object{aboutPayment, p.ID}, e.sessionReply(p).replayed())
		return nil, &out, err
	case p.State.Completed():
		return nil, nil, e.completed(p)
	case p.State.Running():
		return nil, nil, e.inProgress(p)
	}
	p.Course.CancellationReason = reason
	if p.State == payment.Authenticating {
		if err := e.reachable(ctx, railOfPayment(p)); err != nil {
			return nil, nil, err
		}
		a, err := e.giveUp(ctx, c, p, payment.Cancel)
		return a, nil, err
	}
	out := &Reply{}
	err = e.end(ctx, c, p, payment.Cancel, out)
	c.finished(err)
	return nil, out, err
}

// afterVoid answers with what the bank's word has made of the session: given up,
// or completed because the payer had been faster, or not yet known.
func (e *Engine) afterVoid(ctx context.Context, c *Call, session string) (Reply, error) {
	p, err := e.FindPayment(ctx, c.Business, session)
	if err != nil {
		return Reply{}, err
	}
	if p.State.Completed() && p.State != payment.Cancelled {
		return Reply{}, e.completed(p)
	}
	return e.answerNow(context.WithoutCancel(ctx), c, object{aboutPayment, p.ID}, e.sessionStanding)
}
