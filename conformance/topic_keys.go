package conformance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

func keyCases() []Case {
	return []Case{
		{ID: "keys/made", Sentence: "a new key has its form and checksum and shows its secret part this once", run: keyMade},
		{ID: "keys/fields", Sentence: "name, scopes, expiry date and description are checked", run: keyFields},
		{ID: "keys/list", Sentence: "keys are listed and chosen by status", run: keyList},
		{ID: "keys/rotate", Sentence: "a rotated key lives on beside the one that replaces it", run: keyRotated},
		{ID: "keys/rotate-again", Sentence: "only an active key can be rotated", run: rotateAgain},
		{ID: "keys/revoke", Sentence: "revoking is 204, and 204 again", run: keyRevoked},
		{ID: "keys/itself", Sentence: "a key may revoke itself, and is refused from then on", run: revokesItself},
		{ID: "keys/last-used", Sentence: "the last use of a key is kept to the minute", run: lastUsed},
	}
}

var keyForm = regexp.MustCompile(`^test_[0-9A-Za-z]{36}$`)

func keyMade(t *trial) {
	r := t.post("/keys", object{"name": "payouts job", "scopes": []string{"payouts:write", "wallets:read"}, "description": "Nightly payouts"})
	t.status(r, http.StatusCreated)
	t.matches(r, "data.key", keyForm)
	key := r.text("data.key")
	if withChecksum(key[:len(key)-6]) != key {
		t.failed(&r, "a key whose last six characters are its checksum")
	}
	for path, want := range map[string]any{
		"data.prefix": key[:12], "data.last4": key[len(key)-4:], "data.status": "active", "data.name": "payouts job", "data.description": "Nightly payouts",
		"data.expiry_date_at": nil, "data.last_used_at": nil, "data.replaces": nil, "data.scope": []string{"payouts:write", "wallets:read"},
	} {
		t.equal(r, path, want)
	}
	t.head(r, "Location", "/keys/"+r.text("data.id"))
	shown := t.get("/keys/" + r.text("data.id"))
	t.status(shown, http.StatusOK)
	t.absent(shown, "data.key")
	t.equal(shown, "data.prefix", key[:12])
}

