package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

func exchangeCases() []Case {
	return []Case{
		{ID: "exchange/quote", Sentence: "a quote is locked by default, and not with lock=false", run: quoteGiven},
		{ID: "exchange/quote-lock", Sentence: "an open quote is locked once; locking again changes nothing", run: quoteLocked},
		{ID: "exchange/quote-query", Sentence: "a quote takes two currencies and lock, and no other parameter", run: quoteQuery},
		{ID: "exchange/quote-scope", Sentence: "a locked quote needs exchange:write, an open one exchange:read", run: quoteScope},
		{ID: "exchange/swap", Sentence: "a swap moves money at the price of its quote", run: swapMade},
		{ID: "exchange/swap-again", Sentence: "the same quote with the same amount returns the first swap, with another it is 400 quote_already_used", run: swapAgain},
		{ID: "exchange/swap-at-once", Sentence: "of many swaps of one quote at the same moment there is one", run: swapAtOnce},
		{ID: "exchange/swap-refused", Sentence: "other currencies than the quote's, no such quote and no such pair are refused", run: swapRefused},
		{ID: "exchange/swap-fields", Sentence: "fields of a swap are checked", run: swapFields},
		{ID: "exchange/swap-list", Sentence: "swaps are listed newest first and by pair", run: swapsListed},
		{ID: "exchange/pairs", Sentence: "pairs, configurations and rates may be cached for a minute", run: pairsListed},
		{ID: "exchange/fx-rate", Sentence: "an FX rate is text and can be locked", run: fxRate},
		{ID: "exchange/convert", Sentence: "a conversion moves money under its reference, once", run: conversionMade},
		{ID: "exchange/arithmetic", Sentence: "POST /exchange/convert is arithmetic at the present rate", run: amountConverted},
		{ID: "exchange/order", Sentence: "a market order is filled when it is made and cannot be cancelled", run: orderFilled},
		{ID: "exchange/order-limit", Sentence: "limit orders are refused", run: orderLimited},
		{ID: "exchange/rates", Sentence: "a rate needs a number, and is not paid above what is taken", run: rateFields},
	}
}

func quotePath(source, target, more string) string {
	return "/exchange/quote?source_currency=" + source + "&target_currency=" + target + more
}

func (t *trial) quote(more string) reply {
	r := t.get(quotePath("CAD", "NGN", more))
	t.status(r, http.StatusOK)
	return r
}

func quoteGiven(t *trial) {
	locked, open := t.quote(""), t.quote("&lock=false")
	for _, r := range []reply{locked, open} {
		t.equal(r, "data.symbol", "CAD-NGN")
		t.equal(r, "data.type", "buy")
		t.matches(r, "data.id", uuidForm)
		t.present(r, "data.rate")
		t.absent(r, "money")
		t.head(r, "Cache-Control", "no-store")
	}
	t.equal(locked, "data.locked", true)
	t.equal(open, "data.locked", false)
	t.equal(t.get(quotePath("NGN", "CAD", "&lock=false")), "data.type", "sell")
}

func quoteLocked(t *trial) {
	id := t.quote("&lock=false").text("data.id")
	first := t.post("/exchange/quote/"+id+"/lock", nil)
	t.status(first, http.StatusOK)
	t.equal(first, "data.locked", true)
	again := t.post("/exchange/quote/"+id+"/lock", nil)
	t.identical(again, first)
	t.replayed(again, true)
	t.refused(t.post("/exchange/quote/none/lock", nil), http.StatusNotFound, "not_found")
}

func quoteQuery(t *trial) {
	for _, more := range []string{"&amount=100", "&lock=perhaps", "&colour=red"} {
		t.refused(t.get(quotePath("CAD", "NGN", more)), http.StatusBadRequest, "invalid_request")
	}
	t.refused(t.get("/exchange/quote?source_currency=CAD"), http.StatusBadRequest, "invalid_request")
	t.refused(t.get(quotePath("CAD", "XYZ", "")), http.StatusBadRequest, "invalid_request")
	r := t.get(quotePath("CAD", "CAD", ""))
	t.refused(r, http.StatusBadRequest, "invalid_currency")
	t.equal(r, "message", "invalid_currency")
}

func quoteScope(t *trial) {
	reader := t.scoped("exchange:read")
	t.forbidden(t.get(quotePath("CAD", "NGN", ""), reader), "exchange:write")
	t.status(t.get(quotePath("CAD", "NGN", "&lock=false"), reader), http.StatusOK)
}

func (t *trial) swap(body object, options ...option) reply {
	return t.post("/exchange/swap", body, options...)
}

