package store

import (
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
)

var (
	insertPayment      = query("insert_payment")
	savePayment        = query("save_payment")
	paymentByID        = query("payment_by_id")
	paymentByReference = query("payment_by_reference")
	paymentsOlder      = query("payments_older")
	paymentsNewer      = query("payments_newer")
	paymentsOlderIn    = query("payments_older_in_state")
	paymentsNewerIn    = query("payments_newer_in_state")
	paymentStatesSince = query("payment_states_since")
	paymentsAfter      = query("payments_after")
	paymentsOfCustomer = query("payments_of_customer")
	paymentsAlike      = query("payments_alike")
	sumOfCustomer      = query("sum_of_customer")
)

// InsertPayment writes a new payment; a Conflict of "insert_payment" means that
// its reference (or id) is taken.
func (t Tx) InsertPayment(p *payment.Payment) error {
	return t.s.Exec(insertPayment, One, p.ID, p.Business, p.Reference, p.Method, string(p.State), p.Amount.Minor,
		string(p.Amount.Currency), p.AmountPaid, p.AmountRefunded, p.Unsettled, p.Steps, p.Version, p.CustomerID,
		p.CorrelationID, toJSON(p.Fixed), toJSON(p.Course), micros(p.CreatedAt), micros(p.UpdatedAt), micros(p.ExpiresAt))
}

// SavePayment writes what may change of p, if nobody has changed it since it was
// read: else a Conflict of "save_payment". The version kept then counts one more.
func (t Tx) SavePayment(p *payment.Payment) error {
	err := t.s.Exec(savePayment, One, string(p.State), p.AmountPaid, p.AmountRefunded, p.Unsettled, p.Steps,
		toJSON(p.Course), micros(p.UpdatedAt), micros(p.ExpiresAt), p.ID, p.Version)
	return err
}

// Payment reads one payment by id, whoever owns it; ErrNotFound.
func (v View) Payment(id string) (*payment.Payment, error) {
	return one(v, paymentByID, readPayment, id)
}

// PaymentByReference reads one payment of a business; ErrNotFound.
func (v View) PaymentByReference(business, reference string) (*payment.Payment, error) {
	return one(v, paymentByReference, readPayment, business, reference)
}

// PaymentsAfter walks all payments in the order of their ids, for the audit.
func (v View) PaymentsAfter(id string, limit int) ([]*payment.Payment, error) {
	return many(v, paymentsAfter, readPayment, id, limit)
}

// PaymentsOlder reads a page below pos, newest first; states nil means all. With several
// states it must be a Snapshot, or a payment that moves between them may be missed.
func (v View) PaymentsOlder(business string, pos Position, span Span, states []payment.State, limit int) ([]*payment.Payment, error) {
	pos = pos.below(span.To)
	if len(states) == 0 {
		return many(v, paymentsOlder, readPayment, business, micros(pos.At), pos.ID, micros(span.From), limit)
	}
	return inStates(states, limit, olderThan(placeOfPayment), func(state string) ([]*payment.Payment, error) {
		return many(v, paymentsOlderIn, readPayment, business, state, micros(pos.At), pos.ID, micros(span.From), limit)
	})
}

// PaymentsNewer reads a page above pos, oldest first.
func (v View) PaymentsNewer(business string, pos Position, span Span, states []payment.State, limit int) ([]*payment.Payment, error) {
	pos = pos.above(span.From)
	if len(states) == 0 {
		return many(v, paymentsNewer, readPayment, business, micros(pos.At), pos.ID, micros(span.To), limit)
	}
	return inStates(states, limit, newerThan(placeOfPayment), func(state string) ([]*payment.Payment, error) {
		return many(v, paymentsNewerIn, readPayment, business, state, micros(pos.At), pos.ID, micros(span.To), limit)
	})
}

func placeOfPayment(p *payment.Payment) Position { return Position{At: p.CreatedAt, ID: p.ID} }

// PaymentAlike reads the newest payment of the same customer over the same amount
// made after a moment that has not failed; ErrNotFound.
func (v View) PaymentAlike(business, customer string, amount money.Amount, after time.Time) (*payment.Payment, error) {
	return one(v, paymentsAlike, readPayment, business, micros(after), customer, amount.Minor, string(amount.Currency))
}

// PaymentsOfCustomer reads a customer's newest payments.
func (v View) PaymentsOfCustomer(business, customer string, limit int) ([]*payment.Payment, error) {
	return many(v, paymentsOfCustomer, readPayment, business, customer, limit)
}

// SumOfCustomer adds up a customer's payments by one method since a moment that have not
// failed, in minor units. The method has one currency.
func (v View) SumOfCustomer(business, customer string, since time.Time, method string) (int64, error) {
	return one(v, sumOfCustomer, readInt, business, customer, micros(since), method)
}

// CountPayments counts a business's payments since a moment, by state.
func (v View) CountPayments(business string, since time.Time) (map[payment.State]int64, error) {
	type row struct {
		state string
		n     int64
	}
	rows, err := many(v, paymentStatesSince, func(scan Scan) (r row, err error) { return r, scan(&r.state, &r.n) },
		business, micros(since))
	counts := map[payment.State]int64{}
	for _, r := range rows {
		counts[payment.State(r.state)] = r.n
	}
	return counts, err
}

func readPayment(scan Scan) (*payment.Payment, error) {
	var p payment.Payment
	var state, currency, fixed, course string
	var created, updated, expires int64
	err := scan(&p.ID, &p.Business, &p.Reference, &p.Method, &state, &p.Amount.Minor, &currency, &p.AmountPaid,
		&p.AmountRefunded, &p.Unsettled, &p.Steps, &p.Version, &p.CustomerID, &p.CorrelationID, &fixed, &course,
		&created, &updated, &expires)
	if err != nil {
		return nil, err
	}
	p.State, p.Amount.Currency = payment.State(state), money.Currency(currency)
	p.CreatedAt, p.UpdatedAt, p.ExpiresAt = fromMicros(created), fromMicros(updated), fromMicros(expires)
	if err := fromJSON(fixed, &p.Fixed); err != nil {
		return nil, err
	}
	return &p, fromJSON(course, &p.Course)
}
