package wire_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

func parse(t testing.TB, body string) *wire.Value {
	t.Helper()
	v, err := wire.Parse([]byte(body))
	if err != nil {
		e, _ := problem.Of(err)
		t.Fatalf("Parse(%.100q): %v %v", body, err, e.Details)
	}
	return v
}

func TestBodiesThatSayNothingAreEmptyObjects(t *testing.T) {
	for _, body := range []string{"", " ", "\r\n\t ", "null", " null ", "[]", " [ ] ", "{}", "{ }"} {
		if got := string(parse(t, body).Canonical()); got != "{}" {
			t.Errorf("Parse(%q) = %s, want {}", body, got)
		}
	}
}

func TestReasonsNameTheFaultAndItsPlace(t *testing.T) {
	for _, c := range []struct {
		body, reason string
		position     int
	}{
		{`{"a":1,"a":2}`, "An object has two members of the same name", 7},
		{`{"a":"\ud800"}`, "A surrogate stands alone", 6},
		{"{\"a\":\"x\xc3\"}", "The body is not valid UTF-8", 7},
		{`{"a":`, "The body ends too early", 5},
		{`{"a":1} x`, "Something follows the JSON object", 8},
		{`null null`, "Something follows the JSON object", 5},
		{` [1]`, "The body must be a JSON object", 1},
		{`{"a":01}`, "A character is not allowed here", 6},
		{"{\"a\":\"\n\"}", "A control character is not allowed here", 6},
		{`{"a":"\x"}`, "An escape sequence is not valid", 6},
		{`{1:2}`, "The name of a member must be a string", 1},
		{"\xef\xbb\xbf{}", "The body starts with a byte order mark", 0},
		{strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), "The body is nested too deep", 160},
	} {
		_, err := wire.Parse([]byte(c.body))
		e, ok := problem.Of(err)
		if !ok || e.Details["reason"] != c.reason || e.Details["position"] != c.position {
			t.Errorf("Parse(%.40q): %v, want %q at %d", c.body, err, c.reason, c.position)
			if ok {
				t.Errorf("details are %v", e.Details)
			}
		}
	}
}

func TestABodyOfEndlessSmallValuesIsCutShort(t *testing.T) {
	parse(t, `{"a":[0`+strings.Repeat(",0", 249_998)+`]}`)
	_, err := wire.Parse([]byte(`{"a":[0` + strings.Repeat(",0", 249_999) + `]}`))
	if e, _ := problem.Of(err); e == nil || e.Details["reason"] != "The body has too many values" {
		t.Errorf("got %v", err)
	}
}

func TestThirtyTwoLevelsAreTheDeepestBody(t *testing.T) {
	body := strings.Repeat(`{"a":`, 31) + `[]` + strings.Repeat(`}`, 31)
	if got := string(parse(t, body).Canonical()); got != body {
		t.Errorf("got %s, want %s", got, body)
	}
}

func TestValuesAreReadAsTheyWereSent(t *testing.T) {
	v := parse(t, `{"z":1.50,"a":"Zo\u00eb \ud83c\udf93","list":[true,false,null,-0],"\u0065":{"b":1,"a":2}}`)
	if s, ok := v.Get("a").Text(); s != "Zoë 🎓" || !ok {
		t.Errorf("text %q, %v", s, ok)
	}
	if v.Name(0) != "z" || v.Name(3) != "e" || v.Get("e").Name(0) != "b" {
		t.Errorf("members are not in body order: %s", v.Canonical())
	}
	if yes, ok := v.Get("list").At(0).Bool(); !yes || !ok {
		t.Errorf("true is %v, %v", yes, ok)
	}
	if v.Get("list").At(2).Kind() != wire.KindNull || v.Get("list").Len() != 4 || v.Get("missing") != nil {
		t.Errorf("the list is %s", v.Get("list").Canonical())
	}
	if want := `{"a":"Zoë 🎓","e":{"a":2,"b":1},"list":[true,false,null,-0],"z":1.50}`; string(v.Canonical()) != want {
		t.Errorf("canonical %s, want %s", v.Canonical(), want)
	}
}

func TestAbsentValuesCanBeAskedAnything(t *testing.T) {
	var v *wire.Value
	if _, ok := v.Get("a").Get("b").Text(); ok {
		t.Error("an absent value has a text")
	}
	if _, ok := v.Bool(); ok || v.Len() != 0 || v.Kind() != wire.KindNull || string(v.Canonical()) != "null" {
		t.Error("an absent value is not null")
	}
	if _, ok := v.Int(); ok {
		t.Error("an absent value has a number")
	}
}

func TestAParsedBodyDoesNotChangeWithItsBytes(t *testing.T) {
	body := []byte(`{"name":"before","n":12}`)
	v := parse(t, string(body))
	kept, err := wire.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if string(kept.Canonical()) != string(v.Canonical()) {
		t.Errorf("after the buffer was used again: %s", kept.Canonical())
	}
}

func TestValuesNeverShowTheirContentInLogs(t *testing.T) {
	v := parse(t, `{"card_number":"4012001037141112"}`)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("body", "value", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("body", "value", v)
	shown := fmt.Sprintf("%v %+v %#v %s %v ", v, v, v, v, struct{ V *wire.Value }{v}) + log.String()
	if strings.Contains(shown, "4012001037141112") {
		t.Errorf("card digits in %s", shown)
	}
}

func TestRewriteReplacesMembersAndKeepsTheRest(t *testing.T) {
	v := parse(t, `{"card":{"cvv":"123","name":"Ada"},"items":[{"cvv":"456"},"x"],"amount":1}`)
	got := v.Rewrite(func(name string, v *wire.Value) *wire.Value {
		if name == "cvv" {
			return wire.NewText("hidden")
		}
		return v
	})
	if want := `{"amount":1,"card":{"cvv":"hidden","name":"Ada"},"items":[{"cvv":"hidden"},"x"]}`; string(got.Canonical()) != want {
		t.Errorf("got %s, want %s", got.Canonical(), want)
	}
	if s, _ := v.Get("card").Get("cvv").Text(); s != "123" {
		t.Errorf("the original changed: %s", v.Canonical())
	}
	if same := v.Rewrite(func(_ string, v *wire.Value) *wire.Value { return v }); same != v {
		t.Error("nothing to replace, but a new value")
	}
}