func swapMade(t *trial) {
	quote := t.quote("")
	r := t.swap(object{"amount": 1000, "quote_id": quote.text("data.id")})
	t.status(r, http.StatusCreated)
	id := r.text("data.id")
	t.head(r, "Location", "/exchange/swap/"+id)
	rate, _ := quote.number("data.rate")
	for path, want := range map[string]any{
		"data.quote_id": quote.text("data.id"), "data.rate": rate, "data.status": "success", "data.symbol": "CAD-NGN",
		"data.source_amount": object{"amount": 1000, "currency": "CAD"}, "data.target_amount": object{"amount": 10 * rate, "currency": "NGN"},
		"data.customer.type": "business",
	} {
		t.equal(r, path, want)
	}
	t.money(r, "succeeded", "no")
	read := t.get("/exchange/swap/" + id)
	t.status(read, http.StatusOK)
	t.equal(read, "data.id", id)
	t.money(read, "succeeded", "no")
}

func swapAgain(t *trial) {
	quote := t.quote("").text("data.id")
	first := t.swap(object{"amount": 1000, "quote_id": quote})
	again := t.swap(object{"amount": 1000, "quote_id": quote})
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	r := t.swap(object{"amount": 1001, "quote_id": quote})
	t.refused(r, http.StatusBadRequest, "quote_already_used")
	t.outcome(r, "not_attempted", "no")
	t.equal(r, "error.details", object{"id": quote, "resource_id": first.text("data.id")})
	t.refused(t.post("/exchange/quote/"+quote+"/lock", nil), http.StatusBadRequest, "quote_already_used")
}

func swapAtOnce(t *trial) {
	quote, ids := t.quote("").text("data.id"), map[string]bool{}
	for _, r := range t.atOnce(6, func() (reply, error) {
		return t.try("POST", "/exchange/swap", object{"amount": 1000, "quote_id": quote})
	}) {
		t.status(r, http.StatusCreated)
		ids[r.text("data.id")] = true
		if len(ids) > 1 {
			t.failed(&r, "the same swap for all")
		}
	}
}

func swapRefused(t *trial) {
	quote := t.quote("").text("data.id")
	r := t.swap(object{"amount": 1000, "quote_id": quote, "source_currency": "USD", "target_currency": "NGN"})
	t.refused(r, http.StatusBadRequest, "quote_mismatch")
	t.equal(r, "error.details.symbol", "CAD-NGN")
	t.refused(t.swap(object{"amount": 1000, "quote_id": "01a20298-7a88-7b1f-a60a-27f359a54a7b"}), http.StatusNotFound, "not_found")
	t.refused(t.swap(object{"amount": 1000, "source_currency": "CAD", "target_currency": "CAD"}), http.StatusBadRequest, "invalid_currency")
	r = t.swap(object{"amount": 1, "source_currency": "NGN", "target_currency": "CAD"})
	t.refused(r, http.StatusBadRequest, "invalid_amount")
	t.outcome(r, "not_attempted", "no")
}

func swapFields(t *trial) {
	t.fields(t.swap(object{}), "amount required", "source_currency required", "target_currency required")
	t.fields(t.swap(object{"amount": 0, "source_currency": "CAD", "target_currency": "NGN"}), "amount must_be_positive")
	t.fields(t.swap(object{"amount": 1.5, "source_currency": "CAD", "target_currency": "NGN"}), "amount must_be_integer")
	t.fields(t.swap(object{"amount": 1000, "source_currency": "XYZ", "target_currency": "NGN"}), "source_currency not_allowed")
	t.fields(t.swap(object{"amount": 1000, "source_currency": "CAD", "target_currency": "NGN", "rate": 1}), "rate unknown_field")
}

func swapsListed(t *trial) {
	var ids []string
	for range 3 {
		r := t.swap(object{"amount": 1000, "source_currency": "CAD", "target_currency": "NGN"})
		t.status(r, http.StatusCreated)
		ids = append([]string{r.text("data.id")}, ids...)
	}
	page := t.get("/exchange/swap?symbol=CAD-NGN&limit=2")
	t.absent(page, "money")
	rest := t.get("/exchange/swap?symbol=CAD-NGN&limit=1&after=" + url.QueryEscape(page.text("pagination.after")))
	if got := append(idsOf(page), idsOf(rest)...); strings.Join(got, " ") != strings.Join(ids, " ") {
		t.failed(&rest, "the swaps %v on two pages, not %v", ids, got)
	}
	t.refused(t.get("/exchange/swap?status=done"), http.StatusBadRequest, "invalid_request")
}

