package engine

import (
	"time"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
)

// keepDailyLimit raises limit_exceeded if a customer's sessions of the day by the
// payment's method would come to more than the method allows. The customer is held, so
// that of two sessions at once one sees the other.
func (e *Engine) keepDailyLimit(tx store.Tx, p *payment.Payment, email string) error {
	m, _ := payment.MethodByName(p.Method)
	if m.Daily == 0 {
		return nil
	}
	who, err := tx.CustomerWithEmail(p.Business, email)
	if err != nil {
		return err
	}
	if err := tx.HoldCustomer(who); err != nil {
		return err
	}
	today := p.CreatedAt.Truncate(24 * time.Hour)
	used, err := tx.SumOfCustomer(p.Business, who.ID, today, p.Method)
	if err != nil || used+p.Amount.Minor <= m.Daily {
		return err
	}
	midnight := today.Add(24 * time.Hour)
	return problem.LimitExceeded.With(problem.Details{"limit": m.Daily, "period": "daily", "remaining": max(0, m.Daily-used),
		"resets_at": midnight}).Advise(problem.Again(problem.NewKey, midnight.Sub(e.now()).Milliseconds()))
}
