package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/world"
)

func businessID(e *nodetest.Env) string {
	return e.Do("GET", "/accounts/settings", nil).Text("data.business_id")
}

func TestAPaymentIsToldToItsEndpoint(t *testing.T) {
	t.Parallel()
	e := start(t)
	r := nodetest.NewReceiver(t, nil)
	id, secret := e.Endpoint(r.URL+"/hooks", "payment.*")
	e.Paid("ord-1")
	e.Settle()
	got := r.Got()
	if len(got) != 1 {
		t.Fatalf("got %d webhooks, want 1: %s", len(got), e.Log)
	}
	h := got[0]
	equal(t, "event", h.Event(), "payment.session.succeeded")
	equal(t, "sequence", h.Number("Juicer-Sequence"), int64(2)) // the payer is a new customer, whom the first event tells of
	equal(t, "previous", h.Number("Juicer-Previous-Sequence"), int64(0))
	equal(t, "attempt", h.Number("Juicer-Attempt"), int64(1))
	nodetest.Must(t, webhook.Verify(secret, h.ID(), h.Header.Get("webhook-timestamp"), h.Header.Get("webhook-signature"), h.Body, world.RealNow()))
	if !webhook.VerifyBody(businessID(e), h.Body) {
		t.Errorf("the checksum does not fit: %s", h.Body)
	}
	d := deliveries(e, id)[0]
	equal(t, "the delivery", d["status"], any("delivered"))
	equal(t, "event of the delivery", d["event_id"], any(h.ID()))
	one := e.Do("GET", "/events/"+h.ID(), nil)
	equal(t, "the event has the webhook's data", strings.Contains(string(h.Body), string(dataOf(one.Body))), true)
}

func dataOf(body []byte) []byte {
	var reply struct {
		Data struct{ Data json.RawMessage }
	}
	_ = json.Unmarshal(body, &reply)
	return reply.Data.Data
}

// deliveries lists those of an endpoint, newest first.
func deliveries(e *nodetest.Env, endpoint string) (out []map[string]any) {
	e.T.Helper()
	a := set(e, "GET", "/webhook-endpoints/"+endpoint+"/deliveries?limit=100", nil)
	for _, d := range a.At("data").([]any) {
		out = append(out, d.(map[string]any))
	}
	return out
}

func statuses(e *nodetest.Env, endpoint string) (out string) {
	e.T.Helper()
	for _, d := range deliveries(e, endpoint) {
		out = d["status"].(string) + " " + out
	}
	return strings.TrimSpace(out)
}

func answering(status *atomic.Int64) func(nodetest.Hook, http.ResponseWriter, *http.Request) {
	return func(_ nodetest.Hook, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }
}

// shop is a receiver whose answer the test may change, and its endpoint.
func shop(e *nodetest.Env, status int64, events ...string) (r *nodetest.Receiver, answer *atomic.Int64, id, secret string) {
	e.T.Helper()
	if events == nil {
		events = []string{"payment.*", "endpoint.*"}
	}
	answer = &atomic.Int64{}
	answer.Store(status)
	r = nodetest.NewReceiver(e.T, answering(answer))
	id, secret = e.Endpoint(r.URL+"/hooks", events...)
	return r, answer, id, secret
}

func TestAFailedDeliveryIsRepeatedOnScheduleThenGivenUp(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, _, id, _ := shop(e, 500)
	e.Paid("retry")
	e.Settle()
	equal(t, "attempts at once", len(r.Got()), 1)
	e.Advance(8_900)
	equal(t, "attempts before the second is due", len(r.Got()), 1)
	e.Advance(2_200)
	equal(t, "attempts after 11.1 s", len(r.Got()), 2)
	e.Advance(48 * hour)
	got := r.Got()
	equal(t, "attempts in all", len(got), 14)
	for i, h := range got {
		equal(t, "Juicer-Attempt", h.Number("Juicer-Attempt"), int64(i+1))
		equal(t, "webhook-id", h.ID(), got[0].ID())
		equal(t, "body", string(h.Body), string(got[0].Body))
	}
	d := deliveries(e, id)[0]
	equal(t, "status", d["status"], any("failed"))
	equal(t, "attempts shown", len(d["attempts"].([]any)), 14)
}

