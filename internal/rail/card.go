package rail

import "log/slog"

// Card is a payment card on its way from the vault to a rail. The number and the
// security code are behind a function, so that printing, logging or encoding a
// Card can never show them.
type Card struct {
	ExpiryMonth int // 1..12
	ExpiryYear  int // four digits
	Name        string
	open        func() (number, cvv string)
}

// NewCard wraps what open reveals. Only the vault calls it.
func NewCard(month, year int, name string, open func() (number, cvv string)) *Card {
	return &Card{ExpiryMonth: month, ExpiryYear: year, Name: name, open: open}
}

// Reveal gives the number and security code to the rail that charges the card.
func (c *Card) Reveal() (number, cvv string) { return c.open() }

// String implements fmt.Stringer.
func (c *Card) String() string { return "[card]" }

// GoString implements fmt.GoStringer.
func (c *Card) GoString() string { return "[card]" }

// LogValue implements slog.LogValuer.
func (c *Card) LogValue() slog.Value { return slog.StringValue("[card]") }

// MarshalJSON implements json.Marshaler.
func (c *Card) MarshalJSON() ([]byte, error) { return []byte(`"[card]"`), nil }
