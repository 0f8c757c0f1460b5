package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func payoutClaims() []claim {
	return []claim{
		{"a payout reads back as it was written", payoutReadsBack},
		{"saving a payout changes what may change and counts its version", payoutSaved},
		{"saving a payout at a stale version is a conflict and changes nothing", payoutStale},
		{"the same payout reference twice is a conflict", payoutReferenceTaken},
		{"pages of payouts hold each once, in either direction", payoutPages},
		{"pages of payouts in some states hold those alone", payoutStatePages},
		{"a payout alike is the newest to the same beneficiary that has not failed", payoutAlike},
		{"the audit's walk meets every payout once", payoutsWalked},
		{"a day's sum takes what fits into its limit, however many ask at once", dailySums},
	}
}

// fullPayout has a value in every field.
func fullPayout(n int) *payment.Payout {
	return &payment.Payout{
		ID: number(n), Business: ada, Reference: fmt.Sprint("po_", n), Amount: money.Of(150000, money.NGN), Fee: 2500, FeePayer: payment.FeeOnRecipient,
		Source: money.Of(20000, money.CAD), Rail: payment.RailNuban, Wallet: "w-1", State: payment.PayoutProcessing, Provider: "nuban-1",
		Failure: &payment.Failure{Code: "account_closed", Reason: "07"}, Steps: 1, Version: 3, CreatedAt: at(0), UpdatedAt: at(time.Minute),
		Fixed: payment.PayoutFixed{Description: "Refund “77”", Metadata: json.RawMessage(`{"a":1}`), Rate: "1030.00", Origin: "w-2",
			Beneficiary: payment.Payee{ID: "b-1", Type: "bank_account", AccountName: "ADA OBI", AccountNumber: "0690000031", BankCode: "999001",
				BankName: "Steady Bank", Chain: "ETH", Address: "0x1", Email: "ada@example.com", FirstName: "Ada", LastName: "Obi"}},
	}
}

func payoutByID(id string) func(store.View) (*payment.Payout, error) {
	return func(v store.View) (*payment.Payout, error) { return v.Payout(id) }
}

func (s *suite) addPayouts(all ...*payment.Payout) {
	s.Helper()
	for _, p := range all {
		s.write(func(tx store.Tx) error { return tx.InsertPayout(p) })
	}
}

func payoutReadsBack(s *suite) {
	full, bare := fullPayout(1), fullPayout(2)
	bare.Failure, bare.Provider, bare.Fixed = nil, "", payment.PayoutFixed{Beneficiary: payment.Payee{ID: "b-2", Type: "interac"}}
	s.addPayouts(full, bare)
	for _, p := range []*payment.Payout{full, bare} {
		same(s, "the payout", get(s, payoutByID(p.ID)), p)
	}
	byReference := func(business string) func(store.View) (*payment.Payout, error) {
		return func(v store.View) (*payment.Payout, error) { return v.PayoutByReference(business, full.Reference) }
	}
	same(s, "the payout by its reference", get(s, byReference(ada)), full)
	s.missing(try(s, byReference(bola)))
	s.missing(try(s, payoutByID(number(9))))
}

func payoutSaved(s *suite) {
	s.addPayouts(fullPayout(1))
	want := fullPayout(1)
	want.State, want.Failure, want.Provider, want.Steps, want.UpdatedAt = payment.PayoutSucceeded, nil, "nuban-2", 2, at(time.Hour)
	changed := *want
	changed.Amount.Minor, changed.Reference, changed.Fee, changed.Wallet = 1, "another", 1, "another"
	s.write(func(tx store.Tx) error { return tx.SavePayout(&changed) })
	want.Version++
	same(s, "the payout", get(s, payoutByID(number(1))), want)
}

func payoutStale(s *suite) {
	s.addPayouts(fullPayout(1))
	errs := atOnce(20, func(int) error {
		p := fullPayout(1)
		p.State = payment.PayoutFailed
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SavePayout(p) })
	})
	same(s, "how many saved the same version", s.wins(errs, "save_payout"), 1)
	same(s, "the version", get(s, payoutByID(number(1))).Version, 4)
}

func payoutReferenceTaken(s *suite) {
	s.addPayouts(fullPayout(1))
	twin := fullPayout(2)
	twin.Reference = fullPayout(1).Reference
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertPayout(twin) }), "insert_payout")
	s.missing(try(s, payoutByID(twin.ID)))
	twin.Business = bola
	s.addPayouts(twin)
}

// payoutCrowd is payouts of which four at a time were made in one microsecond, in all
// states by turns.
func (s *suite) payoutCrowd() (all []*payment.Payout) {
	s.Helper()
	for n := range 13 {
		p := fullPayout(n)
		p.CreatedAt, p.State = at(time.Duration(n/4)*time.Microsecond), payment.PayoutStates[n%len(payment.PayoutStates)]
		s.addPayouts(p)
		all = append(all, p)
	}
	other := fullPayout(50)
	other.Business = bola
	s.addPayouts(other)
	return all
}