func TestTheAuditListsWhatNobodyHasAccepted(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	_, answer, _, _ := shop(e, 500)
	e.Paid("unheard")
	e.Settle()
	for _, want := range []string{"1", "0"} {
		a := set(e, "GET", "/sandbox/audit", nil)
		equal(t, "undelivered", fmt.Sprint(a.At("data.totals.undelivered")), want)
		equal(t, "deliveries", fmt.Sprint(a.At("data.counts.deliveries")), "1")
		equal(t, "clean", a.At("data.clean"), any(true))
		answer.Store(200)
		e.Advance(12_000)
	}
}

func TestResendMakesOneAttemptAndLeavesTheScheduleAlone(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, answer, id, _ := shop(e, 500)
	e.Paid("resend")
	e.Settle()
	d := deliveries(e, id)[0]
	one := "/webhook-deliveries/" + d["id"].(string)
	next := d["next_attempt_at"]
	set(e, "POST", one+"/resend", nil)
	e.Settle()
	equal(t, "attempts", len(r.Got()), 2)
	equal(t, "the next attempt", e.Do("GET", one, nil).At("data.next_attempt_at"), next)
	e.Advance(48 * hour)
	equal(t, "attempts with the whole schedule", len(r.Got()), 15)
	set(e, "POST", one+"/resend", nil)
	e.Settle()
	equal(t, "status after a resend that failed", e.Do("GET", one, nil).Text("data.status"), "failed")
	answer.Store(200)
	equal(t, "queued", set(e, "POST", "/webhook-endpoints/"+id+"/resend", map[string]any{"after_sequence": 0}).At("data.queued"), any(1.0))
	e.Settle()
	equal(t, "status", e.Do("GET", one, nil).Text("data.status"), "delivered")
	equal(t, "queued of those that failed", set(e, "POST", "/webhook-endpoints/"+id+"/resend", nil).At("data.queued"), any(0.0))
	equal(t, "queued of all", set(e, "POST", "/webhook-endpoints/"+id+"/resend", map[string]any{"status": "all"}).At("data.queued"), any(1.0))
	e.Settle()
	got := r.Got()
	equal(t, "bodies of first and last", string(got[len(got)-1].Body), string(got[0].Body))
}

func TestAPausedEndpointHoldsAndReleasesInOrder(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, _, id, _ := shop(e, 200)
	path := "/webhook-endpoints/" + id
	set(e, "PATCH", path, map[string]any{"status": "paused"})
	for n := range 3 {
		e.Paid(nodetest.Ref("held", n))
		e.Settle()
		e.Advance(1000)
	}
	equal(t, "sent while paused", len(r.Got()), 0)
	equal(t, "status", statuses(e, id), "held held held")
	d := deliveries(e, id)[0]["id"].(string)
	want(t, e.Do("POST", "/webhook-deliveries/"+d+"/resend", nil), http.StatusBadRequest, "invalid_status_transition")
	want(t, e.Do("POST", path+"/resend", nil), http.StatusBadRequest, "invalid_status_transition")
	set(e, "PATCH", path, map[string]any{"status": "active"})
	e.Settle()
	equal(t, "status", statuses(e, id), "delivered delivered delivered")
	last, got := int64(0), r.Got() // they start in order, and may arrive in another
	slices.SortFunc(got, func(a, b nodetest.Hook) int { return int(a.Number("Juicer-Sequence") - b.Number("Juicer-Sequence")) })
	for _, h := range got {
		equal(t, "previous", h.Number("Juicer-Previous-Sequence"), last)
		last = h.Number("Juicer-Sequence")
	}
}

func TestAnEndpointThatFailsForThreeDaysIsPausedAndTold(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	_, _, id, _ := shop(e, 500)
	other, _, _, _ := shop(e, 200)
	for n := range 4 {
		e.Paid(nodetest.Ref("dead", n))
		e.Advance(24 * hour)
	}
	e.Settle()
	a := e.Do("GET", "/webhook-endpoints/"+id, nil)
	equal(t, "status", a.Text("data.status"), "paused")
	told := 0
	for _, h := range other.Got() { // payments of that moment may come before or after it
		if h.Event() == "endpoint.paused" {
			told++
		}
	}
	equal(t, "how often the other endpoint is told", told, 1)
	equal(t, "in /events", len(e.Do("GET", "/events?event=endpoint.paused", nil).At("data").([]any)), 1)
	for _, d := range deliveries(e, id) {
		equal(t, "event held for the paused endpoint", d["event"], any("payment.session.succeeded"))
	}
}

