package api

import (
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
)

// resolveAwaited ends a payment that waits for its payer's money: the payer sends what is
// missing, or gives up.
func (x *exchange) resolveAwaited(p *payment.Payment, ending, code string) (answer, error) {
	if p.State.Completed() {
		return answer{}, transition(string(p.State), ending)
	}
	var err error
	if ending == string(scripted.Fail) {
		err = x.giveUp(p, code)
	} else {
		err = x.payRest(p, p.Amount.Minor-p.AmountPaid)
	}
	if err != nil {
		return answer{}, err
	}
	now, err := x.engine().FindPayment(x.ctx(), p.Business, p.ID)
	if err != nil {
		return answer{}, err
	}
	return replyOf(x.engine().PaymentReply(now)), nil
}

// payRest has the payer send money to where the session's instructions say.
func (x *exchange) payRest(p *payment.Payment, amount int64) error {
	to := p.Course.Payer
	_, err := x.transfer(scripted.TransferOrder{Rails: []string{"nuban", "ach", "interac", "crypto"}, Transfer: scripted.Transfer{
		Number: to.Number, Amount: amount, Confirmations: confirmationsMax, Reference: x.onceFor("deposit"),
		Sender: rail.Sender{Name: testSender, Account: testAccount, Bank: testBank}}}, "account")
	return err
}

func (x *exchange) giveUp(p *payment.Payment, code string) error {
	if code == "" {
		code = problem.FailurePayerCancelled
	}
	if err := x.s.Sandbox.Bank.GiveUp(x.ctx(), p.Course.Payer.Number, code); err != nil {
		return err
	}
	return x.booked()
}
