package conformance

import (
	"net/http"
	"strings"
)

func validationCases() []Case {
	out := []Case{
		{ID: "validation/all-at-once", Sentence: "all bad fields are reported in one reply, in the order of the body", run: allAtOnce},
		{ID: "validation/empty", Sentence: "an empty body names every required field", run: allRequired},
		{ID: "validation/messages", Sentence: "messages begin with the field's name as people write it", run: fieldMessages},
		{ID: "validation/unknown-field", Sentence: "an unknown field is refused wherever it stands", run: unknownFields},
		{ID: "validation/deprecated", Sentence: "fields of earlier forms are accepted and ignored", run: deprecatedFields},
		{ID: "validation/absent", Sentence: "null and \"\" in an optional field mean absent", run: absentFields},
		{ID: "validation/integers", Sentence: "a whole number is accepted in any spelling and stored as that integer", run: integerSpellings},
		{ID: "validation/code-points", Sentence: "lengths count Unicode code points", run: codePoints},
		{ID: "validation/as-given", Sentence: "texts are not trimmed and metadata comes back as given", run: asGiven},
		{ID: "validation/phone", Sentence: "phone is another name for phone_number", run: phoneAlias},
		{ID: "validation/order-in-metadata", Sentence: "the order may stand in metadata and is shown at the top level", run: orderInMetadata},
		{ID: "validation/currency-list", Sentence: "the list of a currency's refusal is that of the chosen method", run: currencyList},
		{ID: "validation/query", Sentence: "an unknown query parameter is 400 invalid_request and named", run: unknownQuery},
		{ID: "validation/not-stored", Sentence: "a refused creation does not hold its reference", run: refusedHoldsNothing},
	}
	for _, c := range sessionBreaches() {
		out = append(out, Case{
			ID:       "validation/" + c.name,
			Sentence: "422 " + c.code + " at " + c.field + " for " + c.what,
			run: func(t *trial) {
				r := t.post("/payment-sessions", set(t.session(), c.path, c.value))
				t.fields(r, c.field+" "+c.code)
				t.outcome(r, "not_attempted", "no")
			},
		})
	}
	return out
}

// breach is one field of a session made wrong.
type breach struct {
	name, path string
	value      any // nil removes the field
	field      string
	code       string
	what       string
}

func sessionBreaches() []breach {
	long := strings.Repeat
	return []breach{
		{"amount-missing", "amount", nil, "amount", "required", "no amount"},
		{"amount-text", "amount", "12", "amount", "invalid_type", "an amount in quotes"},
		{"amount-fraction", "amount", 12.5, "amount", "must_be_integer", "a fraction"},
		{"amount-negative-fraction", "amount", -0.5, "amount", "must_be_integer", "a negative fraction"},
		{"amount-zero", "amount", 0, "amount", "must_be_positive", "zero"},
		{"amount-negative", "amount", -5, "amount", "must_be_positive", "a negative amount"},
		{"amount-huge", "amount", 1000000000000, "amount", "too_large", "an amount above 999999999999"},
		{"amount-boolean", "amount", true, "amount", "invalid_type", "a boolean"},
		{"currency-unknown", "currency", "XYZ", "currency", "not_allowed", "a currency that is none"},
		{"currency-case", "currency", "ngn", "currency", "not_allowed", "a currency in small letters"},
		{"currency-type", "currency", 7, "currency", "invalid_type", "a number as currency"},
		{"description-long", "description", long("x", 201), "description", "too_long", "201 characters"},
		{"description-type", "description", object{"a": 1}, "description", "invalid_type", "an object as text"},
		{"description-nul", "description", "a\x00b", "description", "unsupported_character", "U+0000"},
		{"description-separator", "description", "a\u2028b", "description", "unsupported_character", "U+2028"},
		{"reference-long", "reference", long("r", 51), "reference", "too_long", "51 characters"},
		{"reference-blank", "reference", "a b", "reference", "invalid_characters", "a blank"},
		{"reference-umlaut", "reference", "r\u00e9f", "reference", "invalid_characters", "a letter outside ASCII"},
		{"method-unknown", "payment_method.type", "cheque", "payment_method.type", "not_allowed", "a method that is none"},
		{"method-missing", "payment_method.type", nil, "payment_method.type", "required", "no method"},
		{"customer-missing", "customer", nil, "customer", "required", "no customer"},
		{"customer-type", "customer", "Ada", "customer", "invalid_type", "a text as customer"},
		{"email-form", "customer.email", "ada.example.com", "customer.email", "invalid_format", "an e-mail without @"},
		{"email-two", "customer.email", "a@b@c", "customer.email", "invalid_format", "an e-mail with two @"},
		{"phone-form", "customer.phone_number", "08031234567", "customer.phone_number", "invalid_format", "a number without +"},
		{"phone-zero", "customer.phone_number", "+0803123456", "customer.phone_number", "invalid_format", "a number that begins with 0"},
		{"first-name-missing", "customer.first_name", nil, "customer.first_name", "required", "no first name"},
		{"first-name-long", "customer.first_name", long("x", 101), "customer.first_name", "too_long", "101 characters"},
		{"last-name-missing", "customer.last_name", nil, "customer.last_name", "required", "no last name"},
		{"country-missing", "customer.billing_address.country", nil, "customer.billing_address.country", "required", "no country"},
		{"country-type", "customer.billing_address.country", 7, "customer.billing_address.country", "invalid_type", "a number as country"},
		{"state-long", "customer.billing_address.state", long("x", 101), "customer.billing_address.state", "too_long", "101 characters"},
		{"address-missing", "customer.billing_address", nil, "customer.billing_address", "required", "no address"},
		{"customer-kind", "customer.type", "robot", "customer.type", "not_allowed", "a kind that is none"},
		{"ip-form", "customer.ip_address", "300.1.1.1", "customer.ip_address", "invalid_format", "no IP address"},
		{"order-missing", "order", nil, "order", "required", "no order"},
		{"order-items-empty", "order.items", []object{}, "order.items", "too_few_items", "no items"},
		{"order-items-many", "order.items", items(101), "order.items", "too_many_items", "101 items"},
		{"order-item-type", "order.items", []object{{"name": "x", "type": "gas"}}, "order.items[0].type", "not_allowed", "an item of no known type"},
		{"order-item-name", "order.items", []object{{"name": "x", "type": "service"}, {"type": "service"}}, "order.items[1].name", "required", "an item without a name"},
		{"order-identifier-long", "order.identifier", long("x", 101), "order.identifier", "too_long", "101 characters"},
		{"metadata-type", "metadata", "x", "metadata", "invalid_type", "a text as metadata"},
		{"metadata-large", "metadata", object{"a": long("x", 11000)}, "metadata", "too_large", "more than 10 KB"},
		{"redirect-relative", "redirect_url", "/thanks", "redirect_url", "invalid_format", "a relative URL"},
		{"redirect-scheme", "redirect_url", "javascript:alert(1)", "redirect_url", "invalid_format", "another scheme"},
		{"direction", "direction", "outgoing", "direction", "not_allowed", "another direction"},
		{"allow-duplicate", "allow_duplicate", "yes", "allow_duplicate", "invalid_type", "a text as boolean"},
	}
}

