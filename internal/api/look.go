package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/payment"
)

// seen is an object as it was looked at.
type seen struct {
	kind, id string
	final    bool // whoever waits has waited enough
	reply    engine.Reply
}

// look answers with an object as find sees it, after its final state if ?wait= asks so.
func (x *exchange) look(find func() (seen, error)) (answer, error) {
	until := x.waitUntil()
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	var s seen
	err := x.engine().WaitFor(x.ctx(), until, func() (final bool, err error) {
		s, err = find()
		return s.final, err
	})
	if err != nil {
		return answer{}, err
	}
	x.trace.About(s.kind, s.id)
	return replyOf(s.reply), nil
}

// lookAtPayment is look for a payment or its session.
func (x *exchange) lookAtPayment(find func() (*payment.Payment, error), show func(*payment.Payment) engine.Reply) (answer, error) {
	return x.look(func() (seen, error) {
		p, err := find()
		if err != nil {
			return seen{}, err
		}
		return seen{"payment", p.ID, p.State.Completed(), show(p)}, nil
	})
}

func getRefund(x *exchange) (answer, error) {
	return x.look(func() (seen, error) {
		r, err := x.engine().FindRefund(x.ctx(), x.business(), x.param("id"))
		if err != nil {
			return seen{}, err
		}
		return seen{"refund", r.ID, r.State.Final(), x.engine().RefundReply(r)}, nil
	})
}

func getPayout(x *exchange) (answer, error) {
	return x.look(func() (seen, error) {
		p, err := x.engine().FindPayout(x.ctx(), x.business(), x.param("id"))
		if err != nil {
			return seen{}, err
		}
		return seen{"payout", p.ID, p.State.Decided(), x.engine().PayoutReply(p)}, nil
	})
}
