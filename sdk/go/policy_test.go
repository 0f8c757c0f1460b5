package juicer

import (
	"fmt"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

// What the vectors leave open of decide, one line a case:
// name | call | progress | reply | verdict.
const decisions = `
	a bank that is not known yet        | POST key  | attempt=1            | dns_temporary                     | retry transient 250 486
	a slow connection                   | POST      | attempt=1            | connect_timeout                   | retry transient 250 486
	an answer that is no JSON           | POST key  | attempt=1            | invalid_response 200              | retry transient 250 486
	an unkeyed answer that is no JSON   | POST      | attempt=1            | invalid_response 200              | stop unknown_outcome unknown 500
	an event nobody knows               | POST key  | attempt=1            | strange                           | retry transient 250 486
	no host, after doubt                | POST key  | attempt=2 lost       | dns_not_found                     | stop not_retryable unknown 500
	bad certificate of a read           | GET       | attempt=1            | tls_certificate                   | stop not_retryable - 500
	304                                 | GET       | attempt=1            | 304                               | ok 500
	299                                 | GET       | attempt=1 tokens=9   | 299                               | ok 10
	300                                 | GET       | attempt=1            | 300                               | stop not_retryable - 500
	199                                 | GET       | attempt=1            | 199                               | stop not_retryable - 500
	reward after throttle               | POST key  | attempt=2 tokens=400 paid=5 | 200                        | ok 405
	cancelled read                      | GET       | attempt=1 cancelled  | 200                               | stop cancelled - 500
	cancelled after a throttle          | POST key  | attempt=1 cancelled  | 429                               | stop cancelled not_attempted 500
	cancelled keeps idle tokens         | GET       | attempt=1 cancelled tokens=1 idle=2999 | 500             | stop cancelled - 3
	502                                 | GET       | attempt=1            | 502                               | retry transient 250 486
	504                                 | GET       | attempt=1            | 504                               | retry transient 250 486
	501                                 | GET       | attempt=1            | 501                               | stop not_retryable - 500
	410                                 | POST key  | attempt=1            | 410 {"error":{}}                  | stop not_retryable refused 500
	405                                 | POST key  | attempt=1            | 405                               | stop not_retryable not_attempted 500
	413                                 | POST key  | attempt=1            | 413                               | stop not_retryable not_attempted 500
	415                                 | POST key  | attempt=1            | 415                               | stop not_retryable not_attempted 500
	404 of a write                      | POST key  | attempt=1            | 404 {"error":{"code":"not_found"}} | stop not_retryable not_attempted 500
	404 of DELETE without doubt         | DELETE    | attempt=1            | 404                               | stop not_retryable not_attempted 500
	404 of POST in doubt                | POST key  | attempt=2 lost       | 404                               | stop not_retryable unknown 500
	reference_exists without doubt      | POST key  | attempt=1            | 400 {"error":{"code":"reference_exists"}} | stop not_retryable refused 500
	HEAD needs no key                   | HEAD      | attempt=1            | 500                               | retry transient 250 486
	OPTIONS needs no key                | OPTIONS   | attempt=1            | 500                               | retry transient 250 486
	DELETE needs no key                 | DELETE    | attempt=1            | 500                               | retry transient 250 486
	PATCH needs one                     | PATCH     | attempt=1            | 500                               | stop unknown_outcome unknown 500
	not attempted opens the gate        | POST      | attempt=1            | 500 {"error":{"outcome":"not_attempted"}} | retry transient 250 486
	in use opens the gate               | POST      | attempt=1            | 409 {"error":{"code":"idempotency_key_in_use"}} | retry in_progress 500 500
	in use, whatever the hint           | POST key  | attempt=1            | 409 {"error":{"code":"idempotency_key_in_use","retry":{"allowed":false}}} | retry in_progress 500 500
	the code alone is not in use        | POST key  | attempt=1            | 400 {"error":{"code":"idempotency_key_in_use"}} | stop not_retryable refused 500
	in use after doubt                  | POST key  | attempt=2 lost waits=10 | 409 {"error":{"code":"idempotency_key_in_use"}} | stop attempts_exhausted pending 500
	nine waits are fine                 | POST key  | attempt=9 waits=9    | 409 {"error":{"code":"idempotency_key_in_use"}} | retry in_progress 4000 500
	a no to a throttle                  | POST key  | attempt=1            | 429 {"error":{"retry":{"allowed":false}}} | stop server_said_no not_attempted 500
	verify, says the server             | POST key  | attempt=1            | 500 {"error":{"retry":{"allowed":true,"with":"after_verify"}}} | stop verify_first unknown 500
	new key without allowed             | POST key  | attempt=1            | 503 {"error":{"retry":{"with":"new_key"}}} | stop new_key_needed unknown 500
	a no wins over a new key            | POST key  | attempt=1            | 503 {"error":{"retry":{"allowed":false,"with":"new_key"}}} | stop server_said_no unknown 500
	a yes that is no boolean            | POST key  | attempt=1            | 425 {"error":{"retry":{"allowed":"yes"}}} | stop not_retryable refused 500
	a body that is spent                | POST key  | attempt=1 spent      | 503                               | stop body_not_replayable unknown 500
	the gate comes before the body      | POST      | attempt=1 spent      | 503                               | stop unknown_outcome unknown 500
	the body comes before the attempts  | POST key  | attempt=4 spent      | 503                               | stop body_not_replayable unknown 500
	attempts come before the wait       | POST key  | attempt=4            | 503 Retry-After: 61               | stop attempts_exhausted unknown 500
	the wait comes before the deadline  | POST key  | attempt=1 elapsed=59000 | 503 Retry-After: 61            | stop retry_after_too_long unknown 500
	60 s is not too long                | POST key  | attempt=1 deadline=99000 rand=0 | 503 Retry-After: 60    | retry transient 60000 486
	the deadline comes before the budget | POST key | attempt=1 elapsed=59500 tokens=0 | 503                   | stop deadline unknown 0
	one millisecond too late            | POST key  | attempt=1 elapsed=59251 | 503                            | stop deadline unknown 500
	just in time                        | POST key  | attempt=1 elapsed=59250 | 503                            | retry transient 250 486
	exactly enough tokens               | POST key  | attempt=1 tokens=14  | 503                               | retry transient 250 0
	idle never overfills                | POST key  | attempt=1 tokens=499 idle=9000 | 503                     | retry transient 250 486
	idle of less than a second          | POST key  | attempt=1 tokens=13 idle=999 | 503                       | stop budget_exhausted unknown 13
	in doubt, 403 ends it               | POST key  | attempt=2 lost       | 403 {"error":{}}                  | stop not_retryable refused 500
	in doubt, 409 ends it               | POST key  | attempt=2 lost       | 409 {"error":{}}                  | stop not_retryable refused 500
	in doubt, 422 ends it               | POST key  | attempt=2 lost       | 422 {"error":{}}                  | stop not_retryable refused 500
	in doubt, a page ends nothing       | POST key  | attempt=2 lost       | 422 <html>                        | stop not_retryable unknown 500
	in doubt, a named outcome of 429    | POST key  | attempt=4 lost       | 429 {"error":{"outcome":"not_attempted"}} | stop attempts_exhausted unknown 500
	in doubt, keys not trusted          | POST key  | attempt=2 lost distrust | 400 {"error":{"outcome":"refused"}} | stop not_retryable unknown 500
	not trusted, but nothing was lost   | POST key  | attempt=1 distrust   | 400 {"error":{"outcome":"refused"}} | stop not_retryable refused 500
	in doubt, expired key               | POST key  | attempt=2 lost       | 409 {"error":{"code":"idempotency_key_expired"}} | stop not_retryable unknown 500
	expired key that names its outcome  | POST key  | attempt=1            | 409 {"error":{"code":"idempotency_key_expired","outcome":"succeeded"}} | stop not_retryable succeeded 500
	an outcome nobody knows             | POST key  | attempt=1            | 401 {"error":{"outcome":"maybe"}} | stop not_retryable not_attempted 500
	408 that names its outcome          | POST key  | attempt=4            | 408 {"error":{"outcome":"not_attempted"}} | stop attempts_exhausted not_attempted 500
	399 with an envelope                | POST key  | attempt=1            | 399 {"error":{}}                  | stop not_retryable unknown 500
	499 with an envelope                | POST key  | attempt=1            | 499 {"error":{}}                  | stop not_retryable refused 500
	the second ceiling                  | POST key  | attempt=2            | 503                               | retry transient 500 486
	the ceiling just below the cap      | POST key  | attempt=4 most=9     | 503                               | retry transient 2000 486
	the spread is a second at most      | POST key  | attempt=1            | 503 Retry-After: 20               | retry transient 20500 486
	the spread of a short wait          | POST key  | attempt=1 rand=0.75  | 503 {"error":{"retry":{"after_ms":1001}}} | retry transient 1188 486
	throttle, unkeyed, at the end       | POST      | attempt=4            | 429                               | stop attempts_exhausted not_attempted 500
`

func TestDecideBeyondTheVectors(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(decisions), "\n") {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		t.Run(cells[0], func(t *testing.T) {
			p, at, tokens, rand, spent := parseProgress(t, cells[2])
			method, keyed, _ := strings.Cut(cells[1], " ")
			v := decide(p, call{method: method, keyed: keyed == "key", replayable: !spent}, at, parseReply(t, cells[3]), time.Time{}, rand, tokens)
			if got := v.words(); got != cells[4] {
				t.Errorf("got %q, want %q", got, cells[4])
			}
		})
	}
}

