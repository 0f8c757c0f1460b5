package wire_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/wire"
)

func TestAmountsAreWholeNumbersInAnySpelling(t *testing.T) {
	for _, c := range []struct {
		json string
		want int64
		code string
	}{
		{`1500`, 1500, ""}, {`1500.0`, 1500, ""}, {`1.5e3`, 1500, ""}, {`15000000e-4`, 1500, ""}, {`1`, 1, ""}, {`999999999999`, 999999999999, ""},
		{`9.99999999999E+11`, 999999999999, ""}, {`1000000000000`, 0, "too_large"}, {`1e12`, 0, "too_large"}, {`1e999999999`, 0, "too_large"},
		{`1e99999999999999999999`, 0, "too_large"}, {`9223372036854775808`, 0, "too_large"}, {`0`, 0, "must_be_positive"}, {`-0`, 0, "must_be_positive"},
		{`0e5`, 0, "must_be_positive"}, {`-5`, 0, "must_be_positive"}, {`-1e999999999`, 0, "must_be_positive"}, {`12.5`, 0, "must_be_integer"},
		{`-5.5`, 0, "must_be_integer"}, {`0.5`, 0, "must_be_integer"}, {`1e-999999999`, 0, "must_be_integer"}, {`1e-99999999999999999999`, 0, "must_be_integer"},
		{`1500.000000000000000000000000001`, 0, "must_be_integer"}, {`"12"`, 0, "invalid_type"}, {`true`, 0, "invalid_type"}, {`{}`, 0, "invalid_type"},
		{`[]`, 0, "invalid_type"}, {`[1]`, 0, "invalid_type"}, {`""`, 0, "invalid_type"}, {`null`, 0, "required"},
	} {
		r := wire.Read(parse(t, `{"amount":`+c.json+`}`))
		got := r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
		code := strings.TrimPrefix(shown(t, r.Err()), "amount ")
		if got != c.want || code != c.code {
			t.Errorf("amount %s is %d, %q; want %d, %q", c.json, got, code, c.want, c.code)
		}
	}
}

func TestIntegersWithoutALimitEndAtInt64(t *testing.T) {
	for body, want := range map[string]string{
		`9223372036854775807`: "", `-9223372036854775808`: "", `9223372036854775808`: "n too_large", `-9223372036854775809`: "n too_small",
		`1e20`: "n too_large", `-1e400`: "n too_small",
	} {
		if got := breaches(t, `{"n":`+body+`}`, func(r *wire.Reader) { r.Int("n") }); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestWholeNumbersAgreeWithExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("big.Rat refuses %s", text)
		}
		v, err := wire.Parse([]byte(`{"n":` + text + `}`))
		if err != nil {
			t.Fatal(err)
		}
		got, fits := v.Get("n").Int()
		want := exact.IsInt() && exact.Num().IsInt64()
		if fits != want || fits && got != exact.Num().Int64() {
			t.Fatalf("%s is %d, %v; want %s", text, got, fits, exact)
		}
	})
}

func TestExpiryTakesTextsOfDigits(t *testing.T) {
	for _, c := range []struct {
		month, year string
		want        [2]int64
		breaches    string
	}{
		{`1`, `2039`, [2]int64{1, 2039}, ""}, {`"01"`, `"39"`, [2]int64{1, 2039}, ""}, {`12.0`, `39`, [2]int64{12, 2039}, ""},
		{`"12"`, `"2039"`, [2]int64{12, 2039}, ""}, {`1`, `"05"`, [2]int64{1, 2005}, ""},
		{`0`, `5`, [2]int64{}, "m too_small\ny invalid_format"}, {`13`, `239`, [2]int64{}, "m too_large\ny invalid_format"},
		{`"1a"`, `"20399"`, [2]int64{}, "m invalid_type\ny invalid_format"}, {`"+1"`, `"0039"`, [2]int64{}, "m invalid_type\ny invalid_format"},
		{`1.5`, `39.5`, [2]int64{}, "m must_be_integer\ny must_be_integer"}, {`-1`, `-39`, [2]int64{}, "m too_small\ny invalid_format"},
		{`true`, `"MMXXXIX"`, [2]int64{}, "m invalid_type\ny invalid_type"}, {`1e99`, `1e99`, [2]int64{}, "m too_large\ny invalid_format"},
		{`"99999999999999999999999"`, `"99999999999999999999999"`, [2]int64{}, "m too_large\ny invalid_format"},
		{`null`, `null`, [2]int64{}, "m required\ny required"},
	} {
		r := wire.Read(parse(t, `{"m":`+c.month+`,"y":`+c.year+`}`))
		got := [2]int64{r.Int("m", wire.Required, wire.OrDigits, wire.AtLeast(1), wire.AtMost(12)), r.ExpiryYear("y", wire.Required)}
		if all := shown(t, r.Err()); got != c.want || all != c.breaches {
			t.Errorf("%s/%s: %v, %q; want %v, %q", c.month, c.year, got, all, c.want, c.breaches)
		}
	}
}

