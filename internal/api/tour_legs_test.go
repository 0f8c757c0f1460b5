package api_test

import (
	"slices"
	"strings"
)

func theTour() []leg {
	return slices.Concat(paymentLegs(), customerLegs(), walletLegs(), beneficiaryLegs(), payoutLegs(), bulkLegs(), linkLegs(), keyLegs(), webhookLegs(), incomingLegs(), exchangeLegs(),
		sandboxLegs(), otherLegs())
}

// sessionOf is the body of a session for a card.
func sessionOf(reference string) string {
	return `{"amount": 250000, "currency": "NGN", "description": "Term fee", "reference": "` + reference + `", "metadata": {"class": "JSS2"},
		"customer": {"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567",
			"billing_address": {"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}},
		"order": {"identifier": "INV-7", "items": [{"name": "Term fee", "type": "service"}]}, "payment_method": {"type": "card"}}`
}

func paymentLegs() []leg {
	return []leg{
		{op: "createPaymentSession", method: "POST", path: "/payment-sessions", body: sessionOf("ord_1001"), keep: "session=data.id pay=data.links.url"},
		{op: "getEncryptionKey", method: "GET", path: "/payment-sessions/encryption-keys/test"},
		{op: "capturePaymentSession", method: "POST", path: "/payment-sessions/{session}", card: approved},
		{op: "getPaymentSession", method: "GET", path: "/payment-sessions/{session}"},
		{op: "getPayPage", method: "GET", path: "{pay}"},
		{op: "getPayment", method: "GET", path: "/payments/ord_1001"},
		{op: "createRefund", method: "POST", path: "/payments/{session}/refunds", body: `{"amount": 50000, "reason": "One book missing", "reference": "rf_1"}`, keep: "refund=data.id"},
		{op: "getRefund", method: "GET", path: "/refunds/{refund}"},
		{op: "listRefunds", method: "GET", path: "/payments/{session}/refunds"},
		{method: "POST", path: "/payment-sessions", body: sessionOf("ord_1002"), keep: "second=data.id"},
		{method: "POST", path: "/payment-sessions/{second}", card: withOTP},
		{op: "authorizePaymentSession", method: "POST", path: "/payment-sessions/{second}/authorize", body: `{"otp": "123456"}`},
		{method: "POST", path: "/payment-sessions", body: sessionOf("ord_1003"), keep: "third=data.id"},
		{op: "cancelPaymentSession", method: "POST", path: "/payment-sessions/{third}/cancel"},
		{method: "POST", path: "/payment-sessions", body: sessionOf("ord_1004"), keep: "fourth=data.id shop=data.links.url"},
		{method: "POST", path: "/payment-sessions/{fourth}", card: with3DS},
		{op: "sandboxAuthenticate", method: "POST", path: "/sandbox/payments/{fourth}/authenticate", body: `{"result": "approved"}`},
		{op: "return3DS", method: "GET", path: "/payment-sessions/{shop_tail}/3ds"},
		{op: "listPayments", method: "GET", path: "/payments?references=ord_1001,ord_9"},
		{op: "getPaymentStats", method: "GET", path: "/payments/stats"},
	}
}

func customerLegs() []leg {
	return []leg{
		{method: "PATCH", path: "/sandbox/settings", body: `{"kyc": "required"}`},
		{op: "createCustomer", method: "POST", path: "/customers", body: `{"first_name": "Chidi", "last_name": "Oke", "email": "chidi@example.com",
			"phone_number": "+2348031234568", "billing_address": {"line1": "7 Broad Street", "city": "Lagos", "country": "NG", "zip_code": "100002"}}`, keep: "customer=data.id"},
		{op: "decideKyc", method: "POST", path: "/sandbox/customers/{customer}/kyc", body: `{"status": "active"}`},
		{op: "getCustomer", method: "GET", path: "/customers/{customer}"},
		{op: "updateCustomer", method: "PATCH", path: "/customers/{customer}", body: `{"phone": "+2348031234569"}`},
		{op: "listCustomers", method: "GET", path: "/customers"},
		{method: "POST", path: "/customers", body: `{"first_name": "Bola", "last_name": "Ojo", "email": "bola@example.com",
			"phone_number": "+2348031234570", "billing_address": {"line1": "7 Broad Street", "city": "Lagos", "country": "NG", "zip_code": "100002"}}`, keep: "leaver=data.id"},
		{op: "deleteCustomer", method: "DELETE", path: "/customers/{leaver}"},
	}
}

