package store

import (
	"database/sql"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
)

var (
	insertRefund      = query("insert_refund")
	saveRefund        = query("save_refund")
	refundByID        = query("refund_by_id")
	refundByReference = query("refund_by_reference")
	refundsOlder      = query("refunds_older")
	refundsNewer      = query("refunds_newer")
	refundsAfter      = query("refunds_after")
)

// InsertRefund writes a new refund; a Conflict of "insert_refund" means that its
// reference is taken.
func (t Tx) InsertRefund(r *payment.Refund) error {
	return t.s.Exec(insertRefund, One, r.ID, r.Business, r.PaymentID, textOrNull(r.Reference), r.Amount.Minor,
		string(r.Amount.Currency), r.Reason, string(r.State), string(r.Source), failureText(r.Failure), r.Steps,
		r.Version, micros(r.CreatedAt), micros(r.UpdatedAt))
}

// SaveRefund writes what may change of r, guarded by its version.
func (t Tx) SaveRefund(r *payment.Refund) error {
	return t.s.Exec(saveRefund, One, string(r.State), failureText(r.Failure), r.Steps, micros(r.UpdatedAt), r.ID, r.Version)
}

// Refund reads one refund by id, whoever owns it; ErrNotFound.
func (v View) Refund(id string) (*payment.Refund, error) { return one(v, refundByID, readRefund, id) }

// RefundByReference reads one refund of a business; ErrNotFound.
func (v View) RefundByReference(business, reference string) (*payment.Refund, error) {
	return one(v, refundByReference, readRefund, business, reference)
}

// RefundsOlder reads a page of a payment's refunds below pos, newest first.
func (v View) RefundsOlder(paymentID string, pos Position, limit int) ([]*payment.Refund, error) {
	return many(v, refundsOlder, readRefund, paymentID, micros(pos.At), pos.ID, limit)
}

// RefundsNewer reads a page above pos, oldest first.
func (v View) RefundsNewer(paymentID string, pos Position, limit int) ([]*payment.Refund, error) {
	return many(v, refundsNewer, readRefund, paymentID, micros(pos.At), pos.ID, limit)
}

// RefundsAfter walks all refunds in the order of their ids, for the audit.
func (v View) RefundsAfter(id string, limit int) ([]*payment.Refund, error) {
	return many(v, refundsAfter, readRefund, id, limit)
}

func failureText(f *payment.Failure) string {
	if f == nil {
		return ""
	}
	return toJSON(f)
}

func readRefund(scan Scan) (*payment.Refund, error) {
	var r payment.Refund
	var reference sql.NullString
	var currency, state, source, failure string
	var created, updated int64
	err := scan(&r.ID, &r.Business, &r.PaymentID, &reference, &r.Amount.Minor, &currency, &r.Reason, &state, &source,
		&failure, &r.Steps, &r.Version, &created, &updated)
	if err != nil {
		return nil, err
	}
	r.Reference, r.Amount.Currency = reference.String, money.Currency(currency)
	r.State, r.Source = payment.RefundState(state), payment.Source(source)
	r.CreatedAt, r.UpdatedAt = fromMicros(created), fromMicros(updated)
	r.Failure, err = readFailure(failure)
	return &r, err
}

// readFailure reads what failureText wrote.
func readFailure(text string) (*payment.Failure, error) {
	if text == "" {
		return nil, nil
	}
	f := &payment.Failure{}
	return f, fromJSON(text, f)
}
