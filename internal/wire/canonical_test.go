package wire_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/wire"
)

// vectors is spec/vectors/webhook-checksum.json, as far as it concerns JSON.
type vectors struct {
	Vectors []struct {
		Name      string          `json:"name"`
		Data      json.RawMessage `json:"data"`
		Canonical string          `json:"canonical_data"`
	} `json:"vectors"`
}

func TestCanonicalWritesTheBytesOfTheWebhookVectors(t *testing.T) {
	file, err := os.ReadFile("../../spec/vectors/webhook-checksum.json")
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Vectors) != 15 {
		t.Fatalf("%d vectors, want 15", len(all.Vectors))
	}
	for _, v := range all.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			data := parse(t, string(v.Data))
			if got := string(data.Canonical()); got != v.Canonical {
				t.Errorf("Canonical\n got %s\nwant %s", got, v.Canonical)
			}
			if got := string(wire.Marshal(data)); got != v.Canonical {
				t.Errorf("Marshal\n got %s\nwant %s", got, v.Canonical)
			}
		})
	}
}

func TestOnlyWhatMustBeIsEscaped(t *testing.T) {
	v := wire.NewText("\x00\x01\b\t\n\v\f\r\x1f \"\\/<>&'\x7f\u0080é\u2028\u2029\uFEFF🎓")
	want := `"\u0000\u0001\b\t\n\u000b\f\r\u001f \"\\/<>&'` + "\x7f\u0080é\u2028\u2029\uFEFF🎓" + `"`
	if got := string(v.Canonical()); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := string(wire.Marshal(v)); got != want {
		t.Errorf("Marshal wrote %q\nwant          %q", got, want)
	}
}

