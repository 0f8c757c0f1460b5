package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutWallet is the kind of object that a wallet is.
const aboutWallet = "wallet"

// walletEventsShown is how many of its last events a wallet shows.
const walletEventsShown = 100

// FindWallet reads a business's wallet by id, a customer's or its own, in any status;
// not_found for any other.
func (e *Engine) FindWallet(ctx context.Context, business, key string) (wallet.Wallet, error) {
	var w wallet.Wallet
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			w, err = v.Wallet(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && w.Business != business {
		return w, missing(aboutWallet, key)
	}
	return w, err
}

// WalletIn is the business's own wallet in a currency, opened at zero if it is not
// there yet. It is always active.
func (e *Engine) WalletIn(ctx context.Context, business string, c money.Currency) (string, error) {
	return e.walletOf(ctx, business, c)
}

// Standing says why a wallet did not take an entry that a Conflict of
// "change_guarded_balance" has undone: wallet_not_active, insufficient_funds, or
// neither any more, which is worth another try.
func (e *Engine) Standing(ctx context.Context, walletID string, needed money.Amount) error {
	var w wallet.Wallet
	var available int64
	err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if w, err = v.Wallet(walletID); err != nil {
			return err
		}
		available, err = v.Balance(ledger.Wallet(w.ID), needed.Currency)
		return err
	})
	switch {
	case err != nil:
		return err
	case !w.Status.Moves():
		return w.Refusal()
	case available < needed.Minor:
		return problem.InsufficientFunds.With(problem.Details{"available": available, "currency": needed.Currency, "required": needed.Minor})
	}
	return &store.Conflict{Query: "save_wallet"}
}

// ShowWallet is a wallet with its money, its events and its account numbers.
func (e *Engine) ShowWallet(ctx context.Context, w wallet.Wallet) (out wire.Wallet, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) error {
		out, err = showWallet(v, w)
		return err
	})
	return out, err
}

func showWallet(v store.View, w wallet.Wallet) (wire.Wallet, error) {
	events, err := v.WalletEvents(w.ID, walletEventsShown)
	if err != nil {
		return wire.Wallet{}, err
	}
	if events == nil {
		events = []wallet.Happening{}
	}
	return listWallet(v, w, events)
}

// listWallet is a wallet without its events, unless some are given.
func listWallet(v store.View, w wallet.Wallet, events []wallet.Happening) (wire.Wallet, error) {
	h, err := holdings(v, w)
	if err != nil {
		return wire.Wallet{}, err
	}
	accounts, err := accountsOf(v, w)
	return wire.WalletView(w, h, events, accounts), err
}

func accountsOf(v store.View, w wallet.Wallet) ([]wallet.Account, error) {
	a, err := v.WalletAccount(w.ID)
	if store.IsMissing(err) {
		return nil, nil
	}
	return []wallet.Account{a}, err
}

func holdings(v store.View, w wallet.Wallet) (h wire.Holdings, err error) {
	if h.Available, err = v.Balance(ledger.Wallet(w.ID), w.Currency); err != nil {
		return h, err
	}
	if h.Held, err = v.Balance(ledger.Held(w.ID), w.Currency); err != nil || !w.OfBusiness() {
		return h, err // only the business's wallets take captures
	}
	h.Pending, err = v.BalanceNow(ledger.Pending(w.ID), w.Currency)
	return h, err
}

// NewWallet asks for a customer's wallet.
type NewWallet struct {
	Currency   money.Currency
	CustomerID string
}

// OpenWallet opens a customer's wallet. It raises not_found,
// customer_not_verified, duplicate_currency_wallet.
func (e *Engine) OpenWallet(ctx context.Context, c *Call, in NewWallet) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutCustomer, in.CustomerID}, func() (err error) {
		out, err = e.openOnce(ctx, c, in)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) openOnce(ctx context.Context, c *Call, in NewWallet) (Reply, error) {
	who, err := e.FindCustomer(ctx, c.Business, in.CustomerID)
	if err != nil {
		return Reply{}, err
	}
	if err := e.free(ctx, who, in.Currency); err != nil {
		return Reply{}, err
	}
	if err := who.MayOpenWallet(); err != nil {
		return Reply{}, err
	}
	now := e.now()
	w := wallet.Wallet{ID: e.IDs.New(), Business: c.Business, Owner: who.ID, CustomerID: who.ID, AccountID: e.IDs.New(),
		Currency: in.Currency, Status: wallet.Active, CreatedAt: now, UpdatedAt: now}
	h := wallet.Happening{ID: e.IDs.New(), Wallet: w.ID, Action: wallet.Created, At: now}
	return e.writeWallet(ctx, c, w, "wallet.created", []wallet.Happening{h}, func(tx store.Tx) error {
		if err := tx.HoldCustomer(who); err != nil { // a customer that is being deleted gets no wallet
			return err
		}
		if err := tx.AddWallet(w); err != nil {
			return err
		}
		if err := openBalances(tx, w); err != nil {
			return err
		}
		return tx.InsertWalletEvent(h)
	})
}

// free raises duplicate_currency_wallet if the customer has a wallet in the currency.
func (e *Engine) free(ctx context.Context, who *party.Customer, c money.Currency) error {
	var there wallet.Wallet
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		there, err = v.WalletOf(who.Business, who.ID, c)
		return err
	})
	if store.IsMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return problem.DuplicateCurrencyWallet.With(problem.Details{"currency": c, "customer_id": who.ID, "id": there.ID})
}

