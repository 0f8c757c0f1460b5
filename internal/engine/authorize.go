package engine

import (
	"context"
	"slices"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// proofs tells which proofs each step takes.
var proofs = map[string][]string{
	string(rail.OTP): {"otp"}, string(rail.PIN): {"pin"}, string(rail.AVS): {"avs"}, string(rail.CVV): {"cvv"},
	string(rail.CardEnroll): {"card_enroll"}, string(rail.ThreeDS): {"otp", "card_enroll"},
}

// Authorize gives a payer's proof to the rail. kind is the name of the field it
// came in.
func (e *Engine) Authorize(ctx context.Context, c *Call, session, kind string, proof rail.Proof) (Reply, error) {
	var a *attempt
	var out *Reply
	err := e.optimistic(ctx, object{aboutPayment, session}, func() error {
		p, err := e.FindPayment(ctx, c.Business, session)
		if err != nil {
			return err
		}
		c.Trace.About(aboutPayment, p.ID)
		if c.Resumes {
			out, err = e.resume(ctx, c, p, e.authorizedStanding)
			return err
		}
		if p, err = e.current(ctx, p); err != nil {
			return err
		}
		if err := e.expects(p, kind); err != nil {
			return err
		}
		a, err = e.prove(ctx, c, p, proof)
		return err
	})
	return e.finish(ctx, c, a, out, err)
}

// expects raises why the payment takes no such proof now.
func (e *Engine) expects(p *payment.Payment, kind string) error {
	switch {
	case p.State.Running():
		return e.inProgress(p)
	case p.State != payment.Authenticating:
		return problem.AuthenticationNotExpected.With(problem.Details{"state": string(p.State)})
	case !slices.Contains(proofs[p.Course.AuthType], kind):
		return problem.AuthTypeMismatch.With(problem.Details{"expected": p.Course.AuthType})
	}
	return nil
}

func (e *Engine) prove(ctx context.Context, c *Call, p *payment.Payment, proof rail.Proof) (*attempt, error) {
	if err := e.reachable(ctx, railOfPayment(p)); err != nil {
		return nil, err
	}
	amount := p.ChargeAmount()
	a := e.order(c, p, rail.Instruction{Kind: rail.Authenticate, Amount: amount.Minor, Currency: string(amount.Currency),
		Target: p.Course.Challenged, Proof: &proof, ReturnURL: e.returnURL(p.ID)}, e.authorizedStanding)
	return a, e.intent(ctx, a, p)
}

func (e *Engine) authorizedStanding(s standing) Reply {
	return e.about(s.payment, e.Site.Authorized(s.payment))
}
