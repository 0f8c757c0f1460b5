package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// order is a payout to a bank account as most tests want one.
func order(reference, beneficiary string, amount money.Amount) engine.NewPayout {
	return engine.NewPayout{Amount: amount, Source: amount.Currency, Beneficiary: beneficiary, Type: party.ToBank, Reference: reference,
		FeePayer: payment.FeeOnSender}
}

func (x *till) payOut(in engine.NewPayout, key string) command {
	return command{fmt.Sprint("/payouts ", in), key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.CreatePayout(ctx, c, in)
	}}
}

// paidOut orders a payout of 1000.00 and gives its id.
func (x *till) paidOut(t reporter, reference, account, bank string) string {
	t.Helper()
	out, err := x.send(x.payOut(order(reference, x.Beneficiary(account, bank), money.Of(100_000, money.NGN)), reference))
	if err != nil {
		t.Fatalf("pay out %s: %v", reference, err)
	}
	return objectOf(out.Body)
}

func (x *till) payout(t reporter, id string) *payment.Payout {
	t.Helper()
	return view(t, x, func(v store.View) (*payment.Payout, error) { return v.Payout(id) })
}

// inWallet is what the business has of a currency, available and held.
func (x *till) inWallet(t reporter, c money.Currency) (available, held int64) {
	t.Helper()
	id := view(t, x, func(v store.View) (wallet.Wallet, error) { return v.WalletOf(x.business, x.business, c) }).ID
	return x.balance(t, ledger.Wallet(id), c), x.balance(t, ledger.Held(id), c)
}

func (x *till) balance(t reporter, a ledger.Account, c money.Currency) int64 {
	t.Helper()
	return view(t, x, func(v store.View) (int64, error) { return v.Balance(a, c) })
}

func TestEveryEndingOfAPayoutIsBooked(t *testing.T) {
	t.Parallel()
	const amount, fee = 100_000, 2500
	type then struct {
		after time.Duration
		state payment.PayoutState
	}
	ends := func(s payment.PayoutState) []then { return []then{{0, s}} }
	ok, failed, doubt, under := payment.PayoutSucceeded, payment.PayoutFailed, payment.PayoutInDoubt, payment.PayoutProcessing
	for _, c := range []struct {
		account string
		then    []then
		failure string
		gone    int64 // from the wallet in the end
	}{
		{"0690000031", ends(ok), "", amount + fee},
		{"0690009111", ends(failed), problem.FailureAccountNotFound, 0},
		{"0690009117", ends(failed), problem.FailureReceivingLimitExceeded, 0},
		{"0690009121", []then{{29 * time.Second, under}, {2 * time.Second, ok}}, "", amount + fee},
		{"0690009122", []then{{29 * time.Second, under}, {2 * time.Second, failed}}, problem.FailureBeneficiaryRejected, 0},
		{"0690009123", []then{{50 * time.Minute, under}, {11 * time.Minute, ok}}, "", amount + fee},
		{"0690009131", []then{{time.Second, doubt}, {10 * time.Second, ok}}, "", amount + fee},
		{"0690009132", []then{{80 * time.Second, doubt}, {5 * time.Minute, ok}}, "", amount + fee},
		{"0690009133", []then{{50 * time.Second, doubt}, {time.Minute, ok}}, "", amount + fee},
		{"0690009134", ends(ok), "", amount + fee},
		{"0690009141", []then{{30 * time.Second, ok}, {40 * time.Second, payment.PayoutReversed}}, problem.FailureReversedByBank, fee},
		{"0690009142", []then{{30 * time.Second, failed}, {40 * time.Second, failed}}, problem.FailureBeneficiaryRejected, 0},
		{"0690009151", ends(ok), "", amount + fee},
		{"0690009152", ends(ok), "", amount + fee},
		{"0690009153", []then{{time.Second, under}, {10 * time.Second, ok}}, "", amount + fee},
	} {
		t.Run(c.account, func(t *testing.T) {
			x := newTill(t)
			id := x.paidOut(t, "po_1", c.account, "999001")
			for _, now := range c.then {
				x.advance(t, now.after)
				if p := x.payout(t, id); p.State != now.state {
					t.Fatalf("%s later it is %s, want %s", now.after, p.State, now.state)
				}
				x.faultless(t)
			}
			x.advance(t, 10*time.Minute)
			p := x.payout(t, id)
			if p.Failure == nil && c.failure != "" || p.Failure != nil && p.Failure.Code != c.failure {
				t.Errorf("the failure is %+v, want %q", p.Failure, c.failure)
			}
			available, held := x.inWallet(t, money.NGN)
			if available != x.Opening()-c.gone || held != 0 || x.balance(t, ledger.Fees, money.NGN) != min(c.gone, fee) {
				t.Errorf("%d left the wallet, %d is held, want %d and 0", x.Opening()-available, held, c.gone)
			}
			want := map[payment.PayoutState][]string{ok: {"payout.succeeded"}, failed: {"payout.failed"}, payment.PayoutReversed: {"payout.succeeded", "payout.reversed"}}[p.State]
			if got := x.events(t, id); !slices.Equal(got, want) {
				t.Errorf("its events are %q, want %q", got, want)
			}
			x.clean(t)
			exceptions := x.audit(t).Totals[wire.Exception]
			if (c.account == "0690009142") != (exceptions == 1) {
				t.Errorf("the audit lists %d exceptions", exceptions)
			}
		})
	}
}