func (v verdict) words() string {
	switch v.action {
	case done:
		return fmt.Sprintf("ok %d", v.tokens)
	case retry:
		return fmt.Sprintf("retry %s %d %d", v.reason, v.delayMS, v.tokens)
	}
	return fmt.Sprintf("stop %s %s %d", v.reason, first(string(v.outcome), "-"), v.tokens)
}

func parseProgress(t *testing.T, words string) (p Policy, at progress, tokens int, rand float64, spent bool) {
	p, tokens, rand = DefaultPolicy(), 500, 0.5
	numbers := map[string]*int{"attempt": &at.attempt, "waits": &at.waits, "paid": &at.paid, "tokens": &tokens, "most": &p.MaxAttempts}
	times := map[string]*int64{"elapsed": &at.elapsedMS, "idle": &at.idleMS, "deadline": &p.DeadlineMS}
	flags := map[string]*bool{"lost": &at.lostBefore, "cancelled": &at.cancelled, "spent": &spent, "distrust": &p.DistrustKeys}
	for _, w := range strings.Fields(words) {
		name, value, _ := strings.Cut(w, "=")
		var err error
		switch {
		case flags[name] != nil:
			*flags[name] = true
		case numbers[name] != nil:
			_, err = fmt.Sscan(value, numbers[name])
		case times[name] != nil:
			_, err = fmt.Sscan(value, times[name])
		case name == "rand":
			_, err = fmt.Sscan(value, &rand)
		default:
			t.Fatalf("nobody knows %q", w)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return p, at, tokens, rand, spent
}

// parseReply reads "503", "503 body", "503 Header: value" or "event [status]".
func parseReply(t *testing.T, text string) reply {
	var r reply
	head, rest, _ := strings.Cut(text, " ")
	if _, err := fmt.Sscan(head, &r.status); err != nil {
		r.event = event(head)
		_, _ = fmt.Sscan(rest, &r.status) // optional
		return r
	}
	if name, value, ok := strings.Cut(rest, ": "); ok && !strings.HasPrefix(rest, "{") {
		r.headers = textproto.MIMEHeader{name: {value}}
		return r
	}
	r.envelope = readEnvelope([]byte(rest))
	return r
}

func TestDecideTellsTheServersWait(t *testing.T) {
	r := parseReply(t, "503 Retry-After: 7")
	v := decide(DefaultPolicy(), call{method: "GET", replayable: true}, progress{attempt: 4}, r, time.Time{}, 0.5, 500)
	equal(t, "wait of a stop", v.retryAfterMS, 7000)
	equal(t, "delay of a stop", v.delayMS, 0)
	v = decide(DefaultPolicy(), call{method: "GET", replayable: true}, progress{attempt: 1}, r, time.Time{}, 0.5, 500)
	equal(t, "wait of a retry", v.retryAfterMS, 7000)
}

func TestDecideKnowsWhatLeavesDoubt(t *testing.T) {
	write, read := call{method: "POST", keyed: true}, call{method: "GET"}
	for text, want := range map[string]bool{
		"reset": true, "read_timeout": true, "truncated_body 200": true, "408": true, "500": true, "502 <html>": true,
		`500 {"error":{"outcome":"pending"}}`: true, `409 {"error":{"code":"idempotency_key_in_use"}}`: true,
		"connect_refused": false, "429": false, `503 {"error":{"outcome":"not_attempted"}}`: false,
	} {
		equal(t, text, leavesDoubt(DefaultPolicy(), write, parseReply(t, text)), want)
		equal(t, "of a read: "+text, leavesDoubt(DefaultPolicy(), read, parseReply(t, text)), false)
	}
}

func TestWaitReadsOnlyWhatIsValid(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		headers textproto.MIMEHeader
		body    string
		want    int64
	}{
		{"nothing", nil, "", 0},
		{"zero falls through", textproto.MIMEHeader{"Retry-After": {"0"}, "Retry_after": {"3"}}, "", 3000},
		{"leading zeros", textproto.MIMEHeader{"Retry-After": {"007"}}, "", 7000},
		{"nine digits", textproto.MIMEHeader{"Retry-After": {"999999999"}}, "", 999_999_999_000},
		{"ten digits saturate", textproto.MIMEHeader{"Retry-After": {"1000000000"}}, "", waitMaxMS},
		{"ten digits saturate above", textproto.MIMEHeader{"Retry-After": {"2000000000"}}, "", waitMaxMS},
		{"many zeros are no size", textproto.MIMEHeader{"Retry-After": {"0000000000005"}}, "", 5000},
		{"a plus is junk", textproto.MIMEHeader{"Retry-After": {"+5"}}, "", 0},
		{"digits of other scripts", textproto.MIMEHeader{"Retry-After": {"٣"}}, "", 0},
		{"tabs are trimmed", textproto.MIMEHeader{"Retry-After": {"\t5 "}}, "", 5000},
		{"asctime", textproto.MIMEHeader{"Retry-After": {"Sun Nov 22 09:00:03 2026"}}, "", 3000},
		{"another zone is junk", textproto.MIMEHeader{"Retry-After": {"Sunday, 22-Nov-26 09:00:04 PST"}}, "", 0},
		{"a fraction is junk", textproto.MIMEHeader{"Retry-After": {"Sun, 22 Nov 2026 09:00:03.5 GMT"}}, "", 0},
		{"a weekday that does not fit is overlooked", textproto.MIMEHeader{"Retry-After": {"Mon, 22 Nov 2026 09:00:03 GMT"}}, "", 3000},
		{"a weekday nobody knows is junk", textproto.MIMEHeader{"Retry-After": {"Mom, 22 Nov 2026 09:00:03 GMT"}}, "", 0},
		{"a day that no month has is junk", textproto.MIMEHeader{"Retry-After": {"Sun, 31 Feb 2027 09:00:03 GMT"}}, "", 0},
		{"small letters are junk", textproto.MIMEHeader{"Retry-After": {"sun, 22 nov 2026 09:00:03 gmt"}}, "", 0},
		{"now is no wait", textproto.MIMEHeader{"Retry-After": {"Sun, 22 Nov 2026 09:00:00 GMT"}}, "", 0},
		{"a bad Date is no Date", textproto.MIMEHeader{"Date": {"yesterday"}, "Retry-After": {"Sun, 22 Nov 2026 09:00:02 GMT"}}, "", 2000},
		{"a far date saturates", textproto.MIMEHeader{"Retry-After": {"Fri, 31 Dec 9999 23:59:59 GMT"}}, "", waitMaxMS},
		{"milliseconds of the body", nil, `{"error":{"retry":{"after_ms":250.1},"retry_after":9}}`, 251},
		{"zero milliseconds fall through", nil, `{"error":{"retry":{"after_ms":0},"retry_after":9}}`, 9000},
		{"negative ones too", nil, `{"error":{"retry":{"after_ms":-5},"retry_after":0.0005}}`, 1},
		{"null", nil, `{"error":{"retry":{"after_ms":null},"retry_after":null}}`, 0},
		{"huge milliseconds", nil, `{"error":{"retry":{"after_ms":1e300}}}`, waitMaxMS},
		{"minus infinity", nil, `{"error":{"retry":{"after_ms":-1e400}}}`, 0},
		{"the header beats the body", textproto.MIMEHeader{"Retry-After": {"2"}}, `{"error":{"retry":{"after_ms":9000}}}`, 2000},
		{"the body beats the limits", textproto.MIMEHeader{"Ratelimit": {`"a";r=0;t=9`}}, `{"error":{"retry_after":1}}`, 1000},
		{"limits in two headers", textproto.MIMEHeader{"Ratelimit": {`"a";r=0;t=3`, `"b";r=0;t=5`}}, "", 5000},
		{"none is spent", textproto.MIMEHeader{"Ratelimit": {`"a";r=1;t=3`}}, "", 0},
		{"spent without a time", textproto.MIMEHeader{"Ratelimit": {`"a";r=0`}}, "", 0},
		{"spent and renewed soonest last", textproto.MIMEHeader{"Ratelimit": {`"a";r=0;t=9,"b";r=0;t=3`}}, "", 9000},
		{"a comma in a name", textproto.MIMEHeader{"Ratelimit": {`"a,b;c";r=0;t=3`}}, "", 3000},
		{"a quote in a name", textproto.MIMEHeader{"Ratelimit": {`"a\"";r=0;t=3`}}, "", 3000},
		{"a blank before a parameter", textproto.MIMEHeader{"Ratelimit": {`"a" ;r=0;t=3`}}, "", 0},
		{"a rest that is no number", textproto.MIMEHeader{"Ratelimit": {`"a";r=x;t=3`}}, "", 0},
		{"a time that is no number", textproto.MIMEHeader{"Ratelimit": {`"a";r=0;t=x, "b";r=0;t=3`}}, "", 0},
		{"no word of what is left", textproto.MIMEHeader{"Ratelimit": {`"a";t=3`}}, "", 0},
		{"one bad member spoils all", textproto.MIMEHeader{"Ratelimit": {`"a";r=0;t=3, b;r=0;t=4`}}, "", 0},
		{"a comma at the end", textproto.MIMEHeader{"Ratelimit": {`"a";r=0;t=3,`}}, "", 0},
		{"a parameter without a value", textproto.MIMEHeader{"Ratelimit": {`"a";r;t=3`}}, "", 0},
		{"a parameter without a name", textproto.MIMEHeader{"Ratelimit": {`"a";=0;t=3`}}, "", 0},
		{"rubbish behind the name", textproto.MIMEHeader{"Ratelimit": {`"a"x;r=0;t=3`}}, "", 0},
		{"a name that does not end", textproto.MIMEHeader{"Ratelimit": {`"a;r=0;t=3`}}, "", 0},
		{"other parameters", textproto.MIMEHeader{"Ratelimit": {`"a"; r=0; t=3; pk=:Zm9v:; w; n="t=9;t=8"`}}, "", 3000},
	} {
		t.Run(c.name, func(t *testing.T) {
			equal(t, "wait", serverWait(reply{headers: c.headers, envelope: readEnvelope([]byte(c.body))}, now), c.want)
		})
	}
}

func TestWaitReadsLimitsByName(t *testing.T) {
	equal(t, "entries", fmt.Sprint(parseRateLimit(` "key";r=50;t=1, "endpoint";r=98;t=37, "timeless";r=4 `)), "[{key 50 1000} {endpoint 98 37000} {timeless 4 0}]")
}

func TestEnvelopeIsReadLeniently(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"this server's", `{"error":{"code":"x","type":"t","message":"m","request_id":"r","doc_url":"d","outcome":"refused"},"message":"x"}`, "true x t m r d refused []"},
		{"a text", `{"error":"No such thing"}`, "false   No such thing    []"},
		{"a text beside a message", `{"error":"bad","message":"No such thing"}`, "false   No such thing    []"},
		{"a message alone", `{"message":"m"}`, "false   m    []"},
		{"errors of the error, a list", `{"error":{"errors":[{"field":"amount","code":"required","message":"m"}]}}`, "true       [{amount required m}]"},
		{"errors of the error, a map", `{"error":{"errors":{"b":["is bad","is long"],"a":"is missing"}}}`, "true       [{a  is missing} {b  is bad; is long}]"},
		{"errors at the top", `{"errors":[{"field":"a","code":"c","message":"m"},"text"]}`, "false       [{a c m} {  text}]"},
		{"errors at the top, a map of objects", `{"errors":{"a":{"code":"c","message":"m"}}}`, "false       [{a c m}]"},
		{"the error's own errors win", `{"error":{"errors":[{"field":"a"}]},"errors":[{"field":"b"}]}`, "true       [{a  }]"},
		{"the error's own message wins", `{"error":{"message":"in"},"message":"out"}`, "true   in    []"},
		{"the outer message helps", `{"error":{"code":"c"},"message":"out"}`, "true c  out    []"},
		{"HTML", `<html>`, "false       []"},
		{"nothing", ``, "false       []"},
		{"a list", `[{"error":{}}]`, "false       []"},
		{"null", `null`, "false       []"},
		{"error is null", `{"error":null}`, "false       []"},
		{"wrong types everywhere", `{"error":{"code":1,"type":[],"message":{},"request_id":null,"outcome":true,"errors":7,"details":[]}}`, "true       []"},
		{"names in other case", `{"Error":{"Code":"x"},"MESSAGE":"m"}`, "false       []"},
		{"inner names in other case", `{"error":{"Code":"x","MESSAGE":"m","Outcome":"refused"}}`, "true       []"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := readEnvelope([]byte(c.body))
			got := fmt.Sprint(e.valid, " ", e.code, " ", e.kind, " ", e.message, " ", e.requestID, " ", e.docURL, " ", e.outcome, " ", e.fields)
			equal(t, "envelope", got, c.want)
		})
	}
	e := readEnvelope([]byte(`{"error":{"details":{"a":1},"retry":{"allowed":true,"with":"same_key","after_ms":5}}}`))
	if fmt.Sprint(e.details["a"]) != "1" || !e.hint.granted() || e.hint.refused() || e.hint.with != "same_key" || e.hint.afterMS != "5" {
		t.Errorf("details and hint: %+v", e)
	}
	for _, o := range []Outcome{OutcomeNotAttempted, OutcomeRefused, OutcomePending, OutcomeUnknown, OutcomeSucceeded, ""} {
		equal(t, "known", knownOutcome(string(o)), o)
	}
	equal(t, "unknown word", knownOutcome("Refused"), "")
}

func TestBudgetArithmetic(t *testing.T) {
	p := DefaultPolicy()
	equal(t, "price of a transient retry", cost(p, ReasonTransient), 14)
	equal(t, "price after a throttle", cost(p, ReasonThrottle), 5)
	equal(t, "price of waiting", cost(p, ReasonInProgress), 0)
	equal(t, "refilled", refill(10, 3999, 500), 13)
	equal(t, "refilled to the brim", refill(10, 1<<62, 500), 500)
	equal(t, "given back", reward(100, 14, 500), 114)
	equal(t, "earned", reward(100, 0, 500), 101)
	equal(t, "full", reward(495, 14, 500), 500)
}

func TestDecideHasTheDefaultsOfTheSpecification(t *testing.T) {
	equal(t, "defaults", DefaultPolicy(), Policy{
		MaxAttempts: 4, BaseTransientMS: 500, BaseThrottleMS: 1000, CapMS: 8000, ServerWaitMaxMS: 60000, SpreadMaxMS: 1000, DeadlineMS: 60000,
		WriteTimeoutMS: 30000, ReadTimeoutMS: 10000, MinAttemptMS: 500, Bucket: 500, TransientCost: 14, ThrottleCost: 5, MaxWaits: 10,
	})
}
