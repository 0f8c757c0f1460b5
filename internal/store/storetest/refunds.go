package storetest

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func refundClaims() []claim {
	return []claim{
		{"a refund reads back as it was written", refundReadsBack},
		{"saving a refund changes what may change and counts its version", refundSaved},
		{"saving a refund at a stale version is a conflict and changes nothing", refundStale},
		{"the same refund reference twice is a conflict", refundReferenceTaken},
		{"refunds without a reference do not meet each other", refundsWithoutReference},
		{"pages of refunds hold each once, also where times are equal", refundPages},
		{"the audit's walk meets every refund once", refundsWalked},
	}
}

func refundByID(id string) func(store.View) (*payment.Refund, error) {
	return func(v store.View) (*payment.Refund, error) { return v.Refund(id) }
}

func (s *suite) addRefunds(all ...*payment.Refund) {
	s.Helper()
	for _, r := range all {
		s.write(func(tx store.Tx) error { return tx.InsertRefund(r) })
	}
}

func refundReadsBack(s *suite) {
	full, bare := fullRefund(1), fullRefund(2)
	bare.Reference, bare.Failure, bare.Reason = "", nil, ""
	s.addRefunds(full, bare)
	for _, r := range []*payment.Refund{full, bare} {
		same(s, "the refund", get(s, refundByID(r.ID)), r)
	}
	byReference := func(business, reference string) func(store.View) (*payment.Refund, error) {
		return func(v store.View) (*payment.Refund, error) { return v.RefundByReference(business, reference) }
	}
	same(s, "the refund by its reference", get(s, byReference(ada, full.Reference)), full)
	s.missing(try(s, byReference(bola, full.Reference)))
	s.missing(try(s, byReference(ada, "")))
	s.missing(try(s, refundByID(number(9))))
}

func refundSaved(s *suite) {
	s.addRefunds(fullRefund(1))
	want := fullRefund(1)
	want.State, want.Failure, want.Steps, want.UpdatedAt = payment.RefundSucceeded, nil, 2, at(time.Hour)
	changed := *want
	changed.Amount.Minor, changed.Reference, changed.Source = 1, "another", payment.FromPending
	s.write(func(tx store.Tx) error { return tx.SaveRefund(&changed) })
	want.Version++
	same(s, "the refund", get(s, refundByID(number(1))), want)
}

func refundStale(s *suite) {
	s.addRefunds(fullRefund(1))
	errs := atOnce(20, func(int) error {
		r := fullRefund(1)
		r.State = payment.RefundFailed
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveRefund(r) })
	})
	same(s, "how many saved the same version", s.wins(errs, "save_refund"), 1)
	same(s, "the version", get(s, refundByID(number(1))).Version, 4)
}

func refundReferenceTaken(s *suite) {
	s.addRefunds(fullRefund(1))
	twin := fullRefund(2)
	twin.Reference = fullRefund(1).Reference
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertRefund(twin) }), "insert_refund")
	s.missing(try(s, refundByID(twin.ID)))
	twin.Business = bola
	s.addRefunds(twin)
}

func refundsWithoutReference(s *suite) {
	for n := range 3 {
		r := fullRefund(n)
		r.Reference = ""
		s.addRefunds(r)
		same(s, "the refund", get(s, refundByID(r.ID)), r)
	}
}

func refundPages(s *suite) {
	want := []string{}
	for n := range 13 {
		r := fullRefund(n)
		r.CreatedAt = at(time.Duration(n/4) * time.Microsecond)
		s.addRefunds(r)
		want = append(want, r.ID)
	}
	other := fullRefund(50)
	other.PaymentID = number(2)
	s.addRefunds(other)
	place := func(r *payment.Refund) store.Position { return store.Position{At: r.CreatedAt, ID: r.ID} }
	up := func(v store.View, pos store.Position) ([]*payment.Refund, error) {
		return v.RefundsNewer(number(1), pos, 4)
	}
	down := func(v store.View, pos store.Position) ([]*payment.Refund, error) {
		return v.RefundsOlder(number(1), pos, 4)
	}
	same(s, "towards newer", pages(s, oldest, up, place), want)
	slices.Reverse(want)
	same(s, "towards older", pages(s, newest, down, place), want)
}

func refundsWalked(s *suite) {
	want := []string{}
	for n := range 5 {
		s.addRefunds(fullRefund(n))
		want = append(want, number(n))
	}
	got := walk(s, func(v store.View, after string) (ids []string, err error) {
		rows, err := v.RefundsAfter(after, 3)
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return ids, err
	})
	same(s, "ids", got, want)
}
