package api_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/problem"
)

// A fault chooses which answer comes; the answer is that of the catalogue.
func TestEveryCodeCanBeShown(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, k := range problem.All() {
		for _, rule := range []string{k.Code, "error=" + k.Code} {
			a := e.Do("POST", "/payment-sessions", nodetest.Session("shown"), "Juicer-Fault", rule)
			want(t, a, k.Status, k.Code)
		}
	}
	want(t, e.Do("GET", "/payments/shown", nil), http.StatusNotFound, "not_found")
	for status, code := range map[int]string{400: "invalid_request", 401: "invalid_api_key", 403: "insufficient_permissions", 404: "not_found",
		405: "method_not_allowed", 409: "resource_busy", 413: "payload_too_large", 415: "unsupported_media_type", 422: "validation_error",
		429: "rate_limit_exceeded", 500: "server_error", 503: "overloaded"} {
		want(t, e.Do("GET", "/payments", nil, "Juicer-Fault", fmt.Sprintf("status=%d", status)), status, code)
	}
	for _, status := range []int{502, 504} {
		a := e.Do("GET", "/payments", nil, "Juicer-Fault", fmt.Sprintf("status=%d", status))
		if a.Status != status || !strings.HasPrefix(string(a.Body), "<html>") || a.Header.Get("Content-Type") != "text/html" {
			t.Errorf("status=%d: got %d %v %s, want a proxy's page", status, a.Status, a.Header, a.Body)
		}
	}
	a := e.Do("GET", "/payments", nil, "Juicer-Fault", "status=503;retry-after=7")
	equal(t, "Retry-After", a.Header.Get("Retry-After"), "7")
	equal(t, "after_ms", a.At("error.retry.after_ms"), any(float64(7000)))
}

// reset is true for an answer that ended in a reset connection.
func reset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func TestLostConnections(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, c := range []struct {
		fault string
		ran   bool
	}{
		{"drop=before", false}, {"drop=after-commit", true}, {"hang=1", true}, {"hang=1;at=before", false}, {"delay=1,drop=after-commit", true},
	} {
		t.Run(c.fault, func(t *testing.T) {
			e := under(t, e)
			a, err := e.Try("POST", "/payment-sessions", nodetest.Session(c.fault), "Juicer-Fault", c.fault)
			if !reset(err) || a.Status != 0 {
				t.Errorf("got %d, %v, want a reset without a byte", a.Status, err)
			}
			equal(t, "it ran", slices.Contains(column(set(e, "GET", "/payments", nil), "reference"), c.fault), c.ran)
		})
	}
	t.Run("truncate=25", func(t *testing.T) {
		e := under(t, e)
		a, err := e.Try("POST", "/payment-sessions", nodetest.Session("cut"), "Juicer-Fault", "truncate=25")
		if !reset(err) || a.Status != http.StatusCreated || len(a.Body) != 25 || !strings.HasPrefix(string(a.Body), `{"data":{`) {
			t.Errorf("got %d %q, %v, want 25 bytes of a reply", a.Status, a.Body, err)
		}
		equal(t, "the outcome is in the headers", a.Header.Get("Juicer-Outcome"), "not_attempted")
		equal(t, "it ran", len(column(set(e, "GET", "/payments?references=cut", nil), "id")), 1)
	})
	t.Run("garbage", func(t *testing.T) {
		e := under(t, e)
		a := e.Do("POST", "/payment-sessions", nodetest.Session("garbage"), "Juicer-Fault", "garbage")
		if a.Status != http.StatusOK || a.JSON != nil {
			t.Errorf("got %d %s, want 200 without JSON", a.Status, a.Body)
		}
		equal(t, "it ran", len(column(set(e, "GET", "/payments?references=garbage", nil), "id")), 1)
	})
}

