package sandbox

import (
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/problem"
)

func one(t *testing.T, header string) Rule {
	t.Helper()
	rules, err := ParseFault(header)
	if err != nil || len(rules) != 1 {
		t.Fatalf("ParseFault(%q) = %+v, %v", header, rules, err)
	}
	return rules[0]
}

func TestStatusFaultsGiveTheUsualCode(t *testing.T) {
	for status, code := range map[string]string{
		"400": "invalid_request", "401": "invalid_api_key", "403": "insufficient_permissions", "404": "not_found",
		"405": "method_not_allowed", "409": "resource_busy", "413": "payload_too_large", "415": "unsupported_media_type",
		"422": "validation_error", "429": "rate_limit_exceeded", "500": "server_error", "503": "overloaded",
	} {
		r := one(t, "status="+status)
		e := r.Problem(problem.UnkeyedWork)
		if e == nil || e.Kind.Code != code || int64(e.Kind.Status) != r.N || e.Outcome() != problem.NotAttempted {
			t.Errorf("status=%s gives %v", status, e)
		}
	}
}

func TestProxyPages(t *testing.T) {
	for status, title := range map[string]string{"502": "502 Bad Gateway", "504": "504 Gateway Timeout"} {
		r := one(t, "status="+status)
		n, html, ok := r.Page()
		if !ok || int64(n) != r.N || !strings.Contains(html, "<title>"+title+"</title>") || r.Problem(problem.NoWork) != nil {
			t.Errorf("status=%s gives %d, %q, %v", status, n, html, ok)
		}
	}
	for _, header := range []string{"status=500", "garbage", "delay=1", "server_error"} {
		if _, _, ok := one(t, header).Page(); ok {
			t.Errorf("%s gives a page", header)
		}
	}
}

func TestEveryCodeIsAnsweredAsInTheCatalogue(t *testing.T) {
	for _, k := range problem.All() {
		e := one(t, k.Code).Problem(problem.UnkeyedWork)
		if e == nil || e.Kind != k || strings.ContainsAny(e.Message(), "{}") {
			t.Errorf("%s: %v", k.Code, e)
			continue
		}
		if want := problem.Sample(k); !breaksOff(k) && (e.Outcome() != want.Outcome() || e.Message() != want.Message()) {
			t.Errorf("%s is %s, %q; want %s, %q", k.Code, e.Outcome(), e.Message(), want.Outcome(), want.Message())
		}
	}
}

func TestBrokenOffAnswersTellWhatTheyKnow(t *testing.T) {
	for _, code := range []string{"server_error", "storage_unavailable", "request_timeout"} {
		t.Run(code+" before: nothing was attempted, whatever the caller says", func(t *testing.T) {
			e := one(t, code).Problem(problem.UnkeyedWork)
			if e.Outcome() != problem.NotAttempted || *e.Retry().With != problem.SameKey {
				t.Errorf("outcome %s, retry %+v", e.Outcome(), e.Retry())
			}
		})
		t.Run(code+" after the commit: unknown; with a key to be repeated, else verified", func(t *testing.T) {
			r := one(t, code+";at=after-commit")
			if e := r.Problem(problem.RepeatableWork); e.Outcome() != problem.Unknown || *e.Retry().With != problem.SameKey || *e.Retry().AfterMS != 1000 {
				t.Errorf("with a key: outcome %s, retry %+v", e.Outcome(), e.Retry())
			}
			if e := r.Problem(problem.UnkeyedWork); e.Outcome() != problem.Unknown || *e.Retry().With != problem.AfterVerify {
				t.Errorf("without: outcome %s, retry %+v", e.Outcome(), e.Retry())
			}
		})
	}
}

func TestRetryAfterSetsTheWaitAndNothingElse(t *testing.T) {
	env := problem.Envelope{RequestID: "req_1", PublicURL: "http://localhost", Environment: "test"}
	for _, c := range []struct {
		header string
		with   problem.With
		want   string
	}{
		{"status=429;retry-after=7", problem.SameKey, "7"},
		{"overloaded;retry-after=0", problem.SameKey, "0"},
		{"storage_unavailable;at=after-commit;retry-after=9", problem.AfterVerify, "9"},
		{"status=503", problem.SameKey, "1"},
	} {
		e := one(t, c.header).Problem(problem.UnkeyedWork)
		if got := e.Headers(env)["Retry-After"]; len(got) != 1 || got[0] != c.want || *e.Retry().With != c.with || !e.Retry().Allowed {
			t.Errorf("%s: Retry-After %v, retry %+v; want %s, %s", c.header, got, e.Retry(), c.want, c.with)
		}
	}
	if e := one(t, "status=429;retry-after=7").Problem(problem.NoWork); !strings.Contains(e.Message(), "7 seconds") {
		t.Errorf("message %q does not say 7 seconds", e.Message())
	}
}