func pairsListed(t *trial) {
	for _, path := range []string{"/exchange/pairs", "/exchange/swap-configurations", "/exchange/rates"} {
		r := t.get(path)
		t.status(r, http.StatusOK)
		t.head(r, "Cache-Control", "private, max-age=60")
		t.status(t.get(path, header("If-None-Match", r.header.Get("ETag"))), http.StatusNotModified)
	}
	t.equal(t.get("/exchange/pairs"), "data", []string{"CAD-NGN", "USD-NGN", "USDT-NGN", "USDC-NGN", "USD-CAD", "USDT-USD", "USDC-USD"})
}

func fxRate(t *trial) {
	r := t.get("/exchange/fx/rate?source_currency=USDC&target_currency=NGN")
	t.status(r, http.StatusOK)
	t.equal(r, "data.type", "conversion")
	t.matches(r, "data.rate", regexp.MustCompile(`^\d+\.\d{2,}$`))
	locked := t.post("/exchange/fx/rate/"+r.text("data.id")+"/lock", nil)
	t.status(locked, http.StatusOK)
	t.equal(locked, "data.symbol", "USDC-NGN")
	t.equal(locked, "data.rate", r.text("data.rate"))
	both := t.post("/exchange/fx/aggregator-rates/lock", object{"source_currency": "USDC", "target_currency": "NGN"})
	t.status(both, http.StatusCreated)
	t.equal(both, "data.symbol", "USDC-NGN")
	t.equal(both, "data.source_currency", "USDC")
	t.refused(t.get("/exchange/fx/rate?source_currency=BTC&target_currency=DOGE"), http.StatusBadRequest, "invalid_currency")
}

func conversionMade(t *trial) {
	rate, ref := t.get("/exchange/fx/rate?source_currency=USDT&target_currency=USD"), t.unique()
	body := object{"amount": 1000, "rate_id": rate.text("data.id"), "reference": ref, "source_currency": "USDT", "target_currency": "USD"}
	first := t.post("/exchange/fx/convert", body)
	t.status(first, http.StatusCreated)
	t.money(first, "succeeded", "no")
	t.equal(first, "money.status_url", nil)
	t.equal(first, "data.rate_id", rate.text("data.id"))
	body["rate_id"] = "another"
	again := t.post("/exchange/fx/convert", body)
	t.identical(again, first)
	t.replayed(again, true)
	body["amount"] = 1001
	r := t.post("/exchange/fx/convert", body)
	t.refused(r, http.StatusBadRequest, "reference_exists")
	t.equal(r, "error.details.differs", []string{"amount"})
	body["reference"], body["rate_id"] = t.unique(), rate.text("data.id")
	t.refused(t.post("/exchange/fx/convert", body), http.StatusBadRequest, "quote_already_used")
}

func amountConverted(t *trial) {
	r := t.post("/exchange/convert", object{"amount": 10000, "from": "CAD", "to": "NGN"})
	t.status(r, http.StatusOK)
	rate, _ := t.quote("&lock=false").number("data.rate")
	t.equal(r, "data.converted_amount", 100*rate)
	t.equal(r, "data.rate", fmt.Sprintf("%d.%02d", rate/100, rate%100))
	t.absent(r, "money")
	t.fields(t.post("/exchange/convert", object{}), "amount required", "from required", "to required")
}

func orderFilled(t *trial) {
	r := t.post("/exchange/orders", object{"qty": 1000, "symbol": "CAD-NGN", "type": "sell"})
	t.status(r, http.StatusCreated)
	id := r.text("data.id")
	t.head(r, "Location", "/exchange/orders/"+id)
	for path, want := range map[string]any{
		"data.status": "filled", "data.percent_filled": 10000, "data.price": nil, "data.price_type": "market", "data.time_in_force": "gtc", "data.trades.0.qty": 1000,
	} {
		t.equal(r, path, want)
	}
	t.money(r, "succeeded", "no")
	t.status(t.get("/exchange/orders/"+id), http.StatusOK)
	late := t.call("DELETE", "/exchange/orders/"+id, nil)
	t.refused(late, http.StatusBadRequest, "order_not_open")
	t.equal(late, "error.details.status", "filled")
}

func orderLimited(t *trial) {
	t.fields(t.post("/exchange/orders", object{"qty": 1000, "symbol": "CAD-NGN", "type": "sell", "price_type": "limit", "price": 100000}), "price_type not_allowed")
	t.fields(t.post("/exchange/orders", object{}), "qty required", "symbol required", "type required")
}

func rateFields(t *trial) {
	path := "/exchange/rates/" + t.get("/exchange/rates").text("data.0.id")
	t.fields(t.call("PATCH", path, object{}), "buy required")
	t.fields(t.call("PATCH", path, object{"buy": 2, "sell": 1}), "buy conflict")
	t.fields(t.call("PATCH", path, object{"ttl": 86401}), "ttl too_large")
	t.refused(t.call("PATCH", "/exchange/rates/none", object{"buy": 1}), http.StatusNotFound, "not_found")
}
