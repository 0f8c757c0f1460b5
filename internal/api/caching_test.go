package api_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/ratelimit"
)

var strongTag = regexp.MustCompile(`^"[^"]+"$`)

func TestWhatMayBeCached(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("cached")
	r := refund(e, id, 1000).Text("data.id")
	key := set(e, "POST", "/keys", map[string]any{"name": "cached", "scopes": []string{"*"}}).Text("data.id")
	request := e.Do("GET", "/payments/"+id, nil).Header.Get("X-Request-Id")
	swapped := set(e, "POST", "/exchange/swap", body("amount", 1000, "source_currency", "CAD", "target_currency", "NGN")).Text("data.id")
	order := set(e, "POST", "/exchange/orders", body("qty", 1000, "symbol", "CAD-NGN", "type", "buy")).Text("data.id")
	who := beneficiary(e, naira("0690000031"))
	for path, control := range map[string]string{
		"/beneficiaries/" + who: "private, no-cache", bulk(e, "cached-bulk"): "private, no-cache", "/payment-methods/banks": "private, max-age=86400",
		"/payments/" + id: "private, no-cache", "/payments/cached": "private, no-cache", "/payment-sessions/" + id: "private, no-cache",
		"/refunds/" + r: "private, no-cache", "/keys/" + key: "private, no-cache", "/requests/" + request: "private, no-cache",
		"/exchange/swap/" + swapped: "private, no-cache", "/exchange/orders/" + order: "private, no-cache", "/exchange/pairs": "private, max-age=60",
		"/exchange/swap-configurations": "private, max-age=60", "/exchange/rates": "private, max-age=60",
		"/payments/stats": "private, max-age=300", "/payment-sessions/encryption-keys/test": "private, max-age=3600",
	} {
		t.Run(path, func(t *testing.T) {
			e := under(t, e)
			a := set(e, "GET", path, nil)
			tag := a.Header.Get("Etag")
			equal(t, "Cache-Control", a.Header.Get("Cache-Control"), control)
			equal(t, "the ETag is strong", strongTag.MatchString(tag), true)
			equal(t, "Vary", a.Header.Values("Vary")[0], "Authorization")
			for _, known := range []string{tag, `"other", ` + tag, "*", "W/" + tag} {
				b := e.Do("GET", path, nil, "If-None-Match", known)
				if b.Status != http.StatusNotModified || len(b.Body) != 0 || b.Header.Get("Etag") != tag || b.Header.Get("Cache-Control") != control {
					t.Errorf("If-None-Match %s: got %d %v %s, want 304", known, b.Status, b.Header, b.Body)
				}
			}
			if b := e.Do("GET", path, nil, "If-None-Match", `"other"`); b.Status != http.StatusOK || string(b.Body) != string(a.Body) {
				t.Errorf("with another ETag: got %d %s", b.Status, b.Body)
			}
		})
	}
	t.Run("lists, writes and refusals are not", func(t *testing.T) {
		e := under(t, e)
		for _, a := range []nodetest.Answer{
			e.Do("GET", "/payments", nil), e.Do("GET", "/beneficiaries", nil), e.Do("GET", "/bulk-transfers", nil), e.Do("GET", "/payments?ids="+id, nil), e.Do("GET", "/keys", nil), e.Do("GET", "/requests", nil),
			e.Do("GET", "/payments/"+id+"/refunds", nil), e.Do("POST", "/payment-sessions", nodetest.Session("w")), e.Do("GET", "/payments/none", nil),
			e.Do("GET", "/payments", nil, "Authorization", ""), e.Do("GET", "/payments/"+id, nil, "Juicer-Fault", "status=503"),
			e.Do("GET", "/payments/"+id, nil, "Juicer-Fault", "status=429"), e.Do("GET", "/idempotency-keys/none", nil),
			e.Do("GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil), e.Do("GET", "/exchange/swap", nil), e.Do("GET", "/exchange/orders", nil),
			e.Do("GET", "/exchange/fx/rate?source_currency=CAD&target_currency=NGN", nil),
		} {
			if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Etag") != "" {
				t.Errorf("got Cache-Control %q, ETag %q with %d %.80s", a.Header.Get("Cache-Control"), a.Header.Get("Etag"), a.Status, a.Body)
			}
		}
	})
}

func TestAChangeChangesTheTag(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("changing")
	seen := map[string]string{}
	for _, step := range []struct {
		name string
		do   func() nodetest.Answer
	}{
		{"created", func() nodetest.Answer { return nodetest.Answer{} }},
		{"captured", func() nodetest.Answer { return e.Capture(id, approved) }},
		{"refunded", func() nodetest.Answer { return refund(e, id, 1) }},
	} {
		step.do()
		tag := set(e, "GET", "/payments/"+id, nil).Header.Get("Etag")
		if was, again := seen[tag]; again {
			t.Errorf("%s: the same ETag as %s", step.name, was)
		}
		seen[tag] = step.name
	}
}

func TestNotModifiedCostsNothing(t *testing.T) {
	t.Parallel()
	e := start(t, documented, func(c *node.Config) { // per hour, so that none comes back while the test runs
		c.Limits = &ratelimit.Table{Endpoints: map[string]ratelimit.Limit{"GET /payments/{id}": {Quota: 100, Window: time.Hour, Burst: 100}}}
	})
	id := e.Paid("free")
	policy := func(a nodetest.Answer) string { return a.Header.Get("Ratelimit") }
	remaining := regexp.MustCompile(`"endpoint";r=(\d+)`)
	left := func(a nodetest.Answer) string {
		t.Helper()
		found := remaining.FindStringSubmatch(policy(a))
		if found == nil {
			t.Fatalf("RateLimit: got %q, want one of the endpoint", policy(a))
		}
		return found[1]
	}
	a := set(e, "GET", "/payments/"+id, nil)
	equal(t, "left of 100 after the first", left(a), "99")
	for range 3 {
		b := e.Do("GET", "/payments/"+id, nil, "If-None-Match", a.Header.Get("Etag"))
		equal(t, "status", b.Status, http.StatusNotModified)
		equal(t, "left after a 304", left(b), "99")
	}
	equal(t, "left after another whole answer", left(set(e, "GET", "/payments/"+id, nil)), "98")
	if sandbox := e.Do("GET", "/sandbox/clock", nil); policy(sandbox) != "" {
		t.Errorf("the sandbox has limits: %s", policy(sandbox))
	}
	set(e, "PATCH", "/sandbox/settings", map[string]any{"limits": "off"})
	equal(t, "RateLimit when limits are off", policy(e.Do("GET", "/payments/"+id, nil)), "")
}
