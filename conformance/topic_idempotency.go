package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

func idempotencyCases() []Case {
	return []Case{
		{ID: "idempotency/same", Sentence: "same key, same body: the first status and the same bytes, marked as replayed", run: sameKeySameBody},
		{ID: "idempotency/stored-state", Sentence: "a replay shows the object as it was, not as it is now", run: replayIsStored},
		{ID: "idempotency/spelling", Sentence: "order of keys, white space and spelling of whole numbers do not make another request", run: sameRequestSpelledOtherwise},
		{ID: "idempotency/path-spelling", Sentence: "/v1 in front of the path does not make another request", run: samePathSpelledOtherwise},
		{ID: "idempotency/reused-body", Sentence: "same key, other body: 422 idempotency_key_reused names the fields", run: reusedWithOtherBody},
		{ID: "idempotency/reused-path", Sentence: "same key, other path or method: 422 idempotency_key_reused says so", run: reusedWithOtherPath},
		{ID: "idempotency/sealed-again", Sentence: "the same card encrypted again is the same request; another card is not", run: sealedAgain},
		{ID: "idempotency/in-use", Sentence: "same key while the first request runs: 409 idempotency_key_in_use", run: keyInUse},
		{ID: "idempotency/refused-card", Sentence: "a refused card is stored like any other 200", run: refusedCardStored},
		{ID: "idempotency/free-after-refusal", Sentence: "422, 404 and 400 not_attempted leave the key free for a corrected request", run: keyFreeAfterRefusal},
		{ID: "idempotency/stored-refusal", Sentence: "a 400 whose outcome is refused is stored", run: storedRefusal},
		{ID: "idempotency/business", Sentence: "the key belongs to the business, not to the API key", run: keyOfTheBusiness},
		{ID: "idempotency/form", Sentence: "a key outside 1 to 255 printable characters, or two of them, is 400 invalid_idempotency_key", run: badKeyForms},
		{ID: "idempotency/many-at-once", Sentence: "one key sent many times at once executes once", run: sameKeyAtOnce},
		{ID: "idempotency/ignored-on-get", Sentence: "the key is ignored where nothing is written", run: keyOnGet},
		{ID: "idempotency/look-up", Sentence: "GET /idempotency-keys/{key} tells what became of a key", run: lookUpKey},
		{ID: "idempotency/look-up-encoded", Sentence: "the key in the path is percent-encoded", run: lookUpEncoded},
		{ID: "idempotency/look-up-free", Sentence: "an unknown or free key is 404 not_found", run: lookUpFree},
		{ID: "idempotency/look-up-scope", Sentence: "any key may look; the stored reply shows only to those with the scope", run: lookUpScope},
		{ID: "idempotency/secret", Sentence: "a secret shown once is null in the replay", run: secretNotReplayed},
	}
}

func sameKeySameBody(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first := t.post("/payment-sessions", body, key)
	t.status(first, http.StatusCreated)
	t.replayed(first, false)
	again := t.post("/payment-sessions", body, key)
	t.identical(again, first)
	t.replayed(again, true)
	t.head(again, "Location", first.header.Get("Location"))
	if again.requestID() == first.requestID() {
		t.failed(&again, "a request id of its own")
	}
}

func replayIsStored(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first := t.post("/payment-sessions", body, key)
	t.status(first, http.StatusCreated)
	t.equal(t.capture(first.text("data.id"), cardApproved), "data.status", "captured")
	t.identical(t.post("/payment-sessions", body, key), first)
}

func sameRequestSpelledOtherwise(t *trial) {
	ref, key := t.unique(), idempotent(t.unique())
	customer := `"customer":{"email":"ada@example.com","first_name":"Ada","last_name":"Obi","phone_number":"+2348031234567","billing_address":{"city":"Lagos","country":"NG","line1":"5 Marina Road","zip_code":"100001"}}`
	rest := `"description":"Fee","order":{"identifier":"I","items":[{"name":"Fee","type":"service"}]},"payment_method":{"type":"card"},"currency":"NGN","reference":"` + ref + `"`
	first := t.post("/payment-sessions", raw(`{"amount":1500,`+customer+`,`+rest+`}`), key)
	t.status(first, http.StatusCreated)
	for _, amount := range []string{"1500.0", "1.5e3"} {
		again := t.post("/payment-sessions", raw("{ "+rest+",\n "+customer+", \"amount\" : "+amount+" }"), key)
		t.identical(again, first)
		t.replayed(again, true)
	}
}

func samePathSpelledOtherwise(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first := t.post("/payment-sessions", body, key)
	again := t.post("/v1/payment-sessions", body, key)
	t.identical(again, first)
	t.replayed(again, true)
}

