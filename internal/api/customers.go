package api

import (
	"encoding/json"
	"slices"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/wire"
)

func createCustomer(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	r.Alias("phone_number", "phone")
	p := party.Profile{
		FirstName: r.Text("first_name", wire.Required, wire.Length(1, nameMax), wire.PersonName),
		LastName:  r.Text("last_name", wire.Required, wire.Length(1, nameMax), wire.PersonName),
		Email:     r.Text("email", wire.Required, wire.Email), PhoneNumber: r.Text("phone_number", wire.Required, wire.Phone),
	}
	r.Object("billing_address", wire.Required, func(a *wire.Reader) {
		p.Address = party.Address{
			Line1: a.Text("line1", wire.Required, wire.MaxLength(addressMax)), City: a.Text("city", wire.Required, wire.MaxLength(addressMax)),
			Country: a.Text("country", wire.Required, wire.Country), ZipCode: a.Text("zip_code", wire.Required, wire.MaxLength(addressMax)),
			Line2: wire.OrNull(a.Text("line2", wire.MaxLength(addressMax))), State: wire.OrNull(a.Text("state", wire.MaxLength(addressMax))),
		}
	})
	if p.Type = wire.OneOf(r, "type", wire.Optional, party.Individual, party.Business); p.Type == "" {
		p.Type = party.Individual
	}
	if v := r.Metadata("metadata"); v != nil {
		p.Metadata = v.Canonical()
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreateCustomer(x.ctx(), x.call, p))
}

func updateCustomer(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	r.Alias("phone_number", "phone")
	c := party.Change{
		FirstName: changed(r, "first_name", wire.Length(1, nameMax), wire.PersonName),
		LastName:  changed(r, "last_name", wire.Length(1, nameMax), wire.PersonName),
		Email:     changed(r, "email", wire.Email), PhoneNumber: changed(r, "phone_number", wire.Phone),
		Type: changed(r, "type", wire.Allowed(party.Individual, party.Business)),
	}
	r.Object("billing_address", wire.Optional, func(a *wire.Reader) {
		c.Address = party.AddressChange{
			Line1: changed(a, "line1", wire.MaxLength(addressMax)), City: changed(a, "city", wire.MaxLength(addressMax)),
			Country: changed(a, "country", wire.Country), ZipCode: changed(a, "zip_code", wire.MaxLength(addressMax)),
			Line2: changed(a, "line2", wire.MaxLength(addressMax)), State: changed(a, "state", wire.MaxLength(addressMax)),
		}
	})
	if v := r.Metadata("metadata"); v != nil {
		c.Metadata = v.Canonical()
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().UpdateCustomer(x.ctx(), x.call, x.param("id"), c))
}

// changed reads a text that a change may name; nil if it does not.
func changed(r *wire.Reader, name string, rules ...wire.Rule) *string {
	if s := r.Text(name, rules...); r.Has(name) {
		return &s
	}
	return nil
}

func deleteCustomer(x *exchange) (answer, error) {
	return reply(x.engine().DeleteCustomer(x.ctx(), x.call, x.param("id")))
}

func listCustomers(x *exchange) (answer, error) {
	q := x.query
	f := engine.CustomerFilter{Page: q.Page("customers", pageSizeDefault), Span: readSpan(q), Email: q.Text("email", wire.MaxLength(wire.EmailMax))}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Customers(x.ctx(), x.business(), f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(f.Page, rows, func(c *party.Customer) wire.Cursor { return wire.Cursor{CreatedAt: c.CreatedAt, ID: c.ID} })
	out := make([]wire.CustomerRecord, len(rows))
	for i, c := range rows {
		out[i] = wire.CustomerView(c)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

// customerFields are the names that ?fields= may ask for.
var customerFields = []string{"billing_address", "created_at", "email", "first_name", "id", "last_name", "metadata", "phone_number",
	"status", "type", "updated_at"}

const (
	includeTransactions = "transactions"
	includeMethods      = "payment_methods"
	versionMax          = 1 << 31
)

func getCustomer(x *exchange) (answer, error) {
	q := x.query
	fields := q.List("fields", wire.Allowed(customerFields...))
	include := q.List("include", wire.Allowed(includeTransactions, includeMethods))
	q.Int("version", 0, 0, versionMax) // of the original's API: accepted and ignored
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	c, err := x.engine().FindCustomer(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("customer", c.ID)
	view := chosenFields(wire.CustomerView(c), fields)
	if err := x.includeIn(view, c, include); err != nil {
		return answer{}, err
	}
	return data(view), nil
}

// chosenFields keeps the members that were asked for, and the id; all if none were.
func chosenFields(v wire.CustomerRecord, fields []string) map[string]any {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(wire.Marshal(v), &members); err != nil {
		panic("api: our own reply does not parse: " + err.Error()) // Marshal wrote it
	}
	out := map[string]any{}
	for name, raw := range members {
		if len(fields) == 0 || name == "id" || slices.Contains(fields, name) {
			out[name] = wire.Raw(raw)
		}
	}
	return out
}

// includeIn adds the lists that were asked for, newest first.
func (x *exchange) includeIn(view map[string]any, c *party.Customer, include []string) error {
	if len(include) == 0 {
		return nil
	}
	payments, err := x.engine().PaymentsOf(x.ctx(), c, pageSizeDefault)
	if err != nil {
		return err
	}
	if slices.Contains(include, includeTransactions) {
		view[includeTransactions] = x.flat(payments)
	}
	if !slices.Contains(include, includeMethods) {
		return nil
	}
	accounts, err := x.engine().AccountsOf(x.ctx(), c)
	view[includeMethods] = methodsOf(wire.WalletAccounts(accounts), payments)
	return err
}

// methodsOf are the account numbers of a customer and the cards of the newest
// payments, each card once.
func methodsOf(accounts []wire.WalletAccount, payments []*payment.Payment) []any {
	out, seen := []any{}, map[string]bool{}
	for _, a := range accounts {
		out = append(out, a)
	}
	for _, p := range payments {
		card := p.Course.Card
		if card == nil || seen[card.Fingerprint] {
			continue
		}
		seen[card.Fingerprint] = true
		out = append(out, wire.PaymentMethod{CardNumber: card.Masked, ExpiryMonth: card.ExpiryMonth, ExpiryYear: card.ExpiryYear, ID: &card.MethodID,
			Type: payment.MethodCard})
	}
	return out[:min(len(out), pageSizeDefault)]
}

// decideKYC is the result of a customer's identity check, by hand.
func decideKYC(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	to := wire.OneOf(r, "status", wire.Required, party.Active, party.Rejected)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().DecideKYC(x.ctx(), x.call, x.param("id"), to))
}
