package juicer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Hooks, rates and pacing.

func TestEachCallIsOneLineOfTheLog(t *testing.T) {
	var log bytes.Buffer
	plain := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "time" || a.Key == "idempotency_key" {
			return slog.Attr{}
		}
		return a
	}}))
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 503, body: `{"error":{"code":"overloaded"}}`}, {status: 201, body: createdBody, headers: map[string]string{"Juicer-Outcome": "not_attempted"}}, {status: 401, body: `{"error":{"code":"invalid_api_key"}}`}}}
		c := scripted(t, s)
		c.hooks = []Hooks{LogCalls(plain)}
		if _, err := post(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		if _, err := simple(context.Background(), c, "GET", "/payments/{id}"); err == nil {
			t.Fatal("a 401 is no success")
		}
	})
	equal(t, "log", log.String(), `level=INFO msg="juicer call" method=POST route=/payment-sessions status=201 code="" outcome=not_attempted request_id=req_2 attempts=2 ms=270
level=WARN msg="juicer call" method=GET route=/payments/{id} status=401 code=invalid_api_key outcome="" request_id=req_3 attempts=1 ms=10
`)
}

func TestHooksSeeCallsAndAttempts(t *testing.T) {
	type mark struct{}
	var seen []string
	note := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
	hooks := Hooks{
		CallStarts: func(ctx context.Context, c CallInfo) context.Context {
			note("call %s %s", c.Method, c.Route)
			return context.WithValue(ctx, mark{}, "marked")
		},
		AttemptStarts: func(ctx context.Context, a AttemptInfo) context.Context {
			note("try %d %s %s %v", a.Number, a.URL, a.Address, ctx.Value(mark{}))
			return ctx
		},
		AttemptEnds: func(_ context.Context, a AttemptInfo) { note("tried %d %d %s", a.Number, a.Status, a.Cause) },
		CallEnds:    func(_ context.Context, c CallInfo) { note("ended %d %d %v", c.Status, c.Attempts, c.Err) },
	}
	synctest.Test(t, func(t *testing.T) {
		c := scripted(t, &script{steps: []step{{err: errReset}, {status: 201, body: createdBody}}})
		c.hooks = []Hooks{{}, hooks} // hooks that are nil are no hooks
		if _, err := post(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	})
	equal(t, "hooks", strings.Join(seen, "; "), "call POST /payment-sessions; try 1 http://juicer.test/payment-sessions juicer.test marked; tried 1 0 reset; "+
		"try 2 http://juicer.test/payment-sessions juicer.test marked; tried 2 201 ; ended 201 2 <nil>")
}

func TestHealthIsTheLastMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 500, body: `{"error":{"retry":{"allowed":false}}}`}, {status: 429, body: `{"error":{"retry":{"allowed":false}}}`}, {err: errReset}, {err: errReset}, {err: errReset}, {err: errReset}, {status: 200, body: createdBody}}}
		c := scripted(t, s)
		for range 3 {
			_, _ = post(context.Background(), c) // fails, as the script says
		}
		for range 7 {
			if _, err := post(context.Background(), c); err != nil {
				t.Fatal(err)
			}
		}
		h := c.Health()
		equal(t, "calls", h.Calls, 10)
		equal(t, "failed", fmt.Sprint(h.Failed), "map[network:1 server:1 throttle:1 unknown_outcome:2]")
		equal(t, "share", h.Share(ClassUnknownOutcome), 0.2)
		time.Sleep(61 * time.Second)
		equal(t, "calls a minute later", c.Health().Calls, 0)
		equal(t, "share of nothing", c.Health().Share(ClassServer), 0)
	})
}

func TestAThresholdIsToldOnceUntilItWasBelowAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		bad, good := step{status: 501}, step{status: 200, body: createdBody}
		c := scripted(t, &script{steps: []step{bad, bad, bad, bad, good, good, good, good, good, bad, bad, bad, bad, bad}})
		c.rates = newRates([]Threshold{{Class: ClassServer, Share: 0.5, MinCalls: 3, Exceeded: func(h Health) { told++ }}})
		want := []int{0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}
		for i := range want {
			_, _ = simple(context.Background(), c, "GET", "/payments/{id}") // succeeds or not, as the script says
			equal(t, fmt.Sprintf("told after call %d", i+1), told, want[i])
		}
	})
}

func TestPacingWaitsInsteadOfBouncing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := func(r, seconds int) step {
			return step{status: 200, body: createdBody, headers: map[string]string{"RateLimit": fmt.Sprintf(`"key";r=50;t=1, "endpoint";r=%d;t=%d`, r, seconds)}}
		}
		s := &script{steps: []step{limited(1, 30), limited(0, 30), limited(9, 30)}}
		c := scripted(t, s)
		c.pace = &pacer{}
		start := time.Now()
		for range 3 {
			if _, err := simple(context.Background(), c, "GET", "/payments/{id}"); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, "third request at", s.seen[2].at.Sub(start), 30*time.Second+20*time.Millisecond)
		if _, err := simple(context.Background(), c, "GET", "/refunds/{id}"); err != nil {
			t.Fatal(err)
		}
		equal(t, "another endpoint waits for nothing", s.seen[3].at.Sub(s.seen[2].at), 10*time.Millisecond)
	})
}

func TestAPacedCallCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 200, body: createdBody, headers: map[string]string{"RateLimit": `"key";r=0;t=30`}}}}
		c := scripted(t, s)
		c.pace = &pacer{}
		if _, err := post(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		var cancelled *CancelledError
		if _, err := post(ctx, c); !errors.As(err, &cancelled) || cancelled.Outcome != OutcomeNotAttempted {
			t.Errorf("got %v", err)
		}
		equal(t, "returned after", time.Since(start), time.Second)
		equal(t, "requests", len(s.seen), 1)
	})
}

func TestAPacedCallThatCouldNotEndInTimeDoesNotBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 200, body: createdBody, headers: map[string]string{"RateLimit": `"key";r=0;t=30`}}}}
		c := scripted(t, s)
		c.pace = &pacer{}
		if _, err := post(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var late *DeadlineError
		if _, err := simple(context.Background(), c, "GET", "/payments/{id}", WithTimeout(29*time.Second)); !errors.As(err, &late) {
			t.Errorf("got %v", err)
		}
		equal(t, "returned after", time.Since(start), 0)
		if _, err := simple(context.Background(), c, "GET", "/payments/{id}", WithTimeout(31*time.Second)); err != nil {
			t.Error(err)
		}
	})
}

func TestPacingStaysUnderARealServersLimit(t *testing.T) {
	s := startServer(t)
	c := s.client(t, func(c *Config) { c.Pace = true })
	for range 130 { // 100 a minute are allowed for one payment
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		_, err := c.Payments.Get(ctx, "nobody", nil)
		cancel()
		var limited *RateLimitError
		if errors.As(err, &limited) {
			t.Fatalf("bounced: %v", err)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return // held back, as it should be
		}
	}
	t.Error("130 reads were neither limited nor held back: the limits are off")
}
