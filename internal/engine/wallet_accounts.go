package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

const accountTriesMax = 8 // numbers asked for until one is free

// RequestAccount asks for an account number for a wallet, which comes later; asking
// again changes nothing. It raises not_found, invalid_currency, wallet_not_active,
// rail_unavailable.
func (e *Engine) RequestAccount(ctx context.Context, c *Call, walletID string) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutWallet, walletID}, func() error {
		w, err := e.FindWallet(ctx, c.Business, walletID)
		if err != nil {
			return err
		}
		out, err = e.requestOnce(ctx, c, w)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) requestOnce(ctx context.Context, c *Call, w wallet.Wallet) (out Reply, err error) {
	c.Trace.About(aboutWallet, w.ID)
	switch {
	case w.Currency != money.NGN:
		return out, wrongCurrency(w.Currency, money.NGN, wallet.BankAccount)
	case !w.Status.Moves():
		return out, w.Refusal()
	case e.Accounts == nil:
		return out, problem.RailUnavailable.With(problem.Details{"rail": accountRail(w.Currency), "reason": "not_configured"})
	}
	name, err := e.holder(ctx, w)
	if err != nil {
		return out, err
	}
	now := e.now()
	a := wallet.Account{ID: e.IDs.New(), Wallet: w.ID, Business: w.Business, Type: wallet.BankAccount, Name: name, CreatedAt: now}
	due := now.Add(time.Duration(e.Settings().AccountDelayMS) * time.Millisecond)
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := askOnce(tx, w, a, due); err != nil {
			return err
		}
		view, err := showWallet(tx.View, w)
		if err != nil {
			return err
		}
		out = Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: view})}
		return e.claim(tx, c, object{aboutWallet, w.ID}, &out)
	})
	c.finished(err)
	if err == nil {
		e.bump()
	}
	return out, err
}

// askOnce writes the request unless there is one. The wallet is written with it, so
// that one which is being frozen gets no number.
func askOnce(tx store.Tx, w wallet.Wallet, a wallet.Account, due time.Time) error {
	_, err := tx.WalletAccount(w.ID)
	if !store.IsMissing(err) {
		return err
	}
	if err := tx.SaveWallet(w); err != nil {
		return err
	}
	if err := tx.InsertWalletAccount(a); err != nil {
		return err
	}
	return tx.Schedule(aboutWallet, w.ID, w.Business, due)
}

// holder is in whose name a wallet's account is.
func (e *Engine) holder(ctx context.Context, w wallet.Wallet) (string, error) {
	if w.OfBusiness() {
		m, err := e.merchant(ctx, w.Business)
		return m.Name, err
	}
	who, err := e.FindCustomer(ctx, w.Business, w.CustomerID)
	if err != nil {
		return "", err
	}
	return who.Profile.Name(), nil
}

// issueAccount gets the number that a wallet waits for. Asking the rail twice gives the
// same one, so it does not matter who asks, or how often.
func (e *Engine) issueAccount(ctx context.Context, walletID string) error {
	var a wallet.Account
	var w wallet.Wallet
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		if w, err = v.Wallet(walletID); err != nil {
			return err
		}
		a, err = v.WalletAccount(walletID)
		return err
	})
	if err != nil {
		return fmt.Errorf("load the account of wallet %s: %w", walletID, err)
	}
	if a.Number != "" || w.Status.Final() {
		return e.unschedule(ctx, object{aboutWallet, walletID})
	}
	for try := range accountTriesMax {
		given, err := e.Accounts.OpenAccount(ctx, rail.AccountOrder{Ref: step(a.ID, int64(try+1)), Rail: accountRail(w.Currency), Name: a.Name, Currency: string(w.Currency)})
		if err != nil {
			return fmt.Errorf("open an account for wallet %s: %w", walletID, err)
		}
		a.Number, a.BankCode, a.BankName = given.Number, given.BankCode, given.BankName
		err = e.Store.Write(ctx, func(tx store.Tx) error {
			if err := tx.IssueWalletAccount(a, e.now()); err != nil {
				return err
			}
			return tx.Unschedule(aboutWallet, walletID)
		})
		if !store.Lost(err, "issue_wallet_account") {
			e.bump()
			return err
		}
	}
	return nil // others have its numbers, or this wallet has one by now: the job comes back
}

// AccountsOfWallet are where money can be sent to a wallet.
func (e *Engine) AccountsOfWallet(ctx context.Context, w wallet.Wallet) (out []wire.WalletAccount, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		accounts, err := accountsOf(v, w)
		out = wire.WalletAccounts(accounts)
		return err
	})
	return out, err
}
