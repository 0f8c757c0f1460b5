package conformance

import (
	"net/http"
	"net/url"
	"strings"
)

func envelopeCases() []Case {
	return []Case{
		{ID: "envelope/client-request-id", Sentence: "the caller's X-Request-Id comes back in details and is never used as ours", run: clientRequestID},
		{ID: "envelope/client-request-id-form", Sentence: "an X-Request-Id of more than 128 characters or outside ASCII is ignored", run: badClientRequestID},
		{ID: "envelope/errors-page", Sentence: "the server's errors page explains the code that doc_url names", run: errorsPage},
		{ID: "envelope/document", Sentence: "the server publishes its OpenAPI document", run: publishedDocument},
		{ID: "envelope/unique-ids", Sentence: "every request has an id of its own", run: uniqueRequestIDs},
		{ID: "envelope/not-found", Sentence: "404 not_found names the resource and the id that was asked for", run: notFoundDetails},
		{ID: "envelope/gzip", Sentence: "replies above 1 KiB are compressed for a client that asks", run: compressed},
	}
}

func clientRequestID(t *trial) {
	mine := "trace-" + t.unique()
	r := t.get("/payments/"+t.unique(), header("X-Request-Id", mine))
	t.refused(r, http.StatusNotFound, "not_found")
	t.equal(r, "error.details.client_request_id", mine)
	if r.requestID() == mine {
		t.failed(&r, "an X-Request-Id of the server's own")
	}
	none := t.get(probePath, withoutKey())
	t.absent(none, "error.details")
	t.equal(t.get(probePath, withoutKey(), header("X-Request-Id", mine)), "error.details.client_request_id", mine)
}

func badClientRequestID(t *trial) {
	for _, id := range []string{strings.Repeat("x", 129), "tr\u00e4ce"} {
		r := t.get("/payments/"+t.unique(), header("X-Request-Id", id))
		t.refused(r, http.StatusNotFound, "not_found")
		t.absent(r, "error.details.client_request_id")
	}
	longest := strings.Repeat("x", 128)
	t.equal(t.get("/payments/"+t.unique(), header("X-Request-Id", longest)), "error.details.client_request_id", longest)
}

func errorsPage(t *trial) {
	r := t.get("/payments/" + t.unique())
	u, err := url.Parse(r.text("error.doc_url"))
	if err != nil || u.Host == "" {
		t.failed(&r, "an absolute error.doc_url")
	}
	page := t.get("/docs/errors", withoutKey())
	t.status(page, http.StatusOK)
	if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.failed(&page, "a page in HTML")
	}
	for _, code := range []string{"not_found", "validation_error", "rate_limit_exceeded", "idempotency_key_reused"} {
		if !strings.Contains(string(page.body), `id="`+code+`"`) {
			t.failed(&page, "a section with the id %s", code)
		}
	}
}

func publishedDocument(t *trial) {
	r := t.get("/openapi.json", withoutKey())
	t.status(r, http.StatusOK)
	t.present(r, "openapi")
	for _, path := range []string{"/payment-sessions", "/payments/{id}", "/idempotency-keys/{key}"} {
		paths, _ := r.at("paths")
		if described, _ := paths.(map[string]any); described[path] == nil {
			t.failed(&r, "the path %s in the document", path)
		}
	}
}

func uniqueRequestIDs(t *trial) {
	seen := map[string]bool{}
	for range 20 {
		r := t.get("/sandbox/clock")
		if seen[r.requestID()] {
			t.failed(&r, "an id that no other request has")
		}
		seen[r.requestID()] = true
	}
}

func notFoundDetails(t *trial) {
	none := "01a20297-0000-7000-8000-000000000000"
	for path, id := range map[string]string{
		"/payment-sessions/" + none: none, "/payments/" + none: none, "/refunds/" + none: none, "/keys/" + none: none,
		"/payments/" + none + "/refunds": none, "/payment-sessions/not-a-uuid": "not-a-uuid", "/refunds/7": "7",
	} {
		r := t.get(path)
		t.refused(r, http.StatusNotFound, "not_found")
		t.outcome(r, "not_attempted", "no")
		t.equal(r, "error.details.id", id)
		t.present(r, "error.details.resource")
		if !strings.HasSuffix(r.text("error.message"), " not found") {
			t.failed(&r, "a message that ends with \"not found\"")
		}
	}
	for _, path := range []string{"/payment-sessions/" + none, "/payment-sessions/" + none + "/cancel", "/payments/" + none + "/refunds"} {
		body := object{}
		if path == "/payment-sessions/"+none {
			body = t.card(cardApproved)
		}
		t.refused(t.post(path, body), http.StatusNotFound, "not_found")
	}
}

func compressed(t *trial) {
	id := t.created()
	whole := t.get("/payment-sessions/" + id)
	asked := t.get("/payment-sessions/"+id, header("Accept-Encoding", "gzip"))
	t.status(asked, http.StatusOK)
	if len(whole.body) > 1024 {
		t.head(asked, "Content-Encoding", "gzip")
	}
}