func TestAPayoutWithoutAnyAnswerIsDecidedByHand(t *testing.T) {
	t.Parallel()
	for ending, want := range map[scripted.Ending]payment.PayoutState{scripted.Succeed: payment.PayoutSucceeded, scripted.Fail: payment.PayoutFailed} {
		t.Run(string(ending), func(t *testing.T) {
			x := newTill(t)
			id := x.paidOut(t, "po_1", "0690009135", "999001")
			x.advance(t, 3*time.Hour)
			if p := x.payout(t, id); p.State != payment.PayoutInDoubt {
				t.Fatalf("hours later it is %s, want in_doubt", p.State)
			}
			_, err := x.Bank.Resolve(t.Context(), engine.PayoutRef(x.payout(t, id)), ending, "")
			nodetest.Must(t, err)
			x.settled(t)
			if p := x.payout(t, id); p.State != want {
				t.Errorf("resolved as %s it is %s, want %s", ending, p.State, want)
			}
			x.clean(t)
		})
	}
}

func TestAPayoutThatCameBackBeforeAnybodyLookedIsTwoEvents(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	down := x.clock.Now().Add(2 * time.Minute)
	x.death.arm("after act", 0) // the bank has executed, and nobody has heard of it
	id := x.paidOut(t, "po_1", "0690009141", "999001")
	x.settled(t)
	_, err := x.Bank.SetRail(t.Context(), payment.RailNuban, scripted.Patch{DownUntil: &down})
	nodetest.Must(t, err)
	x.advance(t, 10*time.Minute)
	if p := x.payout(t, id); p.State != payment.PayoutReversed || x.death.count() != 1 {
		t.Errorf("it is %s after %d deaths, want it reversed after one", p.State, x.death.count())
	}
	if got := x.events(t, id); !slices.Equal(got, []string{"payout.succeeded", "payout.reversed"}) {
		t.Errorf("its events are %q", got)
	}
	x.clean(t)
}

func TestAFailedPayoutGivesTheExchangeBackAndAReversedOneKeepsIt(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	start, _ := x.inWallet(t, money.CAD)
	pay := func(reference, account string) *payment.Payout {
		in := order(reference, x.Beneficiary(account, "999001"), money.Of(100_000, money.NGN))
		in.Source = money.CAD
		out, err := x.send(x.payOut(in, reference))
		nodetest.Must(t, err)
		x.advance(t, 2*time.Minute)
		return x.payout(t, objectOf(out.Body))
	}
	failed := pay("po_1", "0690009112")
	if now, _ := x.inWallet(t, money.CAD); failed.State != payment.PayoutFailed || now != start || failed.Source.Currency != money.CAD {
		t.Errorf("after a failure (%s) %d of %d CAD are there, want all", failed.State, now, start)
	}
	reversed := pay("po_2", "0690009141")
	cad, _ := x.inWallet(t, money.CAD)
	ngn, held := x.inWallet(t, money.NGN)
	if reversed.State != payment.PayoutReversed || start-cad != reversed.Source.Minor || ngn != x.Opening()+100_000 || held != 0 {
		t.Errorf("after a reversal (%s): %d CAD gone (want %d), NGN %d, held %d; want the amount in NGN", reversed.State, start-cad, reversed.Source.Minor, ngn, held)
	}
	x.clean(t)
}

