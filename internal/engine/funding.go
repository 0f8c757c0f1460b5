package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// railWire takes money in every currency for wallets that have no number of their own.
const railWire = "wire"

// FundingAccount is the account by which play money comes into a wallet, "" for the
// business's own in the currency; the rail opens it when it is first asked for. Only
// the sandbox calls it. It raises not_found, invalid_currency, wallet_not_active.
func (e *Engine) FundingAccount(ctx context.Context, c *Call, walletID string, currency money.Currency) (w wallet.Wallet, number string, err error) {
	if walletID == "" {
		if walletID, err = e.walletOf(ctx, c.Business, currency); err != nil {
			return w, "", err
		}
	}
	if w, err = e.FindWallet(ctx, c.Business, walletID); err != nil {
		return w, "", err
	}
	c.Trace.About(aboutWallet, w.ID)
	switch {
	case w.Currency != currency:
		return w, "", wrongCurrency(currency, w.Currency, "this wallet")
	case !w.Status.Moves():
		return w, "", w.Refusal()
	}
	holder, err := e.holder(ctx, w)
	if err != nil {
		return w, "", err
	}
	number, err = e.numberOf(ctx, rail.AccountOrder{Ref: w.ID + "/funding", Rail: railWire, Name: holder, Currency: string(currency)})
	return w, number, err
}

// AutoDepositEmail is the e-mail at which a business takes Interac money without a
// session. Only the sandbox knows it.
func AutoDepositEmail(business string) string { return business + "@interac.test" }

// AutoDeposit sees to it that the rail knows the business's e-mail.
func (e *Engine) AutoDeposit(ctx context.Context, business string) error {
	w, err := e.walletOf(ctx, business, money.CAD)
	if err != nil {
		return err
	}
	m, err := e.merchant(ctx, business)
	if err != nil {
		return err
	}
	_, err = e.numberOf(ctx, rail.AccountOrder{Ref: w + "/" + railInterac, Rail: railInterac, Name: m.Name, Currency: string(money.CAD),
		Number: AutoDepositEmail(business)})
	return err
}

func (e *Engine) numberOf(ctx context.Context, o rail.AccountOrder) (string, error) {
	if err := e.reachable(ctx, o.Rail); err != nil {
		return "", err
	}
	given, err := e.Accounts.OpenAccount(ctx, o)
	return given.Number, err
}

// WalletReply is a wallet as it is now.
func (e *Engine) WalletReply(ctx context.Context, w wallet.Wallet) (Reply, error) {
	w, err := e.FindWallet(ctx, w.Business, w.ID)
	if err != nil {
		return Reply{}, err
	}
	view, err := e.ShowWallet(ctx, w)
	return Reply{Status: wire.Made, Location: PathOf(aboutWallet, w.ID), Body: wire.Marshal(wire.Data{Data: view})}, err
}

// Payer gives a business's payment whose payer has instructions. It raises not_found,
// and invalid_status_transition for any other payment.
func (e *Engine) Payer(ctx context.Context, business, id, method string) (string, error) {
	p, err := e.FindPayment(ctx, business, id)
	if err != nil {
		return "", err
	}
	if p.Method != method || p.Course.Payer == nil {
		return "", problem.InvalidStatusTransition.With(problem.Details{"from": string(p.State), "to": "captured"})
	}
	return p.Course.Payer.Number, nil
}
