package scripted

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// line is a rail of the town's bank, used as the server uses one.
type line struct {
	*town
	Lane
}

func newLine(t *testing.T, name string) *line {
	w := newTown(t)
	quick := instant
	if _, err := w.SetRail(t.Context(), name, Patch{Personality: &quick}); err != nil {
		t.Fatal(err)
	}
	return &line{w, w.Lane(name)}
}

func payTo(ref, account string) rail.Instruction {
	return rail.Instruction{Ref: ref, Kind: rail.Payout, Amount: 100, Currency: "NGN", Payee: &rail.Payee{Account: account, BankCode: "999001", Name: "ADA OBI"}}
}

// pay sends a payout and gives what it was answered.
func (l *line) pay(in rail.Instruction) (rail.Result, error) {
	l.Helper()
	c := &call{town: l.town, ended: make(chan struct{})}
	l.active.Enter()
	go func() {
		defer close(c.ended)
		defer l.active.Leave()
		c.result, c.err = l.Lane.Execute(l.Context(), in)
	}()
	return c.answer()
}

// is insists on what a status query tells.
func (l *line) is(ref string, want rail.State, failure string) {
	l.Helper()
	r, err := l.Lane.Status(l.Context(), ref)
	if err != nil || r.State != want || r.Failure != failure {
		l.Fatalf("Status(%s) = %+v, %v, want %s %s", ref, r, err, want, failure)
	}
}

// holds insists on the entries of a reference, one "direction kind amount" each.
func (l *line) holds(ref string, want ...string) {
	l.Helper()
	entries, err := l.Statement(l.Context(), rail.Filter{Ref: ref})
	if err != nil {
		l.Fatal(err)
	}
	got := []string{}
	for _, e := range entries {
		got = append(got, fmt.Sprint(e.Direction, " ", e.Kind, " ", e.Amount))
	}
	if fmt.Sprint(got) != fmt.Sprint(append([]string{}, want...)) {
		l.Fatalf("the books of %s hold %v, want %v", ref, got, want)
	}
}

const sent, back = "out execution 100", "in reversal 100"

func TestAPayoutLeavesOnce(t *testing.T) {
	l := newLine(t, railNuban)
	first, err := l.pay(payTo("o/1", "0690000031"))
	if err != nil || first.State != rail.Approved || first.Provider == "" {
		t.Fatalf("the payout was answered %+v, %v", first, err)
	}
	if again, err := l.pay(payTo("o/1", "0690000031")); err != nil || again != first {
		t.Errorf("repeated: %+v, %v, first %+v", again, err, first)
	}
	for _, other := range []rail.Instruction{payTo("o/1", "0690000032"), {Ref: "o/1", Kind: rail.Payout, Amount: 101, Currency: "NGN", Payee: payTo("", "0690000031").Payee}} {
		if r, err := l.pay(other); !errors.Is(err, ErrOtherFields) {
			t.Errorf("the same reference with other fields: %+v, %v", r, err)
		}
	}
	if _, err := l.pay(rail.Instruction{Ref: "o/2", Kind: rail.Payout, Amount: 100, Currency: "NGN"}); !errors.Is(err, ErrMalformed) {
		t.Errorf("a payout to nobody: %v", err)
	}
	l.holds("o/1", sent)
	entries, err := l.Statement(t.Context(), rail.Filter{Rail: railNuban})
	if err != nil || len(entries) != 1 || entries[0].BankCode != "999001" || entries[0].Counterparty != "0690000031" || entries[0].BalanceAfter != -100 {
		t.Errorf("the statement of the rail is %+v, %v", entries, err)
	}
}

