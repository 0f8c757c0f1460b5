package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutWalletTransaction is the kind of object that a wallet transaction is.
const aboutWalletTransaction = "wallet_transaction"

// MoveFunds asks to move money between a customer's wallet and the business's.
type MoveFunds struct {
	Wallet      string
	Amount      int64 // minor units of the wallet's currency
	Type        wallet.Direction
	Description string
	Reference   string // "" for none
}

// MoveFunds books a wallet transaction. The same reference with the same money again
// gives the first one. It raises not_found, also for a wallet of the business,
// insufficient_funds, wallet_not_active, reference_exists.
func (e *Engine) MoveFunds(ctx context.Context, c *Call, in MoveFunds) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutWallet, in.Wallet}, func() (err error) {
		out, err = e.moveOnce(ctx, c, in)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) moveOnce(ctx context.Context, c *Call, in MoveFunds) (Reply, error) {
	w, err := e.FindWallet(ctx, c.Business, in.Wallet)
	if err == nil && w.OfBusiness() {
		err = missing(aboutWallet, in.Wallet) // only customers' wallets have a business's on the other side
	}
	if err != nil {
		return Reply{}, err
	}
	c.Trace.About(aboutWallet, w.ID)
	t := wallet.Transaction{ID: e.IDs.New(), Business: c.Business, Wallet: w.ID, Reference: in.Reference, Type: in.Type,
		Amount: money.Of(in.Amount, w.Currency), Description: in.Description, CreatedAt: e.now()}
	if first, err := e.sameMove(ctx, c, t); first != nil || err != nil {
		return orNothing(first), err
	}
	house, err := e.walletOf(ctx, c.Business, w.Currency)
	if err != nil {
		return Reply{}, err
	}
	out, err := e.writeMove(ctx, c, t, house)
	if store.Lost(err, "change_guarded_balance") {
		return out, e.whyNotMoved(ctx, t, house)
	}
	return out, err
}

func orNothing(r *Reply) Reply {
	if r == nil {
		return Reply{}
	}
	return *r
}

// sameMove answers a repetition under the same reference; nil if there is none.
func (e *Engine) sameMove(ctx context.Context, c *Call, t wallet.Transaction) (*Reply, error) {
	if t.Reference == "" {
		return nil, nil
	}
	var first wallet.Transaction
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		first, err = v.WalletTransactionByReference(c.Business, t.Reference)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if differs := first.Differs(t); len(differs) > 0 {
		return nil, referenceTaken(differs, first.ID, first.Reference, "succeeded", "wallet transaction")
	}
	out, err := e.keep(ctx, c, object{aboutWalletTransaction, first.ID}, e.MoveReply(first).replayed())
	return &out, err
}

// writeMove commits the entry, the transaction with the balance after it, and the
// call's reply. A wallet that is frozen at this moment, by whatever process, is waited
// for and then refuses: the statement that changes a balance looks at both.
func (e *Engine) writeMove(ctx context.Context, c *Call, t wallet.Transaction, house string) (out Reply, err error) {
	about := object{aboutWalletTransaction, t.ID}
	entry := e.entry(t.Business, t.Kind(), t.ID, "", t.Postings(house))
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.Post(entry); err != nil {
			return err
		}
		if t.BalanceAfter, err = tx.Balance(ledger.Wallet(t.Wallet), t.Amount.Currency); err != nil {
			return err
		}
		out = e.MoveReply(t)
		if err := e.claim(tx, c, about, &out); err != nil {
			return err
		}
		return tx.InsertWalletTransaction(t)
	})
	c.finished(err)
	if err == nil {
		c.Trace.About(about.kind, about.id)
		c.Trace.Step("commit", "booked")
		e.bump()
	}
	return out, err
}

// whyNotMoved says which of the two wallets was in the way.
func (e *Engine) whyNotMoved(ctx context.Context, t wallet.Transaction, house string) error {
	w, err := e.FindWallet(ctx, t.Business, t.Wallet)
	if err == nil && !w.Status.Moves() {
		err = w.Refusal()
	}
	if err != nil {
		return err
	}
	return e.Standing(ctx, t.Giver(house), t.Amount)
}