func TestBothSecretsSignWhileTheyOverlap(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, _, id, old := shop(e, 200)
	rotated := set(e, "POST", "/webhook-endpoints/"+id+"/rotate-secret", map[string]any{"overlap_hours": 1}, "Idempotency-Key", "rotate")
	fresh := rotated.Text("data.secret")
	again := set(e, "POST", "/webhook-endpoints/"+id+"/rotate-secret", map[string]any{"overlap_hours": 1}, "Idempotency-Key", "rotate")
	equal(t, "the secret in a repeated answer", again.At("data.secret"), nil)
	check := func(reference string, wants map[string]bool) {
		r.Forget()
		e.Paid(reference)
		e.Settle()
		h := r.Got()[0]
		for secret, fits := range wants {
			err := webhook.Verify(secret, h.ID(), h.Header.Get("webhook-timestamp"), h.Header.Get("webhook-signature"), h.Body, world.RealNow())
			equal(t, reference+" verifies", err == nil, fits)
		}
	}
	check("within", map[string]bool{old: true, fresh: true})
	e.Advance(hour + 1000)
	check("after", map[string]bool{old: false, fresh: true})
	if strings.Contains(string(e.Do("GET", "/webhook-endpoints", nil).Body), "secret") {
		t.Error("a list shows a secret")
	}
}