func walletLegs() []leg {
	return []leg{
		{op: "createWallet", method: "POST", path: "/wallets", body: `{"currency": "NGN", "customer_id": "{customer}"}`, keep: "wallet=data.id"},
		{op: "createWalletMethod", method: "POST", path: "/wallets/{wallet}/payment-method", body: `{"type": "bank_account"}`},
		{method: "POST", path: "/sandbox/clock", body: `{"advance_ms": 3000}`},
		{op: "listWalletMethods", method: "GET", path: "/wallets/{wallet}/payment-methods"},
		{op: "createWalletTransaction", method: "POST", path: "/wallets/transactions",
			body: `{"wallet_id": "{wallet}", "amount": 50000, "type": "credit", "description": "Bonus"}`, keep: "move=data.id"},
		{op: "getWalletTransaction", method: "GET", path: "/wallets/transactions/{move}"},
		{op: "listWalletTransactions", method: "GET", path: "/wallets/transactions"},
		{op: "setWalletStatus", method: "PATCH", path: "/wallets/{wallet}/status", body: `{"status": "frozen", "reason": "Asked for by phone"}`},
		{op: "getWallet", method: "GET", path: "/wallets/{wallet}"},
		{op: "listWallets", method: "GET", path: "/wallets/all?customer_id={customer}"},
		{op: "getWalletStatement", method: "GET", path: "/wallets/{wallet}/statement"},
		{op: "fundWallet", method: "POST", path: "/sandbox/wallets/fund", body: `{"currency": "CAD", "amount": 5000}`},
	}
}

func beneficiaryLegs() []leg {
	return []leg{
		{op: "createBeneficiary", method: "POST", path: "/beneficiaries", body: `{"account_name": "ADA OBI", "account_number": "0690000031", "bank_code": "999001",
			"bank_name": "Steady Bank", "currency": "NGN", "type": "bank_account"}`, keep: "payee=data.id"},
		{op: "getBeneficiary", method: "GET", path: "/beneficiaries/{payee}"},
		{method: "POST", path: "/beneficiaries", body: `{"account_name": "ADA OBI", "account_number": "0690009112", "bank_code": "999001",
			"bank_name": "Steady Bank", "currency": "NGN", "type": "bank_account"}`, keep: "closed=data.id"},
		{op: "listBeneficiaries", method: "GET", path: "/beneficiaries"},
		{op: "listBanks", method: "GET", path: "/payment-methods/banks"},
		{op: "resolveBankAccount", method: "POST", path: "/payment-methods/resolve-bank-account", body: `{"account_number": "0690000031", "bank_code": "999001"}`},
	}
}

// payoutTo is the body of a payout to a beneficiary that was kept.
func payoutTo(reference, payee string) string {
	return `{"amount": 150000, "beneficiary": {"id": "{` + payee + `}", "type": "bank_account"}, "description": "Refund 77", "destination_currency": "NGN",
		"reference": "` + reference + `", "source_currency": "NGN"}`
}

func payoutLegs() []leg {
	return []leg{
		{op: "getPayoutCharge", method: "GET", path: "/payouts/Charge?amount=150000&currency=NGN&currency_rail=nuban"},
		{op: "getPayoutChargeLower", method: "GET", path: "/payouts/charge?amount=50&currency=NGN&rail=nuban"},
		{op: "createPayout", method: "POST", path: "/payouts", body: payoutTo("po_77", "payee"), keep: "payout=data.id"},
		{method: "POST", path: "/payouts", body: payoutTo("po_78", "closed"), keep: "failed=data.id"},
		{method: "POST", path: "/sandbox/clock", body: `{"advance_ms": 1000}`},
		{op: "getPayout", method: "GET", path: "/payouts/po_77"},
		{op: "listPayouts", method: "GET", path: "/payouts"},
		{op: "sandboxResolvePayout", method: "POST", path: "/sandbox/payouts/{payout}/resolve", body: `{"outcome": "reversed"}`},
		{op: "deleteBeneficiary", method: "DELETE", path: "/beneficiaries/{closed}"},
	}
}

// bulkItem is an item of a bulk transfer to the beneficiary of the payouts.
func bulkItem(reference string) string {
	return `{"amount": 150000, "beneficiary": {"id": "{payee}", "type": "bank_account"}, "destination_currency": "NGN", "reference": "` + reference +
		`", "source_currency": "NGN"}`
}

