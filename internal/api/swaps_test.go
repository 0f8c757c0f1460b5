package api_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// body makes a JSON object: name, value, ...
func body(members ...any) map[string]any { return with(map[string]any{}, members...) }

// quoted locks a quote and gives its id.
func quoted(e *nodetest.Env, source, target string) string {
	e.T.Helper()
	return set(e, "GET", "/exchange/quote?source_currency="+source+"&target_currency="+target, nil).Text("data.id")
}

// rated gives the id of an FX rate.
func rated(e *nodetest.Env, source, target string) string {
	e.T.Helper()
	return set(e, "GET", "/exchange/fx/rate?source_currency="+source+"&target_currency="+target, nil).Text("data.id")
}

func swap(e *nodetest.Env, members ...any) nodetest.Answer {
	e.T.Helper()
	return e.Do("POST", "/exchange/swap", body(members...))
}

// pairID is the id under which the operator's rate of a pair is changed.
func pairID(e *nodetest.Env, symbol string) string {
	e.T.Helper()
	for _, r := range set(e, "GET", "/exchange/rates", nil).At("data").([]any) {
		if rate := r.(map[string]any); rate["symbol"] == symbol {
			return rate["id"].(string)
		}
	}
	e.T.Fatalf("no pair %s", symbol)
	return ""
}

func exchangeCauses() []cause {
	return []cause{
		{"quote_expired", func(e *nodetest.Env) nodetest.Answer {
			q := quoted(e, "CAD", "NGN")
			e.Advance(2 * minute)
			return swap(e, "amount", 1000, "quote_id", q)
		}},
		{"quote_mismatch", func(e *nodetest.Env) nodetest.Answer {
			return swap(e, "amount", 1000, "quote_id", quoted(e, "CAD", "NGN"), "source_currency", "USD", "target_currency", "NGN")
		}},
		{"quote_already_used", func(e *nodetest.Env) nodetest.Answer {
			q := quoted(e, "CAD", "NGN")
			swap(e, "amount", 1000, "quote_id", q)
			return swap(e, "amount", 2000, "quote_id", q)
		}},
		{"order_not_open", func(e *nodetest.Env) nodetest.Answer {
			o := set(e, "POST", "/exchange/orders", body("qty", 1000, "symbol", "CAD-NGN", "type", "sell"))
			return e.Do("DELETE", "/exchange/orders/"+o.Text("data.id"), nil)
		}},
		{"invalid_amount.exchange", func(e *nodetest.Env) nodetest.Answer {
			return swap(e, "amount", 1039, "source_currency", "NGN", "target_currency", "CAD")
		}},
		{"invalid_currency.exchange", get("/exchange/quote?source_currency=CAD&target_currency=USDT")},
	}
}

// What the examples of the contract show, as it is answered.
func TestAnswersOfTheExchange(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	show := func(name string, a nodetest.Answer) nodetest.Answer {
		t.Run(name, func(t *testing.T) {
			if a.Status >= 300 {
				t.Fatalf("got %d %s", a.Status, a.Body)
			}
			golden(t, filepath.Join("testdata/exchange", name+".http"), e, a)
		})
		return a
	}
	open := show("quote", e.Do("GET", "/exchange/quote?source_currency=CAD&target_currency=NGN&lock=false", nil))
	show("quote_locked", e.Do("POST", "/exchange/quote/"+open.Text("data.id")+"/lock", nil))
	made := show("swap", swap(e, "amount", 10000, "quote_id", open.Text("data.id")))
	show("swap_again", swap(e, "amount", 10000, "quote_id", open.Text("data.id")))
	equal(t, "the swap as it is read", string(set(e, "GET", made.Header.Get("Location"), nil).Body), string(made.Body))
	show("swaps", e.Do("GET", "/exchange/swap", nil))
	show("pairs", e.Do("GET", "/exchange/pairs", nil))
	show("swap_configurations", e.Do("GET", "/exchange/swap-configurations?limit=1", nil))
	rate := show("fx_rate", e.Do("GET", "/exchange/fx/rate?source_currency=USDC&target_currency=NGN", nil)).Text("data.id")
	show("fx_rate_locked", e.Do("POST", "/exchange/fx/rate/"+rate+"/lock", nil))
	show("aggregator_rate", e.Do("POST", "/exchange/fx/aggregator-rates/lock", body("source_currency", "NGN", "target_currency", "USDC", "amount", 5)))
	show("conversion", e.Do("POST", "/exchange/fx/convert", conversion(rate, "swap-1001")))
	show("convert", e.Do("POST", "/exchange/convert", body("amount", 10000, "from", "USDC", "to", "NGN")))
	order := show("order", e.Do("POST", "/exchange/orders", body("qty", 10000, "symbol", "CAD-NGN", "type", "sell")))
	equal(t, "the order as it is read", string(set(e, "GET", order.Header.Get("Location"), nil).Body), string(order.Body))
	show("orders", e.Do("GET", "/exchange/orders", nil))
	show("rates", e.Do("GET", "/exchange/rates", nil))
	show("rate_set", e.Do("PATCH", "/exchange/rates/"+pairID(e, "CAD-NGN"), body("buy", 102500, "sell", 103500)))
	e.Clean()
}

