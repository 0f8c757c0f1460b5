package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
)

// page is a table that an accountant can read. A line is
//
//	pay      NAME  CARD  AMOUNT CURRENCY  STATE    a session, captured with the test card that ends so
//	take     NAME  CARD  AMOUNT CURRENCY  STATE    the same, but only that part of 1000.00
//	refund   NAME        AMOUNT CURRENCY  STATE    STATE may be the code of a refusal
//	refuse   NAME                         STATE    the bank refuses the refund that it still has
//	cancel   NAME                         STATE
//	advance  DURATION
//	state    NAME                         STATE
//	balance  ACCOUNT     AMOUNT CURRENCY           the wallet's is what it holds beyond its opening balance
//
// After each line the books must be in order; a day later nothing is in flight.
type page struct {
	*till
	t     *testing.T
	names map[string]string // ids of payments
	lines int
}

func TestBooks(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	turn := func(says, table string) {
		t.Run(says, func(t *testing.T) {
			x.fresh(t)
			p := &page{till: x, t: t, names: map[string]string{}}
			for line := range strings.Lines(table) {
				if words := strings.Fields(line); len(words) > 0 {
					p.play(words)
				}
			}
			x.advance(t, 30*time.Hour)
			x.clean(t)
		})
	}
	turn("a captured payment is ours at once and ours to spend a day later", `
		pay      p1  1009  100.00 NGN  captured
		balance  rail     -100.00 NGN
		balance  pending   100.00 NGN
		balance  wallet      0.00 NGN
		advance  23h
		balance  wallet      0.00 NGN
		advance  2h
		state    p1  settled
		balance  pending     0.00 NGN
		balance  wallet    100.00 NGN
		balance  rail     -100.00 NGN
	`)
	turn("a refused payment leaves nothing", `
		pay      p1  2015  100.00 NGN  failed
		balance  rail        0.00 NGN
		balance  clearing    0.00 NGN
		balance  pending     0.00 NGN
	`)
	turn("less than the session's amount can be taken, and no more is refunded", `
		take     p1  1009   40.00 USD  captured
		balance  pending    40.00 USD
		refund   p1         40.01 USD  refund_exceeds_payment
		refund   p1         40.00 USD  succeeded
		balance  pending     0.00 USD
		balance  rail        0.00 USD
		advance  25h
		state    p1  settled
		balance  wallet      0.00 USD
	`)
	turn("a refund before the settlement takes the payment's own money, after it the wallet's", `
		pay      p1  1009  100.00 CAD  captured
		refund   p1         30.00 CAD  succeeded
		balance  pending    70.00 CAD
		balance  wallet      0.00 CAD
		balance  rail      -70.00 CAD
		advance  25h
		balance  wallet     70.00 CAD
		refund   p1         70.00 CAD  succeeded
		balance  wallet      0.00 CAD
		balance  rail        0.00 CAD
		refund   p1          0.01 CAD  refund_exceeds_payment
	`)
	turn("a refund that the bank refuses gives the money back to where it came from", `
		pay      p1  4011  100.00 NGN  captured
		refund   p1         60.00 NGN  failed
		balance  held        0.00 NGN
		balance  pending   100.00 NGN
		advance  25h
		refund   p1         60.00 NGN  failed
		balance  held        0.00 NGN
		balance  pending     0.00 NGN
		balance  wallet    100.00 NGN
		balance  rail     -100.00 NGN
	`)
	turn("a slow refund holds its money, and what remains settles without it", `
		pay      p1  4029  100.00 NGN  captured
		advance  23h30m
		refund   p1         25.00 NGN  processing
		balance  clearing   25.00 NGN
		balance  pending    75.00 NGN
		refund   p1         75.01 NGN  refund_exceeds_payment
		advance  35m
		state    p1  settled
		balance  wallet     75.00 NGN
		balance  clearing   25.00 NGN
		advance  30m
		balance  clearing    0.00 NGN
		balance  rail      -75.00 NGN
	`)
	turn("a slow refund that the bank refuses after the settlement goes to the wallet", `
		pay      p1  4029  100.00 NGN  captured
		advance  23h30m
		refund   p1         25.00 NGN  processing
		advance  35m
		balance  wallet     75.00 NGN
		refuse   p1                    failed
		balance  wallet    100.00 NGN
		balance  pending     0.00 NGN
		balance  held        0.00 NGN
		balance  clearing    0.00 NGN
		refund   p1        100.00 NGN  processing
	`)
	turn("money in doubt stands in clearing until the bank tells", `
		pay      p1  3013  100.00 NGN  in_doubt
		balance  clearing  100.00 NGN
		balance  rail     -100.00 NGN
		refund   p1        100.00 NGN  payment_in_progress
		cancel   p1                    payment_in_progress
		advance  6s
		state    p1  captured
		balance  clearing    0.00 NGN
		balance  pending   100.00 NGN
	`)
	turn("what the bank takes after a confirmed refusal is an exception until it is back", `
		pay      p1  3088  100.00 NGN  failed
		balance  rail        0.00 NGN
		advance  1h
		state    p1  failed
		balance  exceptions  0.00 NGN
		balance  rail        0.00 NGN
		balance  pending     0.00 NGN
	`)
	turn("who stands before a step of the bank owes nothing yet", `
		pay      p1  1108  100.00 NGN  authenticating
		balance  clearing    0.00 NGN
		balance  rail        0.00 NGN
		cancel   p1                    cancelled
		balance  rail        0.00 NGN
		refund   p1        100.00 NGN  payment_not_refundable
	`)
}

