package scripted

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

// The kinds of timer.
const (
	timerSettle   = "settle"   // the planned outcome comes true
	timerContrary = "contrary" // a confirmed refusal is executed after all
	timerReverse  = "reverse"  // the receiver of a payout sends it back
)

// answer is how Execute goes on after the books have taken an instruction.
type answer struct {
	result rail.Result
	err    error     // what the caller sees instead of the result
	wait   bool      // until the timer of the instruction fires
	until  time.Time // when the result may be told; zero: at once
	early  *notice   // to be delivered before the reply
}

// perform lets the bank deal with own as m says, so that it ends in o. Latency
// is how long the bank takes over it where m gives no time.
func (t *txn) perform(own, root *instruction, o outcome, m Manner, latency time.Duration) (answer, error) {
	if own.State != lost && (m.LostBefore || m.Refused || m.UnreachableFor > 0) {
		return t.lose(own, m)
	}
	if m.Failure != "" {
		o = declinedFor(own.Kind, m.Failure)
	}
	root.Last, own.Told, root.Told = own.Ref, true, true
	own.Plan = plan{Outcome: o, Callbacks: m.Callbacks, Early: m.Early, Contrary: m.Contrary, Deferred: m.Deferred,
		Unheard: m.Unheard, ReversedAfter: m.ReversedAfter}
	switch {
	case m.Deferred:
		err := t.postpone(own, root, latency+m.Delay, false)
		return answer{result: t.bank.report(own, root), until: t.now.Add(latency)}, err
	case m.ReplyLost:
		own.hush(m.Silence, m.SilentFor, t.now)
		root.hush(m.Silence, m.SilentFor, t.now)
		own.Told, root.Told = false, false
		_, err := t.apply(own, root, o)
		return answer{err: ErrNoReply}, err
	case m.Delay > 0:
		return answer{wait: true}, t.postpone(own, root, m.Delay, false)
	case latency > 0:
		return answer{wait: true}, t.postpone(own, root, latency, true)
	}
	early, err := t.conclude(own, root, m.Callbacks)
	return answer{result: t.bank.report(own, root), early: early}, err
}

// lose records that the network failed the first sending; the bank itself has
// not seen the instruction.
func (t *txn) lose(own *instruction, m Manner) (answer, error) {
	own.State, own.Told = lost, false
	own.UnreachableUntil = later(t.now, m.UnreachableFor)
	own.hush(m.Silence, m.SilentFor, t.now)
	err := ErrNoReply
	if !m.LostBefore {
		err = rail.ErrUnreachable
	}
	return answer{err: err}, t.put(own)
}

// postpone takes own in and sets the timer that ends it. A soft timer is mere
// latency.
func (t *txn) postpone(own, root *instruction, d time.Duration, soft bool) error {
	taken := outcome{State: rail.Accepted}
	own.outcome, root.outcome = taken, taken
	if err := t.putChain(own, root); err != nil {
		return err
	}
	return t.timer(own, timerSettle, d, soft)
}

func (t *txn) timer(own *instruction, what string, d time.Duration, soft bool) error {
	t.scheduled = true
	if _, err := t.exec(insertTimer, own.Ref, what, own.Rail, later(t.now, d), flag(soft), t.bank.name); err != nil {
		return fmt.Errorf("set a timer: %w", err)
	}
	return nil
}

// conclude makes the plan of own come true and leaves so many callbacks. The
// notice returned is one that the caller delivers before anybody is answered.
func (t *txn) conclude(own, root *instruction, callbacks int) (*notice, error) {
	if _, err := t.apply(own, root, own.Plan.Outcome); err != nil || callbacks == 0 {
		return nil, err
	}
	n := notice{rail: own.Rail, ref: own.Ref, result: t.bank.report(own, root), copies: callbacks}
	if !own.Plan.Early {
		return nil, t.announce(&n, 0)
	}
	return &n, t.announce(&n, noticeRetryFirst)
}

