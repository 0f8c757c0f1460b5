package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func newKey(e *nodetest.Env, more ...any) nodetest.Answer {
	e.T.Helper()
	return e.Do("POST", "/keys", with(map[string]any{"name": "a new key", "scopes": []string{"*"}}, more...))
}

// works is the code with which a key is refused, "" if it is not.
func works(e *nodetest.Env, key string) string {
	e.T.Helper()
	return e.Do("GET", "/payments/stats", nil, "Authorization", key).Text("error.code")
}

func TestAKeyIsShownOnceAndWorks(t *testing.T) {
	t.Parallel()
	e := start(t)
	made := newKey(e, "description", "Nightly payouts", "scopes", []string{"payments:write", "keys:read"})
	key, id := made.Text("data.key"), made.Text("data.id")
	equal(t, "Location", made.Header.Get("Location"), "/keys/"+id)
	equal(t, "prefix and end", made.Text("data.prefix")+"..."+made.Text("data.last4"), key[:12]+"..."+key[len(key)-4:])
	for name, a := range map[string]nodetest.Answer{"GET": set(e, "GET", "/keys/"+id, nil), "made": made} {
		_, shown := a.At("data").(map[string]any)["key"]
		equal(t, name+": the key is shown", shown, name == "made")
	}
	for _, authorization := range []string{key, "Bearer " + key, "bearer  " + key, " " + key + " "} {
		equal(t, "as "+authorization, works(e, authorization), "")
	}
	for _, authorization := range []string{"Token " + key, key + "x", key[:40], "Basic " + key, key + " " + key} {
		equal(t, "as "+authorization, works(e, authorization), "invalid_api_key")
	}
	equal(t, "last used, to the minute", set(e, "GET", "/keys/"+id, nil).Text("data.last_used_at")[16:], ":00.000000Z")
}

func TestScopes(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.NewSession("scopes")
	for scope, wanted := range map[string]string{"payments:read": "200 403 403 403", "payments:write": "200 201 403 403", "keys:read": "403 403 200 403",
		"keys:write": "403 403 200 403", "requests:read": "403 403 403 200", "wallets:write": "403 403 403 403", "*": "200 201 200 200"} {
		t.Run(scope, func(t *testing.T) {
			e := under(t, e)
			e.Key = e.NewKey(scope)
			equal(t, "GET payment, POST session, GET keys, GET requests", fmt.Sprint(e.Do("GET", "/payments/"+id, nil).Status,
				e.Do("POST", "/payment-sessions", nodetest.Session("scopes")).Status, e.Do("GET", "/keys", nil).Status, e.Do("GET", "/requests", nil).Status), wanted)
			equal(t, "the sandbox takes any key", e.Do("GET", "/sandbox/clock", nil).Status, http.StatusOK)
			want(t, e.Do("GET", "/idempotency-keys/none", nil), http.StatusNotFound, "not_found")
		})
	}
	t.Run("nobody gives away what he has not", func(t *testing.T) {
		e := under(t, e)
		e.Key = e.NewKey("keys:write", "payments:read")
		for _, scope := range []string{"payments:write", "*", "payouts:read"} {
			want(t, newKey(e, "scopes", []string{"payments:read", scope}), http.StatusForbidden, "insufficient_permissions")
		}
		equal(t, "what he has", newKey(e, "scopes", []string{"payments:read", "keys:read"}).Status, http.StatusCreated)
	})
}

func TestBadKeysAreNotMade(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, c := range []struct {
		changes     []any
		field, code string
	}{
		{[]any{"name", "abcd"}, "name", "too_short"}, {[]any{"name", "123456789012345678901"}, "name", "too_long"}, {[]any{"name", nil}, "name", "required"},
		{[]any{"scopes", []string{}}, "scopes", "too_few_items"}, {[]any{"scopes", []string{"money:read"}}, "scopes[0]", "not_allowed"}, {[]any{"scopes", "*"}, "scopes", "invalid_type"},
		{[]any{"expiry_date", "2020-01-01T00:00:00Z"}, "expiry_date", "past_date"}, {[]any{"expiry_date", "tomorrow"}, "expiry_date", "invalid_format"},
		{[]any{"description", "abcd"}, "description", "too_short"}, {[]any{"colour", "red"}, "colour", "unknown_field"},
	} {
		a := newKey(e, c.changes...)
		want(t, a, http.StatusUnprocessableEntity, "validation_error")
		first, _ := a.At("error.errors").([]any)
		if len(first) != 1 || first[0].(map[string]any)["field"] != c.field || first[0].(map[string]any)["code"] != c.code {
			t.Errorf("%v: got %s, want %s %s", c.changes, a.Body, c.field, c.code)
		}
	}
}