func (p *page) play(words []string) {
	p.t.Helper()
	p.lines++
	line := strings.Join(words, " ")
	want := words[len(words)-1]
	switch words[0] {
	case "pay":
		p.pay(words[1], words[2], p.amount(words[3], words[4]), 0)
		p.is(line, p.payment(p.t, p.names[words[1]]).State, want)
	case "take":
		part := p.amount(words[3], words[4])
		p.pay(words[1], words[2], money.Of(100_000, part.Currency), part.Minor)
		p.is(line, p.payment(p.t, p.names[words[1]]).State, want)
	case "refund":
		_, err := p.send(p.till.refund(p.names[words[1]], p.amount(words[2], words[3]).Minor, fmt.Sprint("line ", p.lines)))
		p.is(line, p.outcome(err, func() string { return string(p.lastRefund().State) }), want)
	case "refuse":
		_, err := p.Bank.Resolve(context.Background(), engine.RefundRef(p.lastRefund()), scripted.Fail, "")
		p.is(line, p.outcome(err, func() string { return string(p.lastRefund().State) }), want)
	case "cancel":
		_, err := p.send(p.till.cancel(p.names[words[1]], fmt.Sprint("line ", p.lines)))
		p.is(line, p.outcome(err, func() string { return string(p.payment(p.t, p.names[words[1]]).State) }), want)
	case "advance":
		by, err := time.ParseDuration(words[1])
		if err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
		p.advance(p.t, by)
	case "state":
		p.is(line, p.payment(p.t, p.names[words[1]]).State, want)
	case "balance":
		amount := p.amount(words[2], words[3])
		p.is(line, p.balance(words[1], amount.Currency), amount)
	default:
		p.t.Fatalf("no such line: %s", line)
	}
	p.settled(p.t)
	p.faultless(p.t)
}

func (p *page) is(line string, got, want any) {
	p.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		p.t.Errorf("%s: got %v", line, got)
	}
}

// pay makes a session and captures it with the test card of the given ending.
func (p *page) pay(name, ending string, amount money.Amount, part int64) {
	p.t.Helper()
	p.names[name] = p.sold(p.t, name, amount)
	number := ""
	for n := range cards {
		if strings.HasSuffix(n, ending) && strings.HasPrefix(n, "40000000000") {
			number = n
		}
	}
	if _, err := p.send(p.till.capture(p.names[name], number, part, "pay "+name)); err != nil {
		p.t.Fatalf("capture %s with %s: %v", name, number, err)
	}
	p.settled(p.t)
}

// outcome is the code of a refusal, or what became of a command.
func (p *page) outcome(err error, became func() string) string {
	p.t.Helper()
	if refusal, ok := problem.Of(err); ok {
		return refusal.Kind.Code
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.settled(p.t)
	return became()
}

// lastRefund is the refund that was made last.
func (p *page) lastRefund() *payment.Refund {
	all := p.refunds(p.t)
	last := all[0]
	for _, r := range all {
		if r.ID > last.ID {
			last = r
		}
	}
	return last
}

// amount reads 97.10 CAD.
func (p *page) amount(number, currency string) money.Amount {
	p.t.Helper()
	var minor int64
	if _, err := fmt.Sscan(strings.Replace(number, ".", "", 1), &minor); err != nil || strings.Index(number, ".") != len(number)-3 {
		p.t.Fatalf("no amount: %s %s", number, currency)
	}
	return money.Of(minor, money.Currency(currency))
}

// balance is what an account holds, with all entries sealed.
func (p *page) balance(name string, c money.Currency) money.Amount {
	p.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = p.Engine.Seal(context.Background()); err != nil {
			p.t.Fatal(err)
		}
	}
	w := view(p.t, p.till, func(v store.View) (wallet.Wallet, error) { return v.WalletOf(p.business, p.business, c) }).ID
	account := map[string]ledger.Account{"wallet": ledger.Wallet(w), "held": ledger.Held(w), "pending": ledger.Pending(w), "rail": ledger.Rail("card"),
		"clearing": ledger.Clearing("card"), "exceptions": ledger.RailExceptions}[name]
	got := view(p.t, p.till, func(v store.View) (int64, error) { return v.Balance(account, c) })
	if name == "wallet" {
		got -= p.Opening()
	}
	return money.Of(got, c)
}
