package api

import (
	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func getDeposit(x *exchange) (answer, error) {
	d, err := x.engine().FindDeposit(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("deposit", d.ID)
	return data(wire.DepositView(d)), nil
}

func listDeposits(x *exchange) (answer, error) {
	q := x.query
	page, span := q.Page("deposits", pageSizeDefault), readSpan(q)
	f := store.DepositFilter{Wallet: id.Fold(q.Text("wallet_id")), Currency: money.Currency(q.Text("currency", wire.Allowed(money.All...)))}
	if status := q.Text("status", wire.Allowed(wire.DepositStatuses...)); status != "" {
		f.States = wire.DepositStatesOf(status)
	}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Deposits(x.ctx(), x.business(), page, span, f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(d *deposit.Deposit) wire.Cursor { return wire.Cursor{CreatedAt: d.CreatedAt, ID: d.ID} })
	out := make([]wire.Deposit, len(rows))
	for i, d := range rows {
		out[i] = wire.DepositView(d)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}
