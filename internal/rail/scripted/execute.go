package scripted

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Errors of Execute and Status beside rail.ErrUnreachable.
var (
	// ErrNoReply leaves open what became of the instruction.
	ErrNoReply = errors.New("the connection to the bank broke before its answer")
	// ErrOtherFields means that the Ref stands for another instruction.
	ErrOtherFields = errors.New("the bank knows this reference with other fields")
	// ErrMalformed means that the instruction lacks something; nothing was stored.
	ErrMalformed = errors.New("the bank cannot read the instruction")
)

// execute takes an instruction on a rail. It parks its caller in the Activity while it
// waits for the clock, so the caller must be counted there as running.
func (b *Bank) Execute(ctx context.Context, in rail.Instruction) (rail.Result, error) {
	return b.execute(ctx, railCard, in)
}

func (b *Bank) execute(ctx context.Context, railName string, in rail.Instruction) (rail.Result, error) {
	if err := legible(in); err != nil {
		return rail.Result{}, err
	}
	line := b.waits.enter(railName, in.Ref)
	var a answer
	err := b.writer.do(func(t *txn) (err error) {
		a, err = t.take(railName, in)
		return err
	})
	if err != nil {
		b.waits.leave(line)
		return rail.Result{}, fmt.Errorf("the bank takes %s: %w", in.Ref, err)
	}
	return b.reply(ctx, line, a)
}

// reply tells the caller what the books say, when it is time.
func (b *Bank) reply(ctx context.Context, line *waiter, a answer) (rail.Result, error) {
	if a.early != nil {
		if err := b.deliver(ctx, *a.early); err != nil {
			b.log.Error("an early notice was not recorded", "rail_ref", line.ref, "error", err)
		}
	}
	switch {
	case a.wait:
		b.waits.begin(line)
	case a.until.After(b.cfg.Clock.Now()):
		b.waits.tellAt(line, a.until, a.result)
		b.work.Beat()
	default:
		b.waits.leave(line)
		return a.result, a.err
	}
	return b.waits.await(ctx, line)
}

func legible(in rail.Instruction) error {
	charge, payout, back := in.Kind == rail.Charge, in.Kind == rail.Payout, in.Kind == rail.Refund || in.Kind == rail.Return
	switch {
	case in.Ref == "",
		charge && in.Card == nil,
		in.Kind == rail.Authenticate && in.Proof == nil,
		payout && (in.Payee == nil || in.Payee.Account == ""),
		!charge && !payout && in.Target == "",
		(charge || payout || back) && (in.Amount <= 0 || in.Currency == ""):
		return ErrMalformed
	}
	return nil
}

// take looks at an instruction once: known references are answered again, new
// ones are carried out.
func (t *txn) take(railName string, in rail.Instruction) (answer, error) {
	set, err := t.setting(railName)
	if err != nil {
		return answer{}, err
	}
	if t.bank.isDown(set, t.now) {
		return answer{err: rail.ErrUnreachable}, nil
	}
	own, err := t.load(loadInstruction, in.Ref)
	if err != nil {
		return answer{}, err
	}
	if own == nil {
		own = t.written(railName, in)
	}
	c := character{Personality: t.bank.characterOf(set, own.BankCode), draws: draws{seed: set.Seed, ref: in.Ref}}
	known := own.Version > 0
	switch {
	case c.open(t.now).After(t.now):
		return answer{err: rail.ErrUnreachable}, nil // the receiving bank keeps hours of its own
	case known && !own.same(in):
		return answer{}, ErrOtherFields
	case known && own.State != lost:
		return t.again(own, c)
	case t.now.UnixMicro() < own.UnreachableUntil:
		return answer{err: rail.ErrUnreachable}, nil
	}
	return t.carryOut(own, in, c)
}

// character is the personality of the rail as it meets one instruction.
type character struct {
	Personality
	draws draws
}

