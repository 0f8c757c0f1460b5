package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// bulkOf makes a bulk transfer of orders.
func (x *till) bulkOf(reference, key string, orders ...engine.NewPayout) command {
	var named engine.ItemNames
	for _, in := range orders {
		named.Beneficiaries, named.References = append(named.Beneficiaries, in.Beneficiary), append(named.References, in.Reference)
	}
	return command{fmt.Sprint("/bulk-transfers ", reference), key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.CreateBulk(ctx, c, reference, named, func(f *engine.ItemFacts) (engine.NewBulk, []engine.NewPayout, error) {
			f.Begin()
			for _, in := range orders {
				if found := f.Judge(in); len(found) > 0 {
					return engine.NewBulk{}, nil, problem.Invalid(problem.Breach(found[0].Code, found[0].Field, found[0].Args))
				}
			}
			return engine.NewBulk{Reference: reference, ExpiresAt: x.clock.Now().Add(24 * time.Hour)}, orders, nil
		})
	}}
}

func (x *till) executeBulk(reference, key string) command {
	return command{"/execute " + reference, key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.ExecuteBulk(ctx, c, reference, "")
	}}
}

func (x *till) cancelBulk(reference, key string) command {
	return command{"/cancel " + reference, key, func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return x.Engine.CancelBulk(ctx, c, reference)
	}}
}

// payroll pays a bulk transfer with one good item, one bad one and one in another
// currency, and lets it end.
func (x *till) payroll(t reporter) {
	t.Helper()
	abroad := order("pr_2", x.Beneficiary("0690000031", "999001"), money.Of(100_000, money.NGN))
	abroad.Source = money.CAD
	for _, c := range []command{
		x.bulkOf("payroll", "k1", order("pr_0", abroad.Beneficiary, money.Of(100_000, money.NGN)),
			order("pr_1", x.Beneficiary("0690009112", "999001"), money.Of(100_000, money.NGN)), abroad),
		x.executeBulk("payroll", "k2"),
	} {
		if out, err := x.send(c); err != nil {
			t.Fatalf("%s: %v %s", c.name, err, out.Body)
		}
	}
	x.advance(t, time.Hour)
}

var bulkEdits = []struct{ what, sql, finding string }{
	{"a count is another", "UPDATE bulk_tallies SET succeeded = succeeded + 1", wire.Unbalanced},
	{"a sum is another", "UPDATE bulk_transfers SET totals = '{\"NGN\":1}'", wire.Unbalanced},
	{"an item is gone", "DELETE FROM bulk_items WHERE number = 1", wire.Orphaned},
	{"a payout of an item is gone", "DELETE FROM payouts WHERE reference = 'pr_0'", wire.Lost},
	{"an item was never sent, and is a payout", "UPDATE bulk_items SET state = 'cancelled' WHERE number = 1", wire.Doubled},
	{"an item is another amount", "UPDATE bulk_items SET amount = amount + 1 WHERE number = 1", wire.Unbalanced},
	{"the hold is gone", "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'bulk.accepted'); DELETE FROM entries WHERE kind = 'bulk.accepted'", wire.Unbalanced},
	{"an item waits for money that nobody holds", "UPDATE bulk_transfers SET state = 'executing'; UPDATE bulk_items SET state = 'pending' WHERE number = 1; DELETE FROM payouts WHERE reference = 'pr_0'", wire.Unbalanced},
}

func TestEditedBooksOfBulkTransfersTurnTheAuditRed(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.payroll(t)
	x.clean(t)
	for _, e := range bulkEdits {
		t.Run(e.what, func(t *testing.T) {
			report := x.edited(t, ours, e.sql)
			if report.Clean || report.Totals[e.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, e.finding)
			}
		})
	}
}

// Money that is held for items that are no payouts yet is in order, and in flight.
func TestTheAuditKnowsWhatIsHeldForItems(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.death.arm("before bulk chunk", 0)
	for _, c := range []command{x.bulkOf("payroll", "k1", order("pr_0", x.Beneficiary("0690000031", "999001"), money.Of(100_000, money.NGN))),
		x.executeBulk("payroll", "k2")} {
		if out, err := x.send(c); err != nil {
			t.Fatalf("%s: %v %s", c.name, err, out.Body)
		}
	}
	x.settled(t)
	report := x.audit(t)
	if len(report.Findings) > 0 || report.InFlight == 0 {
		t.Errorf("in the middle: findings %v, %d in flight; want none, and some", report.Findings, report.InFlight)
	}
	x.advance(t, time.Hour)
	x.clean(t)
}

// bureau is a random run of bulk transfers beside payouts.
type bureau struct {
	*office
	bulks []string
	lives map[string]payment.BulkState // by reference, as they were seen last
	items int
}

