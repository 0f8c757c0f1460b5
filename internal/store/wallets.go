package store

import (
	"database/sql"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/wallet"
)

var (
	insertWallet          = query("insert_wallet")
	saveWallet            = query("save_wallet")
	walletOf              = query("wallet_of")
	walletByID            = query("wallet_by_id")
	wallets               = query("wallets")
	walletsOfCustomer     = query("wallets_of_customer")
	walletsOlder          = query("wallets_older")
	walletsNewer          = query("wallets_newer")
	walletsSoughtOlder    = query("wallets_sought_older")
	walletsSoughtNewer    = query("wallets_sought_newer")
	insertWalletEvent     = query("insert_wallet_event")
	walletEventsOf        = query("wallet_events_of")
	insertWalletAccount   = query("insert_wallet_account")
	issueWalletAccount    = query("issue_wallet_account")
	walletAccountOf       = query("wallet_account_of")
	walletAccountByNumber = query("wallet_account_by_number")
)

// InsertWallet opens a wallet; there already: no change.
func (t Tx) InsertWallet(w wallet.Wallet) error { return t.insertWallet(w, Any) }

// AddWallet opens a wallet that must be new: a Conflict of "insert_wallet" means that
// its owner has one in the currency.
func (t Tx) AddWallet(w wallet.Wallet) error { return t.insertWallet(w, One) }

func (t Tx) insertWallet(w wallet.Wallet, want Want) error {
	return t.s.Exec(insertWallet, want, w.ID, w.Business, w.Owner, string(w.Currency), string(w.Status), micros(w.CreatedAt),
		w.CustomerID, w.AccountID, micros(w.UpdatedAt), w.Version)
}

// SaveWallet writes owner and status, if nobody has changed them since the wallet was
// read: else a Conflict of "save_wallet". What the wallet's balances take must be
// changed in the same transaction.
func (t Tx) SaveWallet(w wallet.Wallet) error {
	return t.s.Exec(saveWallet, One, w.Owner, string(w.Status), micros(w.UpdatedAt), w.ID, w.Version)
}

// WalletOf reads an owner's wallet in a currency; ErrNotFound.
func (v View) WalletOf(business, owner string, c money.Currency) (wallet.Wallet, error) {
	return one(v, walletOf, readWallet, business, owner, string(c))
}

// Wallet reads one wallet by id, whoever owns it; ErrNotFound.
func (v View) Wallet(id string) (wallet.Wallet, error) { return one(v, walletByID, readWallet, id) }

// Wallets lists all.
func (v View) Wallets() ([]wallet.Wallet, error) { return many(v, wallets, readWallet) }

// WalletsOfCustomer lists a customer's wallets, deleted ones too, oldest first.
func (v View) WalletsOfCustomer(customer string) ([]wallet.Wallet, error) {
	return many(v, walletsOfCustomer, readWallet, customer)
}

// WalletFilter narrows a list of wallets; "" fits everything.
type WalletFilter struct {
	Currency money.Currency
	Status   wallet.Status
}

// WalletsOlder reads a page below pos, newest first.
func (v View) WalletsOlder(business string, pos Position, f WalletFilter, limit int) ([]wallet.Wallet, error) {
	if f == (WalletFilter{}) {
		return many(v, walletsOlder, readWallet, business, micros(pos.At), pos.ID, limit)
	}
	return many(v, walletsSoughtOlder, readWallet, business, micros(pos.At), pos.ID, string(f.Currency), string(f.Status), limit)
}

// WalletsNewer reads a page above pos, oldest first.
func (v View) WalletsNewer(business string, pos Position, f WalletFilter, limit int) ([]wallet.Wallet, error) {
	if f == (WalletFilter{}) {
		return many(v, walletsNewer, readWallet, business, micros(pos.At), pos.ID, limit)
	}
	return many(v, walletsSoughtNewer, readWallet, business, micros(pos.At), pos.ID, string(f.Currency), string(f.Status), limit)
}

func readWallet(scan Scan) (w wallet.Wallet, err error) {
	var created, updated int64
	err = scan(&w.ID, &w.Business, &w.Owner, (*string)(&w.Currency), (*string)(&w.Status), &created, &w.CustomerID, &w.AccountID,
		&updated, &w.Version)
	w.CreatedAt, w.UpdatedAt = fromMicros(created), fromMicros(updated)
	if updated == 0 { // made by a release that did not keep it
		w.UpdatedAt = w.CreatedAt
	}
	return w, err
}

// InsertWalletEvent adds to a wallet's own list of events.
func (t Tx) InsertWalletEvent(h wallet.Happening) error {
	return t.s.Exec(insertWalletEvent, One, h.ID, h.Wallet, h.Number, h.Action, h.Reason, micros(h.At))
}

// WalletEvents reads a wallet's last events, newest first.
func (v View) WalletEvents(walletID string, limit int) ([]wallet.Happening, error) {
	return many(v, walletEventsOf, func(scan Scan) (h wallet.Happening, err error) {
		var at int64
		err = scan(&h.ID, &h.Wallet, &h.Number, &h.Action, &h.Reason, &at)
		h.At = fromMicros(at)
		return h, err
	}, walletID, limit)
}

// InsertWalletAccount asks for an account number; asked already: no change.
func (t Tx) InsertWalletAccount(a wallet.Account) error {
	return t.s.Exec(insertWalletAccount, Any, a.Wallet, a.ID, a.Business, a.Type, a.Name, a.BankCode, a.BankName, micros(a.CreatedAt))
}

// IssueWalletAccount writes the number that a wallet's account was given: a Conflict
// of "issue_wallet_account" means that it has one, or that the number is taken.
func (t Tx) IssueWalletAccount(a wallet.Account, at time.Time) error {
	return t.s.Exec(issueWalletAccount, One, a.Number, a.BankCode, a.BankName, micros(at), a.Wallet)
}

// WalletAccount reads a wallet's account; ErrNotFound.
func (v View) WalletAccount(walletID string) (wallet.Account, error) {
	return one(v, walletAccountOf, readWalletAccount, walletID)
}

// WalletAccountByNumber reads the account that has a number; ErrNotFound.
func (v View) WalletAccountByNumber(number string) (wallet.Account, error) {
	return one(v, walletAccountByNumber, readWalletAccount, number)
}

func readWalletAccount(scan Scan) (a wallet.Account, err error) {
	var created int64
	var issued sql.NullInt64
	err = scan(&a.Wallet, &a.ID, &a.Business, &a.Type, &a.Name, &a.Number, &a.BankCode, &a.BankName, &created, &issued)
	a.CreatedAt, a.IssuedAt = fromMicros(created), fromNullable(issued)
	return a, err
}
