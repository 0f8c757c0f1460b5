package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func routeCases() []Case {
	return []Case{
		{ID: "routes/unknown", Sentence: "an unknown path is 404 route_not_found, before any key is asked for", run: unknownRoute},
		{ID: "routes/method", Sentence: "another method on a known path is 405 and names the allowed ones, before any key is asked for", run: wrongMethod},
		{ID: "routes/version", Sentence: "a leading /v1 means the same path", run: versionPrefix},
		{ID: "routes/slash", Sentence: "one trailing slash means the same path", run: trailingSlash},
		{ID: "routes/head", Sentence: "HEAD works where GET does: same headers, no body", run: headRequest},
		{ID: "routes/no-redirect", Sentence: "the API never redirects", run: neverRedirects},
		{ID: "routes/no-cors", Sentence: "there are no CORS headers: keys are secrets", run: noCORS},
	}
}

func unknownRoute(t *trial) {
	for _, path := range []string{"/", "/nowhere", "/payment-sessions/x/y/z", "/sandbox/nothing", "/v2/payments"} {
		r := t.get(path, withoutKey())
		t.refused(r, http.StatusNotFound, "route_not_found")
		t.outcome(r, "not_attempted", "no")
		t.equal(r, "error.details.method", "GET")
		t.present(r, "error.details.path")
	}
}

func wrongMethod(t *trial) {
	for _, c := range []struct{ method, path, allowed string }{
		{"DELETE", "/payments", "GET"},
		{"GET", "/payment-sessions", "POST"},
		{"PATCH", "/payment-sessions/01a20297-4dc0-74cd-9faf-fc8186734721", "POST"},
		{"PUT", "/keys", "POST"},
		{"POST", "/payments/stats", "GET"},
	} {
		r := t.call(c.method, c.path, nil, withoutKey())
		t.refused(r, http.StatusMethodNotAllowed, "method_not_allowed")
		t.outcome(r, "not_attempted", "no")
		if !slices.Contains(allowed(r), c.allowed) {
			t.failed(&r, "Allow to name %s", c.allowed)
		}
		if !slices.Contains(r.list("error.details.allowed"), any(c.allowed)) {
			t.failed(&r, "details.allowed to name %s", c.allowed)
		}
	}
}

func allowed(r reply) []string {
	var out []string
	for _, m := range strings.Split(r.header.Get("Allow"), ",") {
		out = append(out, strings.TrimSpace(m))
	}
	return out
}

func versionPrefix(t *trial) {
	id := t.created()
	plain, versioned := t.get("/payment-sessions/"+id), t.get("/v1/payment-sessions/"+id)
	t.identical(versioned, plain)
	t.refused(t.get("/v1/nowhere"), http.StatusNotFound, "route_not_found")
}

func trailingSlash(t *trial) {
	id := t.created()
	plain := t.get("/payments/" + id)
	t.identical(t.get("/payments/"+id+"/"), plain)
	t.identical(t.get("/v1/payments/"+id+"/"), plain)
}

func headRequest(t *trial) {
	id := t.created()
	get, head := t.get("/payments/"+id), t.call("HEAD", "/payments/"+id, nil)
	t.status(head, get.status)
	if len(head.body) != 0 {
		t.failed(&head, "no body")
	}
	for _, name := range []string{"ETag", "Cache-Control", "Juicer-Outcome", "Content-Type", "Juicer-Environment"} {
		t.head(head, name, get.header.Get(name))
	}
	missing := t.call("HEAD", "/payments/"+t.unique(), nil)
	t.status(missing, http.StatusNotFound)
}

func neverRedirects(t *trial) {
	for _, path := range []string{"//payments", "/payments/../payments", "/payments//", "/v1", "/v1/"} {
		r := t.get(path)
		if r.status >= 300 && r.status <= 399 {
			t.failed(&r, "no redirect")
		}
	}
}

func noCORS(t *trial) {
	r := t.get("/payments/stats", header("Origin", "https://shop.example"))
	for name := range r.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.failed(&r, "no header %s", name)
		}
	}
}
