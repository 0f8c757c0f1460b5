package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/wire"
)

// The audit proves nothing unless each kind of fault has turned it red once.

// trade takes payments of all kinds and gives some back, at a bank that executes
// again whatever is sent again. It ends when nothing is left to do for a day.
func (x *till) trade(t reporter) {
	t.Helper()
	forgetful := "forgetful"
	if _, err := x.Bank.SetRail(context.Background(), "card", scripted.Patch{Personality: &forgetful}); err != nil {
		t.Fatalf("set the bank up: %v", err)
	}
	for i, number := range []string{"4000000000013054", "4000000000013013", "4000000000013039", "4000000000012015"} {
		id := x.sold(t, fmt.Sprint("ord_", i), money.Of(1000, money.NGN))
		_, _ = x.send(x.capture(id, number, 0, fmt.Sprint("capture ", i))) // a planted fault may end it with an error
		x.settled(t)
		_, _ = x.send(x.refund(id, 300, fmt.Sprint("refund ", i)))
		x.settled(t)
	}
	x.advance(t, 12*time.Minute)
}

func TestAPlantedFaultTurnsTheAuditRed(t *testing.T) {
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
		{"a leg is left out when balances are rolled up", []nodetest.Option{nodetest.Flawed(engine.Flaws{DropSettleLeg: true})}, wire.Unbalanced},
	} {
		t.Run(c.fault, func(t *testing.T) {
			x := newTill(t, c.options...)
			x.trade(t)
			report := x.audit(t)
			if report.Clean || report.Totals[c.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, c.finding)
			}
		})
	}
	t.Run("and without a fault it stays green", func(t *testing.T) {
		x := newTill(t)
		x.trade(t)
		x.clean(t)
	})
}

func TestASendingThatDiedIsAskedAboutAlsoIfTheOneBeforeWasRefused(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	forgetful := "forgetful"
	_, err := x.Bank.SetRail(t.Context(), "card", scripted.Patch{Personality: &forgetful})
	nodetest.Must(t, err)
	id := x.sold(t, "ord_1", money.Of(1000, money.NGN))
	x.death.arm("after act", 6) // the bank cannot be reached for 30 s, at 0, 5, ... 25; then it executes
	_, err = x.send(x.capture(id, "4000000000013096", 0, "k"))
	nodetest.Must(t, err)
	x.advance(t, 10*time.Minute)
	if x.death.count() != 1 {
		t.Fatalf("the sending died %d times, want once: the test misses its moment", x.death.count())
	}
	x.clean(t)
	if p := x.payment(t, id); p.AmountPaid != 1000 {
		t.Errorf("the payment is %s with %d paid, want 1000", p.State, p.AmountPaid)
	}
}

// The two records that the audit compares.
const (
	ours  = "test"
	banks = "bank"
)

// edits are what somebody with the databases could do, or a broken disk.
var edits = []struct {
	what    string
	record  string
	sql     string
	finding string
}{
	{"the amount of a posting is changed", ours, "UPDATE postings SET amount = amount + 1 WHERE line = 0 AND entry = (SELECT MIN(entry) FROM postings)", wire.Unbalanced},
	{"both amounts of an entry are changed", ours, "UPDATE postings SET amount = amount * 2 WHERE entry = (SELECT MIN(entry) FROM postings)", wire.Unbalanced},
	{"a posting is moved to another account", ours, "UPDATE postings SET account = 'fees' WHERE account LIKE 'pending:%' AND amount > 0", wire.Unbalanced},
	{"an entry is dated back", ours, "UPDATE entries SET at = at - 1 WHERE seq = 3", wire.Unbalanced},
	{"the last seal is deleted", ours, "DELETE FROM seals WHERE seq = (SELECT MAX(seq) FROM seals)", wire.Unbalanced},
	{"a seal in the middle is deleted", ours, "DELETE FROM seals WHERE seq = 5", wire.Unbalanced},
	{"a seal's hash is changed", ours, "UPDATE seals SET hash = 'aa' || SUBSTR(hash, 3) WHERE seq = 4", wire.Unbalanced},
	{"an entry is taken out of the books", ours, "DELETE FROM postings WHERE entry = (SELECT id FROM entries WHERE seq = 6); DELETE FROM entries WHERE seq = 6", wire.Unbalanced},
	{"a wallet's balance is raised", ours, "UPDATE balances SET amount = amount + 500 WHERE account LIKE 'wallet:%' AND currency = 'NGN'", wire.Unbalanced},
	{"what the bank owes us is changed", ours, "UPDATE balances SET amount = amount + 500 WHERE account = 'rail:card'", wire.Unbalanced},
	{"the booking of a success is deleted", ours, "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'capture.succeeded'); DELETE FROM entries WHERE kind = 'capture.succeeded'", wire.Lost},
	{"a success is booked twice", ours, "INSERT INTO postings SELECT 'ff' || SUBSTR(entry, 3), line, account, amount, currency FROM postings WHERE entry = (SELECT MIN(id) FROM entries WHERE kind = 'capture.succeeded'); " +
		"INSERT INTO entries SELECT 'ff' || SUBSTR(id, 3), business, at, kind, object, rail_ref, NULL FROM entries WHERE id = (SELECT MIN(id) FROM entries WHERE kind = 'capture.succeeded')", wire.Doubled},
	{"a paid payment is called failed", ours, "UPDATE payments SET state = 'failed' WHERE state = 'captured'", wire.Lost},
	{"a failed payment is called paid", ours, "UPDATE payments SET state = 'captured' WHERE state = 'failed'", wire.Lost},
	{"a payment is deleted", ours, "DELETE FROM payments WHERE reference = 'ord_0'", wire.Orphaned},
	{"an instruction is deleted", ours, "DELETE FROM instructions WHERE kind = 'charge'", wire.Orphaned},
	{"a refund is deleted", ours, "DELETE FROM refunds", wire.Orphaned},
	{"the bank's execution is deleted", banks, "DELETE FROM entries WHERE kind = 'execution'", wire.Lost},
	{"the bank's execution is there twice", banks, "INSERT INTO entries SELECT entry + 1000, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, ref, balance_after FROM entries WHERE kind = 'execution'", wire.Doubled},
	{"the bank's amount is another", banks, "UPDATE entries SET amount = amount - 1 WHERE kind = 'execution'", wire.Lost},
	{"the bank has an execution of nobody", banks, "INSERT INTO entries SELECT entry + 1000, at, amount, currency, direction, kind, rail, bank_code, counterparty, provider, '01a20297-4dc0-74cd-9faf-fc8186734721/1', balance_after FROM entries WHERE entry = 1", wire.Orphaned},
}

