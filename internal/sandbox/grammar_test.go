package sandbox

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// rule is a rule with the defaults of the grammar.
func rule(r Rule) Rule {
	if r.Probability == 0 {
		r.Probability = 1
	}
	if r.Seed == 0 {
		r.Seed = 1
	}
	if r.RetryAfter == 0 {
		r.RetryAfter = -1
	}
	return r
}

func TestParseFault(t *testing.T) {
	cases := []struct {
		header string
		want   []Rule
	}{
		{"error=server_error", []Rule{{Action: Fail, Code: "server_error", At: Before}}},
		{"storage_unavailable", []Rule{{Action: Fail, Code: "storage_unavailable", At: Before}}},
		{"error=request_timeout;at=after-commit", []Rule{{Action: Fail, Code: "request_timeout", At: AfterCommit}}},
		{"status=500;at=after-commit", []Rule{{Action: Status, Code: "server_error", N: 500, At: AfterCommit}}},
		{"status=504", []Rule{{Action: Status, N: 504, At: Before}}},
		{"delay=0", []Rule{{Action: Delay, At: Before}}},
		{"delay=120000;at=after-commit", []Rule{{Action: Delay, N: 120000, At: AfterCommit}}},
		{"drop=before", []Rule{{Action: Drop, At: Before}}},
		{"drop=after-commit;times=3", []Rule{{Action: Drop, At: AfterCommit, Times: 3}}},
		{"truncate=17", []Rule{{Action: Truncate, N: 17, At: AfterCommit}}},
		{"hang=1000", []Rule{{Action: Hang, N: 1000, At: AfterCommit}}},
		{"hang=1000;at=before", []Rule{{Action: Hang, N: 1000, At: Before}}},
		{"garbage", []Rule{{Action: Garbage, At: AfterCommit}}},
		{"status=429;retry-after=2;probability=0.2;seed=7;times=1000", []Rule{
			{Action: Status, Code: "rate_limit_exceeded", N: 429, At: Before, RetryAfter: 2, Probability: 0.2, Seed: 7, Times: 1000},
		}},
		{"delay=3000,error=server_error;at=after-commit", []Rule{
			{Action: Delay, N: 3000, At: Before}, {Action: Fail, Code: "server_error", At: AfterCommit},
		}},
		{" \tdelay = 5 ; skip = 2 ,\toverloaded ; retry-after = 1 ", []Rule{
			{Action: Delay, N: 5, At: Before, Skip: 2}, {Action: Fail, Code: "overloaded", At: Before, RetryAfter: 1},
		}},
		{"garbage,garbage,garbage,garbage;seed=-3", []Rule{
			{Action: Garbage, At: AfterCommit}, {Action: Garbage, At: AfterCommit}, {Action: Garbage, At: AfterCommit},
			{Action: Garbage, At: AfterCommit, Seed: -3},
		}},
	}
	for _, c := range cases {
		t.Run(c.header, func(t *testing.T) {
			want := c.want
			for i := range want {
				want[i] = rule(want[i])
			}
			got, err := ParseFault(c.header)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v, rules (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("probability=0 and retry-after=0 are said, not absent", func(t *testing.T) {
		got, err := ParseFault("overloaded;probability=0;retry-after=0")
		if err != nil || got[0].Probability != 0 || got[0].RetryAfter != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestEveryCodeOfTheCatalogueCanBeAskedFor(t *testing.T) {
	for _, k := range problem.All() {
		for _, header := range []string{k.Code, "error=" + k.Code} {
			rules, err := ParseFault(header)
			if err != nil || len(rules) != 1 || rules[0].Kind() != k {
				t.Errorf("ParseFault(%q) = %+v, %v", header, rules, err)
			}
		}
	}
}

var badHeaders = []string{
	"", " ", ",", "delay=1,", "nonsense", "Error=server_error", "error", "error=", "error=nonsense", "server_error=1",
	"status", "status=200", "status=402", "status=0429", "status=+500", "status=500;at=later", "status=503;at=after-commit",
	"status=502;at=after-commit", "error=overloaded;at=after-commit", "invalid_request;at=after-commit",
	"delay", "delay=-1", "delay=1.5", "delay=120001", "hang=120001", "hang=99999999999", "truncate=10000001", "truncate=x",
	"drop", "drop=later", "drop=before;at=after-commit", "garbage=1", "garbage;at=before", "truncate=5;at=before",
	"garbage;times=0", "garbage;times=1;times=2", "garbage;skip=-1", "garbage;probability=1.1", "garbage;probability=-0",
	"garbage;probability=1e-3", "garbage;probability=NaN", "garbage;seed=x", "garbage;seed=1234567890123456789",
	"garbage;colour=red", "garbage;", "garbage;;times=1", "garbage;retry-after=1", "not_found;retry-after=1",
	"overloaded;retry-after=86401", "status=502;retry-after=1", "garbage,garbage,garbage,garbage,garbage",
	"delay=x,error=y;times=0,garbage;times=0;at=before", strings.Repeat("x", 500), "d\u00e9lai=5", "garbage\x00",
}

// TestBadFaultsAreExplained: whoever reads the answer finds the rule, what is
// wrong with it, and what is allowed. The golden file is for reading.
func TestBadFaultsAreExplained(t *testing.T) {
	var out strings.Builder
	for _, header := range badHeaders {
		rules, err := ParseFault(header)
		e, ok := problem.Of(err)
		if !ok || e.Kind != problem.InvalidRequest || rules != nil {
			t.Errorf("ParseFault(%q) = %+v, %v; want invalid_request", header, rules, err)
			continue
		}
		texts, ok := e.Details[FaultHeader].([]string)
		if !ok || len(texts) == 0 || len(e.Details) != 1 || e.Message() != "Invalid header" {
			t.Errorf("ParseFault(%q): message %q, details %v", header, e.Message(), e.Details)
		}
		fmt.Fprintf(&out, "%q\n", header)
		for _, text := range texts {
			fmt.Fprintf(&out, "    %s\n", text)
		}
	}
	golden(t, "bad_faults.txt", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// drawRule makes any rule of the grammar.
func drawRule(t *rapid.T) Rule {
	r := rule(Rule{Action: rapid.SampledFrom([]Action{Fail, Status, Delay, Drop, Truncate, Hang, Garbage}).Draw(t, "action")})
	r.At = r.Action.defaultAt()
	switch r.Action {
	case Fail:
		r.Code = rapid.SampledFrom(problem.All()).Draw(t, "kind").Code
	case Status:
		r.N = rapid.SampledFrom(statuses()).Draw(t, "status")
		r.Code = usualCode(r.N)
	case Delay, Hang:
		r.N = rapid.Int64Range(0, waitMSMax).Draw(t, "ms")
		r.At = rapid.SampledFrom([]Point{Before, AfterCommit}).Draw(t, "at")
	case Drop:
		r.At = rapid.SampledFrom([]Point{Before, AfterCommit}).Draw(t, "at")
	case Truncate:
		r.N = rapid.Int64Range(0, bytesMax).Draw(t, "bytes")
	}
	if breaksOff(r.Kind()) {
		r.At = rapid.SampledFrom([]Point{Before, AfterCommit}).Draw(t, "at")
	}
	if comesBack(r.Kind()) {
		r.RetryAfter = rapid.Int64Range(-1, retryAfterMax).Draw(t, "retry-after")
	}
	r.Times = rapid.Int64Range(0, countMax).Draw(t, "times")
	r.Skip = rapid.Int64Range(0, countMax).Draw(t, "skip")
	r.Probability = float64(rapid.IntRange(0, 1000).Draw(t, "per mille")) / 1000
	r.Seed = rapid.Int64Range(-999999999999999999, 999999999999999999).Draw(t, "seed")
	return r
}

func TestRulesReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(drawRule), 1, rulesMax).Draw(t, "rules")
		got, err := ParseFault(Text(want))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%s: %v, rules (-want +got):\n%s", Text(want), err, diff)
		}
	})
}

// FuzzParseFault: no header breaks the grammar; what it accepts it writes and
// reads again, and can be answered.
func FuzzParseFault(f *testing.F) {
	for _, header := range badHeaders {
		f.Add(header)
	}
	for _, header := range []string{
		"error=server_error;at=after-commit;times=3", "status=429;retry-after=2;probability=.2;seed=-7;times=1000",
		"delay=3000,error=server_error;at=after-commit", " drop = before ; skip = 1 , garbage", "truncate=10,hang=5;at=before",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		rules, err := ParseFault(header)
		if err != nil {
			if e, ok := problem.Of(err); !ok || e.Kind != problem.InvalidRequest {
				t.Fatalf("ParseFault(%q) gives %v", header, err)
			}
			return
		}
		again, err := ParseFault(Text(rules))
		if diff := cmp.Diff(rules, again); err != nil || diff != "" {
			t.Fatalf("%q is written %q: %v\n%s", header, Text(rules), err, diff)
		}
		for _, r := range rules {
			_, _, page := r.Page()
			if answers := r.Action == Fail || r.Action == Status; answers == (r.Problem(problem.NoWork) == nil && !page) {
				t.Fatalf("%s has no answer, or an answer too many", r)
			}
		}
	})
}
