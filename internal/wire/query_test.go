package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

// complaints shows the details of invalid_request as JSON, "" for none.
func complaints(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := problem.Of(err)
	if !ok || e.Kind != problem.InvalidRequest || e.Message() != "Invalid query parameters" {
		t.Fatalf("got %v, want invalid_request about the query", err)
	}
	return string(wire.Marshal(map[string]any(e.Details)))
}

func TestQueriesAreRefusedParameterByParameter(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                ``,
		"limit=1":                         ``,
		"limit=100":                       ``,
		"limit=":                          ``,
		"limit=0":                         `{"limit":["Must be between 1 and 100"]}`,
		"limit=101":                       `{"limit":["Must be between 1 and 100"]}`,
		"limit=-1":                        `{"limit":["Must be between 1 and 100"]}`,
		"limit=99999999999999999999":      `{"limit":["Must be between 1 and 100"]}`,
		"limit=ten":                       `{"limit":["Must be an integer"]}`,
		"limit=1.0":                       `{"limit":["Must be an integer"]}`,
		"limit=%201":                      `{"limit":["Must be an integer"]}`,
		"limit=+1":                        `{"limit":["Must be an integer"]}`,
		"limit=1&limit=1":                 `{"limit":["Must be given once"]}`,
		"after=x":                         `{"after":["Unknown cursor"]}`,
		"before=x&after=y":                `{"after":["Unknown cursor"],"before":["Unknown cursor"]}`,
		"colour=red&limit=0":              `{"colour":["Is not a known parameter"],"limit":["Must be between 1 and 100"]}`,
		"colour":                          `{"colour":["Is not a known parameter"]}`,
		"Limit=1":                         `{"Limit":["Is not a known parameter"]}`,
		"status=failed":                   ``,
		"status=odd":                      `{"status":["Must be one of: pending, failed"]}`,
		"status=fa%00iled":                `{"status":["Contains a character that is not supported"]}`,
		"status=%ff":                      `{"status":["Contains a character that is not supported"]}`,
		"%ff=1":                           `{"` + "\uFFFD" + `":["Is not a known parameter"]}`,
		"ids=a,b,c":                       ``,
		"ids=a,,c":                        `{"ids":["Must not have empty entries"]}`,
		"ids=,":                           `{"ids":["Must not have empty entries"]}`,
		"ids=a,b%20c":                     `{"ids":["May only contain printable ASCII characters without blanks"]}`,
		"ids=a" + commas(99):              ``,
		"ids=a" + commas(100):             `{"ids":["Must have 1 to 100 entries"]}`,
		"lock=true":                       ``,
		"lock=yes":                        `{"lock":["Must be true or false"]}`,
		"since=2026-11-22T09:30:00Z":      ``,
		"since=2026-11-22T10:30:00+01:00": ``,
		"since=yesterday":                 `{"since":["Must be an RFC 3339 time such as 2026-11-22T09:30:00Z"]}`,
		"version=whatever&version=2":      ``,
		"limit=%zz":                       `{"query":["Is not a valid query string"]}`,
		"limit=1;after=2":                 `{"query":["Is not a valid query string"]}`,
	} {
		q := wire.ReadQuery(raw)
		q.Page("payments", 15)
		q.Text("status", wire.Allowed("pending", "failed"))
		q.List("ids", wire.Printable)
		q.Bool("lock", true)
		q.Time("since")
		q.Ignore("version")
		if got := complaints(t, q.Err()); got != want {
			t.Errorf("%.60s: got %s, want %s", raw, got, want)
		}
	}
}

func commas(n int) string { return strings.Repeat(",a", n) }

func TestQueryParametersAreReadWithTheirDefaults(t *testing.T) {
	q := wire.ReadQuery("status=failed&ids=a,b&lock=false&wait=7&since=2026-11-22T10:30:00%2B01:00")
	if q.Text("status") != "failed" || q.Bool("lock", true) || q.Int("wait", 0, 0, 25) != 7 || len(q.List("ids")) != 2 {
		t.Errorf("parameters were misread: %v", q.Err())
	}
	if at := q.Time("since").String(); at != "2026-11-22T09:30:00.000000Z" {
		t.Errorf("since is %s", at)
	}
	if !q.Bool("absent", true) || q.Int("absent", 3, 0, 25) != 3 || q.List("absent") != nil || !q.Time("absent").IsZero() || q.Text("absent") != "" {
		t.Error("defaults were not given")
	}
	if err := q.Err(); err != nil {
		t.Error(err)
	}
}

func TestARequiredParameterIsMissed(t *testing.T) {
	q := wire.ReadQuery("source=")
	q.Text("source", wire.Required)
	if got := complaints(t, q.Err()); got != `{"source":["Is required"]}` {
		t.Errorf("got %s", got)
	}
}

func TestARefusedQueryStaysSmall(t *testing.T) {
	var raw strings.Builder
	for range 3_000 {
		raw.WriteString(strings.Repeat("n", raw.Len()%400+1) + "=1&")
	}
	q := wire.ReadQuery(raw.String())
	out := complaints(t, q.Err())
	var details map[string][]string
	if err := json.Unmarshal([]byte(out), &details); err != nil || len(details) > 100 || len(out) > 100*400 {
		t.Errorf("%d parameters in %d bytes, %v", len(details), len(out), err)
	}
}