func TestEditedBooksTurnTheAuditRed(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.trade(t)
	x.clean(t)
	for _, e := range edits {
		t.Run(e.what, func(t *testing.T) {
			report := x.edited(t, e.record, e.sql)
			if report.Clean || report.Totals[e.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, e.finding)
			}
		})
	}
	t.Run("but a copy that nobody touched is clean", func(t *testing.T) {
		if report := x.edited(t, ours, "SELECT 1"); !report.Clean {
			t.Errorf("findings %v, %d in flight; want none", report.Findings, report.InFlight)
		}
	})
}

// edited copies everything that is stored, edits the copy of one record, and audits.
func (x *till) edited(t *testing.T, record, statements string) wire.Audit {
	t.Helper()
	dir, database := t.TempDir(), ""
	if x.Database == "" {
		x.copyFiles(t, dir)
		run(t, filepath.Join(dir, record+".db"), statements)
	} else {
		database = servertest.PostgresCopy(t, "copied from "+x.Database, func(url string) error { return servertest.Copy(x.Database, url) })
		servertest.Exec(t, database, "SET search_path TO juicer_"+record+"; "+statements)
	}
	copied := nodetest.StartIn(t, dir, nodetest.On(database))
	report, err := copied.Engine.Audit(t.Context(), engine.AuditRequest{Business: x.business, Books: copied.Books()})
	nodetest.Must(t, err)
	return report
}

func (x *till) copyFiles(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"test.db", "bank.db"} {
		run(t, filepath.Join(x.Data, name), "VACUUM INTO '"+filepath.Join(dir, name)+"'")
	}
}

func run(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	nodetest.Must(t, err)
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatalf("%s: %v", statements, err)
	}
}

func TestWhatTheCallerBelievesIsAudited(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.trade(t)
	expect := func(reference, kind, result string) engine.Expected {
		return engine.Expected{Amount: money.Of(1000, money.NGN), Kind: kind, Reference: reference, Result: result}
	}
	for _, c := range []struct {
		says     string
		expected engine.Expected
		finding  string
	}{
		{"a success that is one", expect("ord_0", "payment", "succeeded"), ""},
		{"a failure that is one", expect("ord_3", "payment", "failed"), ""},
		{"no knowledge of a success", expect("ord_0", "payment", "unknown"), ""},
		{"no knowledge of a request that never arrived", expect("ord_99", "payment", "unknown"), ""},
		{"a success of a payment that failed", expect("ord_3", "payment", "succeeded"), wire.Lost},
		{"a success of a payment that is not there", expect("ord_99", "payment", "succeeded"), wire.Lost},
		{"a success of a refund that is not there", expect("ord_0", "refund", "succeeded"), wire.Lost},
	} {
		t.Run(c.says, func(t *testing.T) {
			report := x.audit(t, c.expected)
			kinds := []string{}
			for _, f := range report.Findings {
				kinds = append(kinds, f.Kind)
			}
			want := []string{}
			if c.finding != "" {
				want = append(want, c.finding)
			}
			if !slices.Equal(kinds, want) || report.Counts.Expected != 1 {
				t.Errorf("got %v, want the kinds %v", report.Findings, want)
			}
		})
	}
}
