package conformance

import (
	"net/http"
	"time"
)

func bulkCases() []Case {
	return []Case{
		{ID: "bulk/create", Sentence: "a bulk transfer is 201 and created, told where, found by id and by reference, and nothing of it moves", run: bulkCreated},
		{ID: "bulk/items", Sentence: "items are added all or none, and not twice", run: bulkItems},
		{ID: "bulk/bad-items", Sentence: "every bad item is reported in one 422", run: bulkBadItems},
		{ID: "bulk/execute", Sentence: "executing never waits; each item becomes a payout, a bad one stops no other, and the end is told", run: bulkExecuted},
		{ID: "bulk/repeat", Sentence: "creating, executing and cancelling again give the present state", run: bulkRepeated},
		{ID: "bulk/funds", Sentence: "the whole sum is held or nothing: 400 insufficient_funds", run: bulkTooMuch},
		{ID: "bulk/empty", Sentence: "a bulk transfer without items is 400 bulk_transfer_empty", run: bulkEmpty},
		{ID: "bulk/cancel", Sentence: "a cancelled bulk transfer takes nothing more: 400 bulk_transfer_not_open", run: bulkCancelled},
		{ID: "bulk/fields", Sentence: "fields of a bulk transfer are checked, all at once", run: bulkFields},
		{ID: "bulk/list", Sentence: "bulk transfers are listed by status, ten at a time, without their items", run: bulkListed},
		{ID: "bulk/expires", Sentence: "a bulk transfer that nobody executes expires", run: bulkExpires, clock: true},
	}
}

// bulk makes a bulk transfer with a payout to each of the accounts.
func (t *trial) bulk(endings ...string) reply {
	items := []any{}
	for _, ending := range endings {
		items = append(items, t.payout(t.beneficiary(ending)))
	}
	r := t.post("/bulk-transfers", object{"items": items, "metadata": object{"month": "11"}, "reference": t.unique()})
	t.status(r, http.StatusCreated)
	return r
}

func bulkPathOf(r reply) string { return "/bulk-transfers/" + r.text("data.id") }

func bulkCreated(t *trial) {
	r := t.bulk("0031", "0032")
	t.head(r, "Location", bulkPathOf(r))
	t.money(r, "not_attempted", "no")
	for path, want := range map[string]any{"data.status": "created", "data.total_transfer_count": 2, "data.successful_transfer_count": 0, "data.failed_transfer_count": 0,
		"data.owner.type": "business", "data.total_amounts": []object{{"amount": 2 * payoutAmount, "currency": "NGN"}}, "data.metadata": object{"month": "11"},
		"data.items.0.status": "pending", "data.items.0.payout_id": nil, "data.items.0.failure": nil, "data.items.1.amount": payoutAmount} {
		t.equal(r, path, want)
	}
	for _, key := range []string{r.text("data.id"), r.text("data.reference")} {
		t.equal(t.get("/bulk-transfers/"+key), "data.id", r.text("data.id"))
	}
	t.refused(t.get("/payouts/"+r.text("data.items.0.reference")), http.StatusNotFound, "not_found")
}

func bulkItems(t *trial) {
	path, item := bulkPathOf(t.bulk()), t.payout(t.beneficiary("0031"))
	r := t.post(path+"/items", object{"items": []any{item}})
	t.status(r, http.StatusCreated)
	t.replayed(r, false)
	t.head(r, "Location", path)
	again := t.post(path+"/items", object{"items": []any{item}})
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.total_transfer_count", 1)
	bad := t.post(path+"/items", object{"items": []any{t.payout(item["beneficiary"].(object)["id"].(string)), set(item, "amount", payoutAmount+1)}})
	t.field(bad, "items[1].reference", "already_exists")
	t.equal(t.get(path), "data.total_transfer_count", 1)
}

func bulkBadItems(t *trial) {
	to := t.beneficiary("0031")
	one := t.payout(to)
	r := t.post("/bulk-transfers", object{"reference": t.unique(), "items": []any{set(t.payout(to), "amount", 1), set(t.payout(to), "beneficiary", object{"id": t.unique(), "type": "bank_account"}),
		set(t.payout(to), "destination_currency", "CAD"), set(t.payout(to), "pin", "1234"), one, one, object{}}})
	for _, want := range [][2]string{{"items[0].amount", "too_small"}, {"items[1].beneficiary.id", "not_found"}, {"items[2].destination_currency", "not_allowed"},
		{"items[3].pin", "unknown_field"}, {"items[5].reference", "already_exists"}, {"items[6].reference", "required"}} {
		t.field(r, want[0], want[1])
	}
}

// over waits until nothing of a bulk transfer is on its way.
func (t *trial) over(path, status string) reply {
	r := t.get(path + "?wait=20")
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", status)
	return r
}

