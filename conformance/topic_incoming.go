package conformance

import (
	"net/http"
	"time"
)

func incomingCases() []Case {
	return []Case{
		{ID: "incoming/bank-account", Sentence: "a session by bank_account gets an account of its own, and what is transferred to it captures and settles at once", run: bankPaid},
		{ID: "incoming/repeated", Sentence: "capturing again gives the same instructions, marked as a replay", run: sameInstructions},
		{ID: "incoming/part", Sentence: "a part payment is processing: it cannot be cancelled, and the rest captures it", run: partPaid},
		{ID: "incoming/told-often", Sentence: "a transfer that the bank tells of often counts once", run: toldOften},
		{ID: "incoming/more", Sentence: "more than the amount is accepted, amount_paid tells", run: overPaid},
		{ID: "incoming/late", Sentence: "what comes to a completed session goes back and is listed in /deposits as returned", run: cameLate},
		{ID: "incoming/fields", Sentence: "fields of another method are 400 payment_method_mismatch", run: otherFields},
		{ID: "incoming/refund", Sentence: "a bank transfer is refunded like a card payment", run: transferRefunded},
		{ID: "incoming/wallet", Sentence: "a deposit to a wallet's number is in the wallet, listed, and told with the same object", run: walletDeposit},
		{ID: "incoming/chain", Sentence: "a chain's transfer is pending, confirmed and completed before the payment succeeds", run: chainPaid},
		{ID: "incoming/chain-token", Sentence: "a token that the chain does not carry, or that is not the session's, is 400 invalid_currency", run: wrongToken},
		{ID: "incoming/chain-wrong", Sentence: "another token than asked for goes back, the session goes on waiting", run: wrongTransfer},
		{ID: "incoming/chain-at-once", Sentence: "a session that names chain and currency has its address at once", run: addressAtOnce},
		{ID: "incoming/interac", Sentence: "an Interac session has a gateway link and is paid there", run: interacPaid},
		{ID: "incoming/interac-rules", Sentence: "Interac is for payers in Canada", run: interacRules},
		{ID: "incoming/interac-daily", Sentence: "over 2500000 a day for one customer is 400 limit_exceeded until midnight", run: interacDaily},
		{ID: "incoming/binance", Sentence: "a binance_pay session has its four links and is paid by resolve", run: binancePaid},
		{ID: "incoming/gives-up", Sentence: "a payer who gives up fails the payment with the code", run: payerGivesUp},
		{ID: "incoming/unknown", Sentence: "a deposit to a number nobody has is 404", run: nobodysNumber},
	}
}

// awaiting makes a session by a method whose payer sends the money, and captures it.
func (t *trial) awaiting(method, currency string, amount int, capture object) reply {
	made := t.post("/payment-sessions", t.sessionBy(method, currency, amount))
	t.status(made, http.StatusCreated)
	r := t.post("/payment-sessions/"+made.text("data.id"), capture)
	t.status(r, http.StatusOK)
	t.equal(r, "data.payment.state", "awaiting_payment")
	t.equal(r, "data.status", "pending")
	t.money(r, "pending", "no")
	t.equal(r, "money.retry.after_ms", 15000)
	return r
}

func (t *trial) sessionBy(method, currency string, amount int) object {
	return set(set(set(t.session(), "payment_method.type", method), "currency", currency), "amount", amount)
}

// canadian is an Interac session of a new customer.
func (t *trial) canadian(amount int) object {
	body := t.sessionBy("interac", "CAD", amount)
	body = set(set(body, "customer.billing_address.country", "CA"), "customer.billing_address.zip_code", "K1A 0B1")
	return set(set(body, "customer.phone_number", "+16135550123"), "customer.email", t.unique()+"@example.com")
}

const numberOf = "data.payment.payment_method.account_number"

func (t *trial) transferred(number string, amount int, more object) reply {
	body := object{"account_number": number, "amount": amount}
	for name, v := range more {
		body[name] = v
	}
	r := t.post("/sandbox/deposits/bank", body)
	t.status(r, http.StatusCreated)
	return r
}

