package scripted

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// join makes own a member of the chain of its target and gives the root. The
// root is nil if the bank knows no such chain.
func (t *txn) join(own *instruction) (*instruction, error) {
	target, err := t.load(loadInstruction, own.Target)
	if err != nil || target == nil {
		return nil, err
	}
	root, err := t.rootOf(target)
	if err != nil || root.State == lost || root.Kind != rail.Charge {
		return nil, err
	}
	own.Root, own.Provider, own.Masked, own.Expiry, own.Behaviour = root.Ref, root.Provider, root.Masked, root.Expiry, root.Behaviour
	own.Amount, own.Currency = root.Amount, root.Currency
	return root, nil
}

// authenticate takes a payer's answer. On a chain that has ended meanwhile it
// tells the end and moves nothing.
func (t *txn) authenticate(own *instruction, proof *rail.Proof, c character) (answer, error) {
	root, err := t.join(own)
	switch {
	case err != nil:
		return answer{}, err
	case root == nil:
		return t.perform(own, own, refused(reasonNoTarget), Manner{}, 0)
	case root.State == rail.Accepted:
		// Nothing is stored of it, so it is as if it had not arrived.
		return answer{}, fmt.Errorf("another answer for %s is being looked at: %w", root.Ref, rail.ErrUnreachable)
	case root.State != rail.Challenged:
		own.outcome, own.Told = root.outcome, true
		return answer{result: t.bank.report(own, root)}, t.put(own)
	}
	b := t.bank.cards.byName[root.Behaviour]
	o := b.answered(root.outcome, proof)
	return t.perform(own, root, o, t.mannerOf(b, o, c), t.bank.latency(c.Personality, c.draws))
}

// void gives a chain up that waits for the payer. It is at once.
func (t *txn) void(own *instruction) (answer, error) {
	root, err := t.join(own)
	if err != nil {
		return answer{}, err
	}
	own.outcome, own.Told = approved(), true
	switch {
	case root == nil:
		own.outcome = refused(reasonNoTarget)
	case root.State == rail.Approved:
		own.outcome = refused(reasonApproved)
	case root.State == rail.Accepted:
		own.outcome = refused(reasonRunning)
	case root.State == rail.Challenged:
		root.outcome = declined(problem.FailureAuthenticationFailed)
		root.Reason = reasonVoided
		if err := t.put(root); err != nil {
			return answer{}, err
		}
	}
	own.Root = own.Ref // a void has an end of its own
	return answer{result: t.bank.report(own, own)}, t.put(own)
}
