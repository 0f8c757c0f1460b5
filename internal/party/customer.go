// Package party says what a customer is and how a customer may change. It is pure.
package party

import (
	"encoding/json"
	"time"
)

// Customer is somebody a business takes money from or keeps money for.
type Customer struct {
	ID        string
	Business  string
	Profile   Profile
	Status    Status
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Profile is what a business says of a customer; it is kept as JSON. Profiles of
// payers have no metadata, and may have empty fields.
type Profile struct {
	Address     Address         `json:"billing_address"`
	Email       string          `json:"email"`
	FirstName   string          `json:"first_name"`
	LastName    string          `json:"last_name"`
	Metadata    json.RawMessage `json:"metadata,omitempty"` // canonical JSON object; nil: {}
	PhoneNumber string          `json:"phone_number"`
	Type        string          `json:"type"` // individual, business
}

// Address is a postal address; Line2 and State may be absent.
type Address struct {
	City    string  `json:"city"`
	Country string  `json:"country"`
	Line1   string  `json:"line1"`
	Line2   *string `json:"line2"`
	State   *string `json:"state"`
	ZipCode string  `json:"zip_code"`
}

// The types of customers.
const (
	Individual = "individual"
	Business   = "business"
)

// Name is the customer's name as banks write it.
func (p Profile) Name() string {
	if p.LastName == "" {
		return p.FirstName
	}
	return p.FirstName + " " + p.LastName
}

// Differs names the fields, in byte order, in which again says something else than p.
func (p Profile) Differs(again Profile) []string {
	differs := []string{}
	for _, f := range []struct {
		name string
		a, b string
	}{
		{"billing_address.city", p.Address.City, again.Address.City},
		{"billing_address.country", p.Address.Country, again.Address.Country},
		{"billing_address.line1", p.Address.Line1, again.Address.Line1},
		{"billing_address.line2", text(p.Address.Line2), text(again.Address.Line2)},
		{"billing_address.state", text(p.Address.State), text(again.Address.State)},
		{"billing_address.zip_code", p.Address.ZipCode, again.Address.ZipCode},
		{"email", p.Email, again.Email},
		{"first_name", p.FirstName, again.FirstName},
		{"last_name", p.LastName, again.LastName},
		{"metadata", object(p.Metadata), object(again.Metadata)},
		{"phone_number", p.PhoneNumber, again.PhoneNumber},
		{"type", p.Type, again.Type},
	} {
		if f.a != f.b {
			differs = append(differs, f.name)
		}
	}
	return differs
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func object(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "{}"
	}
	return string(raw)
}

// Change is a change of a profile: nil keeps what is there. An address is merged.
type Change struct {
	Address     AddressChange
	Email       *string
	FirstName   *string
	LastName    *string
	Metadata    json.RawMessage
	PhoneNumber *string
	Type        *string
}

// AddressChange is a change of an address: nil keeps what is there.
type AddressChange struct {
	City, Country, Line1, Line2, State, ZipCode *string
}

// Apply gives the profile after the change.
func (c Change) Apply(p Profile) Profile {
	set := func(into *string, to *string) {
		if to != nil {
			*into = *to
		}
	}
	set(&p.Email, c.Email)
	set(&p.FirstName, c.FirstName)
	set(&p.LastName, c.LastName)
	set(&p.PhoneNumber, c.PhoneNumber)
	set(&p.Type, c.Type)
	if c.Metadata != nil {
		p.Metadata = c.Metadata
	}
	a := c.Address
	set(&p.Address.City, a.City)
	set(&p.Address.Country, a.Country)
	set(&p.Address.Line1, a.Line1)
	set(&p.Address.ZipCode, a.ZipCode)
	if a.Line2 != nil {
		p.Address.Line2 = a.Line2
	}
	if a.State != nil {
		p.Address.State = a.State
	}
	return p
}
