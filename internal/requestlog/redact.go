package requestlog

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	hidden        = "[redacted]"
	cardDigitsMin = 12
	cardDigitsMax = 19
)

// secretNames are members whose value is never shown, whatever it is.
var secretNames = []string{"card_number", "cvv", "otp", "pin", "key", "encryption_key", "secret", "payout_pin", "security_answer"}

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
		case v.Kind() == wire.KindNumber && Scrub(string(v.Canonical())) != string(v.Canonical()):
			return wire.NewText(hidden)
		}
		return v
	})
	return cut(Scrub(string(clean.Canonical())), maxBytes) // once more, for the names of members
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

// digitRuns finds 12 digits and more, however they are grouped by blanks and
// hyphens. Whole ids are matched first and left alone: some happen to hold as many.
var (
	digitRuns = regexp.MustCompile(`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\d(?:[ -]*\d){11,}`)
	digits    = regexp.MustCompile(`\d+`)
	keyLike   = regexp.MustCompile(`(?:test|live)_[0-9A-Za-z]{36}`)
)

// Scrub hides what looks like a card number (12 to 19 digits with a right check
// digit) or an API key in a text that goes to a log.
func Scrub(s string) string {
	if strings.Contains(s, "test_") || strings.Contains(s, "live_") {
		s = keyLike.ReplaceAllStringFunc(s, func(m string) string { return m[:12] + hidden })
	}
	if strings.ContainsAny(s, "0123456789") {
		s = digitRuns.ReplaceAllStringFunc(s, func(m string) string {
			if id.Valid(m) {
				return m
			}
			return hideCards(m)
		})
	}
	return s
}

// hideCards hides every sequence of whole groups of digits that is a card number,
// the longest first.
func hideCards(run string) string {
	groups := digits.FindAllStringIndex(run, -1)
	var out strings.Builder
	written := 0
	for i := 0; i < len(groups); i++ {
		for j := min(i+cardDigitsMax, len(groups)) - 1; j >= i; j-- {
			if from, to := groups[i][0], groups[j][1]; isCard(run[from:to]) {
				out.WriteString(run[written:from] + hidden)
				written, i = to, j
				break
			}
		}
	}
	return out.String() + run[written:]
}

// isCard reports whether s holds as many digits as a card number, the last of which is the check
// digit of the others.
func isCard(s string) bool {
	sum, n := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if n%2 == 1 {
			d *= 2
		}
		sum, n = sum+d/10+d%10, n+1
	}
	return n >= cardDigitsMin && n <= cardDigitsMax && sum%10 == 0
}