func TestEndingsDecideThePayout(t *testing.T) {
	type after struct {
		time    time.Duration
		state   rail.State // "": the query gets no answer
		failure string
		books   []string
	}
	refused := func(failure string) []after { return []after{{0, rail.Declined, failure, nil}} }
	for _, c := range []struct {
		rail, account string
		answer        rail.State // "": there is none
		then          []after
	}{
		{railNuban, "0690009111", rail.Declined, refused(problem.FailureAccountNotFound)},
		{railNuban, "0690009112", rail.Declined, refused(problem.FailureAccountClosed)},
		{railNuban, "0690009113", rail.Declined, refused(problem.FailureAccountNameMismatch)},
		{railNuban, "0690009114", rail.Declined, refused(problem.FailureBeneficiaryBankUnavailable)},
		{railNuban, "0690009115", rail.Declined, refused(problem.FailureBeneficiaryRejected)},
		{railNuban, "0690009116", rail.Declined, refused(problem.FailureAccountRestricted)},
		{railNuban, "0690009117", rail.Declined, refused(problem.FailureReceivingLimitExceeded)},
		{railNuban, "0690009118", rail.Declined, refused(problem.FailureRailRejected)},
		{railCrypto, "TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eG9118", rail.Declined, refused(problem.FailureAddressRejected)},
		{railInterac, "ada9112@example.com", rail.Declined, refused(problem.FailureAccountClosed)},
		{railInterac, "ada@example9112", rail.Approved, []after{{0, rail.Approved, "", []string{sent}}}},
		{railNuban, "0690009121", rail.Accepted, []after{{29 * time.Second, rail.Accepted, "", nil}, {time.Second, rail.Approved, "", []string{sent}}}},
		{railNuban, "0690009122", rail.Accepted, []after{{30 * time.Second, rail.Declined, problem.FailureBeneficiaryRejected, nil}}},
		{railACH, "000119123", rail.Accepted, []after{{59 * time.Minute, rail.Accepted, "", nil}, {time.Minute, rail.Approved, "", []string{sent}}}},
		{railNuban, "0690009131", "", []after{{4 * time.Second, "", "", []string{sent}}, {time.Second, rail.Approved, "", []string{sent}}}},
		{railNuban, "0690009132", "", []after{{time.Hour, rail.NotFound, "", nil}}},
		{railNuban, "0690009133", "", []after{{59 * time.Second, rail.NotFound, "", []string{sent}}, {time.Second, rail.Approved, "", []string{sent}}}},
		{railNuban, "0690009134", rail.Approved, []after{{time.Hour, rail.Approved, "", []string{sent}}}},
		{railNuban, "0690009135", "", []after{{1000 * time.Hour, "", "", []string{sent}}}},
		{railNuban, "0690009141", rail.Approved, []after{{59 * time.Second, rail.Approved, "", []string{sent}}, {time.Second, rail.Reversed, problem.FailureReversedByBank, []string{sent, back}}}},
		{railNuban, "0690009142", rail.Declined, []after{{0, rail.Declined, problem.FailureBeneficiaryRejected, nil}, {time.Minute, rail.Approved, "", []string{sent}}}},
	} {
		t.Run(c.rail+" "+c.account, func(t *testing.T) {
			l := newLine(t, c.rail)
			r, err := l.pay(payTo("o/1", c.account))
			if r.State != c.answer || (c.answer == "") != (err != nil) {
				t.Fatalf("answered %+v, %v, want %s", r, err, c.answer)
			}
			for _, a := range c.then {
				l.pass(a.time)
				if a.state == "" {
					if r, err := l.Lane.Status(t.Context(), "o/1"); !errors.Is(err, ErrNoReply) {
						t.Fatalf("after %s: Status = %+v, %v, want no reply", a.time, r, err)
					}
				} else {
					l.is("o/1", a.state, a.failure)
				}
				l.holds("o/1", a.books...)
			}
		})
	}
}

func TestCallbacksOfPayouts(t *testing.T) {
	for _, c := range []struct {
		account string
		told    []string
	}{
		{"0690000031", nil},
		{"0690009121", []string{"o/1 approved"}},
		{"0690009141", []string{"o/1 reversed reversed_by_bank"}},
		{"0690009142", []string{"o/1 approved"}},
		{"0690009151", []string{"o/1 approved", "o/1 approved"}},
		{"0690009152", []string{"o/1 approved"}},
		{"0690009153", nil},
	} {
		t.Run(c.account, func(t *testing.T) {
			l := newLine(t, railNuban)
			if _, err := l.pay(payTo("o/1", c.account)); err != nil {
				t.Fatal(err)
			}
			l.pass(2 * time.Minute)
			l.told(c.told...)
			l.holds("o/1", map[bool][]string{true: {sent, back}, false: {sent}}[c.account == "0690009141"]...)
		})
	}
}

func TestAPayoutThatWasLostArrivesTheSecondTime(t *testing.T) {
	l := newLine(t, railNuban)
	if _, err := l.pay(payTo("o/1", "0690009132")); !errors.Is(err, ErrNoReply) {
		t.Fatalf("the first sending: %v", err)
	}
	if r, err := l.pay(payTo("o/1", "0690009132")); err != nil || r.State != rail.Approved {
		t.Fatalf("the second sending: %+v, %v", r, err)
	}
	l.holds("o/1", sent)
}

