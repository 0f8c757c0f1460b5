package exchange

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Decimal is an exact number above zero, as text: 1545.50. It has at most 18 digits
// before the point and 18 behind it.
type Decimal string

// ErrDecimal is given for a text that is no Decimal.
var ErrDecimal = errors.New("not a decimal number above zero")

var decimalForm = regexp.MustCompile(`^[0-9]{1,18}(\.[0-9]{1,18})?$`)

// ParseDecimal reads a Decimal.
func ParseDecimal(text string) (Decimal, error) {
	if !decimalForm.MatchString(text) || strings.Trim(text, "0.") == "" {
		return "", fmt.Errorf("%q: %w", text, ErrDecimal)
	}
	return Decimal(text), nil
}

// OfMinor is minor units as a Decimal: 154550 is 1545.50.
func OfMinor(minor int64) Decimal { return Decimal(apd.New(minor, -2).Text('f')) }

// digitsOfWork is enough for the longest product: 19 digits of an amount by 36 of a rate.
const digitsOfWork = 60

// rateDigits are the significant digits of a rate that division makes.
const rateDigits = 12

func working(digits uint32) *apd.Context { return apd.BaseContext.WithPrecision(digits) }

func (d Decimal) value() *apd.Decimal {
	v, _, err := apd.NewFromString(string(d))
	if err != nil {
		panic(fmt.Sprintf("exchange: %q is kept as a decimal: %v", string(d), err)) // ParseDecimal and OfMinor make none like it
	}
	return v
}

// Less reports whether d is smaller than other.
func (d Decimal) Less(other Decimal) bool { return d.value().Cmp(other.value()) < 0 }

// inverse is 1/d for people and programs to read, rounded half to even.
func (d Decimal) inverse() Decimal {
	var q apd.Decimal
	c := working(rateDigits)
	c.Rounding = apd.RoundHalfEven
	must(c.Quo(&q, apd.New(1, 0), d.value()))
	q.Reduce(&q)
	return Decimal(q.Text('f')).cents()
}

// cents writes at least two digits behind the point.
func (d Decimal) cents() Decimal {
	whole, fraction, _ := strings.Cut(string(d), ".")
	for len(fraction) < 2 {
		fraction += "0"
	}
	return Decimal(whole + "." + fraction)
}

// must holds the bounds of Decimal and of amounts against the digits of work: inside
// them no operation fails.
func must(_ apd.Condition, err error) {
	if err != nil {
		panic("exchange: arithmetic beyond its bounds: " + err.Error())
	}
}
