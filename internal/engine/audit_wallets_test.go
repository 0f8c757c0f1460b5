package engine_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

func TestTheAuditComparesWalletTransactionsWithTheLedger(t *testing.T) {
	for claim, c := range map[string]struct {
		entries int   // of the transaction
		moved   int64 // by each
		written bool  // the transaction itself
		finding string
	}{
		"one entry over its amount is right":        {1, 100, true, ""},
		"none is lost":                              {0, 0, true, wire.Lost},
		"two are doubled":                           {2, 100, true, wire.Doubled},
		"another amount is unbalanced":              {1, 99, true, wire.Unbalanced},
		"an entry without a transaction is as well": {1, 100, false, wire.Unbalanced},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			e := nodetest.Start(t)
			m := wallet.Transaction{ID: e.Engine.IDs.New(), Business: "b", Wallet: "w", Type: wallet.Credit, Amount: money.Of(100, money.NGN),
				CreatedAt: e.Engine.Clock.Now()}
			nodetest.Must(t, e.Engine.Store.Write(t.Context(), func(tx store.Tx) error {
				for range c.entries {
					entry := ledger.Entry{ID: e.Engine.IDs.New(), Business: "b", At: m.CreatedAt, Kind: m.Kind(), Object: m.ID,
						Postings: ledger.Move(ledger.Outside, ledger.Fees, money.Of(c.moved, money.NGN))}
					if err := tx.Post(entry); err != nil {
						return err
					}
				}
				if !c.written {
					return nil
				}
				return tx.InsertWalletTransaction(m)
			}))
			report, err := e.Engine.Audit(t.Context(), engine.AuditRequest{Books: e.Bank})
			nodetest.Must(t, err)
			kinds := []string{}
			for _, f := range report.Findings {
				kinds = append(kinds, f.Kind)
			}
			switch {
			case c.finding == "" && report.Clean:
			case c.finding != "" && len(kinds) == 1 && kinds[0] == c.finding:
			default:
				t.Errorf("found %v, want %q", kinds, c.finding)
			}
		})
	}
}
