package conformance

import (
	"net/http"
	"sync"
)

func referenceCases() []Case {
	return []Case{
		{ID: "references/repeat", Sentence: "the same reference with the same money fields returns the first session in its current state", run: repeatedReference},
		{ID: "references/other-fields", Sentence: "fields that are not about money may differ in a repeat", run: repeatedWithOtherText},
		{ID: "references/clash", Sentence: "the same reference with other money fields is 400 reference_exists and names them", run: clashingReference},
		{ID: "references/at-once", Sentence: "the same reference at the same moment makes one session", run: referenceAtOnce},
		{ID: "references/case", Sentence: "references are case-sensitive", run: referenceCase},
		{ID: "references/per-kind", Sentence: "a refund may have the reference of a payment session", run: referencePerKind},
		{ID: "references/alphabet", Sentence: "a reference may hold every printable ASCII character but the blank", run: referenceAlphabet},
	}
}

func repeatedReference(t *trial) {
	body := t.session()
	first := t.post("/payment-sessions", body)
	t.status(first, http.StatusCreated)
	again := t.post("/payment-sessions", body)
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	t.equal(t.capture(first.text("data.id"), cardApproved), "data.status", "captured")
	current := t.post("/payment-sessions", body, idempotent(t.unique()))
	t.status(current, http.StatusCreated)
	t.replayed(current, true)
	t.equal(current, "data.id", first.text("data.id"))
	t.equal(current, "data.status", "captured")
	t.money(current, "succeeded", "no")
}

func repeatedWithOtherText(t *trial) {
	body := t.session()
	first := t.post("/payment-sessions", body)
	again := t.post("/payment-sessions", set(set(body, "description", "Another"), "customer.first_name", "Eve"))
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	t.equal(again, "data.payment.description", "Term fee")
}

func clashingReference(t *trial) {
	body := t.session()
	first := t.post("/payment-sessions", body)
	t.status(first, http.StatusCreated)
	r := t.post("/payment-sessions", set(body, "amount", 250001))
	t.refused(r, http.StatusBadRequest, "reference_exists")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "message", "reference_exists")
	t.equal(r, "error.details.differs", []string{"amount"})
	t.equal(r, "error.details.id", first.text("data.id"))
	t.equal(r, "error.details.reference", body["reference"])
	t.equal(r, "error.details.status", "pending")
	r = t.post("/payment-sessions", set(body, "currency", "USD"))
	t.refused(r, http.StatusBadRequest, "reference_exists")
	t.equal(r, "error.details.differs", []string{"amount", "currency"})
}

func referenceAtOnce(t *trial) {
	body := t.session()
	ids := map[string]int{}
	for _, r := range t.atOnce(8, func() (reply, error) { return t.try("POST", "/payment-sessions", body) }) {
		if r.status == http.StatusConflict {
			t.refused(r, http.StatusConflict, "resource_busy")
			continue
		}
		t.status(r, http.StatusCreated)
		ids[r.text("data.id")]++
	}
	if len(ids) != 1 {
		r := t.get("/payments/" + body["reference"].(string))
		t.failed(&r, "one session for 8 requests with one reference, not %d", len(ids))
	}
}

// atOnce runs n requests side by side and returns their replies; a lost one
// ends the case.
func (t *trial) atOnce(n int, call func() (reply, error)) []reply {
	replies, lost := make([]reply, n), make([]error, n)
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() { replies[i], lost[i] = call() })
	}
	running.Wait()
	for i, err := range lost {
		if err != nil {
			t.failed(&replies[i], "an answer, not: %v", err)
		}
	}
	return replies
}

func referenceCase(t *trial) {
	name := t.unique()
	first, second := t.createdAs("reference", name+"-a"), t.createdAs("reference", name+"-A")
	if first.text("data.id") == second.text("data.id") {
		t.failed(&second, "another session")
	}
}

func referencePerKind(t *trial) {
	body := t.session()
	made := t.post("/payment-sessions", body)
	t.status(made, http.StatusCreated)
	id := made.text("data.id")
	t.equal(t.capture(id, cardApproved), "data.status", "captured")
	r := t.post("/payments/"+id+"/refunds", object{"amount": 100, "reference": body["reference"]})
	t.status(r, http.StatusCreated)
	t.equal(r, "data.reference", body["reference"])
}

func referenceAlphabet(t *trial) {
	name := t.unique() + `!"#$%&'()*+,/:;<=>?@[\]^_{|}~` + "`"
	r := t.createdAs("reference", name)
	t.equal(r, "data.payment.reference", name)
	fifty := (t.unique() + "--------------------------------------------------")[:50]
	t.createdAs("reference", fifty)
}