func TestEndpointsByAllThreeWays(t *testing.T) {
	t.Parallel()
	e := start(t)
	urls := func(n ...int) (out []any) {
		for _, i := range n {
			out = append(out, fmt.Sprintf("https://shop.example/%d", i))
		}
		return out
	}
	same := func(what string, got any, want []any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	id, secret := e.Endpoint("https://shop.example/1")
	a := e.Do("POST", "/webhook-endpoints", map[string]any{"url": "https://shop.example/1"})
	if a.Text("data.id") != id || a.At("data.secret") != nil || a.Header.Get("Idempotent-Replayed") != "true" || secret == "" {
		t.Errorf("the same URL again: %s", a.Body)
	}
	same("added", set(e, "PATCH", "/businesses/webhook", map[string]any{"urls": urls(2, 1, 2)}).JSON["webhook_urls"], urls(1, 2))
	same("replaced", set(e, "PATCH", "/accounts/settings", map[string]any{"webhook_urls": urls(3, 2)}).At("data.webhook_urls"), urls(2, 3))
	want(t, e.Do("GET", "/webhook-endpoints/"+id, nil), http.StatusNotFound, "not_found")
	set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": "1234", "require_mfa": true})
	a = e.Do("GET", "/accounts/settings", nil)
	same("kept", a.At("data.webhook_urls"), urls(2, 3))
	equal(t, "PIN", a.At("data.payout_pin_set"), any(true))
	equal(t, "MFA", a.At("data.require_mfa"), any(false))
	a = set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": nil, "webhook_urls": []any{}})
	equal(t, "PIN removed", a.At("data.payout_pin_set"), any(false))
	same("emptied", a.At("data.webhook_urls"), []any{})
	reader := e.Do("GET", "/accounts/settings", nil, "Authorization", e.NewKey("webhooks:read"))
	equal(t, "business id for readers", reader.At("data.business_id"), nil)
	for n := range engine.EndpointsMax {
		e.Endpoint(fmt.Sprintf("https://shop.example/%d", n))
	}
	want(t, e.Do("POST", "/webhook-endpoints", map[string]any{"url": "https://shop.example/more"}), http.StatusBadRequest, "limit_exceeded")
	want(t, e.Do("PATCH", "/businesses/webhook", map[string]any{"urls": urls(98)}), http.StatusBadRequest, "limit_exceeded")
	page := e.Do("GET", "/webhook-endpoints", nil)
	equal(t, "first page", len(page.At("data").([]any)), 15)
	page = e.Do("GET", "/webhook-endpoints?after="+page.Text("pagination.after"), nil)
	equal(t, "second page", len(page.At("data").([]any)), 5)
}

func TestBadEndpointsAreRefused(t *testing.T) {
	t.Parallel()
	inTest, live := start(t), start(t, nodetest.Live)
	strict := start(t)
	set(strict, "PATCH", "/sandbox/settings", map[string]any{"webhook_private_addresses": false})
	for _, c := range []struct {
		e    *nodetest.Env
		body map[string]any
		code string
	}{
		{inTest, map[string]any{"url": "shop.example"}, "invalid_format"},
		{inTest, map[string]any{"url": "https://u:p@shop.example"}, "invalid_format"},
		{inTest, map[string]any{}, "required"},
		{inTest, map[string]any{"url": "https://shop.example", "events": []any{"payment"}}, "not_allowed"},
		{inTest, map[string]any{"url": "https://shop.example", "events": []any{}}, "too_few_items"},
		{inTest, map[string]any{"url": "https://shop.example", "description": strings.Repeat("x", 201)}, "too_long"},
		{inTest, map[string]any{"url": "https://shop.example", "status": "paused"}, "unknown_field"},
		{strict, map[string]any{"url": "http://127.0.0.1:1"}, "forbidden_address"},
		{strict, map[string]any{"url": "https://localhost"}, "forbidden_address"},
		{live, map[string]any{"url": "http://8.8.8.8/"}, "invalid_format"},
		{live, map[string]any{"url": "https://10.0.0.1/"}, "forbidden_address"},
	} {
		a := c.e.Do("POST", "/webhook-endpoints", c.body)
		want(t, a, http.StatusUnprocessableEntity, "validation_error")
		if !strings.Contains(string(a.Body), `"code":"`+c.code+`"`) {
			t.Errorf("%v: got %s, want %s", c.body, a.Body, c.code)
		}
	}
	if a := live.Do("POST", "/webhook-endpoints", map[string]any{"url": "https://8.8.8.8/"}); a.Status != http.StatusCreated {
		t.Errorf("live refuses a public address: %s", a.Body)
	}
}

func TestEventsAreListedInOrderAndWaitedFor(t *testing.T) {
	t.Parallel()
	e := start(t)
	waiting := make(chan nodetest.Answer, 1)
	go func() { a, _ := e.Try("GET", "/events?after=0&wait=20", nil); waiting <- a }()
	for n := range 3 {
		e.Paid(nodetest.Ref("event", n))
	}
	equal(t, "events that came while waiting", len((<-waiting).At("data").([]any)) > 0, true)
	e.Settle()
	a := e.Do("GET", "/events?limit=3", nil) // with one about the payer
	equal(t, "the position", a.Text("pagination.after"), "3")
	a = e.Do("GET", "/events?limit=3&after="+a.Text("pagination.after"), nil)
	equal(t, "the rest", len(a.At("data").([]any)), 1)
	equal(t, "the position at the end", a.At("pagination.after"), nil)
	want(t, e.Do("GET", "/events?after=x", nil), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("GET", "/events?before=1", nil), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("GET", "/events?event=x", nil), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("GET", "/events/evt_none", nil), http.StatusNotFound, "not_found")
	e.Advance(31 * 24 * hour)
	e.Paid("young")
	e.Settle()
	equal(t, "those that are kept", e.Do("GET", "/events", nil).At("data").([]any)[0].(map[string]any)["sequence"], any(5.0))
	a = e.Do("GET", "/events?after=1", nil)
	want(t, a, http.StatusBadRequest, "invalid_request")
	equal(t, "what it says", fmt.Sprint(a.At("error.details.after")), "[Oldest available is 5]")
}

func TestAKeyTellsThatItExpires(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, _, _, _ := shop(e, 200, "key.*")
	now, err := time.Parse(time.RFC3339, e.Do("GET", "/sandbox/clock", nil).Text("data.now"))
	nodetest.Must(t, err)
	key := set(e, "POST", "/keys", map[string]any{"name": "short key", "scopes": []any{"webhooks:read"}, "expiry_date": now.Add(10 * 24 * time.Hour)})
	e.Advance(2 * 24 * hour)
	equal(t, "told after 2 days", len(r.Got()), 0)
	for i, wantEvent := range []string{"key.expiring", "key.expiring", "key.expired"} {
		e.Advance([]int64{25, 6 * 24, 24}[i] * hour)
		got := r.Got()
		if len(got) != i+1 || got[i].Event() != wantEvent || !strings.Contains(string(got[i].Body), key.Text("data.id")) {
			t.Fatalf("got %d webhooks, want %d ending with %s", len(got), i+1, wantEvent)
		}
		if strings.Contains(string(got[i].Body), key.Text("data.key")) {
			t.Error("the event shows the key")
		}
	}
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		sent    int    // requests at the receiver right after one payment
		later   int    // after a minute
		status  string // of the delivery then
		advance int64
	}{
		"lose": {0, 0, "delivered", 60_000}, "fail=503": {0, 1, "delivered", 60_000}, "fail=0;times=2": {0, 1, "delivered", 60_000},
		"double": {2, 2, "delivered", 60_000}, "delay=30000": {0, 1, "delivered", 31_000}, "reorder": {0, 1, "delivered", 61_000}, "early": {1, 1, "delivered", 60_000},
		"fail=500;skip=1": {1, 1, "delivered", 60_000},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			e := frozen(start(t))
			r, _, id, _ := shop(e, 200)
			set(e, "POST", "/sandbox/webhook-faults", map[string]any{"match": map[string]any{"endpoint_id": id, "reference": "one"}, "rule": rule})
			e.Paid("one")
			e.Settle()
			equal(t, "sent at once", len(r.Got()), c.sent)
			e.Advance(c.advance)
			equal(t, "sent later", len(r.Got()), c.later)
			equal(t, "status", deliveries(e, id)[0]["status"], any(c.status))
		})
	}
}

