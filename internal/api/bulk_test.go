package api_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
)

// salary is a good item of a bulk transfer.
func salary(reference, beneficiary string, more ...any) map[string]any {
	return with(nodetest.Payout(reference, beneficiary), more...)
}

// bulkOf is a good POST /bulk-transfers.
func bulkOf(reference string, items ...any) map[string]any {
	b := body("reference", reference, "description", "November salaries")
	if len(items) > 0 {
		b["items"] = items
	}
	return b
}

// bulk makes a bulk transfer and gives its path.
func bulk(e *nodetest.Env, reference string, items ...any) string {
	e.T.Helper()
	return set(e, "POST", "/bulk-transfers", bulkOf(reference, items...)).Header.Get("Location")
}

// ended executes a bulk transfer and gives it as it is when nothing of it is on its way.
func ended(e *nodetest.Env, path string) nodetest.Answer {
	e.T.Helper()
	set(e, "POST", path+"/execute", nil)
	return set(e, "GET", path+"?wait=20", nil)
}

// itemAt is a member of an item of an answer.
func itemAt(a nodetest.Answer, n int, member string) any {
	list, _ := a.At("data.items").([]any)
	if n >= len(list) {
		return nil
	}
	return list[n].(map[string]any)[member]
}

// itemStates are those of the items, in order.
func itemStates(a nodetest.Answer) (out []any) {
	for n := range a.At("data.items").([]any) {
		out = append(out, itemAt(a, n, "status"))
	}
	return out
}

func bulkCauses() []cause {
	items := func(path string) string { return path + "/items" }
	return []cause{
		{"bulk_transfer_not_open", func(e *nodetest.Env) nodetest.Answer {
			path := bulk(e, "over")
			set(e, "POST", path+"/cancel", nil)
			return e.Do("POST", path+"/execute", nil)
		}},
		{"bulk_transfer_empty", func(e *nodetest.Env) nodetest.Answer { return e.Do("POST", bulk(e, "empty")+"/execute", nil) }},
		{"bulk_transfer_full", func(e *nodetest.Env) nodetest.Answer {
			path := bulk(e, "full")
			nodetest.Must(e.T, e.Engine.Store.Write(e.T.Context(), func(tx store.Tx) error { // as if 4,999 had been added
				b, err := tx.Bulk(strings.TrimPrefix(path, "/bulk-transfers/"))
				nodetest.Must(e.T, err)
				b.Items = 4999
				return tx.SaveBulk(b)
			}))
			return e.Do("POST", items(path), body("items", many("full", beneficiary(e, naira("0690000031")), 2)))
		}},
		{"validation_error.items", func(e *nodetest.Env) nodetest.Answer {
			to := beneficiary(e, naira("0690000031"))
			return e.Do("POST", "/bulk-transfers", bulkOf("bad items", salary("b1", to, "amount", 12.5), salary("b1", to, "amount", 100),
				salary("b2", "01a20297-bb20-7830-8a8e-bd356b0a18e8", "colour", 1), salary("b3", to, "destination_currency", "CAD")))
		}},
		{"reference_exists.bulk", func(e *nodetest.Env) nodetest.Answer {
			bulk(e, "twice")
			return e.Do("POST", "/bulk-transfers", bulkOf("twice", salary("tw1", beneficiary(e, naira("0690000031")))))
		}},
		{"incorrect_payout_pin.bulk", func(e *nodetest.Env) nodetest.Answer {
			path := bulk(e, "pinned", salary("pin1", beneficiary(e, naira("0690000031"))))
			set(e, "PATCH", "/accounts/settings", body("payout_pin", "4711"))
			defer set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": nil})
			return e.Do("POST", path+"/execute", body("pin", "0815"))
		}},
		{"limit_exceeded.bulk", func(e *nodetest.Env) nodetest.Answer {
			e.Advance(25 * hour) // payouts of today count too
			to := beneficiary(e, cryptoTo("USDT", "TRX", trxAddress))
			var list []any
			for n := range 3 {
				list = append(list, tokens(fmt.Sprint("tok", n), to, 4_000_000))
			}
			return e.Do("POST", bulk(e, "tokens", list...)+"/execute", nil)
		}},
	}
}

func tokens(reference, to string, amount int) map[string]any {
	return salary(reference, to, "amount", amount, "beneficiary", body("id", to, "type", "crypto_address"), "destination_currency", "USDT", "source_currency", "USDT")
}

