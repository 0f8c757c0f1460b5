package conformance

import (
	"hash/crc32"
	"math/big"
	"net/http"
	"strings"
	"time"
)

func authCases() []Case {
	return []Case{
		{ID: "auth/missing", Sentence: "no key, or an empty one, is 401 missing_api_key", run: missingKey},
		{ID: "auth/malformed", Sentence: "a key of another shape or another scheme is 401 invalid_api_key, reason malformed", run: malformedKey},
		{ID: "auth/checksum", Sentence: "a key whose checksum does not fit is 401 invalid_api_key, reason checksum", run: wrongChecksum},
		{ID: "auth/unknown", Sentence: "a well-formed key that nobody made is 401 invalid_api_key, reason unknown", run: unknownKey},
		{ID: "auth/other-environment", Sentence: "a live key is recognised by its prefix: 401 production_key_in_test", run: liveKey},
		{ID: "auth/revoked", Sentence: "a revoked key is 401 revoked_api_key from the next request on", run: revokedKey},
		{ID: "auth/expired", Sentence: "a key past its expiry date is 401 expired_api_key", run: expiredKey},
		{ID: "auth/spellings", Sentence: "the key may stand alone or after Bearer in any case, with blanks around it", run: keySpellings},
		{ID: "auth/first", Sentence: "a bad key learns nothing of bodies, scopes or objects", run: keyBeforeAll},
	}
}

// probePath is read with the keys under test.
const probePath = "/payments/stats"

func (t *trial) unauthorized(r reply, code string) {
	t.refused(r, http.StatusUnauthorized, code)
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.type", "authentication_error")
}

func missingKey(t *trial) {
	t.unauthorized(t.get(probePath, withoutKey()), "missing_api_key")
	t.unauthorized(t.get(probePath, withKey("")), "missing_api_key")
}

func malformedKey(t *trial) {
	for _, key := range []string{
		"nonsense", "test_", "test_short", "Basic dXNlcjpwYXNz", "Token " + t.key, t.key + "x", "Test_" + t.key[5:],
		t.key[:20] + "-" + t.key[21:], "Bearer nonsense", "prod_" + t.key[5:],
	} {
		r := t.get(probePath, withKey(key))
		t.unauthorized(r, "invalid_api_key")
		t.equal(r, "error.details.reason", "malformed")
	}
}

func wrongChecksum(t *trial) {
	last := t.key[len(t.key)-1]
	other := byte('A')
	if last == other {
		other = 'B'
	}
	r := t.get(probePath, withKey(t.key[:len(t.key)-1]+string(other)))
	t.unauthorized(r, "invalid_api_key")
	t.equal(r, "error.details.reason", "checksum")
}

func unknownKey(t *trial) {
	r := t.get(probePath, withKey(withChecksum("test_"+randomText(30))))
	t.unauthorized(r, "invalid_api_key")
	t.equal(r, "error.details.reason", "unknown")
}

func liveKey(t *trial) {
	key := withChecksum("live_" + randomText(30))
	r := t.get(probePath, withKey(key))
	t.unauthorized(r, "production_key_in_test")
	t.equal(r, "error.details.environment", "test")
	t.equal(r, "error.details.prefix", key[:12])
}

// withChecksum completes a key: CRC-32 of what stands before it, as six digits
// of base62.
func withChecksum(body string) string {
	n := big.NewInt(int64(crc32.ChecksumIEEE([]byte(body))))
	digits := make([]byte, 6)
	rest := new(big.Int)
	for i := len(digits) - 1; i >= 0; i-- {
		n.DivMod(n, big.NewInt(62), rest)
		digits[i] = base62[rest.Int64()]
	}
	return body + string(digits)
}

// newKey makes an API key; the reply is checked.
func (t *trial) newKey(fields object) reply {
	body := object{"name": "conform case", "scopes": []string{"*"}}
	for name, value := range fields {
		body[name] = value
	}
	r := t.post("/keys", body)
	t.status(r, http.StatusCreated)
	return r
}

func revokedKey(t *trial) {
	made := t.newKey(nil)
	key := made.text("data.key")
	t.status(t.get(probePath, withKey(key)), http.StatusOK)
	t.status(t.call("DELETE", "/keys/"+made.text("data.id"), nil), http.StatusNoContent)
	r := t.get(probePath, withKey(key))
	t.unauthorized(r, "revoked_api_key")
	t.equal(r, "error.details.prefix", key[:12])
	t.present(r, "error.details.revoked_at")
}

func expiredKey(t *trial) {
	if t.get("/sandbox/clock").isTrue("data.frozen") {
		t.leave("the test clock stands still")
	}
	expiry := t.clockNow().Add(2 * time.Second)
	made := t.newKey(object{"expiry_date": expiry.Format(time.RFC3339Nano)})
	until := now().Add(10 * time.Second)
	for now().Before(until) {
		r := t.get(probePath, withKey(made.text("data.key")))
		if r.status != http.StatusOK {
			t.unauthorized(r, "expired_api_key")
			t.equal(r, "error.details.expired_at", made.text("data.expiry_date_at"))
			t.equal(r, "error.details.prefix", made.text("data.prefix"))
			return
		}
		sleep(t.ctx, pollInterval)
	}
	t.failed(&made, "this key to be refused after its expiry date")
}

func keySpellings(t *trial) {
	for _, value := range []string{t.key, "Bearer " + t.key, "bearer " + t.key, "BEARER " + t.key, "Bearer   " + t.key} {
		r := t.get(probePath, withKey(value))
		if r.status != http.StatusOK {
			t.failed(&r, "200 with the key spelled as %q", strings.ReplaceAll(value, t.key, "KEY"))
		}
	}
}

func keyBeforeAll(t *trial) {
	bad := withKey(withChecksum("test_" + randomText(30)))
	id := t.created()
	answers := map[string]bool{}
	for _, r := range []reply{
		t.get("/payments/"+id, bad),
		t.get("/payments/"+t.unique(), bad),
		t.get("/payments?limit=0", bad),
		t.post("/payment-sessions", raw("{"), bad),
		t.post("/payment-sessions", raw("x"), bad, plain("text/plain")),
		t.post("/payment-sessions", t.session(), bad, idempotent("not valid")),
	} {
		t.unauthorized(r, "invalid_api_key")
		answers[strings.ReplaceAll(string(r.body), r.requestID(), "")] = true
		if len(answers) > 1 {
			t.failed(&r, "the same answer for every request with this key")
		}
	}
}