func bankPaid(t *trial) {
	a := t.awaiting("bank_account", "NGN", 250000, nil)
	t.equal(a, "data.message", "Waiting for payment resolution")
	t.equal(a, "data.links", object{})
	t.equal(a, "data.payment.payment_method.type", "bank_account")
	t.equal(a, "data.payment.payment_method.account_type", "savings")
	for _, name := range []string{"account_name", "bank_code", "bank_name", "id"} {
		t.present(a, "data.payment.payment_method."+name)
	}
	bank := t.transferred(a.text(numberOf), 250000, nil)
	t.equal(bank, "data.account_number", a.text(numberOf))
	t.equal(bank, "data.rail", "nuban")
	p := t.becomes(a.text("data.id"), 5*time.Second, "settled")
	t.equal(p, "data.amount_paid", 250000)
	t.refused(t.post("/payment-sessions/"+a.text("data.id"), nil), http.StatusBadRequest, "payment_session_completed")
}

func sameInstructions(t *trial) {
	a := t.awaiting("bank_account", "NGN", 250000, nil)
	again := t.post("/payment-sessions/"+a.text("data.id"), nil)
	t.replayed(again, true)
	t.equal(again, numberOf, a.text(numberOf))
	t.equal(again, "data.expires_at", a.text("data.expires_at"))
}

func partPaid(t *trial) {
	a := t.awaiting("bank_account", "NGN", 250000, nil)
	id := a.text("data.id")
	t.transferred(a.text(numberOf), 100000, nil)
	p := t.becomes(id, 5*time.Second, "processing")
	t.equal(p, "data.amount_paid", 100000)
	t.refused(t.post("/payment-sessions/"+id+"/cancel", nil), http.StatusConflict, "payment_in_progress")
	t.transferred(a.text(numberOf), 150000, nil)
	t.equal(t.becomes(id, 5*time.Second, "settled"), "data.amount_paid", 250000)
}

func toldOften(t *trial) {
	a := t.awaiting("bank_account", "NGN", 250000, nil)
	again := object{"reference": t.unique(), "notify_times": 5}
	first := t.transferred(a.text(numberOf), 100000, again)
	t.equal(t.transferred(a.text(numberOf), 100000, again), "data.id", first.text("data.id"))
	t.equal(t.becomes(a.text("data.id"), 5*time.Second, "processing"), "data.amount_paid", 100000)
}

func overPaid(t *trial) {
	a := t.awaiting("bank_account", "USD", 1000, nil)
	t.transferred(a.text(numberOf), 1001, nil)
	t.equal(t.becomes(a.text("data.id"), 5*time.Second, "settled"), "data.amount_paid", 1001)
}

func cameLate(t *trial) {
	a := t.awaiting("bank_account", "NGN", 1000, nil)
	t.status(t.post("/payment-sessions/"+a.text("data.id")+"/cancel", nil), http.StatusOK)
	reference := t.unique()
	t.transferred(a.text(numberOf), 1000, object{"reference": reference})
	t.equal(t.get("/payments/"+a.text("data.id")), "data.state", "cancelled")
	late := t.get("/deposits?status=returned&currency=NGN&limit=1")
	for end := now().Add(5 * time.Second); late.text("data.0.reference") != reference && now().Before(end); sleep(t.ctx, pollInterval) {
		late = t.get("/deposits?status=returned&currency=NGN&limit=1") // it goes back in its own time
	}
	t.equal(late, "data.0.reference", reference)
	t.equal(late, "data.0.wallet_id", nil)
	one := t.get("/deposits/" + late.text("data.0.id"))
	t.equal(one, "data.status", "returned")
}

