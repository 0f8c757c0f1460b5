package conformance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

func webhookCases() []Case {
	return []Case{
		{ID: "webhooks/made", Sentence: "a webhook endpoint shows its secret when it is made, and never again", run: endpointMade},
		{ID: "webhooks/same-url", Sentence: "the same URL again is the same endpoint", run: endpointAgain},
		{ID: "webhooks/fields", Sentence: "url, events and description of an endpoint are checked", run: endpointFields},
		{ID: "webhooks/rotate", Sentence: "a rotated secret is a new one, and a repeated answer does not show it", run: secretRotated},
		{ID: "webhooks/paused", Sentence: "nothing is sent again to a paused endpoint", run: endpointPaused},
		{ID: "webhooks/settings", Sentence: "the settings name the business, and its id only to keys that may write", run: accountShown},
		{ID: "webhooks/earlier-form", Sentence: "the earlier call adds URLs and answers without data", run: earlierForm},
		{ID: "webhooks/faults", Sentence: "rules for deliveries are listed in the form in which they are taken", run: webhookFaults},
		{ID: "webhooks/events", Sentence: "events are numbered without gaps and read one by one", run: eventsInOrder},
	}
}

var secretForm = regexp.MustCompile(`^whsec_[A-Za-z0-9+/]{43}=$`)

// endpoint makes an endpoint of a case's own; the caller deletes it.
func (t *trial) endpoint() reply {
	r := t.post("/webhook-endpoints", object{"url": "https://conform.example/" + t.unique(), "events": []string{"payout.*"}})
	t.status(r, http.StatusCreated)
	return r
}

func (t *trial) dropEndpoint(r reply) {
	t.status(t.call("DELETE", "/webhook-endpoints/"+r.text("data.id"), nil), http.StatusNoContent)
}

func endpointMade(t *trial) {
	r := t.endpoint()
	t.matches(r, "data.secret", secretForm)
	for path, want := range map[string]any{"data.status": "active", "data.description": nil, "data.failing_since": nil, "data.last_success_at": nil, "data.events": []string{"payout.*"}} {
		t.equal(r, path, want)
	}
	path := "/webhook-endpoints/" + r.text("data.id")
	t.head(r, "Location", path)
	shown := t.get(path)
	t.status(shown, http.StatusOK)
	t.absent(shown, "data.secret")
	list := t.get("/webhook-endpoints?limit=100")
	if !slices.Contains(idsOf(list), r.text("data.id")) || strings.Contains(string(list.body), "whsec_") {
		t.failed(&list, "the endpoint in the list, without its secret")
	}
	t.dropEndpoint(r)
	t.refused(t.get(path), http.StatusNotFound, "not_found")
}

func endpointAgain(t *trial) {
	first := t.endpoint()
	second := t.post("/webhook-endpoints", object{"url": first.text("data.url")})
	t.status(second, http.StatusCreated)
	t.equal(second, "data.id", first.text("data.id"))
	t.absent(second, "data.secret")
	t.head(second, "Idempotent-Replayed", "true")
	t.dropEndpoint(first)
}

func endpointFields(t *trial) {
	good := func() object { return object{"url": "https://conform.example/x"} }
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"url", nil, "url required"}, {"url", "conform.example", "url invalid_format"}, {"url", "https://a:b@conform.example", "url invalid_format"},
		{"url", "ftp://conform.example", "url invalid_format"}, {"url", "https://conform.example/#x", "url invalid_format"},
		{"events", []string{}, "events too_few_items"}, {"events", "*", "events invalid_type"}, {"description", strings.Repeat("x", 201), "description too_long"},
		{"colour", "red", "colour unknown_field"},
	} {
		t.fields(t.post("/webhook-endpoints", set(good(), c.name, c.value)), c.want)
	}
}

func secretRotated(t *trial) {
	r := t.endpoint()
	path, key := "/webhook-endpoints/"+r.text("data.id")+"/rotate-secret", t.unique()
	first := t.call("POST", path, object{"overlap_hours": 1}, idempotent(key))
	t.status(first, http.StatusCreated)
	t.matches(first, "data.secret", secretForm)
	if first.text("data.secret") == r.text("data.secret") {
		t.failed(&first, "another secret than before")
	}
	again := t.call("POST", path, object{"overlap_hours": 1}, idempotent(key))
	t.equal(again, "data.secret", nil)
	t.fields(t.post(path, object{"overlap_hours": 169}), "overlap_hours too_large")
	t.dropEndpoint(r)
}

func endpointPaused(t *trial) {
	r := t.endpoint()
	path := "/webhook-endpoints/" + r.text("data.id")
	t.equal(t.call("PATCH", path, object{"status": "paused"}), "data.status", "paused")
	t.refused(t.post(path+"/resend", nil), http.StatusBadRequest, "invalid_status_transition")
	t.equal(t.call("PATCH", path, object{"status": "active"}), "data.status", "active")
	t.equal(t.post(path+"/resend", nil), "data.queued", 0)
	t.dropEndpoint(r)
}

func accountShown(t *trial) {
	r := t.get("/accounts/settings")
	t.status(r, http.StatusOK)
	t.equal(r, "data.require_mfa", false)
	if r.text("data.business_id") == "" {
		t.failed(&r, "the business id, for a key that may write")
	}
	key := t.newKey(object{"scopes": []string{"webhooks:read"}})
	reader := t.call("GET", "/accounts/settings", nil, withKey(key.text("data.key")))
	t.equal(reader, "data.business_id", nil)
}

func earlierForm(t *trial) {
	url := "https://conform.example/" + t.unique()
	r := t.call("PATCH", "/businesses/webhook", object{"urls": []string{url}})
	t.status(r, http.StatusOK)
	t.equal(r, "logo", nil)
	t.equal(r, "settlement_rules", nil)
	t.absent(r, "data")
	again := t.post("/webhook-endpoints", object{"url": url})
	t.head(again, "Idempotent-Replayed", "true")
	t.dropEndpoint(again)
}

func webhookFaults(t *trial) {
	r := t.post("/sandbox/webhook-faults", object{"match": object{"reference": t.unique()}, "rule": "fail=503;times=2"})
	t.status(r, http.StatusCreated)
	t.equal(r, "data.0.rule", "fail=503;times=2")
	t.equal(r, "data.0.fired", 0)
	t.status(t.call("DELETE", "/sandbox/webhook-faults/"+r.text("data.0.id"), nil), http.StatusNoContent)
	t.refused(t.post("/sandbox/webhook-faults", object{"rule": "explode"}), http.StatusBadRequest, "invalid_request")
}

func eventsInOrder(t *trial) {
	t.refused(t.get("/events?after=x"), http.StatusBadRequest, "invalid_request")
	t.refused(t.get("/events/evt_none"), http.StatusNotFound, "not_found")
	r := t.get("/events?limit=100")
	t.status(r, http.StatusOK)
	rows := r.list("data")
	for i := 1; i < len(rows); i++ {
		before, _ := r.number(pathf("data.%d.sequence", i-1))
		if n, _ := r.number(pathf("data.%d.sequence", i)); n != before+1 {
			t.failed(&r, "numbers without gaps")
		}
	}
	if len(rows) > 0 {
		one := t.get("/events/" + r.text("data.0.id"))
		first, _ := r.number("data.0.sequence")
		t.equal(one, "data.sequence", first)
	}
}