func TestTheRecipientMayBearTheFee(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	in := order("po_1", x.Beneficiary("0690000031", "999001"), money.Of(100_000, money.NGN))
	in.FeePayer = payment.FeeOnRecipient
	_, err := x.send(x.payOut(in, "k"))
	nodetest.Must(t, err)
	x.settled(t)
	x.clean(t) // it seals the books, so that fees are rolled up
	if now, _ := x.inWallet(t, money.NGN); x.Opening()-now != 100_000 || x.balance(t, ledger.Fees, money.NGN) != 2500 {
		t.Errorf("%d left the wallet, want 100000 with the fee in it", x.Opening()-now)
	}
}

// several runs commands at the same time and gives their errors.
func several(x *till, commands ...command) []error {
	errs := make([]error, len(commands))
	var group sync.WaitGroup
	for i, c := range commands {
		group.Go(func() { _, errs[i] = x.send(c) })
	}
	group.Wait()
	return errs
}

func TestOneReferenceIsOnePayoutHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	to := x.Beneficiary("0690000031", "999001")
	var all []command
	for n := range 16 {
		all = append(all, x.payOut(order("po_1", to, money.Of(100_000, money.NGN)), fmt.Sprint("key ", n)))
	}
	if err := errors.Join(several(x, all...)...); err != nil {
		t.Fatal(err)
	}
	x.settled(t)
	if now, _ := x.inWallet(t, money.NGN); x.Opening()-now != 102_500 {
		t.Errorf("%d left the wallet, want one payout with its fee", x.Opening()-now)
	}
	x.clean(t)
}

func TestOfManyPayoutsAtOnceThoseSucceedThatTheWalletCanPay(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	to := x.Beneficiary("0690000031", "999001")
	part := x.Opening()/4 - 2500 // with the fee, four of them are all there is
	var all []command
	for n := range 12 {
		all = append(all, x.payOut(order(fmt.Sprint("po_", n), to, money.Of(part, money.NGN)), fmt.Sprint("key ", n)))
	}
	paid := 0
	for _, err := range several(x, all...) {
		if err == nil {
			paid++
		} else if !problem.InsufficientFunds.Is(err) {
			t.Errorf("got %v, want insufficient_funds", err)
		}
	}
	x.settled(t)
	if now, held := x.inWallet(t, money.NGN); paid != 4 || now != 0 || held != 0 {
		t.Errorf("%d were paid, %d is left and %d held; want 4, and nothing left", paid, now, held)
	}
	x.clean(t)
}

func TestTheDaysSumHoldsHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.clock.Set(time.Date(2027, 1, 2, 23, 50, 0, 0, time.UTC))
	pay := func(n int, address string) command {
		to := x.BeneficiaryOf(party.ToCrypto, money.USDT, party.Details{Chain: "TRX", CryptoAddress: address})
		in := order(fmt.Sprint("po_", n), to, money.Of(3_000_000, money.USDT))
		in.Type = party.ToCrypto
		return x.payOut(in, fmt.Sprint("key ", n))
	}
	var all []command
	for n := range 8 {
		all = append(all, pay(n, fmt.Sprintf("TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eGt9L%02d", n)))
	}
	paid := 0
	for _, err := range several(x, all...) {
		if p, refused := problem.Of(err); err == nil {
			paid++
		} else if !refused || !problem.LimitExceeded.Is(err) || p.Details["period"] != "daily" {
			t.Errorf("got %v, want limit_exceeded", err)
		}
	}
	if paid != 3 {
		t.Errorf("%d payouts of 30000.00 were taken on one day, want 3 of a limit of 100000.00", paid)
	}
	x.settled(t)
	x.clock.Set(time.Date(2027, 1, 3, 0, 0, 0, 0, time.UTC))
	if _, err := x.send(pay(20, "TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eG9118")); err != nil { // fails, so that it does not count
		t.Errorf("the next day: %v", err)
	}
	x.settled(t)
	for n := range 3 {
		if _, err := x.send(pay(30+n, fmt.Sprintf("TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eGt8L%02d", n))); err != nil {
			t.Errorf("payout %d of the next day: %v", n+1, err)
		}
	}
	x.settled(t)
	x.clean(t)
}

