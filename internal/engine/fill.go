package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// fill puts money into the wallet to whose account it came, and tells of it.
func (e *Engine) fill(_ context.Context, l *landing) error {
	l.d.State, _ = deposit.Next(l.d.State, deposit.Settle)
	l.entries = append(l.entries, e.entry(l.d.Business, entryReceived, l.d.ID, l.d.Reference,
		ledger.Move(ledger.Rail(l.d.Rail), ledger.Wallet(l.wallet.ID), l.d.Amount)))
	l.told = append(l.told, store.Event{ID: e.IDs.Event(), Business: l.d.Business, Event: "deposit.received", Object: l.d.ID,
		Data: string(wire.DepositEventData(l.d)), CreatedAt: e.now()})
	return nil
}
