package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

// AccountBalance is what an account holds in one currency.
type AccountBalance struct {
	Account ledger.Account
	Balance money.Amount
}

// ExportLine is one posting of the ledger with its entry.
type ExportLine struct {
	Entry     store.SealedEntry // without its postings
	Reference string            // of the object, "" for none
	Posting   ledger.Posting
	Balance   int64 // of the account after the posting, minor units
}

// Export hands out what receives it: the opening balances, every posting, the closing
// balances.
type Export struct {
	Period   store.Span
	Opening  func([]AccountBalance) error
	Line     func(ExportLine) error
	Closing  func([]AccountBalance) error
	Progress func(done, all int64) // postings; called once per page
}

// ExportLedger reads the whole ledger as of one commit, twice: the first time for the
// opening balances. Accounts appear with every currency they were ever posted in. It
// fails if the lines do not lead from the opening to the closing balances.
func (e *Engine) ExportLedger(ctx context.Context, x Export) error {
	return e.Store.Snapshot(ctx, func(v store.View) error {
		opening, closing, all, err := bothBalances(v, x.Period)
		if err != nil {
			return fmt.Errorf("sum the ledger: %w", err)
		}
		if err := x.Opening(inOrder(opening)); err != nil {
			return err
		}
		if err := exportLines(ctx, v, x, opening, all); err != nil {
			return err
		}
		for k, n := range closing {
			if opening[k] != n {
				return fmt.Errorf("the lines of %s end at %s, its postings sum to %s", k.account, money.Of(opening[k], k.currency), money.Of(n, k.currency))
			}
		}
		return x.Closing(inOrder(closing))
	})
}

// bothBalances sums every account up to the beginning and to the end of a period.
func bothBalances(v store.View, period store.Span) (opening, closing map[accountCurrency]int64, all int64, err error) {
	opening, closing = map[accountCurrency]int64{}, map[accountCurrency]int64{}
	err = walk(v.EntriesAfter, func(e store.SealedEntry) string { return e.ID }, func(e store.SealedEntry) {
		for _, p := range e.Postings {
			all++
			k := accountCurrency{p.Account, p.Currency}
			if !e.At.Before(period.To) {
				continue
			}
			before := int64(0) // an account that begins within the period opens at zero
			if e.At.Before(period.From) {
				before = p.Amount
			}
			opening[k] += before
			closing[k] += p.Amount
		}
	})
	return opening, closing, all, err
}

// exportLines hands out the postings of the period; running holds the balances before
// and, in the end, after them.
func exportLines(ctx context.Context, v store.View, x Export, running map[accountCurrency]int64, all int64) error {
	done, after := int64(0), ""
	for {
		page, err := v.EntriesAfter(after, auditPage)
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		for _, entry := range page {
			done += int64(len(entry.Postings))
			if entry.At.Before(x.Period.From) || !entry.At.Before(x.Period.To) {
				continue
			}
			if err := exportEntry(v, x, entry, running); err != nil {
				return err
			}
		}
		x.Progress(done, all)
		if len(page) < auditPage || ctx.Err() != nil {
			return ctx.Err()
		}
		after = page[len(page)-1].ID
	}
}

func exportEntry(v store.View, x Export, entry store.SealedEntry, running map[accountCurrency]int64) error {
	reference, err := v.ReferenceOf(entry.Object)
	if err != nil {
		return err
	}
	postings := entry.Postings
	entry.Postings = nil
	for _, p := range postings {
		k := accountCurrency{p.Account, p.Currency}
		running[k] += p.Amount
		if err := x.Line(ExportLine{Entry: entry, Reference: reference, Posting: p, Balance: running[k]}); err != nil {
			return err
		}
	}
	return nil
}

func inOrder(balances map[accountCurrency]int64) []AccountBalance {
	out := make([]AccountBalance, 0, len(balances))
	for k, n := range balances {
		out = append(out, AccountBalance{Account: k.account, Balance: money.Of(n, k.currency)})
	}
	slices.SortFunc(out, func(a, b AccountBalance) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Balance.Currency, b.Balance.Currency))
	})
	return out
}
