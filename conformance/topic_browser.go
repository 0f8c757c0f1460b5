package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

func browserCases() []Case {
	return []Case{
		{ID: "3ds/page", Sentence: "the payer approves on the bank's page and comes back to the merchant as successful", run: approveOnPage},
		{ID: "3ds/approved", Sentence: "an approval at the bank pays", run: approvedByCall},
		{ID: "3ds/rejected", Sentence: "a refusal at the bank ends the payment with authentication_rejected", run: rejectedByCall},
		{ID: "3ds/always-refused", Sentence: "a card whose bank refuses every approval ends with authentication_rejected", run: alwaysRefused},
		{ID: "3ds/abandoned", Sentence: "an abandoned page leaves the session as it is", run: abandonedByCall},
		{ID: "3ds/query-not-trusted", Sentence: "what the browser says on its return is not believed", run: queryNotTrusted},
		{ID: "3ds/by-code", Sentence: "a 3DS card may be authorised with otp or card_enroll instead", run: threeDSByCode},
		{ID: "3ds/wrong-state", Sentence: "the page's outcome cannot be set where no page is awaited", run: authenticateWrongState},
		{ID: "pages/pay", Sentence: "the hosted page needs no key and shows the payment", run: payPage},
		{ID: "pages/unknown", Sentence: "a page of no payment is 404", run: unknownPage},
	}
}

const shopURL = "https://shop.example/thanks?order=7"

// atBank makes a 3DS session that returns to a shop, and gives its id, its
// reference and the path of the bank's page.
func (t *trial) atBank(card string) (id, reference, page string) {
	body := set(t.session(), "redirect_url", shopURL)
	made := t.post("/payment-sessions", body)
	t.status(made, http.StatusCreated)
	id = made.text("data.id")
	r := t.capture(id, card)
	t.status(r, http.StatusOK)
	t.equal(r, "data.auth_type", "3ds")
	t.equal(r, "data.status", "authenticating")
	return id, body["reference"].(string), pathOf(r.text("data.links.redirect_url"))
}

func (t *trial) authenticate(id, result string) reply {
	return t.post("/sandbox/payments/"+id+"/authenticate", object{"result": result})
}

// stateTime is how long the bank may take to tell Juicer of a change.
const stateTime = 15 * time.Second

func approveOnPage(t *trial) {
	id, reference, path := t.atBank(card3DS)
	page := t.browse("GET", path, nil)
	t.status(page, http.StatusOK)
	if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.failed(&page, "a page in HTML")
	}
	r := t.press(page, "approve")
	for range 5 {
		if r.status < 300 || r.status > 399 || strings.HasPrefix(r.header.Get("Location"), "https://shop.example/") {
			break
		}
		r = t.browse("GET", pathOf(r.header.Get("Location")), nil)
	}
	t.returned(r, reference, "successful")
	t.equal(t.becomes(id, stateTime, "captured"), "data.amount_paid", 250000)
}

// returned: the browser is sent to the shop with reference and status added.
func (t *trial) returned(r reply, reference, status string) {
	t.status(r, http.StatusFound)
	u, err := url.Parse(r.header.Get("Location"))
	if err != nil || u.Host != "shop.example" || u.Path != "/thanks" {
		t.failed(&r, "a redirect to %s, not %q", shopURL, r.header.Get("Location"))
	}
	q := u.Query()
	if q.Get("order") != "7" || q.Get("reference") != reference || q.Get("status") != status {
		t.failed(&r, "order=7, reference=%s and status=%s in %q", reference, status, u.RawQuery)
	}
}

// returnPath is where the bank sends the browser back to.
func (t *trial) returnPath(id string) string {
	r := t.get("/payment-sessions/" + id)
	return "/payment-sessions/" + shortID(id) + "/3ds?order_payment_reference=" + url.QueryEscape(r.text("data.payment.reference"))
}

func approvedByCall(t *trial) {
	id, reference, _ := t.atBank(card3DS)
	r := t.authenticate(id, "approved")
	t.status(r, http.StatusOK)
	t.equal(r, "data.id", id)
	t.becomes(id, stateTime, "captured")
	t.returned(t.browse("GET", t.returnPath(id)+"&status=failed", nil), reference, "successful")
	t.executedOnce(id)
}

func rejectedByCall(t *trial) {
	id, reference, _ := t.atBank(card3DS)
	t.status(t.authenticate(id, "rejected"), http.StatusOK)
	r := t.becomes(id, stateTime, "failed")
	t.equal(r, "data.failure.code", "authentication_rejected")
	t.money(r, "refused", "new_key")
	t.returned(t.browse("GET", t.returnPath(id)+"&status=successful", nil), reference, "failed")
}

func alwaysRefused(t *trial) {
	id, _, _ := t.atBank(card3DSRefused)
	t.status(t.authenticate(id, "approved"), http.StatusOK)
	t.equal(t.becomes(id, stateTime, "failed"), "data.failure.code", "authentication_rejected")
}

func abandonedByCall(t *trial) {
	id, _, _ := t.atBank(card3DS)
	t.status(t.authenticate(id, "abandoned"), http.StatusOK)
	r := t.get("/payment-sessions/" + id)
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "authenticating")
	t.status(t.post("/payment-sessions/"+id+"/cancel", nil), http.StatusOK)
}

func queryNotTrusted(t *trial) {
	id, reference, _ := t.atBank(card3DS)
	t.returned(t.browse("GET", t.returnPath(id)+"&status=successful", nil), reference, "pending")
	t.equal(t.get("/payments/"+id), "data.state", "authenticating")
}

func threeDSByCode(t *trial) {
	id, _, _ := t.atBank(card3DSDocumented)
	t.paidByStep(t.authorize(id, object{"otp": goodOTP}))
	id, _, _ = t.atBank(card3DSDocumented)
	t.paidByStep(t.authorize(id, object{"card_enroll": "enrol-ok"}))
}

func authenticateWrongState(t *trial) {
	r := t.authenticate(t.created(), "approved")
	t.refused(r, http.StatusBadRequest, "invalid_status_transition")
	t.outcome(r, "not_attempted", "no")
	id, _, _ := t.atBank(card3DS)
	t.fields(t.authenticate(id, "maybe"), "result not_allowed")
	t.fields(t.post("/sandbox/payments/"+id+"/authenticate", object{}), "result required")
	t.refused(t.authenticate("01a20297-0000-7000-8000-000000000000", "approved"), http.StatusNotFound, "not_found")
}

func payPage(t *trial) {
	made := t.createdAs("description", "Fee for the winter term")
	path := pathOf(made.text("data.links.payment_url"))
	before := t.browse("GET", path, nil)
	t.equal(t.capture(made.text("data.id"), cardApproved), "data.status", "captured")
	after := t.browse("GET", path, nil)
	for _, page := range []reply{before, after} {
		t.status(page, http.StatusOK)
		if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
			t.failed(&page, "a page in HTML")
		}
	}
	if string(before.body) == string(after.body) {
		t.failed(&after, "the page to show the new state")
	}
}

func unknownPage(t *trial) {
	for _, path := range []string{"/pay/" + strings.Repeat("0", 22), "/pay/short", "/payment-sessions/" + strings.Repeat("0", 22) + "/3ds"} {
		t.status(t.browse("GET", path, nil), http.StatusNotFound)
	}
}
