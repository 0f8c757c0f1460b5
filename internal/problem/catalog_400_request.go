package problem

import "net/http"

// 400: the request cannot be read, or does not fit what it names.
var (
	MalformedJSON = &Kind{
		Code: "malformed_json", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The request body is not valid JSON.",
		Details: []string{"position", "reason"},
		Says:    "The body could not be read. Nothing was looked at beyond the key. `position` is the byte where reading stopped, counted from 0. Correct the body and send it again; the idempotency key is still free.",
		When:    "the body is not JSON, not an object, has a duplicate key, bad UTF-8, or is nested too deep",
		Sandbox: "send the body `{`",
		Decided: "wire",
	}
	InvalidRequest = &Kind{
		Code: "invalid_request", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: InvalidQuery,
		Details: []string{AnyName},
		Says:    "A query parameter, path part or header is unknown or has a bad value. `details` maps each name to a list of texts that say what is wrong.",
		When:    "an unknown or bad query parameter, header or cursor",
		Sandbox: "`GET /payments?limit=0`",
		Decided: "api wire sandbox",
	}
	InvalidIdempotencyKey = &Kind{
		Code: "invalid_idempotency_key", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The Idempotency-Key must be 1 to 255 printable characters without blanks.",
		Details: []string{"length"},
		Says:    "The form of the `Idempotency-Key` header is wrong, or the header was sent more than once. `length` counts its characters.",
		When:    "the form of the key",
		Sandbox: "send `Idempotency-Key: two words` with any write",
		Decided: "idempotency",
	}
	InvalidMode = &Kind{
		Code: "invalid_mode", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "Mode must be {allowed}.",
		Details: []string{"allowed"},
		Says:    "Encryption keys exist only for the environment you are talking to: `test` here, `live` on the live address.",
		When:    "encryption keys of the other or an unknown mode",
		Sandbox: "`GET /payment-sessions/encryption-keys/live`",
		Decided: "api",
	}
	NotBatchable = &Kind{
		Code: "not_batchable", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "This request cannot be part of a batch.",
		Details: []string{"path"},
		Says:    "`/batch` itself, `/sandbox/*` and requests with `wait` do not run inside a batch. Send this one by itself; the other items are not affected.",
		When:    "such an item in `/batch`",
		Sandbox: "`POST /batch` with an item whose `path` is `/batch`",
		Decided: "api",
	}
	InvalidAmount = &Kind{
		Code: "invalid_amount", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "invalid_amount: Amount must be between {minimum} and {maximum}.",
		Details: []string{"currency", "maximum", "method", "minimum"}, Bare: true,
		Says:    "The amount is well formed but outside the limits of the payment method, rail or currency pair. `minimum` and `maximum` are minor units of `currency`.",
		When:    "the amount is outside the limits of method, rail or pair",
		Sandbox: "`POST /payment-sessions` for a card with `amount` 50",
		Decided: "engine",
	}
	InvalidCurrency = &Kind{
		Code: "invalid_currency", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "invalid_currency: {currency} cannot be used with {method}.",
		Details: []string{"allowed", "currency", "method"}, Bare: true,
		Says:    "The currency exists but does not fit the payment method, rail or pair. `allowed` lists those that do.",
		When:    "the currency or pair does not fit",
		Sandbox: "`POST /payment-sessions` for a card with `currency` `USDT`",
		Decided: "engine",
	}
	ReferenceExists = &Kind{
		Code: "reference_exists", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "reference_exists: The reference {reference} is already used for another {kind}.",
		Details: []string{"differs", "id", "reference", "status"}, Fills: []string{"kind"}, Bare: true,
		Says:    "A resource with this reference exists and its money fields are others: `differs` names them, `id` and `status` are those of the existing one. Read it before you choose a new reference. (The same reference with the same money fields returns the existing resource.)",
		When:    "the same reference with other money fields",
		Sandbox: "create a payment session, then another with the same `reference` and another `amount`",
		Decided: "engine",
	}
	DuplicateCurrencyWallet = &Kind{
		Code: "duplicate_currency_wallet", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "duplicate_currency_wallet: The customer already has a {currency} wallet.",
		Details: []string{"currency", "customer_id", "id"}, Bare: true,
		Says:    "A customer has at most one wallet per currency. `id` is the existing one: use it.",
		When:    "a second wallet of a customer in one currency",
		Sandbox: "`POST /wallets` twice for one customer and currency",
		Decided: "engine",
	}
)

// The three sentences of invalid_request; choose with Say.
const (
	InvalidQuery      = "Invalid query parameters"
	InvalidParameters = "Invalid parameters provided"
	InvalidHeader     = "Invalid header"
)

func requestRows() []*Kind {
	return []*Kind{
		MalformedJSON, InvalidRequest, InvalidIdempotencyKey, InvalidMode, NotBatchable,
		InvalidAmount, InvalidCurrency, ReferenceExists, DuplicateCurrencyWallet,
	}
}
