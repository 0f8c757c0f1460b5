package scripted

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

func TestADrawIsTheHashOfSeedReferenceAndName(t *testing.T) {
	// First 8 bytes of SHA-256("7:p/1:fault"), reckoned outside this program.
	const want = 0.7071100436157554515264299
	if got := (draws{7, "p/1"}).of("fault"); math.Abs(got-want) > 1e-15 {
		t.Errorf("draw = %.17f, want %.17f", got, want)
	}
	if (draws{7, "p/1"}).of("fault") == (draws{8, "p/1"}).of("fault") || (draws{7, "p/1"}).of("fault") == (draws{7, "p/2"}).of("fault") {
		t.Error("the draw does not depend on seed and reference")
	}
}

// shares counts manners over many references.
func shares(name string, codes faultCodes, seed int64, n int, is func(Manner) bool) float64 {
	p, hits := personalityTable()[name], 0
	for i := range n {
		if is(p.manner(draws{seed, fmt.Sprintf("p/%d", i)}, codes)) {
			hits++
		}
	}
	return float64(hits) / float64(n)
}

func TestPersonalitiesMisbehaveAsOftenAsTheySay(t *testing.T) {
	declines := func(code string) func(Manner) bool {
		return func(m Manner) bool { return m.Failure == code && !m.Contrary }
	}
	lostReply := func(m Manner) bool { return m.ReplyLost }
	any := func(m Manner) bool { return m != Manner{} }
	cases := []struct {
		name, what string
		want       float64
		is         func(Manner) bool
	}{
		{"steady", "any fault", 0, any}, {"slow", "any fault", 0, any}, {"nightly", "any fault", 0, any},
		{"fickle", "any fault", 0, any}, {"instant", "any fault", 0, any},
		{"flaky", "issuer_unavailable", 0.10, declines(problem.FailureIssuerUnavailable)},
		{"flaky", "connection refused", 0.03, func(m Manner) bool { return m.Refused }},
		{"silent", "reply lost", 0.05, lostReply},
		{"silent", "lost before", 0.05, func(m Manner) bool { return m.LostBefore }},
		{"queueing", "accepted first", 1, func(m Manner) bool { return m.Deferred }},
		{"doubtful", "reply lost", 0.20, lostReply},
		{"echo", "callback twice", 1, func(m Manner) bool { return m.Callbacks == 2 }},
		{"echo", "callback early", 0.10, func(m Manner) bool { return m.Early }},
		{"forgetful", "reply lost", 0.10, lostReply},
		{"contrary", "contrary", 0.01, func(m Manner) bool { return m.Contrary && m.Failure == problem.FailureCardDeclined }},
	}
	const seed, n = 20261122, 5000
	for _, c := range cases {
		t.Run(c.name+": "+c.what, func(t *testing.T) {
			got := shares(c.name, cardFaults, seed, n, c.is)
			// Five standard deviations; without chance there is no deviation.
			if slack := 5 * math.Sqrt(c.want*(1-c.want)/n); math.Abs(got-c.want) > slack {
				t.Errorf("seed %d: share %.4f, want %.4f within %.4f", seed, got, c.want, slack)
			}
			if again := shares(c.name, cardFaults, seed, n, c.is); again != got {
				t.Errorf("seed %d: %.4f the first time and %.4f the second", seed, got, again)
			}
		})
	}
}

func TestPersonalitiesMisbehaveInPayoutsAsWell(t *testing.T) {
	const seed, n = 20261122, 5000
	for _, c := range []struct {
		name, what string
		want       float64
		is         func(Manner) bool
	}{
		{"steady", "any fault", 0, func(m Manner) bool { return m != Manner{} }},
		{"flaky", "beneficiary_bank_unavailable", 0.10, func(m Manner) bool { return m.Failure == problem.FailureBeneficiaryBankUnavailable }},
		{"fickle", "reversed", 0.02, func(m Manner) bool { return m.ReversedAfter >= time.Hour && m.ReversedAfter <= 24*time.Hour }},
		{"contrary", "contrary", 0.01, func(m Manner) bool { return m.Contrary && m.Failure == problem.FailureBeneficiaryRejected }},
	} {
		got := shares(c.name, payoutFaults, seed, n, c.is)
		if slack := 5 * math.Sqrt(c.want*(1-c.want)/n); math.Abs(got-c.want) > slack {
			t.Errorf("seed %d: %s: %s: share %.4f, want %.4f within %.4f", seed, c.name, c.what, got, c.want, slack)
		}
	}
}

