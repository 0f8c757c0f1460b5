package requestlog_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/requestlog"
)

// The oracle of these tests is written anew, the slow way: a text is unsafe if a
// sequence of whole groups of digits, with nothing but blanks and hyphens between
// them, has 12 to 19 digits of which the last is the check digit.

var (
	uuids  = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	chains = regexp.MustCompile(`[0-9]+(?:[ -]+[0-9]+)*`)
)

func cardsIn(text string) (found []string) {
	for _, chain := range chains.FindAllString(uuids.ReplaceAllString(text, "#"), -1) {
		groups := strings.FieldsFunc(chain, func(r rune) bool { return r == ' ' || r == '-' })
		for i := range groups {
			for j := i; j < len(groups); j++ {
				if digits := strings.Join(groups[i:j+1], ""); len(digits) >= 12 && len(digits) <= 19 && checks(digits) {
					found = append(found, digits)
				}
			}
		}
	}
	return found
}

func checks(digits string) bool {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if (len(digits)-i)%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// cardNumber draws a number with a right check digit, grouped somehow.
func cardNumber() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		digits := rapid.StringMatching(`[0-9]{11,18}`).Draw(t, "digits")
		for check := range 10 {
			if whole := digits + strconv.Itoa(check); checks(whole) {
				digits = whole
				break
			}
		}
		separator := rapid.SampledFrom([]string{"", " ", "-", "  ", " - "}).Draw(t, "separator")
		size := rapid.IntRange(1, 6).Draw(t, "group")
		var out []string
		for len(digits) > size {
			out, digits = append(out, digits[:size]), digits[size:]
		}
		return strings.Join(append(out, digits), separator)
	})
}

// around draws what may stand beside a number in a text.
func around() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`[0-9 \-]{0,12}`), rapid.StringMatching(`[a-zA-Z0-9 .,:/"'{}\-]{0,20}`), rapid.String(),
		rapid.Just("2026-11-22 "), rapid.Just("01a20297-4dc0-74cd-9faf-fc8186734721 "))
}

func texts() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, 3).Draw(t, "numbers") {
			b.WriteString(around().Draw(t, "around") + cardNumber().Draw(t, "card"))
		}
		return b.String() + around().Draw(t, "end")
	})
}

func TestNoCardNumberSurvivesScrub(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		clean := requestlog.Scrub(text)
		if found := cardsIn(clean); len(found) > 0 {
			t.Fatalf("Scrub(%q) = %q still shows %v", text, clean, found)
		}
		if again := requestlog.Scrub(clean); again != clean {
			t.Fatalf("Scrub(%q) = %q, and once more %q", text, clean, again)
		}
		if len(cardsIn(text)) == 0 && !strings.Contains(text, "test_") && !strings.Contains(text, "live_") && clean != text {
			t.Fatalf("Scrub(%q) = %q although nothing in it is secret", text, clean)
		}
	})
}

func TestTheOracleSeesCards(t *testing.T) {
	for text, want := range map[string]int{"4012000033330026": 1, "at 12 4012 0000-3333 0026": 1, "4012000033330027": 0, "40120000333": 0, "no": 0} {
		if got := len(cardsIn(text)); got < want || want == 0 && got > 0 {
			t.Errorf("%q: got %d numbers, want %d", text, got, want)
		}
	}
}

// value draws a JSON value with card numbers in texts, names and numbers.
func value(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Custom(func(t *rapid.T) any { return texts().Draw(t, "text") }),
		rapid.Custom(func(t *rapid.T) any {
			return json.Number(strings.TrimLeft(rapid.StringMatching(`[1-9][0-9]{0,18}`).Draw(t, "number"), "0"))
		}),
		rapid.Just[any](nil), rapid.Just[any](true),
	}
	if depth > 0 {
		kinds = append(kinds,
			rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "list") }),
			rapid.Custom(func(t *rapid.T) any { return object(depth-1).Draw(t, "object") }))
	}
	return rapid.OneOf(kinds...)
}

// secret are the members whose value is never shown.
var secret = []string{"card_number", "cvv", "otp", "pin", "key", "encryption_key", "secret", "payout_pin"}

func object(depth int) *rapid.Generator[map[string]any] {
	names := rapid.OneOf(rapid.SampledFrom(append([]string{"amount", "name"}, secret...)), cardNumber())
	return rapid.MapOfN(names, value(depth), 0, 4)
}

func TestNothingSecretSurvivesRedact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(object(2).Draw(t, "body"))
		if err != nil {
			t.Fatal(err)
		}
		clean := requestlog.Redact(body, 1<<20)
		if found := cardsIn(clean); len(found) > 0 {
			t.Fatalf("Redact(%s) = %s still shows %v", body, clean, found)
		}
		var whole any
		if err := json.Unmarshal([]byte(clean), &whole); err != nil {
			t.Fatalf("Redact(%s) = %s is no JSON any more: %v", body, clean, err)
		}
		if shown := secretsShown(whole); len(shown) > 0 {
			t.Fatalf("Redact(%s) = %s shows %v", body, clean, shown)
		}
	})
}

// secretsShown names the members that must not be shown and are.
func secretsShown(v any) (names []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			names = append(names, secretsShown(item)...)
		}
	case map[string]any:
		for name, item := range v {
			if slices.Contains(secret, name) && item != nil && item != "[redacted]" {
				names = append(names, name)
			}
			names = append(names, secretsShown(item)...)
		}
	}
	return names
}

func TestACutBodyIsAPrefixOfTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(object(1).Draw(t, "body"))
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 200).Draw(t, "bytes")
		whole, part := requestlog.Redact(body, 1<<20), requestlog.Redact(body, n)
		if len(part) > n || !strings.HasPrefix(whole, part) || strings.ToValidUTF8(part, "") != part {
			t.Fatalf("the first %d bytes of %q: got %q", n, whole, part)
		}
	})
}
