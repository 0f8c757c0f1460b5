package payment_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
)

func TestAMethodAdmits(t *testing.T) {
	for _, c := range []struct {
		method string
		minor  int64
		c      money.Currency
		raises *problem.Kind
	}{
		{"card", 100, money.NGN, nil},
		{"card", 99, money.NGN, problem.InvalidAmount},
		{"card", 1_000_000_000, money.CAD, nil},
		{"card", 1_000_000_001, money.CAD, problem.InvalidAmount},
		{"card", 1000, money.USDT, problem.InvalidCurrency},
		{"card", 1, money.USDT, problem.InvalidCurrency}, // the currency first: without it no limit applies
		{"bank_account", 100_000_000_000, money.NGN, nil},
		{"bank_account", 1000, money.CAD, problem.InvalidCurrency},
		{"crypto_address", 999, money.USDC, problem.InvalidAmount},
		{"crypto_address", 5_000_000, money.USDT, nil},
		{"interac", 9_999, money.CAD, problem.InvalidAmount},
		{"interac", 1_000_000, money.CAD, nil},
		{"interac", 10_000, money.USD, problem.InvalidCurrency},
		{"binance_pay", 100, money.USD, nil},
		{"binance_pay", 5_000_001, money.USD, problem.InvalidAmount},
	} {
		t.Run(fmt.Sprintf("%s over %s", c.method, money.Of(c.minor, c.c)), func(t *testing.T) {
			m, ok := payment.MethodByName(c.method)
			if !ok {
				t.Fatal("there is no such method")
			}
			raised(t, m.Admit(money.Of(c.minor, c.c)), c.raises)
		})
	}
	if _, ok := payment.MethodByName("cash"); ok {
		t.Error("cash is a method, want none")
	}
}

func TestAPartOfASessionIsAtLeastOneAndAtMostAll(t *testing.T) {
	m, _ := payment.MethodByName(payment.MethodCard)
	for part, want := range map[int64]*problem.Kind{-1: problem.InvalidAmount, 0: problem.InvalidAmount, 1: nil, 500: nil, 501: problem.InvalidAmount} {
		t.Run(fmt.Sprint(part, " of 500"), func(t *testing.T) {
			raised(t, m.AdmitPart(part, money.Of(500, money.NGN)), want)
		})
	}
}