func conversion(rate, reference string) map[string]any {
	return body("rate_id", rate, "source_currency", "USDC", "target_currency", "NGN", "amount", 10000, "reference", reference)
}

func TestAQuoteIsHeldForItsTime(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	dear := func(buy, sell int) {
		set(e, "PATCH", "/exchange/rates/"+pairID(e, "CAD-NGN"), body("buy", buy, "sell", sell))
	}
	t.Run("also if the rate changes meanwhile", func(t *testing.T) {
		e := under(t, e)
		q := quoted(e, "CAD", "NGN")
		dear(50000, 60000)
		defer dear(103000, 104000)
		equal(t, "at the quote's price", swap(e, "amount", 10000, "quote_id", q).At("data.rate"), any(float64(103000)))
		equal(t, "at the moment's", swap(e, "amount", 10000, "source_currency", "CAD", "target_currency", "NGN").At("data.rate"), any(float64(50000)))
		equal(t, "the other way", swap(e, "amount", 60000, "source_currency", "NGN", "target_currency", "CAD").At("data.target_amount.amount"), any(float64(100)))
	})
	t.Run("open for 30 seconds, locked for 60 from then on", func(t *testing.T) {
		e := under(t, e)
		late := set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN&lock=false", nil).Text("data.id")
		e.Advance(30*second - 1)
		lock := set(e, "POST", "/exchange/quote/"+late+"/lock", nil)
		equal(t, "locked", lock.At("data.locked"), any(true))
		again := set(e, "POST", "/exchange/quote/"+late+"/lock", nil)
		equal(t, "locking again changes nothing", string(again.Body), string(lock.Body))
		equal(t, "and says so", replayed(again), true)
		e.Advance(60*second - 1)
		equal(t, "in time", swap(e, "amount", 1000, "quote_id", late).Status, http.StatusCreated)
		want(t, e.Do("POST", "/exchange/quote/"+late+"/lock", nil), http.StatusBadRequest, "quote_already_used")
		open := set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN&lock=false", nil).Text("data.id")
		e.Advance(30 * second)
		want(t, e.Do("POST", "/exchange/quote/"+open+"/lock", nil), http.StatusBadRequest, "quote_expired")
		want(t, swap(e, "amount", 1000, "quote_id", open), http.StatusBadRequest, "quote_expired")
	})
	t.Run("the operator's ttl bounds both times", func(t *testing.T) {
		e := under(t, e)
		set(e, "PATCH", "/exchange/rates/"+pairID(e, "CAD-NGN"), body("ttl", 10))
		q := set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil)
		equal(t, "times", fmt.Sprint(q.At("data.time_to_lock"), q.At("data.time_to_convert")), "10 10")
		e.Advance(10 * second)
		want(t, swap(e, "amount", 1000, "quote_id", q.Text("data.id")), http.StatusBadRequest, "quote_expired")
	})
	e.Clean()
}

func TestAQuoteServesOneSwap(t *testing.T) {
	t.Parallel()
	e := start(t)
	before := available(e, money.CAD)
	q := quoted(e, "CAD", "NGN")
	var all []<-chan reply
	for range 12 {
		all = append(all, later(e, "POST", "/exchange/swap", body("amount", 10000, "quote_id", q)))
	}
	ids, fresh := map[string]bool{}, 0
	for _, c := range all {
		a := got(t, c)
		equal(t, "status", a.Status, http.StatusCreated)
		ids[a.Text("data.id")] = true
		if !replayed(a) {
			fresh++
		}
	}
	equal(t, "12 at once make one swap", len(ids), 1)
	equal(t, "and one of them made it", fresh, 1)
	equal(t, "which has moved its money once", available(e, money.CAD), before-10000)
	used := swap(e, "amount", 9999, "quote_id", q)
	want(t, used, http.StatusBadRequest, "quote_already_used")
	equal(t, "resource_id names it", ids[used.Text("error.details.resource_id")], true)
	want(t, swap(e, "amount", 10000, "quote_id", q, "source_currency", "NGN", "target_currency", "CAD"), http.StatusBadRequest, "quote_mismatch")
	e.Clean()
}

