package wire

import "github.com/juicer-pay/juicer/internal/party"

// Customer is the payer as given with a payment.
type Customer struct {
	BillingAddress Address `json:"billing_address"`
	Email          string  `json:"email"`
	FirstName      string  `json:"first_name"`
	ID             string  `json:"id"`
	LastName       string  `json:"last_name"`
	PhoneNumber    string  `json:"phone_number"`
	Type           string  `json:"type"`
}

// Address is a postal address; line2 and state may be absent.
type Address struct {
	City    string  `json:"city"`
	Country string  `json:"country"`
	Line1   string  `json:"line1"`
	Line2   *string `json:"line2"`
	State   *string `json:"state"`
	ZipCode string  `json:"zip_code"`
}

// Profile is what a payer says as a customer's profile.
func (c Customer) Profile() party.Profile {
	return party.Profile{Address: party.Address(c.BillingAddress), Email: c.Email, FirstName: c.FirstName, LastName: c.LastName,
		PhoneNumber: c.PhoneNumber, Type: c.Type}
}

// CustomerRecord is a customer as GET /customers/{id} shows it.
type CustomerRecord struct {
	BillingAddress Address `json:"billing_address"`
	CreatedAt      Time    `json:"created_at"`
	Email          string  `json:"email"`
	FirstName      string  `json:"first_name"`
	ID             string  `json:"id"`
	LastName       string  `json:"last_name"`
	Metadata       Raw     `json:"metadata"`
	PhoneNumber    string  `json:"phone_number"`
	Status         string  `json:"status"`
	Type           string  `json:"type"`
	UpdatedAt      Time    `json:"updated_at"`
}

// CustomerView is c as every endpoint shows it.
func CustomerView(c *party.Customer) CustomerRecord {
	p := c.Profile
	v := CustomerRecord{BillingAddress: Address(p.Address), CreatedAt: At(c.CreatedAt), Email: p.Email, FirstName: p.FirstName, ID: c.ID,
		LastName: p.LastName, Metadata: orEmpty(p.Metadata), PhoneNumber: p.PhoneNumber, Status: string(c.Status), Type: p.Type,
		UpdatedAt: At(c.UpdatedAt)}
	if v.Type == "" {
		v.Type = party.Individual
	}
	return v
}

// CustomerEventData is a customer as its events carry it.
func CustomerEventData(c *party.Customer) []byte { return told(CustomerView(c), nil) }

// OrNull is nil for an absent text.
func OrNull(s string) *string { return orNull(s) }

// Order is what is paid for.
type Order struct {
	Identifier string      `json:"identifier"`
	Items      []OrderItem `json:"items"`
}

// OrderItem is one line of an order.
type OrderItem struct {
	Name string `json:"name"`
	Type string `json:"type"` // digital, physical, service
}
