package ratelimit

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/problem"
)

func TestHeaders(t *testing.T) {
	l := NewLocal(Test())
	now := start.Add(400 * time.Millisecond)
	spend := func(endpoint string, n int) (d Decision) {
		for range n {
			d = l.Allow(ctx, "k", endpoint, 1, now)
		}
		return d
	}
	cases := []struct {
		claim string
		d     Decision
		want  http.Header
	}{
		{"describe the endpoint, which has the least left", spend(getPayment, 2), http.Header{
			"X-RateLimit-Limit": {"100"}, "X-RateLimit-Remaining": {"98"}, "X-RateLimit-Reset": {"1795339801"},
			"RateLimit-Policy": {`"key";q=100;w=1, "endpoint";q=100;w=60`}, "RateLimit": {`"key";r=100;t=0, "endpoint";r=98;t=1`},
		}},
		{"describe the key where the endpoint has no limit", spend("POST /payouts", 150), http.Header{
			"X-RateLimit-Limit": {"100"}, "X-RateLimit-Remaining": {"48"}, "X-RateLimit-Reset": {"1795339801"},
			"RateLimit-Policy": {`"key";q=100;w=1`}, "RateLimit": {`"key";r=48;t=1`},
		}},
		{"of a refusal describe what refuses, until it no longer does", spend("POST /bulk-transfers", 11), http.Header{
			"X-RateLimit-Limit": {"10"}, "X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"1795339807"},
			"RateLimit-Policy": {`"key";q=100;w=1, "endpoint";q=10;w=60`}, "RateLimit": {`"key";r=38;t=1, "endpoint";r=0;t=6`},
		}},
		{"are absent where nothing is limited", NewLocal(Off()).Allow(ctx, "k", getPayment, 1, now), http.Header{}},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Headers(c.d)); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	l := NewLocal(Test())
	var d Decision
	for range 11 {
		d = l.Allow(ctx, "k", "POST /bulk-transfers", 1, start)
	}
	e := Refusal(d)
	if e.Kind != problem.RateLimitExceeded || e.Details["limit"] != "endpoint" || e.Details["policy"] != "10;w=60" {
		t.Errorf("got %s with %v", e.Kind.Code, e.Details)
	}
	if r := e.Retry(); !r.Allowed || *r.With != problem.SameKey || *r.AfterMS != 6000 {
		t.Errorf("advice %+v, want same_key after 6000 ms", r)
	}
	if got, want := e.Message(), "Too many requests. Try again in 6 seconds."; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
}
