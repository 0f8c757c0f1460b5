package api_test

import (
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// openWallet opens a customer's wallet and gives its id.
func openWallet(e *nodetest.Env, customerID, currency string) string {
	e.T.Helper()
	a := e.Do("POST", "/wallets", map[string]any{"currency": currency, "customer_id": customerID})
	equal(e.T, "status", a.Status, http.StatusCreated)
	return a.Text("data.id")
}

func move(e *nodetest.Env, walletID, direction string, amount int64, more ...any) nodetest.Answer {
	e.T.Helper()
	return e.Do("POST", "/wallets/transactions", with(map[string]any{"wallet_id": walletID, "type": direction, "amount": amount}, more...))
}

func credit(e *nodetest.Env, walletID string, amount int64) {
	e.T.Helper()
	equal(e.T, "credit", move(e, walletID, "credit", amount).Status, http.StatusOK)
}

func setStatus(e *nodetest.Env, walletID, status string) nodetest.Answer {
	e.T.Helper()
	return e.Do("PATCH", "/wallets/"+walletID+"/status", map[string]any{"status": status})
}

func walletCauses() []cause {
	return []cause{
		{"duplicate_currency_wallet", func(e *nodetest.Env) nodetest.Answer {
			who := customer(e, "twice@example.com")
			openWallet(e, who, "NGN")
			return e.Do("POST", "/wallets", map[string]any{"currency": "NGN", "customer_id": who})
		}},
		{"wallet_not_active", func(e *nodetest.Env) nodetest.Answer {
			w := openWallet(e, customer(e, "frozen@example.com"), "NGN")
			setStatus(e, w, "frozen")
			return move(e, w, "credit", 100)
		}},
		{"customer_not_verified", func(e *nodetest.Env) nodetest.Answer {
			e.Do("PATCH", "/sandbox/settings", map[string]any{"kyc": "required"})
			defer e.Do("PATCH", "/sandbox/settings", map[string]any{"kyc": "auto"})
			return e.Do("POST", "/wallets", map[string]any{"currency": "NGN", "customer_id": customer(e, "unknown@example.com")})
		}},
	}
}

func TestACustomersWalletFromOpeningToEnd(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	who := customer(e, "wallet@example.com")
	w := openWallet(e, who, "NGN")
	a := e.Do("GET", "/wallets/"+w, nil)
	equal(t, "owner", a.Text("data.owner"), "customer")
	alike(t, "balance", a.At("data.balance.amount"), float64(0))
	alike(t, "first event", a.At("data.events").([]any)[0].(map[string]any)["action"], "created")

	in := move(e, w, "credit", 50_000, "description", "Bonus", "reference", "mv-1")
	alike(t, "balance_after", in.At("data.balance_after"), float64(50_000))
	equal(t, "outcome", in.Header.Get("Juicer-Outcome"), "succeeded")
	same := move(e, w, "credit", 50_000, "reference", "mv-1")
	equal(t, "the same again", same.Text("data.id"), in.Text("data.id"))
	equal(t, "replayed", same.Header.Get("Idempotent-Replayed"), "true")
	other := move(e, w, "debit", 50_001, "reference", "mv-1")
	want(t, other, http.StatusBadRequest, "reference_exists")
	alike(t, "differs", other.At("error.details.differs"), []any{"amount", "type"})
	short := move(e, w, "debit", 50_001)
	want(t, short, http.StatusBadRequest, "insufficient_funds")
	alike(t, "available", short.At("error.details.available"), float64(50_000))
	equal(t, "read", e.Do("GET", "/wallets/transactions/"+in.Text("data.id"), nil).Text("data.reference"), "mv-1")
	equal(t, "listed", len(e.Do("GET", "/wallets/transactions?wallet_id="+w+"&type=credit&reference=mv-1", nil).At("data").([]any)), 1)

	want(t, setStatus(e, w, "deleted"), http.StatusConflict, "balance_not_zero")
	equal(t, "freeze", e.Do("PATCH", "/wallets/"+w+"/status", map[string]any{"status": "frozen", "reason": "Lost phone"}).Text("data.status"), "frozen")
	equal(t, "freeze again", setStatus(e, w, "frozen").Status, http.StatusOK)
	for _, direction := range []string{"credit", "debit"} {
		refused := move(e, w, direction, 1)
		want(t, refused, http.StatusBadRequest, "wallet_not_active")
		equal(t, "status", refused.Text("error.details.status"), "frozen")
	}
	want(t, e.Do("POST", "/wallets/"+w+"/payment-method", map[string]any{"type": "bank_account"}), http.StatusBadRequest, "wallet_not_active")
	want(t, e.Do("POST", "/sandbox/wallets/fund", map[string]any{"wallet_id": w, "currency": "NGN", "amount": 1}), http.StatusBadRequest, "wallet_not_active")
	equal(t, "thaw", setStatus(e, w, "active").Text("data.status"), "active")
	alike(t, "debit", move(e, w, "debit", 50_000).At("data.balance_after"), float64(0))
	end := setStatus(e, w, "deleted")
	equal(t, "delete", end.Text("data.status"), "deleted")
	actions := []any{}
	for _, event := range end.At("data.events").([]any) {
		actions = append(actions, event.(map[string]any)["action"])
	}
	alike(t, "actions", actions, []any{"created", "frozen", "activated", "deleted"})
	want(t, setStatus(e, w, "active"), http.StatusBadRequest, "invalid_status_transition")
	want(t, move(e, w, "credit", 1), http.StatusBadRequest, "wallet_not_active")
	if again := openWallet(e, who, "NGN"); again == w {
		t.Error("a new wallet has the id of the deleted one")
	}
	e.Clean()
}

func TestTheBusinesssWalletsStayActive(t *testing.T) {
	t.Parallel()
	e := start(t)
	list := e.Do("GET", "/wallets/all?currency=NGN", nil)
	equal(t, "wallets", len(list.At("data").([]any)), 1)
	own := list.At("data").([]any)[0].(map[string]any)
	alike(t, "owner", own["owner"], "business")
	alike(t, "customer_id", own["customer_id"], nil)
	id := own["id"].(string)
	want(t, setStatus(e, id, "frozen"), http.StatusBadRequest, "invalid_status_transition")
	want(t, move(e, id, "credit", 1), http.StatusNotFound, "not_found")
	e.Paid("pending")
	alike(t, "balance_pending", e.Do("GET", "/wallets/"+id, nil).At("data.balance_pending.amount"), float64(250_000))
	a := e.Do("POST", "/sandbox/wallets/fund", map[string]any{"currency": "NGN", "amount": 700})
	alike(t, "funded", a.At("data.balance.amount"), own["balance"].(map[string]any)["amount"].(float64)+700)
	e.Clean()
}

func TestAnAccountNumberComesLater(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	who := customer(e, "number@example.com")
	w := openWallet(e, who, "NGN")
	ask := func() nodetest.Answer {
		return e.Do("POST", "/wallets/"+w+"/payment-method", map[string]any{"type": "bank_account"})
	}
	alike(t, "at once", ask().At("data.payment_methods"), []any{})
	e.Advance(1999)
	alike(t, "a little too early", e.Do("GET", "/wallets/"+w+"/payment-methods", nil).At("data"), []any{})
	e.Advance(1)
	got := e.Do("GET", "/wallets/"+w+"/payment-methods", nil).At("data").([]any)
	equal(t, "numbers", len(got), 1)
	method := got[0].(map[string]any)
	alike(t, "account_name", method["account_name"], "Ada Obi")
	alike(t, "in the wallet", ask().At("data.payment_methods"), got)
	e.Advance(10_000)
	alike(t, "asked again", e.Do("GET", "/wallets/"+w, nil).At("data.payment_methods"), got)
	alike(t, "among the customer's", e.Do("GET", "/customers/"+who+"?include=payment_methods", nil).At("data.payment_methods"), got)
	dollars := e.Do("POST", "/wallets/"+openWallet(e, who, "USD")+"/payment-method", map[string]any{"type": "bank_account"})
	want(t, dollars, http.StatusBadRequest, "invalid_currency")
}

func TestOfAFreezeAndManyMovementsEachComesFirstOrIsRefused(t *testing.T) {
	t.Parallel()
	e := start(t)
	w := openWallet(e, customer(e, "race@example.com"), "NGN")
	credit(e, w, 1_000)
	var moves []<-chan reply
	for i := range 20 {
		direction := []string{"credit", "debit"}[i%2]
		moves = append(moves, later(e, "POST", "/wallets/transactions", map[string]any{"wallet_id": w, "type": direction, "amount": 1}))
	}
	freeze := later(e, "PATCH", "/wallets/"+w+"/status", map[string]any{"status": "frozen"})
	balance := float64(1_000)
	for i, c := range moves {
		switch a := got(t, c); {
		case a.Status != http.StatusOK:
			want(t, a, http.StatusBadRequest, "wallet_not_active")
		case i%2 == 0:
			balance++
		default:
			balance--
		}
	}
	equal(t, "freeze", got(t, freeze).Status, http.StatusOK)
	alike(t, "balance", e.Do("GET", "/wallets/"+w, nil).At("data.balance.amount"), balance)
	want(t, move(e, w, "credit", 1), http.StatusBadRequest, "wallet_not_active")
	e.Clean()
}

func TestAWalletOpenedWhileItsCustomerIsDeletedIsThereOrNot(t *testing.T) {
	t.Parallel()
	e := start(t)
	for i := range 5 {
		who := customer(e, nodetest.Ref("race", i)+"@example.com")
		opening := later(e, "POST", "/wallets", map[string]any{"currency": "NGN", "customer_id": who})
		deleting := later(e, "DELETE", "/customers/"+who, nil)
		opened := got(t, opening)
		equal(t, "delete", got(t, deleting).Status, http.StatusNoContent)
		if opened.Status == http.StatusCreated {
			equal(t, "the wallet", e.Do("GET", "/wallets/"+opened.Text("data.id"), nil).Text("data.status"), "deleted")
		} else {
			want(t, opened, http.StatusNotFound, "not_found")
		}
	}
}

func TestForeignWalletsAreNotFound(t *testing.T) {
	t.Parallel()
	e := start(t)
	w := openWallet(e, customer(e, "mine@example.com"), "NGN")
	in := move(e, w, "credit", 5)
	theirs := *e
	theirs.Key = foreignKey(e)
	for _, a := range []nodetest.Answer{
		theirs.Do("GET", "/wallets/"+w, nil), theirs.Do("GET", "/wallets/"+w+"/payment-methods", nil), theirs.Do("GET", "/wallets/"+w+"/statement", nil),
		setStatus(&theirs, w, "frozen"), move(&theirs, w, "debit", 5), theirs.Do("GET", "/wallets/transactions/"+in.Text("data.id"), nil),
		theirs.Do("POST", "/sandbox/wallets/fund", map[string]any{"wallet_id": w, "currency": "NGN", "amount": 1}),
	} {
		want(t, a, http.StatusNotFound, "not_found")
	}
}
