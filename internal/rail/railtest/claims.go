package railtest

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

func neverSeen(s *suite) { s.status("nobody/1", rail.NotFound) }

func approvedOnce(s *suite) {
	r := s.must(rail.Approved, charge("p/1", 100, s.Approved()))
	if r.Provider == "" || r.Failure != "" {
		s.Errorf("approved as %+v, want a provider reference and no failure", r)
	}
	if told := s.status("p/1", rail.Approved); told.Provider != r.Provider {
		s.Errorf("status names %q, the answer named %q", told.Provider, r.Provider)
	}
	s.books(booked{"p/1", "in", "execution", 100})
}

func repeated(s *suite) {
	first := s.must(rail.Approved, charge("p/1", 100, s.Approved()))
	if again := s.execute(charge("p/1", 100, s.Approved())); again != first {
		s.Errorf("repeated: %+v, first: %+v", again, first)
	}
	refused := s.must(rail.Declined, charge("p/2", 100, s.Declined()))
	if again := s.execute(charge("p/2", 100, s.Declined())); again != refused {
		s.Errorf("repeated: %+v, first: %+v", again, refused)
	}
	s.books(booked{"p/1", "in", "execution", 100})
}

func concurrent(s *suite) {
	var all sync.WaitGroup
	answers := make([]rail.Result, 32)
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = s.Rail.Execute(s.Context(), charge("p/1", 100, s.Approved())); err != nil {
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
	s.books(booked{"p/1", "in", "execution", 100})
}

func otherFields(s *suite) {
	s.must(rail.Approved, charge("p/1", 100, s.Approved()))
	for _, in := range []rail.Instruction{charge("p/1", 101, s.Approved()), charge("p/1", 100, s.Declined()), act(rail.Void, "p/1", "p/1", 0)} {
		if r, err := s.Rail.Execute(s.Context(), in); err == nil {
			s.Errorf("%s with other fields was answered %+v", in.Kind, r)
		}
	}
	s.books(booked{"p/1", "in", "execution", 100})
}

func declined(s *suite) {
	r := s.must(rail.Declined, charge("p/1", 100, s.Declined()))
	if _, known := problem.FailureByCode(r.Failure); !known {
		s.Errorf("failure %q is not a failure code", r.Failure)
	}
	s.status("p/1", rail.Declined)
	s.books()
}

func challenged(s *suite) {
	r := s.must(rail.Challenged, charge("p/1", 100, s.Challenged()))
	if r.Challenge == "" || r.AttemptsLeft != 0 || r.Failure != "" {
		s.Errorf("challenged as %+v, want a type and neither failure nor attempts", r)
	}
	s.status("p/1", rail.Challenged)
	s.books()
}

func wrongProofs(s *suite) {
	s.must(rail.Challenged, charge("p/1", 100, s.Challenged()))
	for i, ref := range []string{"p/2", "p/3"} {
		r := s.must(rail.Challenged, authenticate(ref, "p/1", s.Wrong))
		if r.AttemptsLeft != 2-i || r.Failure == "" {
			s.Errorf("wrong proof %d: %+v, want a failure and %d attempts", i+1, r, 2-i)
		}
	}
	r := s.must(rail.Declined, authenticate("p/4", "p/1", s.Wrong))
	if r.Failure != problem.FailureAuthenticationFailed {
		s.Errorf("the third wrong proof gave %q", r.Failure)
	}
	s.status("p/1", rail.Declined)
	s.must(rail.Declined, authenticate("p/5", "p/1", s.Right))
	s.books()
}

func rightProof(s *suite) {
	first := s.must(rail.Challenged, charge("p/1", 100, s.Challenged()))
	s.must(rail.Challenged, authenticate("p/2", "p/1", s.Wrong))
	done := s.must(rail.Approved, authenticate("p/3", "p/2", s.Right)) // any reference of the chain will do
	for _, ref := range []string{"p/1", "p/2", "p/3"} {
		if r := s.status(ref, rail.Approved); r.Provider != first.Provider || r.Provider != done.Provider {
			s.Errorf("status of %s names %q, want %q", ref, r.Provider, first.Provider)
		}
	}
	s.books(booked{"p/3", "in", "execution", 100})
}

func repeatedProof(s *suite) {
	s.must(rail.Challenged, charge("p/1", 100, s.Challenged()))
	wrong := s.must(rail.Challenged, authenticate("p/2", "p/1", s.Wrong))
	if again := s.execute(authenticate("p/2", "p/1", s.Wrong)); again != wrong {
		s.Errorf("the repeated wrong proof gave %+v, first %+v", again, wrong)
	}
	right := s.must(rail.Approved, authenticate("p/3", "p/1", s.Right))
	if again := s.execute(authenticate("p/3", "p/1", s.Right)); again != right {
		s.Errorf("the repeated right proof gave %+v, first %+v", again, right)
	}
	s.must(rail.Approved, authenticate("p/4", "p/1", s.Right))
	s.books(booked{"p/3", "in", "execution", 100})
}

func voided(s *suite) {
	s.must(rail.Challenged, charge("p/1", 100, s.Challenged()))
	s.must(rail.Approved, act(rail.Void, "p/2", "p/1", 0))
	s.status("p/1", rail.Declined)
	s.must(rail.Declined, authenticate("p/3", "p/1", s.Right))
	s.must(rail.Approved, act(rail.Void, "p/2", "p/1", 0))
	s.books()
}

func lateVoid(s *suite) {
	s.must(rail.Approved, charge("p/1", 100, s.Approved()))
	r := s.must(rail.Declined, act(rail.Void, "p/2", "p/1", 0))
	if r.Reason != "already_approved" {
		s.Errorf("the void was refused as %+v", r)
	}
	s.status("p/1", rail.Approved)
	s.status("p/2", rail.Declined)
}

func refunded(s *suite) {
	s.must(rail.Challenged, charge("p/1", 100, s.Challenged()))
	s.must(rail.Approved, authenticate("p/2", "p/1", s.Right))
	s.must(rail.Approved, act(rail.Refund, "r/1", "p/2", 30))
	s.must(rail.Approved, act(rail.Refund, "r/2", "p/1", 70))
	s.must(rail.Approved, act(rail.Refund, "r/2", "p/1", 70))
	s.status("r/1", rail.Approved)
	s.books(booked{"p/2", "in", "execution", 100}, booked{"r/1", "out", "refund", 30}, booked{"r/2", "out", "refund", 70})
}

func overRefunded(s *suite) {
	s.must(rail.Approved, charge("p/1", 100, s.Approved()))
	s.must(rail.Approved, act(rail.Refund, "r/1", "p/1", 60))
	s.must(rail.Declined, act(rail.Refund, "r/2", "p/1", 41))
	other := act(rail.Refund, "r/3", "p/1", 10)
	other.Currency = "USD"
	s.must(rail.Declined, other)
	s.books(booked{"p/1", "in", "execution", 100}, booked{"r/1", "out", "refund", 60})
}

func refundOfNothing(s *suite) {
	s.must(rail.Declined, act(rail.Refund, "r/1", "p/1", 10))
	s.must(rail.Declined, charge("p/2", 100, s.Declined()))
	s.must(rail.Declined, act(rail.Refund, "r/2", "p/2", 10))
	s.books()
}

func returned(s *suite) {
	s.must(rail.Approved, charge("p/1", 100, s.Approved()))
	s.must(rail.Approved, act(rail.Return, "p/2", "p/1", 100))
	s.books(booked{"p/1", "in", "execution", 100}, booked{"p/2", "out", "return", 100})
}

func impatient(s *suite) {
	if s.Slow == nil {
		return
	}
	e := newEar()
	s.Listen(e)
	ctx, hangUp := context.WithCancel(s.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := s.Rail.Execute(ctx, charge("p/1", 100, s.Slow()))
		ended <- err
	}()
	s.until("p/1", rail.Accepted)
	hangUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		s.Errorf("Execute ended with %v, want its context's error", err)
	}
	s.Advance()
	if n := s.next(e); n.Ref != "p/1" || n.Result.State != rail.Approved || n.ID == "" || n.At.IsZero() {
		s.Errorf("the notice is %+v", n)
	}
	s.status("p/1", rail.Approved)
	s.books(booked{"p/1", "in", "execution", 100})
}

