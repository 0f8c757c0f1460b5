package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

// breaches shows what a reading of body raises: "field code" per line.
func breaches(t testing.TB, body string, read func(*wire.Reader)) string {
	t.Helper()
	r := wire.Read(parse(t, body))
	read(r)
	return shown(t, r.Err())
}

func shown(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := problem.Of(err)
	if !ok || e.Kind != problem.ValidationError || len(e.Fields) == 0 {
		t.Fatalf("got %v, want validation_error with fields", err)
	}
	var lines []string
	for _, f := range e.Fields {
		lines = append(lines, f.Field+" "+f.Code)
		if f.Message == "" || strings.ContainsAny(f.Message, "{}") {
			t.Errorf("%s %s says %q", f.Field, f.Code, f.Message)
		}
	}
	return strings.Join(lines, "\n")
}

// readSession reads as much of a payment session as the order of breaches needs.
func readSession(r *wire.Reader) {
	r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	wire.OneOf(r, "currency", wire.Required, money.All...)
	r.Object("customer", wire.Required, func(c *wire.Reader) {
		c.Alias("phone_number", "phone")
		c.Text("first_name", wire.Required, wire.MaxLength(wire.PersonNameMax))
		c.Text("last_name", wire.Present, wire.MaxLength(wire.PersonNameMax))
		c.Text("email", wire.Required, wire.Email)
		c.Text("phone_number", wire.Required, wire.Phone)
		c.Object("billing_address", wire.Required, func(a *wire.Reader) {
			a.Text("line1", wire.Present, wire.MaxLength(200))
			a.Text("country", wire.Required, wire.Country)
		})
		c.Text("ip_address", wire.IP)
	})
	r.Text("description", wire.Required, wire.Length(1, 200))
	r.Reference("reference", wire.Required)
	r.Object("order", wire.Required, func(o *wire.Reader) {
		o.Text("identifier", wire.Required, wire.Length(1, 100))
		o.Objects("items", wire.Required, 1, 3, func(_ int, item *wire.Reader) {
			item.Text("name", wire.Required, wire.Length(1, 200))
			wire.OneOf(item, "type", wire.Required, "digital", "physical", "service")
		})
	})
	r.Metadata("metadata")
	r.Bool("allow_duplicate", wire.Optional)
	r.Text("redirect_url", wire.WebURL)
	r.Text("direction", wire.Allowed("incoming"))
	r.Ignore("settlement_target")
}

const goodSession = `{"amount":250000,"currency":"NGN","customer":{"first_name":"Ada","last_name":"","email":"ada@example.com","phone":"+2348031234567",
"billing_address":{"line1":"5 Marina Road","country":"NG"},"ip_address":"2001:db8::1"},"description":"Term fee","reference":"ord_1001",
"order":{"identifier":"INV-7","items":[{"name":"Term fee","type":"service"}]},"metadata":{"class":"JSS2","x":"\u0000\u2028"},"allow_duplicate":false,
"redirect_url":"https://shop.example/back?x=1","direction":"incoming","settlement_target":{"any":["thing"]}}`

func TestAGoodBodyHasNoBreach(t *testing.T) {
	if got := breaches(t, goodSession, readSession); got != "" {
		t.Errorf("breaches:\n%s", got)
	}
}