func raised(t *testing.T, err error, want *problem.Kind) {
	t.Helper()
	if want == nil && err != nil || want != nil && !want.Is(err) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func TestTheAmountOfAnAttempt(t *testing.T) {
	p := payment.Payment{Amount: money.Of(500, money.NGN)}
	if got := p.ChargeAmount(); got != p.Amount {
		t.Errorf("without a part: got %s, want all of %s", got, p.Amount)
	}
	p.Course.Attempted = 120
	if got, want := p.ChargeAmount(), money.Of(120, money.NGN); got != want {
		t.Errorf("with a part: got %s, want %s", got, want)
	}
}

func TestWhatAPaymentAdvises(t *testing.T) {
	failed := func(code string) payment.Payment {
		return payment.Payment{State: payment.Failed, Course: payment.Course{Failure: &payment.Failure{Code: code}}}
	}
	for _, c := range []struct {
		says string
		p    payment.Payment
		want problem.Retry
	}{
		{"while the rail has the word: look again soon", payment.Payment{State: payment.Processing}, problem.LookAfter(2000)},
		{"in doubt: look again soon", payment.Payment{State: payment.InDoubt}, problem.LookAfter(2000)},
		{"while a payer's transfer is awaited: look again later", payment.Payment{State: payment.AwaitingPayment}, problem.LookAfter(15000)},
		{"a session nobody captured: nothing", payment.Payment{State: payment.Created}, problem.Never()},
		{"captured: nothing", payment.Payment{State: payment.Captured}, problem.Never()},
		{"cancelled: nothing", payment.Payment{State: payment.Cancelled}, problem.Never()},
		{"failed for a cause that can go away: a new key then", failed("insufficient_funds"), problem.Again(problem.NewKey, -1)},
		{"failed for a moment's reason: a new key soon", failed("issuer_unavailable"), problem.Again(problem.NewKey, 5000)},
		{"failed for good: never", failed("stolen_card"), problem.Never()},
		{"failed with a word nobody knows: never", failed("no_such_word"), problem.Never()},
	} {
		t.Run(c.says, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.p.Retry()); diff != "" {
				t.Errorf("the advice differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatARefundAdvises(t *testing.T) {
	for _, c := range []struct {
		says string
		r    payment.Refund
		want problem.Retry
	}{
		{"while it runs: look again soon", payment.Refund{State: payment.RefundProcessing}, problem.LookAfter(2000)},
		{"in doubt: look again soon", payment.Refund{State: payment.RefundInDoubt}, problem.LookAfter(2000)},
		{"succeeded: nothing", payment.Refund{State: payment.RefundSucceeded}, problem.Never()},
		{"failed for good: never", payment.Refund{State: payment.RefundFailed, Failure: &payment.Failure{Code: "account_closed"}}, problem.Never()},
		{"failed for a moment's reason: a new key", payment.Refund{State: payment.RefundFailed, Failure: &payment.Failure{Code: "processing_error"}}, problem.Again(problem.NewKey, 5000)},
	} {
		t.Run(c.says, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.r.Retry()); diff != "" {
				t.Errorf("the advice differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARailAdmitsAPayout(t *testing.T) {
	for _, c := range []struct {
		rail   string
		minor  int64
		c      money.Currency
		bears  payment.FeePayer
		raises *problem.Kind
	}{
		{"nuban", 10_000, money.NGN, payment.FeeOnSender, nil},
		{"nuban", 9_999, money.NGN, payment.FeeOnSender, problem.InvalidAmount},
		{"nuban", 1_000_000_000, money.NGN, payment.FeeOnRecipient, nil},
		{"nuban", 1_000_000_001, money.NGN, payment.FeeOnSender, problem.InvalidAmount},
		{"ach", 1000, money.USD, payment.FeeOnRecipient, nil},
		{"ach", 1000, money.CAD, payment.FeeOnSender, problem.InvalidCurrency},
		{"wire", 2500, money.USD, payment.FeeOnSender, nil},
		{"wire", 2500, money.USD, payment.FeeOnRecipient, problem.InvalidAmount}, // nothing would be left
		{"wire", 2501, money.USD, payment.FeeOnRecipient, nil},
		{"interac", 1_000_001, money.CAD, payment.FeeOnSender, problem.InvalidAmount},
		{"crypto", 5_000_000, money.USDC, payment.FeeOnSender, nil},
		{"crypto", 1000, money.USD, payment.FeeOnSender, problem.InvalidCurrency},
	} {
		t.Run(fmt.Sprintf("%s over %s, fee on the %s", c.rail, money.Of(c.minor, c.c), c.bears), func(t *testing.T) {
			r, ok := payment.PayoutRailByName(c.rail)
			if !ok {
				t.Fatal("there is no such rail")
			}
			raised(t, r.AdmitPayout(money.Of(c.minor, c.c), c.bears), c.raises)
		})
	}
	if _, ok := payment.PayoutRailByName("pigeon"); ok {
		t.Error("pigeon is a rail, want none")
	}
	if got := fmt.Sprint(payment.PayoutRailsOf(money.USD), payment.PayoutRailsOf(money.NGN), payment.PayoutRailsOf("GHS")); got != "[ach wire] [nuban] []" {
		t.Errorf("the rails of USD, NGN and GHS are %s", got)
	}
}

func TestWhatAPayoutHolds(t *testing.T) {
	p := payment.Payout{Amount: money.Of(100_000, money.NGN), Fee: 2500, FeePayer: payment.FeeOnSender}
	if p.Sends() != money.Of(100_000, money.NGN) || p.Holds() != money.Of(102_500, money.NGN) {
		t.Errorf("with the fee on the sender it sends %s and holds %s", p.Sends(), p.Holds())
	}
	p.FeePayer = payment.FeeOnRecipient
	if p.Sends() != money.Of(97_500, money.NGN) || p.Holds() != money.Of(100_000, money.NGN) {
		t.Errorf("with the fee on the recipient it sends %s and holds %s", p.Sends(), p.Holds())
	}
}

func TestWhatAPayoutAdvises(t *testing.T) {
	failed := func(s payment.PayoutState, code string) payment.Payout {
		return payment.Payout{State: s, Failure: &payment.Failure{Code: code}}
	}
	for _, c := range []struct {
		says string
		p    payment.Payout
		want problem.Retry
	}{
		{"accepted: look again soon", payment.Payout{State: payment.PayoutPending}, problem.LookAfter(2000)},
		{"in doubt: look again soon", payment.Payout{State: payment.PayoutInDoubt}, problem.LookAfter(2000)},
		{"succeeded: nothing", payment.Payout{State: payment.PayoutSucceeded}, problem.Never()},
		{"failed for good: never", failed(payment.PayoutFailed, "account_closed"), problem.Never()},
		{"failed for a cause that can go away: a new key then", failed(payment.PayoutFailed, "beneficiary_bank_unavailable"), problem.Again(problem.NewKey, -1)},
		{"sent back: never", failed(payment.PayoutReversed, "reversed_by_bank"), problem.Never()},
	} {
		t.Run(c.says, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.p.Retry()); diff != "" {
				t.Errorf("the advice differs (-want +got):\n%s", diff)
			}
		})
	}
}
