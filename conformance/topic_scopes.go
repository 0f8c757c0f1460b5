package conformance

import "net/http"

func scopeCases() []Case {
	return []Case{
		{ID: "scopes/lacking", Sentence: "a key without the scope is 403 and learns which one it lacks", run: lacksScope},
		{ID: "scopes/write-reads", Sentence: "write includes read of the same resource", run: writeIncludesRead},
		{ID: "scopes/before-fields", Sentence: "the scope is looked at before the fields", run: scopeBeforeFields},
		{ID: "scopes/after-json", Sentence: "the scope is looked at after the body could be read", run: scopeAfterJSON},
		{ID: "scopes/stored-reply", Sentence: "a stored reply is released only to a key that has the scope", run: scopeOfStoredReply},
		{ID: "scopes/hand-on", Sentence: "a key cannot hand on scopes that it lacks", run: cannotHandOn},
		{ID: "scopes/sandbox", Sentence: "any valid test key may use the sandbox", run: sandboxNeedsNoScope},
	}
}

// scoped makes a key with these scopes and returns it.
func (t *trial) scoped(scopes ...string) option {
	return withKey(t.newKey(object{"scopes": scopes}).text("data.key"))
}

func (t *trial) forbidden(r reply, required string) {
	t.refused(r, http.StatusForbidden, "insufficient_permissions")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.type", "permission_error")
	t.equal(r, "error.details.required", required)
}

func lacksScope(t *trial) {
	reader := t.scoped("payments:read")
	id := t.created()
	for _, c := range []struct {
		r        reply
		required string
	}{
		{t.post("/payment-sessions", t.session(), reader), "payments:write"},
		{t.capture(id, cardApproved, reader), "payments:write"},
		{t.post("/payment-sessions/"+id+"/cancel", nil, reader), "payments:write"},
		{t.post("/payments/"+id+"/refunds", nil, reader), "payments:write"},
		{t.get("/payment-sessions/encryption-keys/test", reader), "payments:write"},
		{t.get("/keys", reader), "keys:read"},
		{t.post("/keys", object{"name": "conform case", "scopes": []string{"payments:read"}}, reader), "keys:write"},
		{t.get("/requests", reader), "requests:read"},
		{t.get("/payments", t.scoped("keys:read")), "payments:read"},
	} {
		t.forbidden(c.r, c.required)
	}
	r := t.post("/payment-sessions", t.session(), reader)
	t.equal(r, "error.details.granted", []string{"payments:read"})
}

func writeIncludesRead(t *trial) {
	writer := t.scoped("payments:write")
	t.status(t.get("/payments/stats", writer), http.StatusOK)
	t.status(t.get("/payments/"+t.created(), writer), http.StatusOK)
	t.forbidden(t.get("/keys", writer), "keys:read")
}

func scopeBeforeFields(t *trial) {
	reader := t.scoped("payments:read")
	t.forbidden(t.post("/payment-sessions", object{"amount": -1}, reader), "payments:write")
	t.forbidden(t.post("/payment-sessions/"+t.unique()+"/cancel", nil, reader), "payments:write")
}

func scopeAfterJSON(t *trial) {
	reader := t.scoped("payments:read")
	t.refused(t.post("/payment-sessions", raw("{"), reader), http.StatusBadRequest, "malformed_json")
	t.refused(t.post("/payment-sessions", raw("x"), reader, plain("text/plain")), http.StatusUnsupportedMediaType, "unsupported_media_type")
	t.refused(t.post("/payment-sessions", t.session(), reader, idempotent("not valid")), http.StatusBadRequest, "invalid_idempotency_key")
}

func scopeOfStoredReply(t *trial) {
	body, key := t.session(), idempotent(t.unique())
	first := t.post("/payment-sessions", body, key)
	t.status(first, http.StatusCreated)
	t.forbidden(t.post("/payment-sessions", body, key, t.scoped("payments:read")), "payments:write")
	other := t.post("/payment-sessions", body, key, t.scoped("payments:write"))
	t.identical(other, first)
	t.replayed(other, true)
}

func cannotHandOn(t *trial) {
	maker := t.scoped("keys:write", "payments:read")
	own := object{"name": "conform case", "scopes": []string{"payments:read"}}
	t.status(t.post("/keys", own, maker), http.StatusCreated)
	more := object{"name": "conform case", "scopes": []string{"payments:write"}}
	t.refused(t.post("/keys", more, maker), http.StatusForbidden, "insufficient_permissions")
	all := object{"name": "conform case", "scopes": []string{"*"}}
	t.refused(t.post("/keys", all, maker), http.StatusForbidden, "insufficient_permissions")
}

func sandboxNeedsNoScope(t *trial) {
	narrow := t.scoped("keys:read")
	t.status(t.get("/sandbox/clock", narrow), http.StatusOK)
	t.status(t.get("/sandbox/settings", narrow), http.StatusOK)
	t.refused(t.get("/sandbox/clock", withoutKey()), http.StatusUnauthorized, "missing_api_key")
}
