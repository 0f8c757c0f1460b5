package conformance

import (
	"net/http"
	"regexp"
	"time"
)

func sessionCases() []Case {
	out := []Case{
		{ID: "sessions/created", Sentence: "a new session is pending, its payment created, and no money has moved", run: newSession},
		{ID: "sessions/one-object", Sentence: "session and payment are one object with one id, found under both paths", run: oneObject},
		{ID: "sessions/expiry", Sentence: "a card session expires 12 hours after its creation", run: sessionExpiry},
		{ID: "sessions/customer", Sentence: "a customer with the same e-mail is used again; the payment keeps what was sent", run: sameCustomer},
		{ID: "sessions/limits", Sentence: "an amount outside the limits of a card is 400 invalid_amount with the limits", run: amountLimits},
		{ID: "sessions/currency", Sentence: "a currency that a card does not take is 400 invalid_currency with those it takes", run: wrongCurrency},
		{ID: "sessions/encryption-key", Sentence: "the encryption key of the own environment is given, any other mode is 400 invalid_mode", run: encryptionKey},
	}
	return out
}

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	stampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
)

func (t *trial) matches(r reply, path string, form *regexp.Regexp) {
	if !form.MatchString(r.text(path)) {
		t.failed(&r, "%s of the form %s", path, form)
	}
}

func newSession(t *trial) {
	body := t.session()
	r := t.post("/payment-sessions", body)
	t.status(r, http.StatusCreated)
	t.replayed(r, false)
	t.money(r, "not_attempted", "no")
	t.equal(r, "money.retry.after_ms", nil)
	t.matches(r, "data.id", uuidForm)
	at := t.get(r.header.Get("Location"))
	t.status(at, http.StatusOK)
	t.equal(at, "data.id", r.text("data.id"))
	for path, want := range map[string]any{
		"data.status": "pending", "data.message": "Created", "data.auth_type": nil, "data.configuration": nil, "data.failure": nil,
		"data.payment.status": "pending", "data.payment.state": "created", "data.payment.type": "payin", "data.payment.mode": "test",
		"data.payment.id": r.text("data.id"), "data.payment.amount": 250000, "data.payment.amount_paid": 0, "data.payment.amount_refunded": 0,
		"data.payment.currency": "NGN", "data.payment.reference": body["reference"], "data.payment.description": "Term fee",
		"data.payment.payment_method": object{"id": nil, "type": "card"}, "data.payment.order": body["order"],
		"data.payment.failure": nil, "data.payment.fee": nil, "data.payment.payer": nil, "data.payment.provider_id": nil,
		"data.payment.cancellation_reason": nil, "data.payment.customer.email": "ada@example.com", "data.payment.customer.type": "individual",
		"data.payment.customer.billing_address.line2": nil, "data.payment.customer.billing_address.city": "Lagos",
	} {
		t.equal(r, path, want)
	}
	for _, path := range []string{"data.expires_at", "data.payment.date", "data.payment.updated_at"} {
		t.matches(r, path, stampForm)
	}
	t.matches(r, "data.payment.correlation_id", uuidForm)
	t.matches(r, "data.payment.customer.id", uuidForm)
	for _, link := range []string{"payment_url", "redirect_url", "url"} {
		t.matches(r, "data.links."+link, regexp.MustCompile(`^https?://[^/]+(/.*)?/pay/[0-9A-Za-z]{22}$`))
	}
	t.matches(r, "money.status_url", regexp.MustCompile(`^https?://.+/payments/`+r.text("data.id")+`$`))
}

func oneObject(t *trial) {
	made := t.createdAs("description", "Term fee")
	id := made.text("data.id")
	session, payment := t.get("/payment-sessions/"+id), t.get("/payments/"+id)
	t.status(session, http.StatusOK)
	t.status(payment, http.StatusOK)
	nested, _ := session.at("data.payment")
	t.equal(payment, "data", nested)
	t.money(session, "not_attempted", "no")
	t.money(payment, "not_attempted", "no")
	t.equal(session, "data.status", "pending")
}

func sessionExpiry(t *trial) {
	r := t.createdAs("description", "Term fee")
	from, err1 := time.Parse(time.RFC3339Nano, r.text("data.payment.date"))
	to, err2 := time.Parse(time.RFC3339Nano, r.text("data.expires_at"))
	if err1 != nil || err2 != nil || to.Sub(from).Round(time.Second) != 12*time.Hour {
		t.failed(&r, "expires_at 12 hours after date")
	}
}

func sameCustomer(t *trial) {
	email := t.unique() + "@example.com"
	first := t.createdAs("customer.email", email)
	again := t.post("/payment-sessions", set(set(t.session(), "customer.email", email), "customer.first_name", "Adaeze"))
	t.status(again, http.StatusCreated)
	t.equal(again, "data.payment.customer.id", first.text("data.payment.customer.id"))
	t.equal(again, "data.payment.customer.first_name", "Adaeze")
	t.equal(t.get("/payments/"+first.text("data.id")), "data.customer.first_name", "Ada")
	other := t.createdAs("customer.email", t.unique()+"@example.com")
	if other.text("data.payment.customer.id") == first.text("data.payment.customer.id") {
		t.failed(&other, "another customer for another e-mail")
	}
}

func amountLimits(t *trial) {
	for _, amount := range []int{1, 99, 1000000001, 999999999999} {
		r := t.post("/payment-sessions", set(t.session(), "amount", amount))
		t.refused(r, http.StatusBadRequest, "invalid_amount")
		t.outcome(r, "not_attempted", "no")
		t.equal(r, "message", "invalid_amount")
		t.equal(r, "error.message", "invalid_amount: Amount must be between 100 and 1000000000.")
		t.equal(r, "error.details.minimum", 100)
		t.equal(r, "error.details.maximum", 1000000000)
		t.equal(r, "error.details.currency", "NGN")
		t.equal(r, "error.details.method", "card")
	}
	t.createdAs("amount", 100)
	t.createdAs("amount", 1000000000)
}

func wrongCurrency(t *trial) {
	for _, currency := range []string{"USDT", "USDC"} {
		r := t.post("/payment-sessions", set(t.session(), "currency", currency))
		t.refused(r, http.StatusBadRequest, "invalid_currency")
		t.outcome(r, "not_attempted", "no")
		t.equal(r, "message", "invalid_currency")
		t.equal(r, "error.details.allowed", []string{"NGN", "USD", "CAD"})
		t.equal(r, "error.details.currency", currency)
	}
	t.createdAs("currency", "USD")
	t.createdAs("currency", "CAD")
}

func encryptionKey(t *trial) {
	r := t.get("/payment-sessions/encryption-keys/test")
	t.status(r, http.StatusOK)
	t.matches(r, "data.encryption_key", regexp.MustCompile(`^[\x21-\x7e]{32}$`))
	t.head(r, "Cache-Control", "private, max-age=3600")
	for _, mode := range []string{"live", "production", "TEST"} {
		r := t.get("/payment-sessions/encryption-keys/" + mode)
		t.refused(r, http.StatusBadRequest, "invalid_mode")
		t.outcome(r, "not_attempted", "no")
		t.present(r, "error.details.allowed")
	}
}
