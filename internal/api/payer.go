package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/world"
)

// What the page tells a payer who sends the money, and what it lets a tester do.

// payLines are the instructions of a session that waits for its payer.
func payLines(p *payment.Payment) []payLine {
	to := p.Course.Payer
	if to == nil || p.State.Completed() {
		return nil
	}
	until := payLine{"Pay before", p.ExpiresAt.UTC().Format("2 January 2006, 15:04 UTC")}
	switch p.Method {
	case payment.MethodBank:
		return []payLine{{"Bank", to.BankName}, {"Account number", to.Number}, {"Account name", to.Name}, {"Amount", rest(p).String()}, until}
	case payment.MethodCrypto:
		return []payLine{{"Address", to.Number}, {"Network", to.Chain}, {"Amount", rest(p).String()}, until}
	}
	return []payLine{{"Amount", rest(p).String()}, until}
}

// rest is what the payer still has to send.
func rest(p *payment.Payment) money.Amount {
	return money.Of(p.Amount.Minor-p.AmountPaid, p.Amount.Currency)
}

// payProgress says how far a payment that has begun to come has come.
func payProgress(p *payment.Payment) string {
	if p.AmountPaid == 0 {
		return "Your transfer was seen. It counts when the network has confirmed it; do not send it again."
	}
	return money.Of(p.AmountPaid, p.Amount.Currency).String() + " has arrived. Please send the rest, or it will be returned to you."
}

// The buttons of the test page for those who send the money.
const (
	payInstruct = "instruct"
	payAll      = "all"
	payHalf     = "half"
	payLeave    = "leave"
)

// payButtons are what a tester may do with the session as it is.
func payButtons(p *payment.Payment) (out []payButton) {
	switch {
	case p.State == payment.Created && p.Method == payment.MethodCard:
		for _, c := range payChoices {
			out = append(out, payButton{c.value, c.label})
		}
	case p.State == payment.Created && p.Method == payment.MethodCrypto:
		for _, chain := range engine.ChainsOf(p.Amount.Currency) {
			out = append(out, payButton{chain, "Get an address on " + chain})
		}
	case p.State == payment.Created:
		out = []payButton{{payInstruct, "Get the payer's instructions"}}
	case p.Course.Payer != nil && !p.State.Completed():
		out = []payButton{{payAll, "Send the whole amount"}, {payHalf, "Send half of it"}, {payLeave, "Give up"}}
	}
	return out
}

// act does what a button of the page stands for; a session that is already completed is
// shown as it is.
func (x *exchange) act(p *payment.Payment, choice string) error {
	switch {
	case p.Method == payment.MethodCard:
		return x.payByCard(p, choice)
	case p.State == payment.Created && (choice == payInstruct || p.Method == payment.MethodCrypto):
		return x.instruct(p, choice)
	case p.Course.Payer == nil || p.State.Completed():
		return nil
	case choice == payAll:
		return x.payRest(p, rest(p).Minor)
	case choice == payHalf:
		return x.payRest(p, max(1, rest(p).Minor/2))
	case choice == payLeave:
		return x.giveUp(p, "")
	}
	return nil
}

func (x *exchange) payByCard(p *payment.Payment, choice string) error {
	for _, c := range payChoices {
		if choice == c.value {
			return x.payWith(p.Business, p.ID, c.number)
		}
	}
	return nil
}

// instruct captures a session whose payer sends the money; choice is the chain, where
// there is one.
func (x *exchange) instruct(p *payment.Payment, choice string) error {
	in := engine.Capture{}
	if p.Method == payment.MethodCrypto {
		in.Chain, in.Token = choice, p.Amount.Currency
	}
	call := &engine.Call{RequestID: x.id, Business: p.Business, Trace: x.trace, Deadline: world.RealNow().Add(payPatience)}
	_, err := x.engine().Capture(x.ctx(), call, p.ID, in)
	if problem.PaymentSessionCompleted.Is(err) || problem.PaymentSessionExpired.Is(err) || problem.ValidationError.Is(err) ||
		problem.InvalidCurrency.Is(err) {
		return nil
	}
	return err
}
