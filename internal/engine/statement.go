package engine

import (
	"context"
	"fmt"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

const statementPage = 1000 // postings read at once

// StatementHead is what a statement says before its lines.
type StatementHead struct {
	Opening, Closing money.Amount
	Lines            int64
}

// StatementHead sums a wallet's period up.
func (e *Engine) StatementHead(ctx context.Context, w wallet.Wallet, period store.Span) (h StatementHead, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		h, err = statementHead(v, w, period)
		return err
	})
	return h, err
}

func statementHead(v store.View, w wallet.Wallet, period store.Span) (StatementHead, error) {
	t, err := v.StatementTotals(ledger.Wallet(w.ID), w.Currency, period)
	return StatementHead{Opening: money.Of(t.Opening, w.Currency), Closing: money.Of(t.Opening+t.Moved, w.Currency), Lines: t.Lines}, err
}

// Statement hands out what a wallet's available money did in a period, as of one
// commit: first begin, then each posting in the order of the ledger with the balance
// after it. It fails, before what it has handed out could be taken for whole, if the
// lines do not lead to the closing balance.
func (e *Engine) Statement(ctx context.Context, w wallet.Wallet, period store.Span, begin func(StatementHead) error,
	each func(wire.StatementLine) error) error {
	return e.Store.Snapshot(ctx, func(v store.View) error {
		h, err := statementHead(v, w, period)
		if err != nil {
			return err
		}
		if err := begin(h); err != nil {
			return err
		}
		balance := h.Opening.Minor
		var last store.StatementLine
		for {
			rows, err := v.StatementLines(ledger.Wallet(w.ID), w.Currency, period, last, statementPage)
			if err != nil {
				return err
			}
			for _, l := range rows {
				balance += l.Amount
				if err := each(statementLine(l, balance)); err != nil {
					return err
				}
			}
			if len(rows) < statementPage {
				break
			}
			last = rows[len(rows)-1]
		}
		if balance != h.Closing.Minor {
			return fmt.Errorf("the statement of wallet %s ends at %s, its postings sum to %s", w.ID, money.Of(balance, w.Currency), h.Closing)
		}
		return nil
	})
}

func statementLine(l store.StatementLine, balance int64) wire.StatementLine {
	return wire.StatementLine{Amount: l.Amount, At: wire.At(l.At), BalanceAfter: balance, EntryID: l.Entry, Kind: l.Kind, ObjectID: l.Object,
		RailReference: wire.OrNull(l.RailRef), Reference: wire.OrNull(l.Reference)}
}
