package juicer

import (
	"encoding/json"
	"net/textproto"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// retryCase is one case of spec/vectors/retry.json.
type retryCase struct {
	Name       string         `json:"name"`
	Method     string         `json:"method"`
	Key        bool           `json:"key"`
	Attempt    int            `json:"attempt"`
	Waits      int            `json:"waits"`
	ElapsedMS  int64          `json:"elapsed_ms"`
	IdleMS     int64          `json:"idle_ms"`
	Tokens     int            `json:"tokens"`
	Paid       int            `json:"paid"`
	Rand       float64        `json:"rand"`
	Now        string         `json:"now"`
	Cancelled  bool           `json:"cancelled"`
	Replayable *bool          `json:"replayable"`
	LostBefore bool           `json:"lost_before"`
	Policy     map[string]any `json:"policy"`
	Status     int            `json:"status"`
	Headers    headerPairs    `json:"headers"`
	Body       string         `json:"body"`
	Error      string         `json:"error"`
	Expect     struct {
		Action       string  `json:"action"`
		Reason       *string `json:"reason"`
		DelayMS      *int64  `json:"delay_ms"`
		Tokens       *int    `json:"tokens"`
		Outcome      *string `json:"outcome"`
		RetryAfterMS *int64  `json:"retry_after_ms"`
	} `json:"expect"`
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// headerPairs is a list of pairs or a map.
type headerPairs textproto.MIMEHeader

// UnmarshalJSON implements json.Unmarshaler.
func (h *headerPairs) UnmarshalJSON(raw []byte) error {
	out := textproto.MIMEHeader{}
	var pairs [][2]string
	if json.Unmarshal(raw, &pairs) != nil {
		var named map[string]string
		if err := json.Unmarshal(raw, &named); err != nil {
			return err
		}
		for name, value := range named {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	for _, p := range pairs {
		out.Add(p[0], p[1])
	}
	*h = headerPairs(out)
	return nil
}

// policyOf applies the overrides of a case; an override nobody knows fails.
func policyOf(t *testing.T, overrides map[string]any) Policy {
	t.Helper()
	p := DefaultPolicy()
	for name, value := range overrides {
		if trust, ok := value.(bool); ok && name == "trust_keys" {
			p.DistrustKeys = !trust
			continue
		}
		n, ok := value.(float64)
		if !ok || !p.override(name, int64(n)) {
			t.Fatalf("nobody knows the override %s = %v", name, value)
		}
	}
	return p
}

func (p *Policy) override(name string, n int64) bool {
	long := map[string]*int64{
		"base_ms": &p.BaseTransientMS, "base_transient_ms": &p.BaseTransientMS, "transient_base_ms": &p.BaseTransientMS,
		"base_throttle_ms": &p.BaseThrottleMS, "throttle_base_ms": &p.BaseThrottleMS, "cap_ms": &p.CapMS,
		"server_wait_limit_ms": &p.ServerWaitMaxMS, "server_wait_max_ms": &p.ServerWaitMaxMS, "spread_ms": &p.SpreadMaxMS, "spread_max_ms": &p.SpreadMaxMS,
		"deadline_ms": &p.DeadlineMS, "write_timeout_ms": &p.WriteTimeoutMS, "read_timeout_ms": &p.ReadTimeoutMS, "min_attempt_ms": &p.MinAttemptMS,
	}
	short := map[string]*int{
		"max_attempts": &p.MaxAttempts, "bucket": &p.Bucket, "transient_cost": &p.TransientCost, "cost_transient": &p.TransientCost,
		"throttle_cost": &p.ThrottleCost, "cost_throttle": &p.ThrottleCost, "max_waits": &p.MaxWaits, "waits": &p.MaxWaits,
	}
	if at := long[name]; at != nil {
		*at = n
		return true
	}
	if at := short[name]; at != nil {
		*at = int(n)
		return true
	}
	return false
}

func vectorFile(t *testing.T, name string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "spec", "vectors", name)
	if chosen := os.Getenv("JUICER_RETRY_VECTORS"); chosen != "" && name == "retry.json" {
		path = chosen
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEveryRetryVectorAgrees(t *testing.T) {
	var cases []retryCase
	if err := json.Unmarshal(vectorFile(t, "retry.json"), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("the file holds no case")
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { c.compare(t, c.decide(t)) })
	}
	t.Logf("%d cases", len(cases))
}

func (c retryCase) decide(t *testing.T) verdict {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	if c.Now != "" {
		var err error
		if now, err = time.Parse(time.RFC3339Nano, c.Now); err != nil {
			t.Fatal(err)
		}
	}
	what := call{method: c.Method, keyed: c.Key, replayable: c.Replayable == nil || *c.Replayable}
	at := progress{attempt: c.Attempt, waits: c.Waits, elapsedMS: c.ElapsedMS, idleMS: c.IdleMS, paid: c.Paid, lostBefore: c.LostBefore, cancelled: c.Cancelled}
	got := reply{status: c.Status, headers: c.Headers, envelope: readEnvelope([]byte(c.Body)), event: event(c.Error)}
	return decide(policyOf(t, c.Policy), what, at, got, now, c.Rand, c.Tokens)
}

func (c retryCase) compare(t *testing.T, got verdict) {
	want := c.Expect
	if string(got.action) != want.Action {
		t.Errorf("action %s, want %s", got.action, want.Action)
	}
	if want.Reason != nil && string(got.reason) != *want.Reason {
		t.Errorf("reason %s, want %s", got.reason, *want.Reason)
	}
	if want.DelayMS != nil && got.delayMS != *want.DelayMS {
		t.Errorf("delay %d ms, want %d", got.delayMS, *want.DelayMS)
	}
	if want.Tokens != nil && got.tokens != *want.Tokens {
		t.Errorf("tokens %d, want %d", got.tokens, *want.Tokens)
	}
	outcome := ""
	if want.Outcome != nil {
		outcome = *want.Outcome
	}
	if got.action == stop && string(got.outcome) != outcome {
		t.Errorf("outcome %q, want %q", got.outcome, outcome)
	}
	if want.RetryAfterMS != nil && got.retryAfterMS != *want.RetryAfterMS {
		t.Errorf("retry after %d ms, want %d", got.retryAfterMS, *want.RetryAfterMS)
	}
}