func reusedWithOtherBody(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first := t.post("/payment-sessions", body, key)
	t.status(first, http.StatusCreated)
	r := t.post("/payment-sessions", set(set(body, "amount", 300000), "customer.first_name", "Eve"), key)
	t.refused(r, http.StatusUnprocessableEntity, "idempotency_key_reused")
	t.outcome(r, "not_attempted", "new_key")
	t.equal(r, "error.type", "idempotency_error")
	t.equal(r, "error.details.differs", []string{"amount", "customer.first_name"})
	t.equal(r, "error.details.request_id", first.requestID())
}

func reusedWithOtherPath(t *trial) {
	id, other, key := t.created(), t.created(), idempotent(t.unique())
	t.status(t.post("/payment-sessions/"+id+"/cancel", nil, key), http.StatusOK)
	r := t.post("/payment-sessions/"+other+"/cancel", nil, key)
	t.refused(r, http.StatusUnprocessableEntity, "idempotency_key_reused")
	t.equal(r, "error.details.differs", []string{"path"})
	r = t.call("DELETE", "/keys/"+t.newKey(nil).text("data.id"), nil, key)
	t.refused(r, http.StatusUnprocessableEntity, "idempotency_key_reused")
	t.equal(r, "error.details.differs", []string{"method", "path"})
	t.equal(t.get("/payments/"+other), "data.state", "created")
}

func sealedAgain(t *trial) {
	id, key := t.created(), idempotent(t.unique())
	first := t.capture(id, cardApproved, key)
	t.equal(first, "data.status", "captured")
	again := t.capture(id, cardApproved, key)
	t.identical(again, first)
	t.replayed(again, true)
	r := t.capture(id, cardDocumented, key)
	t.refused(r, http.StatusUnprocessableEntity, "idempotency_key_reused")
	t.equal(r, "error.details.differs", []string{"card.card_number"})
	cvv := set(t.card(cardApproved), "card.cvv", t.sealed("999"))
	t.equal(t.post("/payment-sessions/"+id, cvv, key), "error.details.differs", []string{"card.cvv"})
}

func keyInUse(t *trial) {
	id, name := t.created(), t.unique()
	body := t.card(card5s)
	var first reply
	var lost error
	var running sync.WaitGroup
	running.Go(func() { first, lost = t.try("POST", "/payment-sessions/"+id, body, idempotent(name)) })
	t.becomes(id, answerTime/3, "processing")
	second := t.post("/payment-sessions/"+id, body, idempotent(name))
	look := t.get("/idempotency-keys/" + name)
	running.Wait()
	t.refused(second, http.StatusConflict, "idempotency_key_in_use")
	t.outcome(second, "pending", "same_key")
	t.equal(second, "error.retry.after_ms", 1000)
	t.equal(look, "data.state", "in_progress")
	if lost != nil {
		t.failed(&first, "an answer to the first request, not: %v", lost)
	}
	t.equal(first, "data.status", "captured")
	t.equal(second, "error.details.request_id", first.requestID())
	third := t.post("/payment-sessions/"+id, body, idempotent(name))
	t.identical(third, first)
	t.replayed(third, true)
}

func refusedCardStored(t *trial) {
	id, key := t.created(), idempotent(t.unique())
	first := t.capture(id, cardNoFunds, key)
	t.equal(first, "data.status", "failed")
	again := t.capture(id, cardNoFunds, key)
	t.identical(again, first)
	t.replayed(again, true)
}

func keyFreeAfterRefusal(t *trial) {
	key := idempotent(t.unique())
	body := t.session()
	t.field(t.post("/payment-sessions", set(body, "amount", -1), key), "amount", "must_be_positive")
	t.refused(t.post("/payment-sessions", set(body, "amount", 7), key), http.StatusBadRequest, "invalid_amount")
	t.refused(t.post("/payment-sessions", raw("{"), key), http.StatusBadRequest, "malformed_json")
	t.refused(t.post("/payment-sessions/"+t.unique()+"/cancel", nil, key), http.StatusNotFound, "not_found")
	r := t.post("/payment-sessions", set(body, "amount", 250000), key)
	t.status(r, http.StatusCreated)
	t.replayed(r, false)
}

func storedRefusal(t *trial) {
	id := t.succeeded()
	key := idempotent(t.unique())
	first := t.post("/payments/"+id+"/refunds", object{"amount": 250001}, key)
	t.refused(first, http.StatusBadRequest, "refund_exceeds_payment")
	t.outcome(first, "refused", "no")
	again := t.post("/payments/"+id+"/refunds", object{"amount": 250001}, key)
	t.replayed(again, true)
	t.refused(again, http.StatusBadRequest, "refund_exceeds_payment")
	corrected := t.post("/payments/"+id+"/refunds", object{"amount": 100}, key)
	t.refused(corrected, http.StatusUnprocessableEntity, "idempotency_key_reused")
}

func keyOfTheBusiness(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first := t.post("/payment-sessions", body, key)
	again := t.post("/payment-sessions", body, key, t.scoped("payments:write"))
	t.identical(again, first)
	t.replayed(again, true)
}