func otherFields(t *trial) {
	made := t.post("/payment-sessions", t.sessionBy("bank_account", "NGN", 1000))
	for _, fields := range []object{t.card(cardApproved), {"amount": 10}, {"crypto_address": object{"chain": "TRX", "currency": "USDT"}}} {
		r := t.post("/payment-sessions/"+made.text("data.id"), fields)
		t.refused(r, http.StatusBadRequest, "payment_method_mismatch")
		t.equal(r, "error.details.method", "bank_account")
	}
}

func transferRefunded(t *trial) {
	a := t.awaiting("bank_account", "NGN", 1000, nil)
	t.transferred(a.text(numberOf), 600, nil)
	t.transferred(a.text(numberOf), 400, nil)
	t.becomes(a.text("data.id"), 5*time.Second, "settled")
	t.refunded(t.refund(a.text("data.id"), object{"amount": 700}), "succeeded")
	t.refused(t.refund(a.text("data.id"), object{"amount": 301}), http.StatusBadRequest, "refund_exceeds_payment")
}

func walletDeposit(t *trial) {
	w := t.wallet(t.customer(), "NGN")
	t.status(t.post("/wallets/"+w+"/payment-method", object{"type": "bank_account"}), http.StatusOK)
	number := ""
	for end := now().Add(10 * time.Second); number == "" && now().Before(end); sleep(t.ctx, 50*time.Millisecond) {
		number = t.get("/wallets/" + w + "/payment-methods").text("data.0.account_number")
	}
	t.transferred(number, 500000, object{"narration": "Fees"})
	t.equal(t.get("/wallets/"+w), "data.balance.amount", 500000)
	d := t.get("/deposits?wallet_id=" + w)
	for path, want := range map[string]any{"data.0.status": "settled", "data.0.amount": 500000, "data.0.description": "Fees",
		"data.0.payment_method": object{"account_number": number, "type": "bank_account"}, "data.0.type": "credit", "data.0.wallet_id": w} {
		t.equal(d, path, want)
	}
	t.equal(t.get("/deposits/"+d.text("data.0.id")), "data.reference", d.text("data.0.reference"))
	t.refused(t.get("/deposits?status=held"), http.StatusBadRequest, "invalid_request")
}

var tron = object{"crypto_address": object{"chain": "TRX", "currency": "USDT"}}

const addressOf = "data.payment.payment_method.address"

func (t *trial) onChain(address string, amount int, more object) reply {
	body := object{"address": address, "amount": amount}
	for name, v := range more {
		body[name] = v
	}
	r := t.post("/sandbox/deposits/chain", body)
	t.status(r, http.StatusCreated)
	return r
}

func chainPaid(t *trial) {
	a := t.awaiting("crypto_address", "USDT", 5000, tron)
	t.equal(a, "data.payment.payment_method.qrcode", a.text(addressOf))
	t.equal(a, "data.payment.payment_method.params", object{"address": a.text(addressOf), "chain": "TRX", "currency": "USDT"})
	hash := object{"tx_hash": t.unique(), "confirmations": "manual"}
	t.equal(t.onChain(a.text(addressOf), 5000, hash), "data.confirmations_needed", 6)
	t.equal(t.becomes(a.text("data.id"), 5*time.Second, "processing"), "data.amount_paid", 0)
	t.onChain(a.text(addressOf), 5000, set(hash, "confirmations", 6))
	t.equal(t.becomes(a.text("data.id"), 5*time.Second, "settled"), "data.amount_paid", 5000)
	t.refused(t.refund(a.text("data.id"), nil), http.StatusBadRequest, "payment_not_refundable")
}

func wrongToken(t *trial) {
	made := t.post("/payment-sessions", t.sessionBy("crypto_address", "USDT", 5000))
	path := "/payment-sessions/" + made.text("data.id")
	t.field(t.post(path, nil), "crypto_address", "required")
	t.field(t.post(path, object{"crypto_address": object{"currency": "USDT"}}), "crypto_address.chain", "required")
	for _, where := range []object{{"chain": "MATIC", "currency": "USDT"}, {"chain": "ETH", "currency": "USDC"}} {
		t.refused(t.post(path, object{"crypto_address": where}), http.StatusBadRequest, "invalid_currency")
	}
}