func TestDelaysStayWithinTheirBounds(t *testing.T) {
	table := personalityTable()
	for i := range 1000 {
		d := draws{3, fmt.Sprintf("p/%d", i)}
		if m := table["silent"].manner(d, cardFaults); m.Silence == mute && (m.SilentFor < 5*time.Second || m.SilentFor > time.Minute) {
			t.Fatalf("silent for %v", m.SilentFor)
		}
		if m := table["doubtful"].manner(d, cardFaults); m.ReplyLost && (m.Silence != denying || m.SilentFor != time.Minute) {
			t.Fatalf("doubtful with %+v", m)
		}
		if m := table["queueing"].manner(d, cardFaults); m.Delay < 10*time.Minute || m.Delay > 6*time.Hour {
			t.Fatalf("queues for %v", m.Delay)
		}
		if l := table["steady"].Latency.of(d.of("latency")); l < 50*time.Millisecond || l > 300*time.Millisecond {
			t.Fatalf("steady answers after %v", l)
		}
	}
}

func TestTheSlowBankIsLogNormal(t *testing.T) {
	l := personalityTable()["slow"].Latency
	for _, c := range []struct {
		u    float64
		want time.Duration
	}{{0.5, 4 * time.Second}, {0.99, 40 * time.Second}, {0.01, 400 * time.Millisecond}} {
		if got := l.of(c.u); math.Abs(float64(got-c.want)) > 0.001*float64(c.want) {
			t.Errorf("the quantile %.2f is %v, want %v", c.u, got, c.want)
		}
	}
	if hi := l.of(1); hi > 10*time.Minute || hi <= 0 {
		t.Errorf("the highest draw gives %v", hi)
	}
}

// refFor finds a reference for which the personality does what is asked.
func refFor(t *testing.T, name string, is func(Manner) bool) string {
	t.Helper()
	for i := range 10000 {
		ref := fmt.Sprintf("p%d/1", i)
		if is(personalityTable()[name].manner(draws{1, ref}, cardFaults)) {
			return ref
		}
	}
	t.Fatalf("no reference makes %s do that", name)
	return ""
}

func TestTheFlakyBank(t *testing.T) {
	w := newTown(t)
	w.character("flaky")
	bad := refFor(t, "flaky", func(m Manner) bool { return m.Failure != "" })
	if r, err := w.send(t.Context(), charge(bad, approvedCard)).after(3 * time.Second); err != nil || r.Failure != problem.FailureIssuerUnavailable {
		t.Errorf("answered %+v, %v", r, err)
	}
	refused := refFor(t, "flaky", func(m Manner) bool { return m.Refused })
	if _, err := w.do(charge(refused, approvedCard)); !errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("Execute: %v", err)
	}
	w.status(refused, rail.NotFound)
	if r, err := w.send(t.Context(), charge(refused, approvedCard)).after(3 * time.Second); err != nil || r.State != rail.Approved {
		t.Errorf("the second sending was answered %+v, %v", r, err)
	}
	w.books(refused + " in execution 100")
}

// after moves the clock until the call has its answer.
func (c *call) after(d time.Duration) (rail.Result, error) {
	c.town.Helper()
	c.town.pass(d)
	return c.answer()
}

func TestTheSilentBank(t *testing.T) {
	w := newTown(t)
	w.character("silent")
	lostReply := refFor(t, "silent", func(m Manner) bool { return m.ReplyLost })
	lostBefore := refFor(t, "silent", func(m Manner) bool { return m.LostBefore })
	for _, ref := range []string{lostReply, lostBefore} {
		if _, err := w.do(charge(ref, approvedCard)); !errors.Is(err, ErrNoReply) {
			t.Errorf("Execute: %v", err)
		}
		w.unanswered(ref, ErrNoReply)
	}
	w.pass(time.Minute)
	w.status(lostReply, rail.Approved)
	w.status(lostBefore, rail.NotFound)
	w.books(lostReply + " in execution 100")
	if r, err := w.send(t.Context(), charge(lostBefore, approvedCard)).after(3 * time.Second); err != nil || r.State != rail.Approved {
		t.Errorf("the second sending was answered %+v, %v", r, err)
	}
}

func TestTheDoubtfulBank(t *testing.T) {
	w := newTown(t)
	w.character("doubtful")
	ref := refFor(t, "doubtful", func(m Manner) bool { return m.ReplyLost })
	if _, err := w.do(charge(ref, approvedCard)); !errors.Is(err, ErrNoReply) {
		t.Errorf("Execute: %v", err)
	}
	w.status(ref, rail.NotFound)
	w.pass(59 * time.Second)
	w.status(ref, rail.NotFound)
	w.pass(time.Second)
	w.status(ref, rail.Approved)
	w.must(rail.Approved, charge(ref, approvedCard))
	w.books(ref + " in execution 100")
}

func TestTheQueueingBank(t *testing.T) {
	w := newTown(t)
	w.character("queueing")
	w.must(rail.Accepted, charge("p/1", approvedCard))
	w.pass(10*time.Minute - time.Second)
	w.status("p/1", rail.Accepted)
	w.pass(6 * time.Hour)
	w.status("p/1", rail.Approved)
	w.told("p/1 approved")
	w.books("p/1 in execution 100")
}

