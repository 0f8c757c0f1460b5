package conformance

import "net/http"

func linkCases() []Case {
	return []Case{
		{ID: "links/create", Sentence: "a payment link is 201 and active, told where, and has no payment yet", run: linkCreated},
		{ID: "links/repeat", Sentence: "the same reference and money give the same link, other money is 400 reference_exists", run: linkRepeated},
		{ID: "links/status", Sentence: "a link is taken down and up again, and listed so", run: linkSwitched},
		{ID: "links/fields", Sentence: "fields of a payment link are checked, all at once", run: linkFields},
	}
}

func (t *trial) link() object {
	return object{"amount": 250000, "currency": "NGN", "customer": object{"email": "ada@example.com", "first_name": "Ada"},
		"description": "Term fee", "reference": t.unique()}
}

func linkCreated(t *trial) {
	r := t.post("/payment-links", t.link())
	t.status(r, http.StatusCreated)
	t.head(r, "Location", "/payment-links/"+r.text("data.id"))
	t.equal(r, "data.status", "active")
	t.equal(r, "data.payment_id", nil)
	t.equal(r, "data.url", r.text("data.checkout_url"))
	t.equal(t.get("/payment-links/"+r.text("data.id")), "data.id", r.text("data.id"))
	t.refused(t.get("/payment-links/"+r.text("data.reference")), http.StatusNotFound, "not_found")
}

func linkRepeated(t *trial) {
	in := t.link()
	first := t.post("/payment-links", in)
	again := t.post("/payment-links", in)
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	t.refused(t.post("/payment-links", set(in, "amount", 250001)), http.StatusBadRequest, "reference_exists")
}

func linkSwitched(t *trial) {
	r := t.post("/payment-links", t.link())
	path := "/payment-links/" + r.text("data.id")
	for _, status := range []string{"inactive", "inactive", "active"} {
		t.equal(t.patch(path, object{"status": status}), "data.status", status)
	}
	t.field(t.patch(path, object{"status": "completed"}), "status", "not_allowed")
	t.equal(t.get("/payment-links?references="+r.text("data.reference")), "data.0.id", r.text("data.id"))
	t.badRequest(t.get("/payment-links?status=open"), "status")
}

func linkFields(t *trial) {
	r := t.post("/payment-links", object{"amount": 0, "colour": 1, "currency": "EUR", "customer": object{"email": "x"}, "payment_method": object{"type": "cash"}})
	for _, want := range [][2]string{{"amount", "must_be_positive"}, {"colour", "unknown_field"}, {"currency", "not_allowed"}, {"customer.first_name", "required"},
		{"description", "required"}, {"payment_method.type", "not_allowed"}} {
		t.field(r, want[0], want[1])
	}
	t.refused(t.post("/payment-links", set(t.link(), "amount", 1)), http.StatusBadRequest, "invalid_amount")
	t.refused(t.post("/payment-links", set(t.link(), "payment_method", object{"type": "interac"})), http.StatusBadRequest, "invalid_currency")
}
