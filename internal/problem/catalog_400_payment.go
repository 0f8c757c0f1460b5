package problem

import "net/http"

// 400: a payment, refund or payout cannot be made like this.
var (
	InsufficientFunds = &Kind{
		Code: "insufficient_funds", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Again(NewKey, -1),
		Message: "The available balance is too low.",
		Details: []string{"available", "currency", "required"},
		Says:    "Your balance does not cover the amount and its fee. Both numbers are minor units of `currency`. Fund the wallet, then make a new request with a new key.",
		When:    "payout, bulk transfer, refund, wallet debit or swap beyond the balance",
		Sandbox: "`POST /payouts` with an amount above the wallet's balance",
		Decided: "engine",
	}
	LimitExceeded = &Kind{
		Code: "limit_exceeded", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Again(NewKey, -1),
		Message: "The {period} limit is used up.",
		Details: []string{"limit", "period", "remaining", "resets_at"},
		Says:    "A sum or number per period is used up. Wait until `resets_at`, then make a new request with a new key. If `resets_at` is null the limit does not come back by waiting: remove something first.",
		When:    "daily sums; the number of webhook endpoints (`period` is null)",
		Sandbox: "create a twenty-first webhook endpoint",
		Decided: "engine",
		judge:   limitAdvice,
	}
	InvalidBeneficiary = &Kind{
		Code: "invalid_beneficiary", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The beneficiary cannot be used for this payout.",
		Details: []string{"beneficiary_id", "reason"},
		Says:    "`reason` is `not_found`, `deleted`, `type` (other than said in the request) or `currency` (other than the payout's).",
		When:    "payouts",
		Sandbox: "`POST /payouts` with a beneficiary id that does not exist",
		Decided: "engine",
	}
	IncorrectPayoutPIN = &Kind{
		Code: "incorrect_payout_pin", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The payout PIN is wrong.",
		Says:    "The business has a payout PIN and the one sent is another. Nothing was sent.",
		When:    "payouts and execution of a bulk transfer",
		Sandbox: "set a payout PIN, then `POST /payouts` with another `pin`",
		Decided: "engine",
	}
	InvalidEncryption = &Kind{
		Code: "invalid_encryption", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "Invalid encryption format: expected hex(iv):hex(ciphertext):hex(tag) with the current encryption key.",
		Details: []string{"field"},
		Says:    "An encrypted card field could not be opened: not three hex parts, parts of the wrong length, or made with another key. Fetch the encryption key again, encrypt again, and send the request again with the same or a new key.",
		When:    "not three hex parts, wrong lengths, or the tag does not fit",
		Sandbox: "capture with `card.card_number` `00:00:00`",
		Decided: "vault",
	}
	InvalidCard = &Kind{
		Code: "invalid_card", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The card details are invalid.",
		Details: []string{"field"},
		Says:    "The card field was decrypted but does not hold a card number (12 to 19 digits, valid check digit) or security code (3 or 4 digits). No bank has seen it: ask the payer to type it again.",
		When:    "the decrypted number or security code is malformed",
		Sandbox: "capture with the encrypted number `4000000000011000` (wrong check digit)",
		Decided: "vault",
	}
	PaymentMethodMismatch = &Kind{
		Code: "payment_method_mismatch", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The session was started with {method}.",
		Details: []string{"method"},
		Says:    "The fields sent belong to another payment method or another chain. Send those of `method`, or start another session.",
		When:    "fields of another method or another chain",
		Sandbox: "capture a card session with `crypto_address`",
		Decided: "engine",
	}
	PaymentSessionCompleted = &Kind{
		Code: "payment_session_completed", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Outcomes: []Outcome{Succeeded}, Retry: Again(NewKey, -1),
		Message: "The payment session is completed ({status}).",
		Details: []string{"payment"}, Fills: []string{"status"},
		Says:    "The session is over, and `payment` is its result, as `GET /payments/{id}` shows it. The outcome speaks of that payment, not of this request: `succeeded` means the money has moved: do not charge again (`retry.allowed` is false). After a failed or cancelled payment start a new session with a new reference.",
		When:    "capture, authorise or cancel on a completed session",
		Sandbox: "capture a session twice: first with 4012000033330026, then again",
		Decided: "engine",
		judge:   sessionResult,
	}
	PaymentSessionExpired = &Kind{
		Code: "payment_session_expired", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Again(NewKey, -1),
		Message: "The payment session expired at {expires_at}.",
		Details: []string{"payment"}, Fills: []string{"expires_at"},
		Says:    "The session ended before it was paid, and will not be paid any more. Start a new session with a new reference.",
		When:    "capture, authorise or cancel on an expired session",
		Sandbox: "create a session, move the clock 13 hours with `POST /sandbox/clock`, capture",
		Decided: "engine",
	}
	AuthenticationNotExpected = &Kind{
		Code: "authentication_not_expected", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The payment does not wait for authentication.",
		Details: []string{"state"},
		Says:    "Authorise follows a capture that answered with an `auth_type`. Capture first, or read the payment.",
		When:    "authorise before or without a step",
		Sandbox: "authorise a session that was not captured yet",
		Decided: "engine",
	}
	AuthTypeMismatch = &Kind{
		Code: "auth_type_mismatch", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The payment waits for {expected}.",
		Details: []string{"expected"},
		Says:    "Another step is due than the one sent. No try was used up. Send the field that belongs to `expected`.",
		When:    "for example `pin` sent while `otp` is expected",
		Sandbox: "capture with 4000000000011108, then authorise with `pin` 1234",
		Decided: "engine",
	}
	PaymentNotRefundable = &Kind{
		Code: "payment_not_refundable", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Never(),
		Message: "The payment cannot be refunded.",
		Details: []string{"method", "state"},
		Says:    "Only captured or settled payments can be refunded, and crypto payments never. Pay the customer out instead.",
		When:    "refund in another state, or of crypto",
		Sandbox: "refund a payment that was declined",
		Decided: "engine",
	}
	RefundExceedsPayment = &Kind{
		Code: "refund_exceeds_payment", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Never(),
		Message: "At most {refundable} can be refunded.",
		Details: []string{"currency", "refundable"},
		Says:    "The refund is larger than what is left of the payment. `refundable` is minor units of `currency`.",
		When:    "the amount of a refund",
		Sandbox: "refund a captured payment with its amount plus one",
		Decided: "engine",
	}
)

func paymentRows() []*Kind {
	return []*Kind{
		InsufficientFunds, LimitExceeded, InvalidBeneficiary, IncorrectPayoutPIN, InvalidEncryption, InvalidCard,
		PaymentMethodMismatch, PaymentSessionCompleted, PaymentSessionExpired, AuthenticationNotExpected,
		AuthTypeMismatch, PaymentNotRefundable, RefundExceedsPayment,
	}
}
