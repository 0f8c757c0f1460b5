package api

import (
	fx "github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/wire"
)

// getQuote gives a price, by default held for the caller: that is a write, whatever
// its method.
func getQuote(x *exchange) (answer, error) {
	lock := x.query.Bool("lock", true)
	if lock {
		if err := x.key.Require(exchangeWrite); err != nil {
			return answer{}, err
		}
	}
	source, target := readPair(x.query, money.All)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().Quote(x.ctx(), x.call, source, target, lock))
}

func readPair(q *wire.Query, known []money.Currency) (source, target money.Currency) {
	source = money.Currency(q.Text("source_currency", wire.Required, wire.Allowed(known...)))
	return source, money.Currency(q.Text("target_currency", wire.Required, wire.Allowed(known...)))
}

func lockQuote(x *exchange) (answer, error) {
	if err := wire.Read(x.body).Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().LockQuote(x.ctx(), x.call, x.param("id")))
}

func getFXRate(x *exchange) (answer, error) {
	source, target := readPair(x.query, fx.Currencies)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().FXRate(x.ctx(), x.call, source, target))
}

func lockFXRate(x *exchange) (answer, error) {
	if err := wire.Read(x.body).Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().LockFXRate(x.ctx(), x.call, x.param("id")))
}

func lockAggregatorRate(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	source, target := readCurrencies(r, wire.Required, fx.Currencies)
	r.Int("amount", wire.Positive, wire.AtMost(money.Max)) // informative
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().LockAggregatorRate(x.ctx(), x.call, source, target))
}

func readCurrencies(r *wire.Reader, need wire.Need, known []money.Currency) (source, target money.Currency) {
	source = wire.OneOf(r, "source_currency", need, known...)
	return source, wire.OneOf(r, "target_currency", need, known...)
}