func TestSwapsMoveMoneyBetweenTheWallets(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, c := range []struct {
		source, target money.Currency
		amount, gets   int64
	}{
		{money.CAD, money.NGN, 10000, 10300000}, {money.NGN, money.CAD, 104000, 100}, {money.NGN, money.CAD, 103999, 99},
		{money.USD, money.CAD, 101, 150}, {money.CAD, money.USD, 151, 100}, {money.USDT, money.USD, 777, 777}, {money.NGN, money.USDC, 1555000, 1000},
	} {
		t.Run(fmt.Sprintf("%d %s for %s", c.amount, c.source, c.target), func(t *testing.T) {
			e := under(t, e)
			gives, gets := available(e, c.source), available(e, c.target)
			a := swap(e, "amount", c.amount, "source_currency", c.source, "target_currency", c.target)
			equal(t, "status", a.Status, http.StatusCreated)
			equal(t, "quote_id", a.At("data.quote_id"), nil)
			equal(t, "target", a.At("data.target_amount.amount"), any(float64(c.gets)))
			equal(t, "given", gives-available(e, c.source), c.amount)
			equal(t, "got", available(e, c.target)-gets, c.gets)
		})
	}
	t.Run("not more than the wallet holds, and the refusal is kept under its key", func(t *testing.T) {
		e := under(t, e)
		q := quoted(e, "USD", "CAD")
		withdraw(e, money.USD, 500)
		a := e.Do("POST", "/exchange/swap", body("amount", 501, "quote_id", q), "Idempotency-Key", "k-poor")
		want(t, a, http.StatusBadRequest, "insufficient_funds")
		equal(t, "details", fmt.Sprint(a.At("error.details")), "map[available:500 currency:USD required:501]")
		again := e.Do("POST", "/exchange/swap", body("amount", 501, "quote_id", q), "Idempotency-Key", "k-poor")
		equal(t, "again under its key", replayed(again), true)
		equal(t, "the quote can still be used", swap(e, "amount", 500, "quote_id", q).Status, http.StatusCreated)
		equal(t, "an empty wallet", available(e, money.USD), int64(0))
	})
	e.Clean()
}

func TestWhatASwapIsRefusedFor(t *testing.T) {
	t.Parallel()
	e := start(t)
	for says, c := range map[string]struct {
		body    map[string]any
		refusal string
	}{
		"no amount":                    {body("source_currency", "CAD", "target_currency", "NGN"), "amount required"},
		"a fraction":                   {body("amount", 1.5, "source_currency", "CAD", "target_currency", "NGN"), "amount must_be_integer"},
		"nothing to swap at":           {body("amount", 1000), "source_currency required, target_currency required"},
		"half a pair":                  {body("amount", 1000, "source_currency", "CAD"), "target_currency required"},
		"a currency without wallets":   {body("amount", 1000, "source_currency", "EUR", "target_currency", "USD"), "source_currency not_allowed"},
		"unknown fields":               {body("amount", 1000, "source_currency", "CAD", "target_currency", "NGN", "colour", "red"), "colour unknown_field"},
		"too large":                    {body("amount", money.Max+1, "source_currency", "CAD", "target_currency", "NGN"), "amount too_large"},
		"a quote that is none":         {body("amount", 1000, "quote_id", "x"), "not_found"},
		"no such quote":                {body("amount", 1000, "quote_id", "01a20298-7a88-7b1f-a60a-27f359a54a7b"), "not_found"},
		"a rate of a conversion":       {body("amount", 1000, "quote_id", rated(e, "CAD", "NGN")), "not_found"},
		"the same currency":            {body("amount", 1000, "source_currency", "CAD", "target_currency", "CAD"), "invalid_currency"},
		"a pair that has no rate":      {body("amount", 1000, "source_currency", "CAD", "target_currency", "USDT"), "invalid_currency"},
		"less than the least":          {body("amount", 99, "source_currency", "CAD", "target_currency", "NGN"), "invalid_amount"},
		"what would become nothing":    {body("amount", 1039, "source_currency", "NGN", "target_currency", "CAD"), "invalid_amount"},
		"more than the most":           {body("amount", 1_000_000_001, "source_currency", "USDT", "target_currency", "USD"), "invalid_amount"},
		"more than an amount can hold": {body("amount", 1_000_000_000, "source_currency", "CAD", "target_currency", "NGN"), "invalid_amount"},
	} {
		t.Run(says, func(t *testing.T) {
			a := under(t, e).Do("POST", "/exchange/swap", c.body)
			equal(t, "refusal", refusalOf(a), c.refusal)
		})
	}
	e.Clean()
}

// refusalOf is the code of a refusal, or the breaches of its fields.
func refusalOf(a nodetest.Answer) string {
	var breaches []string
	list, _ := a.At("error.errors").([]any)
	for _, b := range list {
		field := b.(map[string]any)
		breaches = append(breaches, fmt.Sprint(field["field"], " ", field["code"]))
	}
	if len(breaches) > 0 {
		return strings.Join(breaches, ", ")
	}
	return a.Text("error.code")
}

