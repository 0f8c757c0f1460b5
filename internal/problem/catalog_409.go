package problem

import "net/http"

// 409: a conflict with something that is going on, busy, or already there.
var (
	PaymentInProgress = &Kind{
		Code: "payment_in_progress", Status: http.StatusConflict, Type: TypeInvalidRequest,
		Outcome: Pending, Outcomes: []Outcome{Unknown}, Retry: Again(SameKey, 2000),
		Message: "The payment is being processed.",
		Details: []string{"payment"},
		Says:    "The payment is with the bank. The outcome speaks of that payment, not of this request, which did nothing. Wait for its result; send this request again afterwards if it is still wanted.",
		When:    "capture with another card, authorise, cancel or refund meanwhile",
		Sandbox: "capture with 4000000000020406 and `Juicer-Deadline-Ms: 500`, then cancel",
		Decided: "engine",
	}
	ResourceBusy = &Kind{
		Code: "resource_busy", Status: http.StatusConflict, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Again(SameKey, 500),
		Message: "Another request is changing this resource.",
		Details: []string{"id", "resource"},
		Says:    "Another request holds the resource. Send the identical request again, with the same key.",
		When:    "the lock was not free within 5 s",
		Sandbox: "capture with 4000000000020208 (20 s), and `POST /sandbox/reset` from a second connection",
		Decided: "engine",
	}
	ProbableDuplicate = &Kind{
		Code: "probable_duplicate", Status: http.StatusConflict, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Again(NewKey, -1),
		Message: "A payment with the same amount to the same party was made {age_seconds} seconds ago.",
		Details: []string{"age_seconds", "id", "reference", "status"},
		Says:    "This looks like a payment that was made a moment ago. Compare the two. If both are wanted, send it again with `allow_duplicate: true` and a new key.",
		When:    "the guard is switched on, and the same amount goes to the same party within its window",
		Sandbox: "set `probable_duplicate_s` in the sandbox settings, then make two alike payment sessions under two references",
		Decided: "engine",
	}
	CustomerExists = &Kind{
		Code: "customer_exists", Status: http.StatusConflict, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "A customer with this email exists.",
		Details: []string{"differs", "id"},
		Says:    "`id` is that customer, `differs` names the fields that are others. Use it, or change it with PATCH.",
		When:    "the same e-mail with other data",
		Sandbox: "create two customers with one e-mail and two names",
		Decided: "engine",
	}
	BeneficiaryExists = &Kind{
		Code: "beneficiary_exists", Status: http.StatusConflict, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "This account is already a beneficiary.",
		Details: []string{"differs", "id"},
		Says:    "`id` is that beneficiary, `differs` names the fields that are others. Use it, or delete it first.",
		When:    "the same account with other data",
		Sandbox: "create two beneficiaries with one account number and two names",
		Decided: "engine",
	}
	BalanceNotZero = &Kind{
		Code: "balance_not_zero", Status: http.StatusConflict, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The balance is not zero.",
		Details: []string{"balances"},
		Says:    "Move the money away first. `balances` lists what is there, as `{amount, currency}` in minor units.",
		When:    "deleting a wallet or customer",
		Sandbox: "fund a wallet, then delete it",
		Decided: "engine",
	}
)

func conflictRows() []*Kind {
	return []*Kind{PaymentInProgress, ResourceBusy, ProbableDuplicate, CustomerExists, BeneficiaryExists, BalanceNotZero}
}

// The three codes about idempotency keys.
var (
	IdempotencyKeyInUse = &Kind{
		Code: "idempotency_key_in_use", Status: http.StatusConflict, Type: TypeIdempotency,
		Outcome: Pending, Retry: Again(SameKey, 1000),
		Message: "A request with this Idempotency-Key is still running.",
		Details: []string{"age_ms", "request_id"},
		Says:    "Your first request with this key has not ended. The outcome and `request_id` are those of that request. Send the identical request again with the same key: you get its reply.",
		When:    "the first request with this key is still going",
		Sandbox: "capture with 4000000000020208 (20 s), and repeat it with the same key from a second connection",
		Decided: "idempotency",
	}
	IdempotencyKeyReused = &Kind{
		Code: "idempotency_key_reused", Status: http.StatusUnprocessableEntity, Type: TypeIdempotency,
		Outcome: NotAttempted, Retry: Again(NewKey, -1),
		Message: "This Idempotency-Key was used with other parameters.",
		Details: []string{"differs", "request_id"},
		Says:    "A key stands for one request. `differs` names what has changed since the first one, `request_id` is the first one. Use a new key for a new request; look at how your program makes keys.",
		When:    "the same key with another method, path, query or body",
		Sandbox: "create two payment sessions with one key and two amounts",
		Decided: "idempotency",
	}
	IdempotencyKeyExpired = &Kind{
		Code: "idempotency_key_expired", Status: http.StatusConflict, Type: TypeIdempotency,
		Outcome: Unknown, Outcomes: []Outcome{NotAttempted, Refused, Pending, Succeeded}, Retry: Never(),
		Message: "The stored reply for this Idempotency-Key is gone; the request will not run again.",
		Details: []string{"completed_at", "resource"},
		Says:    "The request ran long ago. The outcome speaks of the resource it made: read it at `resource.url`. This key never runs anything again within 90 days.",
		When:    "a key between 24 hours and 90 days old",
		Sandbox: "create a payment session with a key, move the clock 25 hours, repeat",
		Decided: "idempotency",
	}
)

func idempotencyRows() []*Kind {
	return []*Kind{IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyKeyExpired}
}
