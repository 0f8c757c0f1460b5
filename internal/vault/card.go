package vault

import (
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

const (
	numberDigitsMin = 12
	numberDigitsMax = 19
	cvvDigitsMin    = 3
	cvvDigitsMax    = 4

	firstShown = 6
	lastShown  = 4
)

// The request fields that the problems of this package name.
const (
	NumberField = "card.card_number"
	CVVField    = "card.cvv"
)

// SealedText is a text as a client sent it: sealed or, by mistake, in clear. It
// is kept behind a function because reflection prints everything else.
type SealedText struct {
	hidden
	text func() string
}

// Sealed wraps what came in a request.
func Sealed(text string) SealedText {
	return SealedText{text: func() string { return text }}
}

// SealedCard is a card as a request brings it.
type SealedCard struct {
	hidden
	Number      SealedText
	CVV         SealedText
	ExpiryMonth int // 1..12
	ExpiryYear  int // two or four digits
	Name        string
}

// Card is an opened card. Its fields may be stored and shown, except that hashes
// stay inside; number and security code are reachable for a rail only.
type Card struct {
	hidden
	First6      string
	Last4       string
	Masked      string // 401200******0026
	ExpiryMonth int    // 1..12
	ExpiryYear  int    // four digits
	Name        string

	Fingerprint string // keyed hash of number and expiry: the same card?
	NumberHash  string // keyed hash of the number
	CVVHash     string // keyed hash of security code and number

	charge *rail.Card
}

// Rail is the card as a rail takes it.
func (c *Card) Rail() *rail.Card { return c.charge }

// Card opens a sealed card. It raises problem.InvalidEncryption for a value that
// no key accepted at now decrypts, problem.InvalidCard for a decrypted number or
// security code that no card can have; details.field says which.
func (k *Keyring) Card(in SealedCard, now time.Time) (*Card, error) {
	number, err := k.open(in.Number, now)
	if err != nil {
		return nil, problem.InvalidEncryption.With(problem.Details{"field": NumberField})
	}
	cvv, err := k.open(in.CVV, now)
	if err != nil {
		return nil, problem.InvalidEncryption.With(problem.Details{"field": CVVField})
	}
	number = compact(number)
	if !k.possible(number) {
		return nil, problem.InvalidCard.With(problem.Details{"field": NumberField})
	}
	if !digits(cvv, cvvDigitsMin, cvvDigitsMax) {
		return nil, problem.InvalidCard.With(problem.Details{"field": CVVField})
	}
	return k.describe(number, cvv, in), nil
}

func (k *Keyring) describe(number, cvv string, in SealedCard) *Card {
	c := &Card{
		First6:      number[:firstShown],
		Last4:       number[len(number)-lastShown:],
		ExpiryMonth: in.ExpiryMonth,
		ExpiryYear:  fourDigits(in.ExpiryYear),
		Name:        in.Name,
		NumberHash:  k.number(number),
		CVVHash:     k.cvv(number, cvv),
	}
	c.Masked = c.First6 + strings.Repeat("*", len(number)-firstShown-lastShown) + c.Last4
	c.Fingerprint = k.fingerprint(number, expiry(c.ExpiryMonth, c.ExpiryYear))
	c.charge = rail.NewCard(c.ExpiryMonth, c.ExpiryYear, c.Name, func() (string, string) { return number, cvv })
	return c
}

// possible reports whether a card can have this number.
func (k *Keyring) possible(number string) bool {
	if !digits(number, numberDigitsMin, numberDigitsMax) {
		return false
	}
	return luhn(number) || k.luhnExempt[k.number(number)]
}

// compact removes the blanks and hyphens that people type between digits.
func compact(number string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(number)
}

// digits reports whether s is min..max ASCII digits.
func digits(s string, min, max int) bool {
	if len(s) < min || len(s) > max {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// luhn reports whether the last digit checks the others (ISO/IEC 7812-1).
func luhn(number string) bool {
	sum := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// fourDigits reads 39 as 2039.
func fourDigits(year int) int {
	if year < 100 {
		return 2000 + year
	}
	return year
}

func expiry(month, year int) string {
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}
