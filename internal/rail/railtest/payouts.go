package railtest

import (
	"sync"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// paying is one claim about payouts under test.
type paying struct {
	*suite
	p Payouts
}

type payoutClaim struct {
	says  string
	check func(*paying)
}

func payoutClaims() []payoutClaim {
	return []payoutClaim{
		{"a payout is booked once under its reference, and goes out", paidOut},
		{"a repeated payout gets the same answer and moves nothing", paidOutAgain},
		{"the same payout sent at the same time executes once", paidOutAtOnce},
		{"a payout with other fields is not executed", paidOutOtherwise},
		{"a refused payout moves nothing", payoutRefused},
		{"a payout that was executed can be called back, once", calledBack},
	}
}

func (s *paying) payout(ref string, amount int64, to *rail.Payee) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: rail.Payout, Amount: amount, Currency: "NGN", Payee: to}
}

func paidOut(s *paying) {
	r := s.must(rail.Approved, s.payout("o/1", 100, s.p.Payee()))
	if r.Provider == "" || r.Failure != "" {
		s.Errorf("approved as %+v, want a provider reference and no failure", r)
	}
	if told := s.status("o/1", rail.Approved); told.Provider != r.Provider {
		s.Errorf("status names %q, the answer named %q", told.Provider, r.Provider)
	}
	s.books(booked{"o/1", "out", "execution", 100})
}

func paidOutAgain(s *paying) {
	first := s.must(rail.Approved, s.payout("o/1", 100, s.p.Payee()))
	if again := s.execute(s.payout("o/1", 100, s.p.Payee())); again != first {
		s.Errorf("repeated: %+v, first: %+v", again, first)
	}
	s.books(booked{"o/1", "out", "execution", 100})
}

func paidOutAtOnce(s *paying) {
	var all sync.WaitGroup
	answers := make([]rail.Result, 32)
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = s.Rail.Execute(s.Context(), s.payout("o/1", 100, s.p.Payee())); err != nil {
				s.Error(err)
			}
		})
	}
	all.Wait()
	for _, r := range answers {
		if r != answers[0] || r.State != rail.Approved {
			s.Errorf("one caller was told %+v, another %+v", answers[0], r)
		}
	}
	s.books(booked{"o/1", "out", "execution", 100})
}

func paidOutOtherwise(s *paying) {
	s.must(rail.Approved, s.payout("o/1", 100, s.p.Payee()))
	for _, in := range []rail.Instruction{s.payout("o/1", 101, s.p.Payee()), s.payout("o/1", 100, s.p.Refused()), act(rail.Return, "o/1", "o/1", 100)} {
		if r, err := s.Rail.Execute(s.Context(), in); err == nil {
			s.Errorf("%s with other fields was answered %+v", in.Kind, r)
		}
	}
	s.books(booked{"o/1", "out", "execution", 100})
}

func payoutRefused(s *paying) {
	r := s.must(rail.Declined, s.payout("o/1", 100, s.p.Refused()))
	if _, known := problem.FailureByCode(r.Failure); !known {
		s.Errorf("failure %q is not a failure code", r.Failure)
	}
	s.status("o/1", rail.Declined)
	s.must(rail.Declined, act(rail.Return, "o/2", "o/1", 100))
	s.books()
}

func calledBack(s *paying) {
	s.must(rail.Approved, s.payout("o/1", 100, s.p.Payee()))
	s.must(rail.Approved, act(rail.Return, "o/2", "o/1", 100))
	s.must(rail.Declined, act(rail.Return, "o/3", "o/1", 100))
	s.books(booked{"o/1", "out", "execution", 100}, booked{"o/2", "in", "reversal", 100})
}
