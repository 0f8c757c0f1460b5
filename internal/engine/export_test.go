package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
)

type accountIn struct {
	account  ledger.Account
	currency money.Currency
}

// aside is an export that keeps what it is handed.
type aside struct {
	opening, moved, closing map[accountIn]int64
	broken                  []engine.ExportLine // lines whose balance does not follow from the one before
}

func (a *aside) take(period store.Span) engine.Export {
	a.opening, a.moved, a.closing = map[accountIn]int64{}, map[accountIn]int64{}, map[accountIn]int64{}
	all := func(into map[accountIn]int64) func([]engine.AccountBalance) error {
		return func(list []engine.AccountBalance) error {
			for _, b := range list {
				into[accountIn{b.Account, b.Balance.Currency}] = b.Balance.Minor
			}
			return nil
		}
	}
	return engine.Export{Period: period, Opening: all(a.opening), Closing: all(a.closing), Progress: func(int64, int64) {},
		Line: func(l engine.ExportLine) error {
			k := accountIn{l.Posting.Account, l.Posting.Currency}
			if a.moved[k] += l.Posting.Amount; a.opening[k]+a.moved[k] != l.Balance {
				a.broken = append(a.broken, l)
			}
			return nil
		}}
}

// Whatever moved, and whatever period is asked for: opening and movements make the
// closing balance of every account and currency, and both are what a sum made beside
// the ledger says.
func TestAnExportAddsUpWhateverMoved(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t)
	start := e.Engine.Clock.Now()
	accounts := []ledger.Account{ledger.Outside, ledger.Fees, ledger.Rail("card"), ledger.Pending("w"), ledger.RailExceptions}
	var written []ledger.Entry
	sumTo := func(k accountIn, end time.Time) (sum int64) {
		for _, entry := range written {
			for _, p := range entry.Postings {
				if entry.At.Before(end) && p.Account == k.account && p.Currency == k.currency {
					sum += p.Amount
				}
			}
		}
		return sum
	}
	moment := rapid.Custom(func(r *rapid.T) time.Time {
		return start.Add(time.Duration(rapid.IntRange(-500, 500).Draw(r, "ms")) * time.Millisecond)
	})
	rapid.Check(t, func(r *rapid.T) {
		for range rapid.IntRange(0, 4).Draw(r, "entries") {
			from, to := rapid.SampledFrom(accounts).Draw(r, "from"), rapid.SampledFrom(accounts).Draw(r, "to")
			amount := money.Of(rapid.Int64Range(1, 1_000_000).Draw(r, "amount"), rapid.SampledFrom(money.All).Draw(r, "currency"))
			entry := ledger.Entry{ID: e.Engine.IDs.New(), Business: "b", At: moment.Draw(r, "at").UTC().Truncate(time.Microsecond), Kind: "test", Object: "o",
				Postings: ledger.Move(from, to, amount)}
			nodetest.Must(t, e.Engine.Store.Write(t.Context(), func(tx store.Tx) error { return tx.Post(entry) }))
			written = append(written, entry)
		}
		period := store.Span{From: moment.Draw(r, "from"), To: moment.Draw(r, "to")}
		var a aside
		nodetest.Must(t, e.Engine.ExportLedger(context.Background(), a.take(period)))
		if len(a.broken) > 0 {
			r.Fatalf("balances that do not follow: %+v", a.broken)
		}
		for k, n := range a.closing {
			if got := a.opening[k] + a.moved[k]; got != n {
				r.Fatalf("%v: %d and %d make %d, the export closes with %d", k, a.opening[k], a.moved[k], got, n)
			}
			if k.account == ledger.Outside || !slices.Contains(accounts, k.account) {
				continue // the environment's own opening balances are not among those written here
			}
			if want := sumTo(k, period.To); n != want && period.From.Before(period.To) {
				r.Fatalf("%v closes with %d, its postings sum to %d", k, n, want)
			}
		}
	})
}

// A checker that has never been red proves nothing: a line less must be noticed.
func TestAnExportThatLosesALineIsNoticed(t *testing.T) {
	t.Parallel()
	e := nodetest.Start(t)
	var a aside
	x := a.take(engine.EverSpan())
	whole, n := x.Line, 0
	x.Line = func(l engine.ExportLine) error {
		if n++; n == 3 {
			return nil
		}
		return whole(l)
	}
	nodetest.Must(t, e.Engine.ExportLedger(t.Context(), x))
	lost := 0
	for k, n := range a.closing {
		if a.opening[k]+a.moved[k] != n {
			lost++
		}
	}
	if lost != 1 {
		t.Errorf("%d accounts do not add up without one line, want 1", lost)
	}
}