// until asks until the rail has taken ref; a real one takes a moment.
func (s *suite) until(ref string, want rail.State) {
	s.Helper()
	ctx, stop := context.WithTimeout(s.Context(), patience)
	defer stop()
	for {
		r, err := s.Rail.Status(ctx, ref)
		if err != nil {
			s.Fatalf("waiting for %s to be %s: %v", ref, want, err)
		}
		if r.State == want {
			return
		}
		runtime.Gosched()
	}
}

func statement(s *suite) {
	if s.Books == nil {
		return
	}
	for _, ref := range []string{"p/1", "p/2", "p/3"} {
		s.must(rail.Approved, charge(ref, 100, s.Approved()))
	}
	read := func(f rail.Filter) []rail.Entry {
		out, err := s.Books.Statement(s.Context(), f)
		if err != nil {
			s.Fatal(err)
		}
		return out
	}
	first := read(rail.Filter{Limit: 2})
	if len(first) != 2 {
		s.Fatalf("the first two entries are %v", first)
	}
	if rest := read(rail.Filter{After: first[1].Number}); len(rest) != 1 || rest[0].Ref != "p/3" {
		s.Errorf("after the second entry come %v", rest)
	}
	one := read(rail.Filter{Ref: "p/2"})
	if len(one) != 1 || one[0].Ref != "p/2" || one[0].Currency != "NGN" || one[0].Rail == "" || one[0].At.IsZero() || one[0].Provider == "" {
		s.Errorf("the entries of p/2 are %+v", one)
	}
	if none := read(rail.Filter{Rail: "no such rail"}); len(none) != 0 {
		s.Errorf("a rail that does not exist has entries: %v", none)
	}
}