func (b *bureau) actions() map[string]func(*rapid.T) {
	all := b.office.actions()
	all[""] = b.look
	all["a bulk transfer is made"] = b.makes
	all["one is executed"] = func(t *rapid.T) { b.try(t, b.executeBulk(b.pickBulk(t), b.key())) }
	all["one is executed, 2"] = all["one is executed"]
	all["one is cancelled"] = func(t *rapid.T) { b.try(t, b.cancelBulk(b.pickBulk(t), b.key())) }
	all["one is executed and cancelled at once"] = func(t *rapid.T) {
		reference := b.pickBulk(t)
		b.try(t, b.executeBulk(reference, b.key()), b.cancelBulk(reference, b.key()), b.executeBulk(reference, b.key()))
	}
	all["a beneficiary is deleted"] = b.deletes
	all["a request is repeated"] = func(t *rapid.T) {
		if len(b.sent) > 0 {
			b.try(t, rapid.SampledFrom(b.sent).Draw(t, "request"))
		}
	}
	all["the server dies"] = b.die
	return all
}

func (b *bureau) makes(t *rapid.T) {
	if len(b.bulks) >= 5 {
		t.Skip("enough bulk transfers")
	}
	var orders []engine.NewPayout
	for range rapid.IntRange(0, 6).Draw(t, "items") {
		in := b.draft(t)
		b.items++
		in.Reference = fmt.Sprint("item_", b.items)
		if rapid.IntRange(0, 7).Draw(t, "a reference that payouts use, too") == 0 {
			in.Reference = fmt.Sprint("po_", b.items%10)
		}
		orders = append(orders, in)
	}
	reference := fmt.Sprint("bulk_", len(b.bulks))
	b.bulks = append(b.bulks, reference)
	b.try(t, b.bulkOf(reference, b.key(), orders...))
}

func (b *bureau) pickBulk(t *rapid.T) string {
	if len(b.bulks) == 0 {
		t.Skip("no bulk transfer yet")
	}
	return rapid.SampledFrom(b.bulks).Draw(t, "bulk transfer")
}

func (b *bureau) deletes(t *rapid.T) {
	reference := b.pickBulk(t)
	found, err := b.Engine.FindBulk(context.Background(), b.business, reference)
	if _, refused := problem.Of(err); refused {
		t.Skip("it was refused")
	}
	if err != nil {
		t.Fatal(err)
	}
	items := view(t, b.till, func(v store.View) ([]*payment.BulkItem, error) { return v.BulkItems(found.ID) })
	if len(items) == 0 {
		t.Skip("it has no items")
	}
	to := rapid.SampledFrom(items).Draw(t, "item").Fixed.Beneficiary.ID
	b.try(t, command{"/beneficiaries " + to, b.key(), func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return b.Engine.DeleteBeneficiary(ctx, c, to)
	}})
}

func (b *bureau) try(t *rapid.T, commands ...command) {
	errs := several(b.till, commands...)
	b.sent = append(b.sent, commands...)
	for i, err := range errs {
		if _, refused := problem.Of(err); err != nil && !refused && !errors.Is(err, errDied) {
			t.Fatalf("%s: %v", commands[i].name, err)
		}
	}
}

func (b *bureau) die(t *rapid.T) {
	b.death.arm(rapid.SampledFrom([]string{"before bulk hold", "after bulk hold", "before bulk chunk", "after bulk chunk", "after intent", "after act"}).Draw(t, "point"),
		rapid.IntRange(0, 1).Draw(t, "skip"))
}

func (b *bureau) look(t *rapid.T) {
	b.office.look(t)
	for _, now := range b.every(t) {
		if before, known := b.lives[now.Reference]; known && !follows(before, now.State, payment.NextBulk) {
			t.Fatalf("bulk transfer %s went from %s to %s: no events lead there", now.Reference, before, now.State)
		}
		b.lives[now.Reference] = now.State
	}
}

func (b *bureau) every(t reporter) []*payment.Bulk {
	return view(t, b.till, func(v store.View) ([]*payment.Bulk, error) { return v.BulksAfter("", 100) })
}

// end brings everything to its end: whatever was executed is over, and told once.
func (b *bureau) end(t *rapid.T) {
	b.office.end(t)
	for _, now := range b.every(t) {
		if !now.Over() {
			t.Errorf("bulk transfer %s is %s with %+v in the end", now.Reference, now.State, now.Tally)
		}
		want := []string(nil)
		if now.State == payment.BulkCompleted {
			want = []string{wire.BulkEventName}
		}
		if got := b.events(t, now.ID); !slices.Equal(got, want) {
			t.Errorf("bulk transfer %s is %s and its events are %q, want %q", now.Reference, now.State, got, want)
		}
		for _, i := range view(t, b.till, func(v store.View) ([]*payment.BulkItem, error) { return v.BulkItems(now.ID) }) {
			if state, _ := i.Standing(); state == payment.ItemPending || state == payment.ItemProcessing {
				t.Errorf("item %s of %s is %s in the end", i.Reference, now.Reference, state)
			}
		}
	}
}

func TestWhateverIsPaidInBulkNoMoneyIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	rapid.Check(t, func(t *rapid.T) {
		x.fresh(t)
		b := &bureau{office: &office{till: x, states: map[string]payment.PayoutState{}, ordered: map[string]string{}}, lives: map[string]payment.BulkState{}}
		b.makes(t)
		b.try(t, b.executeBulk("bulk_0", b.key()))
		t.Repeat(b.actions())
		b.end(t)
	})
}