func bulkLegs() []leg {
	return []leg{
		{op: "createBulkTransfer", method: "POST", path: "/bulk-transfers", body: `{"reference": "salaries-2026-11", "description": "November salaries"}`, keep: "bulk=data.id"},
		{op: "addBulkTransferItems", method: "POST", path: "/bulk-transfers/{bulk}/items", body: `{"items": [` + bulkItem("sal_11_001") + `]}`},
		{op: "executeBulkTransfer", method: "POST", path: "/bulk-transfers/{bulk}/execute"},
		{method: "POST", path: "/sandbox/clock", body: `{"advance_ms": 60000}`},
		{op: "getBulkTransfer", method: "GET", path: "/bulk-transfers/salaries-2026-11"},
		{method: "POST", path: "/bulk-transfers", body: `{"reference": "bonuses-2026-11", "items": [` + bulkItem("bon_11_001") + `]}`, keep: "second_bulk=data.id"},
		{op: "cancelBulkTransfer", method: "POST", path: "/bulk-transfers/{second_bulk}/cancel"},
		{op: "listBulkTransfers", method: "GET", path: "/bulk-transfers"},
	}
}

func linkLegs() []leg {
	return []leg{
		{op: "createPaymentLink", method: "POST", path: "/payment-links", keep: "link=data.id",
			body: `{"amount": 250000, "currency": "NGN", "customer": {"email": "ada@example.com", "first_name": "Ada"}, "description": "Term fee", "reference": "INV-7-T1"}`},
		{op: "getPaymentLink", method: "GET", path: "/payment-links/{link}"},
		{op: "setPaymentLinkStatus", method: "PATCH", path: "/payment-links/{link}", body: `{"status": "inactive"}`},
		{op: "listPaymentLinks", method: "GET", path: "/payment-links"},
	}
}

func keyLegs() []leg {
	return []leg{
		{op: "createKey", method: "POST", path: "/keys", body: `{"name": "payouts job", "scopes": ["payouts:write"], "description": "Nightly payouts"}`, keep: "key=data.id"},
		{op: "getKey", method: "GET", path: "/keys/{key}"},
		{op: "rotateKey", method: "POST", path: "/keys/{key}/rotate"},
		{op: "listKeys", method: "GET", path: "/keys"},
		{op: "revokeKey", method: "DELETE", path: "/keys/{key}"},
	}
}

func webhookLegs() []leg {
	return []leg{
		{method: "POST", path: "/sandbox/clock/wait", body: `{"timeout_ms": 10000}`},
		{op: "getAccount", method: "GET", path: "/accounts/settings"},
		{op: "patchAccount", method: "PATCH", path: "/accounts/settings", body: `{"payout_pin": null}`},
		{op: "addWebhooks", method: "PATCH", path: "/businesses/webhook", body: `{"urls": ["{hooks}/all"]}`},
		{op: "createWebhookEndpoint", method: "POST", path: "/webhook-endpoints", body: `{"url": "{hooks}/keys", "events": ["wallet.*"]}`, keep: "endpoint=data.id"},
		{op: "patchWebhookEndpoint", method: "PATCH", path: "/webhook-endpoints/{endpoint}", body: `{"description": "Wallets"}`},
		{op: "getWebhookEndpoint", method: "GET", path: "/webhook-endpoints/{endpoint}"},
		{op: "listWebhookEndpoints", method: "GET", path: "/webhook-endpoints"},
		{op: "rotateWebhookSecret", method: "POST", path: "/webhook-endpoints/{endpoint}/rotate-secret"},
		{method: "PATCH", path: "/wallets/{wallet}/status", body: `{"status": "active"}`},
		{method: "POST", path: "/sandbox/clock/wait", body: `{"timeout_ms": 10000}`},
		{op: "listWebhookDeliveries", method: "GET", path: "/webhook-endpoints/{endpoint}/deliveries", keep: "delivery=data.0.id"},
		{op: "getWebhookDelivery", method: "GET", path: "/webhook-deliveries/{delivery}"},
		{op: "resendWebhookDelivery", method: "POST", path: "/webhook-deliveries/{delivery}/resend"},
		{op: "resendWebhookDeliveries", method: "POST", path: "/webhook-endpoints/{endpoint}/resend", body: `{"status": "all"}`},
		{op: "listEvents", method: "GET", path: "/events?event=payment.session.succeeded&limit=1", keep: "event=data.0.id"},
		{op: "getEvent", method: "GET", path: "/events/{event}"},
		{op: "deleteWebhookEndpoint", method: "DELETE", path: "/webhook-endpoints/{endpoint}"},
	}
}