// written is the record of an instruction that comes for the first time.
func (t *txn) written(railName string, in rail.Instruction) *instruction {
	i := &instruction{Ref: in.Ref, Root: in.Ref, Rail: railName, Kind: in.Kind, Amount: in.Amount, Currency: in.Currency,
		Target: in.Target, ReturnURL: in.ReturnURL, Provider: providerRef(railName, in.Ref), Last: in.Ref, Created: t.now.UnixMicro()}
	if in.Payee != nil {
		i.Masked, i.BankCode = in.Payee.Account, in.Payee.BankCode
	}
	return i
}

// providerRef is the bank's own name for an instruction.
func providerRef(railName, ref string) string {
	sum := sha256.Sum256([]byte(ref))
	return railName + "-" + hex.EncodeToString(sum[:6])
}

func (t *txn) carryOut(own *instruction, in rail.Instruction, c character) (answer, error) {
	switch in.Kind {
	case rail.Charge:
		return t.charge(own, in.Card, c)
	case rail.Authenticate:
		return t.authenticate(own, in.Proof, c)
	case rail.Void:
		return t.void(own)
	case rail.Refund, rail.Return:
		return t.sendBack(own, c)
	case rail.Payout:
		return t.payout(own, c)
	}
	return answer{}, ErrMalformed
}

func (t *txn) charge(own *instruction, card *rail.Card, c character) (answer, error) {
	b, masked := t.bank.cards.present(card, t.now)
	own.Behaviour, own.Masked, own.Expiry = b.Name, masked, expiryText(card)
	return t.perform(own, own, b.after(0), t.mannerOf(b, b.after(0), c), t.bank.latency(c.Personality, c.draws))
}

// mannerOf: what the card leaves open the personality decides, and only where
// money would move.
func (t *txn) mannerOf(b Behaviour, o outcome, c character) Manner {
	switch {
	case b.Manner != nil:
		return *b.Manner
	case o.State == rail.Approved:
		return c.manner(c.draws, cardFaults)
	}
	return Manner{}
}

// sendBack is a refund or a return. Returns mend an earlier fault of the bank,
// so the personality only slows them down.
func (t *txn) sendBack(own *instruction, c character) (answer, error) {
	o, m := approved(), Manner{}
	target, err := t.load(loadInstruction, own.Target)
	switch {
	case err != nil:
		return answer{}, err
	case target == nil:
		return t.perform(own, own, refused(reasonNoTarget), m, 0)
	}
	if target, err = t.rootOf(target); err != nil {
		return answer{}, err
	}
	own.Masked, own.BankCode = target.Masked, target.BankCode
	if script := t.bank.cards.byName[target.Behaviour].Refund; own.Kind == rail.Refund && script != nil {
		o, m = script.end()
	} else if own.Kind == rail.Refund {
		m = c.manner(c.draws, cardFaults)
		m.Contrary = false
	}
	return t.perform(own, own, o, m, t.bank.latency(c.Personality, c.draws))
}

func (r Refund) end() (outcome, Manner) {
	if r.Failure != "" {
		return declined(r.Failure), Manner{}
	}
	return approved(), Manner{Deferred: true, Delay: r.Delay}
}

// again answers a reference that the bank knows. It executes nothing, unless
// the bank is forgetful.
func (t *txn) again(own *instruction, c character) (answer, error) {
	root, err := t.rootOf(own)
	if err != nil {
		return answer{}, err
	}
	switch {
	case c.Forgetful && own.State == rail.Approved && own.Kind != rail.Void:
		if _, err := t.executeOnce(own, root); err != nil {
			return answer{}, err
		}
		own.Told, root.Told = true, true
		return answer{result: t.bank.report(own, root)}, t.putChain(own, root)
	case own.silent(t.now) == mute:
		return answer{err: ErrNoReply}, nil
	case own.State == rail.Accepted && !own.Plan.Deferred && root.Last == own.Ref:
		return answer{wait: true}, nil
	}
	return answer{result: t.bank.report(own, root)}, t.learnt(own, root)
}

// learnt records that the outcome has been told.
func (t *txn) learnt(own, root *instruction) error {
	if own.Told && root.Told {
		return nil
	}
	own.Told, root.Told = true, true
	return t.putChain(own, root)
}