func TestWhatIsMissingIsNamedInTheOrderOfTheContract(t *testing.T) {
	got := breaches(t, `{}`, readSession)
	if want := lines("amount required", "currency required", "customer required", "description required", "reference required", "order required"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func lines(s ...string) string { return strings.Join(s, "\n") }

func TestBreachesComeInBodyOrderAndMissingFieldsBehindTheirObject(t *testing.T) {
	got := breaches(t, `{"surprise":1,"order":{"items":[{"type":"gas"},{},7],"note":1},"reference":"a b","customer":{"email":"x","last_name":null,"zip":1},
		"amount":0,"direction":"outgoing"}`, readSession)
	want := lines("surprise unknown_field",
		"order.items[0].type not_allowed", "order.items[0].name required",
		"order.items[1].name required", "order.items[1].type required",
		"order.items[2] invalid_type",
		"order.note unknown_field", "order.identifier required",
		"reference invalid_characters",
		"customer.email invalid_format", "customer.last_name required", "customer.zip unknown_field",
		"customer.first_name required", "customer.phone_number required", "customer.billing_address required",
		"amount must_be_positive", "direction not_allowed",
		"currency required", "description required")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheDocumentedExampleReadsLikeTheContract(t *testing.T) {
	r := wire.Read(parse(t, `{"amount":-5,"currency":"XYZ"}`))
	r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	r.Text("currency", wire.Required, wire.AllowedShowing(money.All, []money.Currency{money.NGN, money.USD, money.CAD}))
	e, _ := problem.Of(r.Err())
	want := []problem.Field{
		{Code: "must_be_positive", Field: "amount", Message: "Amount must be a positive integer"},
		{Code: "not_allowed", Field: "currency", Message: "Currency must be one of: NGN, USD, CAD"},
	}
	if fmt.Sprint(e.Fields) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", e.Fields, want)
	}
}

func TestAbsenceIsNullAndForOptionalFieldsTheEmptyText(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"null is absence for a required field", `{"text":null,"size":null,"part":null,"list":null}`,
			lines("text required", "size required", "part required", "list required")},
		{"null is absence for an optional field", `{"text":"x","size":1,"part":{},"list":[1],"o_text":null,"o_int":null,"o_part":null,"o_bool":null,"o_time":null,"o_list":null,"metadata":null}`,
			"list[0] invalid_type"},
		{"an empty text is absence for an optional field of any type", `{"text":"x","size":1,"part":[],"list":[""],"o_text":"","o_int":"","o_part":"","o_bool":"","o_time":"","o_list":"","metadata":""}`,
			"list[0] required"},
		{"an empty text is no value of a required field", `{"text":"","size":"","part":"","list":""}`,
			lines("text too_short", "size invalid_type", "part invalid_type", "list invalid_type")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := breaches(t, c.body, func(r *wire.Reader) {
				r.Text("text", wire.Required, wire.Length(1, 5))
				r.Int("size", wire.Required)
				r.Object("part", wire.Required, func(*wire.Reader) {})
				r.Texts("list", wire.Required, 1, 2)
				r.Text("o_text", wire.Length(5, 9))
				r.Int("o_int", wire.Positive)
				r.Object("o_part", wire.Optional, func(p *wire.Reader) { p.Text("x", wire.Required) })
				r.Bool("o_bool", wire.Optional)
				r.Time("o_time")
				r.Texts("o_list", wire.Optional, 1, 2)
				r.Metadata("metadata")
			})
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAFieldMayComeUnderItsOtherName(t *testing.T) {
	read := func(phone *string) func(*wire.Reader) {
		return func(r *wire.Reader) {
			r.Alias("phone_number", "phone")
			*phone = r.Text("phone_number", wire.Required, wire.Phone)
		}
	}
	for _, c := range []struct{ body, phone, want string }{
		{`{"phone_number":"+2348031234567"}`, "+2348031234567", ""},
		{`{"phone":"+2348031234567"}`, "+2348031234567", ""},
		{`{"phone":"+2348031234567","phone_number":null}`, "+2348031234567", ""},
		{`{"phone":"+2348031234567","phone_number":"+2348031234567"}`, "+2348031234567", ""},
		{`{"phone":"+2348031234567","phone_number":"+2348031234568"}`, "+2348031234568", "phone conflict"},
		{`{"phone":"080"}`, "", "phone invalid_format"},
		{`{}`, "", "phone_number required"},
	} {
		var phone string
		if got := breaches(t, c.body, read(&phone)); got != c.want || phone != c.phone {
			t.Errorf("%s: %q and %q, want %q and %q", c.body, phone, got, c.phone, c.want)
		}
	}
}

func TestPartsOfMetadataAreReadWithoutRefusingTheRest(t *testing.T) {
	got := breaches(t, `{"metadata":{"order":{"identifier":"","x":1},"y":2}}`, func(r *wire.Reader) {
		r.Metadata("metadata")
		r.Within("metadata.order", r.Value().Get("metadata").Get("order"), func(o *wire.Reader) {
			o.Text("identifier", wire.Required, wire.Length(1, 100))
			o.Text("note", wire.Required)
		})
	})
	if want := lines("metadata.order.identifier too_short", "metadata.order.note required"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCallersAddBreachesOfTheirOwnOncePerField(t *testing.T) {
	got := breaches(t, `{"otp":"12345","pin":"1"}`, func(r *wire.Reader) {
		r.Text("otp", wire.Digits(5, 6))
		r.Text("pin", wire.Digits(4, 4))
		r.Breach("pin", problem.FieldConflict, problem.Details{"other": "otp"})
		r.Breach("otp", problem.FieldConflict, problem.Details{"other": "pin"})
		r.Breach("cvv", problem.FieldRequired, nil)
		if !r.Has("otp") || r.Has("cvv") {
			t.Error("Has is wrong")
		}
	})
	if want := lines("otp conflict", "pin invalid_format", "cvv required"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestListsHaveTheirNumberOfEntries(t *testing.T) {
	for body, want := range map[string]string{
		`{"scopes":["a","b"]}`:         "",
		`{"scopes":[]}`:                "scopes too_few_items",
		`{"scopes":["a","b","a","b"]}`: "scopes too_many_items",
		`{"scopes":{}}`:                "scopes invalid_type",
		`{"scopes":["a","c",1]}`:       lines("scopes[1] not_allowed", "scopes[2] invalid_type"),
		`{"scopes":["a",null]}`:        "scopes[1] invalid_type",
	} {
		got := breaches(t, body, func(r *wire.Reader) { r.Texts("scopes", wire.Required, 1, 3, wire.Allowed("a", "b")) })
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", body, got, want)
		}
	}
}

func TestARefusalStaysSmallForHostileBodies(t *testing.T) {
	var body strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&body, `"%s%d":1,`, strings.Repeat("n", 20), i)
	}
	err := func() error {
		r := wire.Read(parse(t, `{`+body.String()+`"`+strings.Repeat("long", 50_000)+`":1}`))
		return r.Err()
	}()
	e, _ := problem.Of(err)
	if n := len(e.Fields); n != 5_000 {
		t.Errorf("%d breaches, want the first 5000", n)
	}
	r := wire.Read(parse(t, `{"`+strings.Repeat("é", 50_000)+`":1}`))
	if e, _ := problem.Of(r.Err()); len(e.Fields[0].Field) > 300 {
		t.Errorf("a path of %d bytes", len(e.Fields[0].Field))
	}
}

func TestErrTellsTheSameEachTime(t *testing.T) {
	r := wire.Read(parse(t, `{"x":1}`))
	first, second := shown(t, r.Err()), shown(t, r.Err())
	if first != "x unknown_field" || second != first {
		t.Errorf("first %q, then %q", first, second)
	}
}

func TestReadingNothingIsReadingAnEmptyObject(t *testing.T) {
	r := wire.Read(nil)
	r.Text("a", wire.Required)
	if got := shown(t, r.Err()); got != "a required" {
		t.Errorf("got %q", got)
	}
}

func TestTimesMayHaveToLieAhead(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	for body, want := range map[string]string{
		`{"at":"2026-11-22T09:30:00.000001Z"}`: "",
		`{"at":"2026-11-22T09:30:00Z"}`:        "at past_date",
		`{"at":"2026-11-22T10:30:00+02:00"}`:   "at past_date",
		`{"at":"2026-11-25T09:30:00Z"}`:        "",
		`{"at":"2026-11-25T09:30:01Z"}`:        "at too_large",
		`{"at":"tomorrow"}`:                    "at invalid_format",
		`{"at":1795339803}`:                    "at invalid_type",
		`{}`:                                   "at required",
	} {
		got := breaches(t, body, func(r *wire.Reader) {
			r.Time("at", wire.Required, wire.After(now), wire.NotAfter(now.Add(72*time.Hour)))
		})
		if got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
