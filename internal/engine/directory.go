package engine

import (
	"context"
	"fmt"
	"sync"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// directory remembers what never changes about businesses: how events show them, and wallet ids.
type directory struct {
	mu      sync.Mutex
	shops   map[string]wire.Merchant
	wallets map[walletName]string
}

type walletName struct {
	business string
	currency money.Currency
}

func (d *directory) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shops, d.wallets = nil, nil
}

func (d *directory) wallet(n walletName) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, ok := d.wallets[n]
	return id, ok
}

func (d *directory) learnWallet(n walletName, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wallets == nil {
		d.wallets = map[walletName]string{}
	}
	d.wallets[n] = id
}

// walletOf gives the business's wallet in a currency and opens it at zero when it
// is first needed.
func (e *Engine) walletOf(ctx context.Context, business string, c money.Currency) (string, error) {
	name := walletName{business, c}
	if id, ok := e.names.wallet(name); ok {
		return id, nil
	}
	var w wallet.Wallet
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		w, err = v.WalletOf(business, business, c)
		return err
	})
	if store.IsMissing(err) {
		w, err = e.openWallet(ctx, business, c)
	}
	if err != nil {
		return "", fmt.Errorf("wallet of %s in %s: %w", business, c, err)
	}
	e.names.learnWallet(name, w.ID)
	return w.ID, nil
}

func (e *Engine) openWallet(ctx context.Context, business string, c money.Currency) (w wallet.Wallet, err error) {
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.addWallet(tx, business, c); err != nil {
			return err
		}
		w, err = tx.WalletOf(business, business, c)
		return err
	})
	return w, err
}

// addWallet opens a business's wallet and its guarded accounts.
func (e *Engine) addWallet(tx store.Tx, business string, c money.Currency) error {
	now := e.now()
	w := wallet.Wallet{ID: e.IDs.New(), Business: business, Owner: business, AccountID: e.IDs.New(), Currency: c, Status: wallet.Active,
		CreatedAt: now, UpdatedAt: now}
	if err := tx.InsertWallet(w); err != nil {
		return err
	}
	w, err := tx.WalletOf(business, business, c) // another process may have been faster
	if err != nil {
		return err
	}
	return openBalances(tx, w)
}

// openBalances makes a wallet's guarded accounts ready at zero.
func openBalances(tx store.Tx, w wallet.Wallet) error {
	if err := tx.OpenBalance(ledger.Wallet(w.ID), w.Currency); err != nil {
		return err
	}
	return tx.OpenBalance(ledger.Held(w.ID), w.Currency)
}

// merchant gives the business as events show it.
func (e *Engine) merchant(ctx context.Context, business string) (wire.Merchant, error) {
	e.names.mu.Lock()
	known, ok := e.names.shops[business]
	e.names.mu.Unlock()
	if ok {
		return known, nil
	}
	b, err := e.business(ctx, business)
	if err != nil {
		return wire.Merchant{}, err
	}
	m := wire.Merchant{Name: b.Name, Address: wire.Raw(b.Address)}
	e.names.mu.Lock()
	defer e.names.mu.Unlock()
	if e.names.shops == nil {
		e.names.shops = map[string]wire.Merchant{}
	}
	e.names.shops[business] = m
	return m, nil
}

func (e *Engine) business(ctx context.Context, id string) (b store.Business, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		b, err = v.Business(id)
		return err
	})
	return b, err
}
