package requestlog

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/wire"
)

const hidden = "[redacted]"

// secretNames are members whose value is never shown, whatever it is.
var secretNames = []string{"card_number", "cvv", "otp", "pin", "key", "encryption_key", "secret", "payout_pin"}

// Redact is a body as it may be kept: secret members hidden, and whatever looks
// like a card number or an API key anywhere else. A body that is not JSON is not
// kept at all.
func Redact(body []byte, maxBytes int) string {
	if len(body) == 0 {
		return ""
	}
	v, err := wire.Parse(body)
	if err != nil {
		return "[not JSON]"
	}
	clean := v.Rewrite(func(name string, v *wire.Value) *wire.Value {
		text, isText := v.Text()
		switch {
		case slices.Contains(secretNames, name) && v.Kind() != wire.KindNull:
			return wire.NewText(hidden)
		case isText:
			return wire.NewText(Scrub(text))
		}
		return v
	})
	return cut(Scrub(string(clean.Canonical())), maxBytes)
}

// cut shortens s to at most n bytes, never inside a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

var (
	cardLike = regexp.MustCompile(`\d(?:[ -]?\d){11,18}`)
	keyLike  = regexp.MustCompile(`(?:test|live)_[0-9A-Za-z]{36}`)
)

// Scrub hides what looks like a card number (12 to 19 digits with a right check
// digit) or an API key in a text that goes to a log.
func Scrub(s string) string {
	if strings.ContainsAny(s, "0123456789") {
		s = cardLike.ReplaceAllStringFunc(s, func(m string) string {
			if luhn(m) {
				return hidden
			}
			return m
		})
	}
	if strings.Contains(s, "test_") || strings.Contains(s, "live_") {
		s = keyLike.ReplaceAllStringFunc(s, func(m string) string { return m[:12] + hidden })
	}
	return s
}

func luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}
