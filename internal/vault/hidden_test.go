package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%08.3f", "%T %[1]v"}

// printed is v in every way programs print things.
func printed(t *rapid.T, v any) []string {
	var out []string
	for _, verb := range verbs {
		out = append(out, fmt.Sprintf(verb, v))
	}
	out = append(out, fmt.Sprint(v), fmt.Sprintln(v), fmt.Errorf("wrap: %v", v).Error())
	j, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("marshal %T: %v", v, err)
	}
	out = append(out, string(j))
	for _, h := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(h(&b)).Info("card", "value", v, slog.Group("in", "a", v))
		_, line, _ := strings.Cut(b.String(), "card")
		out = append(out, line)
	}
	return out
}

// wrapped is v alone and inside things that programs print.
func wrapped(v any) []any {
	return []any{
		v, &v, []any{v}, map[string]any{"k": v}, struct{ Card any }{v}, &struct{ Card any }{v}, [1]any{v}, []any{[]any{v}},
		struct{ card any }{v},
	}
}

// spellings of a number, in which it must not stand anywhere.
func spellings(number string) []string {
	return []string{
		number, number[:len(number)-1], number[1:], number[6:], number[:7],
		hex.EncodeToString([]byte(number)), strings.ToUpper(hex.EncodeToString([]byte(number))),
		base64.StdEncoding.EncodeToString([]byte(number))[:12],
	}
}

func withLuhn(body string) string {
	for d := '0'; d <= '9'; d++ {
		if luhn(body + string(d)) {
			return body + string(d)
		}
	}
	panic("no digit checks " + body)
}

func TestNothingPrintedShowsACard(t *testing.T) {
	k := testRing(t, Keys{Current: testKey, Retired: []RetiredKey{{Key: otherKey, At: noon}}})
	rapid.Check(t, func(rt *rapid.T) {
		number := withLuhn(rapid.StringMatching(`[1-9][0-9]{10,17}`).Draw(rt, "number"))
		cvv := rapid.StringMatching(`[0-9]{4}`).Draw(rt, "cvv")
		in := sealedCard(t, number, cvv)
		c, err := k.Card(in, noon)
		if err != nil {
			rt.Fatal(err)
		}
		h := NewHold(1, nil)
		h.Put("p/1", c.Rail(), noon)
		clear := SealedCard{Number: Sealed(number), CVV: Sealed(cvv)} // what a careless client sends
		_, refusal := k.Card(clear, noon)

		for _, v := range []any{c, *c, in, &in, clear, &clear, c.Rail(), k, h, refusal, testSecret(t), Keys{Current: testKey}} {
			checkHidden(rt, wrapped(v), number)
		}
	})
}

func checkHidden(t *rapid.T, values []any, number string) {
	for _, v := range values {
		for _, text := range printed(t, v) {
			for _, s := range spellings(number) {
				if strings.Contains(text, s) {
					t.Fatalf("%T printed as %q shows %q", v, text, s)
				}
			}
		}
	}
}

func TestSecretsPrintAsHidden(t *testing.T) {
	k := testRing(t, Keys{Current: testKey})
	card, err := k.Card(sealedCard(t, approved, "100"), noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{testSecret(t), Keys{Current: testKey}, RetiredKey{Key: testKey}, k, card, *card, SealedCard{Number: Sealed(approved)}, NewHold(1, nil)} {
		for _, verb := range verbs[:9] {
			if got := fmt.Sprintf(verb, v); got != hiddenText {
				t.Errorf("%T by %s is %q, want %q", v, verb, got, hiddenText)
			}
		}
		if got, err := json.Marshal(v); err != nil || string(got) != `"`+hiddenText+`"` {
			t.Errorf("%T in JSON is %s, %v; want %q", v, got, err, hiddenText)
		}
	}
}
