package scripted

import (
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// ending is what the last four characters of an account number, an address, or the name
// of a mailbox make of a payout.
type ending struct {
	characters string
	effect     string
	manner     Manner
}

func endings() []ending {
	return append(refusedEndings(), append(lateEndings(), lostEndings()...)...)
}

func refusedEndings() []ending {
	refuses := func(characters, failure string) ending {
		return ending{characters, "failed " + failure, Manner{Failure: failure}}
	}
	return []ending{
		refuses("9111", problem.FailureAccountNotFound),
		refuses("9112", problem.FailureAccountClosed),
		refuses("9113", problem.FailureAccountNameMismatch),
		refuses("9114", problem.FailureBeneficiaryBankUnavailable),
		refuses("9115", problem.FailureBeneficiaryRejected),
		refuses("9116", problem.FailureAccountRestricted),
		refuses("9117", problem.FailureReceivingLimitExceeded),
		refuses(rejectedEnding, problem.FailureRailRejected),
	}
}

// rejectedEnding is refused by the rail; a chain refuses the address.
const rejectedEnding = "9118"

func lateEndings() []ending {
	late := Manner{Deferred: true, Delay: 30 * time.Second}
	return []ending{
		{"9121", "pending 30 s, then succeeded", late},
		{"9122", "pending 30 s, then failed", Manner{Deferred: true, Delay: late.Delay, Failure: problem.FailureBeneficiaryRejected}},
		{"9123", "pending 1 h, then succeeded", Manner{Deferred: true, Delay: time.Hour}},
		{"9141", "succeeded, reversed after 60 s", Manner{ReversedAfter: time.Minute}},
		{"9142", "failed, confirmed, then executed", Manner{Contrary: true, Failure: problem.FailureBeneficiaryRejected}},
		{"9151", "success callback twice", Manner{Callbacks: 2}},
		{"9152", "callback before the reply", Manner{Callbacks: 1, Early: true}},
		{"9153", "callback never comes; polling finds it", Manner{Deferred: true, Delay: unheardDelay, Unheard: true}},
	}
}

// unheardDelay is how long a bank that never calls back takes.
const unheardDelay = 3 * time.Second

func lostEndings() []ending {
	return []ending{
		{"9131", "executed, reply lost; status query true from 5 s on",
			Manner{ReplyLost: true, Silence: mute, SilentFor: 5 * time.Second}},
		{"9132", "lost before the bank; not found; sent once more, same rail reference", Manner{LostBefore: true}},
		{"9133", "executed, reply lost; status query says not found for 60 s, then executed",
			Manner{ReplyLost: true, Silence: denying, SilentFor: time.Minute}},
		{"9134", "network delivers the instruction twice; the bank executes once", Manner{Twice: true}},
		{"9135", "executed, no reply, no status answer: in_doubt until resolve",
			Manner{ReplyLost: true, Silence: mute, SilentFor: forever}},
	}
}

// mannerFor is what the ending of an account makes of a payout; false: nothing, the
// personality decides.
func (b *Bank) mannerFor(railName, account string) (Manner, bool) {
	name, _, _ := strings.Cut(account, "@")
	for _, e := range endings() {
		if strings.HasSuffix(name, e.characters) {
			if e.characters == rejectedEnding && railName == railCrypto {
				e.manner.Failure = problem.FailureAddressRejected
			}
			return e.manner, true
		}
	}
	return Manner{}, false
}

// payout sends money to somebody.
func (t *txn) payout(own *instruction, c character) (answer, error) {
	m, scripted := t.bank.mannerFor(own.Rail, own.Masked)
	if !scripted {
		m = c.manner(c.draws, payoutFaults)
	}
	a, err := t.perform(own, own, approved(), m, t.bank.latency(c.Personality, c.draws))
	if err != nil || !m.Twice {
		return a, err
	}
	_, err = t.again(own, character{}) // the second delivery, whatever the bank's character; its answer goes nowhere
	return a, err
}

// payoutReasons are the receiving banks' own codes, in the manner of NIP.
var payoutReasons = map[string]string{
	problem.FailureAccountNotFound: "25", problem.FailureAccountClosed: "07", problem.FailureAccountNameMismatch: "08",
	problem.FailureAccountRestricted: "06", problem.FailureReceivingLimitExceeded: "61", problem.FailureBeneficiaryBankUnavailable: "91",
	problem.FailureBeneficiaryRejected: "05", problem.FailureRailRejected: "12", problem.FailureAddressRejected: "14",
	problem.FailureReversedByBank: "21",
}

// declinedFor is the refusal of an instruction with the reason of whoever refuses it.
func declinedFor(k rail.Kind, failure string) outcome {
	o := declined(failure)
	if k == rail.Payout {
		o.Reason = payoutReasons[failure]
	}
	return o
}

func reversed(failure string) outcome {
	return outcome{State: rail.Reversed, Failure: failure, Reason: payoutReasons[failure]}
}

// sendBackPayout lets the receiving bank send an executed payout back. One that was not
// executed, or was sent back already, stays as it is.
func (t *txn) sendBackPayout(own *instruction, failure string, callbacks int) error {
	if own.Kind != rail.Payout || own.State != rail.Approved || own.Moved < own.Amount {
		return ErrWrongState
	}
	if _, err := t.exec(dropTimer, own.Ref, timerReverse); err != nil {
		return err
	}
	own.Plan = plan{Outcome: reversed(failure)}
	_, err := t.conclude(own, own, callbacks)
	return err
}