// MoveReply is a wallet transaction with its money block.
func (e *Engine) MoveReply(t wallet.Transaction) Reply {
	m := e.Site.WalletTransactionMoney(t)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: wire.WalletTransactionView(t), Money: m}), Outcome: m.Outcome}
}

// FindMove reads a business's wallet transaction; not_found for any other.
func (e *Engine) FindMove(ctx context.Context, business, key string) (wallet.Transaction, error) {
	var t wallet.Transaction
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			t, err = v.WalletTransaction(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && t.Business != business {
		return t, missing(aboutWalletTransaction, key)
	}
	return t, err
}

// MoveFilter narrows a list of wallet transactions; "" fits everything.
type MoveFilter struct {
	store.TransactionFilter
	Reference string
}

// Moves reads a page of a business's wallet transactions, newest first; of another
// business's wallet there are none.
func (e *Engine) Moves(ctx context.Context, business string, page wire.Page, f MoveFilter) (rows []wallet.Transaction, err error) {
	if f.Wallet != "" {
		if _, err := e.FindWallet(ctx, business, f.Wallet); err != nil {
			return nil, ignoreMissing(err)
		}
	}
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		switch {
		case f.Reference != "":
			rows, err = moveInPage(v, business, page, f)
		case page.OldestFirst():
			rows, err = v.WalletTransactionsNewer(business, place(*page.Before), f.TransactionFilter, page.Fetch())
		default:
			rows, err = v.WalletTransactionsOlder(business, under(page), f.TransactionFilter, page.Fetch())
		}
		return err
	})
	return rows, err
}

func ignoreMissing(err error) error {
	if problem.NotFound.Is(err) {
		return nil
	}
	return err
}

// moveInPage is the one transaction with a reference, if it belongs on the page.
func moveInPage(v store.View, business string, page wire.Page, f MoveFilter) ([]wallet.Transaction, error) {
	t, err := v.WalletTransactionByReference(business, f.Reference)
	if store.IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return beside(page, []wallet.Transaction{t}, func(t wallet.Transaction) store.Position { return store.Position{At: t.CreatedAt, ID: t.ID} },
		func(t wallet.Transaction) bool {
			return (f.Wallet == "" || t.Wallet == f.Wallet) && (f.Type == "" || t.Type == f.Type)
		}), nil
}

// WalletFilter narrows a list of wallets; "" fits everything.
type WalletFilter struct {
	store.WalletFilter
	Customer string
}

// Wallets reads a page of a business's wallets, newest first.
func (e *Engine) Wallets(ctx context.Context, business string, page wire.Page, f WalletFilter) (rows []wallet.Wallet, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		switch {
		case f.Customer != "":
			rows, err = walletsInPage(v, business, page, f)
		case page.OldestFirst():
			rows, err = v.WalletsNewer(business, place(*page.Before), f.WalletFilter, page.Fetch())
		default:
			rows, err = v.WalletsOlder(business, under(page), f.WalletFilter, page.Fetch())
		}
		return err
	})
	return rows, err
}

// walletsInPage cuts the page out of a customer's wallets, which are few.
func walletsInPage(v store.View, business string, page wire.Page, f WalletFilter) ([]wallet.Wallet, error) {
	few, err := v.WalletsOfCustomer(f.Customer)
	return beside(page, few, func(w wallet.Wallet) store.Position { return store.Position{At: w.CreatedAt, ID: w.ID} },
		func(w wallet.Wallet) bool {
			return w.Business == business && (f.Currency == "" || w.Currency == f.Currency) && (f.Status == "" || w.Status == f.Status)
		}), err
}

// ListWallets shows wallets as of one commit, without their events.
func (e *Engine) ListWallets(ctx context.Context, rows []wallet.Wallet) ([]wire.Wallet, error) {
	out := make([]wire.Wallet, len(rows))
	err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
		for i, w := range rows {
			if out[i], err = listWallet(v, w, nil); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