func TestTheNightlyBank(t *testing.T) {
	w := newTown(t)
	w.must(rail.Accepted, charge("p/1", "4000000000013039"))
	late := time.Date(2026, 11, 22, 22, 59, 30, 0, time.UTC)
	w.pass(late.Sub(w.clock.Now()))
	w.character("nightly")
	c := w.send(t.Context(), charge("p/2", "4000000000020406")) // due at 23:00:10, when the bank is closed
	c.waits()
	w.pass(time.Minute)
	c.waits()
	if _, err := w.do(charge("p/3", approvedCard)); !errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("Execute at night: %v", err)
	}
	w.unanswered("p/1", rail.ErrUnreachable)
	next, some, err := w.Next(t.Context())
	if opens := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC); err != nil || !some || !next.Equal(opens) {
		t.Errorf("Next = %v, %v, %v, want %v", next, some, err, opens)
	}
	if r, err := c.after(2 * time.Hour); err != nil || r.State != rail.Approved {
		t.Errorf("answered %+v, %v", r, err)
	}
	w.books("p/1 in execution 100", "p/2 in execution 100")
}

func TestTheEchoBank(t *testing.T) {
	w := newTown(t)
	w.character("echo")
	ref := refFor(t, "echo", func(m Manner) bool { return m.Early })
	w.must(rail.Approved, charge(ref, approvedCard))
	w.told(ref+" approved", ref+" approved")
	w.books(ref + " in execution 100")
}

func TestTheForgetfulBank(t *testing.T) {
	w := newTown(t)
	w.character("forgetful")
	ref := refFor(t, "forgetful", func(m Manner) bool { return !m.ReplyLost })
	w.must(rail.Approved, charge(ref, approvedCard))
	w.must(rail.Approved, charge(ref, approvedCard))
	w.books(ref+" in execution 100", ref+" in execution 100")
}

func TestTheContraryPersonality(t *testing.T) {
	w := newTown(t)
	w.character("contrary")
	ref := refFor(t, "contrary", func(m Manner) bool { return m.Contrary })
	if r, err := w.send(t.Context(), charge(ref, approvedCard)).after(3 * time.Second); err != nil || r.State != rail.Declined {
		t.Fatalf("answered %+v, %v", r, err)
	}
	w.pass(time.Minute)
	w.told(ref + " approved")
	w.books(ref + " in execution 100")
}

func TestScriptedCardsWinOverThePersonality(t *testing.T) {
	w := newTown(t)
	w.character("doubtful")
	ref := refFor(t, "doubtful", func(m Manner) bool { return m.ReplyLost })
	if r, err := w.send(t.Context(), charge(ref, "4000000000020059")).after(5 * time.Second); err != nil || r.State != rail.Approved {
		t.Errorf("answered %+v, %v", r, err)
	}
}

func TestThePersonalityActsOnTheStepThatMovesMoney(t *testing.T) {
	w := newTown(t)
	w.character("silent")
	auth := refFor(t, "silent", func(m Manner) bool { return m.LostBefore })
	if r, err := w.send(t.Context(), charge("p/1", "4000000000011108")).after(3 * time.Second); err != nil || r.State != rail.Challenged {
		t.Fatalf("answered %+v, %v", r, err)
	}
	in := proof(auth, "p/1", rail.Proof{OTP: rightOTP})
	if _, err := w.do(in); !errors.Is(err, ErrNoReply) {
		t.Errorf("Execute: %v", err)
	}
	w.pass(time.Minute)
	w.status(auth, rail.NotFound)
	w.status("p/1", rail.Challenged)
	if r, err := w.send(t.Context(), in).after(3 * time.Second); err != nil || r.State != rail.Approved {
		t.Errorf("the second sending was answered %+v, %v", r, err)
	}
	w.books(auth + " in execution 100")
}

