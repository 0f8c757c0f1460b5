package wire

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