func TestAReorderedDeliveryWaitsForTheNext(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, _, _, _ := shop(e, 200)
	set(e, "POST", "/sandbox/webhook-faults", map[string]any{"rules": []any{map[string]any{"rule": "reorder"}}})
	for n := range 2 {
		e.Paid(nodetest.Ref("re", n))
		e.Settle()
	}
	got := r.Got()
	equal(t, "sent", len(got), 2)
	equal(t, "the first to arrive comes behind", got[0].Number("Juicer-Sequence") > got[1].Number("Juicer-Sequence"), true)
}

func TestAnEarlyWebhookComesBeforeItsReply(t *testing.T) {
	t.Parallel()
	e := start(t)
	r, _, _, _ := shop(e, 200)
	id := e.NewSession("early")
	set(e, "POST", "/sandbox/webhook-faults", map[string]any{"match": map[string]any{"event": "payment.session.succeeded"}, "rule": "early"})
	e.Capture(id, approved)
	equal(t, "webhooks when the reply is there", len(r.Got()), 1)
}

func TestWebhookFaultsAreListedAndRemoved(t *testing.T) {
	t.Parallel()
	e := start(t)
	want(t, e.Do("POST", "/sandbox/webhook-faults", map[string]any{"rule": "explode"}), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("POST", "/sandbox/webhook-faults", map[string]any{"rule": "fail=200"}), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("POST", "/sandbox/webhook-faults", map[string]any{}), http.StatusUnprocessableEntity, "validation_error")
	set(e, "POST", "/sandbox/webhook-faults", map[string]any{"rule": "fail=500;times=3;seed=7", "match": map[string]any{"nth": 2}})
	list := set(e, "GET", "/sandbox/webhook-faults", nil)
	set(e, "POST", "/sandbox/webhook-faults", map[string]any{"rules": list.At("data")}) // in the form in which it is listed
	all := set(e, "GET", "/sandbox/webhook-faults", nil).At("data").([]any)
	equal(t, "rules", len(all), 2)
	first := all[0].(map[string]any)
	equal(t, "the rule", first["rule"], any("fail=500;times=3;seed=7"))
	set(e, "DELETE", "/sandbox/webhook-faults/"+first["id"].(string), nil)
	want(t, e.Do("DELETE", "/sandbox/webhook-faults/"+first["id"].(string), nil), http.StatusNotFound, "not_found")
	set(e, "DELETE", "/sandbox/webhook-faults", nil)
	equal(t, "rules left", len(set(e, "GET", "/sandbox/webhook-faults", nil).At("data").([]any)), 0)
}

func TestADeletedEndpointGetsNothingMore(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	r, _, id, _ := shop(e, 500)
	e.Paid("gone")
	e.Settle()
	set(e, "DELETE", "/webhook-endpoints/"+id, nil)
	want(t, e.Do("DELETE", "/webhook-endpoints/"+id, nil), http.StatusNotFound, "not_found")
	e.Advance(48 * hour)
	equal(t, "attempts", len(r.Got()), 1)
}

func TestTheTimelineShowsWebhooks(t *testing.T) {
	t.Parallel()
	e := start(t)
	_, _, id, _ := shop(e, 200)
	session := e.NewSession("line")
	a := e.Capture(session, approved)
	e.Settle()
	line := e.Do("GET", "/requests/"+a.Header.Get("X-Request-Id"), nil).At("data.webhooks").([]any)
	equal(t, "entries", len(line), 1)
	equal(t, "delivery", line[0].(map[string]any)["delivery_id"], deliveries(e, id)[0]["id"])
	equal(t, "status", line[0].(map[string]any)["status"], any("delivered"))
}
