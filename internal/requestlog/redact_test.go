package requestlog_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/requestlog"
)

func TestScrubHidesCardsAndKeysAndNothingElse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a card number", "pay 4012000033330026 now", "pay [redacted] now"},
		{"grouped by blanks", "4012 0000 3333 0026", "[redacted]"},
		{"grouped by several blanks and hyphens", "4012  0000--3333 - 0026", "[redacted]"},
		{"the shortest and the longest", "401200000008 and 6304000000000000000", "[redacted] and [redacted]"},
		{"beside other numbers", "order 17 of 2026: 4012 0000 3333 0026 12", "order 17 of 2026: [redacted] 12"},
		{"two of them", "4012000033330026 5123450000000008", "[redacted] [redacted]"},
		{"a wrong check digit", "4012000033330027", "4012000033330027"},
		{"too few digits", "40120000333", "40120000333"},
		{"a masked number", "401200******0026", "401200******0026"},
		{"an id whose digits would make a card number", "/payments/40120000-3333-0026-9faf-fc8186734721", "/payments/40120000-3333-0026-9faf-fc8186734721"},
		{"a moment", "2026-11-22T09:30:00.000000Z", "2026-11-22T09:30:00.000000Z"},
		{"an API key", "Bearer test_0000000000000000000000000000000HGh7u", "Bearer test_0000000[redacted]"},
		{"two keys", "live_0000000000000000000000000000004DY1fB,test_0000000000000000000000000000000HGh7u", "live_0000000[redacted],test_0000000[redacted]"},
		{"something shorter than a key", "test_run", "test_run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := requestlog.Scrub(c.text); got != c.want {
				t.Errorf("Scrub(%q) = %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestRedactKeepsJSONWithoutItsSecrets(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"nothing", ``, ``},
		{"no JSON", `card_number=4012000033330026`, `[not JSON]`},
		{"members that are secret by their name", `{"cvv":"100","otp":null,"pin":[1],"secret":{"a":1}}`, `{"cvv":"[redacted]","otp":null,"pin":"[redacted]","secret":"[redacted]"}`},
		{"a card number as text", `{"card":{"name":"4012 0000 3333 0026"}}`, `{"card":{"name":"[redacted]"}}`},
		{"a card number as number", `{"amount":4012000033330026,"x":[4012000033330026.0,-5]}`, `{"amount":"[redacted]","x":["[redacted]",-5]}`},
		{"a card number as name", `{"4012000033330026":1}`, `{"[redacted]":1}`},
		{"an amount that is long", `{"amount":999999999999}`, `{"amount":999999999999}`},
		{"an API key", `{"x":"test_0000000000000000000000000000000HGh7u"}`, `{"x":"test_0000000[redacted]"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := requestlog.Redact([]byte(c.body), 1000); got != c.want {
				t.Errorf("Redact(%s) = %s, want %s", c.body, got, c.want)
			}
		})
	}
	if got := requestlog.Redact([]byte(`{"a":"é"}`), 7); got != `{"a":"` {
		t.Errorf("cut inside a character: got %q", got)
	}
}