// many are n good items to one beneficiary.
func many(stem, to string, n int) (list []any) {
	for i := range n {
		list = append(list, salary(nodetest.Ref(stem, i), to, "amount", 10_000))
	}
	return list
}

func TestBulkTransfersAsTheContractShowsThem(t *testing.T) {
	t.Parallel()
	e := start(t)
	show := func(name string, a nodetest.Answer) { golden(t, filepath.Join("testdata/bulk", name+".http"), e, a) }
	to := beneficiary(e, naira("0690000031"))
	show("created", e.Do("POST", "/bulk-transfers", bulkOf("salaries-2026-11", salary("sal_11_001", to))))
	gone := beneficiary(e, naira("0690009112"))
	show("added", e.Do("POST", "/bulk-transfers/salaries-2026-11/items", body("items", []any{salary("sal_11_002", gone, "description", "", "fee_charged_to", "recipient")})))
	executed := e.Do("POST", "/bulk-transfers/salaries-2026-11/execute", nil)
	equal(t, "the answer never waits", executed.Text("data.status"), "executing")
	show("executed", executed)
	show("completed", e.Do("GET", executed.Text("money.status_url")[len(e.URL):]+"?wait=20", nil))
	show("list", e.Do("GET", "/bulk-transfers?status=completed", nil))
	var events nodetest.Answer
	until(t, "the end is told", func() bool {
		events = e.Do("GET", "/events?event=bulk_transfer.completed", nil)
		return len(events.At("data").([]any)) == 1
	})
	show("event", events)
	bulk(e, "not-needed", salary("sal_12_001", to))
	show("cancelled", e.Do("POST", "/bulk-transfers/not-needed/cancel", nil))
	e.Clean()
}

// A row that cannot be paid stops no other, whatever is wrong with it, and what was held
// for it is back.
func TestOneBadRowStopsNoOther(t *testing.T) {
	t.Parallel()
	e := start(t)
	good, closed, deleted := beneficiary(e, naira("0690000031")), beneficiary(e, naira("0690009112")), beneficiary(e, naira("0690000032"))
	before := available(e, money.NGN)
	path := bulk(e, "mixed", salary("m1", good), salary("m2", closed), salary("m3", deleted), salary("m4", good, "amount", 20_000, "fee_charged_to", "recipient"), salary("m5", good))
	set(e, "DELETE", "/beneficiaries/"+deleted, nil)
	set(e, "POST", "/payouts", salary("m5", good)) // the reference was free when the item was added
	a := ended(e, path)
	alike(t, "items", itemStates(a), []any{"succeeded", "failed", "failed", "succeeded", "failed"})
	equal(t, "status", a.Text("data.status"), "completed")
	equal(t, "outcome", a.Text("money.outcome"), "succeeded")
	alike(t, "counts", []any{a.At("data.successful_transfer_count"), a.At("data.failed_transfer_count"), a.At("data.total_transfer_count")}, []any{2.0, 3.0, 5.0})
	for n, code := range map[int]string{1: "account_closed", 2: "invalid_beneficiary", 4: "reference_exists"} {
		equal(t, "why", itemAt(a, n, "failure").(map[string]any)["code"], any(code))
	}
	equal(t, "the payout of an item", e.Do("GET", "/payouts/m1", nil).Text("data.id"), itemAt(a, 0, "payout_id").(string))
	equal(t, "an item that is none", itemAt(a, 2, "payout_id"), nil)
	until(t, "the payout beside it is done", func() bool { return e.Do("GET", "/payouts/m5", nil).Text("data.state") == "succeeded" })
	equal(t, "what it cost", before-available(e, money.NGN), 2*152_500+20_000)
	alike(t, "events", told(e, a.Text("data.id")), []string{"bulk_transfer.completed"})
	e.Clean()
}

func TestTheWholeSumIsHeldOrNothing(t *testing.T) {
	t.Parallel()
	e := start(t)
	to := beneficiary(e, naira("0690000031"))
	withdraw(e, money.NGN, 305_000-1)
	path := bulk(e, "too-much", salary("tm1", to), salary("tm2", to))
	a := e.Do("POST", path+"/execute", nil, "Idempotency-Key", "tm")
	want(t, a, http.StatusBadRequest, "insufficient_funds")
	equal(t, "required", a.At("error.details.required"), any(305_000.0))
	equal(t, "available", available(e, money.NGN), 305_000-1)
	equal(t, "status", e.Do("GET", path, nil).Text("data.status"), "created")
	want(t, e.Do("GET", "/payouts/tm1", nil), http.StatusNotFound, "not_found")
	set(e, "POST", "/sandbox/wallets/fund", body("currency", "NGN", "amount", 1))
	again := e.Do("POST", path+"/execute", nil, "Idempotency-Key", "tm")
	want(t, again, http.StatusBadRequest, "insufficient_funds")
	equal(t, "Idempotent-Replayed", again.Header.Get("Idempotent-Replayed"), "true")
	alike(t, "items, under another key", itemStates(ended(e, path)), []any{"succeeded", "succeeded"})
	equal(t, "left", available(e, money.NGN), 0)
	e.Clean()
}