// apply gives own and its root the outcome o and books what moves. The outcome
// in fact is o, or a refusal because there is nothing to give back.
func (t *txn) apply(own, root *instruction, o outcome) (outcome, error) {
	var err error
	if o.State == rail.Approved {
		if o, err = t.execute(own, root); err != nil {
			return o, err
		}
	}
	if o.State == rail.Reversed {
		if err := t.reverse(own, root); err != nil {
			return o, err
		}
	}
	own.outcome, root.outcome = o, o
	if o.Challenge == rail.ThreeDS && root.Token == "" {
		if root.Token, err = t.bank.newToken(); err != nil {
			return o, err
		}
	}
	if err := t.putChain(own, root); err != nil {
		return o, err
	}
	if o.State == rail.Approved && own.Plan.ReversedAfter > 0 {
		return o, t.timer(own, timerReverse, own.Plan.ReversedAfter, false)
	}
	if o.State == rail.Declined && own.Plan.Contrary {
		return o, t.timer(own, timerContrary, contraryAfter, false)
	}
	return o, nil
}

// execute moves the money of own, which is a charge, an answered challenge, a
// refund or a return.
func (t *txn) execute(own, root *instruction) (outcome, error) {
	o, err := t.executeOnce(own, root)
	if err == nil && o.State == rail.Approved && t.bank.executesTwice(own.Ref) {
		_, err = t.executeOnce(own, root)
	}
	return o, err
}

func (t *txn) executeOnce(own, root *instruction) (outcome, error) {
	if own.Kind == rail.Refund || own.Kind == rail.Return {
		return t.giveBack(own)
	}
	own.Executions++
	root.Moved += root.Amount
	p := posting{ref: own.Ref, direction: directionIn, kind: kindExecution, amount: root.Amount}
	if own.Kind == rail.Payout {
		p.direction = directionOut
	}
	return approved(), t.book(root, p)
}

// giveBack books own against the instruction it targets, in the other direction.
func (t *txn) giveBack(own *instruction) (outcome, error) {
	target, err := t.load(loadInstruction, own.Target)
	if err != nil {
		return outcome{}, err
	}
	if target == nil {
		return refused(reasonNoTarget), nil
	}
	if target, err = t.rootOf(target); err != nil {
		return outcome{}, err
	}
	switch {
	case target.Currency != own.Currency:
		return refused(reasonCurrency), nil
	case target.Moved < own.Amount:
		return refused(reasonExceeds), nil
	}
	target.Moved -= own.Amount
	own.Moved += own.Amount
	own.Executions++
	if err := t.put(target); err != nil {
		return outcome{}, err
	}
	if target.Kind == kindTransfer {
		if err := t.lower(target, own.Amount); err != nil {
			return outcome{}, err
		}
	}
	return approved(), t.book(own, backwards(own, target))
}

func backwards(own, target *instruction) posting {
	p := posting{ref: own.Ref, direction: directionOut, kind: kindRefund, amount: own.Amount}
	if own.Kind == rail.Return {
		p.kind = kindReturn
	}
	switch target.Kind {
	case rail.Refund:
		p.direction = directionIn
	case rail.Payout:
		p.direction, p.kind = directionIn, kindReversal
	}
	return p
}

// The bank's own reasons for rail_rejected.
const (
	reasonNoTarget = "target_not_found"
	reasonExceeds  = "exceeds_execution"
	reasonCurrency = "currency_mismatch"
	reasonApproved = "already_approved"
	reasonRunning  = "in_progress"
	reasonVoided   = "voided"
)

// report is what the bank says of an instruction of the chain of root.
func (b *Bank) report(own, root *instruction) rail.Result {
	r := own.outcome.result()
	r.Provider = root.Provider
	if r.Challenge == rail.ThreeDS {
		r.URL = b.pageURL(root.Token)
	}
	return r
}

const tokenBytes = 32

func (b *Bank) newToken() (string, error) {
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(b.cfg.Entropy, raw); err != nil {
		return "", fmt.Errorf("make a page token: %w", err)
	}
	return hex.EncodeToString(raw), nil
}
