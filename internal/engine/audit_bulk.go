package engine

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// bulkInAudit is a bulk transfer with its items.
type bulkInAudit struct {
	*payment.Bulk
	items []*payment.BulkItem
}

func (a *audit) readBulks(v store.View) error {
	a.bulks, a.items = map[string]*bulkInAudit{}, map[string]*payment.BulkItem{}
	err := walk(v.BulksAfter, func(b *payment.Bulk) string { return b.ID }, func(b *payment.Bulk) { a.bulks[b.ID] = &bulkInAudit{Bulk: b} })
	if err != nil {
		return err
	}
	return walk(v.BulkItemsAfter, func(i *payment.BulkItem) string { return i.ID }, func(i *payment.BulkItem) {
		b := a.bulks[i.Bulk]
		if b == nil {
			a.wrong("item " + i.Reference + " belongs to no bulk transfer")
			return
		}
		b.items, a.items[i.ID] = append(b.items, i), i
		if b.waiting(i) {
			a.open++ // it will be a payout, or given up, at any moment
		}
	})
}

// waiting reports whether money is held for an item that is no payout.
func (b *bulkInAudit) waiting(i *payment.BulkItem) bool {
	return b.ExecutedAt != nil && i.State == payment.ItemPending
}

// checkBulks compares what bulk transfers say of themselves with their items, and these
// with the payouts they have become.
func (a *audit) checkBulks() {
	for _, b := range a.bulks {
		totals, tally := map[money.Currency]int64{}, payment.Tally{}
		for _, i := range b.items {
			totals[i.Amount.Currency] += i.Amount.Minor
			a.checkItem(b, i)
			b.count(i, &tally)
		}
		for c, sum := range b.Totals {
			if totals[c] != sum {
				a.wrong(fmt.Sprintf("bulk transfer %s sums up to %s, its items to %s", b.Reference, money.Of(sum, c), money.Of(totals[c], c)))
			}
		}
		if int64(len(b.items)) != b.Items || tally != b.Tally {
			a.wrong(fmt.Sprintf("bulk transfer %s counts %d items, %+v; there are %d, %+v", b.Reference, b.Items, b.Tally, len(b.items), tally))
		}
	}
	for _, p := range a.payouts {
		if bulk := p.Fixed.Bulk; bulk != "" && a.items[p.ID] == nil {
			a.find(wire.Orphaned, fmt.Sprintf("payout %s belongs to a bulk transfer that has no such item", p.Reference), bulkIntent(p.ID, p.Reference, p.Amount), 0, 0)
		}
	}
}

func bulkIntent(id, reference string, amount money.Amount) intent {
	return intent{id: id, reference: reference, kind: aboutPayout, amount: amount}
}

// checkItem: an item that was sent is a payout of what it ordered, any other is none.
func (a *audit) checkItem(b *bulkInAudit, i *payment.BulkItem) {
	p := a.payouts[i.ID]
	found := func(kind, detail string) {
		a.find(kind, fmt.Sprintf("item %s of bulk transfer %s %s", i.Reference, b.Reference, detail), bulkIntent(i.ID, i.Reference, i.Amount), 0, 0)
	}
	switch sent := i.State == payment.ItemProcessing; {
	case sent && p == nil:
		found(wire.Lost, "was sent, and there is no payout")
	case !sent && p != nil:
		found(wire.Doubled, "was not sent, and there is a payout")
	case sent && (p.Amount != i.Amount || p.Fixed.Beneficiary.ID != i.Fixed.Beneficiary.ID || p.Fee != i.Fee):
		found(wire.Unbalanced, "became a payout of something else")
	}
}

// count adds an item to the tally as its state makes it.
func (b *bulkInAudit) count(i *payment.BulkItem, t *payment.Tally) {
	switch state, _ := i.Standing(); state {
	case payment.ItemSucceeded:
		t.Succeeded++
	case payment.ItemFailed, payment.ItemReversed:
		t.Failed++
	case payment.ItemProcessing:
		t.Open++
	case payment.ItemPending:
		if b.waiting(i) {
			t.Open++
		}
	}
}

// heldForItems is what executing bulk transfers hold for items that are no payouts yet.
func (a *audit) heldForItems(need map[accountCurrency]int64) {
	for _, b := range a.bulks {
		for _, i := range b.items {
			if b.waiting(i) {
				need[accountCurrency{ledger.Held(i.Wallet), i.Amount.Currency}] += i.Holds().Minor
			}
		}
	}
}
