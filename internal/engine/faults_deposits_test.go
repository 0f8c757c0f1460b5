package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/wire"
)

// receive takes money of all kinds: for a payment in two parts, for a wallet, and money
// that has to go back. Nothing is left to do when it ends.
func (x *till) receive(t reporter) {
	t.Helper()
	send := func(number, reference string, amount int64) {
		_, err := x.Bank.Send(context.Background(), scripted.TransferOrder{Rails: everyRail,
			Transfer: scripted.Transfer{Number: number, Reference: reference, Amount: amount}})
		if err != nil {
			t.Fatalf("send %s: %v", reference, err)
		}
		x.settled(t)
	}
	paid, part := x.awaited(t, "paid"), x.awaited(t, "part")
	send(paid, "paid-1", 400)
	send(paid, "paid-2", 600)
	send(paid, "late", 77)
	send(part, "part-1", 300)
	_, number, err := x.Engine.FundingAccount(context.Background(), &engine.Call{Business: x.business}, "", money.NGN)
	if err != nil {
		t.Fatalf("an account: %v", err)
	}
	send(number, "funds", 5000)
	x.advance(t, 25*time.Hour)
}

// awaited makes a session by bank transfer over 10.00, captures it, and gives its number.
func (x *till) awaited(t reporter, reference string) string {
	t.Helper()
	out, err := x.send(command{"/payment-sessions " + reference, "make " + reference, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.CreateSession(ctx, c, engine.Create{Amount: money.Of(1000, money.NGN), Method: payment.MethodBank, Reference: reference,
			Customer: wire.Customer{Email: "ada@example.com"}, Order: []byte(`{}`)})
	}})
	if err != nil {
		t.Fatalf("create %s: %v", reference, err)
	}
	id := objectOf(out.Body)
	_, err = x.send(command{"/capture " + id, "capture " + reference, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.Capture(ctx, c, id, engine.Capture{})
	}})
	if err != nil {
		t.Fatalf("capture %s: %v", reference, err)
	}
	return x.payment(t, id).Course.Payer.Number
}

// depositEdits are what somebody with the databases could do to money that has come.
var depositEdits = []struct {
	what    string
	record  string
	sql     string
	finding string
}{
	{"a deposit is deleted", ours, "DELETE FROM deposits WHERE reference = 'funds'", wire.Orphaned},
	{"a deposit's amount is raised", ours, "UPDATE deposits SET amount = amount + 1 WHERE reference = 'funds'", wire.Unbalanced},
	{"a deposit is taken from its payment", ours, "UPDATE deposits SET payment_id = '' WHERE reference = 'paid-1'", wire.Lost},
	{"a returned deposit is called held", ours, "UPDATE deposits SET state = 'held' WHERE reference = 'part-1'", wire.Lost},
	{"a late deposit is called settled", ours, "UPDATE deposits SET state = 'settled' WHERE reference = 'late'", wire.Lost},
	{"a settled deposit is called returned", ours, "UPDATE deposits SET state = 'returned' WHERE reference = 'funds'", wire.Lost},
	{"a deposit is called expected after it was booked", ours, "UPDATE deposits SET state = 'pending' WHERE reference = 'funds'", wire.Unbalanced},
	{"a return was never sent", ours, "UPDATE deposits SET state = 'returning' WHERE reference = 'funds'", wire.Lost},
	{"the booking of a deposit is deleted", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'deposit.received'); DELETE FROM entries WHERE kind = 'deposit.received'", wire.Lost},
	{"a deposit is booked twice", ours, "INSERT INTO postings SELECT 'ff' || SUBSTR(entry, 3), line, account, amount, currency FROM postings WHERE entry = (SELECT MIN(id) FROM entries WHERE kind = 'deposit.received'); " +
		"INSERT INTO entries SELECT 'ff' || SUBSTR(id, 3), business, at, kind, object, rail_ref, NULL FROM entries WHERE id = (SELECT MIN(id) FROM entries WHERE kind = 'deposit.received')", wire.Doubled},
	{"a payment says that more was paid", ours, "UPDATE payments SET amount_paid = amount_paid + 1 WHERE reference = 'paid'", wire.Unbalanced},
	{"an underpaid payment is called paid", ours, "UPDATE payments SET state = 'settled' WHERE reference = 'part'", wire.Lost},
	{"a paid payment is called failed", ours, "UPDATE payments SET state = 'failed' WHERE reference = 'paid'", wire.Lost},
	{"the order to return is deleted", ours, "DELETE FROM instructions WHERE kind = 'return'", wire.Orphaned},
	{"what a rail owes us is changed", ours, "UPDATE balances SET amount = amount + 500 WHERE account = 'rail:nuban'", wire.Unbalanced},
	{"the bank has never seen a transfer", banks, "DELETE FROM entries WHERE ref = 'funds'", wire.Orphaned},
	{"the bank has a transfer twice", banks, "INSERT INTO entries SELECT entry + 1000, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, ref, balance_after FROM entries WHERE ref = 'paid-1'", wire.Doubled},
	{"the bank has less of a transfer", banks, "UPDATE entries SET amount = amount - 1 WHERE ref = 'paid-1'", wire.Lost},
	{"the bank has never sent it back", banks, "DELETE FROM entries WHERE kind = 'return'", wire.Lost},
	{"the bank has sent back what we keep", banks, "INSERT INTO entries SELECT entry + 1000, at, amount, currency, 'out', 'return', rail, bank_code, counterparty, provider, ref, balance_after FROM entries WHERE ref = 'funds'", wire.Lost},
	{"the bank has a transfer that we were told of two days ago", banks, "INSERT INTO entries SELECT entry + 1000, at - 172800000000, amount, currency, direction, kind, rail, bank_code, counterparty, provider, 'untold', balance_after FROM entries WHERE ref = 'funds'", wire.Orphaned},
}