func keyFields(t *trial) {
	good := func() object { return object{"name": "conform case", "scopes": []string{"payments:read"}} }
	for _, c := range []struct {
		name  string
		value any
		want  string
	}{
		{"name", nil, "name required"}, {"name", "four", "name too_short"}, {"name", strings.Repeat("x", 21), "name too_long"},
		{"scopes", nil, "scopes required"}, {"scopes", []string{}, "scopes too_few_items"},
		{"scopes", slices.Repeat([]string{"payments:read"}, 21), "scopes too_many_items"}, {"scopes", "payments:read", "scopes invalid_type"},
		{"description", "four", "description too_short"}, {"description", strings.Repeat("x", 101), "description too_long"},
		{"expiry_date", "tomorrow", "expiry_date invalid_format"}, {"expiry_date", "2020-01-01T00:00:00Z", "expiry_date past_date"},
		{"colour", "red", "colour unknown_field"},
	} {
		t.fields(t.post("/keys", set(good(), c.name, c.value)), c.want)
	}
	r := t.post("/keys", set(good(), "scopes", []string{"payments:eat"}))
	t.refused(r, http.StatusUnprocessableEntity, "validation_error")
	if b := breaches(r); len(b) != 1 || !strings.HasPrefix(b[0], "scopes") || !strings.HasSuffix(b[0], " not_allowed") {
		t.failed(&r, "not_allowed at the scope")
	}
	expiry := t.clockNow().Add(time.Hour).In(time.FixedZone("", 3600))
	dated := t.newKey(object{"expiry_date": expiry.Format("2006-01-02T15:04:05-07:00")})
	t.equal(dated, "data.expiry_date_at", expiry.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.000000Z"))
}

func keyList(t *trial) {
	active, revoked := t.newKey(nil).text("data.id"), t.newKey(nil).text("data.id")
	t.status(t.call("DELETE", "/keys/"+revoked, nil), http.StatusNoContent)
	for status, want := range map[string]string{"active": active, "revoked": revoked} {
		r := t.get("/keys?limit=100&status=" + status)
		t.status(r, http.StatusOK)
		if !slices.Contains(idsOf(r), want) {
			t.failed(&r, "key %s among those that are %s", want, status)
		}
		for i := range r.list("data") {
			t.equal(r, pathf("data.%d.status", i), status)
			t.absent(r, pathf("data.%d.key", i))
		}
	}
	first := t.get("/keys?limit=1")
	second := t.get("/keys?limit=1&after=" + escaped(first.text("pagination.after")))
	t.status(second, http.StatusOK)
	if slices.Equal(idsOf(first), idsOf(second)) || len(idsOf(second)) != 1 {
		t.failed(&second, "another key on the second page")
	}
}

func keyRotated(t *trial) {
	old := t.newKey(object{"scopes": []string{"payments:read"}, "description": "Read only"})
	id := old.text("data.id")
	r := t.post("/keys/"+id+"/rotate", nil)
	t.status(r, http.StatusCreated)
	t.matches(r, "data.key", keyForm)
	for path, want := range map[string]any{
		"data.replaces": id, "data.name": old.text("data.name"), "data.scope": []string{"payments:read"}, "data.status": "active",
	} {
		t.equal(r, path, want)
	}
	t.equal(t.get("/keys/"+id), "data.status", "rotating")
	for _, key := range []string{old.text("data.key"), r.text("data.key"), old.text("data.key")} {
		t.status(t.get(probePath, withKey(key)), http.StatusOK)
	}
}

func rotateAgain(t *trial) {
	id := t.newKey(nil).text("data.id")
	t.status(t.post("/keys/"+id+"/rotate", nil), http.StatusCreated)
	r := t.post("/keys/"+id+"/rotate", nil)
	t.refused(r, http.StatusBadRequest, "invalid_status_transition")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.details.from", "rotating")
	t.present(r, "error.details.to")
	gone := t.newKey(nil).text("data.id")
	t.status(t.call("DELETE", "/keys/"+gone, nil), http.StatusNoContent)
	t.equal(t.post("/keys/"+gone+"/rotate", nil), "error.details.from", "revoked")
}

func keyRevoked(t *trial) {
	id := t.newKey(nil).text("data.id")
	for range 2 {
		r := t.call("DELETE", "/keys/"+id, nil)
		t.status(r, http.StatusNoContent)
		if len(r.body) != 0 {
			t.failed(&r, "no body")
		}
	}
	t.equal(t.get("/keys/"+id), "data.status", "revoked")
	t.refused(t.call("DELETE", "/keys/01a20297-0000-7000-8000-000000000000", nil), http.StatusNotFound, "not_found")
	rotating := t.newKey(nil).text("data.id")
	t.status(t.post("/keys/"+rotating+"/rotate", nil), http.StatusCreated)
	t.status(t.call("DELETE", "/keys/"+rotating, nil), http.StatusNoContent)
	t.equal(t.get("/keys/"+rotating), "data.status", "revoked")
}

func revokesItself(t *trial) {
	made := t.newKey(nil)
	key := withKey(made.text("data.key"))
	t.status(t.call("DELETE", "/keys/"+made.text("data.id"), nil, key), http.StatusNoContent)
	t.unauthorized(t.get(probePath, key), "revoked_api_key")
}

func lastUsed(t *trial) {
	made := t.newKey(nil)
	t.equal(made, "data.last_used_at", nil)
	t.status(t.get(probePath, withKey(made.text("data.key"))), http.StatusOK)
	until := now().Add(logTime)
	for {
		r := t.get("/keys/" + made.text("data.id"))
		if r.text("data.last_used_at") != "" {
			t.matches(r, "data.last_used_at", stampForm)
			return
		}
		if now().After(until) {
			t.failed(&r, "last_used_at within %s of the first use", logTime)
		}
		sleep(t.ctx, pollInterval)
	}
}
