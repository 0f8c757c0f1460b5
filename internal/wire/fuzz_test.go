package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/wire/wiretest"
)

func seedBodies(f *testing.F) {
	for _, c := range wiretest.Malformed() {
		if len(c.Body) < 2_000 {
			f.Add(c.Body)
		}
	}
	for _, body := range []string{"", "null", "[]", "{}", goodSession, `{"n":[1500.0,1.5e3,-0,1e999999999,1e-9,0e99999999999999999999]}`, `{"\u0000":"\u2028\ud83c\udf93"}`} {
		f.Add([]byte(body))
	}
}

// FuzzParse: whatever comes in is read as an object that canonical JSON keeps,
// or refused as malformed_json with a place inside the body.
func FuzzParse(f *testing.F) {
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := wire.Parse(body)
		if err != nil {
			e, ok := problem.Of(err)
			if at, _ := e.Details["position"].(int); !ok || e.Kind != problem.MalformedJSON || at < 0 || at > len(body) {
				t.Fatalf("%q: %v %v", body, err, e.Details)
			}
			return
		}
		if v.Kind() != wire.KindObject || !utf8.Valid(body) {
			t.Fatalf("%q was read as %v", body, v)
		}
		if len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
			t.Fatalf("encoding/json refuses %q", body)
		}
	})
}

// FuzzCanonical: both canonical forms are valid, parse to the same tree and are
// their own canonical forms.
func FuzzCanonical(f *testing.F) {
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := wire.Parse(body)
		if err != nil {
			return
		}
		for name, write := range map[string]func(*wire.Value) []byte{
			"canonical": (*wire.Value).Canonical, "fingerprint": (*wire.Value).Fingerprint,
			"marshal": func(v *wire.Value) []byte { return wire.Marshal(v) },
		} {
			once := write(v)
			again, err := wire.Parse(once)
			if err != nil {
				t.Fatalf("%s %q of %q does not parse: %v", name, once, body, err)
			}
			if twice := write(again); !bytes.Equal(once, twice) {
				t.Fatalf("%s %q became %q", name, once, twice)
			}
			if !bytes.Equal(again.Fingerprint(), v.Fingerprint()) || wire.Differs(v, again) != nil {
				t.Fatalf("%s %q means something else than %q", name, once, body)
			}
		}
	})
}

// FuzzReader: no body makes the rules break down, and a refusal names fields.
func FuzzReader(f *testing.F) {
	seedBodies(f)
	f.Add([]byte(`{"order":{"items":[{},[],null,"",{"name":"\u0000"}]},"customer":[],"metadata":[],"reference":"\u007f"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := wire.Parse(body)
		if err != nil {
			return
		}
		r := wire.Read(v)
		readSession(r)
		r.Time("at", wire.After(time.Unix(0, 0)))
		r.ExpiryYear("expiry_year", wire.Optional)
		shown(t, r.Err())
	})
}

// FuzzCursor: a text is unknown, or exactly what Write gives for what was read.
func FuzzCursor(f *testing.F) {
	f.Add(wire.Cursor{CreatedAt: start, ID: "01a20297-4dc0-74cd-9faf-fc8186734721"}.Write("payments"))
	f.Add(wire.Cursor{CreatedAt: time.Unix(0, 0), ID: "req_01m819ge10es0vfhb0nknb8xyj"}.Write("payments"))
	f.Add("AQAGRDq1BQAAMDFhMjAyOTctNGRjMC03NGNkLTlmYWYtZmM4MTg2NzM0NzIx")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := wire.ReadCursor("payments", s)
		if ok && c.Write("payments") != s {
			t.Fatalf("%q was read as %v, which is %q", s, c, c.Write("payments"))
		}
		if !ok && c != (wire.Cursor{}) {
			t.Fatalf("%q is unknown, but gave %v", s, c)
		}
	})
}

// FuzzQuery: a query is read, or refused as invalid_request in valid UTF-8.
func FuzzQuery(f *testing.F) {
	for _, raw := range []string{
		"", "limit=15", "limit=0&after=x&before=y", "ids=a,b,,c", "created_after=2026-11-22T09:30:00+01:00", "a=1&a=2", "%ff=%00", "limit=%zz", "a;b", "=&=", "&&&", "lock=",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q := wire.ReadQuery(raw)
		p := q.Page("payments", wire.PageSizeDefault)
		list := q.List("ids", wire.Printable)
		q.Time("created_after")
		q.Bool("lock", true)
		if p.Limit < 1 || p.Limit > wire.PageSizeMax || len(list) > wire.CommaListMax {
			t.Fatalf("%q: limit %d, %d ids", raw, p.Limit, len(list))
		}
		if out := complaints(t, q.Err()); !utf8.ValidString(out) {
			t.Fatalf("%q is answered with %q", raw, out)
		}
	})
}

// FuzzTime: a time is refused, or survives being written.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-11-22T09:30:00Z", "2026-11-22t10:30:00.123456789+01:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := wire.ParseTime(s)
		if err != nil {
			return
		}
		if again, err := wire.ParseTime(at.String()); err != nil || !again.Equal(at.Time) {
			t.Fatalf("%q is %s, which is %s, %v", s, at, again, err)
		}
	})
}
