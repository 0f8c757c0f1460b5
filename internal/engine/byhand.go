package engine

import (
	"context"
	"encoding/json"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// Unresolved gives the instruction by which the rail can end a payment: the open
// one, or the one whose challenge the payer faces; "" if there is none.
func (e *Engine) Unresolved(ctx context.Context, p *payment.Payment) (ref string, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		all, err := v.Instructions(p.ID)
		if open := openMoney(all); open != nil {
			ref = open.Ref
		} else if p.State == payment.Authenticating {
			ref = p.Course.Challenged
		}
		return err
	})
	return ref, err
}

// RefundRef is the instruction of a refund.
func RefundRef(r *payment.Refund) string { return step(r.ID, r.Steps) }

// Look asks the rail now about an object without a recorded outcome.
func (e *Engine) Look(ctx context.Context, kind, id string) error {
	_, _, err := e.clarify(ctx, object{kind, id})
	return err
}

// ExpireNow ends a session as if its time were over, and gives it as it is then.
// It raises invalid_status_transition if the session cannot expire.
func (e *Engine) ExpireNow(ctx context.Context, p *payment.Payment) (*payment.Payment, error) {
	refused := problem.InvalidStatusTransition.With(problem.Details{"from": string(p.State), "to": string(payment.Expired)})
	awaited := p.State == payment.Processing && p.Course.Payer != nil
	switch {
	case p.State.Completed(), p.State.Running() && !awaited:
		return nil, refused
	case awaited:
		if err := e.underpaid(ctx, p); err != nil {
			return nil, err
		}
		return e.FindPayment(ctx, p.Business, p.ID)
	}
	if p.State == payment.Authenticating {
		a, err := e.giveUp(ctx, nil, p, payment.Expire)
		if err != nil {
			return nil, err
		}
		e.start(a)
		select {
		case <-a.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	} else if err := e.end(ctx, nil, p, payment.Expire, nil); err != nil && !store.Lost(err) { // lost: somebody has changed it, see below
		return nil, err
	}
	return e.FindPayment(ctx, p.Business, p.ID)
}

const clockName = "clock"

// SaveClock keeps the state of the test clock across restarts.
func (e *Engine) SaveClock(ctx context.Context, s world.ClockState) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return e.change(ctx, func(tx store.Tx) error { return tx.SaveSetting(clockName, string(text)) })
}

// KeptClock is the state of the test clock that was kept last.
func KeptClock(ctx context.Context, s *store.Store) (state world.ClockState, err error) {
	err = s.Read(ctx, func(v store.View) error {
		text, err := v.Setting(clockName)
		if err == nil {
			state, err = readClock(text)
		}
		return err
	})
	return state, err
}

func readClock(text string) (state world.ClockState, err error) {
	if text == "" {
		return state, nil
	}
	return state, json.Unmarshal([]byte(text), &state)
}

// KeepReply stores a success that no command has stored under the call's key.
func (e *Engine) KeepReply(ctx context.Context, c *Call, r Reply) error {
	if c.Claim == nil || c.done.Load() {
		return nil
	}
	about := c.Trace.Object()
	return e.Store.Write(ctx, func(tx store.Tx) error { return e.claim(tx, c, object{about.Type, about.ID}, &r) })
}
