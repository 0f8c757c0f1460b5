package api_test

import (
	"bytes"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// awaited makes a session by a method other than card, captures it, and gives the capture.
func awaited(e *nodetest.Env, reference, method string, capture map[string]any, changes ...any) nodetest.Answer {
	e.T.Helper()
	body := with(nodetest.Session(reference), append([]any{"payment_method", map[string]any{"type": method}}, changes...)...)
	made := set(e, "POST", "/payment-sessions", body)
	return set(e, "POST", "/payment-sessions/"+made.Text("data.id"), capture)
}

// transfer sends money to the account of a captured session.
func transfer(e *nodetest.Env, number string, amount int64, more ...any) nodetest.Answer {
	e.T.Helper()
	return set(e, "POST", "/sandbox/deposits/bank", with(map[string]any{"account_number": number, "amount": amount}, more...))
}

func TestABankTransferPaysItsSession(t *testing.T) {
	t.Parallel()
	e := start(t)
	a := awaited(e, "transfer", "bank_account", nil)
	id, number := a.Text("data.id"), a.Text("data.payment.payment_method.account_number")
	equal(t, "state", a.Text("data.payment.state"), "awaiting_payment")
	equal(t, "message", a.Text("data.message"), "Waiting for payment resolution")
	equal(t, "outcome", a.Text("money.outcome"), "pending")
	part := transfer(e, number, 100_000)
	equal(t, "the bank's record", part.Text("data.account_number"), number)
	p := set(e, "GET", "/payments/"+id, nil)
	equal(t, "after a part", p.Text("data.state"), "processing")
	equal(t, "paid so far", p.At("data.amount_paid"), any(float64(100_000)))
	want(t, e.Do("POST", "/payment-sessions/"+id+"/cancel", nil), 409, "payment_in_progress")
	before := available(e, "NGN")
	transfer(e, number, 150_000, "reference", "t-2")
	transfer(e, number, 150_000, "reference", "t-2", "notify_times", 3)
	p = set(e, "GET", "/payments/"+id, nil)
	equal(t, "after the rest", p.Text("data.state"), "settled")
	equal(t, "paid", p.At("data.amount_paid"), any(float64(250_000)))
	equal(t, "available at once", available(e, "NGN")-before, 250_000)
	again := e.Do("POST", "/payment-sessions/"+id, nil)
	want(t, again, 400, "payment_session_completed")
	r := refund(e, id, 60_000)
	equal(t, "refund", r.Text("data.state"), "succeeded")
	e.Clean()
}

func TestPartOfATransferGoesBackWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	a := awaited(e, "part", "bank_account", nil)
	id, number := a.Text("data.id"), a.Text("data.payment.payment_method.account_number")
	transfer(e, number, 100_000)
	transfer(e, number, 50_000)
	e.Advance(day + 1000)
	p := set(e, "GET", "/payments/"+id, nil)
	equal(t, "state", p.Text("data.state"), "failed")
	equal(t, "why", p.Text("data.failure.code"), "underpaid")
	equal(t, "in words", p.Text("data.failure.message"), "Only 1500.00 NGN of 2500.00 NGN arrived; it was returned.")
	e.Clean()
	transfer(e, number, 250_000, "reference", "late")
	equal(t, "a final state never changes", e.State(id), "failed")
	e.Clean()
}

// deposits is the list of them.
func deposits(e *nodetest.Env, query string) []any {
	e.T.Helper()
	list, _ := set(e, "GET", "/deposits"+query, nil).At("data").([]any)
	return list
}

// numbered is an answer with another number in it: those that the bank gives differ from
// run to run, and so does the tag.
func numbered(a nodetest.Answer, number, instead string) nodetest.Answer {
	a.Body = bytes.ReplaceAll(a.Body, []byte(number), []byte(instead))
	a.Header.Del("Etag")
	return a
}

// eventsNamed are those of GET /events with a name, oldest first.
func eventsNamed(e *nodetest.Env, name string) (out []map[string]any) {
	e.T.Helper()
	for _, one := range set(e, "GET", "/events?limit=100", nil).At("data").([]any) {
		if event := one.(map[string]any); event["event"] == name {
			out = append(out, event)
		}
	}
	return out
}

func TestMoneyThatComesTooLateGoesBack(t *testing.T) {
	t.Parallel()
	e := start(t)
	a := awaited(e, "late", "bank_account", nil)
	number := a.Text("data.payment.payment_method.account_number")
	transfer(e, number, 250_000, "reference", "in-time")
	transfer(e, number, 999, "reference", "too-late")
	equal(t, "listed", len(deposits(e, "")), 1)
	late := deposits(e, "?status=returned&currency=NGN")[0].(map[string]any)
	equal(t, "reference", late["reference"], any("too-late"))
	alike(t, "no wallet", late["wallet_id"], nil)
	equal(t, "amount_paid", set(e, "GET", "/payments/"+a.Text("data.id"), nil).At("data.amount_paid"), any(float64(250_000)))
	e.Clean()
}

func TestAWalletTakesWhatComesToItsNumber(t *testing.T) {
	t.Parallel()
	e := start(t)
	who := customer(e, "deposit@example.com")
	w := openWallet(e, who, "NGN")
	set(e, "POST", "/wallets/"+w+"/payment-method", map[string]any{"type": "bank_account"})
	var number string
	e.Advance(3 * second)
	number = set(e, "GET", "/wallets/"+w+"/payment-methods", nil).At("data").([]any)[0].(map[string]any)["account_number"].(string)
	transfer(e, number, 500_000, "narration", "Fees", "reference", "999001261122093108000000000017", "notify_times", 3)
	list := deposits(e, "?wallet_id="+w)
	equal(t, "deposits", len(list), 1)
	d := list[0].(map[string]any)
	one := set(e, "GET", "/deposits/"+d["id"].(string), nil)
	alike(t, "the one that is listed", one.At("data"), any(d))
	told := eventsNamed(e, "deposit.received")
	equal(t, "events", len(told), 1)
	alike(t, "the event carries the same", told[0]["data"], any(d))
	alike(t, "balance", set(e, "GET", "/wallets/"+w, nil).At("data.balance.amount"), float64(500_000))
	golden(t, "testdata/deposits/wallet.http", e, numbered(one, number, "9900000425"))

	set(e, "PATCH", "/wallets/"+w+"/status", map[string]any{"status": "frozen"})
	transfer(e, number, 100)
	equal(t, "returned", len(deposits(e, "?status=returned&wallet_id="+w)), 1)
	want(t, under(t, &nodetest.Env{Node: e.Node, T: t, URL: e.URL, Key: foreignKey(e), HTTP: e.HTTP}).Do("GET", "/deposits/"+d["id"].(string), nil), 404, "not_found")
	e.Clean()
}
