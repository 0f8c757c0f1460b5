package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// executions are the entries in the bank's books for a payment.
func executions(e *nodetest.Env, id string) (n int) {
	e.T.Helper()
	for after := "0"; after != ""; {
		page := set(e, "GET", "/sandbox/rail-books?limit=100&after_entry="+after, nil)
		for _, entry := range page.At("data").([]any) {
			if strings.HasPrefix(entry.(map[string]any)["rail_reference"].(string), id) {
				n++
			}
		}
		after = page.Text("pagination.after")
	}
	return n
}

// replayed reports whether an answer says that it repeats an earlier one.
func replayed(a nodetest.Answer) bool { return a.Header.Get("Idempotent-Replayed") == "true" }

func TestAKeyMakesARequestHappenOnce(t *testing.T) {
	t.Parallel()
	e := start(t)

	t.Run("100 captures at once are one at the bank", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("hundred")
		card := map[string]any{"card": e.Card(approved)}
		var all []<-chan reply
		for range 100 {
			all = append(all, later(e, "POST", "/payment-sessions/"+id, card, "Idempotency-Key", "hundred"))
		}
		first := 0
		for _, c := range all {
			switch a := got(t, c); {
			case a.Text("error.code") == "idempotency_key_in_use":
			case a.Text("data.payment.state") != "captured":
				t.Errorf("got %d %s, want captured or a key in use", a.Status, a.Body)
			case !replayed(a):
				first++
			}
		}
		equal(t, "answers that are no replay", first, 1)
		equal(t, "executions at the bank", executions(e, id), 1)
		if a := e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "hundred"); !replayed(a) || a.Text("data.payment.state") != "captured" {
			t.Errorf("afterwards: got %d %v %s, want the stored reply", a.Status, a.Header, a.Body)
		}
	})

	t.Run("a repeat is answered with the same bytes", func(t *testing.T) {
		e := under(t, e)
		for _, r := range []struct {
			method, path string
			body         any
		}{
			{"POST", "/payment-sessions", nodetest.Session("bytes")},
			{"POST", "/payments/" + e.Paid("bytes-refund") + "/refunds", map[string]any{"amount": 1000}},
			{"POST", "/payment-sessions/" + e.NewSession("bytes-cancel") + "/cancel", map[string]any{"reason": "changed"}},
			{"PATCH", "/sandbox/settings", map[string]any{"success_events": true}},
		} {
			one := set(e, r.method, r.path, r.body, "Idempotency-Key", "bytes"+r.path)
			two := set(e, r.method, r.path, r.body, "Idempotency-Key", "bytes"+r.path)
			if string(two.Body) != string(one.Body) || two.Status != one.Status || !replayed(two) || replayed(one) {
				t.Errorf("%s %s: first %d %s, then %d %s", r.method, r.path, one.Status, one.Body, two.Status, two.Body)
			}
			for _, header := range []string{"Location", "Juicer-Outcome", "Content-Type"} {
				equal(t, r.path+": header "+header, two.Header.Get(header), one.Header.Get(header))
			}
		}
	})

	t.Run("a DELETE with a key is repeated as 204", func(t *testing.T) {
		e := under(t, e)
		id := set(e, "POST", "/keys", map[string]any{"name": "to go", "scopes": []string{"*"}}).Text("data.id")
		for _, again := range []bool{false, true} {
			a := e.Do("DELETE", "/keys/"+id, nil, "Idempotency-Key", "delete")
			equal(t, "status", a.Status, http.StatusNoContent)
			equal(t, "replayed", replayed(a), again)
		}
	})

	t.Run("a secret is shown once", func(t *testing.T) {
		e := under(t, e)
		body := map[string]any{"name": "secret", "scopes": []string{"*"}}
		one := set(e, "POST", "/keys", body, "Idempotency-Key", "once")
		two := set(e, "POST", "/keys", body, "Idempotency-Key", "once")
		if len(one.Text("data.key")) != 41 || two.At("data.key") != nil || two.Text("data.id") != one.Text("data.id") {
			t.Errorf("first %s, then %s", one.Body, two.Body)
		}
	})

	t.Run("reads do not care for keys", func(t *testing.T) {
		e := under(t, e)
		for _, path := range []string{"/payments", "/payments/stats"} {
			if a := e.Do("GET", path, nil, "Idempotency-Key", "two words"); a.Status != http.StatusOK || replayed(a) {
				t.Errorf("GET %s: got %d %s", path, a.Status, a.Body)
			}
		}
	})
	e.Clean()
}

