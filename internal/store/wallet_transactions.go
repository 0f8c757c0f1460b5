package store

import (
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/wallet"
)

var (
	insertWalletTransaction      = query("insert_wallet_transaction")
	walletTransactionByID        = query("wallet_transaction_by_id")
	walletTransactionByReference = query("wallet_transaction_by_reference")
	walletTransactionsOlder      = query("wallet_transactions_older")
	walletTransactionsNewer      = query("wallet_transactions_newer")
	transactionsOfWalletOlder    = query("transactions_of_wallet_older")
	transactionsOfWalletNewer    = query("transactions_of_wallet_newer")
	walletTransactionsAfter      = query("wallet_transactions_after")
)

// InsertWalletTransaction writes a transaction: a Conflict of
// "insert_wallet_transaction" means that its reference is taken.
func (t Tx) InsertWalletTransaction(w wallet.Transaction) error {
	return t.s.Exec(insertWalletTransaction, One, w.ID, w.Business, w.Wallet, textOrNull(w.Reference), string(w.Type), w.Amount.Minor,
		string(w.Amount.Currency), w.Description, w.BalanceAfter, micros(w.CreatedAt))
}

// WalletTransaction reads one transaction by id, whoever owns it; ErrNotFound.
func (v View) WalletTransaction(id string) (wallet.Transaction, error) {
	return one(v, walletTransactionByID, readWalletTransaction, id)
}

// WalletTransactionByReference reads one transaction of a business; ErrNotFound.
func (v View) WalletTransactionByReference(business, reference string) (wallet.Transaction, error) {
	return one(v, walletTransactionByReference, readWalletTransaction, business, reference)
}

// TransactionFilter narrows a list of wallet transactions; "" fits everything.
type TransactionFilter struct {
	Wallet string // of the same business
	Type   wallet.Direction
}

// WalletTransactionsOlder reads a page below pos, newest first.
func (v View) WalletTransactionsOlder(business string, pos Position, f TransactionFilter, limit int) ([]wallet.Transaction, error) {
	if f.Wallet != "" {
		return many(v, transactionsOfWalletOlder, readWalletTransaction, f.Wallet, micros(pos.At), pos.ID, string(f.Type), limit)
	}
	return many(v, walletTransactionsOlder, readWalletTransaction, business, micros(pos.At), pos.ID, string(f.Type), limit)
}

// WalletTransactionsNewer reads a page above pos, oldest first.
func (v View) WalletTransactionsNewer(business string, pos Position, f TransactionFilter, limit int) ([]wallet.Transaction, error) {
	if f.Wallet != "" {
		return many(v, transactionsOfWalletNewer, readWalletTransaction, f.Wallet, micros(pos.At), pos.ID, string(f.Type), limit)
	}
	return many(v, walletTransactionsNewer, readWalletTransaction, business, micros(pos.At), pos.ID, string(f.Type), limit)
}

// WalletTransactionsAfter walks all transactions in the order of their ids, for the audit.
func (v View) WalletTransactionsAfter(id string, limit int) ([]wallet.Transaction, error) {
	return many(v, walletTransactionsAfter, readWalletTransaction, id, limit)
}

func readWalletTransaction(scan Scan) (w wallet.Transaction, err error) {
	var created int64
	err = scan(&w.ID, &w.Business, &w.Wallet, &w.Reference, (*string)(&w.Type), &w.Amount.Minor, (*string)(&w.Amount.Currency),
		&w.Description, &w.BalanceAfter, &created)
	w.Amount = money.Of(w.Amount.Minor, w.Amount.Currency)
	w.CreatedAt = fromMicros(created)
	return w, err
}