// Only the three faults of the server can lie about work that is done.
func TestErrorsAfterTheCommit(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, k := range problem.All() {
		a := e.Do("POST", "/payment-sessions", nodetest.Session("lie-"+k.Code), "Juicer-Fault", "error="+k.Code+";at=after-commit")
		switch k.Code {
		case "server_error", "storage_unavailable", "request_timeout":
			want(t, a, k.Status, k.Code)
			equal(t, k.Code+": outcome", a.Text("error.outcome"), "unknown")
			equal(t, k.Code+": state", set(e, "GET", "/payments/lie-"+k.Code, nil).Text("data.state"), "created")
		default:
			want(t, a, http.StatusBadRequest, "invalid_request")
		}
	}
	failed := e.Do("POST", "/payment-sessions", with(nodetest.Session("x"), "amount", 1), "Juicer-Fault", "error=server_error;at=after-commit")
	want(t, failed, http.StatusBadRequest, "invalid_amount")
}

func TestFaultsCountTheirMatches(t *testing.T) {
	t.Parallel()
	e := start(t)
	statuses := func(t *testing.T, n int, rule string, more ...string) (out []int) {
		for range n {
			a := under(t, e).Do("GET", "/payments/stats", nil, append([]string{"Juicer-Fault", rule}, more...)...)
			out = append(out, a.Status)
		}
		return out
	}
	t.Run("fails n times, then succeeds", func(t *testing.T) {
		equal(t, "statuses", fmt.Sprint(statuses(t, 4, "status=503;times=2")), "[503 503 200 200]")
	})
	t.Run("lets the first ones pass", func(t *testing.T) {
		equal(t, "statuses", fmt.Sprint(statuses(t, 5, "status=500;skip=2;times=1")), "[200 200 500 200 200]")
	})
	t.Run("each Idempotency-Key counts by itself", func(t *testing.T) {
		e := under(t, e)
		for _, key := range []string{"a", "b"} {
			var got []int
			for range 3 {
				got = append(got, e.Do("POST", "/payment-sessions", nodetest.Session("times-"+key), "Idempotency-Key", key, "Juicer-Fault", "status=500;times=2").Status)
			}
			equal(t, "statuses with key "+key, fmt.Sprint(got), "[500 500 201]")
		}
	})
	t.Run("chance has a seed", func(t *testing.T) {
		first := fmt.Sprint(statuses(t, 30, "status=503;probability=0.5;seed=7"))
		other := nodetest.Start(t)
		var again []int
		for range 30 {
			again = append(again, other.Do("GET", "/payments/stats", nil, "Juicer-Fault", "status=503;probability=0.5;seed=7").Status)
		}
		equal(t, "the same on another server", fmt.Sprint(again), first)
		if !strings.Contains(first, "200") || !strings.Contains(first, "503") {
			t.Errorf("with probability 0.5: got %s", first)
		}
	})
	t.Run("a fault is shown in the timeline", func(t *testing.T) {
		e := under(t, e)
		a := e.Do("GET", "/payments", nil, "Juicer-Fault", "delay=1,status=503")
		line := set(e, "GET", "/requests/"+a.Header.Get("X-Request-Id"), nil)
		if text := fmt.Sprint(line.At("data.steps")); !strings.Contains(text, "delay=1") || !strings.Contains(text, "status=503") {
			t.Errorf("steps: got %s, want both faults", text)
		}
	})
	t.Run("the sandbox itself is spared", func(t *testing.T) {
		equal(t, "status", under(t, e).Do("GET", "/sandbox/clock", nil, "Juicer-Fault", "status=503").Status, http.StatusOK)
	})
	t.Run("a bad header is refused and explained", func(t *testing.T) {
		for _, rule := range []string{"explode", "status=418", "delay=-1", "delay=120001", "drop=later", "error=none", "status=500;times=x", "status=500;colour=red",
			"drop=before,drop=before,drop=before,drop=before,drop=before", "hang", "probability=2", "status=500;probability=2"} {
			a := under(t, e).Do("GET", "/payments", nil, "Juicer-Fault", rule)
			want(t, a, http.StatusBadRequest, "invalid_request")
			if list, _ := a.At("error.details.Juicer-Fault").([]any); len(list) == 0 {
				t.Errorf("%s: got %s, want the header named", rule, a.Body)
			}
		}
	})
}
