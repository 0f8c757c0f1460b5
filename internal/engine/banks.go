package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

// Banks lists the banks that can be paid. It raises rail_unavailable.
func (e *Engine) Banks(ctx context.Context) ([]rail.Bank, error) {
	if e.Directory == nil {
		return nil, noDirectory()
	}
	return e.Directory.Banks(ctx)
}

// noDirectory is what is said where no provider can be asked about banks.
func noDirectory() error {
	return problem.RailUnavailable.With(problem.Details{"rail": party.Nuban, "reason": "not_configured"})
}

// bank finds a bank by its code. It raises rail_unavailable, invalid_bank_code.
func (e *Engine) bank(ctx context.Context, code string) (rail.Bank, error) {
	all, err := e.Banks(ctx)
	if err != nil {
		return rail.Bank{}, err
	}
	at := slices.IndexFunc(all, func(b rail.Bank) bool { return b.Code == code })
	if at < 0 {
		return rail.Bank{}, ofBank(problem.InvalidBankCode, code)
	}
	return all[at], nil
}

func ofBank(k *problem.Kind, code string) *problem.Error {
	return k.With(problem.Details{"bank_code": code})
}

// HolderOf asks a bank whose an account is, and waits for it until the call's deadline.
// It raises rail_unavailable, invalid_bank_code, invalid_account_number,
// account_not_found, bank_not_available.
func (e *Engine) HolderOf(ctx context.Context, c *Call, bankCode, number string) (string, error) {
	if e.Directory == nil {
		return "", noDirectory()
	}
	asking, stop := context.WithTimeout(ctx, c.Deadline.Sub(world.RealNow()))
	defer stop()
	name, err := e.Directory.HolderOf(asking, bankCode, number)
	switch {
	case err == nil:
		c.Trace.Step("bank", "answered")
		return name, nil
	case ctx.Err() != nil: // the caller has gone, or the request's own time is up
		return "", ctx.Err()
	case errors.Is(err, rail.ErrNoBank):
		return "", ofBank(problem.InvalidBankCode, bankCode)
	case errors.Is(err, rail.ErrNoSuchNumber):
		return "", ofBank(problem.InvalidAccountNumber, bankCode)
	case errors.Is(err, rail.ErrNoAccount):
		return "", ofBank(problem.AccountNotFound, bankCode)
	default:
		return "", ofBank(problem.BankNotAvailable, bankCode).Because(err)
	}
}