func TestRepeatsOfBulkTransfers(t *testing.T) {
	t.Parallel()
	e := start(t)
	to, other := beneficiary(e, naira("0690000031")), beneficiary(e, naira("0690000032"))
	first := set(e, "POST", "/bulk-transfers", bulkOf("rep", salary("r1", to)))
	path := first.Header.Get("Location")
	same := func(what string, a nodetest.Answer, status int) {
		t.Helper()
		equal(t, what, a.Status, status)
		equal(t, what+": Idempotent-Replayed", a.Header.Get("Idempotent-Replayed"), "true")
		equal(t, what+": id", a.Text("data.id"), first.Text("data.id"))
	}
	same("created again", e.Do("POST", "/bulk-transfers", bulkOf("rep", salary("r1", to, "description", "another text"))), http.StatusCreated)
	want(t, e.Do("POST", "/bulk-transfers", bulkOf("rep")), http.StatusBadRequest, "reference_exists")
	want(t, e.Do("POST", "/bulk-transfers", bulkOf("rep", salary("r2", to))), http.StatusBadRequest, "reference_exists")
	same("the item again", e.Do("POST", path+"/items", body("items", []any{salary("r1", to)})), http.StatusCreated)
	more := e.Do("POST", path+"/items", body("items", []any{salary("r1", to), salary("r2", other)}))
	equal(t, "items after one old and one new", len(more.At("data.items").([]any)), 2)
	clash := e.Do("POST", path+"/items", body("items", []any{salary("r1", other), salary("r3", to)}))
	want(t, clash, http.StatusUnprocessableEntity, "validation_error")
	equal(t, "the clash", field(clash, 0, "field")+" "+field(clash, 0, "code"), "items[0].reference already_exists")
	elsewhere := e.Do("POST", "/bulk-transfers", bulkOf("elsewhere", salary("r2", other)))
	equal(t, "a reference of another bulk transfer", field(elsewhere, 0, "code"), "already_exists")

	set(e, "DELETE", "/beneficiaries/"+other, nil)
	same("an item whose beneficiary is gone", e.Do("POST", path+"/items", body("items", []any{salary("r2", other)})), http.StatusCreated)
	done := ended(e, path)
	alike(t, "items", itemStates(done), []any{"succeeded", "failed"})
	same("executed again", e.Do("POST", path+"/execute", nil), http.StatusOK)
	same("created again, after all", e.Do("POST", "/bulk-transfers", bulkOf("rep", salary("r1", to))), http.StatusCreated)
	same("the items again, after all", e.Do("POST", path+"/items", body("items", []any{salary("r1", to)})), http.StatusCreated)
	want(t, e.Do("POST", path+"/items", body("items", []any{salary("r9", to)})), http.StatusBadRequest, "bulk_transfer_not_open")
	want(t, e.Do("POST", path+"/cancel", nil), http.StatusBadRequest, "bulk_transfer_not_open")
	equal(t, "payouts", len(e.Do("GET", "/payouts", nil).At("data").([]any)), 1)

	gone := bulk(e, "gone", salary("g1", to))
	equal(t, "cancelled", set(e, "POST", gone+"/cancel", nil).Text("data.status"), "cancelled")
	equal(t, "cancelled again", set(e, "POST", gone+"/cancel", nil).Header.Get("Idempotent-Replayed"), "true")
	bulk(e, "reference-free-again", salary("g1", to))
	want(t, e.Do("GET", "/bulk-transfers/nowhere", nil), http.StatusNotFound, "not_found")
	theirs := *e
	theirs.Key = foreignKey(e)
	want(t, theirs.Do("GET", path, nil), http.StatusNotFound, "not_found")
	e.Clean()
}

