package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

const textMax = 200 // characters of a description or a reason

func createWallet(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.NewWallet{Currency: wire.OneOf(r, "currency", wire.Required, money.All...),
		CustomerID: r.Text("customer_id", wire.Required, wire.MaxLength(textMax))}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().OpenWallet(x.ctx(), x.call, in))
}

func getWallet(x *exchange) (answer, error) {
	w, err := x.engine().FindWallet(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("wallet", w.ID)
	view, err := x.engine().ShowWallet(x.ctx(), w)
	return data(view), err
}

func listWallets(x *exchange) (answer, error) {
	q := x.query
	page := q.Page("wallets", wire.PageSizeMax)
	f := engine.WalletFilter{Customer: id.Fold(q.Text("customer_id")), WalletFilter: store.WalletFilter{
		Currency: money.Currency(q.Text("currency", wire.Allowed(money.All...))), Status: wallet.Status(q.Text("status", wire.Allowed(wallet.Statuses...)))}}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Wallets(x.ctx(), x.business(), page, f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(w wallet.Wallet) wire.Cursor { return wire.Cursor{CreatedAt: w.CreatedAt, ID: w.ID} })
	out, err := x.engine().ListWallets(x.ctx(), rows)
	return listed(wire.List{Data: out, Pagination: block}), err
}

func setWalletStatus(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	to, reason := wire.OneOf(r, "status", wire.Required, wallet.Statuses...), r.Text("reason", wire.MaxLength(textMax))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().SetWalletStatus(x.ctx(), x.call, x.param("id"), to, reason))
}

func requestAccount(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	wire.OneOf(r, "type", wire.Required, wallet.BankAccount)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().RequestAccount(x.ctx(), x.call, x.param("id")))
}

func walletMethods(x *exchange) (answer, error) {
	w, err := x.engine().FindWallet(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("wallet", w.ID)
	out, err := x.engine().AccountsOfWallet(x.ctx(), w)
	return data(out), err
}

func moveFunds(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.MoveFunds{Wallet: r.Text("wallet_id", wire.Required, wire.MaxLength(textMax)),
		Amount: r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max)), Type: wire.OneOf(r, "type", wire.Required, wallet.Directions...),
		Description: r.Text("description", wire.MaxLength(textMax)), Reference: r.Reference("reference", wire.Optional)}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().MoveFunds(x.ctx(), x.call, in))
}

func getMove(x *exchange) (answer, error) {
	t, err := x.engine().FindMove(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("wallet_transaction", t.ID)
	return replyOf(x.engine().MoveReply(t)), nil
}

func listMoves(x *exchange) (answer, error) {
	q := x.query
	page := q.Page("wallet_transactions", pageSizeDefault)
	f := engine.MoveFilter{Reference: q.Text("reference"), TransactionFilter: store.TransactionFilter{
		Wallet: id.Fold(q.Text("wallet_id")), Type: wallet.Direction(q.Text("type", wire.Allowed(wallet.Directions...)))}}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Moves(x.ctx(), x.business(), page, f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(t wallet.Transaction) wire.Cursor { return wire.Cursor{CreatedAt: t.CreatedAt, ID: t.ID} })
	out := make([]wire.WalletTransaction, len(rows))
	for i, t := range rows {
		out[i] = wire.WalletTransactionView(t)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

// fundWallet puts play money into a wallet: somebody outside transfers it at the bank.
func fundWallet(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	c := wire.OneOf(r, "currency", wire.Required, money.All...)
	amount := r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	into := r.Text("wallet_id", wire.MaxLength(textMax))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	w, number, err := x.engine().FundingAccount(x.ctx(), x.call, into, c)
	if err != nil {
		return answer{}, err
	}
	_, err = x.transfer(scripted.TransferOrder{Rails: []string{"wire"}, Transfer: scripted.Transfer{Number: number, Amount: amount,
		Reference: x.onceFor("fund"), Sender: rail.Sender{Name: testSender, Account: testAccount, Bank: testBank}}}, "wallet")
	if err != nil {
		return answer{}, err
	}
	return reply(x.engine().WalletReply(x.ctx(), w))
}