func incomingLegs() []leg {
	by := func(reference, method, currency string) string {
		return strings.NewReplacer(`"type": "card"`, `"type": "`+method+`"`, `"currency": "NGN"`, `"currency": "`+currency+`"`, "Lagos", "Toronto",
			`"country": "NG"`, `"country": "CA"`, "100001", "M5H 1A1", "+2348031234567", "+14165550123").Replace(sessionOf(reference))
	}
	return []leg{
		{method: "GET", path: "/wallets/{wallet}/payment-methods", keep: "number=data.0.account_number"},
		{op: "sandboxBankDeposit", method: "POST", path: "/sandbox/deposits/bank",
			body: `{"account_number": "{number}", "amount": 500000, "narration": "Fees", "reference": "999001261122093108000000000017"}`},
		{op: "listDeposits", method: "GET", path: "/deposits?wallet_id={wallet}", keep: "deposit=data.0.id"},
		{op: "getDeposit", method: "GET", path: "/deposits/{deposit}"},
		{method: "POST", path: "/payment-sessions", body: by("ord_1009", "crypto_address", "USDT"), keep: "chained=data.id"},
		{method: "POST", path: "/payment-sessions/{chained}", body: `{"crypto_address": {"chain": "TRX", "currency": "USDT"}}`, keep: "address=data.payment.payment_method.address"},
		{op: "sandboxChainDeposit", method: "POST", path: "/sandbox/deposits/chain",
			body: `{"address": "{address}", "amount": 250000, "tx_hash": "9f2c41d07be85a63", "confirmations": 6}`},
		{method: "POST", path: "/payment-sessions", body: by("ord_1010", "interac", "CAD"), keep: "interac=data.id"},
		{method: "POST", path: "/payment-sessions/{interac}"},
		{op: "sandboxInteracDeposit", method: "POST", path: "/sandbox/deposits/interac", body: `{"payment_id": "{interac}", "amount": 250000}`},
	}
}

func exchangeLegs() []leg {
	return []leg{
		{op: "getQuote", method: "GET", path: "/exchange/quote?source_currency=CAD&target_currency=NGN&lock=false", keep: "quote=data.id"},
		{op: "lockQuote", method: "POST", path: "/exchange/quote/{quote}/lock"},
		{op: "createSwap", method: "POST", path: "/exchange/swap", body: `{"amount": 10000, "quote_id": "{quote}"}`, keep: "swap=data.id"},
		{op: "getSwap", method: "GET", path: "/exchange/swap/{swap}"},
		{op: "listSwaps", method: "GET", path: "/exchange/swap"},
		{op: "listPairs", method: "GET", path: "/exchange/pairs"},
		{op: "listSwapConfigurations", method: "GET", path: "/exchange/swap-configurations"},
		{op: "getFxRate", method: "GET", path: "/exchange/fx/rate?source_currency=USDC&target_currency=NGN", keep: "fx=data.id"},
		{op: "lockFxRate", method: "POST", path: "/exchange/fx/rate/{fx}/lock"},
		{op: "createConversion", method: "POST", path: "/exchange/fx/convert",
			body: `{"amount": 10000, "rate_id": "{fx}", "reference": "swap-1001", "source_currency": "USDC", "target_currency": "NGN"}`},
		{op: "lockAggregatorRate", method: "POST", path: "/exchange/fx/aggregator-rates/lock", body: `{"source_currency": "USDC", "target_currency": "NGN"}`},
		{op: "convertAmount", method: "POST", path: "/exchange/convert", body: `{"amount": 10000, "from": "USDC", "to": "NGN"}`},
		{op: "createOrder", method: "POST", path: "/exchange/orders", body: `{"qty": 10000, "symbol": "CAD-NGN", "type": "sell"}`, keep: "order=data.id"},
		{op: "getOrder", method: "GET", path: "/exchange/orders/{order}"},
		{op: "listOrders", method: "GET", path: "/exchange/orders"},
		// Market orders are filled at once, so none is open for long enough to be cancelled.
		{op: "cancelOrder", method: "DELETE", path: "/exchange/orders/{order}", status: 400},
		{op: "listRates", method: "GET", path: "/exchange/rates", keep: "rate=data.0.id"},
		{op: "setRate", method: "PATCH", path: "/exchange/rates/{rate}", body: `{"ttl": 300}`},
	}
}