func bulkExecuted(t *trial) {
	path := bulkPathOf(t.bulk("0031", "9112", "0033"))
	r := t.post(path+"/execute", nil)
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "executing")
	t.money(r, "pending", "no")
	r = t.over(path, "completed")
	t.money(r, "succeeded", "no")
	for at, want := range map[string]any{"data.successful_transfer_count": 2, "data.failed_transfer_count": 1, "data.items.0.status": "succeeded", "data.items.1.status": "failed",
		"data.items.1.failure.code": "account_closed", "data.items.2.status": "succeeded"} {
		t.equal(r, at, want)
	}
	t.equal(t.get("/payouts/"+r.text("data.items.0.reference")), "data.id", r.text("data.items.0.payout_id"))
}

func bulkRepeated(t *trial) {
	body := object{"reference": t.unique(), "items": []any{t.payout(t.beneficiary("0031"))}}
	first := t.post("/bulk-transfers", body)
	again := t.post("/bulk-transfers", body)
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	t.refused(t.post("/bulk-transfers", object{"reference": body["reference"]}), http.StatusBadRequest, "reference_exists")
	path := bulkPathOf(first)
	t.status(t.post(path+"/execute", nil), http.StatusOK)
	t.over(path, "completed")
	done := t.post(path+"/execute", nil)
	t.status(done, http.StatusOK)
	t.equal(done, "data.status", "completed")
	t.refused(t.post(path+"/cancel", nil), http.StatusBadRequest, "bulk_transfer_not_open")
}

func bulkTooMuch(t *trial) {
	to := t.beneficiary("0031")
	items := []any{}
	for range 3 {
		items = append(items, set(t.payout(to), "amount", 1_000_000_000))
	}
	path := bulkPathOf(t.post("/bulk-transfers", object{"items": items, "reference": t.unique()}))
	r := t.post(path+"/execute", nil)
	t.refused(r, http.StatusBadRequest, "insufficient_funds")
	t.equal(r, "error.details.required", 3*1_000_002_500)
	t.equal(t.get(path), "data.status", "created")
}

func bulkEmpty(t *trial) {
	r := t.post(bulkPathOf(t.bulk())+"/execute", nil)
	t.refused(r, http.StatusBadRequest, "bulk_transfer_empty")
	t.outcome(r, "not_attempted", "no")
}

func bulkCancelled(t *trial) {
	path := bulkPathOf(t.bulk("0031"))
	r := t.post(path+"/cancel", nil)
	t.status(r, http.StatusOK)
	t.equal(r, "data.status", "cancelled")
	t.equal(r, "data.items.0.status", "cancelled")
	t.money(r, "not_attempted", "no")
	t.replayed(t.post(path+"/cancel", nil), true)
	for _, refused := range []reply{t.post(path+"/execute", nil), t.post(path+"/items", object{"items": []any{t.payout(t.beneficiary("0032"))}})} {
		t.refused(refused, http.StatusBadRequest, "bulk_transfer_not_open")
		t.equal(refused, "error.details.status", "cancelled")
	}
}

func bulkFields(t *trial) {
	r := t.post("/bulk-transfers", object{"colour": 1, "expires_at": "2020-01-01T00:00:00Z", "items": "none", "metadata": object{"a": 1}, "reference": "two words"})
	for _, want := range [][2]string{{"colour", "unknown_field"}, {"expires_at", "past_date"}, {"items", "invalid_type"}, {"metadata.a", "invalid_type"}, {"reference", "invalid_characters"}} {
		t.field(r, want[0], want[1])
	}
	t.field(t.post(bulkPathOf(t.bulk())+"/items", object{"items": []any{}}), "items", "too_few_items")
	t.field(t.post(bulkPathOf(t.bulk())+"/execute", object{"pin": "12"}), "pin", "invalid_format")
}

func bulkListed(t *trial) {
	id := t.bulk().text("data.id")
	r := t.get("/bulk-transfers?status=created")
	t.status(r, http.StatusOK)
	t.equal(r, "pagination.limit", 10)
	found := r.text("pagination.after") != "" // newest first: others may have been made since
	for i := range r.list("data") {
		found = found || r.text(pathf("data.%d.id", i)) == id
		t.absent(r, pathf("data.%d.items", i))
	}
	if !found {
		t.failed(&r, "the bulk transfer %s", id)
	}
	t.badRequest(t.get("/bulk-transfers?status=open"), "status")
}

func bulkExpires(t *trial) {
	path := bulkPathOf(t.bulk("0031"))
	t.advance(25 * time.Hour)
	r := t.get(path)
	t.equal(r, "data.status", "expired")
	t.equal(r, "data.items.0.status", "cancelled")
	t.refused(t.post(path+"/execute", nil), http.StatusBadRequest, "bulk_transfer_not_open")
}