func TestTextsKeepTheirRules(t *testing.T) {
	long := strings.Repeat("é", 200)
	for _, c := range []struct {
		rule wire.Rule
		text string // as it stands in JSON
		code string
	}{
		{wire.Length(1, 200), long, ""}, {wire.Length(1, 200), long + "é", "too_long"}, {wire.Length(5, 20), "four", "too_short"},
		{wire.Length(1, 200), "  ", ""}, {wire.MaxLength(3), "", "required"}, {wire.Length(1, 3), "", "too_short"},
		{wire.MaxLength(9), `a\u0000b`, "unsupported_character"}, {wire.MaxLength(9), `a\u2028b`, "unsupported_character"},
		{wire.MaxLength(9), "a\u2029b", "unsupported_character"}, {wire.MaxLength(9), `a\nb\u007f`, ""},
		{wire.Email, "ada@example.com", ""}, {wire.Email, "é@é", ""}, {wire.Email, strings.Repeat("a", 252) + "@b", ""},
		{wire.Email, strings.Repeat("a", 253) + "@b", "invalid_format"}, {wire.Email, "ada", "invalid_format"}, {wire.Email, "a@b@c", "invalid_format"},
		{wire.Email, "@b", "invalid_format"}, {wire.Email, "a@", "invalid_format"}, {wire.Email, "a b@c", "invalid_format"}, {wire.Email, `a@c\n`, "invalid_format"},
		{wire.Phone, "+2348031234567", ""}, {wire.Phone, "+1234567", ""}, {wire.Phone, "+123456", "invalid_format"}, {wire.Phone, "+123456789012345", ""},
		{wire.Phone, "+1234567890123456", "invalid_format"}, {wire.Phone, "+0234567890", "invalid_format"}, {wire.Phone, "2348031234567", "invalid_format"},
		{wire.Phone, "+234 803 123", "invalid_format"}, {wire.Phone, "+٢٣٤٨٠٣١٢٣٤", "invalid_format"},
		{wire.Country, "NG", ""}, {wire.Country, "ng", "not_allowed"}, {wire.Country, "ZZ", "not_allowed"}, {wire.Country, "NGA", "not_allowed"},
		{wire.Country, "D A", "not_allowed"}, {wire.Country, "N ", "not_allowed"}, {wire.Country, " N", "not_allowed"},
		{wire.UUID, "01A20297-4dc0-74cd-9faf-fc8186734721", ""}, {wire.UUID, "01a202974dc074cd9faffc8186734721", "invalid_format"},
		{wire.UUID, "{01a20297-4dc0-74cd-9faf-fc8186734721}", "invalid_format"},
		{wire.IP, "203.0.113.7", ""}, {wire.IP, "::1", ""}, {wire.IP, "fe80::1%eth0", "invalid_format"}, {wire.IP, "1.2.3", "invalid_format"},
		{wire.IP, "01.2.3.4", "invalid_format"}, {wire.IP, "1.2.3.4:80", "invalid_format"},
		{wire.WebURL, "https://shop.example", ""}, {wire.WebURL, "HTTP://localhost:9000/a?b#c", ""}, {wire.WebURL, "https://u:p@shop.example/", ""},
		{wire.WebURL, "ftp://shop.example", "invalid_format"}, {wire.WebURL, "/back", "invalid_format"}, {wire.WebURL, "//shop.example", "invalid_format"},
		{wire.WebURL, "https://", "invalid_format"}, {wire.WebURL, "https://:80/", "invalid_format"}, {wire.WebURL, "javascript:alert(1)", "invalid_format"},
		{wire.WebURL, "https://shop.example/a b", "invalid_format"}, {wire.WebURL, `https://shop.example\\@evil.example`, "invalid_format"},
		{wire.WebURL, `https://shop.example/\r\nSet-Cookie:x`, "invalid_format"}, {wire.WebURL, "https://shop.example/%zz", "invalid_format"},
		{wire.WebURL, "https://a.b/" + strings.Repeat("x", 2036), ""}, {wire.WebURL, "https://a.b/" + strings.Repeat("x", 2037), "invalid_format"},
		{wire.SecureURL, "https://shop.example", ""}, {wire.SecureURL, "http://shop.example", "invalid_format"},
		{wire.HookURL, "http://shop.example/x?y=1", ""}, {wire.HookURL, "https://u@shop.example", "invalid_format"}, {wire.HookURL, "https://shop.example/#a", "invalid_format"},
		{wire.HookURL, "https://shop.example/#", "invalid_format"},
		{wire.Printable, "ord/1~!", ""}, {wire.Printable, "ord 1", "invalid_characters"}, {wire.Printable, "ordé", "invalid_characters"}, {wire.Printable, `a\u007f`, "invalid_characters"},
		{wire.PersonName, "Adébáyọ̀ O’Neil-van d'Or Jr.", ""}, {wire.PersonName, "李小龙", ""}, {wire.PersonName, "R2D2", "invalid_characters"}, {wire.PersonName, "Ada_Obi", "invalid_characters"},
		{wire.WordLike, "sal-2026_11", ""}, {wire.WordLike, "sal.11", "invalid_characters"},
		{wire.Digits(5, 6), "12345", ""}, {wire.Digits(5, 6), "1234567", "invalid_format"}, {wire.Digits(4, 4), "12a4", "invalid_format"}, {wire.Digits(4, 4), "", "required"},
		{wire.Allowed("a", "b"), "b", ""}, {wire.Allowed("a", "b"), "B", "not_allowed"}, {wire.Allowed("a", "b"), "", "required"},
	} {
		got := breaches(t, `{"f":"`+c.text+`"}`, func(r *wire.Reader) { r.Text("f", wire.Required, c.rule) })
		if got != strings.TrimSpace("f "+c.code) && (c.code != "" || got != "") {
			t.Errorf("%#v of %.60q: %q, want %q", c.rule, c.text, got, c.code)
		}
	}
}

func TestReferencesAreFiftyPrintableCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"": "too_short", "a": "", strings.Repeat("a", 50): "", strings.Repeat("a", 51): "too_long", "a b": "invalid_characters", "ü": "invalid_characters",
	} {
		got := breaches(t, `{"reference":"`+text+`"}`, func(r *wire.Reader) { r.Reference("reference", wire.Required) })
		if strings.TrimPrefix(got, "reference ") != want {
			t.Errorf("reference %q: %q, want %q", text, got, want)
		}
	}
}

func TestMetadataIsAnyObjectOfTenKilobytes(t *testing.T) {
	fits := `{"a":"` + strings.Repeat("x", 10<<10-len(`{"a":""}`)) + `"}`
	for body, want := range map[string]string{
		fits:                                 "",
		strings.Replace(fits, "x", "xx", 1):  "metadata too_large",
		strings.Replace(fits, ":", "  :", 1): "", // blanks do not count
		`[]`:                                 "",
		`{"a":[{"b":"\u0000\u2028"}]}`:       "",
		`[1]`:                                "metadata invalid_type",
		`"x"`:                                "metadata invalid_type",
		`null`:                               "",
	} {
		if got := breaches(t, `{"metadata":`+body+`}`, func(r *wire.Reader) { r.Metadata("metadata") }); got != want {
			t.Errorf("%.40s: %q, want %q", body, got, want)
		}
	}
	r := wire.Read(parse(t, `{"metadata":[]}`))
	if got := string(r.Metadata("metadata").Canonical()); got != "{}" {
		t.Errorf("[] is kept as %s", got)
	}
}

func TestBooleansAreTrueOrFalse(t *testing.T) {
	for body, want := range map[string]string{`true`: "", `false`: "", `"true"`: "b invalid_type", `1`: "b invalid_type", `[]`: "b invalid_type"} {
		r := wire.Read(parse(t, `{"b":`+body+`}`))
		if yes := r.Bool("b", wire.Required); yes != (body == "true") || shown(t, r.Err()) != want {
			t.Errorf("%s is %v, %v", body, yes, r.Err())
		}
	}
}

func TestThereAre249Countries(t *testing.T) {
	n := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if wire.IsCountry(string([]rune{a, b})) {
				n++
			}
		}
	}
	if n != 249 {
		t.Errorf("%d countries, want 249", n)
	}
	for _, code := range []string{"NG", "CA", "US", "GB", "GH", "KE", "ZW", "AD", "SS", "CW"} {
		if !wire.IsCountry(code) {
			t.Errorf("%s is not known", code)
		}
	}
	for _, code := range []string{"", "XK", "EU", "UK", "AN", "SU", "N", "ng"} {
		if wire.IsCountry(code) {
			t.Errorf("%s is known", code)
		}
	}
}
