package engine

import (
	"fmt"
	"maps"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func (a *audit) readDeals(v store.View) error {
	a.deals = map[string]*exchange.Deal{}
	return walk(v.DealsAfter, func(d *exchange.Deal) string { return d.ID }, func(d *exchange.Deal) { a.deals[d.ID] = d })
}

// checkDeals compares what was exchanged with the books: every deal has one entry, that
// moves what the deal says; the deal says what its price makes; and nothing else touches
// the accounts of exchanges, whose balances therefore are what the deals make.
func (a *audit) checkDeals() {
	quotes := map[string]string{}
	for _, d := range a.deals {
		a.checkDeal(d)
		if d.QuoteID != "" && quotes[d.QuoteID] != "" {
			a.find(wire.Doubled, "two exchanges under the quote "+d.QuoteID, dealIntent(d), 0, 0)
		}
		quotes[d.QuoteID] = d.ID
	}
	for object, entries := range a.entries {
		for _, e := range entries {
			d := a.deals[object]
			if touchesFX(e.Entry) && (d == nil || e.Kind != bookingOf(d.Kind)) {
				a.find(wire.Orphaned, fmt.Sprintf("an entry of exchanges (%s) without a deal", e.Kind), intent{id: object}, 0, 0)
			}
		}
	}
}

func dealIntent(d *exchange.Deal) intent {
	return intent{id: d.ID, reference: d.Reference, kind: string(d.Kind), amount: d.Terms.Source}
}

func touchesFX(e ledger.Entry) bool {
	for _, p := range e.Postings {
		if p.Account == ledger.FX || p.Account == ledger.FXRounding {
			return true
		}
	}
	return false
}

func (a *audit) checkDeal(d *exchange.Deal) {
	found := func(kind, detail string) { a.find(kind, string(d.Kind)+" "+d.ID+": "+detail, dealIntent(d), 0, 0) }
	n, _ := a.booked(d.ID, bookingOf(d.Kind))
	switch {
	case d.State != exchange.DealDone && n > 0:
		found(wire.Orphaned, "a posting of a success it did not have")
		return
	case d.State != exchange.DealDone:
		return
	case n == 0:
		found(wire.Lost, "succeeded without a posting")
		return
	case n > 1:
		found(wire.Doubled, fmt.Sprintf("%d postings for one exchange", n))
		return
	}
	if !a.priced(d) {
		found(wire.Unbalanced, fmt.Sprintf("%s for %s is not what the rate %s makes", d.Terms.Source, d.Terms.Target, d.Price.Rate))
	}
	for _, e := range a.entries[d.ID] {
		if e.Kind == bookingOf(d.Kind) && !maps.Equal(exchangeSums(e.Postings), exchangeSums(d.Terms.Postings("given", "got"))) {
			found(wire.Unbalanced, fmt.Sprintf("its entry does not move %s for %s", d.Terms.Source, d.Terms.Target))
		}
	}
}

// priced reports whether a deal's terms follow from its price.
func (a *audit) priced(d *exchange.Deal) bool {
	given, _ := d.Price.Give(d.Terms.Source.Minor)
	taken, _ := d.Price.Take(d.Terms.Target.Minor)
	switch d.Kind {
	case exchange.Swap, exchange.Conversion:
		return d.Terms == given
	case exchange.Payout:
		return d.Terms == taken
	case exchange.Fill:
		return d.Terms == given || d.Terms == taken
	case exchange.PayoutUndone:
		for _, done := range a.deals {
			if done.Kind == exchange.Payout && done.Business == d.Business && done.Reference == d.Reference {
				return d.Terms == done.Terms.Undone()
			}
		}
	}
	return false
}

// exchangeSums adds an entry up by account and currency; all accounts outside of
// exchanges count as one.
func exchangeSums(postings []ledger.Posting) map[accountCurrency]int64 {
	sums := map[accountCurrency]int64{}
	for _, p := range postings {
		account := ledger.Account("other")
		if p.Account == ledger.FX || p.Account == ledger.FXRounding {
			account = p.Account
		}
		sums[accountCurrency{account, money.Currency(p.Currency)}] += p.Amount
	}
	return sums
}
