package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// answer makes a reply to GET /payments/x.
func answer(status int, body string, headers ...string) reply {
	r := reply{request: newRequest("GET", "/payments/x", nil, []option{withKey("k")}), status: status, body: []byte(body), header: http.Header{}}
	for _, h := range []string{
		"X-Request-Id: req_01m819grrrewqt6ag60hkd4a3p", "Juicer-Environment: test", "Content-Type: application/json; charset=utf-8",
	} {
		name, value, _ := strings.Cut(h, ": ")
		r.header.Set(name, value)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.header.Set(name, value)
	}
	r.parse()
	return r
}

const (
	goodPayment = `{"data":{"amount":1,"id":"x","metadata":{"rate":1.5}},"money":{"outcome":"succeeded"}}`
	goodRefusal = `{"error":{"code":"not_found","doc_url":"https://x/docs/errors#not_found","message":"Payment not found","outcome":"not_attempted",` +
		`"request_id":"req_01m819grrrewqt6ag60hkd4a3p","retry":{"after_ms":null,"allowed":false,"with":null},"type":"invalid_request_error"},"message":"Payment not found"}`
	goodLimited = `{"error":{"code":"rate_limit_exceeded","doc_url":"https://x/docs/errors#rate_limit_exceeded","message":"Wait","outcome":"not_attempted",` +
		`"request_id":"req_01m819grrrewqt6ag60hkd4a3p","retry":{"after_ms":2500,"allowed":true,"with":"same_key"},"retry_after":3,"type":"rate_limit_error"},"message":"Wait"}`
)

func paymentAnswer() reply {
	return answer(200, goodPayment, "Juicer-Outcome: succeeded", `ETag: "1"`, "Cache-Control: private, no-cache", "Vary: Authorization")
}

func refusalAnswer() reply {
	return answer(404, goodRefusal, "Juicer-Outcome: not_attempted", "Cache-Control: no-store")
}

func limitedAnswer() reply {
	return answer(429, goodLimited, "Juicer-Outcome: not_attempted", "Cache-Control: no-store", "Retry-After: 3", "retry_after: 3",
		`RateLimit: "key";r=9;t=1, "endpoint";r=0;t=3`, "X-RateLimit-Remaining: 0")
}

func TestGoodRepliesBreakNoRule(t *testing.T) {
	for name, r := range map[string]reply{"payment": paymentAnswer(), "refusal": refusalAnswer(), "limited": limitedAnswer()} {
		for _, rule := range allRules() {
			if wrong := rule.breach(r); wrong != "" {
				t.Errorf("%s: %s: %s", name, rule.id, wrong)
			}
		}
	}
}

func TestEveryRuleIsBrokenByAPlantedFault(t *testing.T) {
	body := func(r reply, old, new string) reply {
		text := strings.Replace(string(r.body), old, new, 1)
		if text == string(r.body) {
			t.Fatalf("nothing planted: %q is not in the reply", old)
		}
		r.body, r.json = []byte(text), nil
		r.parse()
		return r
	}
	head := func(r reply, name, value string) reply {
		r.header = r.header.Clone()
		r.header.Set(name, value)
		return r
	}
	status := func(r reply, status int) reply { r.status = status; return r }
	planted := []struct {
		rule  string
		reply reply
	}{
		{"replies/request-id", head(paymentAnswer(), "X-Request-Id", "7")},
		{"replies/environment", head(paymentAnswer(), "Juicer-Environment", "live")},
		{"replies/content-type", head(paymentAnswer(), "Content-Type", "application/json")},
		{"replies/outcome", head(paymentAnswer(), "Juicer-Outcome", "pending")},
		{"replies/outcome", head(refusalAnswer(), "Juicer-Outcome", "")},
		{"replies/not-stored", head(refusalAnswer(), "Cache-Control", "private")},
		{"replies/etag", head(paymentAnswer(), "ETag", `W/"1"`)},
		{"replies/etag", head(paymentAnswer(), "Vary", "Accept-Encoding")},
		{"replies/challenge", status(refusalAnswer(), 401)},
		{"replies/allow", status(refusalAnswer(), 405)},
		{"replies/location", status(paymentAnswer(), 201)},
		{"replies/retry-after", head(limitedAnswer(), "Retry-After", "2")},
		{"replies/retry-after", head(limitedAnswer(), "Retry_after", "")},
		{"replies/retry-after", head(refusalAnswer(), "Retry-After", "2")},
		{"replies/retry-after", body(limitedAnswer(), `"after_ms":2500`, `"after_ms":3500`)},
		{"replies/limits", head(limitedAnswer(), "X-RateLimit-Remaining", "9")},
		{"replies/limits", head(limitedAnswer(), "RateLimit", "9")},
		{"replies/compact", body(paymentAnswer(), `"id":"x"`, `"id": "x"`)},
		{"replies/compact", body(paymentAnswer(), `}}`, "}}\n")},
		{"replies/key-order", body(paymentAnswer(), `"amount":1,"id":"x"`, `"id":"x","amount":1`)},
		{"replies/key-order", body(paymentAnswer(), `"id":"x"`, `"id":"x","id":"x"`)},
		{"replies/no-fractions", body(paymentAnswer(), `"amount":1`, `"amount":1.0`)},
		{"replies/one-envelope", body(refusalAnswer(), `"message":"Payment not found"}`, `"message":"Payment not found","status":404}`)},
		{"replies/one-envelope", body(refusalAnswer(), `"type":"invalid_request_error"`, `"tip":"x","type":"invalid_request_error"`)},
		{"replies/one-envelope", body(refusalAnswer(), `"with":null`, `"with":"same_key"`)},
		{"replies/one-envelope", body(refusalAnswer(), `"outcome":"not_attempted",`, ``)},
		{"replies/mirrors", body(refusalAnswer(), `"message":"Payment not found"}`, `"message":"not found"}`)},
		{"replies/mirrors", body(refusalAnswer(), `"code":"not_found"`, `"code":"validation_error"`)},
		{"replies/same-request-id", head(refusalAnswer(), "X-Request-Id", "req_01m819he88etjsdxgva3y8j6ta")},
		{"replies/doc-url", body(refusalAnswer(), `#not_found`, `#other`)},
		{"replies/success-top-level", body(paymentAnswer(), `"money"`, `"message":"ok","money"`)},
		{"replies/no-500", status(refusalAnswer(), 500)},
	}
	broken := map[string]bool{}
	for _, p := range planted {
		for _, rule := range allRules() {
			if rule.id == p.rule && rule.breach(p.reply) == "" {
				t.Errorf("%s does not notice %d %s %v", p.rule, p.reply.status, p.reply.body, p.reply.header)
			}
		}
		broken[p.rule] = true
	}
	for _, rule := range allRules() {
		if !broken[rule.id] {
			t.Errorf("no fault is planted for %s", rule.id)
		}
	}
}
