package api

import (
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	fx "github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func createSwap(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.Swap{Amount: r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max)), QuoteID: r.Text("quote_id", wire.MaxLength(nameMax))}
	need := wire.Required
	if r.Has("quote_id") {
		need = wire.Optional
	}
	in.Source, in.Target = readCurrencies(r, need, money.All)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().Swap(x.ctx(), x.call, in))
}

// readExchangeFilter reads the filters of lists of swaps and orders.
func readExchangeFilter[S ~string](q *wire.Query, states []S) store.ExchangeFilter {
	return store.ExchangeFilter{Symbol: q.Text("symbol", wire.MaxLength(symbolMax)), State: q.Text("status", wire.Allowed(states...))}
}

const symbolMax = 20 // characters of a pair's symbol

func listSwaps(x *exchange) (answer, error) {
	page, f := x.query.Page("swaps", pageSizeDefault), readExchangeFilter(x.query, fx.DealStates)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	rows, block, err := x.engine().Swaps(x.ctx(), x.business(), page, f)
	return listed(wire.List{Data: rows, Pagination: block}), err
}

func getSwap(x *exchange) (answer, error) {
	out, err := x.engine().FindSwap(x.ctx(), x.business(), x.param("id"))
	if err == nil {
		x.trace.About("swap", x.param("id"))
	}
	return reply(out, err)
}

func listPairs(x *exchange) (answer, error) {
	pairs, err := x.engine().Pairs(x.ctx())
	return data(pairs), err
}

func listSwapConfigurations(x *exchange) (answer, error) {
	page := x.query.Page("swap_configurations", pageSizeDefault)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	all, err := x.engine().SwapConfigurations(x.ctx())
	if err != nil {
		return answer{}, err
	}
	places := map[string]wire.Cursor{}
	for i, c := range all {
		places[c.ID] = wire.Cursor{CreatedAt: beforeAll(i), ID: c.ID}
	}
	at := func(c wire.SwapConfiguration) wire.Cursor { return places[c.ID] }
	rows, block := wire.Show(page, window(page, all, at), at)
	return listed(wire.List{Data: rows, Pagination: block}), nil
}

// beforeAll is the i-th moment before the beginning of time: lists that are in an order
// of their own get cursors like any other.
func beforeAll(i int) time.Time { return time.UnixMicro(int64(-i)).UTC() }

func createConversion(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.Convert{RateID: r.Text("rate_id", wire.Required, wire.MaxLength(nameMax))}
	in.Source, in.Target = readCurrencies(r, wire.Required, fx.Currencies)
	in.Amount = r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	in.Reference = r.Reference("reference", wire.Required)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().Convert(x.ctx(), x.call, in))
}

// reckon is arithmetic: nothing moves.
func reckon(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	amount := r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	from := wire.OneOf(r, "from", wire.Required, fx.Currencies...)
	to := wire.OneOf(r, "to", wire.Required, fx.Currencies...)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	out, err := x.engine().Reckon(x.ctx(), from, to, amount)
	return data(out), err
}