func TestALockedQuoteNeedsTheScopeToWrite(t *testing.T) {
	t.Parallel()
	e := start(t)
	reader := e.NewKey("exchange:read")
	const path = "/exchange/quote?source_currency=CAD&target_currency=NGN"
	a := e.Do("GET", path, nil, "Authorization", reader)
	want(t, a, http.StatusForbidden, "insufficient_permissions")
	equal(t, "required", a.Text("error.details.required"), "exchange:write")
	equal(t, "with lock=false", e.Do("GET", path+"&lock=false", nil, "Authorization", reader).Status, http.StatusOK)
	equal(t, "arithmetic", e.Do("POST", "/exchange/convert", body("amount", 100, "from", "USD", "to", "NGN"), "Authorization", reader).Status, http.StatusOK)
	want(t, e.Do("POST", "/exchange/swap", body("amount", 100), "Authorization", reader), http.StatusForbidden, "insufficient_permissions")
}

func TestWhichQuotesThereAre(t *testing.T) {
	t.Parallel()
	e := start(t)
	for query, refusal := range map[string]string{
		"source_currency=CAD&target_currency=NGN&amount=5": "invalid_request", "source_currency=CAD": "invalid_request", "": "invalid_request",
		"source_currency=CAD&target_currency=XYZ": "invalid_request", "source_currency=EUR&target_currency=USD": "invalid_request",
		"source_currency=CAD&target_currency=NGN&lock=maybe": "invalid_request", "source_currency=USDT&target_currency=USDC": "invalid_currency",
	} {
		want(t, e.Do("GET", "/exchange/quote?"+query, nil), http.StatusBadRequest, refusal)
	}
	for query, fits := range map[string]string{"source_currency=CAD&target_currency=NGN": "103000 buy", "source_currency=NGN&target_currency=CAD": "104000 sell"} {
		q := set(e, "GET", "/exchange/quote?"+query, nil)
		equal(t, query, fmt.Sprint(q.At("data.rate"), " ", q.At("data.type")), fits)
	}
}

func TestListsOfSwapsAndOrders(t *testing.T) {
	t.Parallel()
	e := start(t)
	for i := range 3 {
		set(e, "POST", "/exchange/swap", body("amount", 1000+i, "source_currency", "CAD", "target_currency", "NGN"))
		set(e, "POST", "/exchange/orders", body("qty", 1000+i, "symbol", "CAD-NGN", "type", "buy"))
	}
	set(e, "POST", "/exchange/swap", body("amount", 500, "source_currency", "USDT", "target_currency", "USD"))
	set(e, "POST", "/exchange/orders", body("qty", 500, "symbol", "USDT-USD", "type", "sell"))
	count := func(path string) int { return len(set(e, "GET", path, nil).At("data").([]any)) }
	for path, n := range map[string]int{
		"/exchange/swap": 4, "/exchange/swap?symbol=CAD-NGN": 3, "/exchange/swap?symbol=NGN-CAD": 0, "/exchange/swap?status=success": 4,
		"/exchange/swap?status=failed": 0, "/exchange/orders": 4, "/exchange/orders?symbol=USDT-USD": 1, "/exchange/orders?status=filled": 4, "/exchange/orders?status=open": 0,
	} {
		equal(t, path, count(path), n)
	}
	for _, list := range []string{"/exchange/swap", "/exchange/orders", "/exchange/swap-configurations"} {
		first := set(e, "GET", list+"?limit=3", nil)
		rest := set(e, "GET", list+"?limit=3&after="+first.Text("pagination.after"), nil)
		back := set(e, "GET", list+"?limit=3&before="+rest.Text("pagination.before"), nil)
		equal(t, list+": and back", fmt.Sprint(back.At("data")), fmt.Sprint(first.At("data")))
		equal(t, list+": no entry twice", strings.Contains(string(rest.Body), first.At("data").([]any)[2].(map[string]any)["id"].(string)), false)
		want(t, e.Do("GET", list+"?limit=0", nil), http.StatusBadRequest, "invalid_request")
	}
	want(t, e.Do("GET", "/exchange/swap?status=done", nil), http.StatusBadRequest, "invalid_request")
	order := set(e, "GET", "/exchange/orders", nil).At("data").([]any)[0].(map[string]any)["id"].(string)
	want(t, e.Do("GET", "/exchange/swap/"+order, nil), http.StatusNotFound, "not_found") // though it is a deal too
	want(t, e.Do("GET", "/exchange/orders/none", nil), http.StatusNotFound, "not_found")
	e.Clean()
}
