package problem

import "net/http"

// 400: bulk transfers, wallets, banks, quotes and orders.
var (
	BulkTransferNotOpen = &Kind{
		Code: "bulk_transfer_not_open", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Never(),
		Message: "The bulk transfer is {status}.",
		Details: []string{"status"},
		Says:    "Items can be added and the transfer executed only while it is `created`; it can be cancelled until it has ended. Read it with `GET /bulk-transfers/{id}`.",
		When:    "items or execute after `created`; cancel after the end",
		Sandbox: "execute a bulk transfer, then add an item",
		Decided: "engine",
	}
	BulkTransferEmpty = &Kind{
		Code: "bulk_transfer_empty", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The bulk transfer has no items.",
		Says:    "Add items, then execute.",
		When:    "execute",
		Sandbox: "execute a bulk transfer that was made without `items`",
		Decided: "engine",
	}
	BulkTransferFull = &Kind{
		Code: "bulk_transfer_full", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "At most {limit} items.",
		Details: []string{"limit"},
		Says:    "None of the items of this request were added. Put the rest into another bulk transfer.",
		When:    "items",
		Sandbox: "add 5,001 items to one bulk transfer",
		Decided: "engine",
	}
	InvalidStatusTransition = &Kind{
		Code: "invalid_status_transition", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "{from} cannot become {to}.",
		Details: []string{"from", "to"},
		Says:    "The resource is in a state from which the wanted one cannot be reached. Read it again.",
		When:    "wallets, keys, webhook endpoints, payment links; results set by hand in the sandbox",
		Sandbox: "revoke a key twice with `DELETE /keys/{id}`",
		Decided: "engine",
	}
	WalletNotActive = &Kind{
		Code: "wallet_not_active", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Again(NewKey, -1),
		Message: "The wallet is {status}.",
		Details: []string{"id", "status"},
		Says:    "A frozen or deleted wallet takes and gives nothing. Make it active again, then make a new request with a new key.",
		When:    "a frozen or deleted wallet",
		Sandbox: "freeze a wallet, then pay out of it",
		Decided: "engine",
	}
	CustomerNotVerified = &Kind{
		Code: "customer_not_verified", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: Refused, Retry: Again(NewKey, -1),
		Message: "The customer is {status}.",
		Details: []string{"customer_id", "status"},
		Says:    "The customer has not passed the identity check. Make a new request with a new key once the customer is `active`.",
		When:    "a wallet for a customer without identity check",
		Sandbox: "set `kyc` to `required` in the sandbox settings, create a customer, open a wallet",
		Decided: "engine",
	}
	InvalidAccountNumber = &Kind{
		Code: "invalid_account_number", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "No account at this bank can have this number.",
		Details: []string{"bank_code"},
		Says:    "The number has the wrong form for this bank. Ask for the number again.",
		When:    "resolving a bank account",
		Sandbox: "resolve an account number that ends in 9161",
		Decided: "engine",
	}
	InvalidBankCode = &Kind{
		Code: "invalid_bank_code", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The bank code is not known.",
		Details: []string{"bank_code"},
		Says:    "The code is not in the list of `GET /payment-methods/banks`.",
		When:    "resolving a bank account; beneficiaries",
		Sandbox: "resolve an account at `bank_code` 000000",
		Decided: "engine",
	}
	AccountNotFound = &Kind{
		Code: "account_not_found", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The bank does not know this account.",
		Details: []string{"bank_code"},
		Says:    "The bank was asked and has no such account. Ask for the number again.",
		When:    "resolving a bank account",
		Sandbox: "resolve an account number that ends in 9162",
		Decided: "engine",
	}
	QuoteExpired = &Kind{
		Code: "quote_expired", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The quote expired at {expired_at}.",
		Details: []string{"expired_at", "id"},
		Says:    "The rate is no longer held. Ask for a new quote, show it to whoever decides, and use that one.",
		When:    "lock, swap, convert, payout",
		Sandbox: "lock a quote, move the clock by two minutes, swap",
		Decided: "exchange",
	}
	QuoteMismatch = &Kind{
		Code: "quote_mismatch", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The quote is for {symbol}.",
		Details: []string{"symbol"},
		Says:    "The currencies of the request are not those of the quote.",
		When:    "other currencies than quoted",
		Sandbox: "lock a quote for CAD-NGN, then swap USD into NGN with it",
		Decided: "exchange",
	}
	QuoteAlreadyUsed = &Kind{
		Code: "quote_already_used", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The quote was used already.",
		Details: []string{"id", "resource_id"},
		Says:    "A quote serves one exchange; `resource_id` is that one. If it is yours, you are done. Otherwise ask for a new quote.",
		When:    "a second use with another amount",
		Sandbox: "swap twice with one quote and two amounts",
		Decided: "exchange",
	}
	OrderNotOpen = &Kind{
		Code: "order_not_open", Status: http.StatusBadRequest, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The order is {status}.",
		Details: []string{"status"},
		Says:    "Only an open order can be cancelled.",
		When:    "cancelling an order",
		Sandbox: "cancel an order that was filled",
		Decided: "exchange",
	}
)

func transferRows() []*Kind {
	return []*Kind{
		BulkTransferNotOpen, BulkTransferEmpty, BulkTransferFull, InvalidStatusTransition,
		WalletNotActive, CustomerNotVerified, InvalidAccountNumber, InvalidBankCode, AccountNotFound,
		QuoteExpired, QuoteMismatch, QuoteAlreadyUsed, OrderNotOpen,
	}
}
