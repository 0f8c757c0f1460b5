package scripted

import (
	"math"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// attemptsMax is how often a payer may answer one challenge.
const attemptsMax = 3

// forever is a silence that only a decision by hand ends.
const forever = time.Duration(math.MaxInt64)

// Behaviour is how a card behaves: the steps the payer must take, what comes
// after them, and the manner in which the bank answers.
type Behaviour struct {
	Name    string
	Steps   []Step
	Failure string  // a failure code after the last step; "" approves
	Manner  *Manner // nil: the personality of the rail decides
	Refund  *Refund // nil: the personality decides
}

// Step is a challenge and its right answers. An empty answer is never right.
type Step struct {
	Type                      rail.ChallengeType
	OTP, PIN, Enrol, CVV, Zip string
	Any                       bool // whatever the payer answers takes the step
}

// Refund is what becomes of the refunds of a card.
type Refund struct {
	Failure string
	Delay   time.Duration // until the money goes back; the bank accepts at once
}

// Manner is how the bank carries an instruction out and tells about it.
type Manner struct {
	Failure        string        // a personality's refusal
	LostBefore     bool          // the first sending never arrives, and nobody is told so
	Refused        bool          // the first sending is refused by the network
	UnreachableFor time.Duration // nothing arrives for that long after the first sending
	Delay          time.Duration // until the outcome, and with it the reply
	Deferred       bool          // the reply is "accepted" and the outcome comes after Delay by callback
	ReplyLost      bool          // carried out, but the connection breaks before the reply
	Silence        silence       // how status queries are answered for SilentFor
	SilentFor      time.Duration
	Callbacks      int           // beside the reply
	Early          bool          // the first callback comes before the reply
	Contrary       bool          // refuses, confirms it, and executes contraryAfter later
	Twice          bool          // the network delivers the instruction a second time
	Unheard        bool          // no callback is ever made
	ReversedAfter  time.Duration // a payout comes back so long after it was executed; 0: never
}

// contraryAfter is how long a contrary bank sticks to its refusal.
const contraryAfter = time.Minute

// silence is what a status query gets instead of the truth.
type silence string

const (
	truthful silence = ""
	mute     silence = "mute"      // no answer
	denying  silence = "not_found" // "I know no such instruction"
)

// takes reports whether the proof answers the step.
func (s Step) takes(p *rail.Proof) bool {
	switch {
	case s.Any:
		return true
	case p.Address != nil:
		return s.Zip != "" && p.Address.ZipCode == s.Zip
	}
	return match(s.OTP, p.OTP) || match(s.PIN, p.PIN) || match(s.Enrol, p.Enrol) || match(s.CVV, p.CVV)
}

func match(want, got string) bool { return want != "" && want == got }

// wrong is the failure code of a proof that did not take its step.
func wrong(p *rail.Proof) string {
	switch {
	case p.Address != nil:
		return problem.FailureAddressMismatch
	case p.PIN != "":
		return problem.FailureIncorrectPIN
	case p.Enrol != "":
		return problem.FailureEnrollmentRejected
	case p.CVV != "":
		return problem.FailureIncorrectCVV
	}
	return problem.FailureIncorrectOTP
}

// outcome is where an instruction stands, as its row keeps it.
type outcome struct {
	State        rail.State         `json:"state"`
	Failure      string             `json:"failure"`
	Reason       string             `json:"reason"`
	Challenge    rail.ChallengeType `json:"challenge"`
	Step         int                `json:"step"`
	AttemptsLeft int                `json:"attempts_left"` // before attemptsMax is reached
}

// result is the outcome in the words of the contract. Attempts are told only
// after a wrong answer.
func (o outcome) result() rail.Result {
	r := rail.Result{State: o.State, Challenge: o.Challenge, Failure: o.Failure, Reason: o.Reason}
	if o.State == rail.Challenged && o.Failure != "" {
		r.AttemptsLeft = o.AttemptsLeft
	}
	return r
}

func approved() outcome { return outcome{State: rail.Approved} }

func declined(failure string) outcome {
	return outcome{State: rail.Declined, Failure: failure, Reason: reasonOf(failure)}
}

// refused is a refusal for the bank's own reason.
func refused(reason string) outcome {
	return outcome{State: rail.Declined, Failure: problem.FailureRailRejected, Reason: reason}
}

// after is what follows when the payer has taken so many steps.
func (b Behaviour) after(steps int) outcome {
	switch {
	case steps < len(b.Steps):
		return outcome{State: rail.Challenged, Challenge: b.Steps[steps].Type, Step: steps, AttemptsLeft: attemptsMax}
	case b.Failure != "":
		return declined(b.Failure)
	}
	return approved()
}

// answered is what follows when the payer answers the challenge of now.
func (b Behaviour) answered(now outcome, p *rail.Proof) outcome {
	if now.Step >= len(b.Steps) {
		return b.after(now.Step)
	}
	if b.Steps[now.Step].takes(p) {
		return b.after(now.Step + 1)
	}
	next := now
	next.AttemptsLeft, next.Failure = now.AttemptsLeft-1, wrong(p)
	next.Reason = reasonOf(next.Failure)
	if next.AttemptsLeft <= 0 {
		return declined(problem.FailureAuthenticationFailed)
	}
	return next
}

// reasonOf is the rail's own code for a failure: that of the table, or of the
// message standard of card networks where the table leaves it to the rail.
func reasonOf(failure string) string {
	if failure == problem.FailureAccountClosed {
		return "46"
	}
	f, _ := problem.FailureByCode(failure)
	return f.Reason
}
