package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func bulkClaims() []claim {
	return []claim{
		{"a bulk transfer reads back by id and by reference", bulkReadsBack},
		{"of many bulk transfers under one reference at once, one is made", bulkOnce},
		{"a change of a bulk transfer is written once for the version it was made from, and outcomes are counted beside it", bulkRace},
		{"pages of bulk transfers hold each once", bulkPages},
		{"items read back in their order, with how their payouts stand", itemsReadBack},
		{"pending items hold their references, and others do not", itemReferences},
		{"a pending item becomes one thing once", itemRace},
		{"a bulk transfer is due when its last item is decided", bulkEnd},
	}
}

// fullBulk has a value in every field.
func fullBulk(n int) *payment.Bulk {
	return &payment.Bulk{ID: number(n), Business: ada, Reference: fmt.Sprint("salaries-", n), State: payment.BulkExecuting, Version: 3, Items: 2,
		Totals: map[money.Currency]int64{money.NGN: 300000, money.CAD: 5}, Given: "digest",
		Fixed: payment.BulkFixed{Description: "Salaries “11”", Metadata: json.RawMessage(`{"month":"11"}`)}, Tally: payment.Tally{Succeeded: 4, Failed: 3, Open: 2},
		CreatedAt: at(0), UpdatedAt: at(time.Second), ExpiresAt: at(time.Hour), ExecutedAt: ptr(at(time.Minute))}
}

// fullItem is the n-th item of a bulk transfer, with a value in every field.
func fullItem(bulk, n int) *payment.BulkItem {
	return &payment.BulkItem{ID: number(1000*bulk + n), Bulk: number(bulk), Business: ada, Number: int64(n), Reference: fmt.Sprint("sal-", n), State: payment.ItemPending,
		Amount: money.Of(150000, money.NGN), Source: money.CAD, Fee: 2500, FeePayer: payment.FeeOnRecipient, Rail: payment.RailNuban, Wallet: "w-1",
		Failure:   &payment.Failure{Code: "invalid_beneficiary", Reason: "deleted"},
		Fixed:     payment.ItemFixed{Beneficiary: payment.Payee{ID: "b-1", Type: "bank_account", AccountNumber: "0690000031"}, Description: "November", AllowDuplicate: true},
		CreatedAt: at(time.Second)}
}

func bulkByID(id string) func(store.View) (*payment.Bulk, error) {
	return func(v store.View) (*payment.Bulk, error) { return v.Bulk(id) }
}

func itemsOf(bulk string) func(store.View) ([]*payment.BulkItem, error) {
	return func(v store.View) ([]*payment.BulkItem, error) { return v.BulkItems(bulk) }
}

func (s *suite) addBulk(b *payment.Bulk, items ...*payment.BulkItem) {
	s.Helper()
	s.write(func(tx store.Tx) error {
		if err := tx.InsertBulk(b); err != nil {
			return err
		}
		for _, i := range items {
			if err := tx.InsertBulkItem(i); err != nil {
				return err
			}
		}
		return nil
	})
}

func bulkReadsBack(s *suite) {
	b := fullBulk(1)
	s.addBulk(b)
	same(s, "by id", get(s, bulkByID(b.ID)), b)
	same(s, "by reference", get(s, func(v store.View) (*payment.Bulk, error) { return v.BulkByReference(ada, b.Reference) }), b)
	s.missing(try(s, bulkByID(number(9))))
	s.missing(try(s, func(v store.View) (*payment.Bulk, error) { return v.BulkByReference(bola, b.Reference) }))
	fresh := fullBulk(2)
	fresh.ExecutedAt = nil
	s.addBulk(fresh)
	same(s, "one that was never executed", get(s, bulkByID(fresh.ID)), fresh)
}

func bulkOnce(s *suite) {
	errs := atOnce(12, func(i int) error {
		b := fullBulk(1)
		b.ID = number(i)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertBulk(b) })
	})
	same(s, "how many were made", s.wins(errs, "insert_bulk"), 1)
}

func bulkRace(s *suite) {
	b := fullBulk(1)
	s.addBulk(b)
	errs := atOnce(16, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			if i%2 == 0 {
				return tx.CountBulk(b.ID, payment.Tally{Succeeded: 1, Failed: 2, Open: -3}, at(time.Minute))
			}
			mine := *b
			mine.State, mine.Items, mine.UpdatedAt, mine.ExecutedAt = payment.BulkCompleted, 7, at(time.Minute), ptr(at(time.Hour))
			mine.Totals = map[money.Currency]int64{money.NGN: 7}
			return tx.SaveBulk(&mine)
		})
	})
	same(s, "changes and counts written", s.wins(errs, "save_bulk"), 9)
	got := get(s, bulkByID(b.ID))
	same(s, "the version", got.Version, b.Version+1)
	same(s, "the tally", got.Tally, payment.Tally{Succeeded: 12, Failed: 19, Open: -22})
	same(s, "the state", got.State, payment.BulkCompleted)
	same(s, "the items", got.Items, 7)
	same(s, "the sums", got.Totals, map[money.Currency]int64{money.NGN: 7})
	same(s, "when it was executed", got.ExecutedAt, ptr(at(time.Hour)))
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.CountBulk(number(9), payment.Tally{}, at(0)) }), "count_bulk")
}

