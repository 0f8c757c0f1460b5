package store

import (
	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/money"
)

var (
	insertDeposit     = query("insert_deposit")
	saveDeposit       = query("save_deposit")
	depositByID       = query("deposit_by_id")
	depositByTransfer = query("deposit_by_transfer")
	depositsOfPayment = query("deposits_of_payment")
	depositsAfter     = query("deposits_after")
	depositsOlder     = query("deposits_older")
	depositsNewer     = query("deposits_newer")

	depositsSoughtOlder = query("deposits_sought_older")
	depositsSoughtNewer = query("deposits_sought_newer")
)

// InsertDeposit writes a new deposit: a Conflict of "insert_deposit" means that the
// transfer is known.
func (t Tx) InsertDeposit(d *deposit.Deposit) error {
	return t.s.Exec(insertDeposit, One, d.ID, d.Business, d.Rail, d.Reference, d.PaymentID, d.WalletID, d.CustomerID, d.Amount.Minor,
		string(d.Amount.Currency), string(d.State), flag(d.Listed), toJSON(d.Details), d.Steps, d.Version, micros(d.OccurredAt),
		micros(d.CreatedAt), micros(d.UpdatedAt))
}

// SaveDeposit writes what may change of d, if nobody has changed it since it was read:
// else a Conflict of "save_deposit".
func (t Tx) SaveDeposit(d *deposit.Deposit) error {
	return t.s.Exec(saveDeposit, One, string(d.State), flag(d.Listed), d.Steps, micros(d.UpdatedAt), d.ID, d.Version)
}

// Deposit reads one by id, whoever owns it; ErrNotFound.
func (v View) Deposit(id string) (*deposit.Deposit, error) {
	return one(v, depositByID, readDeposit, id)
}

// DepositByTransfer reads the one that a rail's reference names; ErrNotFound.
func (v View) DepositByTransfer(rail, reference string) (*deposit.Deposit, error) {
	return one(v, depositByTransfer, readDeposit, rail, reference)
}

// DepositsOfPayment reads what came on the instructions of a session, oldest first.
func (v View) DepositsOfPayment(payment string) ([]*deposit.Deposit, error) {
	return many(v, depositsOfPayment, readDeposit, payment)
}

// DepositsAfter walks all deposits in the order of their ids, for the audit.
func (v View) DepositsAfter(id string, limit int) ([]*deposit.Deposit, error) {
	return many(v, depositsAfter, readDeposit, id, limit)
}

// DepositFilter narrows a list of deposits; "" fits everything.
type DepositFilter struct {
	States   [2]deposit.State // either; both "" for all
	Wallet   string
	Currency money.Currency
}

// DepositsOlder reads a page of the listed ones below pos, newest first.
func (v View) DepositsOlder(business string, pos Position, span Span, f DepositFilter, limit int) ([]*deposit.Deposit, error) {
	pos = pos.below(span.To)
	if f == (DepositFilter{}) {
		return many(v, depositsOlder, readDeposit, business, micros(pos.At), pos.ID, micros(span.From), limit)
	}
	return many(v, depositsSoughtOlder, readDeposit, business, micros(pos.At), pos.ID, micros(span.From), string(f.States[0]), string(f.States[1]),
		f.Wallet, string(f.Currency), limit)
}

// DepositsNewer reads a page of the listed ones above pos, oldest first.
func (v View) DepositsNewer(business string, pos Position, span Span, f DepositFilter, limit int) ([]*deposit.Deposit, error) {
	pos = pos.above(span.From)
	if f == (DepositFilter{}) {
		return many(v, depositsNewer, readDeposit, business, micros(pos.At), pos.ID, micros(span.To), limit)
	}
	return many(v, depositsSoughtNewer, readDeposit, business, micros(pos.At), pos.ID, micros(span.To), string(f.States[0]), string(f.States[1]),
		f.Wallet, string(f.Currency), limit)
}

func readDeposit(scan Scan) (*deposit.Deposit, error) {
	var d deposit.Deposit
	var details string
	var listed, occurred, created, updated int64
	err := scan(&d.ID, &d.Business, &d.Rail, &d.Reference, &d.PaymentID, &d.WalletID, &d.CustomerID, &d.Amount.Minor,
		(*string)(&d.Amount.Currency), (*string)(&d.State), &listed, &details, &d.Steps, &d.Version, &occurred, &created, &updated)
	if err != nil {
		return nil, err
	}
	d.Listed = listed == 1
	d.OccurredAt, d.CreatedAt, d.UpdatedAt = fromMicros(occurred), fromMicros(created), fromMicros(updated)
	return &d, fromJSON(details, &d.Details)
}