// disburse pays out in all manners, at a bank that pays again whatever is sent again.
func (x *till) disburse(t reporter) {
	t.Helper()
	for i, account := range []string{"0690000031", "0690009131", "0690009112", "0690009141", "0690009121"} {
		out, err := x.send(x.payOut(order(fmt.Sprint("po_", i), x.Beneficiary(account, "999010"), money.Of(100_000, money.NGN)), fmt.Sprint("key ", i)))
		if err != nil {
			t.Fatalf("pay out to %s: %v, %s", account, err, out.Body)
		}
		x.settled(t)
	}
	x.advance(t, 12*time.Minute)
}

func TestAPlantedFaultOfPayoutsTurnsTheAuditRed(t *testing.T) {
	t.Parallel()
	every := func(string) bool { return true }
	for _, c := range []struct {
		fault   string
		options []nodetest.Option
		finding string
	}{
		{"the intent is not committed before the bank hears of it", []nodetest.Option{nodetest.Flawed(engine.Flaws{SkipIntent: true})}, wire.Orphaned},
		{"what is in doubt is sent again without asking", []nodetest.Option{nodetest.Flawed(engine.Flaws{SendUnasked: true})}, wire.Doubled},
		{"the bank executes twice", []nodetest.Option{nodetest.Twice(every)}, wire.Doubled},
	} {
		t.Run(c.fault, func(t *testing.T) {
			x := newTill(t, c.options...)
			x.disburse(t)
			report := x.audit(t)
			if report.Clean || report.Totals[c.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, c.finding)
			}
		})
	}
}

var payoutEdits = []struct {
	what    string
	record  string
	sql     string
	finding string
}{
	{"the booking of a success is deleted", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'payout.succeeded'); DELETE FROM entries WHERE kind = 'payout.succeeded'", wire.Lost},
	{"the booking of a fee is deleted", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'payout.fee'); DELETE FROM entries WHERE kind = 'payout.fee'", wire.Unbalanced},
	{"the booking of a return is deleted", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'payout.reversed'); DELETE FROM entries WHERE kind = 'payout.reversed'", wire.Lost},
	{"a hold is never released", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'payout.released'); DELETE FROM entries WHERE kind = 'payout.released'", wire.Unbalanced},
	{"a succeeded payout is called failed", ours, "UPDATE payouts SET state = 'failed' WHERE reference = 'po_0'", wire.Lost},
	{"a failed payout is called succeeded", ours, "UPDATE payouts SET state = 'succeeded' WHERE state = 'failed'", wire.Lost},
	{"a succeeded payout is called reversed", ours, "UPDATE payouts SET state = 'reversed' WHERE reference = 'po_0'", wire.Lost},
	{"a payout is deleted", ours, "DELETE FROM payouts WHERE reference = 'po_0'", wire.Orphaned},
	{"a payout's instruction is deleted", ours, "DELETE FROM instructions WHERE object_id = (SELECT id FROM payouts WHERE reference = 'po_0')", wire.Orphaned},
	{"what is in clearing is forgotten", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'payout.sent'); DELETE FROM entries WHERE kind = 'payout.sent'", wire.Unbalanced},
	{"the bank's execution is deleted", banks, "DELETE FROM entries WHERE kind = 'execution'", wire.Lost},
	{"the bank's reversal is deleted", banks, "DELETE FROM entries WHERE kind = 'reversal'", wire.Lost},
	{"the bank's execution is there twice", banks, "INSERT INTO entries SELECT entry + 1000, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, ref, balance_after FROM entries WHERE kind = 'execution'", wire.Doubled},
	{"the bank's amount is another", banks, "UPDATE entries SET amount = amount - 1 WHERE kind = 'execution' AND entry = 1", wire.Lost},
	{"the bank has paid out for nobody", banks, "INSERT INTO entries SELECT entry + 1000, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, '01a20297-4dc0-74cd-9faf-fc8186734721/1', balance_after FROM entries WHERE entry = 1", wire.Orphaned},
	{"the bank's rail is another", banks, "UPDATE entries SET rail = 'wire' WHERE entry = 1", wire.Unbalanced},
}