func TestWhatIsTheSameRequest(t *testing.T) {
	t.Parallel()
	e := start(t)
	const body = `{"amount":1000,"currency":"NGN","customer":{"billing_address":{"city":"Lagos","country":"NG","line1":"5 Marina Road","zip_code":"100001"},` +
		`"email":"ada@example.com","first_name":"Ada","last_name":"Obi","phone_number":"+2348031234567"},"description":"x","order":{"identifier":"i","items":[{"name":"n","type":"service"}]},` +
		`"payment_method":{"type":"card"},"reference":"%s"}`
	first := fmt.Sprintf(body, "same")
	id := set(e, "POST", "/payment-sessions", first, "Idempotency-Key", "same").Text("data.id")
	for name, other := range map[string]string{
		"blanks between":        strings.ReplaceAll(first, ",", " ,\n\t"),
		"another order":         `{"reference":"same",` + strings.Replace(first[1:], `,"reference":"same"`, "", 1),
		"another spelling of 1": strings.Replace(first, `1000`, `1.0e3`, 1),
		"an escaped letter":     strings.Replace(first, `"Ada"`, `"\u0041da"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/payment-sessions", "/v1/payment-sessions/"} {
				a := under(t, e).Do("POST", path, other, "Idempotency-Key", "same")
				if a.Text("data.id") != id || !replayed(a) {
					t.Errorf("POST %s: got %d %s, want the stored reply", path, a.Status, a.Body)
				}
			}
		})
	}
	for name, c := range map[string]struct{ path, body, differs string }{
		"another amount":             {"/payment-sessions", strings.Replace(first, `1000`, `1001`, 1), "[amount]"},
		"two other fields":           {"/payment-sessions", strings.NewReplacer("Lagos", "Abuja", `"n"`, `"m"`).Replace(first), "[customer.billing_address.city order.items[0].name]"},
		"another path":               {"/keys", first, "[path]"},
		"a query":                    {"/payment-sessions?x=1", first, "[path]"},
		"a field more, a field less": {"/payment-sessions", strings.Replace(first, `"description":"x"`, `"metadata":{"a":1}`, 1), "[description metadata]"},
	} {
		t.Run(name, func(t *testing.T) {
			a := under(t, e).Do("POST", c.path, c.body, "Idempotency-Key", "same")
			want(t, a, http.StatusUnprocessableEntity, "idempotency_key_reused")
			equal(t, "differs", fmt.Sprint(a.At("error.details.differs")), c.differs)
		})
	}
	t.Run("the same card, encrypted again", func(t *testing.T) {
		e := under(t, e)
		one, two := e.Capture(id, approved, "Idempotency-Key", "card"), e.Capture(id, approved, "Idempotency-Key", "card")
		if string(one.Body) != string(two.Body) || !replayed(two) {
			t.Errorf("first %d %s, then %d %s", one.Status, one.Body, two.Status, two.Body)
		}
		a := e.Capture(id, declined, "Idempotency-Key", "card")
		want(t, a, http.StatusUnprocessableEntity, "idempotency_key_reused")
		equal(t, "differs", fmt.Sprint(a.At("error.details.differs")), "[card.card_number]")
	})
}

func TestAKeyBelongsToTheBusiness(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := set(e, "POST", "/payment-sessions", nodetest.Session("owner"), "Idempotency-Key", "k").Text("data.id")
	t.Run("another API key of the business gets the stored reply", func(t *testing.T) {
		a := under(t, e).Do("POST", "/payment-sessions", nodetest.Session("owner"), "Idempotency-Key", "k", "Authorization", e.NewKey("payments:write"))
		if a.Text("data.id") != id || !replayed(a) {
			t.Errorf("got %d %s, want the stored reply", a.Status, a.Body)
		}
	})
	t.Run("not without the scope", func(t *testing.T) {
		a := under(t, e).Do("POST", "/payment-sessions", nodetest.Session("owner"), "Idempotency-Key", "k", "Authorization", e.NewKey("payments:read"))
		want(t, a, http.StatusForbidden, "insufficient_permissions")
	})
	t.Run("another business may use the same key", func(t *testing.T) {
		a := under(t, e).Do("POST", "/payment-sessions", nodetest.Session("owner"), "Idempotency-Key", "k", "Authorization", foreignKey(e))
		if a.Status != http.StatusCreated || a.Text("data.id") == id || replayed(a) {
			t.Errorf("got %d %s, want a payment of its own", a.Status, a.Body)
		}
	})
}

func TestWhichRefusalsAreKept(t *testing.T) {
	t.Parallel()
	e := start(t)
	t.Run("a final refusal is kept, and carries the id of each request", func(t *testing.T) {
		e := under(t, e)
		path := "/payments/" + e.Paid("kept") + "/refunds"
		one := e.Do("POST", path, map[string]any{"amount": 250_001}, "Idempotency-Key", "kept")
		two := e.Do("POST", path, map[string]any{"amount": 250_001}, "Idempotency-Key", "kept")
		want(t, one, http.StatusBadRequest, "refund_exceeds_payment")
		want(t, two, http.StatusBadRequest, "refund_exceeds_payment")
		equal(t, "the second is a replay", replayed(two), true)
		equal(t, "request ids differ", one.Text("error.request_id") != two.Text("error.request_id"), true)
		equal(t, "outcome", two.Header.Get("Juicer-Outcome"), "refused")
	})
	t.Run("a completed session's refusal is kept with its outcome", func(t *testing.T) {
		e := under(t, e)
		id := e.Paid("kept-done")
		for _, again := range []bool{false, true} {
			a := e.Do("POST", "/payment-sessions/"+id+"/cancel", nil, "Idempotency-Key", "kept-done")
			want(t, a, http.StatusBadRequest, "payment_session_completed")
			equal(t, "outcome", a.Text("error.outcome"), "succeeded")
			equal(t, "replayed", replayed(a), again)
		}
	})
	t.Run("everything else leaves the key free", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("free")
		for _, c := range []struct {
			path string
			body any
			head [2]string
		}{
			{"/payment-sessions", with(nodetest.Session("free-2"), "amount", -1), [2]string{}},
			{"/payment-sessions", with(nodetest.Session("free-2"), "amount", 50), [2]string{}},
			{"/payment-sessions", with(nodetest.Session("free"), "amount", 1000), [2]string{}},
			{"/payment-sessions", `{`, [2]string{}},
			{"/payment-sessions", nodetest.Session("free-2"), [2]string{"Content-Type", "text/plain"}},
			{"/payment-sessions/" + noUUID + "/cancel", nil, [2]string{}},
			{"/payment-sessions/" + id + "/authorize", map[string]any{"otp": "123456"}, [2]string{}},
			{"/no-such-endpoint", nil, [2]string{}},
		} {
			if a := e.Do("POST", c.path, c.body, "Idempotency-Key", "free", c.head[0], c.head[1]); a.Status < 400 || replayed(a) {
				t.Errorf("POST %s %v: got %d %s, want a refusal of its own", c.path, c.body, a.Status, a.Body)
			}
		}
		for _, code := range []string{"401", "403", "404", "405", "409", "413", "415", "422", "429", "500", "503"} {
			if a := e.Do("POST", "/payment-sessions", nodetest.Session("free-3"), "Idempotency-Key", "free", "Juicer-Fault", "status="+code); a.Status < 400 {
				t.Errorf("status=%s: got %d %s", code, a.Status, a.Body)
			}
		}
		want(t, e.Do("GET", "/idempotency-keys/free", nil), http.StatusNotFound, "not_found")
		if a := e.Do("POST", "/payment-sessions", nodetest.Session("free-4"), "Idempotency-Key", "free"); a.Status != http.StatusCreated || replayed(a) {
			t.Errorf("at last: got %d %s, want a new payment", a.Status, a.Body)
		}
	})
}

func TestARepeatWhileTheFirstRuns(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	id := e.NewSession("running")
	card := map[string]any{"card": e.Card(twentySeconds)}
	first := later(e, "POST", "/payment-sessions/"+id, card, "Idempotency-Key", "running")
	until(t, "the capture is under way", func() bool { return e.State(id) == "processing" })

	a := e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "running")
	want(t, a, http.StatusConflict, "idempotency_key_in_use")
	equal(t, "outcome", a.Text("error.outcome"), "pending")
	b := e.Do("POST", "/payment-sessions/"+id, map[string]any{"card": e.Card(approved)}, "Idempotency-Key", "running")
	want(t, b, http.StatusUnprocessableEntity, "idempotency_key_reused")
	equal(t, "state of the key", set(e, "GET", "/idempotency-keys/running", nil).Text("data.state"), "in_progress")

	e.Advance(20 * second)
	original := got(t, first)
	equal(t, "the first ends", original.Text("data.payment.state"), "captured")
	equal(t, "the id told meanwhile is the first one's", a.Text("error.details.request_id"), original.Header.Get("X-Request-Id"))
	if again := e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "running"); string(again.Body) != string(original.Body) || !replayed(again) {
		t.Errorf("afterwards: got %d %s, want the first reply", again.Status, again.Body)
	}
	equal(t, "executions at the bank", executions(e, id), 1)
}

// A lost answer is fetched by sending the same again, whatever became of the
// first.
func TestARepeatAfterTheFirstWasLost(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, fault := range []string{"drop=after-commit", "truncate=20", "garbage", "hang=1", "error=server_error;at=after-commit", "error=storage_unavailable;at=after-commit",
		"drop=before", "hang=1;at=before", "error=server_error", "status=502"} {
		t.Run(fault, func(t *testing.T) {
			e := under(t, e)
			id := e.NewSession("lost:" + fault)
			card := map[string]any{"card": e.Card(approved)}
			_, _ = e.Try("POST", "/payment-sessions/"+id, card, "Idempotency-Key", id, "Juicer-Fault", fault) // lost
			a := e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", id)
			equal(t, "state", a.Text("data.payment.state"), "captured")
			equal(t, "the repeat is the stored reply", replayed(a), !strings.Contains(fault, "before") && fault != "error=server_error" && fault != "status=502")
			equal(t, "executions at the bank", executions(e, id), 1)
		})
	}
	e.Clean()
}

// The process breaks after it promised itself to charge and before it did: the
// repeat continues, and asks before it sends.
func TestARepeatContinuesAnInterruptedRequest(t *testing.T) {
	t.Parallel()
	var armed atomic.Bool
	e := frozen(start(t, func(c *node.Config) {
		c.Crash = func(point string) {
			if point == "after intent" && armed.CompareAndSwap(true, false) {
				panic("planted")
			}
		}
	}))
	id := e.NewSession("broken")
	armed.Store(true)
	first := e.Capture(id, approved, "Idempotency-Key", "broken")
	want(t, first, http.StatusInternalServerError, "server_error")
	equal(t, "outcome", first.Text("error.outcome"), "unknown")
	status := set(e, "GET", "/idempotency-keys/broken", nil)
	equal(t, "state of the key", status.Text("data.state"), "interrupted")
	equal(t, "resource of the key", status.Text("data.resource.id"), id)

	repeat := e.Capture(id, approved, "Idempotency-Key", "broken")
	equal(t, "the bank knows nothing yet, and that is no proof", repeat.Text("money.outcome"), "unknown")
	equal(t, "executions at once", executions(e, id), 0)
	e.Advance(125 * second)
	equal(t, "state in the end", e.State(id), "captured")
	equal(t, "executions in the end", executions(e, id), 1)
	ids := set(e, "GET", "/idempotency-keys/broken", nil).At("data.request_ids").([]any)
	equal(t, "requests with the key", fmt.Sprint(ids), fmt.Sprint([]any{first.Header.Get("X-Request-Id"), repeat.Header.Get("X-Request-Id")}))
	e.Clean()
}

func TestAKeyGrowsOld(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	id := e.NewSession("old")
	card := map[string]any{"card": e.Card(approved)}
	set(e, "POST", "/payment-sessions/"+id, card, "Idempotency-Key", "old")
	again := func() nodetest.Answer { return e.Do("POST", "/payment-sessions/"+id, card, "Idempotency-Key", "old") }

	e.Advance(24*hour - second)
	equal(t, "just before 24 hours: replayed", replayed(again()), true)
	e.Advance(second)
	spent := again()
	want(t, spent, http.StatusConflict, "idempotency_key_expired")
	equal(t, "outcome of the resource", spent.Text("error.outcome"), "succeeded")
	equal(t, "resource", spent.Text("error.details.resource.id"), id)
	equal(t, "state of the key", set(e, "GET", "/idempotency-keys/old", nil).Text("data.state"), "spent")
	want(t, e.Do("POST", "/payment-sessions", nodetest.Session("x"), "Idempotency-Key", "old"), http.StatusUnprocessableEntity, "idempotency_key_reused")

	e.Advance(89 * day)
	want(t, e.Do("GET", "/idempotency-keys/old", nil), http.StatusNotFound, "not_found")
	a := e.Do("POST", "/payment-sessions", nodetest.Session("new"), "Idempotency-Key", "old")
	if a.Status != http.StatusCreated || replayed(a) {
		t.Errorf("after 90 days: got %d %s, want a new payment", a.Status, a.Body)
	}
	equal(t, "executions at the bank", executions(e, id), 1)
}

func TestAKeyCanBeLookedUp(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("look")
	key := "cap/1001?x=%41#"
	made := e.Capture(id, approved, "Idempotency-Key", key)
	again := e.Capture(id, approved, "Idempotency-Key", key)
	path := "/idempotency-keys/cap%2F1001%3Fx=%2541%23"
	status := set(e, "GET", path, nil)
	for at, want := range map[string]any{
		"data.key": key, "data.method": "POST", "data.path": "/payment-sessions/" + id, "data.state": "completed", "data.outcome": "succeeded",
		"data.resource.id": id, "data.resource.state": "captured", "data.resource.type": "payment", "data.resource.url": e.URL + "/payments/" + id,
		"data.response.status": float64(http.StatusOK), "data.attempts": float64(2),
		"data.response.body.data.payment.state": "captured",
	} {
		equal(t, at, status.At(at), want)
	}
	equal(t, "requests", fmt.Sprint(status.At("data.request_ids")), fmt.Sprint([]string{made.Header.Get("X-Request-Id"), again.Header.Get("X-Request-Id")}))
	for scope, shown := range map[string]bool{"requests:read": true, "payments:write": true, "payments:read": false, "keys:read": false} {
		a := set(e, "GET", path, nil, "Authorization", e.NewKey(scope))
		equal(t, "the reply is shown with "+scope, a.At("data.response") != nil, shown)
	}
	want(t, e.Do("GET", "/idempotency-keys/unknown", nil), http.StatusNotFound, "not_found")
}