func badKeyForms(t *trial) {
	for _, key := range []string{"", "with blank", "\u00e9", strings.Repeat("k", 256), "tab\there"} {
		r := t.post("/payment-sessions", t.session(), idempotent(key))
		t.refused(r, http.StatusBadRequest, "invalid_idempotency_key")
		t.outcome(r, "not_attempted", "no")
		t.present(r, "error.details.length")
	}
	t.equal(t.post("/payment-sessions", t.session(), idempotent(strings.Repeat("k", 256))), "error.details.length", 256)
	two := func(r *request) { r.header["Idempotency-Key"] = []string{"a", "b"} }
	t.refused(t.post("/payment-sessions", t.session(), two), http.StatusBadRequest, "invalid_idempotency_key")
	longest := (t.unique() + strings.Repeat("k", 255))[:255]
	t.status(t.post("/payment-sessions", t.session(), idempotent(longest)), http.StatusCreated)
}

func sameKeyAtOnce(t *trial) {
	id, name := t.created(), t.unique()
	body := t.card(cardApproved)
	answers := map[string]bool{}
	for _, r := range t.atOnce(8, func() (reply, error) { return t.try("POST", "/payment-sessions/"+id, body, idempotent(name)) }) {
		if r.status == http.StatusConflict {
			t.refused(r, http.StatusConflict, "idempotency_key_in_use")
			continue
		}
		t.equal(r, "data.status", "captured")
		answers[string(r.body)] = true
		if len(answers) > 1 {
			t.failed(&r, "the same bytes for every request with this key")
		}
	}
	t.executedOnce(id)
}

// stepsAtMost is more than any payment has instructions at the bank.
const stepsAtMost = 6

// executedOnce: the bank's own books know exactly one execution of the payment,
// under any of its steps.
func (t *trial) executedOnce(id string) {
	executions := 0
	var r reply
	for step := 1; step <= stepsAtMost; step++ {
		r = t.get(pathf("/sandbox/rail-books?rail_reference=%s%%2F%d", id, step))
		t.status(r, http.StatusOK)
		for i := range r.list("data") {
			if r.text(pathf("data.%d.kind", i)) == "execution" {
				executions++
			}
		}
	}
	if executions != 1 {
		t.failed(&r, "one execution at the bank under all steps of the payment, not %d", executions)
	}
}

func keyOnGet(t *trial) {
	id := t.created()
	key := idempotent(t.unique())
	t.status(t.get("/payments/"+id, key), http.StatusOK)
	r := t.get("/payments/"+id, idempotent("not valid"))
	t.status(r, http.StatusOK)
	t.replayed(r, false)
}

func lookUpKey(t *trial) {
	id, name := t.created(), t.unique()
	first := t.capture(id, cardApproved, idempotent(name))
	t.status(first, http.StatusOK)
	r := t.get("/idempotency-keys/" + name)
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{
		"data.state": "completed", "data.key": name, "data.method": "POST", "data.path": "/payment-sessions/" + id, "data.outcome": "succeeded",
		"data.resource.id": id, "data.resource.state": "captured", "data.response.status": 200, "data.attempts": 1,
		"data.request_ids": []string{first.requestID()},
	} {
		t.equal(r, path, want)
	}
	body, _ := first.at("data")
	t.equal(r, "data.response.body.data", body)
	t.present(r, "data.expires_at")
	t.present(r, "data.spent_until")
}

func lookUpEncoded(t *trial) {
	name := t.unique() + "/%?#&+"
	t.status(t.post("/payment-sessions", t.session(), idempotent(name)), http.StatusCreated)
	r := t.get("/idempotency-keys/" + url.PathEscape(name))
	t.status(r, http.StatusOK)
	t.equal(r, "data.key", name)
}

func lookUpFree(t *trial) {
	t.refused(t.get("/idempotency-keys/"+t.unique()), http.StatusNotFound, "not_found")
	name := t.unique()
	t.field(t.post("/payment-sessions", object{}, idempotent(name)), "amount", "required")
	t.refused(t.get("/idempotency-keys/"+name), http.StatusNotFound, "not_found")
}

func lookUpScope(t *trial) {
	name := t.unique()
	t.status(t.post("/payment-sessions", t.session(), idempotent(name)), http.StatusCreated)
	for scope, shown := range map[string]bool{"keys:read": false, "payments:read": false, "payments:write": true, "requests:read": true} {
		r := t.get("/idempotency-keys/"+name, t.scoped(scope))
		t.status(r, http.StatusOK)
		if v, _ := r.at("data.response"); (v != nil) != shown {
			t.failed(&r, "data.response shown to %s: %t", scope, shown)
		}
	}
}

func secretNotReplayed(t *trial) {
	key := idempotent(t.unique())
	body := object{"name": "conform case", "scopes": []string{"payments:read"}}
	first := t.post("/keys", body, key)
	t.status(first, http.StatusCreated)
	t.present(first, "data.key")
	again := t.post("/keys", body, key)
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.key", nil)
	t.equal(again, "data.id", first.text("data.id"))
}