func TestEditedBooksOfPayoutsTurnTheAuditRed(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.disburse(t)
	x.clean(t)
	if c := x.audit(t).Counts; c.Payouts != 5 || c.Executions != 4 {
		t.Errorf("the audit counts %d payouts and %d executions, want 5 and 4", c.Payouts, c.Executions)
	}
	for _, e := range payoutEdits {
		t.Run(e.what, func(t *testing.T) {
			report := x.edited(t, e.record, e.sql)
			if report.Clean || report.Totals[e.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, e.finding)
			}
		})
	}
}

// deaf is a server that does not heed what the bank tells.
type deaf struct{}

// Notice implements rail.Listener.
func (deaf) Notice(context.Context, rail.Notice) error { return nil }

func TestAPayoutThatCameBackToNobodyTurnsTheAuditRed(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.paidOut(t, "po_1", "0690009141", "999001")
	x.settled(t)
	x.Bank.Listen(deaf{})
	x.advance(t, 2*time.Minute)
	if report := x.audit(t); report.Clean || report.InFlight != 1 || len(report.Findings) > 0 {
		t.Errorf("at first: clean %v, %d in flight, findings %v; want one in flight", report.Clean, report.InFlight, report.Findings)
	}
	x.advance(t, 3*time.Hour)
	if report := x.audit(t); report.Clean || report.Totals[wire.Lost] != 1 {
		t.Errorf("later: clean %v, findings %v; want it lost", report.Clean, report.Findings)
	}
}

func TestTheAuditComparesPayoutsWithWhatTheCallerBelieves(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.disburse(t)
	believe := func(reference, result string, amount int64) wire.Audit {
		return x.audit(t, engine.Expected{Amount: money.Of(amount, money.NGN), Kind: "payout", Reference: reference, Result: result})
	}
	for _, c := range []struct {
		reference, result string
		amount            int64
		clean             bool
	}{
		{"po_0", "succeeded", 100_000, true}, {"po_3", "succeeded", 100_000, true}, // it was reversed later
		{"po_2", "failed", 100_000, true}, {"po_0", "unknown", 100_000, true},
		{"po_2", "succeeded", 100_000, false}, {"po_9", "succeeded", 100_000, false}, {"po_0", "succeeded", 100_001, false},
	} {
		if report := believe(c.reference, c.result, c.amount); report.Clean != c.clean || !c.clean && report.Totals[wire.Lost] == 0 {
			t.Errorf("%s believed to have %s with %d: clean %v, findings %v", c.reference, c.result, c.amount, report.Clean, report.Findings)
		}
	}
}

func TestAFrozenWalletPaysNothingOut(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	w := view(t, x, func(v store.View) (wallet.Wallet, error) { return v.WalletOf(x.business, x.business, money.NGN) })
	w.Status = wallet.Frozen
	nodetest.Must(t, x.Engine.Store.Write(t.Context(), func(tx store.Tx) error { // no call freezes a wallet of the business
		return errors.Join(tx.SaveWallet(w), tx.ShutBalance(ledger.Wallet(w.ID), w.Currency, true))
	}))
	_, err := x.send(x.payOut(order("po_1", x.Beneficiary("0690000031", "999001"), money.Of(100_000, money.NGN)), "k"))
	if p, _ := problem.Of(err); !problem.WalletNotActive.Is(err) || p.Details["id"] != w.ID {
		t.Errorf("got %v, want wallet_not_active", err)
	}
	x.clean(t)
}

func TestAReferenceThatIsTakenMeanwhileHoldsNothing(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	to := x.Beneficiary("0690000031", "999001")
	d, err := x.Engine.DraftPayout(t.Context(), x.business, order("po_1", to, money.Of(100_000, money.NGN)))
	nodetest.Must(t, err)
	_, err = x.send(x.payOut(order("po_1", to, money.Of(100_000, money.NGN)), "k"))
	nodetest.Must(t, err)
	err = x.Engine.Store.Write(t.Context(), func(tx store.Tx) error {
		for _, do := range []func(store.Tx, *engine.Engine) error{d.Insert, d.Spend, d.Hold} {
			if err := do(tx, x.Engine); err != nil {
				return err
			}
		}
		return nil
	})
	if !store.Lost(err, "insert_payout") {
		t.Errorf("got %v, want a conflict", err)
	}
	x.settled(t)
	if now, held := x.inWallet(t, money.NGN); x.Opening()-now != 102_500 || held != 0 {
		t.Errorf("%d left the wallet and %d is held, want one payout", x.Opening()-now, held)
	}
	x.clean(t)
}