func TestPayoutsByHand(t *testing.T) {
	l := newLine(t, railNuban)
	resolve := func(ref string, e Ending, code string, want error) {
		t.Helper()
		if _, err := l.Resolve(t.Context(), ref, e, code); !errors.Is(err, want) {
			t.Errorf("resolve %s as %s: %v, want %v", ref, e, err, want)
		}
	}
	for ref, account := range map[string]string{"ok/1": "0690000031", "no/1": "0690009112", "quiet/1": "0690009135", "hushed/1": "0690009135"} {
		_, _ = l.pay(payTo(ref, account))
	}
	resolve("no/1", Reverse, "", ErrWrongState)
	resolve("ok/1", Succeed, "", ErrWrongState)
	resolve("quiet/1", Succeed, "", nil)
	l.is("quiet/1", rail.Approved, "")
	resolve("hushed/1", Fail, "", nil)
	l.is("hushed/1", rail.Declined, problem.FailureBeneficiaryRejected)
	l.holds("hushed/1", sent, back)
	resolve("ok/1", Reverse, problem.FailureAccountClosed, nil)
	l.is("ok/1", rail.Reversed, problem.FailureAccountClosed)
	l.holds("ok/1", sent, back)
	resolve("ok/1", Reverse, "", ErrWrongState)
}

func TestARecalledPayoutComesBack(t *testing.T) {
	l := newLine(t, railNuban)
	_, err := l.pay(payTo("o/1", "0690009142"))
	if err != nil {
		t.Fatal(err)
	}
	recall := rail.Instruction{Ref: "o/return-1", Kind: rail.Return, Target: "o/1", Amount: 100, Currency: "NGN"}
	if r, err := l.pay(recall); err != nil || r.State != rail.Declined {
		t.Errorf("recalled before it was sent: %+v, %v", r, err)
	}
	l.pass(time.Minute)
	recall.Ref = "o/return-2"
	if r, err := l.pay(recall); err != nil || r.State != rail.Approved {
		t.Errorf("recalled: %+v, %v", r, err)
	}
	l.holds("o/1", sent)
	l.holds("o/return-2", back)
}

func TestTheReceivingBankHasItsOwnCharacter(t *testing.T) {
	w := newTown(t)
	l := &line{w, w.Lane(railNuban)}
	slow, instantly := Setting{Rail: railNuban, Personality: "slow"}, Setting{Rail: railNuban, Personality: instant}
	for code, want := range map[string]string{"999008": "doubtful", "999010": "forgetful", "999001": "slow", "044": "slow", "": "slow"} {
		if got := w.characterOf(slow, code).Name; got != want {
			t.Errorf("bank %q on a slow rail is %s, want %s", code, got, want)
		}
	}
	if got := w.characterOf(Setting{Rail: railWire, Personality: instant}, "999008").Name; got != instant {
		t.Errorf("a bank on wire is %s, want the rail's", got)
	}
	if got := w.characterOf(instantly, "999007"); got.Name != "fickle" || got.Reversed == 0 {
		t.Errorf("the fickle bank is %+v", got)
	}
	w.clock.Set(time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC))
	night := payTo("o/1", "0690000031")
	night.Payee.BankCode = "999006"
	if _, err := l.pay(night); !errors.Is(err, rail.ErrUnreachable) {
		t.Errorf("the night bank at night: %v, want unreachable", err)
	}
	if r, err := l.pay(payTo("o/2", "0690000031")); err != nil || r.State != rail.Approved {
		t.Errorf("another bank at night: %+v, %v", r, err)
	}
	w.clock.Set(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC))
	if r, err := l.pay(night); err != nil || r.State != rail.Approved {
		t.Errorf("the night bank in the morning: %+v, %v", r, err)
	}
}

func TestAForgetfulBankPaysOutAgain(t *testing.T) {
	l := newLine(t, railNuban) // why the server asks before it sends again
	to := payTo("o/1", "0690000031")
	to.Payee.BankCode = "999010"
	for range 2 {
		if r, err := l.pay(to); err != nil || r.State != rail.Approved {
			t.Fatalf("answered %+v, %v", r, err)
		}
	}
	l.holds("o/1", sent, sent)
	to.Ref, to.Payee.Account = "o/2", "0690009134"
	if r, err := l.pay(to); err != nil || r.State != rail.Approved {
		t.Fatalf("delivered twice: %+v, %v", r, err)
	}
	l.holds("o/2", sent) // endings win over the personality
}

func TestRailsGoDownOneByOne(t *testing.T) {
	w := newTown(t)
	until := w.clock.Now().Add(time.Hour)
	if _, err := w.SetRail(t.Context(), railNuban, Patch{DownUntil: &until}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{railCard: false, railNuban: true, railACH: false} {
		if down, err := w.Lane(name).Down(context.Background()); err != nil || down != want {
			t.Errorf("%s is down: %v, %v, want %v", name, down, err, want)
		}
	}
}
