package wire

import (
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wallet"
)

// Balance is an amount with its currency.
type Balance struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// BalanceOf is an amount as it is shown.
func BalanceOf(a money.Amount) Balance { return Balance{Amount: a.Minor, Currency: string(a.Currency)} }

// Wallet is a wallet as GET /wallets/{id} shows it; lists leave Events out.
type Wallet struct {
	AccountID      string          `json:"account_id"`
	Balance        Balance         `json:"balance"`
	BalanceHeld    Balance         `json:"balance_held"`
	BalancePending Balance         `json:"balance_pending"`
	CreatedAt      Time            `json:"created_at"`
	Currency       string          `json:"currency"`
	CustomerID     *string         `json:"customer_id"`
	Events         []WalletEvent   `json:"events,omitzero"`
	ID             string          `json:"id"`
	Owner          string          `json:"owner"`
	PaymentMethods []WalletAccount `json:"payment_methods"`
	Status         string          `json:"status"`
	UpdatedAt      Time            `json:"updated_at"`
}

// WalletEvent is something that happened to a wallet.
type WalletEvent struct {
	Action     string  `json:"action"`
	ID         string  `json:"id"`
	InsertedAt Time    `json:"inserted_at"`
	Reason     *string `json:"reason"`
	WalletID   string  `json:"wallet_id"`
}

// WalletAccount is where money can be sent to a wallet.
type WalletAccount struct {
	AccountName   string  `json:"account_name"`
	AccountNumber string  `json:"account_number"`
	AccountType   string  `json:"account_type"`
	Address       *string `json:"address"`
	BankAddress   *string `json:"bank_address"`
	BankCode      string  `json:"bank_code"`
	BankName      string  `json:"bank_name"`
	ID            string  `json:"id"`
	Type          string  `json:"type"`
}

// WalletTransaction is a movement between a customer's wallet and the business's.
type WalletTransaction struct {
	Amount        int64   `json:"amount"`
	BalanceAfter  int64   `json:"balance_after"`
	CreatedAt     Time    `json:"created_at"`
	Currency      string  `json:"currency"`
	Description   *string `json:"description"`
	ID            string  `json:"id"`
	Reference     *string `json:"reference"`
	TransactionID string  `json:"transaction_id"`
	Type          string  `json:"type"`
	WalletID      string  `json:"wallet_id"`
}

// Holdings is what a wallet has: minor units of its currency.
type Holdings struct{ Available, Held, Pending int64 }

// The owners of wallets.
const (
	ownerBusiness = "business"
	ownerCustomer = "customer"
)

// WalletView is w with its money, its last happenings (newest first; nil leaves them
// out) and where money can be sent.
func WalletView(w wallet.Wallet, h Holdings, events []wallet.Happening, accounts []wallet.Account) Wallet {
	amount := func(n int64) Balance { return BalanceOf(money.Of(n, w.Currency)) }
	v := Wallet{
		AccountID: w.AccountID, Balance: amount(h.Available), BalanceHeld: amount(h.Held), BalancePending: amount(h.Pending),
		CreatedAt: At(w.CreatedAt), Currency: string(w.Currency), CustomerID: orNull(w.CustomerID), ID: w.ID, Owner: ownerCustomer,
		PaymentMethods: WalletAccounts(accounts), Status: string(w.Status), UpdatedAt: At(w.UpdatedAt),
	}
	if w.OfBusiness() {
		v.Owner = ownerBusiness
	}
	if v.AccountID == "" { // of a release that did not tell them apart
		v.AccountID = w.ID
	}
	if events != nil {
		v.Events = make([]WalletEvent, len(events))
	}
	for i, e := range events {
		v.Events[len(events)-1-i] = WalletEvent{Action: e.Action, ID: e.ID, InsertedAt: At(e.At), Reason: orNull(e.Reason), WalletID: w.ID}
	}
	return v
}

// WalletAccounts are the accounts that have a number.
func WalletAccounts(accounts []wallet.Account) []WalletAccount {
	out := []WalletAccount{}
	for _, a := range accounts {
		if a.Number != "" {
			out = append(out, WalletAccount{AccountName: a.Name, AccountNumber: a.Number, AccountType: "savings", BankCode: a.BankCode,
				BankName: a.BankName, ID: a.ID, Type: a.Type})
		}
	}
	return out
}

// WalletTransactionView is t as every endpoint shows it.
func WalletTransactionView(t wallet.Transaction) WalletTransaction {
	return WalletTransaction{Amount: t.Amount.Minor, BalanceAfter: t.BalanceAfter, CreatedAt: At(t.CreatedAt), Currency: string(t.Amount.Currency),
		Description: orNull(t.Description), ID: t.ID, Reference: orNull(t.Reference), TransactionID: t.ID, Type: string(t.Type), WalletID: t.Wallet}
}

// WalletTransactionMoney is the money block of a wallet transaction.
func (s Site) WalletTransactionMoney(t wallet.Transaction) Money {
	return Money{Outcome: problem.Succeeded, Retry: problem.Never(), StatusURL: s.PublicURL + "/wallets/transactions/" + t.ID}
}

// WalletEventData is a wallet as the events wallet.created and wallet.status_changed
// carry it.
func WalletEventData(v Wallet) []byte { return told(v, nil) }