func TestABulkTransferExpires(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	to := beneficiary(e, naira("0690000031"))
	path := bulk(e, "late", salary("l1", to))
	soon := e.Engine.Clock.Now().Add(2 * 3600 * 1e9).Format("2006-01-02T15:04:05Z")
	early := set(e, "POST", "/bulk-transfers", with(bulkOf("early", salary("l2", to)), "expires_at", soon)).Header.Get("Location")
	e.Advance(3 * hour)
	equal(t, "the early one", e.Do("GET", early, nil).Text("data.status"), "expired")
	alike(t, "its items", itemStates(e.Do("GET", early, nil)), []any{"cancelled"})
	equal(t, "the other", e.Do("GET", path, nil).Text("data.status"), "created")
	e.Advance(22 * hour)
	for _, verb := range []string{"/execute", "/cancel"} {
		a := e.Do("POST", path+verb, nil)
		want(t, a, http.StatusBadRequest, "bulk_transfer_not_open")
		equal(t, "status", a.Text("error.details.status"), "expired")
	}
	equal(t, "outcome", e.Do("GET", path, nil).Text("money.outcome"), "not_attempted")
	e.Clean()
}

func TestTheFieldsOfABulkTransfer(t *testing.T) {
	t.Parallel()
	e := start(t)
	to := beneficiary(e, naira("0690000031"))
	day := func(n int) string { return e.Engine.Clock.Now().AddDate(0, 0, n).Format("2006-01-02T15:04:05Z") }
	set(e, "POST", "/payouts", salary("taken", to))
	for what, c := range map[string]struct {
		body   map[string]any
		fields []string
	}{
		"no reference":        {body(), []string{"reference required"}},
		"a blank in it":       {bulkOf("two words"), []string{"reference invalid_characters"}},
		"one that is long":    {bulkOf(strings.Repeat("x", 65)), []string{"reference too_long"}},
		"an end in the past":  {with(bulkOf("f"), "expires_at", day(-1)), []string{"expires_at past_date"}},
		"an end far away":     {with(bulkOf("f"), "expires_at", day(4)), []string{"expires_at too_large"}},
		"metadata of numbers": {with(bulkOf("f"), "metadata", body("month", 11)), []string{"metadata.month invalid_type"}},
		"much metadata":       {with(bulkOf("f"), "metadata", body("a", strings.Repeat("x", 20<<10))), []string{"metadata too_large"}},
		"501 items":           {bulkOf("f", many("f", to, 501)...), []string{"items too_many_items"}},
		"items that are none": {with(bulkOf("f"), "items", "x"), []string{"items invalid_type"}},
		"items of all sorts": {bulkOf("f", salary("ok", to), salary("i1", to, "amount", 5), salary("i2", to, "amount", 2_000_000_000), salary("taken", to),
			salary("i4", "none"), salary("i5", to, "beneficiary", body("id", to, "type", "interac")), salary("i6", to, "destination_currency", "USD"),
			salary("i7", to, "source_currency", "USDT", "beneficiary", nil, "beneficiary_id", to, "beneficiary_type", "bank_account"), salary("ok", to), salary("i9", to, "pin", "1234")),
			[]string{"items[1].amount too_small", "items[2].amount too_large", "items[3].reference already_exists", "items[4].beneficiary.id not_found",
				"items[5].beneficiary.type not_allowed", "items[6].destination_currency not_allowed", "items[8].reference already_exists", "items[9].pin unknown_field"}},
		"an unknown flat beneficiary": {bulkOf("f", salary("i1", to, "beneficiary", nil, "beneficiary_id", "x", "beneficiary_type", "bank_account")), []string{"items[0].beneficiary_id not_found"}},
	} {
		t.Run(what, func(t *testing.T) {
			a := under(t, e).Do("POST", "/bulk-transfers", c.body)
			want(t, a, http.StatusUnprocessableEntity, "validation_error")
			var found []string
			for i := range a.At("errors").([]any) {
				found = append(found, field(a, i, "field")+" "+field(a, i, "code"))
			}
			alike(t, "breaches", found, c.fields)
		})
	}
	equal(t, "no items at all", field(e.Do("POST", bulk(e, "none")+"/items", body("items", []any{})), 0, "code"), "too_few_items")
	set(e, "POST", "/bulk-transfers", with(bulkOf("good"), "metadata", body("month", "11"), "items", nil, "expires_at", day(2)))
}

// gate holds the work of a node at a crash point until it is opened.
type gate struct {
	point          string
	reached, opens chan struct{}
	once           sync.Once
}

func newGate(point string) *gate {
	return &gate{point: point, reached: make(chan struct{}), opens: make(chan struct{})}
}

func (g *gate) at(point string) {
	if point != g.point {
		return
	}
	g.once.Do(func() { close(g.reached) })
	<-g.opens
}

