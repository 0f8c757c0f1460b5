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

// transfer sends money to the account of a captured session, and waits until what comes
// of it at once is done.
func transfer(e *nodetest.Env, number string, amount int64, more ...any) nodetest.Answer {
	e.T.Helper()
	return arrived(e, "bank", with(map[string]any{"account_number": number, "amount": amount}, more...))
}

func arrived(e *nodetest.Env, by string, body map[string]any) nodetest.Answer {
	e.T.Helper()
	a := set(e, "POST", "/sandbox/deposits/"+by, body)
	e.Settle()
	return a
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

// numbered is an answer with another number in place of one that differs from run to run.
func numbered(a nodetest.Answer, number, instead string) nodetest.Answer {
	a.Body = bytes.ReplaceAll(a.Body, []byte(number), []byte(instead))
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
	golden(t, "testdata/deposits/wallet.http", e, one)

	set(e, "PATCH", "/wallets/"+w+"/status", map[string]any{"status": "frozen"})
	transfer(e, number, 100)
	equal(t, "returned", len(deposits(e, "?status=returned&wallet_id="+w)), 1)
	want(t, under(t, &nodetest.Env{Node: e.Node, T: t, URL: e.URL, Key: foreignKey(e), HTTP: e.HTTP}).Do("GET", "/deposits/"+d["id"].(string), nil), 404, "not_found")
	e.Clean()
}

var onTron = map[string]any{"crypto_address": map[string]any{"chain": "TRX", "currency": "USDT"}}

// chained sends money to an address.
func chained(e *nodetest.Env, address string, amount int64, more ...any) nodetest.Answer {
	e.T.Helper()
	return arrived(e, "chain", with(map[string]any{"address": address, "amount": amount}, more...))
}

// becomes waits until a payment is in a state. On a clock that runs, the steps to it may
// fall due a moment after all was done.
func becomes(e *nodetest.Env, id, state string) {
	e.T.Helper()
	now := ""
	for range 1000 {
		if now = e.State(id); now == state {
			return
		}
		e.Settle()
	}
	e.T.Fatalf("%s is %s and does not become %s", id, now, state)
}

func names(e *nodetest.Env) (out []string) {
	e.T.Helper()
	for _, one := range set(e, "GET", "/events?limit=100", nil).At("data").([]any) {
		out = append(out, one.(map[string]any)["event"].(string))
	}
	return out
}

func TestAChainConfirmsBeforeItPays(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	a := awaited(e, "chain", "crypto_address", onTron, "currency", "USDT", "amount", 5000)
	id, address := a.Text("data.id"), a.Text("data.payment.payment_method.address")
	equal(t, "message", a.Text("data.message"), "Waiting for payment")
	equal(t, "params", a.Text("data.payment.payment_method.params.address"), address)
	equal(t, "code", a.Text("data.payment.payment_method.qrcode"), address)
	seen := chained(e, address, 5000, "tx_hash", "9f2c41d07be85a63")
	equal(t, "needed", seen.At("data.confirmations_needed"), any(float64(6)))
	equal(t, "seen", e.State(id), "processing")
	alike(t, "nothing paid yet", set(e, "GET", "/payments/"+id, nil).At("data.amount_paid"), float64(0))
	want(t, e.Do("POST", "/payment-sessions/"+id+"/cancel", nil), 409, "payment_in_progress")
	e.Advance(10 * second)
	equal(t, "credited", e.State(id), "settled")
	alike(t, "events", names(e)[1:], []string{"crypto.payment.pending", "crypto.payment.confirmed", "crypto.payment.completed", "payment.session.succeeded"})
	pending := eventsNamed(e, "crypto.payment.pending")[0]["data"].(map[string]any)
	for name, is := range map[string]any{"confirmations": float64(1), "confirmations_needed": float64(6), "tx_hash": "9f2c41d07be85a63",
		"channel_reference": "9f2c41d07be85a63", "status": "pending", "state": "processing", "provider_id": nil} {
		alike(t, name, pending[name], is)
	}
	want(t, refund(e, id, 1), 400, "payment_not_refundable")
	e.Clean()
}

func TestAnotherTokenOrChainGoesBack(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	a := awaited(e, "wrong", "crypto_address", onTron, "currency", "USDT", "amount", 5000)
	id, address := a.Text("data.id"), a.Text("data.payment.payment_method.address")
	chained(e, address, 5000, "currency", "USDC", "confirmations", 20)
	chained(e, address, 5000, "chain", "ETH", "confirmations", 20)
	equal(t, "the session still waits", e.State(id), "awaiting_payment")
	equal(t, "returned", len(deposits(e, "?status=returned")), 2)
	want(t, e.Do("POST", "/payment-sessions/"+id, map[string]any{"crypto_address": map[string]any{"chain": "ETH", "currency": "USDT"}}), 400, "payment_method_mismatch")
	again := e.Do("POST", "/payment-sessions/"+id, onTron)
	equal(t, "the same address", again.Text("data.payment.payment_method.address"), address)
	equal(t, "replayed", again.Header.Get("Idempotent-Replayed"), "true")
	e.Clean()
}

func TestConfirmationsByHand(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	a := awaited(e, "manual", "crypto_address", onTron, "currency", "USDT", "amount", 5000)
	id, address := a.Text("data.id"), a.Text("data.payment.payment_method.address")
	chained(e, address, 5000, "tx_hash", "h", "confirmations", "manual")
	e.Advance(day + hour)
	equal(t, "seen in time: it waits", e.State(id), "processing")
	chained(e, address, 5000, "tx_hash", "h", "confirmations", 3)
	equal(t, "three of six", e.State(id), "processing")
	chained(e, address, 5000, "tx_hash", "h", "confirmations", 6)
	equal(t, "six of six", e.State(id), "settled")
	e.Clean()
}

func TestAnAddressAtOnce(t *testing.T) {
	t.Parallel()
	e := start(t)
	body := with(nodetest.Session("at-once"), "currency", "USDC", "amount", 5000,
		"payment_method", map[string]any{"type": "crypto_address", "chain": "MATIC", "currency": "USDC"})
	a := set(e, "POST", "/payment-sessions", body)
	equal(t, "state", a.Text("data.payment.state"), "awaiting_payment")
	equal(t, "chain", a.Text("data.payment.payment_method.chain"), "MATIC")
	chained(e, a.Text("data.payment.payment_method.address"), 6000, "confirmations", 15)
	becomes(e, a.Text("data.id"), "settled")
	p := set(e, "GET", "/payments/"+a.Text("data.id"), nil)
	alike(t, "more than asked for is accepted", p.At("data.amount_paid"), float64(6000))
	wrong := e.Do("POST", "/payment-sessions", with(body, "reference", "no-token", "payment_method", map[string]any{"type": "crypto_address", "chain": "TRX", "currency": "USDC"}))
	want(t, wrong, 400, "invalid_currency")
	half := e.Do("POST", "/payment-sessions", with(body, "reference", "half", "payment_method", map[string]any{"type": "crypto_address", "chain": "TRX"}))
	want(t, half, 422, "validation_error")
	e.Clean()
}

func TestInterac(t *testing.T) {
	t.Parallel()
	e := start(t)
	made := set(e, "POST", "/payment-sessions", interac("interac"))
	id := made.Text("data.id")
	want(t, e.Do("POST", "/sandbox/deposits/interac", map[string]any{"payment_id": id, "amount": 1}), 400, "invalid_status_transition")
	a := set(e, "POST", "/payment-sessions/"+id, nil)
	equal(t, "the gateway", a.Text("data.links.redirect_url"), made.Text("data.links.url"))
	paid := arrived(e, "interac", map[string]any{"payment_id": id, "amount": 250_000})
	equal(t, "the bank's record", paid.Text("data.payment_id"), id)
	becomes(e, id, "settled")
	equal(t, "refund", refund(e, id, 250_000).Text("data.state"), "succeeded")

	b := set(e, "GET", "/accounts/settings", nil).Text("data.id")
	before := available(e, "CAD")
	arrived(e, "interac", map[string]any{"email": b + "@interac.test", "amount": 700})
	equal(t, "auto-deposit", available(e, "CAD")-before, 700)
	equal(t, "listed", deposits(e, "?currency=CAD")[0].(map[string]any)["payment_method"].(map[string]any)["email"], any(b+"@interac.test"))
	want(t, e.Do("POST", "/sandbox/deposits/interac", map[string]any{"email": "nobody@interac.test", "amount": 700}), 404, "not_found")
	e.Clean()
}

func TestInteracIsForCanadiansUpToADailySum(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	customer := interac("x")["customer"].(map[string]any)
	foreign := with(customer, "phone_number", "+2348031234567", "billing_address",
		map[string]any{"line1": "1", "city": "Lagos", "country": "NG", "zip_code": "100001"})
	a := e.Do("POST", "/payment-sessions", with(interac("foreign"), "customer", foreign))
	want(t, a, 422, "validation_error")
	equal(t, "breaches", len(a.At("error.errors").([]any)), 3)
	for _, n := range []string{"a", "b"} {
		set(e, "POST", "/payment-sessions", with(interac(n), "amount", 1_000_000))
	}
	over := e.Do("POST", "/payment-sessions", with(interac("c"), "amount", 500_001))
	want(t, over, 400, "limit_exceeded")
	alike(t, "remaining", over.At("error.details.remaining"), float64(500_000))
	set(e, "POST", "/payment-sessions", with(interac("d"), "amount", 500_000))
	want(t, e.Do("POST", "/payment-sessions", interac("e")), 400, "limit_exceeded")
	set(e, "POST", "/payment-sessions", with(interac("a"), "amount", 1_000_000)) // a repetition is none more
	e.Advance(day)
	set(e, "POST", "/payment-sessions", interac("e"))
}

func TestOfManyInteracSessionsAtOnceNoMoreThanTheDailySum(t *testing.T) {
	t.Parallel()
	e := start(t)
	var all []<-chan reply
	for i := range 6 {
		all = append(all, later(e, "POST", "/payment-sessions", with(interac(nodetest.Ref("crowd", i)), "amount", 1_000_000)))
	}
	made := 0
	for _, c := range all {
		if a := got(t, c); a.Status == 201 {
			made++
		} else {
			want(t, a, 400, "limit_exceeded")
		}
	}
	equal(t, "sessions of 10000.00 within 25000.00", made, 2)
}

func TestBinancePay(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	a := awaited(e, "binance", "binance_pay", nil, "currency", "USDT", "amount", 5000)
	for _, link := range []string{"checkout_url", "deeplink", "payment_url", "qr_url"} {
		if a.Text("data.links."+link) == "" {
			t.Errorf("no %s in %s", link, a.Body)
		}
	}
	id := a.Text("data.id")
	paid := set(e, "POST", "/sandbox/payments/"+id+"/resolve", map[string]any{"outcome": "succeeded"})
	equal(t, "paid", paid.Text("data.state"), "settled")
	late := awaited(e, "binance-late", "binance_pay", nil, "currency", "USD")
	e.Advance(31 * minute)
	equal(t, "after half an hour", e.State(late.Text("data.id")), "expired")
	e.Clean()
}

func TestResolveEndsWhatWaitsForItsPayer(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := set(e, "POST", "/payment-sessions", interac("gives-up")).Text("data.id")
	want(t, e.Do("POST", "/sandbox/payments/"+id+"/resolve", map[string]any{"outcome": "failed"}), 400, "invalid_status_transition")
	set(e, "POST", "/payment-sessions/"+id, nil)
	a := set(e, "POST", "/sandbox/payments/"+id+"/resolve", map[string]any{"outcome": "failed", "code": "payer_cancelled"})
	equal(t, "state", a.Text("data.state"), "failed")
	equal(t, "code", a.Text("data.failure.code"), "payer_cancelled")
	equal(t, "retry", a.Text("money.retry.with"), "new_key")

	half := awaited(e, "half", "bank_account", nil)
	number := half.Text("data.payment.payment_method.account_number")
	transfer(e, number, 1000)
	over := set(e, "POST", "/sandbox/payments/"+half.Text("data.id")+"/resolve", map[string]any{"outcome": "expired"})
	equal(t, "expired with a part", over.Text("data.failure.code"), "underpaid")
	none := awaited(e, "none", "bank_account", nil)
	gone := set(e, "POST", "/sandbox/payments/"+none.Text("data.id")+"/resolve", map[string]any{"outcome": "expired"})
	equal(t, "expired without", gone.Text("data.state"), "expired")
	e.Clean()
}

// What each method answers to its capture, as people see it.
func TestWhatACaptureAnswersByMethod(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	show := func(name string, a nodetest.Answer) {
		t.Helper()
		golden(t, "testdata/incoming/"+name+".http", e, a)
	}
	bank := awaited(e, "bank", "bank_account", nil)
	show("bank_account", bank)
	show("bank_account_again", e.Do("POST", "/payment-sessions/"+bank.Text("data.id"), nil))
	transfer(e, bank.Text("data.payment.payment_method.account_number"), 100_000, "reference", "part-1")
	show("bank_account_part", e.Do("GET", "/payment-sessions/"+bank.Text("data.id"), nil))
	show("crypto_address", awaited(e, "crypto", "crypto_address", onTron, "currency", "USDT", "amount", 5000))
	show("binance_pay", awaited(e, "binance", "binance_pay", nil, "currency", "USDT", "amount", 5000))
	show("interac", set(e, "POST", "/payment-sessions/"+set(e, "POST", "/payment-sessions", interac("i")).Text("data.id"), nil))
	e.Advance(day + second)
	show("bank_account_underpaid", e.Do("GET", "/payments/"+bank.Text("data.id"), nil))
}

func TestManyCapturesAtOnceGetOneAccount(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := set(e, "POST", "/payment-sessions", with(nodetest.Session("crowd"), "payment_method", map[string]any{"type": "bank_account"})).Text("data.id")
	var all []<-chan reply
	for i := range 12 {
		all = append(all, later(e, "POST", "/payment-sessions/"+id, nil, "Idempotency-Key", nodetest.Ref("k", i)))
	}
	numbers := map[string]bool{}
	for _, c := range all {
		a := got(t, c)
		want(t, a, 200, "")
		numbers[a.Text("data.payment.payment_method.account_number")] = true
	}
	equal(t, "account numbers told", len(numbers), 1)
}

func TestMoneyThatComesUnderAKeyComesOnce(t *testing.T) {
	t.Parallel()
	e := start(t)
	made := set(e, "POST", "/payment-sessions", with(nodetest.Session("keyed"), "payment_method", map[string]any{"type": "bank_account"}))
	id := made.Text("data.id")
	first := set(e, "POST", "/payment-sessions/"+id, nil, "Idempotency-Key", "capture")
	number := first.Text("data.payment.payment_method.account_number")
	send := func() nodetest.Answer {
		return set(e, "POST", "/sandbox/deposits/bank", map[string]any{"account_number": number, "amount": 1000}, "Idempotency-Key", "deposit")
	}
	one, two := send(), send()
	equal(t, "the same transfer", two.Text("data.id"), one.Text("data.id"))
	equal(t, "replayed", two.Header.Get("Idempotent-Replayed"), "true")
	alike(t, "paid once", set(e, "GET", "/payments/"+id, nil).At("data.amount_paid"), float64(1000))
	again := set(e, "POST", "/payment-sessions/"+id, nil, "Idempotency-Key", "capture")
	equal(t, "the stored answer, from before the transfer", string(again.Body), string(first.Body))
	before := available(e, "CAD")
	for range 2 {
		set(e, "POST", "/sandbox/wallets/fund", map[string]any{"currency": "CAD", "amount": 700}, "Idempotency-Key", "fund")
	}
	equal(t, "funded once", available(e, "CAD")-before, 700)
	e.Clean()
}

func TestATransferOfOneReferenceIsInTheBanksBooksOnce(t *testing.T) {
	t.Parallel()
	e := start(t)
	a := awaited(e, "lost", "bank_account", nil)
	number := a.Text("data.payment.payment_method.account_number")
	for range 2 {
		transfer(e, number, 1000, "reference", "once")
	}
	alike(t, "paid", set(e, "GET", "/payments/"+a.Text("data.id"), nil).At("data.amount_paid"), float64(1000))
	equal(t, "lines in the bank's books", len(set(e, "GET", "/sandbox/rail-books?rail_reference=once", nil).At("data").([]any)), 1)
	e.Clean()
}
