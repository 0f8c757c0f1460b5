// Package railtest is what every implementation of rail.Rail must hold. It
// speaks to the rail through the contract alone.
package railtest

import (
	"context"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Payouts is a rail that pays out, with empty books, and whom it pays.
type Payouts struct {
	Rail  rail.Rail
	Books rail.Books // nil: the rail offers no statement

	Payee   func() *rail.Payee // gets what is sent
	Refused func() *rail.Payee // gets nothing
}

// RunPayouts checks a rail that pays out; each claim gets a fixture of its own.
func RunPayouts(t *testing.T, fixture func(t *testing.T) Payouts) {
	for _, c := range payoutClaims() {
		t.Run(c.says, func(t *testing.T) {
			f := fixture(t)
			c.check(&paying{&suite{T: t, Fixture: Fixture{Rail: f.Rail, Books: f.Books}}, f})
		})
	}
}

// Fixture is a rail with empty books and what a test must know to steer it. A
// rail in it loses no messages and answers at once, but for Slow.
type Fixture struct {
	Rail   rail.Rail
	Books  rail.Books // nil: the rail offers no statement
	Listen func(rail.Listener)

	Approved   func() *rail.Card
	Declined   func() *rail.Card
	Challenged func() *rail.Card // asks for Right
	Right      rail.Proof
	Wrong      rail.Proof

	Slow    func() *rail.Card // approved when Advance was called; nil: the rail cannot be slowed
	Advance func()
}

// Run checks a rail; each claim gets a fixture of its own.
func Run(t *testing.T, fixture func(t *testing.T) Fixture) {
	for _, c := range claims() {
		t.Run(c.says, func(t *testing.T) { c.check(&suite{T: t, Fixture: fixture(t)}) })
	}
}

type claim struct {
	says  string
	check func(*suite)
}

func claims() []claim {
	return []claim{
		{"a reference it never saw is not found", neverSeen},
		{"an approved charge is booked once under its reference", approvedOnce},
		{"a repeated reference gets the same answer and moves nothing", repeated},
		{"the same reference sent at the same time executes once", concurrent},
		{"a reference with other fields is not executed", otherFields},
		{"a refused charge moves nothing", declined},
		{"a challenge moves nothing", challenged},
		{"a wrong proof leaves attempts, and the third ends the charge", wrongProofs},
		{"the right proof executes once and every reference of the chain tells so", rightProof},
		{"a repeated proof executes nothing more", repeatedProof},
		{"a void stops the payer", voided},
		{"a void comes too late for an approved charge", lateVoid},
		{"a refund goes the other way", refunded},
		{"no more is refunded than was taken", overRefunded},
		{"a refund of an unknown charge is refused", refundOfNothing},
		{"a return sends the execution back", returned},
		{"the end of the caller's wait does not end the instruction", impatient},
		{"the statement can be read in parts", statement},
	}
}

// suite is one claim under test.
type suite struct {
	*testing.T
	Fixture
}

func charge(ref string, amount int64, c *rail.Card) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: rail.Charge, Amount: amount, Currency: "NGN", Card: c, ReturnURL: "https://shop.example/back"}
}

func authenticate(ref, target string, p rail.Proof) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: rail.Authenticate, Target: target, Proof: &p}
}

func act(k rail.Kind, ref, target string, amount int64) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: k, Target: target, Amount: amount, Currency: "NGN"}
}

func (s *suite) execute(in rail.Instruction) rail.Result {
	s.Helper()
	r, err := s.Rail.Execute(s.Context(), in)
	if err != nil {
		s.Fatalf("Execute(%s %s): %v", in.Kind, in.Ref, err)
	}
	return r
}

// must executes and insists on a state.
func (s *suite) must(want rail.State, in rail.Instruction) rail.Result {
	s.Helper()
	r := s.execute(in)
	if r.State != want {
		s.Fatalf("Execute(%s %s) = %+v, want state %s", in.Kind, in.Ref, r, want)
	}
	return r
}

func (s *suite) status(ref string, want rail.State) rail.Result {
	s.Helper()
	r, err := s.Rail.Status(s.Context(), ref)
	if err != nil || r.State != want {
		s.Fatalf("Status(%s) = %+v, %v, want state %s", ref, r, err, want)
	}
	return r
}

// booked insists on the whole statement, as "in execution 100".
type booked struct {
	ref, direction, kind string
	amount               int64
}

func (s *suite) books(want ...booked) {
	s.Helper()
	if s.Books == nil {
		return
	}
	entries, err := s.Books.Statement(s.Context(), rail.Filter{Limit: 1000})
	if err != nil {
		s.Fatal(err)
	}
	var got []booked
	var balance int64
	for i, e := range entries {
		got = append(got, booked{e.Ref, e.Direction, e.Kind, e.Amount})
		if balance += e.Amount; e.Direction == "out" {
			balance -= 2 * e.Amount
		}
		if e.Number != int64(i)+1 || e.BalanceAfter != balance {
			s.Errorf("entry %d has number %d and balance_after %d, want %d", i+1, e.Number, e.BalanceAfter, balance)
		}
	}
	if len(got) != len(want) {
		s.Fatalf("the books hold %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			s.Errorf("entry %d is %v, want %v", i+1, got[i], want[i])
		}
	}
}

// ear is a listener that keeps what it hears.
type ear struct {
	heard chan rail.Notice
}

func newEar() *ear { return &ear{heard: make(chan rail.Notice, 100)} }

// Notice implements rail.Listener.
func (e *ear) Notice(_ context.Context, n rail.Notice) error { e.heard <- n; return nil }

// patience bounds waits for something that must happen.
const patience = 30 * time.Second

func (s *suite) next(e *ear) rail.Notice {
	s.Helper()
	select {
	case n := <-e.heard:
		return n
	case <-time.After(patience):
		s.Fatal("no notice came")
		return rail.Notice{}
	}
}