func TestCancellingInTheMiddleStopsWhatWasNotSent(t *testing.T) {
	t.Parallel()
	g := newGate("before bulk chunk")
	e := start(t, nodetest.Crashing(g.at))
	open := sync.OnceFunc(func() { close(g.opens) })
	t.Cleanup(open)
	before, cad := available(e, money.NGN), available(e, money.CAD)
	to := beneficiary(e, naira("0690000031"))
	path := bulk(e, "stopped", salary("st1", to), salary("st2", to, "source_currency", "CAD"), salary("st3", to))
	set(e, "POST", path+"/execute", nil)
	<-g.reached // the payouts are worked out, and not yet made
	if available(e, money.CAD) >= cad {
		t.Error("nothing of the exchange is held")
	}
	a := e.Do("POST", path+"/cancel", nil)
	alike(t, "items", itemStates(a), []any{"cancelled", "cancelled", "cancelled"})
	equal(t, "outcome", a.Text("money.outcome"), "not_attempted")
	open()
	e.Clean()
	equal(t, "what it cost", before-available(e, money.NGN), 0)
	equal(t, "what the exchange cost", cad-available(e, money.CAD), 0)
	want(t, e.Do("GET", "/payouts/st1", nil), http.StatusNotFound, "not_found")
}

func TestCancellingLeavesWhatWasSentAlone(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	slow := beneficiary(e, naira("0690009121")) // pending for 30 s, then paid
	path := bulk(e, "running", salary("ru1", slow))
	set(e, "POST", path+"/execute", nil)
	until(t, "the item is a payout", func() bool { return itemAt(e.Do("GET", path, nil), 0, "status") == "processing" })
	a := set(e, "POST", path+"/cancel", nil)
	equal(t, "status", a.Text("data.status"), "cancelled")
	equal(t, "outcome while it runs", a.Text("money.outcome"), "pending")
	e.Advance(minute)
	a = set(e, "GET", path+"?wait=20", nil)
	alike(t, "items", itemStates(a), []any{"succeeded"})
	equal(t, "outcome", a.Text("money.outcome"), "succeeded")
	alike(t, "events", told(e, a.Text("data.id")), []string(nil))
	e.Clean()
}

func TestItemsInOtherCurrenciesAreExchanged(t *testing.T) {
	t.Parallel()
	e := start(t)
	cad := available(e, money.CAD)
	good, closed := beneficiary(e, naira("0690000031")), beneficiary(e, naira("0690009112"))
	gone := beneficiary(e, naira("0690000032"))
	path := bulk(e, "abroad", salary("ab1", good, "source_currency", "CAD"), salary("ab2", closed, "source_currency", "CAD"), salary("ab3", gone, "source_currency", "CAD"))
	set(e, "DELETE", "/beneficiaries/"+gone, nil)
	alike(t, "items", itemStates(ended(e, path)), []any{"succeeded", "failed", "failed"})
	paid := e.Do("GET", "/payouts/ab1", nil)
	equal(t, "source", paid.Text("data.source_currency"), "CAD")
	equal(t, "what it cost", cad-available(e, money.CAD), int64(paid.At("data.source_amount").(float64)))
	e.Clean()
}

func TestAPayoutThatComesBackIsCountedAgain(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	path := bulk(e, "back", salary("bk1", beneficiary(e, naira("0690009141")))) // reversed after 60 s
	a := ended(e, path)
	equal(t, "succeeded", a.At("data.successful_transfer_count"), any(1.0))
	e.Advance(2 * minute)
	a = e.Do("GET", path, nil)
	alike(t, "items", itemStates(a), []any{"reversed"})
	alike(t, "counts", []any{a.At("data.successful_transfer_count"), a.At("data.failed_transfer_count")}, []any{0.0, 1.0})
	equal(t, "status", a.Text("data.status"), "completed")
	e.Clean()
}

// More items than one transaction takes.
func TestManyItemsArePaidInChunks(t *testing.T) {
	t.Parallel()
	e := start(t)
	path, to := bulk(e, "many"), beneficiary(e, naira("0690000031"))
	set(e, "POST", path+"/items", body("items", many("mi", to, 250)))
	a := ended(e, path)
	equal(t, "succeeded", a.At("data.successful_transfer_count"), any(250.0))
	equal(t, "totals", fmt.Sprint(a.At("data.total_amounts")), "[map[amount:2.5e+06 currency:NGN]]")
	e.Clean()
}