func sandboxLegs() []leg {
	return []leg{
		{method: "POST", path: "/payment-sessions", body: sessionOf("ord_1005"), keep: "fifth=data.id"},
		{method: "POST", path: "/payment-sessions/{fifth}", card: with3DS},
		{op: "sandboxResolvePayment", method: "POST", path: "/sandbox/payments/{fifth}/resolve", body: `{"outcome": "failed", "code": "payer_cancelled"}`},
		{method: "POST", path: "/payment-sessions", body: sessionOf("ord_1006"), keep: "sixth=data.id"},
		{method: "POST", path: "/payment-sessions/{sixth}", card: refundSlow},
		{method: "POST", path: "/payments/{sixth}/refunds", body: `{"amount": 1000}`, keep: "slow=data.id", hasty: true},
		{op: "sandboxResolveRefund", method: "POST", path: "/sandbox/refunds/{slow}/resolve", body: `{"outcome": "succeeded"}`},
		{op: "getSandboxCatalogue", method: "GET", path: "/sandbox/catalogue"},
		{op: "getClock", method: "GET", path: "/sandbox/clock"},
		{op: "moveClock", method: "POST", path: "/sandbox/clock", body: `{"advance_ms": 1000}`},
		{op: "waitForIdle", method: "POST", path: "/sandbox/clock/wait", body: `{"timeout_ms": 10000}`},
		{op: "listRails", method: "GET", path: "/sandbox/rails"},
		{op: "changeRail", method: "PATCH", path: "/sandbox/rails/card", body: `{"personality": "slow", "seed": 7}`},
		{op: "listRailBooks", method: "GET", path: "/sandbox/rail-books?rail=card&limit=1"},
		{op: "getAudit", method: "GET", path: "/sandbox/audit"},
		{op: "auditAgainstExpected", method: "POST", path: "/sandbox/audit",
			body: `{"expected": [{"amount": 250000, "currency": "NGN", "kind": "payment", "reference": "ord_1001", "result": "succeeded"}]}`},
		{op: "changeSandboxSettings", method: "PATCH", path: "/sandbox/settings", body: `{"kyc": "auto"}`},
		{op: "getSandboxSettings", method: "GET", path: "/sandbox/settings"},
		{op: "addRequestFaults", method: "POST", path: "/sandbox/faults",
			body: `{"rules": [{"match": {"method": "GET", "path": "/payments/*"}, "rule": "delay=0;times=2"}, {"rule": "status=503", "match": {"nth": 900}}]}`, keep: "fault=data.0.id"},
		{op: "listRequestFaults", method: "GET", path: "/sandbox/faults"},
		{op: "getRequestFault", method: "GET", path: "/sandbox/faults/{fault}"},
		{method: "GET", path: "/payments/ord_1001"},
		{op: "listFaultTrace", method: "GET", path: "/sandbox/faults/trace"},
		{op: "dropRequestFault", method: "DELETE", path: "/sandbox/faults/{fault}"},
		{op: "dropRequestFaults", method: "DELETE", path: "/sandbox/faults"},
		{op: "addWebhookFaults", method: "POST", path: "/sandbox/webhook-faults", body: `{"rule": "fail=503;times=2"}`, keep: "fault=data.0.id"},
		{op: "listWebhookFaults", method: "GET", path: "/sandbox/webhook-faults"},
		{op: "dropWebhookFault", method: "DELETE", path: "/sandbox/webhook-faults/{fault}"},
		{op: "dropWebhookFaults", method: "DELETE", path: "/sandbox/webhook-faults"},
	}
}

func otherLegs() []leg {
	return []leg{
		{op: "batch", method: "POST", path: "/batch", body: `{"requests": [{"id": "a", "method": "GET", "path": "/payments/ord_1001"}, {"method": "GET", "path": "/refunds/none"}]}`},
		{op: "listRequests", method: "GET", path: "/requests?path=/payments/stats", keep: "request=data.0.id"},
		{op: "getRequest", method: "GET", path: "/requests/{request}"},
		{op: "getIdempotencyKey", method: "GET", path: "/idempotency-keys/none", status: 404},
		{op: "getErrorsPage", method: "GET", path: "/docs/errors"},
		{op: "getOpenAPI", method: "GET", path: "/openapi.json"},
		{op: "resetSandbox", method: "POST", path: "/sandbox/reset"},
	}
}
