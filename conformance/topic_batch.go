package conformance

import (
	"net/http"
	"strings"
)

func batchCases() []Case {
	return []Case{
		{ID: "batch/each", Sentence: "each item is answered by itself, in order; a failure stops nothing", run: batchEach},
		{ID: "batch/keys", Sentence: "an item's key follows from the batch's, and a repeat runs nothing twice", run: batchKeys},
		{ID: "batch/not-batchable", Sentence: "batches, the sandbox and waits are 400 not_batchable as items", run: batchRefuses},
		{ID: "batch/fields", Sentence: "a batch that cannot be read runs nothing", run: batchFields},
		{ID: "batch/long-key", Sentence: "the key of a batch has at most 240 characters", run: batchLongKey},
	}
}

func (t *trial) batch(items []object, options ...option) reply {
	return t.post("/batch", object{"requests": items}, options...)
}

func batchEach(t *trial) {
	w := t.wallet(t.customer(), "NGN")
	r := t.batch([]object{
		{"id": "a", "method": "GET", "path": "/wallets/" + w},
		{"method": "POST", "path": "/wallets/transactions", "body": object{"amount": 5, "type": "debit", "wallet_id": w}},
		{"method": "POST", "path": "/wallets/transactions", "body": object{"amount": 5, "type": "credit", "wallet_id": w}},
		{"method": "GET", "path": "/payments?limit=0"},
	})
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{"data.0.id": "a", "data.0.status": 200, "data.0.body.data.id": w, "data.1.id": "1", "data.1.status": 400,
		"data.1.body.error.code": "insufficient_funds", "data.1.headers.Juicer-Outcome": "refused", "data.2.status": 200,
		"data.2.body.data.balance_after": 5, "data.3.body.error.code": "invalid_request"} {
		t.equal(r, path, want)
	}
}

func batchKeys(t *trial) {
	w, key := t.wallet(t.customer(), "NGN"), t.unique()
	items := []object{{"method": "POST", "path": "/wallets/transactions", "body": object{"amount": 5, "type": "credit", "wallet_id": w}}}
	first := t.batch(items, idempotent(key))
	t.status(first, http.StatusOK)
	again := t.batch(items, idempotent(key))
	t.replayed(again, true)
	t.identical(again, first)
	alone := t.post("/wallets/transactions", items[0]["body"], idempotent(key+"/0"))
	t.replayed(alone, true)
	t.equal(t.get("/wallets/"+w), "data.balance.amount", 5)
}

func batchRefuses(t *trial) {
	r := t.batch([]object{{"method": "POST", "path": "/batch"}, {"method": "GET", "path": "/sandbox/clock"}, {"method": "GET", "path": "/payments/x?wait=1"}})
	t.status(r, http.StatusOK)
	for i := range 3 {
		t.equal(r, pathf("data.%d.status", i), 400)
		t.equal(r, pathf("data.%d.body.error.code", i), "not_batchable")
	}
}

func batchFields(t *trial) {
	r := t.batch([]object{{"method": "PUT", "path": "/payments"}, {"method": "GET", "path": "payments"}})
	t.fields(r, "requests[0].method not_allowed", "requests[1].path invalid_format")
	t.field(t.batch([]object{}), "requests", "too_few_items")
}

func batchLongKey(t *trial) {
	r := t.batch([]object{{"method": "GET", "path": "/payments"}}, idempotent(strings.Repeat("k", 241)))
	t.refused(r, http.StatusBadRequest, "invalid_idempotency_key")
}