func TestNamesAreSortedByTheirBytes(t *testing.T) {
	// UTF-16 would put U+1F393 (a surrogate pair) before U+FFFD; bytes do not.
	v := parse(t, `{"\ud83c\udf93":1,"\ufffd":2,"b":3,"B":4,"":5,"a\"":6,"a":7,"ab":8,"10":9,"9":10}`)
	want := `{"":5,"10":9,"9":10,"B":4,"a":7,"a\"":6,"ab":8,"b":3,"` + "\ufffd" + `":2,"🎓":1}`
	if got := string(v.Canonical()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFingerprintsMakeEverySpellingOfAWholeNumberEqual(t *testing.T) {
	for _, c := range [][2]string{
		{"1500", "1500"}, {"1500.0", "1500"}, {"1.5e3", "1500"}, {"1.5E+3", "1500"}, {"15000e-1", "1500"}, {"0.15e4", "1500"},
		{"-0", "0"}, {"-0.0", "0"}, {"0e999999999999999999999", "0"}, {"0.000E-5", "0"}, {"-1.50e1", "-15"},
		{"1e39", "1" + strings.Repeat("0", 39)}, {"1e40", "1e40"}, {"10e39", "1e40"}, {"1" + strings.Repeat("0", 40), "1e40"},
		{"1e999999999", "1e999999999"}, {"100e999999997", "1e999999999"}, {"-1.0e999999999", "-1e999999999"},
		{"1e99999999999999999999", "1e99999999999999999999"}, {"1.5", "1.5"}, {"1.50", "1.50"}, {"15e-1", "15e-1"}, {"1e-999999999", "1e-999999999"},
		{"123456789012345678901234567890", "123456789012345678901234567890"}, {"1.5e1", "15"}, {"1.25e1", "1.25e1"},
	} {
		v := parse(t, `{"n":`+c[0]+`}`)
		if got := string(v.Fingerprint()); got != `{"n":`+c[1]+`}` {
			t.Errorf("fingerprint of %s is %s, want %s", c[0], got, c[1])
		}
		if got := string(v.Canonical()); got != `{"n":`+c[0]+`}` {
			t.Errorf("canonical form of %s is %s, want it as given", c[0], got)
		}
	}
}

func TestDiffersNamesThePaths(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{`{"amount":1500,"x":{"a":1,"b":2}}`, `{"x":{"b":2.0,"a":1},"amount":1.5e3}`, ``},
		{`{"amount":1}`, `{"amount":2}`, `amount`},
		{`{"beneficiary":{"id":"a","type":"t"}}`, `{"beneficiary":{"id":"b","type":"t"}}`, `beneficiary.id`},
		{`{"items":[{"amount":1},{"amount":2},{"amount":3}]}`, `{"items":[{"amount":1},{"amount":2},{"amount":4}]}`, `items[2].amount`},
		{`{"items":[1,2]}`, `{"items":[1]}`, `items[1]`},
		{`{"b":1,"a":1}`, `{"c":1,"a":1}`, `b c`},
		{`{"a":null}`, `{}`, `a`},
		{`{"a":{}}`, `{"a":[]}`, `a`},
		{`{"a":"1"}`, `{"a":1}`, `a`},
		{`{"a":true,"b":"x"}`, `{"a":false,"b":"y"}`, `a b`},
		{`{}`, `{}`, ``},
	} {
		got := wire.Differs(parse(t, c.a), parse(t, c.b))
		if strings.Join(got, " ") != c.want {
			t.Errorf("Differs(%s, %s) = %v, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestDiffersStaysSmallForHostileBodies(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	var a, b strings.Builder
	for i := range 5_000 {
		a.WriteString(`"` + strconv.Itoa(i) + `":1,`)
		b.WriteString(`"` + strconv.Itoa(i) + `":2,`)
	}
	got := wire.Differs(parse(t, `{"`+long+`":{`+a.String()+`"x":1}}`), parse(t, `{"`+long+`":{`+b.String()+`"x":1}}`))
	size := len(strings.Join(got, ""))
	if len(got) == 0 || len(got) > 100 || size > 100*300 {
		t.Errorf("%d paths of %d bytes", len(got), size)
	}
	if wide := wire.Differs(parse(t, `{`+a.String()+`"x":1}`), parse(t, `{`+b.String()+`"x":1}`)); len(wide) != 100 || !slices.IsSorted(wide) {
		t.Errorf("%d paths, sorted %v; want the first 100", len(wide), slices.IsSorted(wide))
	}
}

// anyValue draws a JSON value in the caller's freedom: blanks, escapes, spellings.
func anyValue(depth int) *rapid.Generator[string] {
	text := rapid.Map(rapid.String(), func(s string) string {
		out, _ := json.Marshal(s)
		return string(out)
	})
	number := rapid.OneOf(
		rapid.Map(rapid.Int64(), func(n int64) string { return strconv.FormatInt(n, 10) }),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?`),
	)
	leaf := rapid.OneOf(text, number, rapid.SampledFrom([]string{"null", "true", "false", "[]", "{}"}))
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf, anyObject(depth), rapid.Map(rapid.SliceOfN(anyValue(depth-1), 0, 4), func(list []string) string {
		return "[" + strings.Join(list, " , ") + "]"
	}))
}

func anyObject(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		names := rapid.SliceOfNDistinct(rapid.String(), 0, 5, func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }).Draw(t, "names")
		members := make([]string, len(names))
		for i, name := range names {
			quoted, _ := json.Marshal(name)
			members[i] = string(quoted) + " : " + anyValue(depth-1).Draw(t, "value")
		}
		return "{" + strings.Join(members, " ,\n") + "}"
	})
}

func TestCanonicalIsAFixedPointAndKeepsTheMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := anyObject(3).Draw(t, "body")
		v, err := wire.Parse([]byte(body))
		if err != nil {
			t.Fatalf("Parse(%q): %v", body, err)
		}
		for _, write := range []func(*wire.Value) []byte{(*wire.Value).Canonical, (*wire.Value).Fingerprint} {
			once := write(v)
			again, err := wire.Parse(once)
			if err != nil {
				t.Fatalf("%s does not parse: %v", once, err)
			}
			if string(write(again)) != string(once) {
				t.Fatalf("%s became %s", once, write(again))
			}
			if d := wire.Differs(v, again); d != nil {
				t.Fatalf("%s differs from %s at %v", once, body, d)
			}
		}
		if !reflect.DeepEqual(decode(t, body), decode(t, string(v.Canonical()))) {
			t.Fatalf("%s means something else than %s", v.Canonical(), body)
		}
		if got := wire.Marshal(v); string(got) != string(v.Canonical()) {
			t.Fatalf("Marshal wrote %s for %s", got, v.Canonical())
		}
	})
}

func decode(t *rapid.T, body string) any {
	in := json.NewDecoder(strings.NewReader(body))
	in.UseNumber()
	var out any
	if err := in.Decode(&out); err != nil {
		t.Fatalf("encoding/json refuses %q: %v", body, err)
	}
	return out
}

func TestBodiesDifferExactlyWhenTheirFingerprintsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := wire.Parse([]byte(anyObject(2).Draw(t, "a")))
		if err != nil {
			t.Fatal(err)
		}
		b, err := wire.Parse([]byte(anyObject(2).Draw(t, "b")))
		if err != nil {
			t.Fatal(err)
		}
		same := string(a.Fingerprint()) == string(b.Fingerprint())
		if d := wire.Differs(a, b); (len(d) == 0) != same {
			t.Fatalf("%s and %s: equal %v, differ at %v", a.Canonical(), b.Canonical(), same, d)
		}
	})
}
