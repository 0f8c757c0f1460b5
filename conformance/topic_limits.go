package conformance

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func limitCases() []Case {
	return []Case{
		{ID: "limits/headers", Sentence: "every authenticated reply names its limits and what is left of them", run: limitHeaders},
		{ID: "limits/endpoint", Sentence: "the 101st read of payments within a minute is 429, with the wait in headers and body", run: endpointLimit},
		{ID: "limits/not-modified", Sentence: "a 304 costs nothing", run: freeOfCharge},
		{ID: "limits/per-key", Sentence: "limits count per key", run: limitsPerKey},
		{ID: "limits/sandbox", Sentence: "the sandbox is not limited", run: sandboxUnlimited},
	}
}

// limited leaves the case if the target has its limits switched off.
func (t *trial) limited() {
	if t.get("/sandbox/settings").text("data.limits") == "off" {
		t.leave("limits are switched off on the target")
	}
}

var policyForm = regexp.MustCompile(`^"[a-z]+";q=\d+;w=\d+(, "[a-z]+";q=\d+;w=\d+)*$`)

func limitHeaders(t *trial) {
	t.limited()
	for path, endpoint := range map[string]bool{"/payments/stats": false, "/payments/" + t.created(): true, "/payments/" + t.unique(): true} {
		r := t.get(path)
		if !policyForm.MatchString(r.header.Get("RateLimit-Policy")) {
			t.failed(&r, "RateLimit-Policy such as \"key\";q=100;w=1, not %q", r.header.Get("RateLimit-Policy"))
		}
		policy, left := r.header.Get("RateLimit-Policy"), r.header.Get("RateLimit")
		if !strings.Contains(policy, `"key"`) || strings.Contains(policy, `"endpoint"`) != endpoint {
			t.failed(&r, "the limits of this path in RateLimit-Policy; one of its own: %t", endpoint)
		}
		if tight := map[bool]string{true: `"endpoint"`, false: `"key"`}[endpoint]; !strings.Contains(left, tight) {
			t.failed(&r, "%s in RateLimit", tight)
		}
		limit, remaining := t.headerNumber(r, "X-RateLimit-Limit"), t.headerNumber(r, "X-RateLimit-Remaining")
		if remaining > limit {
			t.failed(&r, "no more remaining (%d) than the limit (%d)", remaining, limit)
		}
		reset := t.headerNumber(r, "X-RateLimit-Reset")
		if ahead := time.Unix(reset, 0).Sub(now()); ahead < -5*time.Second || ahead > 2*time.Hour {
			t.failed(&r, "X-RateLimit-Reset in Unix seconds a little ahead, not %d", reset)
		}
	}
}

func (t *trial) headerNumber(r reply, name string) int64 {
	n, err := strconv.ParseInt(r.header.Get(name), 10, 64)
	if err != nil {
		t.failed(&r, "a number in %s, not %q", name, r.header.Get(name))
	}
	return n
}

// documentedReads is how many reads of single payments a minute has.
const documentedReads = 100

func endpointLimit(t *trial) {
	t.limited()
	key := t.scoped("payments:write")
	path := "/payments/" + t.created()
	var r reply
	for n := range 4 * documentedReads {
		r = t.get(path, key, impatient())
		if r.status == http.StatusTooManyRequests {
			if n < documentedReads {
				t.failed(&r, "%d reads a minute, but number %d is refused", documentedReads, n+1)
			}
			break
		}
		t.status(r, http.StatusOK)
	}
	t.refused(r, http.StatusTooManyRequests, "rate_limit_exceeded")
	t.outcome(r, "not_attempted", "same_key")
	t.equal(r, "error.type", "rate_limit_error")
	t.equal(r, "error.details.limit", "endpoint")
	t.present(r, "error.details.policy")
	t.head(r, "X-RateLimit-Remaining", "0")
	wait := t.headerNumber(r, "Retry-After")
	t.equal(r, "error.retry.after_ms", wait*1000)
	t.status(t.get("/payments/stats", key, impatient()), http.StatusOK)
	sleep(t.ctx, time.Duration(wait)*time.Second)
	t.status(t.get(path, key, impatient()), http.StatusOK)
}

func freeOfCharge(t *trial) {
	t.limited()
	key := t.scoped("payments:write")
	path := "/payments/" + t.created()
	tag := header("If-None-Match", t.get(path, key).header.Get("ETag"))
	for range documentedReads + 20 {
		t.status(t.get(path, key, tag, impatient()), http.StatusNotModified)
	}
	t.status(t.get(path, key, impatient()), http.StatusOK)
}

func limitsPerKey(t *trial) {
	t.limited()
	path := "/payments/" + t.created()
	mine, other := t.scoped("payments:read"), t.scoped("payments:read")
	first := t.headerNumber(t.get(path, mine), "X-RateLimit-Remaining")
	for range 10 {
		t.status(t.get(path, other), http.StatusOK)
	}
	r := t.get(path, mine)
	if left := t.headerNumber(r, "X-RateLimit-Remaining"); left < first-2 {
		t.failed(&r, "about %d left for this key, whatever the other one does", first-1)
	}
}

func sandboxUnlimited(t *trial) {
	for range 250 {
		t.status(t.get("/sandbox/settings", impatient()), http.StatusOK)
	}
}
