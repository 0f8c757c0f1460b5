package exchange

import (
	"errors"

	"github.com/cockroachdb/apd/v3"
)

// A rounding says what becomes of the part of a minor unit that cannot be moved.
type rounding int

const (
	// toCustomer rounds down what a customer gets.
	toCustomer rounding = iota
	// fromCustomer rounds up what a customer gives.
	fromCustomer
)

// ErrRange is given for a result that no amount can hold.
var ErrRange = errors.New("the result is beyond all amounts")

// times is minor units times a rate.
func (r rounding) times(minor int64, rate Decimal) (int64, error) {
	var product, whole apd.Decimal
	c := working(digitsOfWork)
	must(c.Mul(&product, apd.New(minor, 0), rate.value()))
	if r == toCustomer {
		must(c.Floor(&whole, &product))
	} else {
		must(c.Ceil(&whole, &product))
	}
	return integer(&whole)
}

// over is minor units divided by a rate.
func (r rounding) over(minor int64, rate Decimal) (int64, error) {
	var whole, rest apd.Decimal
	c := working(digitsOfWork)
	must(c.QuoInteger(&whole, apd.New(minor, 0), rate.value()))
	must(c.Rem(&rest, apd.New(minor, 0), rate.value()))
	if r == fromCustomer && !rest.IsZero() {
		must(c.Add(&whole, &whole, apd.New(1, 0)))
	}
	return integer(&whole)
}

func integer(d *apd.Decimal) (int64, error) {
	n, err := d.Int64()
	if err != nil {
		return 0, ErrRange
	}
	return n, nil
}
