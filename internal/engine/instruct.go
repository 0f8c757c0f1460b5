package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// otherMethod refuses fields that do not belong to the session's method.
func otherMethod(p *payment.Payment) error {
	return problem.PaymentMethodMismatch.With(problem.Details{"method": p.Method})
}

// instruct captures a session whose payer sends the money: it gets instructions, and
// gets the same ones however often they are asked for. The rail gives the same account
// for the same reference, so nothing is lost if the process dies in between.
func (e *Engine) instruct(ctx context.Context, c *Call, p *payment.Payment, in Capture) (*Reply, error) {
	if in.Card != nil || in.Amount != 0 || in.Chain != "" && p.Method != payment.MethodCrypto {
		return nil, otherMethod(p)
	}
	if p.Method == payment.MethodCrypto && in.Chain == "" {
		return nil, problem.Invalid(problem.Breach(problem.FieldRequired, "crypto_address", nil))
	}
	if in.Chain != "" {
		if err := admitChain(in.Chain, in.Token, p.Amount.Currency); err != nil {
			return nil, err
		}
	}
	if p.State != payment.Created {
		return e.instructed(ctx, c, p, in)
	}
	if err := e.openAccount(ctx, p, in.Chain); err != nil {
		return nil, err
	}
	out := e.sessionReply(p)
	about := object{aboutPayment, p.ID}
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, about, &out); err != nil {
			return err
		}
		if err := tx.SavePayment(p); err != nil {
			return err
		}
		return tx.Schedule(aboutPayment, p.ID, p.Business, p.ExpiresAt)
	})
	c.finished(err)
	if err == nil {
		c.Trace.Step("commit", string(p.State))
		e.bump()
	}
	return &out, err
}

// instructed answers a capture that comes after the first.
func (e *Engine) instructed(ctx context.Context, c *Call, p *payment.Payment, in Capture) (*Reply, error) {
	if p.Course.Payer == nil {
		return nil, e.inProgress(p)
	}
	if in.Chain != p.Course.Payer.Chain {
		return nil, otherMethod(p)
	}
	out, err := e.keep(ctx, c, object{aboutPayment, p.ID}, e.sessionReply(p).replayed())
	return &out, err
}

// tokens tells which currencies each chain carries.
var tokens = map[string][]money.Currency{
	"ETH": {money.USDT, money.USDC}, "TRX": {money.USDT}, "MATIC": {money.USDC}, "AVAXC": {money.USDC},
}

// ChainsOf lists the chains that carry a token.
func ChainsOf(token money.Currency) (out []string) {
	for chain, carried := range tokens {
		if slices.Contains(carried, token) {
			out = append(out, chain)
		}
	}
	slices.Sort(out)
	return out
}

// admitChain raises invalid_currency unless the chain carries the token, and the token
// is the session's.
func admitChain(chain string, token, session money.Currency) error {
	switch {
	case token != session:
		return wrongCurrency(token, session, payment.MethodCrypto)
	case !slices.Contains(tokens[chain], token):
		return problem.InvalidCurrency.With(problem.Details{"allowed": tokens[chain], "currency": token, "method": chain})
	}
	return nil
}

// openAccount has the rail open the account of a session and writes into p what the payer is
// told. It raises rail_unavailable.
func (e *Engine) openAccount(ctx context.Context, p *payment.Payment, chain string) error {
	name := railOfPayment(p)
	if err := e.reachable(ctx, name); err != nil {
		return err
	}
	holder, err := e.payee(ctx, p)
	if err != nil {
		return err
	}
	order := rail.AccountOrder{Ref: step(p.ID, 1), Rail: name, Name: holder, Currency: string(p.Amount.Currency), Chain: chain}
	if chain != "" {
		order.Ref = p.ID + "/" + chain
	}
	given, err := e.Accounts.OpenAccount(ctx, order)
	if errors.Is(err, rail.ErrUnreachable) {
		return problem.RailUnavailable.With(problem.Details{"rail": name, "reason": "down"}).Because(err)
	}
	if err != nil {
		return err
	}
	p.Course.Payer = &payment.Payer{MethodID: e.IDs.New(), Account: order.Ref, Number: given.Number, Name: holder,
		BankCode: given.BankCode, BankName: given.BankName, Chain: chain}
	now := e.now()
	p.State, _ = payment.Next(p.State, payment.Instruct)
	p.Steps, p.UpdatedAt = p.Steps+1, now
	if m, _ := payment.MethodByName(p.Method); m.Patience > 0 {
		p.ExpiresAt = now.Add(m.Patience)
	}
	return nil
}

// payee is in whose name a session's account is: the business and the payer.
func (e *Engine) payee(ctx context.Context, p *payment.Payment) (string, error) {
	m, err := e.merchant(ctx, p.Business)
	if err != nil {
		return "", err
	}
	var who wire.Customer
	if err := json.Unmarshal(p.Fixed.Customer, &who); err != nil {
		return "", err
	}
	return m.Name + " / " + strings.TrimSpace(who.FirstName+" "+who.LastName), nil
}
