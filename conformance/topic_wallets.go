package conformance

import "net/http"

func walletCases() []Case {
	return []Case{
		{ID: "wallets/open", Sentence: "a customer's wallet opens at zero, with its first event", run: walletOpened},
		{ID: "wallets/one-per-currency", Sentence: "a second wallet in a currency is 400 duplicate_currency_wallet and names the first", run: walletTwice},
		{ID: "wallets/unknown-customer", Sentence: "a wallet for an unknown customer is 404", run: walletOfNobody},
		{ID: "wallets/transactions", Sentence: "credit and debit move money at once and say the balance after it", run: walletMoves},
		{ID: "wallets/reference", Sentence: "the same reference returns the first transaction, with other money fields it is 400 reference_exists", run: walletReference},
		{ID: "wallets/too-little", Sentence: "more than the giving side has is 400 insufficient_funds", run: walletTooLittle},
		{ID: "wallets/frozen", Sentence: "a frozen wallet takes and gives nothing, and neither does a deleted one", run: walletFrozen},
		{ID: "wallets/delete", Sentence: "a wallet is deleted at balance zero only, for ever", run: walletDeleted},
		{ID: "wallets/business", Sentence: "wallets of the business are listed and stay active", run: walletOfBusiness},
		{ID: "wallets/account-number", Sentence: "an account number comes a little later, once", run: walletNumber},
		{ID: "wallets/statement", Sentence: "a statement leads from its opening to its closing balance, and is empty for a period without movements", run: walletStatement},
		{ID: "wallets/list", Sentence: "wallets are listed without events, narrowed by customer, currency and status", run: walletListed},
	}
}

// wallet opens a wallet and returns its id.
func (t *trial) wallet(customer, currency string) string {
	r := t.post("/wallets", object{"currency": currency, "customer_id": customer})
	t.status(r, http.StatusCreated)
	return r.text("data.id")
}

func (t *trial) moved(wallet, direction string, amount int) reply {
	return t.post("/wallets/transactions", object{"amount": amount, "type": direction, "wallet_id": wallet})
}

func (t *trial) become(wallet, status string) reply {
	return t.patch("/wallets/"+wallet+"/status", object{"status": status})
}

func walletOpened(t *trial) {
	who := t.customer()
	r := t.post("/wallets", object{"currency": "NGN", "customer_id": who})
	t.status(r, http.StatusCreated)
	t.head(r, "Location", "/wallets/"+r.text("data.id"))
	for path, want := range map[string]any{"data.balance": object{"amount": 0, "currency": "NGN"}, "data.balance_held.amount": 0, "data.balance_pending.amount": 0,
		"data.customer_id": who, "data.owner": "customer", "data.status": "active", "data.payment_methods": []any{}, "data.events.0.action": "created"} {
		t.equal(r, path, want)
	}
}

func walletTwice(t *trial) {
	who := t.customer()
	w := t.wallet(who, "NGN")
	r := t.post("/wallets", object{"currency": "NGN", "customer_id": who})
	t.refused(r, http.StatusBadRequest, "duplicate_currency_wallet")
	t.equal(r, "error.details.id", w)
	t.equal(r, "message", "duplicate_currency_wallet")
	t.wallet(who, "USD")
}

func walletOfNobody(t *trial) {
	t.refused(t.post("/wallets", object{"currency": "NGN", "customer_id": "01a20297-6918-7e00-aeaf-3b4857ee05ff"}), http.StatusNotFound, "not_found")
}

func walletMoves(t *trial) {
	w := t.wallet(t.customer(), "NGN")
	r := t.moved(w, "credit", 50000)
	t.status(r, http.StatusOK)
	t.money(r, "succeeded", "no")
	t.equal(r, "data.balance_after", 50000)
	t.equal(r, "data.transaction_id", r.text("data.id"))
	t.equal(t.moved(w, "debit", 20000), "data.balance_after", 30000)
	t.equal(t.get("/wallets/"+w), "data.balance.amount", 30000)
	t.equal(t.get("/wallets/transactions/"+r.text("data.id")), "data.amount", 50000)
	t.equal(t.get("/wallets/transactions?wallet_id="+w+"&type=credit"), "data.0.id", r.text("data.id"))
}