func items(n int) []object {
	out := make([]object, n)
	for i := range out {
		out[i] = object{"name": "x", "type": "service"}
	}
	return out
}

func allAtOnce(t *trial) {
	body := raw(`{"colour":"red","amount":-5,"customer":{"email":"none","first_name":"Ada"},"currency":"XYZ","payment_method":{"type":"card"}}`)
	r := t.post("/payment-sessions", body)
	t.refused(r, http.StatusUnprocessableEntity, "validation_error")
	t.equal(r, "error.message", "The request was invalid")
	for _, want := range []string{
		"colour unknown_field", "amount must_be_positive", "customer.email invalid_format", "customer.phone_number required",
		"currency not_allowed", "description required", "reference required", "order required",
	} {
		field, code, _ := strings.Cut(want, " ")
		t.field(r, field, code)
	}
	var order []string
	for _, b := range breaches(r) {
		for _, sent := range []string{"colour unknown_field", "amount must_be_positive", "customer.email invalid_format", "currency not_allowed"} {
			if b == sent {
				order = append(order, b)
			}
		}
	}
	if strings.Join(order, ", ") != "colour unknown_field, amount must_be_positive, customer.email invalid_format, currency not_allowed" {
		t.failed(&r, "the breaches of sent fields in the order of the body")
	}
}

func allRequired(t *trial) {
	r := t.post("/payment-sessions", object{})
	for _, field := range []string{"amount", "currency", "customer", "description", "reference", "payment_method", "order"} {
		t.field(r, field, "required")
	}
}

func fieldMessages(t *trial) {
	r := t.post("/payment-sessions", set(set(t.session(), "amount", -1), "currency", "XYZ"))
	t.message(r, "amount", "Amount must be a positive integer")
	t.message(r, "currency", "Currency must be one of: NGN, USD, CAD")
	r = t.post("/payment-sessions", set(t.session(), "customer.first_name", nil))
	t.message(r, "customer.first_name", "First name is required")
	t.message(t.post("/payment-sessions", set(t.session(), "colour", "red")), "colour", "This field is unknown")
}

func unknownFields(t *trial) {
	for path, field := range map[string]string{
		"colour": "colour", "customer.nickname": "customer.nickname", "customer.billing_address.planet": "customer.billing_address.planet",
		"order.colour": "order.colour", "payment_method.colour": "payment_method.colour", "Amount": "Amount",
	} {
		t.fields(t.post("/payment-sessions", set(t.session(), path, "x")), field+" unknown_field")
	}
	body := set(t.session(), "order.items", []object{{"name": "x", "type": "service", "price": 7}})
	t.fields(t.post("/payment-sessions", body), "order.items[0].price unknown_field")
}