func TestEditedDepositsTurnTheAuditRed(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.receive(t)
	x.clean(t)
	for _, e := range depositEdits {
		t.Run(e.what, func(t *testing.T) {
			report := x.edited(t, e.record, e.sql)
			if report.Clean || report.Totals[e.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, e.finding)
			}
		})
	}
	t.Run("but a copy that nobody touched is clean", func(t *testing.T) {
		if report := x.edited(t, ours, "SELECT 1"); !report.Clean || report.Counts.Deposits != 5 {
			t.Errorf("findings %v, %d in flight, %d deposits; want none, none, 5", report.Findings, report.InFlight, report.Counts.Deposits)
		}
	})
	t.Run("and money that the bank has just got is on its way", func(t *testing.T) {
		report := x.edited(t, banks, "INSERT INTO entries SELECT entry + 1000, at + 90000000000, amount, currency, direction, kind, rail, bank_code, counterparty, provider, 'fresh', balance_after FROM entries WHERE ref = 'funds'")
		if len(report.Findings) != 0 || report.InFlight != 1 {
			t.Errorf("findings %v, %d in flight; want none, one", report.Findings, report.InFlight)
		}
	})
}

func TestABankThatExecutesATransferTwiceIsFound(t *testing.T) {
	t.Parallel()
	x := newTill(t, nodetest.Twice(func(ref string) bool { return ref == "funds" }))
	x.receive(t)
	if report := x.audit(t); report.Clean || report.Totals[wire.Doubled] == 0 {
		t.Errorf("clean: %v, findings %v; want doubled", report.Clean, report.Findings)
	}
}

func TestWhatACallerBelievesOfATransferIsAudited(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.receive(t)
	for reference, finding := range map[string]int{"paid": 0, "part": 1} {
		report := x.audit(t, engine.Expected{Amount: money.Of(1000, money.NGN), Kind: "payment", Reference: reference, Result: "succeeded"})
		if report.Totals[wire.Lost] != finding {
			t.Errorf("%s: findings %v, want %d lost", reference, report.Findings, finding)
		}
	}
}
