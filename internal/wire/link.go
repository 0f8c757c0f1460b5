package wire

import (
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/payment"
)

// Link is a payment link.
type Link struct {
	Amount      int64   `json:"amount"`
	CheckoutURL string  `json:"checkout_url"`
	CreatedAt   Time    `json:"created_at"`
	Currency    string  `json:"currency"`
	Customer    Raw     `json:"customer"`
	Description string  `json:"description"`
	ID          string  `json:"id"`
	Link        string  `json:"link"`
	Metadata    Raw     `json:"metadata"`
	Mode        string  `json:"mode"`
	PaymentID   *string `json:"payment_id"`
	RedirectURL *string `json:"redirect_url"`
	Reference   string  `json:"reference"`
	Status      string  `json:"status"` // active, inactive, completed
	URL         string  `json:"url"`
}

// LinkCustomer is the payer of a payment link: what was not given is left out.
type LinkCustomer struct {
	BillingAddress *Address `json:"billing_address,omitzero"`
	Email          string   `json:"email"`
	FirstName      string   `json:"first_name"`
	LastName       string   `json:"last_name,omitzero"`
	PhoneNumber    string   `json:"phone_number,omitzero"`
	Type           string   `json:"type,omitzero"`
}

// Payer is the customer as a payment session has it.
func (c LinkCustomer) Payer() Customer {
	out := Customer{Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, PhoneNumber: c.PhoneNumber, Type: c.Type}
	if c.BillingAddress != nil {
		out.BillingAddress = *c.BillingAddress
	}
	if out.Type == "" {
		out.Type = "individual"
	}
	return out
}

// ShownLink is l as every endpoint shows it.
func (s Site) ShownLink(l *payment.Link) Link {
	page := s.LinkPage(l.ID)
	return Link{Amount: l.Amount.Minor, CheckoutURL: page, CreatedAt: At(l.CreatedAt), Currency: string(l.Amount.Currency),
		Customer: Raw(l.Fixed.Customer), Description: l.Fixed.Description, ID: l.ID, Link: page, Metadata: orEmpty(l.Fixed.Metadata),
		Mode: s.Mode, PaymentID: orNull(l.Payment), RedirectURL: orNull(l.Fixed.RedirectURL), Reference: l.Reference,
		Status: string(l.State), URL: page}
}

// LinkPage is where a payer opens a payment link.
func (s Site) LinkPage(linkID string) string { return s.PublicURL + "/pay/" + id.Short(linkID) }