func deprecatedFields(t *trial) {
	body := set(set(t.session(), "direction", "incoming"), "settlement_target", "wallet")
	t.status(t.post("/payment-sessions", body), http.StatusCreated)
}

func absentFields(t *trial) {
	t.status(t.post("/payment-sessions", withNulls(t.session(), "metadata", "redirect_url", "allow_duplicate", "direction")), http.StatusCreated)
	r := t.post("/payment-sessions", set(set(t.session(), "redirect_url", ""), "customer.billing_address.line2", ""))
	t.status(r, http.StatusCreated)
	t.equal(r, "data.payment.customer.billing_address.line2", nil)
	t.field(t.post("/payment-sessions", withNulls(t.session(), "amount")), "amount", "required")
	t.field(t.post("/payment-sessions", set(t.session(), "description", "")), "description", "too_short")
	for _, path := range []string{"customer.last_name", "customer.billing_address.line1", "customer.billing_address.city", "customer.billing_address.zip_code"} {
		r := t.post("/payment-sessions", set(t.session(), path, ""))
		if r.status != http.StatusUnprocessableEntity || fieldMessage(r, path) == "" {
			t.failed(&r, "422 at %s: a card needs it", path)
		}
	}
}

func integerSpellings(t *trial) {
	for text, want := range map[string]int{"150000": 150000, "150000.0": 150000, "1.5e5": 150000, "1500E2": 150000, "150000.00e0": 150000, "15000000e-2": 150000} {
		r := t.post("/payment-sessions", t.sessionWithAmount(text))
		t.status(r, http.StatusCreated)
		t.equal(r, "data.payment.amount", want)
	}
	for text, code := range map[string]string{"150000.5": "must_be_integer", "1.5e-3": "must_be_integer", "1e400": "too_large", "-1e3": "must_be_positive"} {
		t.fields(t.post("/payment-sessions", t.sessionWithAmount(text)), "amount "+code)
	}
}

func codePoints(t *trial) {
	wide := strings.Repeat("\u00e9", 200)
	r := t.createdAs("description", wide)
	t.equal(r, "data.payment.description", wide)
	t.createdAs("description", strings.Repeat("\U0001F600", 200))
	t.fields(t.post("/payment-sessions", set(t.session(), "description", wide+"x")), "description too_long")
	t.createdAs("customer.first_name", strings.Repeat("\u00df", 100))
}

func asGiven(t *trial) {
	r := t.createdAs("description", "  Term fee  ")
	t.equal(r, "data.payment.description", "  Term fee  ")
	given := object{"b": []any{1, "two", nil, object{}}, "a": object{"nested": true}, "text": "a\u2028b<&>\x00", "number": 1.5, "empty": ""}
	r = t.createdAs("metadata", given)
	t.equal(r, "data.payment.metadata", given)
}

func phoneAlias(t *trial) {
	body := set(set(t.session(), "customer.phone", "+2348031234567"), "customer.phone_number", nil)
	r := t.post("/payment-sessions", body)
	t.status(r, http.StatusCreated)
	t.equal(r, "data.payment.customer.phone_number", "+2348031234567")
	t.absent(r, "data.payment.customer.phone")
}

func orderInMetadata(t *trial) {
	order := object{"identifier": "INV-9", "items": []object{{"name": "Book", "type": "physical"}}}
	r := t.post("/payment-sessions", set(set(t.session(), "order", nil), "metadata", object{"order": order}))
	t.status(r, http.StatusCreated)
	t.equal(r, "data.payment.order", order)
}

func currencyList(t *trial) {
	r := t.post("/payment-sessions", set(t.session(), "currency", "XYZ"))
	t.message(r, "currency", "Currency must be one of: NGN, USD, CAD")
	r = t.post("/payment-sessions", set(set(t.session(), "currency", "XYZ"), "payment_method.type", "cheque"))
	t.field(r, "currency", "not_allowed")
	t.message(r, "currency", "Currency must be one of: NGN, USD, CAD, USDT, USDC")
}

func unknownQuery(t *trial) {
	for _, path := range []string{"/payments/stats?colour=red", "/payments?colour=red", "/payments/" + t.created() + "?colour=red"} {
		r := t.get(path)
		t.refused(r, http.StatusBadRequest, "invalid_request")
		t.outcome(r, "not_attempted", "no")
		if len(r.list("error.details.colour")) == 0 {
			t.failed(&r, "details.colour with a list of texts")
		}
	}
}

func refusedHoldsNothing(t *trial) {
	body := t.session()
	t.field(t.post("/payment-sessions", set(body, "amount", -1)), "amount", "must_be_positive")
	t.refused(t.post("/payment-sessions", set(body, "amount", 50)), http.StatusBadRequest, "invalid_amount")
	r := t.post("/payment-sessions", set(body, "amount", 250000))
	t.status(r, http.StatusCreated)
	t.replayed(r, false)
}
