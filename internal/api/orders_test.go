package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
)

func TestMarketOrdersAreFilledAtOnce(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	for _, c := range []struct {
		kind              string
		qty, price, trade int64
	}{{"sell", 10000, 103000, 10300000}, {"buy", 10000, 104000, 10400000}, {"buy", 101, 104000, 105040}} {
		t.Run(fmt.Sprint(c.kind, " ", c.qty), func(t *testing.T) {
			e := under(t, e)
			cad, ngn := available(e, money.CAD), available(e, money.NGN)
			o := set(e, "POST", "/exchange/orders", body("qty", c.qty, "symbol", "CAD-NGN", "type", c.kind, "price_type", "market", "time_in_force", "fok"))
			equal(t, "status", o.Text("data.status"), "filled")
			trade := o.At("data.trades").([]any)[0].(map[string]any)
			equal(t, "trade", fmt.Sprintf("%.0f at %.0f for %.0f", trade["qty"], trade["price"], trade["amount"]), fmt.Sprintf("%d at %d for %d", c.qty, c.price, c.trade))
			sign := int64(1)
			if c.kind == "buy" {
				sign = -1
			}
			equal(t, "CAD", available(e, money.CAD)-cad, -sign*c.qty)
			equal(t, "NGN", available(e, money.NGN)-ngn, sign*c.trade)
		})
	}
	t.Run("what a buy costs is rounded up", func(t *testing.T) {
		e := under(t, e)
		o := set(e, "POST", "/exchange/orders", body("qty", 101, "symbol", "USD-CAD", "type", "buy"))
		equal(t, "1.01 USD at 1.51 CAD", o.At("data.trades").([]any)[0].(map[string]any)["amount"], any(float64(153)))
	})
	e.Clean()
}

func TestWhatAnOrderIsRefusedFor(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	good := body("qty", 1000, "symbol", "CAD-NGN", "type", "buy")
	for says, c := range map[string]struct {
		body    map[string]any
		refusal string
	}{
		"nothing sent":              {body(), "qty required, symbol required, type required"},
		"a limit order":             {with(good, "price_type", "limit", "price", 100000), "price_type not_allowed"},
		"a price without a type":    {with(good, "price", 100000), "price conflict"},
		"a price of the market":     {with(good, "price", 100000, "price_type", "market"), "price conflict"},
		"an unknown force":          {with(good, "time_in_force", "day"), "time_in_force not_allowed"},
		"gtt without an end":        {with(good, "time_in_force", "gtt"), "expires_at required"},
		"gtt that is over":          {with(good, "time_in_force", "gtt", "expires_at", "2020-01-01T00:00:00Z"), "expires_at past_date"},
		"an end without gtt":        {with(good, "expires_at", "2099-01-01T00:00:00Z"), "expires_at conflict"},
		"an unknown pair":           {with(good, "symbol", "CAD-USDT"), "invalid_currency"},
		"a pair the other way":      {with(good, "symbol", "NGN-CAD"), "invalid_currency"},
		"a pair without wallets":    {with(good, "symbol", "EUR-USD"), "invalid_currency"},
		"less than the least":       {with(good, "qty", 99), "invalid_amount"},
		"more than money can pay":   {with(good, "qty", 1_000_000_000), "invalid_amount"},
		"more than the wallet pays": {with(good, "qty", 9_000_000), "insufficient_funds"},
	} {
		t.Run(says, func(t *testing.T) {
			equal(t, "refusal", refusalOf(e.Do("POST", "/exchange/orders", c.body)), c.refusal)
		})
	}
	equal(t, "none was kept", len(set(e, "GET", "/exchange/orders", nil).At("data").([]any)), 0)
	good = with(good, "time_in_force", "gtt", "expires_at", "2099-01-01T01:00:00+01:00")
	o := set(e, "POST", "/exchange/orders", good)
	equal(t, "expires_at", o.Text("data.expires_at"), "2099-01-01T00:00:00.000000Z")
	want(t, e.Do("DELETE", "/exchange/orders/none", nil), http.StatusNotFound, "not_found")
	e.Clean()
}
