package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/ratelimit"
)

func batched(e *nodetest.Env, items []any, headers ...string) []map[string]any {
	e.T.Helper()
	a := e.Do("POST", "/batch", map[string]any{"requests": items}, headers...)
	equal(e.T, "status of the batch", a.Status, http.StatusOK)
	out := []map[string]any{}
	for _, row := range a.At("data").([]any) {
		out = append(out, row.(map[string]any))
	}
	return out
}

func item(method, path string, more ...any) map[string]any {
	return with(map[string]any{"method": method, "path": path}, more...)
}

// code is the code of an item's refusal.
func code(row map[string]any) string {
	return nodetest.Answer{JSON: map[string]any{"row": row}}.Text("row.body.error.code")
}

// alone is an item's answer as if it had come by itself.
func alone(e *nodetest.Env, row map[string]any) nodetest.Answer {
	e.T.Helper()
	body, err := json.Marshal(row["body"])
	nodetest.Must(e.T, err)
	a := nodetest.Answer{Status: int(row["status"].(float64)), Header: http.Header{}, Body: body}
	for name, value := range row["headers"].(map[string]any) {
		a.Header.Set(name, value.(string))
	}
	a.JSON, _ = row["body"].(map[string]any)
	return a
}

func batchCauses() []cause {
	return []cause{{"not_batchable", func(e *nodetest.Env) nodetest.Answer {
		return alone(e, batched(e, []any{item("POST", "/batch")})[0])
	}}}
}

func TestEachItemOfABatchRunsByItself(t *testing.T) {
	t.Parallel()
	e := start(t)
	paid := e.Paid("ord_1001")
	w := openWallet(e, customer(e, "batch@example.com"), "NGN")
	rows := batched(e, []any{
		item("GET", "/payments/ord_1001", "id", "a"),
		item("POST", "/wallets/transactions", "body", map[string]any{"wallet_id": w, "type": "debit", "amount": 5}),
		item("POST", "/wallets/transactions", "body", map[string]any{"wallet_id": w, "type": "credit", "amount": 5}, "idempotency_key", "in"),
		item("POST", "/v1/wallets/transactions/", "body", map[string]any{"wallet_id": w, "type": "credit", "amount": 5}, "idempotency_key", "in"),
		item("POST", "/wallets/transactions", "body", map[string]any{"type": "steal", "amount": "5"}),
		item("DELETE", "/customers/none", "body", map[string]any{"ignored": true}),
		item("GET", "/nowhere"),
		item("GET", "/payments?limit=0"),
		item("POST", "/wallets/transactions", "body", []any{}, "idempotency_key", "in"),
	})
	alike(t, "id", rows[0]["id"], "a")
	equal(t, "the payment", nodetest.Answer{JSON: rows[0]}.Text("body.data.id"), paid)
	equal(t, "outcome", nodetest.Answer{JSON: rows[0]}.Text("headers.Juicer-Outcome"), "succeeded")
	equal(t, "a debit of nothing", code(rows[1]), "insufficient_funds")
	alike(t, "id by default", rows[1]["id"], "1")
	alike(t, "a credit", rows[2]["status"], float64(http.StatusOK))
	equal(t, "under the same key", nodetest.Answer{JSON: rows[3]}.Text("headers.Idempotent-Replayed"), "true")
	equal(t, "bad fields", code(rows[4]), "validation_error")
	equal(t, "no such customer", code(rows[5]), "not_found")
	equal(t, "no such route", code(rows[6]), "route_not_found")
	equal(t, "bad query", code(rows[7]), "invalid_request")
	equal(t, "a key used before", code(rows[8]), "idempotency_key_reused")
	alike(t, "balance", e.Do("GET", "/wallets/"+w, nil).At("data.balance.amount"), float64(5))
	log := e.Do("GET", "/requests/"+nodetest.Answer{JSON: rows[2]}.Text("headers.X-Request-Id"), nil)
	equal(t, "an item's line in the log", log.Text("data.path"), "/wallets/transactions")
}

