package conformance

import "net/http"

func customerCases() []Case {
	return []Case{
		{ID: "customers/create", Sentence: "a customer is made, told where, and read back as it was given", run: customerCreated},
		{ID: "customers/repeat", Sentence: "the same customer again is the first one, other data are 409 customer_exists with what differs", run: customerRepeated},
		{ID: "customers/fields", Sentence: "fields of a customer are checked, all at once; names take letters of any script", run: customerFields},
		{ID: "customers/patch", Sentence: "PATCH changes what it names and merges the address", run: customerPatched},
		{ID: "customers/delete", Sentence: "DELETE is 204, a second time 404, and the e-mail is free again", run: customerDeleted},
		{ID: "customers/delete-with-money", Sentence: "a customer whose wallet holds money is 409 balance_not_zero", run: customerWithMoney},
		{ID: "customers/read", Sentence: "fields, include and version are taken, unknown names are refused", run: customerRead},
		{ID: "customers/payer", Sentence: "a payer is a customer, and a deleted one stays in its payments", run: customerOfPayment},
		{ID: "customers/list", Sentence: "customers are found by their e-mail", run: customerListed},
	}
}

// person is the body of a customer that every Juicer accepts, under an e-mail of its own.
func (t *trial) person() object {
	return object{
		"billing_address": object{"city": "Lagos", "country": "NG", "line1": "5 Marina Road", "zip_code": "100001"},
		"email":           t.unique() + "@example.com", "first_name": "Ada", "last_name": "Obi", "phone_number": "+2348031234567",
	}
}

// customer makes a customer and returns its id.
func (t *trial) customer() string {
	r := t.post("/customers", t.person())
	t.status(r, http.StatusCreated)
	return r.text("data.id")
}

func customerCreated(t *trial) {
	p := t.person()
	r := t.post("/customers", p)
	t.status(r, http.StatusCreated)
	t.head(r, "Location", "/customers/"+r.text("data.id"))
	t.matches(r, "data.id", uuidForm)
	for path, want := range map[string]any{"data.email": p["email"], "data.first_name": "Ada", "data.type": "individual", "data.status": "active",
		"data.billing_address.line2": nil, "data.billing_address.city": "Lagos", "data.metadata": object{}} {
		t.equal(r, path, want)
	}
	t.equal(t.get("/customers/"+r.text("data.id")), "data.phone_number", "+2348031234567")
}

func customerRepeated(t *trial) {
	p := t.person()
	first := t.post("/customers", p)
	p["phone"] = p["phone_number"]
	delete(p, "phone_number")
	again := t.post("/customers", p)
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	other := t.post("/customers", set(p, "last_name", "Eze"))
	t.refused(other, http.StatusConflict, "customer_exists")
	t.outcome(other, "not_attempted", "no")
	t.equal(other, "error.details.differs", []string{"last_name"})
	t.equal(other, "error.details.id", first.text("data.id"))
}

func customerFields(t *trial) {
	r := t.post("/customers", object{"first_name": "R2D2", "email": "nobody", "phone_number": "0803", "billing_address": object{"country": "Nigeria"}, "colour": 1})
	for _, want := range [][2]string{{"first_name", "invalid_characters"}, {"last_name", "required"}, {"email", "invalid_format"}, {"phone_number", "invalid_format"},
		{"billing_address.country", "not_allowed"}, {"billing_address.line1", "required"}, {"colour", "unknown_field"}} {
		t.field(r, want[0], want[1])
	}
	t.status(t.post("/customers", set(t.person(), "first_name", "Ngũgĩ O’Neil-Jr.")), http.StatusCreated)
}

func customerPatched(t *trial) {
	id := t.customer()
	r := t.patch("/customers/"+id, object{"billing_address": object{"line1": "7 Marina Road"}, "first_name": nil})
	t.status(r, http.StatusOK)
	t.equal(r, "data.billing_address.line1", "7 Marina Road")
	t.equal(r, "data.billing_address.city", "Lagos")
	t.equal(r, "data.first_name", "Ada")
}

func customerDeleted(t *trial) {
	p := t.person()
	id := t.post("/customers", p).text("data.id")
	t.status(t.delete("/customers/"+id), http.StatusNoContent)
	t.refused(t.delete("/customers/"+id), http.StatusNotFound, "not_found")
	t.refused(t.get("/customers/"+id), http.StatusNotFound, "not_found")
	again := t.post("/customers", p)
	t.status(again, http.StatusCreated)
	t.replayed(again, false)
}

func customerWithMoney(t *trial) {
	id := t.customer()
	w := t.wallet(id, "NGN")
	t.status(t.moved(w, "credit", 100), http.StatusOK)
	r := t.delete("/customers/" + id)
	t.refused(r, http.StatusConflict, "balance_not_zero")
	t.equal(r, "error.details.balances", []object{{"amount": 100, "currency": "NGN"}})
	t.status(t.moved(w, "debit", 100), http.StatusOK)
	t.status(t.delete("/customers/"+id), http.StatusNoContent)
	t.equal(t.get("/wallets/"+w), "data.status", "deleted")
}

func customerRead(t *trial) {
	id := t.customer()
	r := t.get("/customers/" + id + "?fields=email&include=transactions,payment_methods&version=3")
	t.status(r, http.StatusOK)
	t.equal(r, "data.id", id)
	t.absent(r, "data.first_name")
	t.equal(r, "data.transactions", []any{})
	t.equal(r, "data.payment_methods", []any{})
	t.refused(t.get("/customers/"+id+"?fields=colour"), http.StatusBadRequest, "invalid_request")
}

func customerOfPayment(t *trial) {
	email := t.unique() + "@example.com"
	made := t.createdAs("customer.email", email)
	who := made.text("data.payment.customer.id")
	t.equal(t.get("/customers/"+who), "data.email", email)
	t.status(t.delete("/customers/"+who), http.StatusNoContent)
	t.equal(t.get("/payments/"+made.text("data.id")), "data.customer.id", who)
}

func customerListed(t *trial) {
	p := t.person()
	id := t.post("/customers", p).text("data.id")
	r := t.get("/customers?email=" + p["email"].(string))
	t.status(r, http.StatusOK)
	t.equal(r, "data.0.id", id)
	t.equal(r, "pagination.after", nil)
}
