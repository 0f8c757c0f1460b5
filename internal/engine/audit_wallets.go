package engine

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

func (a *audit) readMoves(v store.View) error {
	return walk(v.WalletTransactionsAfter, func(t wallet.Transaction) string { return t.ID }, func(t wallet.Transaction) { a.moves = append(a.moves, t) })
}

// checkMoves compares the wallet transactions with their entries: each has one, over
// its amount, and no entry stands for none.
func (a *audit) checkMoves() {
	known := map[string]bool{}
	for _, t := range a.moves {
		known[t.ID] = true
		i := intent{id: t.ID, reference: t.Reference, kind: "wallet transaction", amount: t.Amount}
		switch n, posted := a.booked(t.ID, t.Kind()); {
		case n == 0:
			a.find(wire.Lost, fmt.Sprintf("%s %s is not in the ledger", i.kind, t.ID), i, 0, 0)
		case n > 1:
			a.find(wire.Doubled, fmt.Sprintf("%d postings for %s %s", n, i.kind, t.ID), i, posted, 0)
		case posted != t.Amount.Minor:
			a.find(wire.Unbalanced, fmt.Sprintf("%s %s moved %d in the ledger", i.kind, t.ID, posted), i, posted, 0)
		}
	}
	for object, entries := range a.entries {
		for _, e := range entries {
			if (e.Kind == wallet.Transaction{Type: wallet.Credit}.Kind() || e.Kind == wallet.Transaction{Type: wallet.Debit}.Kind()) && !known[object] {
				a.wrong(fmt.Sprintf("entry %s (%s) stands for no wallet transaction", e.ID, e.Kind))
			}
		}
	}
}
