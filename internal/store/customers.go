package store

import (
	"github.com/juicer-pay/juicer/internal/party"
)

var (
	insertCustomer    = query("insert_customer")
	saveCustomer      = query("save_customer")
	leaveEmail        = query("leave_email")
	holdCustomer      = query("hold_customer")
	customerByEmail   = query("customer_by_email")
	customerWithEmail = query("customer_with_email")
	customerByID      = query("customer_by_id")
	customersOlder    = query("customers_older")
	customersNewer    = query("customers_newer")
)

// InsertCustomer writes a customer unless the business has one with that e-mail;
// read it with CustomerByEmail.
func (t Tx) InsertCustomer(c *party.Customer) error { return t.insertCustomer(c, c.Profile.Email, Any) }

// AddCustomer writes a new customer: a Conflict of "insert_customer" means that its
// e-mail is taken.
func (t Tx) AddCustomer(c *party.Customer) error { return t.insertCustomer(c, c.Profile.Email, One) }

func (t Tx) insertCustomer(c *party.Customer, email string, want Want) error {
	return t.s.Exec(insertCustomer, want, c.ID, c.Business, email, toJSON(c.Profile), micros(c.CreatedAt), micros(c.UpdatedAt),
		string(c.Status), c.Version)
}

// SaveCustomer writes what may change but the e-mail, if nobody has changed the
// customer since it was read: else a Conflict of "save_customer".
func (t Tx) SaveCustomer(c *party.Customer) error {
	return t.s.Exec(saveCustomer, One, toJSON(c.Profile), string(c.Status), micros(c.UpdatedAt), c.ID, c.Profile.Email, c.Version)
}

// RenameCustomer is SaveCustomer with another e-mail. The row is written anew, because
// an insert can step aside for a row that has the e-mail and an update cannot: a
// Conflict of "leave_email" means that somebody has changed the customer, one of
// "insert_customer" that the e-mail is taken.
func (t Tx) RenameCustomer(c *party.Customer) error { return t.rewrite(c, c.Profile.Email) }

// RetireCustomer is SaveCustomer for a customer that gives its e-mail free.
func (t Tx) RetireCustomer(c *party.Customer) error { return t.rewrite(c, c.ID) }

func (t Tx) rewrite(c *party.Customer, email string) error {
	if err := t.s.Exec(leaveEmail, One, c.ID, c.Version); err != nil {
		return err
	}
	again := *c
	again.Version++
	return t.insertCustomer(&again, email, One)
}

// HoldCustomer counts a change, so that two transactions that depend on what a
// customer is cannot both commit: a Conflict of "hold_customer" means that somebody
// has changed the customer since it was read.
func (t Tx) HoldCustomer(c *party.Customer) error {
	return t.s.Exec(holdCustomer, One, c.ID, c.Version)
}

// CustomerByEmail gives the id of a business's customer; ErrNotFound.
func (v View) CustomerByEmail(business, email string) (string, error) {
	return one(v, customerByEmail, readText, business, email)
}

// CustomerWithEmail reads a business's customer; ErrNotFound.
func (v View) CustomerWithEmail(business, email string) (*party.Customer, error) {
	return one(v, customerWithEmail, readCustomer, business, email)
}

// Customer reads one customer by id, whoever owns it, deleted ones too; ErrNotFound.
func (v View) Customer(id string) (*party.Customer, error) {
	return one(v, customerByID, readCustomer, id)
}

// CustomersOlder reads a page below pos, newest first, without deleted ones.
func (v View) CustomersOlder(business string, pos Position, span Span, limit int) ([]*party.Customer, error) {
	pos = pos.below(span.To)
	return many(v, customersOlder, readCustomer, business, micros(pos.At), pos.ID, micros(span.From), limit)
}

// CustomersNewer reads a page above pos, oldest first.
func (v View) CustomersNewer(business string, pos Position, span Span, limit int) ([]*party.Customer, error) {
	pos = pos.above(span.From)
	return many(v, customersNewer, readCustomer, business, micros(pos.At), pos.ID, micros(span.To), limit)
}

func readCustomer(scan Scan) (*party.Customer, error) {
	var c party.Customer
	var email, body string
	var created, updated int64
	err := scan(&c.ID, &c.Business, &email, &body, &created, &updated, (*string)(&c.Status), &c.Version)
	if err != nil {
		return nil, err
	}
	c.CreatedAt, c.UpdatedAt = fromMicros(created), fromMicros(updated)
	return &c, fromJSON(body, &c.Profile)
}
