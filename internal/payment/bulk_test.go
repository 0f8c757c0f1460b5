package payment_test

import (
	"slices"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
)

func TestEveryStateOfABulkTransferIsReachedAndEndsOnce(t *testing.T) {
	from := reached(payment.BulkCreated, payment.NextBulk)
	for _, s := range payment.BulkStates {
		leads := slices.ContainsFunc(payment.Events, func(e payment.Event) bool { _, ok := payment.NextBulk(s, e); return ok })
		if leads == s.Final() || !from[s] {
			t.Errorf("bulk transfer %s: final %v, can change %v, reached %v", s, s.Final(), leads, from[s])
		}
	}
	items := reached(payment.ItemPending, payment.NextItem)
	for _, s := range payment.ItemStates {
		if !items[s] {
			t.Errorf("item %s is never reached", s)
		}
	}
}

// An item that is a payout goes where the payout goes, and by no other way.
func TestAnItemFollowsItsPayout(t *testing.T) {
	for _, s := range payment.PayoutStates {
		for _, e := range payment.Events {
			to, ok := payment.NextPayout(s, e)
			if !ok || payment.ItemOf(s) == payment.ItemOf(to) {
				continue
			}
			if got, ok := payment.NextItem(payment.ItemOf(s), e); !ok || got != payment.ItemOf(to) {
				t.Errorf("payout %s by %s is %s; its item %s becomes %s", s, e, to, payment.ItemOf(s), got)
			}
		}
	}
}

// Whatever way a payout goes, its item is counted once.
func TestATallyCountsEachItemOnce(t *testing.T) {
	for _, way := range [][]payment.PayoutState{
		{payment.PayoutProcessing, payment.PayoutSucceeded}, {payment.PayoutProcessing, payment.PayoutInDoubt, payment.PayoutFailed},
		{payment.PayoutFailed}, {payment.PayoutProcessing, payment.PayoutInDoubt, payment.PayoutSucceeded, payment.PayoutReversed},
	} {
		sum := payment.Tally{Open: 1}
		for _, s := range way {
			d := payment.Counts(s)
			sum = payment.Tally{Succeeded: sum.Succeeded + d.Succeeded, Failed: sum.Failed + d.Failed, Open: sum.Open + d.Open}
		}
		want := payment.Tally{Failed: 1}
		if way[len(way)-1] == payment.PayoutSucceeded {
			want = payment.Tally{Succeeded: 1}
		}
		if sum != want {
			t.Errorf("%v counts %+v, want %+v", way, sum, want)
		}
	}
}

func TestOutcomesOfBulkTransfers(t *testing.T) {
	for _, c := range []struct {
		state payment.BulkState
		tally payment.Tally
		want  problem.Outcome
		over  bool
	}{
		{payment.BulkCreated, payment.Tally{}, problem.NotAttempted, false},
		{payment.BulkExpired, payment.Tally{}, problem.NotAttempted, true},
		{payment.BulkCancelled, payment.Tally{}, problem.NotAttempted, true},
		{payment.BulkExecuting, payment.Tally{Open: 2, Succeeded: 1}, problem.Pending, false},
		{payment.BulkCancelled, payment.Tally{Open: 1, Failed: 1}, problem.Pending, false},
		{payment.BulkCancelled, payment.Tally{Failed: 1}, problem.Refused, true},
		{payment.BulkCompleted, payment.Tally{Failed: 2, Succeeded: 1}, problem.Succeeded, true},
		{payment.BulkCompleted, payment.Tally{Failed: 2}, problem.Refused, true},
	} {
		b := payment.Bulk{State: c.state, Tally: c.tally}
		if got := b.Outcome(); got != c.want || b.Over() != c.over {
			t.Errorf("%s with %+v: got %s, over %v; want %s, %v", c.state, c.tally, got, b.Over(), c.want, c.over)
		}
	}
}

func TestWhatItemsHold(t *testing.T) {
	item := func(wallet string, minor int64, c, source money.Currency, payer payment.FeePayer, rail string) *payment.BulkItem {
		return &payment.BulkItem{Wallet: wallet, Amount: money.Of(minor, c), Source: source, Fee: 100, FeePayer: payer, Rail: rail}
	}
	items := []*payment.BulkItem{
		item("n", 1000, money.NGN, money.NGN, payment.FeeOnSender, payment.RailNuban), item("n", 1000, money.NGN, money.NGN, payment.FeeOnRecipient, payment.RailNuban),
		item("n", 7, money.NGN, money.CAD, payment.FeeOnSender, payment.RailNuban), item("u", 5, money.USDT, money.USDT, payment.FeeOnSender, payment.RailCrypto),
	}
	held := payment.ReleasesOf(items)
	if len(held) != 2 || held["n"] != money.Of(2100, money.NGN) || held["u"] != money.Of(105, money.USDT) {
		t.Errorf("held: %v, want 2100 NGN and 105 USDT", held)
	}
	if daily := payment.DailyOf(items); len(daily) != 1 || daily[payment.RailCrypto] != 5 {
		t.Errorf("of the day: %v, want 5 over crypto", daily)
	}
	var b payment.Bulk
	b.Add(items[:2]...)
	before := b.Totals
	b.Add(items[2:]...)
	if b.Items != 4 || b.Totals[money.NGN] != 2007 || before[money.NGN] != 2000 {
		t.Errorf("counted %d items, %v; want 4, 2007 NGN, and the former sums kept", b.Items, b.Totals)
	}
}