func TestAKeyIsRotatedWithAnOverlap(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	rotate := func(e *nodetest.Env) (old, fresh nodetest.Answer) {
		old = newKey(e, "scopes", []string{"payments:read"})
		fresh = set(e, "POST", "/keys/"+old.Text("data.id")+"/rotate", nil)
		return old, fresh
	}
	t.Run("the old one ends 24 hours after the first use of the new one", func(t *testing.T) {
		e := under(t, e)
		old, fresh := rotate(e)
		equal(t, "the new one replaces the old", fresh.Text("data.replaces"), old.Text("data.id"))
		equal(t, "with its scopes", fmt.Sprint(fresh.At("data.scope")), "[payments:read]")
		e.Advance(3 * day)
		equal(t, "unused: the old one works", works(e, old.Text("data.key")), "")
		equal(t, "the new one works", works(e, fresh.Text("data.key")), "")
		e.Advance(24*hour - second)
		equal(t, "just before the end", works(e, old.Text("data.key")), "")
		equal(t, "its state", set(e, "GET", "/keys/"+old.Text("data.id"), nil).Text("data.status"), "rotating")
		e.Advance(second)
		equal(t, "after the end", works(e, old.Text("data.key")), "expired_api_key")
		equal(t, "the new one still works", works(e, fresh.Text("data.key")), "")
	})
	t.Run("and at most 7 days later", func(t *testing.T) {
		e := under(t, e)
		old, _ := rotate(e)
		e.Advance(7*day - second)
		equal(t, "just before the end", works(e, old.Text("data.key")), "")
		e.Advance(second)
		equal(t, "after the end", works(e, old.Text("data.key")), "expired_api_key")
	})
	t.Run("once", func(t *testing.T) {
		e := under(t, e)
		old, _ := rotate(e)
		a := e.Do("POST", "/keys/"+old.Text("data.id")+"/rotate", nil)
		want(t, a, http.StatusBadRequest, "invalid_status_transition")
		equal(t, "from", a.Text("error.details.from"), "rotating")
	})
}

func TestKeysEnd(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	t.Run("by revocation, at once", func(t *testing.T) {
		e := under(t, e)
		key := newKey(e)
		for range 2 {
			equal(t, "status", e.Do("DELETE", "/keys/"+key.Text("data.id"), nil).Status, http.StatusNoContent)
		}
		equal(t, "it works", works(e, key.Text("data.key")), "revoked_api_key")
	})
	t.Run("even the calling one", func(t *testing.T) {
		e := under(t, e)
		key := newKey(e)
		equal(t, "status", e.Do("DELETE", "/keys/"+key.Text("data.id"), nil, "Authorization", key.Text("data.key")).Status, http.StatusNoContent)
		equal(t, "it works", works(e, key.Text("data.key")), "revoked_api_key")
	})
	t.Run("at their date", func(t *testing.T) {
		e := under(t, e)
		at := clockTime(t, set(e, "GET", "/sandbox/clock", nil)).Add(minute * 1e6)
		key := newKey(e, "expiry_date", at)
		e.Advance(minute - second)
		equal(t, "just before", works(e, key.Text("data.key")), "")
		e.Advance(second)
		equal(t, "then", works(e, key.Text("data.key")), "expired_api_key")
	})
	t.Run("and are listed by state", func(t *testing.T) {
		e := under(t, e)
		for state, wanted := range map[string]int{"active": 1, "revoked": 2, "expired": 1, "rotating": 0} {
			equal(t, state, len(column(set(e, "GET", "/keys?status="+state, nil), "id")), wanted)
		}
		want(t, e.Do("GET", "/keys?status=gone", nil), http.StatusBadRequest, "invalid_request")
	})
}