func bulkPages(s *suite) {
	var want []string
	for i := range 9 {
		b := fullBulk(i)
		b.CreatedAt = at(time.Duration(i/3) * time.Microsecond)
		if i == 4 {
			b.State = payment.BulkExpired
		}
		s.addBulk(b)
		want = append(want, b.ID)
	}
	place := func(b *payment.Bulk) store.Position { return store.Position{At: b.CreatedAt, ID: b.ID} }
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]*payment.Bulk, error) { return v.BulksNewer(ada, pos, "", 4) }, place)
	same(s, "oldest first", newer, want)
	all := get(s, func(v store.View) ([]*payment.Bulk, error) { return v.BulksAfter(number(6), 9) })
	same(s, "after the seventh", len(all), 2)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]*payment.Bulk, error) { return v.BulksOlder(ada, pos, "", 4) }, place)
	same(s, "newest first", older, want)
	for _, read := range []func(store.View) ([]*payment.Bulk, error){
		func(v store.View) ([]*payment.Bulk, error) { return v.BulksOlder(ada, newest, payment.BulkExpired, 4) },
		func(v store.View) ([]*payment.Bulk, error) { return v.BulksNewer(ada, oldest, payment.BulkExpired, 4) },
	} {
		if rows := get(s, read); len(rows) != 1 || rows[0].ID != number(4) {
			s.Errorf("expired ones: %v, want the fifth alone", rows)
		}
	}
}

func itemsReadBack(s *suite) {
	a, b, c := fullItem(1, 1), fullItem(1, 2), fullItem(1, 3)
	s.addBulk(fullBulk(1), c, a, b)
	other := fullItem(2, 9)
	s.addBulk(fullBulk(2), other)
	p := fullPayout(1)
	p.ID, p.State, p.Failure = b.ID, payment.PayoutFailed, &payment.Failure{Code: "account_closed", Reason: "07"}
	s.write(func(tx store.Tx) error {
		if err := tx.EndBulkItem(b.ID, payment.ItemProcessing, nil); err != nil {
			return err
		}
		return tx.InsertPayout(p)
	})
	paid := *b
	paid.State, paid.Failure, paid.Payout, paid.PayoutFailure = payment.ItemProcessing, nil, payment.PayoutFailed, p.Failure
	same(s, "the items", get(s, itemsOf(number(1))), []*payment.BulkItem{a, &paid, c})
	same(s, "the pending ones", get(s, func(v store.View) ([]*payment.BulkItem, error) { return v.PendingBulkItems(number(1), 1) }), []*payment.BulkItem{a})
	walked := get(s, func(v store.View) ([]*payment.BulkItem, error) { return v.BulkItemsAfter(a.ID, 2) })
	same(s, "after the first", walked, []*payment.BulkItem{&paid, c})
}

func itemReferences(s *suite) {
	i := fullItem(1, 1)
	s.addBulk(fullBulk(1), i)
	with := func(v store.View) (*payment.BulkItem, error) { return v.BulkItemWithReference(ada, i.Reference) }
	same(s, "by reference", get(s, with), i)
	again := fullItem(2, 1)
	again.Reference = i.Reference
	insert := func() error { return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertBulkItem(again) }) }
	s.lost(insert(), "insert_bulk_item")
	s.write(func(tx store.Tx) error { return tx.CancelBulkItems(number(1)) })
	s.missing(try(s, with))
	s.must(insert())
}

func itemRace(s *suite) {
	i, other := fullItem(1, 1), fullItem(1, 2)
	s.addBulk(fullBulk(1), i, other)
	errs := atOnce(12, func(n int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			return tx.EndBulkItem(i.ID, payment.ItemFailed, &payment.Failure{Code: fmt.Sprint(n)})
		})
	})
	same(s, "how often it ended", s.wins(errs, "end_bulk_item"), 1)
	s.write(func(tx store.Tx) error { return tx.CancelBulkItems(number(1)) })
	rows := get(s, itemsOf(number(1)))
	same(s, "the ended one", rows[0].State, payment.ItemFailed)
	same(s, "the other", rows[1].State, payment.ItemCancelled)
}

func bulkEnd(s *suite) {
	b := fullBulk(1)
	b.Tally.Open = 2
	s.addBulk(b)
	errs := atOnce(2, func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			if err := tx.CountBulk(b.ID, payment.Tally{Succeeded: 1, Open: -1}, at(0)); err != nil {
				return err
			}
			return tx.ScheduleBulkEnd("bulk_transfer", b.ID, at(time.Minute))
		})
	})
	for _, err := range errs {
		s.must(err)
	}
	same(s, "when it is due", s.next(0), ptr(at(time.Minute)))
	undecided := func() int64 { return get(s, store.View.CountOpenBulkItems) }
	same(s, "items without an outcome", undecided(), 0)
	s.write(func(tx store.Tx) error { return tx.Unschedule("bulk_transfer", b.ID) })
	open, over := fullBulk(2), fullBulk(3)
	open.Tally.Open = 1
	over.State, over.Tally.Open = payment.BulkCancelled, 0 // nothing of it counts
	s.addBulk(open)
	s.addBulk(over)
	for _, id := range []string{open.ID, over.ID} {
		s.write(func(tx store.Tx) error { return tx.ScheduleBulkEnd("bulk_transfer", id, at(0)) })
	}
	same(s, "one that is not ready, one that was cancelled", s.next(0), nil)
	same(s, "items without an outcome, of those that are executing", undecided(), 1)
}