func TestLatencyIsWaitedForUnlessTheClockIsFrozen(t *testing.T) {
	t.Run("a frozen clock takes less than a second as passed", func(t *testing.T) {
		w := newTown(t)
		w.character("steady")
		w.must(rail.Approved, charge("p/1", approvedCard))
	})
	t.Run("a clock that is frozen meanwhile lets it pass as well", func(t *testing.T) {
		w := newTown(t)
		w.character("steady")
		w.clock.Thaw()
		c := w.send(t.Context(), charge("p/1", approvedCard))
		w.clock.Freeze()
		if r, err := c.answer(); err != nil || r.State != rail.Approved {
			t.Errorf("answered %+v, %v", r, err)
		}
	})
	t.Run("a running clock reaches it", func(t *testing.T) {
		w := newTown(t)
		w.character("steady")
		w.clock.Thaw()
		before := w.clock.Now()
		w.must(rail.Approved, charge("p/1", approvedCard))
		if took := w.clock.Now().Sub(before); took < 50*time.Millisecond {
			t.Errorf("answered after %v", took)
		}
		w.told()
	})
	t.Run("a reply that comes before the outcome has its own latency", func(t *testing.T) {
		w := newTown(t)
		w.character("queueing")
		w.clock.Thaw()
		before := w.clock.Now()
		w.must(rail.Accepted, charge("p/1", approvedCard))
		if took := w.clock.Now().Sub(before); took < 300*time.Millisecond {
			t.Errorf("answered after %v", took)
		}
		c := w.send(t.Context(), charge("p/2", approvedCard))
		w.clock.Freeze()
		if r, err := c.answer(); err != nil || r.State != rail.Accepted {
			t.Errorf("answered %+v, %v", r, err)
		}
	})
	t.Run("an early callback comes after the latency and before the reply", func(t *testing.T) {
		w := newTown(t)
		w.character("echo")
		w.clock.Thaw()
		ref := refFor(t, "echo", func(m Manner) bool { return m.Early })
		var ended bool
		var c *call
		sent := make(chan struct{})
		w.ear.during = func(rail.Notice) {
			<-sent
			select {
			case <-c.ended:
				ended = true
			default:
			}
			w.ear.during = nil
		}
		c = w.send(t.Context(), charge(ref, approvedCard))
		close(sent)
		if r, err := c.answer(); err != nil || r.State != rail.Approved || ended {
			t.Errorf("answered %+v, %v; before the callback: %v", r, err, ended)
		}
		w.told(ref+" approved", ref+" approved")
	})
	t.Run("a slow answer waits for the frozen clock", func(t *testing.T) {
		w := newTown(t)
		w.character("slow")
		c := w.send(t.Context(), charge("p/1", approvedCard))
		c.waits()
		if r, err := c.after(10 * time.Minute); err != nil || r.State != rail.Approved {
			t.Errorf("answered %+v, %v", r, err)
		}
	})
}

func TestARailThatIsDown(t *testing.T) {
	w := newTown(t)
	w.must(rail.Accepted, charge("p/1", "4000000000013039"))
	up := w.clock.Now().Add(time.Hour)
	w.set(Patch{DownUntil: &up})
	if _, err := w.do(charge("p/2", approvedCard)); !errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("Execute: %v", err)
	}
	w.unanswered("p/1", rail.ErrUnreachable)
	w.pass(2 * time.Minute)
	w.told()
	w.books()
	w.set(Patch{DownUntil: &time.Time{}})
	w.told("p/1 approved")
	w.status("p/2", rail.NotFound)
	w.books("p/1 in execution 100")
}

func TestRailSettings(t *testing.T) {
	w := newTown(t)
	seed, name := int64(42), "echo"
	at := w.clock.Now().Add(time.Hour)
	w.set(Patch{Seed: &seed, Personality: &name, DownUntil: &at})
	w.restart()
	all, err := w.Rails(t.Context())
	card := slices.IndexFunc(all, func(s Setting) bool { return s.Rail == railCard })
	if err != nil || len(all) != len(railNames()) || card < 0 {
		t.Fatalf("Rails = %v, %v", all, err)
	}
	if s := all[card]; s.Rail != "card" || s.Personality != name || s.Seed != seed || s.DownUntil == nil || !s.DownUntil.Equal(at) {
		t.Errorf("after a restart the setting is %+v", s)
	}
	if _, err := w.SetRail(t.Context(), "pigeon", Patch{Seed: &seed}); !errors.Is(err, ErrNoRail) {
		t.Errorf("an unknown rail: %v", err)
	}
	unknown := "moody"
	if _, err := w.SetRail(t.Context(), "card", Patch{Personality: &unknown}); !errors.Is(err, ErrNoPersonality) {
		t.Errorf("an unknown personality: %v", err)
	}
	if err := w.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err = w.Rails(t.Context()); err != nil || all[card].Personality != defaultPersonality || all[card].Seed != 1 || all[card].DownUntil != nil {
		t.Errorf("after a reset the settings are %+v, %v", all, err)
	}
}

func TestTheCatalogueListsCardsAndBanks(t *testing.T) {
	w := newTown(t)
	c := w.Catalogue()
	if got, want := len(c.Cards), 6+13+13+9+1; got != want {
		t.Errorf("%d cards, want %d", got, want)
	}
	if got, want := len(c.Banks), 12; got != want {
		t.Errorf("%d banks, want %d", got, want)
	}
	if first := c.Cards[2]; first.CardNumber != "4761530000000008" || *first.OTP != "123456" || *first.Expiry != "05/25" || !first.Documented {
		t.Errorf("the third card is %+v", first)
	}
}
