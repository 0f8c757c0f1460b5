package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestTheOperatorSetsRates(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := pairID(e, "CAD-NGN")
	for says, c := range map[string]struct {
		body    map[string]any
		refusal string
	}{
		"nothing":               {body(), "buy required"},
		"not positive":          {body("buy", 0, "sell", -1), "buy must_be_positive, sell must_be_positive"},
		"a fraction":            {body("buy", 1.5), "buy must_be_integer"},
		"paid more than taken":  {body("buy", 3, "sell", 2), "buy conflict"},
		"above the present one": {body("buy", 104001), "buy conflict"},
		"below the present one": {body("sell", 102999), "sell conflict"},
		"no time":               {body("ttl", 0), "ttl too_small"},
		"more than a day":       {body("ttl", 86401), "ttl too_large"},
		"unknown fields":        {body("ttl", 5, "rate", 1), "rate unknown_field"},
	} {
		t.Run(says, func(t *testing.T) {
			equal(t, "refusal", refusalOf(e.Do("PATCH", "/exchange/rates/"+id, c.body)), c.refusal)
		})
	}
	for _, none := range []string{"none", "01a20298-7a88-7b1f-a60a-27f359a54a7b"} {
		want(t, e.Do("PATCH", "/exchange/rates/"+none, body("ttl", 5)), http.StatusNotFound, "not_found")
	}
	one := set(e, "PATCH", "/exchange/rates/"+id, body("buy", 90000, "sell", 91000, "ttl", 45))
	equal(t, "status", one.Status, http.StatusCreated)
	two := set(e, "PATCH", "/exchange/rates/"+id, body("sell", 92000))
	equal(t, "the rest stays", fmt.Sprint(two.At("data.buy"), two.At("data.sell"), two.At("data.ttl")), "90000 92000 45")
	quote := set(e, "GET", "/exchange/quote?source_currency=NGN&target_currency=CAD", nil)
	equal(t, "quotes follow", fmt.Sprint(quote.At("data.rate"), quote.At("data.time_to_convert")), "92000 45")
	equal(t, "FX rates too", set(e, "GET", "/exchange/fx/rate?source_currency=CAD&target_currency=NGN", nil).Text("data.rate"), "900.00")
	set(e, "POST", "/sandbox/reset", body("keep", []string{"keys", "settings"}))
	equal(t, "kept with the settings", set(e, "GET", "/exchange/quote?source_currency=NGN&target_currency=CAD", nil).At("data.rate"), any(float64(92000)))
	set(e, "POST", "/sandbox/reset", nil)
	equal(t, "else gone", set(e, "GET", "/exchange/quote?source_currency=NGN&target_currency=CAD", nil).At("data.rate"), any(float64(104000)))
}

func TestRatesMayWalk(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	walk := func(setting string) (rates string) {
		set(e, "PATCH", "/sandbox/settings", body("rates", setting))
		return fmt.Sprint(set(e, "GET", "/exchange/rates", nil).At("data"))
	}
	fixed := walk("fixed")
	seven := walk("walk;seed=7")
	equal(t, "a walk is not where it began", seven == fixed, false)
	equal(t, "another seed, another walk", walk("walk;seed=8") == seven, false)
	equal(t, "the same seed at the same time", walk("walk;seed=7"), seven)
	e.Advance(hour)
	equal(t, "an hour later", walk("walk;seed=7") == seven, false)
	equal(t, "and back", walk("fixed"), fixed)
	for _, bad := range []string{"walk", "walk;seed=x", "random"} {
		equal(t, bad, refusalOf(e.Do("PATCH", "/sandbox/settings", body("rates", bad))), "rates invalid_format")
	}
	equal(t, "a bad one changes nothing", set(e, "GET", "/sandbox/settings", nil).Text("data.rates"), "fixed")
}

func TestTheCatalogueShowsTheDefaultRates(t *testing.T) {
	t.Parallel()
	e := start(t)
	shown := set(e, "GET", "/sandbox/catalogue", nil).At("data.rates").([]any)
	rates := set(e, "GET", "/exchange/rates", nil).At("data").([]any)
	equal(t, "how many", len(shown), len(rates))
	for i := range shown {
		a, b := shown[i].(map[string]any), rates[i].(map[string]any)
		equal(t, "rate", fmt.Sprint(a["symbol"], a["buy"], a["sell"]), fmt.Sprint(b["symbol"], b["buy"], b["sell"]))
	}
}

// Live has no source of rates: there are those that the operator sets.
func TestLiveHasTheOperatorsRatesAlone(t *testing.T) {
	t.Parallel()
	e := start(t, nodetest.Live)
	equal(t, "pairs", fmt.Sprint(set(e, "GET", "/exchange/pairs", nil).At("data")), "[]")
	want(t, e.Do("GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil), http.StatusBadRequest, "invalid_currency")
	first := set(e, "GET", "/exchange/swap-configurations", nil).At("data").([]any)[0].(map[string]any)
	equal(t, "a pair without a rate", first["status"], any("inactive"))
	id := pairID(e, "CAD-NGN")
	equal(t, "one side is not enough", refusalOf(e.Do("PATCH", "/exchange/rates/"+id, body("buy", 5))), "sell required")
	set(e, "PATCH", "/exchange/rates/"+id, body("buy", 100000, "sell", 101000))
	equal(t, "then it has a price", set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil).At("data.rate"), any(float64(100000)))
	want(t, swap(e, "amount", 100, "source_currency", "CAD", "target_currency", "NGN"), http.StatusBadRequest, "insufficient_funds")
}
