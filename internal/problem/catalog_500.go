package problem

import "net/http"

// 429, 500 and 503: slow down; our fault; a part is not available.
//
// server_error, storage_unavailable and request_timeout start from the worst
// case (work had begun, nothing to repeat it by); whoever knows better says so
// with BrokeOff.
var (
	RateLimitExceeded = &Kind{
		Code: "rate_limit_exceeded", Status: http.StatusTooManyRequests, Type: TypeRateLimit,
		Outcome: NotAttempted, Retry: Again(SameKey, 1000),
		Message: "Too many requests. Try again in {retry_after} seconds.",
		Details: []string{"limit", "policy"},
		Says:    "Slow down; it never means anything else. Wait `retry_after` seconds, then send the identical request. `limit` is `key`, `endpoint` or `concurrency`; the `RateLimit` headers tell how much is left before it comes to this.",
		When:    "more requests than the limits allow",
		Sandbox: "`GET /payments/{id}` more than 100 times in a minute",
		Decided: "ratelimit",
	}
	ServerError = &Kind{
		Code: "server_error", Status: http.StatusInternalServerError, Type: TypeAPI,
		Outcome: Unknown, Outcomes: []Outcome{NotAttempted}, Retry: Again(AfterVerify, 2000),
		Message: "Something went wrong on our side.",
		Details: []string{"resource"},
		Says:    "The server broke. If the outcome is `unknown`, work had begun: repeat the identical request with the same key, and it continues where it stopped; without a key, look at `resource` or at the reference first. If it persists, contact the operator with the `request_id`.",
		When:    "an unexpected fault",
		Sandbox: "`Juicer-Fault: error=server_error`, or with `;at=after-commit` for outcome `unknown`",
		Decided: "api",
	}
	RailUnavailable = &Kind{
		Code: "rail_unavailable", Status: http.StatusServiceUnavailable, Type: TypeAPI,
		Outcome: NotAttempted, Retry: Again(SameKey, 30000),
		Message: "The {rail} rail is not available.",
		Details: []string{"rail", "reason"},
		Says:    "The bank or network behind this payment method cannot be reached (`down`): nothing was sent, try again later. `not_configured`: this server has no provider for it, and repeating does not help.",
		When:    "live without a provider; a rail that does not answer",
		Sandbox: "`PATCH /sandbox/rails/card` with `down_until` in the future, then capture",
		Decided: "engine",
		judge:   railAdvice,
	}
	BankNotAvailable = &Kind{
		Code: "bank_not_available", Status: http.StatusServiceUnavailable, Type: TypeAPI,
		Outcome: NotAttempted, Retry: Again(SameKey, 120000),
		Message: "The bank does not answer at the moment.",
		Details: []string{"bank_code"},
		Says:    "The bank could not be asked about the account. Try again in two minutes.",
		When:    "resolving a bank account",
		Sandbox: "resolve an account number that ends in 9163",
		Decided: "engine",
	}
	StorageUnavailable = &Kind{
		Code: "storage_unavailable", Status: http.StatusServiceUnavailable, Type: TypeAPI,
		Outcome: Unknown, Outcomes: []Outcome{NotAttempted}, Retry: Again(AfterVerify, 2000),
		Message: "The service cannot store data at the moment.",
		Says:    "The database does not answer. What holds for `server_error` holds here.",
		When:    "the store is down",
		Sandbox: "`Juicer-Fault: error=storage_unavailable`, or with `;at=after-commit` for outcome `unknown`",
		Decided: "store/sqlite api",
	}
	Overloaded = &Kind{
		Code: "overloaded", Status: http.StatusServiceUnavailable, Type: TypeAPI,
		Outcome: NotAttempted, Retry: Again(SameKey, 1000),
		Message: "The server is busy.",
		Details: []string{"reason"},
		Says:    "The server took no more work: too much of it (`load`), or it is about to stop (`stopping`). Nothing was begun. Send the identical request again.",
		When:    "shedding load before any work; shutting down",
		Sandbox: "`Juicer-Fault: error=overloaded`",
		Decided: "api",
	}
	RequestTimeout = &Kind{
		Code: "request_timeout", Status: http.StatusServiceUnavailable, Type: TypeAPI,
		Outcome: Unknown, Outcomes: []Outcome{NotAttempted}, Retry: Again(AfterVerify, 2000),
		Message: "The request took too long.",
		Says:    "The server could not finish within 30 seconds. A slow bank never leads to this: then the payment is answered as `processing`. What holds for `server_error` holds here.",
		When:    "30 s are over",
		Sandbox: "`Juicer-Fault: error=request_timeout`, or with `;at=after-commit` for outcome `unknown`",
		Decided: "api",
	}
)

func serverRows() []*Kind {
	return []*Kind{
		RateLimitExceeded, ServerError, RailUnavailable, BankNotAvailable,
		StorageUnavailable, Overloaded, RequestTimeout,
	}
}
