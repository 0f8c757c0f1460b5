package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
)

func listRates(x *exchange) (answer, error) {
	rates, err := x.engine().Rates(x.ctx())
	return data(rates), err
}

const rateTTLMaxS = 86400 // of a rate that the operator sets

// setRate keeps a rate of the operator's; at least one number is needed.
func setRate(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	need := wire.Required // reported on buy
	if r.Has("sell") || r.Has("ttl") {
		need = wire.Optional
	}
	in := engine.RateChange{Buy: r.Int("buy", need, wire.Positive, wire.AtMost(money.Max)), Sell: r.Int("sell", wire.Positive, wire.AtMost(money.Max)),
		TTL: r.Int("ttl", wire.AtLeast(1), wire.AtMost(rateTTLMaxS))}
	if in.Sell > 0 && in.Buy > in.Sell {
		r.Breach("buy", problem.FieldConflict, problem.Details{"other": "sell"})
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().SetRate(x.ctx(), x.call, x.param("id"), in))
}
