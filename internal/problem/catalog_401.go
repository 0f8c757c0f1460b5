package problem

import "net/http"

// 401 and 403: the API key.
var (
	MissingAPIKey = &Kind{
		Code: "missing_api_key", Status: http.StatusUnauthorized, Type: TypeAuthentication,
		Outcome: NotAttempted, Retry: Never(),
		Message: "No API key was sent in the Authorization header.",
		Says:    "Send the key as `Authorization: <key>` or `Authorization: Bearer <key>`.",
		When:    "no header, or an empty one",
		Sandbox: "send any request without `Authorization`",
		Decided: "access",
	}
	InvalidAPIKey = &Kind{
		Code: "invalid_api_key", Status: http.StatusUnauthorized, Type: TypeAuthentication,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The API key is not valid.",
		Details: []string{"reason"},
		Says:    "`reason` is `malformed` (not the shape of a key, or another scheme than Bearer), `checksum` (a character was lost or changed while copying) or `unknown` (no such key here).",
		When:    "other scheme, wrong shape, bad checksum, or not in the store",
		Sandbox: "change the last character of your key",
		Decided: "access",
	}
	ExpiredAPIKey = &Kind{
		Code: "expired_api_key", Status: http.StatusUnauthorized, Type: TypeAuthentication,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The API key expired at {expired_at}.",
		Details: []string{"expired_at", "prefix"},
		Says:    "Make a new key, or use the one that replaced it. `prefix` is the beginning of the key that was sent, to find where it is configured.",
		When:    "past `expiry_date_at`, or past the overlap of a rotation",
		Sandbox: "make a key with an `expiry_date_at`, move the clock past it, use it",
		Decided: "access",
	}
	RevokedAPIKey = &Kind{
		Code: "revoked_api_key", Status: http.StatusUnauthorized, Type: TypeAuthentication,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The API key was revoked.",
		Details: []string{"prefix", "revoked_at"},
		Says:    "Someone withdrew this key. Use another one; a revoked key never works again.",
		When:    "after `DELETE /keys/{id}`",
		Sandbox: "make a key, delete it, use it",
		Decided: "access",
	}
	TestKeyInProduction = &Kind{
		Code: "test_key_in_production", Status: http.StatusUnauthorized, Type: TypeAuthentication,
		Outcome: NotAttempted, Retry: Never(),
		Message: "This is a test key; this is the production environment.",
		Details: []string{"environment", "prefix"},
		Says:    "Key and address do not belong together: use a `live_` key here, or the test address.",
		When:    "a `test_` key on the live listener",
		Sandbox: "send a test key to the live address",
		Decided: "access",
	}
	ProductionKeyInTest = &Kind{
		Code: "production_key_in_test", Status: http.StatusUnauthorized, Type: TypeAuthentication,
		Outcome: NotAttempted, Retry: Never(),
		Message: "This is a production key; this is the test environment.",
		Details: []string{"environment", "prefix"},
		Says:    "Key and address do not belong together: use a `test_` key here, or the live address.",
		When:    "a `live_` key on the test listener",
		Sandbox: "send `Authorization: live_0000000000000000000000000000004DY1fB`",
		Decided: "access",
	}
	InsufficientPermissions = &Kind{
		Code: "insufficient_permissions", Status: http.StatusForbidden, Type: TypePermission,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The key lacks the scope {required}.",
		Details: []string{"granted", "required"},
		Says:    "The key is good but was not given the scope of this endpoint. Use a key that has it.",
		When:    "the scope",
		Sandbox: "make a key with `payments:read`, create a payment session with it",
		Decided: "access",
	}
)

func keyRows() []*Kind {
	return []*Kind{
		MissingAPIKey, InvalidAPIKey, ExpiredAPIKey, RevokedAPIKey,
		TestKeyInProduction, ProductionKeyInTest, InsufficientPermissions,
	}
}