func walletReference(t *trial) {
	w, ref := t.wallet(t.customer(), "NGN"), t.unique()
	body := object{"amount": 100, "reference": ref, "type": "credit", "wallet_id": w}
	first := t.post("/wallets/transactions", body)
	again := t.post("/wallets/transactions", body)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	r := t.post("/wallets/transactions", set(body, "amount", 101))
	t.refused(r, http.StatusBadRequest, "reference_exists")
	t.equal(r, "error.details.differs", []string{"amount"})
	t.equal(t.get("/wallets/"+w), "data.balance.amount", 100)
}

func walletTooLittle(t *trial) {
	r := t.moved(t.wallet(t.customer(), "NGN"), "debit", 1)
	t.refused(r, http.StatusBadRequest, "insufficient_funds")
	t.outcome(r, "refused", "new_key")
	t.equal(r, "error.details.available", 0)
}

func walletFrozen(t *trial) {
	w := t.wallet(t.customer(), "NGN")
	t.equal(t.become(w, "frozen"), "data.status", "frozen")
	t.status(t.become(w, "frozen"), http.StatusOK)
	for _, direction := range []string{"credit", "debit"} {
		r := t.moved(w, direction, 1)
		t.refused(r, http.StatusBadRequest, "wallet_not_active")
		t.outcome(r, "refused", "new_key")
	}
	t.equal(t.become(w, "active"), "data.status", "active")
	t.status(t.moved(w, "credit", 1), http.StatusOK)
	t.status(t.moved(w, "debit", 1), http.StatusOK)
	t.status(t.become(w, "deleted"), http.StatusOK)
	t.refused(t.moved(w, "credit", 1), http.StatusBadRequest, "wallet_not_active")
}

func walletDeleted(t *trial) {
	who := t.customer()
	w := t.wallet(who, "NGN")
	t.status(t.moved(w, "credit", 1), http.StatusOK)
	t.refused(t.become(w, "deleted"), http.StatusConflict, "balance_not_zero")
	t.status(t.moved(w, "debit", 1), http.StatusOK)
	t.equal(t.become(w, "deleted"), "data.status", "deleted")
	t.refused(t.become(w, "active"), http.StatusBadRequest, "invalid_status_transition")
	t.wallet(who, "NGN")
}

func walletOfBusiness(t *trial) {
	r := t.get("/wallets/all?currency=NGN&limit=100")
	t.status(r, http.StatusOK)
	for i := range r.list("data") {
		at := pathf("data.%d.", i)
		if r.text(at+"owner") == "business" {
			t.equal(r, at+"customer_id", nil)
			t.refused(t.become(r.text(at+"id"), "frozen"), http.StatusBadRequest, "invalid_status_transition")
			return
		}
	}
	if r.text("pagination.after") == "" { // newest first: with very many wallets it stands on a later page
		t.failed(&r, "a wallet of the business")
	}
}

func walletNumber(t *trial) {
	who := t.customer()
	w := t.wallet(who, "NGN")
	t.status(t.post("/wallets/"+w+"/payment-method", object{"type": "bank_account"}), http.StatusOK)
	t.status(t.post("/wallets/"+w+"/payment-method", object{"type": "bank_account"}), http.StatusOK)
	t.status(t.get("/wallets/"+w+"/payment-methods"), http.StatusOK)
	t.refused(t.post("/wallets/"+t.wallet(who, "USD")+"/payment-method", object{"type": "bank_account"}), http.StatusBadRequest, "invalid_currency")
}

func walletStatement(t *trial) {
	w := t.wallet(t.customer(), "NGN")
	t.status(t.moved(w, "credit", 500), http.StatusOK)
	t.status(t.moved(w, "debit", 200), http.StatusOK)
	whole := t.get("/wallets/" + w + "/statement")
	for path, want := range map[string]any{"data.opening_balance.amount": 0, "data.lines.0.amount": 500, "data.lines.0.kind": "wallet.credit",
		"data.lines.1.balance_after": 300, "data.closing_balance.amount": 300} {
		t.equal(whole, path, want)
	}
	r := t.get("/wallets/" + w + "/statement?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")
	t.status(r, http.StatusOK)
	t.equal(r, "data.lines", []any{})
	t.refused(t.get("/wallets/"+w+"/statement?format=pdf"), http.StatusBadRequest, "invalid_request")
}

func walletListed(t *trial) {
	who := t.customer()
	w := t.wallet(who, "NGN")
	t.wallet(who, "USD")
	r := t.get("/wallets/all?customer_id=" + who + "&currency=NGN&status=active")
	t.status(r, http.StatusOK)
	t.equal(r, "data.0.id", w)
	t.absent(r, "data.0.events")
	t.absent(r, "data.1")
	t.equal(r, "pagination.limit", 100)
}
