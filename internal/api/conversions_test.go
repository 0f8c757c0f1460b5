package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
)

func TestConversionsHaveReferences(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	before := available(e, money.USDC)
	first := set(e, "POST", "/exchange/fx/convert", conversion(rated(e, "USDC", "NGN"), "c-1"))
	same := e.Do("POST", "/exchange/fx/convert", conversion("another-rate", "c-1"))
	equal(t, "a repeat is the first, whatever its rate", string(same.Body), string(first.Body))
	equal(t, "and says so", replayed(same), true)
	for differs, changed := range map[string]map[string]any{
		"[amount]":                          with(conversion("r", "c-1"), "amount", 9999),
		"[source_currency]":                 with(conversion("r", "c-1"), "source_currency", "USDT"),
		"[source_currency target_currency]": with(conversion("r", "c-1"), "source_currency", "NGN", "target_currency", "USDC"),
	} {
		a := e.Do("POST", "/exchange/fx/convert", changed)
		want(t, a, http.StatusBadRequest, "reference_exists")
		equal(t, "differs", fmt.Sprint(a.At("error.details.differs")), differs)
	}
	rate := rated(e, "USDC", "NGN")
	var all []<-chan reply
	for range 12 {
		all = append(all, later(e, "POST", "/exchange/fx/convert", conversion(rate, "c-2")))
	}
	ids := map[string]bool{}
	for _, c := range all {
		a := got(t, c)
		equal(t, "status", a.Status, http.StatusCreated)
		ids[a.Text("data.id")] = true
	}
	equal(t, "12 at once make one", len(ids), 1)
	equal(t, "the money of two has moved", before-available(e, money.USDC), int64(20000))
	spent := e.Do("POST", "/exchange/fx/convert", conversion(rate, "c-3"))
	want(t, spent, http.StatusBadRequest, "quote_already_used")
	equal(t, "by", ids[spent.Text("error.details.resource_id")], true)
	e.Clean()
}

func TestWhatAConversionIsRefusedFor(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	rate := rated(e, "USDC", "NGN")
	euro := rated(e, "EUR", "USD")
	for says, c := range map[string]struct {
		body    map[string]any
		refusal string
	}{
		"nothing sent":               {body(), "rate_id required, source_currency required, target_currency required, amount required, reference required"},
		"an unknown currency":        {with(conversion(rate, "a"), "source_currency", "XYZ"), "source_currency not_allowed"},
		"a currency without wallets": {with(conversion(euro, "a"), "source_currency", "EUR", "target_currency", "USD"), "invalid_currency"},
		"no such rate":               {conversion("01a20298-7a88-7b1f-a60a-27f359a54a7b", "a"), "not_found"},
		"a quote of a swap":          {conversion(quoted(e, "USDC", "NGN"), "a"), "not_found"},
		"another pair":               {with(conversion(rate, "a"), "target_currency", "USD"), "quote_mismatch"},
		"the other way":              {with(conversion(rate, "a"), "source_currency", "NGN", "target_currency", "USDC"), "quote_mismatch"},
		"too little":                 {with(conversion(rate, "a"), "amount", 99), "invalid_amount"},
		"a bad reference":            {conversion(rate, "a b"), "reference invalid_characters"},
	} {
		t.Run(says, func(t *testing.T) {
			equal(t, "refusal", refusalOf(e.Do("POST", "/exchange/fx/convert", c.body)), c.refusal)
		})
	}
	e.Advance(30 * second)
	want(t, e.Do("POST", "/exchange/fx/convert", conversion(rate, "a")), http.StatusBadRequest, "quote_expired")
	want(t, e.Do("POST", "/exchange/fx/rate/"+rate+"/lock", nil), http.StatusBadRequest, "quote_expired")
	equal(t, "a refused creation does not hold its reference", e.Do("POST", "/exchange/fx/convert", conversion(rated(e, "USDC", "NGN"), "a")).Status, http.StatusCreated)
	e.Clean()
}

func TestRatesOfCurrenciesWithoutWallets(t *testing.T) {
	t.Parallel()
	e := start(t)
	a := set(e, "GET", "/exchange/fx/rate?source_currency=EUR&target_currency=USD", nil)
	equal(t, "EUR to USD", a.Text("data.rate"), "1.08")
	a = set(e, "GET", "/exchange/fx/rate?source_currency=USD&target_currency=EUR", nil)
	equal(t, "USD to EUR", a.Text("data.rate"), "0.909090909091")
	a = set(e, "POST", "/exchange/convert", body("amount", 1100, "from", "USD", "to", "EUR"))
	equal(t, "11.00 USD is exactly 10.00 EUR", a.At("data.converted_amount"), any(float64(1000)))
	for query, refusal := range map[string]string{
		"source_currency=BTC&target_currency=USD": "invalid_currency", "source_currency=EUR&target_currency=GBP": "invalid_currency",
		"source_currency=EUR&target_currency=XYZ": "invalid_request", "source_currency=EUR": "invalid_request", "source_currency=EUR&target_currency=USD&amount=1": "invalid_request",
	} {
		want(t, e.Do("GET", "/exchange/fx/rate?"+query, nil), http.StatusBadRequest, refusal)
	}
	for refusal, sent := range map[string]map[string]any{
		"invalid_currency": body("amount", 100, "from", "BTC", "to", "USD"), "invalid_amount": body("amount", 1, "from", "USD", "to", "EUR"),
		"to not_allowed": body("amount", 100, "from", "USD", "to", "XYZ"), "amount must_be_positive": body("amount", 0, "from", "USD", "to", "EUR"),
	} {
		equal(t, "convert", refusalOf(e.Do("POST", "/exchange/convert", sent)), refusal)
	}
}

func TestConvertMovesNothing(t *testing.T) {
	t.Parallel()
	e := start(t)
	before := available(e, money.USDC)
	set(e, "POST", "/exchange/convert", body("amount", 10000, "from", "USDC", "to", "NGN"), "Idempotency-Key", "k-reckon")
	again := set(e, "POST", "/exchange/convert", body("amount", 10000, "from", "USDC", "to", "NGN"), "Idempotency-Key", "k-reckon")
	equal(t, "a repeat is answered again", replayed(again), true)
	equal(t, "the wallet", available(e, money.USDC), before)
	equal(t, "entries", len(set(e, "GET", "/exchange/swap", nil).At("data").([]any)), 0)
}
