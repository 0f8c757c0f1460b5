package scripted

import (
	"cmp"
	"context"
	"errors"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// Decision is what the payer does on the issuer's page.
type Decision string

// The decisions of a payer. One who abandons the page decides nothing.
const (
	Approve Decision = "approved"
	Reject  Decision = "rejected"
	Abandon Decision = "abandoned"
)

// Ending is how an instruction is ended by hand.
type Ending string

// The endings.
const (
	Succeed Ending = "succeeded"
	Fail    Ending = "failed"
	Reverse Ending = "reversed" // a payout that was executed
)

// The errors of decisions by hand.
var (
	ErrUnknown    = errors.New("the bank knows no such instruction")
	ErrWrongState = errors.New("the instruction is not in a state for that")
)

// Authenticate does what the payer would do on the issuer's page of the chain
// of ref. The result follows by callback as well. ErrUnknown; ErrWrongState if
// the chain does not wait for 3DS.
func (b *Bank) Authenticate(_ context.Context, ref string, d Decision) (rail.Result, error) {
	return b.byHand(ref, func(t *txn, _, root *instruction) error { return t.decide(root, d) })
}

// Resolve ends an instruction that waits, is under way, or whose outcome nobody
// has learnt: the books are made to say so, and a callback tells it. Code is a
// failure code for Fail and Reverse, "" for a usual one. ErrUnknown; ErrWrongState if the
// outcome is known.
func (b *Bank) Resolve(_ context.Context, ref string, e Ending, code string) (rail.Result, error) {
	return b.byHand(ref, func(t *txn, own, root *instruction) error { return t.resolve(own, root, e, code) })
}

// byHand runs act on a chain. Whoever waits on the line for its outcome is
// answered with it.
func (b *Bank) byHand(ref string, act func(t *txn, own, root *instruction) error) (rail.Result, error) {
	var out rail.Result
	var last string
	var promised bool
	err := b.writer.do(func(t *txn) error {
		own, root, err := t.chain(ref)
		if err != nil {
			return err
		}
		if err = act(t, own, root); err != nil {
			return err
		}
		out, last = b.report(root, root), own.Ref
		promised = b.waits.promise(last)
		return nil
	})
	if promised {
		b.waits.wake(last, reply{result: out, err: err})
	}
	return out, err
}

// chain reads the chain of ref: its root, and the instruction that was worked
// on last, which is ref itself if the bank has not seen it yet.
func (t *txn) chain(ref string) (own, root *instruction, err error) {
	own, err = t.load(loadInstruction, ref)
	if err == nil && own == nil {
		err = ErrUnknown
	}
	if err != nil {
		return nil, nil, err
	}
	if root, err = t.rootOf(own); err != nil {
		return nil, nil, err
	}
	switch {
	case own.State == lost || root.Last == own.Ref:
	case root.Last == root.Ref:
		own = root
	default:
		own, err = t.load(loadInstruction, root.Last)
	}
	return own, root, err
}

// decide lets the payer decide; the outcome is that of the card.
func (t *txn) decide(root *instruction, d Decision) error {
	if root.State != rail.Challenged || root.Challenge != rail.ThreeDS {
		return ErrWrongState
	}
	switch d {
	case Approve:
		return t.end(root, root, t.bank.cards.byName[root.Behaviour].after(root.Step+1))
	case Reject:
		return t.end(root, root, declined(problem.FailureAuthenticationRejected))
	case Abandon:
		return nil
	}
	return ErrWrongState
}

// end gives a chain an outcome that no reply tells, hence with a callback.
func (t *txn) end(own, root *instruction, o outcome) error {
	root.Last, own.Told, root.Told = own.Ref, true, true
	own.Plan = plan{Outcome: o}
	_, err := t.conclude(own, root, 1)
	return err
}

func (t *txn) resolve(own, root *instruction, e Ending, code string) error {
	if e == Reverse {
		return t.sendBackPayout(own, cmp.Or(code, problem.FailureReversedByBank), 1)
	}
	o := approved()
	if e == Fail {
		o = declinedFor(root.Kind, orUsual(code, root.Kind))
	}
	waiting := own.State == lost || root.State == rail.Challenged || root.State == rail.Accepted
	if !waiting && root.Told {
		return ErrWrongState
	}
	if _, err := t.exec(dropTimer, own.Ref, timerSettle); err != nil {
		return err
	}
	own.hush(truthful, 0, t.now)
	root.hush(truthful, 0, t.now)
	own.UnreachableUntil = 0
	if waiting {
		return t.end(own, root, o)
	}
	return t.correct(own, root, o)
}

func orUsual(code string, k rail.Kind) string {
	switch {
	case code != "":
		return code
	case k == rail.Charge:
		return problem.FailureCardDeclined
	case k == rail.Payout:
		return problem.FailureBeneficiaryRejected
	}
	return problem.FailureRailRejected
}

// correct ends an instruction that was carried out although nobody has learnt
// of it: what was executed is kept or reversed, what was refused is executed.
func (t *txn) correct(own, root *instruction, o outcome) error {
	if own.State == o.State {
		own.Told, root.Told = true, true
		if err := t.putChain(own, root); err != nil {
			return err
		}
		return t.announce(&notice{rail: own.Rail, ref: own.Ref, result: t.bank.report(own, root), copies: 1}, 0)
	}
	if own.State == rail.Approved {
		if err := t.reverse(own, root); err != nil {
			return err
		}
	}
	return t.end(own, root, o)
}

// reverse takes an execution back out of the books.
func (t *txn) reverse(own, root *instruction) error {
	p := posting{ref: own.Ref, direction: directionOut, kind: kindReversal, amount: own.Amount}
	if own.Kind == rail.Payout {
		p.direction = directionIn
	}
	if own.Kind == rail.Refund || own.Kind == rail.Return {
		p.direction = directionIn
		target, err := t.load(loadInstruction, own.Target)
		if err != nil || target == nil {
			return errors.Join(err, ErrUnknown)
		}
		if target, err = t.rootOf(target); err != nil {
			return err
		}
		if target.Moved += own.Amount; target.Kind == rail.Refund {
			p.direction = directionOut
		}
		if err := t.put(target); err != nil {
			return err
		}
	}
	root.Moved -= own.Amount
	own.Executions--
	return t.book(root, p)
}