func TestAnItemsKeyFollowsFromTheBatchs(t *testing.T) {
	t.Parallel()
	e := start(t)
	w := openWallet(e, customer(e, "keys@example.com"), "NGN")
	items := []any{item("GET", "/wallets/"+w), item("POST", "/wallets/transactions", "body", map[string]any{"wallet_id": w, "type": "credit", "amount": 7})}
	first := batched(e, items, "Idempotency-Key", "b")
	equal(t, "the key of the second item", e.Do("GET", "/idempotency-keys/b%2F1", nil).Text("data.path"), "/wallets/transactions")
	again := e.Do("POST", "/batch", map[string]any{"requests": items}, "Idempotency-Key", "b")
	equal(t, "the batch again", again.Header.Get("Idempotent-Replayed"), "true")
	alike(t, "its first item", again.At("data").([]any)[0].(map[string]any)["body"], first[0]["body"])
	alike(t, "balance", e.Do("GET", "/wallets/"+w, nil).At("data.balance.amount"), float64(7))
	long := make([]byte, 241)
	for i := range long {
		long[i] = 'k'
	}
	want(t, e.Do("POST", "/batch", map[string]any{"requests": items}, "Idempotency-Key", string(long)), http.StatusBadRequest, "invalid_idempotency_key")
}

func TestWhatIsNotBatchable(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("wait")
	for _, row := range batched(e, []any{
		item("POST", "/batch", "body", map[string]any{"requests": []any{}}), item("GET", "/sandbox/clock"), item("POST", "/v1/sandbox/reset"),
		item("GET", "/payments/"+id+"?wait=1"), item("GET", "/docs/errors"), item("GET", "/wallets/"+id+"/statement?format=csv"),
	}) {
		alike(t, "status", row["status"], float64(http.StatusBadRequest))
		equal(t, "code", code(row), "not_batchable")
	}
}

func TestAnItemNeedsItsOwnScope(t *testing.T) {
	t.Parallel()
	e := start(t)
	narrow := *e
	narrow.Key = e.NewKey("payments:read")
	rows := batched(&narrow, []any{item("GET", "/payments"), item("GET", "/customers")})
	alike(t, "a scope it has", rows[0]["status"], float64(http.StatusOK))
	equal(t, "a scope it lacks", code(rows[1]), "insufficient_permissions")
}

func TestABatchThatCannotBeReadRunsNothing(t *testing.T) {
	t.Parallel()
	e := start(t)
	bad := e.Do("POST", "/batch", map[string]any{"requests": []any{
		item("GET", "/payments"), item("PUT", "/payments"), item("GET", "payments"), item("GET", "https://example.com/payments"),
		item("POST", "/customers", "body", "text"),
	}})
	want(t, bad, http.StatusUnprocessableEntity, "validation_error")
	for i, want := range []string{"requests[1].method", "requests[2].path", "requests[3].path", "requests[4].body"} {
		equal(t, "bad field", field(bad, i, "field"), want)
	}
	want(t, e.Do("POST", "/batch", map[string]any{"requests": []any{}}), http.StatusUnprocessableEntity, "validation_error")
	many := make([]any, 51)
	for i := range many {
		many[i] = item("GET", "/payments")
	}
	want(t, e.Do("POST", "/batch", map[string]any{"requests": many}), http.StatusUnprocessableEntity, "validation_error")
}

// sixty is a limit of 60 requests that hardly come back.
func sixty(c *node.Config) {
	c.Limits = &ratelimit.Table{Key: ratelimit.Limit{Quota: 60, Window: 24 * time.Hour, Burst: 60}}
}

func TestABatchCostsWhatItsWritesCost(t *testing.T) {
	t.Parallel()
	e := start(t, documented, sixty)
	send := func(writes int) nodetest.Answer {
		items := []any{item("GET", "/payments")}
		for range writes {
			items = append(items, item("POST", "/customers"))
		}
		return e.Do("POST", "/batch", map[string]any{"requests": items})
	}
	equal(t, "left after reads", send(0).Header.Get("X-RateLimit-Remaining"), "59")
	equal(t, "left after 40 writes", send(40).Header.Get("X-RateLimit-Remaining"), "18")
	refused := send(20)
	want(t, refused, http.StatusTooManyRequests, "rate_limit_exceeded")
	equal(t, "only the request itself was charged", send(0).Header.Get("X-RateLimit-Remaining"), "16")
}

func TestASecretInABatchIsShownOnce(t *testing.T) {
	t.Parallel()
	e := start(t)
	items := []any{item("POST", "/keys", "body", map[string]any{"name": "batch key", "scopes": []any{"payments:read"}})}
	first := batched(e, items, "Idempotency-Key", "secret")
	if key := (nodetest.Answer{JSON: first[0]}).Text("body.data.key"); key == "" {
		t.Fatalf("no key in %v", first[0])
	}
	again := batched(e, items, "Idempotency-Key", "secret")
	alike(t, "the key in the replay", nodetest.Answer{JSON: again[0]}.At("body.data.key"), nil)
}
