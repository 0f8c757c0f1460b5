package wire

import "strconv"

// number is a JSON number taken apart: digits times ten to the power exponent.
// The digits have no zeros at either end; zero has none at all. Nothing here
// ever expands the exponent, which a caller may choose as large as a body.
type number struct {
	negative bool
	digits   string
	exponent int64
	vast     bool // the exponent was cut off at vastExponent
}

// vastExponent is far beyond what the length of a body can shift back.
const vastExponent = 1_000_000_000_000

// takeApart reads the text of a valid JSON number.
func takeApart(text string) number {
	var n number
	if text[0] == '-' {
		n.negative, text = true, text[1:]
	}
	for i := range len(text) {
		if text[i]|0x20 == 'e' {
			n.exponent, n.vast = exponent(text[i+1:])
			text = text[:i]
			break
		}
	}
	for i := range len(text) {
		if text[i] == '.' {
			n.exponent -= int64(len(text) - i - 1)
			text = text[:i] + text[i+1:]
			break
		}
	}
	for len(text) > 0 && text[0] == '0' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
		n.exponent++
	}
	n.digits = text
	return n
}

func exponent(text string) (n int64, vast bool) {
	sign := int64(1)
	if text[0] == '+' || text[0] == '-' {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	for i := range len(text) {
		if n = n*10 + int64(text[i]-'0'); n >= vastExponent {
			return sign * vastExponent, true
		}
	}
	return sign * n, false
}

func (n number) zero() bool { return n.digits == "" }

func (n number) whole() bool { return n.zero() || n.exponent >= 0 }

// fit says how a number relates to int64.
type fit uint8

const (
	fits fit = iota
	fraction
	tooGreat
	tooSmall
)

// Int is the number as an integer in any whole spelling: 1500, 1500.0, 1.5e3.
// ok is false for fractions, for integers beyond int64 and for other kinds.
func (v *Value) Int() (n int64, ok bool) {
	if v.Kind() != KindNumber {
		return 0, false
	}
	n, how := takeApart(v.text).integer()
	return n, how == fits
}

func (n number) integer() (int64, fit) {
	if n.zero() {
		return 0, fits
	}
	if !n.whole() {
		return 0, fraction
	}
	const int64Digits = 19
	if n.exponent <= int64Digits && int64(len(n.digits))+n.exponent <= int64Digits {
		if i, err := strconv.ParseInt(string(n.plain(nil)), 10, 64); err == nil {
			return i, fits
		}
	}
	if n.negative {
		return 0, tooSmall
	}
	return 0, tooGreat
}

// plain writes a whole number digit by digit. The caller has looked at the exponent.
func (n number) plain(dst []byte) []byte {
	if n.zero() {
		return append(dst, '0')
	}
	if n.negative {
		dst = append(dst, '-')
	}
	dst = append(dst, n.digits...)
	for range n.exponent {
		dst = append(dst, '0')
	}
	return dst
}

// normal writes every spelling of a whole number alike. Fractions stay as given.
func normal(dst []byte, text string) []byte {
	n := takeApart(text)
	switch {
	case !n.whole() || n.vast && !n.zero():
		return append(dst, text...)
	case n.zero() || n.exponent <= plainDigitsMax && int64(len(n.digits))+n.exponent <= plainDigitsMax:
		return n.plain(dst)
	}
	if n.negative {
		dst = append(dst, '-')
	}
	dst = append(dst, n.digits...)
	return strconv.AppendInt(append(dst, 'e'), n.exponent, 10)
}