func (s *suite) payoutPages(span store.Span, states []payment.PayoutState, want []string) {
	s.Helper()
	place := func(p *payment.Payout) store.Position { return store.Position{At: p.CreatedAt, ID: p.ID} }
	up := func(v store.View, pos store.Position) ([]*payment.Payout, error) {
		return v.PayoutsNewer(ada, pos, span, states, 4)
	}
	down := func(v store.View, pos store.Position) ([]*payment.Payout, error) {
		return v.PayoutsOlder(ada, pos, span, states, 4)
	}
	same(s, "towards newer", pages(s, oldest, up, place), want)
	want = slices.Clone(want)
	slices.Reverse(want)
	same(s, "towards older", pages(s, newest, down, place), want)
}

func payoutPages(s *suite) {
	want, later := []string{}, []string{}
	for n, p := range s.payoutCrowd() {
		want = append(want, p.ID)
		if n >= 4 && n < 8 {
			later = append(later, p.ID)
		}
	}
	s.payoutPages(ever, nil, want)
	s.payoutPages(store.Span{From: at(time.Microsecond), To: at(2 * time.Microsecond)}, nil, later)
}

func payoutStatePages(s *suite) {
	states := []payment.PayoutState{payment.PayoutProcessing, payment.PayoutInDoubt}
	want, one := []string{}, []string{}
	for _, p := range s.payoutCrowd() {
		if slices.Contains(states, p.State) {
			want = append(want, p.ID)
		}
		if p.State == payment.PayoutReversed {
			one = append(one, p.ID)
		}
	}
	s.payoutPages(ever, states, want)
	s.payoutPages(ever, []payment.PayoutState{payment.PayoutReversed}, one)
}

func payoutAlike(s *suite) {
	for n, state := range []payment.PayoutState{payment.PayoutSucceeded, payment.PayoutPending, payment.PayoutFailed, payment.PayoutReversed} {
		p := fullPayout(n)
		p.State, p.CreatedAt = state, at(time.Duration(n)*time.Second)
		s.addPayouts(p)
	}
	alike := func(business, to string, amount money.Amount, after time.Duration) func(store.View) (*payment.Payout, error) {
		return func(v store.View) (*payment.Payout, error) { return v.PayoutAlike(business, to, amount, at(after)) }
	}
	full := fullPayout(1)
	same(s, "the one alike", get(s, alike(ada, "b-1", full.Amount, -time.Second)).ID, full.ID)
	s.missing(try(s, alike(bola, "b-1", full.Amount, -time.Second)))
	s.missing(try(s, alike(ada, "b-2", full.Amount, -time.Second)))
	s.missing(try(s, alike(ada, "b-1", money.Of(1, money.NGN), -time.Second)))
	s.missing(try(s, alike(ada, "b-1", money.Of(full.Amount.Minor, money.USD), -time.Second)))
	s.missing(try(s, alike(ada, "b-1", full.Amount, time.Second)))
}

func payoutsWalked(s *suite) {
	want := []string{}
	for n := range 5 {
		s.addPayouts(fullPayout(n))
		want = append(want, number(n))
	}
	got := walk(s, func(v store.View, after string) (ids []string, err error) {
		rows, err := v.PayoutsAfter(after, 3)
		for _, p := range rows {
			ids = append(ids, p.ID)
		}
		return ids, err
	})
	same(s, "ids", got, want)
}

func dailySums(s *suite) {
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	spend := func(business string, when time.Time) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SpendDaily(business, "crypto", when, 30, 100) })
	}
	spent := func(business string, when time.Time) int64 {
		return get(s, func(v store.View) (int64, error) { return v.SpentDaily(business, "crypto", when) })
	}
	same(s, "what was spent before anything was", spent(ada, at(0)), 0)
	same(s, "how many fit", s.wins(atOnce(20, func(int) error { return spend(ada, at(0)) }), "spend_daily"), 3)
	same(s, "the sum", spent(ada, at(time.Hour)), 90)
	s.write(func(tx store.Tx) error { return tx.UnspendDaily(ada, "crypto", at(time.Hour), 30) })
	same(s, "the sum after one was given back", spent(ada, at(0)), 60)
	same(s, "another business", spent(bola, at(0)), 0)
	same(s, "the last microsecond of the day", spent(ada, midnight.Add(-time.Microsecond)), 60)
	same(s, "the next day", spent(ada, midnight), 0)
	if err := spend(ada, midnight); err != nil {
		s.Errorf("the next day: %v", err)
	}
}