// writeWallet commits what changes a wallet, with its event and the call's reply, both
// of which show the wallet as it is afterwards.
func (e *Engine) writeWallet(ctx context.Context, c *Call, w wallet.Wallet, name string, events []wallet.Happening,
	change func(store.Tx) error) (out Reply, err error) {
	about := object{aboutWallet, w.ID}
	c.Trace.About(about.kind, about.id)
	var told store.Event
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		view, err := listWallet(tx.View, w, events) // after the change, which holds the balances still
		if err != nil {
			return err
		}
		out = Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: view})}
		if name == "wallet.created" {
			out.Status, out.Location = wire.Made, PathOf(about.kind, about.id)
		}
		if err := e.claim(tx, c, about, &out); err != nil {
			return err
		}
		told = e.walletEvent(w, name, view)
		return tx.InsertEvent(told)
	})
	c.finished(err)
	if err == nil {
		c.Trace.Step("commit", string(w.Status))
		c.Trace.Event(told.ID, name)
		e.bump()
	}
	return out, err
}

func (e *Engine) walletEvent(w wallet.Wallet, name string, view wire.Wallet) store.Event {
	return store.Event{ID: e.IDs.Event(), Business: w.Business, Event: name, Object: w.ID, Data: string(wire.WalletEventData(view)),
		CreatedAt: e.now()}
}

// SetWalletStatus freezes, thaws or deletes a customer's wallet. Money that moves at
// the same moment comes first or is refused: the status stands beside the balance that
// every movement changes. It raises not_found, invalid_status_transition,
// balance_not_zero.
func (e *Engine) SetWalletStatus(ctx context.Context, c *Call, walletID string, to wallet.Status, reason string) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutWallet, walletID}, func() (err error) {
		out, err = e.setStatusOnce(ctx, c, walletID, to, reason)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) setStatusOnce(ctx context.Context, c *Call, walletID string, to wallet.Status, reason string) (Reply, error) {
	w, err := e.FindWallet(ctx, c.Business, walletID)
	if err != nil {
		return Reply{}, err
	}
	action, err := w.Become(to)
	if err != nil || action == "" {
		return e.asItIs(ctx, c, w, err)
	}
	var events []wallet.Happening
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		events, err = v.WalletEvents(w.ID, walletEventsShown-1)
		return err
	})
	if err != nil {
		return Reply{}, err
	}
	now := e.now()
	h := wallet.Happening{ID: e.IDs.New(), Wallet: w.ID, Number: w.Version + 1, Action: action, Reason: reason, At: now}
	w.Status, w.UpdatedAt = to, now
	out, err := e.writeWallet(ctx, c, w, "wallet.status_changed", append([]wallet.Happening{h}, events...), func(tx store.Tx) error {
		return saveStatus(tx, w, h)
	})
	if store.Lost(err, "close_balance") {
		return out, e.stillHolds(ctx, w)
	}
	return out, err
}

// asItIs answers with a wallet that need not change.
func (e *Engine) asItIs(ctx context.Context, c *Call, w wallet.Wallet, err error) (Reply, error) {
	c.Trace.About(aboutWallet, w.ID)
	if err != nil {
		return Reply{}, err
	}
	view, err := e.ShowWallet(ctx, w)
	if err != nil {
		return Reply{}, err
	}
	return e.keep(ctx, c, object{aboutWallet, w.ID}, Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: view})})
}

// saveStatus writes a wallet's new status and what its accounts take from now on.
func saveStatus(tx store.Tx, w wallet.Wallet, h wallet.Happening) error {
	if w.Status == wallet.Deleted {
		w.Owner = w.ID // its place is free again
	}
	if err := tx.SaveWallet(w); err != nil {
		return err
	}
	if err := shut(tx, w); err != nil {
		return err
	}
	return tx.InsertWalletEvent(h)
}

// shut makes the balances follow the status. Held money may still leave a frozen wallet.
func shut(tx store.Tx, w wallet.Wallet) error {
	if w.Status != wallet.Deleted {
		return tx.ShutBalance(ledger.Wallet(w.ID), w.Currency, !w.Status.Moves())
	}
	for _, a := range []ledger.Account{ledger.Wallet(w.ID), ledger.Held(w.ID)} {
		if err := tx.CloseBalance(a, w.Currency); err != nil {
			return err
		}
	}
	return nil
}

// stillHolds is balance_not_zero with what the wallets hold, or a lost race if they
// hold nothing any more.
func (e *Engine) stillHolds(ctx context.Context, wallets ...wallet.Wallet) error {
	balances := []wire.Balance{}
	err := e.Store.Snapshot(ctx, func(v store.View) error {
		for _, w := range wallets {
			h, err := holdings(v, w)
			if err != nil {
				return err
			}
			if sum := h.Available + h.Held + h.Pending; sum != 0 {
				balances = append(balances, wire.BalanceOf(money.Of(sum, w.Currency)))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(balances) == 0 {
		return &store.Conflict{Query: "save_wallet"}
	}
	return problem.BalanceNotZero.With(problem.Details{"balances": balances})
}

func wrongCurrency(got, want money.Currency, method string) error {
	return problem.InvalidCurrency.With(problem.Details{"allowed": []money.Currency{want}, "currency": got, "method": method})
}
