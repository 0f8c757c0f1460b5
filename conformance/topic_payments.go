package conformance

import (
	"net/http"
	"net/url"
	"strings"
)

func paymentCases() []Case {
	return []Case{
		{ID: "payments/by-reference", Sentence: "a payment is found by its reference, percent-encoded", run: byReference},
		{ID: "payments/uuid-reference", Sentence: "a reference in the form of a UUID is found when no payment has that id", run: byUUIDReference},
		{ID: "payments/unknown", Sentence: "an id or reference that does not exist is 404 not_found and nothing else", run: unknownPayment},
		{ID: "payments/for-ever", Sentence: "a payment and its session answer 200 in every state", run: readableInEveryState},
		{ID: "payments/etag", Sentence: "If-None-Match with the ETag is 304 without a body, until the object changes", run: notModified},
		{ID: "payments/etag-stats", Sentence: "counts and encryption keys may be kept and asked for again by ETag", run: notModifiedElsewhere},
		{ID: "payments/cache-rules", Sentence: "single objects are private and must be asked for again", run: cacheRules},
		{ID: "payments/stats", Sentence: "the four parts of the counts add up to total, and a new payment is counted once", run: statsAddUp},
		{ID: "payments/money", Sentence: "money speaks of the object as it is now", run: moneyByState},
	}
}

func byReference(t *trial) {
	for _, tail := range []string{"", "/a/b", "%2F", "?x=1", "#x", "..", "+plus", "a%20b"} {
		ref := t.unique() + tail
		id := t.createdAs("reference", ref).text("data.id")
		r := t.get("/payments/" + url.PathEscape(ref))
		t.status(r, http.StatusOK)
		t.equal(r, "data.id", id)
		t.equal(r, "data.reference", ref)
	}
}

func byUUIDReference(t *trial) {
	ref := "01a20297-0000-7000-8000-" + strings.ToLower(hexText(12))
	id := t.createdAs("reference", ref).text("data.id")
	r := t.get("/payments/" + ref)
	t.status(r, http.StatusOK)
	t.equal(r, "data.id", id)
}

// hexText gives n random hexadecimal digits.
func hexText(n int) string {
	const digits = "0123456789abcdef"
	out := randomBytes(n)
	for i := range out {
		out[i] = digits[out[i]%16]
	}
	return string(out)
}

func unknownPayment(t *trial) {
	ref := t.unique()
	r := t.get("/payments/" + ref)
	t.refused(r, http.StatusNotFound, "not_found")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.details.id", ref)
	id := t.created()
	t.refused(t.get("/refunds/"+id), http.StatusNotFound, "not_found")
	t.refused(t.get("/keys/"+id), http.StatusNotFound, "not_found")
}

func readableInEveryState(t *trial) {
	failed, _ := t.paid(cardNoFunds)
	cancelled := t.created()
	t.status(t.post("/payment-sessions/"+cancelled+"/cancel", nil), http.StatusOK)
	asked, _ := t.paid(cardOTP)
	for id, words := range map[string][3]string{ // state, session status, payment status
		t.created():   {"created", "pending", "pending"},
		asked:         {"authenticating", "authenticating", "pending"},
		t.succeeded(): {"captured", "captured", "succeeded"},
		failed:        {"failed", "failed", "failed"},
		cancelled:     {"cancelled", "cancelled", "cancelled"},
	} {
		session, payment := t.get("/payment-sessions/"+id), t.get("/payments/"+id)
		t.status(session, http.StatusOK)
		t.status(payment, http.StatusOK)
		t.equal(payment, "data.state", words[0])
		t.equal(session, "data.payment.state", words[0])
		t.equal(session, "data.status", words[1])
		t.equal(payment, "data.status", words[2])
	}
}

func notModified(t *trial) {
	id := t.created()
	for _, path := range []string{"/payments/" + id, "/payment-sessions/" + id} {
		first := t.get(path)
		tag := first.header.Get("ETag")
		same := t.get(path, header("If-None-Match", tag))
		t.status(same, http.StatusNotModified)
		if len(same.body) != 0 {
			t.failed(&same, "no body")
		}
		t.head(same, "ETag", tag)
		t.status(t.get(path, header("If-None-Match", `"another", `+tag)), http.StatusNotModified)
		t.status(t.get(path, header("If-None-Match", `"another"`)), http.StatusOK)
	}
	before := t.get("/payments/" + id)
	t.equal(t.capture(id, cardApproved), "data.status", "captured")
	after := t.get("/payments/"+id, header("If-None-Match", before.header.Get("ETag")))
	t.status(after, http.StatusOK)
	t.equal(after, "data.status", "succeeded")
	if after.header.Get("ETag") == before.header.Get("ETag") {
		t.failed(&after, "another ETag for another state")
	}
}

func notModifiedElsewhere(t *trial) {
	key := t.get("/payment-sessions/encryption-keys/test")
	t.status(t.get("/payment-sessions/encryption-keys/test", header("If-None-Match", key.header.Get("ETag"))), http.StatusNotModified)
	stats := t.get("/payments/stats")
	t.head(stats, "Cache-Control", "private, max-age=300")
	if stats.header.Get("ETag") == "" {
		t.failed(&stats, "an ETag")
	}
	made := t.newKey(nil)
	path := "/keys/" + made.text("data.id")
	t.status(t.get(path, header("If-None-Match", t.get(path).header.Get("ETag"))), http.StatusNotModified)
}

func cacheRules(t *trial) {
	id := t.succeeded()
	refund := t.refund(id, object{"amount": 100})
	for _, path := range []string{"/payments/" + id, "/payment-sessions/" + id, "/refunds/" + refund.text("data.id"), "/keys/" + t.newKey(nil).text("data.id")} {
		r := t.get(path)
		t.status(r, http.StatusOK)
		t.head(r, "Cache-Control", "private, no-cache")
	}
	for _, path := range []string{"/payments", "/keys", "/requests", "/payments/" + id + "/refunds", "/payments/" + t.unique()} {
		t.head(t.get(path), "Cache-Control", "no-store")
	}
}

func statsAddUp(t *trial) {
	before := t.get("/payments/stats")
	t.succeeded()
	after := t.get("/payments/stats")
	for _, r := range []reply{before, after} {
		t.status(r, http.StatusOK)
		sum := int64(0)
		for _, part := range []string{"captured", "failed", "pending", "settled"} {
			n, ok := r.number("data." + part)
			if !ok {
				t.failed(&r, "a number at data.%s", part)
			}
			sum += n
		}
		t.equal(r, "data.total", sum)
	}
	was, _ := before.number("data.total")
	if is, _ := after.number("data.total"); is <= was {
		t.failed(&after, "a total above %d after one more payment", was)
	}
}

func moneyByState(t *trial) {
	asked, _ := t.paid(cardOTP)
	failed, _ := t.paid(cardDeclined)
	retryable, _ := t.paid(cardNoFunds)
	for id, want := range map[string][2]string{
		t.created(): {"not_attempted", "no"}, asked: {"pending", "no"}, t.succeeded(): {"succeeded", "no"},
		failed: {"refused", "no"}, retryable: {"refused", "new_key"},
	} {
		t.money(t.get("/payments/"+id), want[0], want[1])
		t.money(t.get("/payment-sessions/"+id), want[0], want[1])
	}
}
