package scripted

import (
	"errors"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

func TestThePayerDecidesByHand(t *testing.T) {
	cases := []struct {
		number   string
		decision Decision
		status   rail.State
		failure  string
		books    []string
		told     []string
	}{
		{"4000000000011504", Approve, rail.Approved, "", []string{"p/1 in execution 100"}, []string{"p/1 approved"}},
		{"4000000000011504", Reject, rail.Declined, "authentication_rejected", nil, []string{"p/1 declined authentication_rejected"}},
		{"4000000000011504", Abandon, rail.Challenged, "", nil, nil},
		{"4000000000011512", Approve, rail.Declined, "authentication_rejected", nil, []string{"p/1 declined authentication_rejected"}},
	}
	for _, c := range cases {
		t.Run(string(c.decision)+" "+c.number, func(t *testing.T) {
			w := newTown(t)
			w.must(rail.Challenged, charge("p/1", c.number))
			if r, err := w.Authenticate(t.Context(), "p/1", c.decision); err != nil || r.State != c.status || r.Failure != c.failure {
				t.Fatalf("Authenticate = %+v, %v", r, err)
			}
			w.status("p/1", c.status)
			w.books(c.books...)
			w.told(c.told...)
		})
	}
}

func TestDecisionsByHandNeedARightState(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("ok/1", approvedCard))
	w.must(rail.Declined, charge("no/1", "4000000000012015"))
	w.must(rail.Challenged, charge("otp/1", "4000000000011108"))
	slow := w.send(t.Context(), charge("slow/1", "4000000000020059"))
	slow.waits()
	for _, ref := range []string{"ok/1", "no/1", "otp/1", "slow/1"} {
		if _, err := w.Authenticate(t.Context(), ref, Approve); !errors.Is(err, ErrWrongState) {
			t.Errorf("Authenticate(%s): %v", ref, err)
		}
	}
	for _, ref := range []string{"ok/1", "no/1"} {
		if _, err := w.Resolve(t.Context(), ref, Succeed, ""); !errors.Is(err, ErrWrongState) {
			t.Errorf("Resolve(%s): %v", ref, err)
		}
	}
	if _, err := w.Resolve(t.Context(), "nobody/1", Succeed, ""); !errors.Is(err, ErrUnknown) {
		t.Errorf("Resolve of an unknown: %v", err)
	}
	if _, err := w.Authenticate(t.Context(), "nobody/1", Approve); !errors.Is(err, ErrUnknown) {
		t.Errorf("Authenticate of an unknown: %v", err)
	}
	w.told()
	if r, err := slow.after(5 * time.Second); err != nil || r.State != rail.Approved {
		t.Errorf("the caller on the line was told %+v, %v", r, err)
	}
	w.books("ok/1 in execution 100", "slow/1 in execution 100")
}

func TestResolveEndsWhatWaitsOrIsInDoubt(t *testing.T) {
	execution, reversal := "p/1 in execution 100", "p/1 out reversal 100"
	cases := []struct {
		says, number string
		ending       Ending
		books        []string
		told         string
	}{
		{"a challenge succeeds", "4000000000011108", Succeed, []string{execution}, "p/1 approved"},
		{"a challenge fails", "4000000000011108", Fail, nil, "p/1 declined lost_card"},
		{"an accepted one succeeds", "4000000000013047", Succeed, []string{execution}, "p/1 approved"},
		{"an accepted one fails", "4000000000013039", Fail, nil, "p/1 declined lost_card"},
		{"a silent execution succeeds", "4000000000013070", Succeed, []string{execution}, "p/1 approved"},
		{"a silent execution fails and is reversed", "4000000000013070", Fail, []string{execution, reversal}, "p/1 declined lost_card"},
		{"one that was lost before succeeds", "4000000000013021", Succeed, []string{execution}, "p/1 approved"},
		{"one that was lost before fails", "4000000000013021", Fail, nil, "p/1 declined lost_card"},
		{"one sent to an unreachable bank succeeds", "4000000000013096", Succeed, []string{execution}, "p/1 approved"},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			w := newTown(t)
			_, _ = w.do(charge("p/1", c.number)) // an error for those in doubt
			if _, err := w.Resolve(t.Context(), "p/1", c.ending, "lost_card"); err != nil {
				t.Fatal(err)
			}
			want := rail.Approved
			if c.ending == Fail {
				want = rail.Declined
			}
			w.status("p/1", want)
			w.must(want, charge("p/1", c.number))
			w.pass(time.Hour)
			w.told(c.told)
			w.books(c.books...)
			if _, err := w.Resolve(t.Context(), "p/1", c.ending, ""); !errors.Is(err, ErrWrongState) {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestResolveAnswersTheCallerOnTheLine(t *testing.T) {
	w := newTown(t)
	c := w.send(t.Context(), charge("p/1", "4000000000020406"))
	c.waits()
	if _, err := w.Resolve(t.Context(), "p/1", Fail, ""); err != nil {
		t.Fatal(err)
	}
	if r, err := c.answer(); err != nil || r.State != rail.Declined || r.Failure != "card_declined" {
		t.Errorf("answered %+v, %v", r, err)
	}
	w.pass(time.Minute)
	w.books()
}

func TestResolveOfAnAnswerInDoubt(t *testing.T) {
	w := newTown(t)
	w.character("silent")
	auth := refFor(t, "silent", func(m Manner) bool { return m.ReplyLost })
	if _, err := w.send(t.Context(), charge("p/1", "4000000000011108")).after(3 * time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := w.do(proof(auth, "p/1", rail.Proof{OTP: rightOTP})); !errors.Is(err, ErrNoReply) {
		t.Fatalf("Execute: %v", err)
	}
	w.unanswered("p/1", ErrNoReply)
	if _, err := w.Resolve(t.Context(), "p/1", Fail, ""); err != nil {
		t.Fatal(err)
	}
	w.status("p/1", rail.Declined)
	w.status(auth, rail.Declined)
	w.told(auth + " declined card_declined")
	w.books(auth+" in execution 100", auth+" out reversal 100")
}

func TestResolveOfRefunds(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", "4000000000014029"))
	w.must(rail.Accepted, on(rail.Refund, "r/1", "p/1", 100))
	if _, err := w.Resolve(t.Context(), "r/1", Fail, "account_closed"); err != nil {
		t.Fatal(err)
	}
	w.must(rail.Accepted, on(rail.Refund, "r/2", "p/1", 100))
	if _, err := w.Resolve(t.Context(), "r/2", Succeed, ""); err != nil {
		t.Fatal(err)
	}
	w.pass(2 * time.Hour)
	w.told("r/1 declined account_closed", "r/2 approved")
	w.books("p/1 in execution 100", "r/2 out refund 100")
}

func TestARefundInDoubtThatFailsComesBack(t *testing.T) {
	w := newTown(t)
	w.must(rail.Approved, charge("p/1", approvedCard))
	w.character("silent")
	ref := refFor(t, "silent", func(m Manner) bool { return m.ReplyLost })
	if _, err := w.do(on(rail.Refund, ref, "p/1", 100)); !errors.Is(err, ErrNoReply) {
		t.Fatalf("Execute: %v", err)
	}
	if _, err := w.Resolve(t.Context(), ref, Fail, ""); err != nil {
		t.Fatal(err)
	}
	w.books("p/1 in execution 100", ref+" out refund 100", ref+" in reversal 100")
	w.character(instant)
	w.must(rail.Approved, on(rail.Refund, "r/2", "p/1", 100)) // the money is there again
}
