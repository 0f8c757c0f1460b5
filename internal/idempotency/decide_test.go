package idempotency_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/idempotency"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
)

const (
	keep = 24 * time.Hour
	day  = 24 * time.Hour
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var request = idempotency.Request{Method: "POST", Path: "/payment-sessions", Fields: `{"amount":250000,"currency":"NGN","payment_method":{"type":"card"}}`}

// claimed is the claim of request, created and completed so long before noon; a
// negative completed means that it never was.
func claimed(created, completed time.Duration) *store.Claim {
	c := &store.Claim{Fingerprint: request.Fingerprint(), Fields: request.Fields, Method: request.Method, Path: request.Path,
		RequestIDs: []string{"req_first", "req_second"}, CreatedAt: noon.Add(-created)}
	if completed >= 0 {
		at := noon.Add(-completed)
		c.Completed, c.CompletedAt = true, &at
	}
	return c
}

const never = -1

func TestEveryReplayCase(t *testing.T) {
	other := func(c *store.Claim) *store.Claim { c.Fingerprint = "another"; return c }
	for _, c := range []struct {
		says    string
		claim   *store.Claim
		running bool
		want    idempotency.Verdict
		raises  *problem.Kind
	}{
		{"an unknown key runs", nil, false, idempotency.Run, nil},
		{"a finished one is replayed", claimed(time.Second, 0), false, idempotency.Replay, nil},
		{"until a moment before its day is over", claimed(day+time.Second, day-1), false, idempotency.Replay, nil},
		{"a day after it finished it is spent", claimed(day+time.Second, day), false, idempotency.Spent, nil},
		{"and stays so up to 90 days", claimed(90*day-1, 90*day-1), false, idempotency.Spent, nil},
		{"after 90 days it is unknown again", claimed(90*day, 90*day-time.Hour), false, idempotency.Run, nil},
		{"one that runs is in use", claimed(time.Second, never), true, 0, problem.IdempotencyKeyInUse},
		{"however long it runs", claimed(2*day, never), true, 0, problem.IdempotencyKeyInUse},
		{"one that broke off is continued", claimed(time.Second, never), false, idempotency.Continue, nil},
		{"until a moment before its day is over, too", claimed(day-1, never), false, idempotency.Continue, nil},
		{"one that broke off a day ago is spent", claimed(day, never), false, idempotency.Spent, nil},
		{"one that broke off 90 days ago is unknown", claimed(90*day, never), false, idempotency.Run, nil},
		{"another request under a finished key is refused", other(claimed(time.Second, 0)), false, 0, problem.IdempotencyKeyReused},
		{"another request under a running key is refused", other(claimed(time.Second, never)), true, 0, problem.IdempotencyKeyReused},
		{"another request under a broken-off key is refused", other(claimed(time.Second, never)), false, 0, problem.IdempotencyKeyReused},
		{"another request under a spent key is refused", other(claimed(2*day, 2*day)), false, 0, problem.IdempotencyKeyReused},
		{"another request under a forgotten key runs", other(claimed(90*day, 90*day)), false, idempotency.Run, nil},
	} {
		t.Run(c.says, func(t *testing.T) {
			got, err := idempotency.Decide(c.claim, request, noon, keep, c.running)
			if c.raises != nil {
				if !c.raises.Is(err) {
					t.Errorf("got %d, %v; want %s", got, err, c.raises.Code)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %d, %v; want %d", got, err, c.want)
			}
		})
	}
}

func TestAKeyInUseTellsWhoUsesItAndForHowLong(t *testing.T) {
	_, err := idempotency.Decide(claimed(1500*time.Millisecond, never), request, noon, keep, true)
	p := problem.From(err)
	want := problem.Details{"age_ms": int64(1500), "request_id": "req_first"}
	if diff := cmp.Diff(want, p.Details); diff != "" {
		t.Errorf("details differ (-want +got):\n%s", diff)
	}
	if p.Outcome() != problem.Pending {
		t.Errorf("got outcome %s, want %s", p.Outcome(), problem.Pending)
	}
}

func TestAReusedKeyNamesWhatDiffers(t *testing.T) {
	for _, c := range []struct {
		says string
		now  idempotency.Request
		want []string
	}{
		{"the method", idempotency.Request{Method: "PATCH", Path: request.Path, Fields: request.Fields}, []string{"method"}},
		{"the path", idempotency.Request{Method: "POST", Path: "/payouts", Fields: request.Fields}, []string{"path"}},
		{"a field", idempotency.Request{Method: "POST", Path: request.Path, Fields: `{"amount":250001,"currency":"NGN","payment_method":{"type":"card"}}`}, []string{"amount"}},
		{"a field that is new", idempotency.Request{Method: "POST", Path: request.Path, Fields: `{"amount":250000,"currency":"NGN","customer":{"email":"a"},"payment_method":{"type":"card"}}`}, []string{"customer"}},
		{"a field within an object", idempotency.Request{Method: "POST", Path: request.Path, Fields: `{"amount":250000,"currency":"NGN","payment_method":{"type":"interac"}}`}, []string{"payment_method.type"}},
		{"a field that is gone", idempotency.Request{Method: "POST", Path: request.Path, Fields: `{"amount":250000,"payment_method":{"type":"card"}}`}, []string{"currency"}},
		{"all of these", idempotency.Request{Method: "PATCH", Path: "/payouts", Fields: `{}`}, []string{"method", "path", "amount", "currency", "payment_method"}},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, err := idempotency.Decide(claimed(time.Second, 0), c.now, noon, keep, false)
			p := problem.From(err)
			if !problem.IdempotencyKeyReused.Is(err) {
				t.Fatalf("got error %v, want idempotency_key_reused", err)
			}
			if diff := cmp.Diff(problem.Details{"differs": c.want, "request_id": "req_first"}, p.Details); diff != "" {
				t.Errorf("details differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTwoRequestsWithOneFingerprintAreTheSame(t *testing.T) {
	word := rapid.StringMatching(`[a-z/\n]{0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) idempotency.Request {
			return idempotency.Request{Method: rapid.SampledFrom([]string{"POST", "PATCH", "DELETE"}).Draw(t, name+" method"),
				Path: "/" + strings.ReplaceAll(word.Draw(t, name+" path"), "\n", ""), Fields: word.Draw(t, name+" fields")}
		}
		a, b := draw("one"), draw("other")
		if (a == b) != (a.Fingerprint() == b.Fingerprint()) {
			t.Fatalf("%q and %q: same %v, same fingerprint %v", a, b, a == b, a.Fingerprint() == b.Fingerprint())
		}
	})
}

func TestTheFormOfAKey(t *testing.T) {
	for name, c := range map[string]struct {
		key  string
		good bool
	}{
		"one character": {"k", true}, "255 characters": {strings.Repeat("k", 255), true}, "every printable character": {printable(), true},
		"nothing": {"", false}, "256 characters": {strings.Repeat("k", 256), false}, "a blank": {"a b", false}, "a tab": {"a\tb", false},
		"a letter beyond ASCII": {"clé", false}, "DEL": {"a\x7f", false}, "a NUL": {"a\x00", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := idempotency.ValidKey(c.key); got != c.good {
				t.Errorf("%q is valid: %v, want %v", c.key, got, c.good)
			}
		})
	}
}

func printable() string {
	var b strings.Builder
	for c := byte(0x21); c <= 0x7e; c++ {
		b.WriteByte(c)
	}
	return b.String()
}
