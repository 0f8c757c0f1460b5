package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// DefaultBusiness is the name of the business that is made when there is none.
const DefaultBusiness = "My business"

// Business gives the first business, and makes it with its wallets if there is
// none. opening is each wallet's opening balance in minor units: 0 in live, the
// sandbox's play money in test.
func (e *Engine) Business(ctx context.Context, opening int64) (store.Business, error) {
	var all []store.Business
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		all, err = v.Businesses()
		return err
	})
	if err != nil || len(all) > 0 {
		return first(all), err
	}
	b, err := e.addBusiness(ctx, DefaultBusiness, opening, func(tx store.Tx, id string) error {
		return tx.ClaimSetting(defaultBusiness, id) // several processes may find none at once
	})
	if store.Lost(err, "claim_setting") {
		all, err = e.Businesses(ctx)
		b = first(all)
	}
	return b, err
}

// defaultBusiness is the setting that names the business which was made by itself.
const defaultBusiness = "default_business"

func first(all []store.Business) store.Business {
	if len(all) == 0 {
		return store.Business{}
	}
	return all[0]
}

// Businesses lists all, oldest first.
func (e *Engine) Businesses(ctx context.Context) (all []store.Business, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		all, err = v.Businesses()
		return err
	})
	return all, err
}

// AddBusiness makes a business with its wallets.
func (e *Engine) AddBusiness(ctx context.Context, name string, opening int64) (store.Business, error) {
	return e.addBusiness(ctx, name, opening, func(store.Tx, string) error { return nil })
}

func (e *Engine) addBusiness(ctx context.Context, name string, opening int64, also func(tx store.Tx, id string) error) (store.Business, error) {
	b := store.Business{ID: e.IDs.New(), SecretID: e.IDs.New(), Name: name, CreatedAt: e.now()}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := errors.Join(also(tx, b.ID), tx.InsertBusiness(b)); err != nil {
			return err
		}
		return e.openWallets(tx, b.ID, opening)
	})
	if err != nil {
		return b, fmt.Errorf("make business %s: %w", name, err)
	}
	return b, nil
}

// SetAddress changes the address of a business that its settings and events show;
// store.ErrNotFound if there is no such business.
func (e *Engine) SetAddress(ctx context.Context, business string, at wire.Address) error {
	return e.Store.Write(ctx, func(tx store.Tx) error { return tx.SaveBusinessAddress(business, string(wire.Marshal(at))) })
}

func (e *Engine) openWallets(tx store.Tx, business string, opening int64) error {
	for _, c := range money.All {
		if err := e.addWallet(tx, business, c); err != nil {
			return err
		}
		if opening == 0 {
			continue
		}
		w, err := tx.WalletOf(business, business, c)
		if err != nil {
			return err
		}
		entry := e.entry(business, "sandbox.opening", w.ID, "", ledger.Move(ledger.Outside, ledger.Wallet(w.ID), money.Of(opening, c)))
		if err := tx.Post(entry); err != nil {
			return err
		}
	}
	return nil
}

// Reset empties the environment but for businesses, encryption keys and what keep
// names (keys, settings, webhook_endpoints, faults). The calling key always stays. Only the sandbox calls it.
func (e *Engine) Reset(ctx context.Context, caller string, keep map[string]bool, opening int64) error {
	all, err := e.Businesses(ctx)
	if err != nil {
		return err
	}
	err = e.change(ctx, func(tx store.Tx) error {
		if err := tx.Clear(); err != nil {
			return err
		}
		if !keep["keys"] {
			if err := tx.ClearAPIKeys(caller); err != nil {
				return err
			}
		}
		if !keep["webhook_endpoints"] {
			if err := tx.ClearEndpoints(); err != nil {
				return err
			}
		}
		if !keep["faults"] {
			if err := errors.Join(tx.ClearWebhookFaults(), tx.ClearRequestFaults()); err != nil {
				return err
			}
		}
		if !keep["settings"] {
			if err := errors.Join(tx.ClearSetting(settingsName), tx.ClearRates()); err != nil {
				return err
			}
		}
		for _, b := range all {
			if err := e.openWallets(tx, b.ID, opening); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	e.names.forget()
	if !keep["settings"] {
		e.rules.set(e.preset)
	}
	e.bump()
	return nil
}