func wrongTransfer(t *trial) {
	a := t.awaiting("crypto_address", "USDT", 5000, tron)
	reference := t.unique()
	t.onChain(a.text(addressOf), 5000, object{"currency": "USDC", "confirmations": 100, "tx_hash": reference})
	t.equal(t.get("/payments/"+a.text("data.id")), "data.state", "awaiting_payment")
	t.equal(t.get("/deposits?currency=USDC&limit=1"), "data.0.reference", reference) // listed at once, whether it has gone back or not
}

func addressAtOnce(t *trial) {
	body := set(t.sessionBy("crypto_address", "USDC", 5000), "payment_method", object{"type": "crypto_address", "chain": "ETH", "currency": "USDC"})
	r := t.post("/payment-sessions", body)
	t.status(r, http.StatusCreated)
	t.equal(r, "data.payment.state", "awaiting_payment")
	t.present(r, addressOf)
}

func interacPaid(t *trial) {
	made := t.post("/payment-sessions", t.canadian(20000))
	t.status(made, http.StatusCreated)
	id := made.text("data.id")
	r := t.post("/payment-sessions/"+id, nil)
	t.present(r, "data.links.redirect_url")
	paid := t.post("/sandbox/deposits/interac", object{"payment_id": id, "amount": 20000})
	t.status(paid, http.StatusCreated)
	t.becomes(id, 5*time.Second, "settled")
}

func interacRules(t *trial) {
	body := set(set(t.canadian(20000), "customer.billing_address.country", "NG"), "customer.billing_address.zip_code", "100001")
	r := t.post("/payment-sessions", set(body, "customer.phone_number", "+2348031234567"))
	t.field(r, "customer.billing_address.country", "not_allowed")
	t.field(r, "customer.billing_address.zip_code", "invalid_format")
	t.field(r, "customer.phone_number", "invalid_format")
	t.refused(t.post("/payment-sessions", t.canadian(9999)), http.StatusBadRequest, "invalid_amount")
	t.refused(t.post("/payment-sessions", t.canadian(1000001)), http.StatusBadRequest, "invalid_amount")
}

func interacDaily(t *trial) {
	body := t.canadian(1000000)
	for range 2 {
		t.status(t.post("/payment-sessions", set(body, "reference", t.unique())), http.StatusCreated)
	}
	r := t.post("/payment-sessions", set(body, "reference", t.unique()))
	t.refused(r, http.StatusBadRequest, "limit_exceeded")
	t.outcome(r, "refused", "new_key")
	t.equal(r, "error.details.remaining", 500000)
	t.present(r, "error.details.resets_at")
	t.present(r, "error.retry.after_ms")
}

func binancePaid(t *trial) {
	a := t.awaiting("binance_pay", "USDT", 5000, nil)
	for _, link := range []string{"checkout_url", "deeplink", "payment_url", "qr_url"} {
		t.present(a, "data.links."+link)
	}
	t.equal(t.resolve(a.text("data.id"), "succeeded"), "data.status", "succeeded")
	t.becomes(a.text("data.id"), 5*time.Second, "settled")
}

func payerGivesUp(t *trial) {
	a := t.awaiting("binance_pay", "USD", 5000, nil)
	r := t.post("/sandbox/payments/"+a.text("data.id")+"/resolve", object{"outcome": "failed", "code": "payer_cancelled"})
	t.status(r, http.StatusOK)
	t.equal(r, "data.failure.code", "payer_cancelled")
	t.money(r, "refused", "new_key")
}

func nobodysNumber(t *trial) {
	t.refused(t.post("/sandbox/deposits/bank", object{"account_number": "0000000000", "amount": 1}), http.StatusNotFound, "not_found")
	t.refused(t.get("/deposits/01a20297-6918-7e00-aeaf-3b4857ee05ff"), http.StatusNotFound, "not_found")
}
