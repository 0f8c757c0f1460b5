package storetest

import (
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func paymentClaims() []claim {
	return []claim{
		{"a payment reads back as it was written", paymentReadsBack},
		{"a reference belongs to its business", referencesApart},
		{"saving a payment changes what may change and counts its version", paymentSaved},
		{"saving at a stale version is a conflict and changes nothing", paymentStale},
		{"of many who save the same version one wins", paymentRace},
		{"the same reference twice is a conflict, and nothing else of that transaction remains", referenceTaken},
		{"of many who take a reference at once one wins", referenceRace},
		{"payments are counted by state since a moment", paymentsCounted},
		{"a payment alike is the newest of the same payer and money that has not failed", paymentAlike},
		{"a customer's payments by a method add up since a moment, without those that came to nothing", customerSum},
		{"the audit's walk meets every payment once", paymentsWalked},
	}
}

func paymentByID(id string) func(store.View) (*payment.Payment, error) {
	return func(v store.View) (*payment.Payment, error) { return v.Payment(id) }
}

func paymentByReference(business, reference string) func(store.View) (*payment.Payment, error) {
	return func(v store.View) (*payment.Payment, error) { return v.PaymentByReference(business, reference) }
}

func (s *suite) addPayments(all ...*payment.Payment) {
	s.Helper()
	for _, p := range all {
		s.write(func(tx store.Tx) error { return tx.InsertPayment(p) })
	}
}

func paymentReadsBack(s *suite) {
	full, fresh := fullPayment(1), newPayment(2, 0)
	fresh.Fixed.Metadata, fresh.Fixed.RedirectURL = nil, ""
	s.addPayments(full, fresh)
	for _, p := range []*payment.Payment{full, fresh} {
		same(s, "the payment by its id", get(s, paymentByID(p.ID)), p)
		same(s, "the payment by its reference", get(s, paymentByReference(p.Business, p.Reference)), p)
	}
	s.missing(try(s, paymentByID(number(9))))
}

func referencesApart(s *suite) {
	one, other := newPayment(1, 0), newPayment(2, 0)
	other.Business, other.Reference = bola, one.Reference
	s.addPayments(one, other)
	same(s, "ada's", get(s, paymentByReference(ada, one.Reference)), one)
	same(s, "bola's", get(s, paymentByReference(bola, one.Reference)), other)
	s.missing(try(s, paymentByReference(bola, "ORD_1"))) // references know capitals
}

func paymentSaved(s *suite) {
	s.addPayments(newPayment(1, 0))
	p := get(s, paymentByID(number(1)))
	want := fullPayment(1)
	want.Version, want.State = 1, payment.Captured
	want.UpdatedAt, want.ExpiresAt = at(time.Hour), at(2*time.Hour)
	changed := *want
	changed.Version = p.Version
	changed.Amount, changed.Reference, changed.CustomerID, changed.Fixed = money.Of(1, money.USD), "another", "another", payment.Fixed{}
	s.write(func(tx store.Tx) error { return tx.SavePayment(&changed) })
	want.Fixed, want.CreatedAt = p.Fixed, p.CreatedAt
	same(s, "the payment", get(s, paymentByID(p.ID)), want)
}

func paymentStale(s *suite) {
	s.addPayments(newPayment(1, 0))
	read := get(s, paymentByID(number(1)))
	s.write(func(tx store.Tx) error { return tx.SavePayment(read) })
	now := get(s, paymentByID(number(1)))
	err := s.store.Write(s.ctx, func(tx store.Tx) error {
		if err := tx.SaveSetting("a", "1"); err != nil {
			return err
		}
		stale := *read
		stale.State = payment.Failed
		return tx.SavePayment(&stale)
	})
	s.lost(err, "save_payment")
	same(s, "the payment after it", get(s, paymentByID(number(1))), now)
	same(s, "what else the transaction wrote", setting(s, "a"), "")
}

func paymentRace(s *suite) {
	s.addPayments(newPayment(1, 0))
	errs := atOnce(40, func(i int) error {
		p := newPayment(1, 0)
		p.Steps = int64(i)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SavePayment(p) })
	})
	same(s, "how many won", s.wins(errs, "save_payment"), 1)
	same(s, "the version", get(s, paymentByID(number(1))).Version, 1)
}

func referenceTaken(s *suite) {
	s.addPayments(newPayment(1, 0))
	err := s.store.Write(s.ctx, func(tx store.Tx) error {
		if err := tx.SaveSetting("a", "1"); err != nil {
			return err
		}
		twin := newPayment(2, 0)
		twin.Reference = newPayment(1, 0).Reference
		if err := tx.InsertPayment(twin); err != nil {
			return err
		}
		return tx.Schedule("payment", twin.ID, ada, at(0))
	})
	s.lost(err, "insert_payment")
	s.missing(try(s, paymentByID(number(2))))
	same(s, "what else the transaction wrote", setting(s, "a"), "")
	same(s, "its job", get(s, func(v store.View) (int64, error) { return v.CountDueJobs(at(time.Hour)) }), 0)
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { // the same id under another reference is no second payment either
		p := newPayment(1, 0)
		p.Reference = "another"
		return tx.InsertPayment(p)
	}), "insert_payment")
}

func referenceRace(s *suite) {
	errs := atOnce(40, func(i int) error {
		p := newPayment(i, 0)
		p.Reference = "ord_1"
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertPayment(p) })
	})
	same(s, "how many won", s.wins(errs, "insert_payment"), 1)
	for i, err := range errs {
		if err == nil {
			same(s, "the winner", get(s, paymentByReference(ada, "ord_1")).ID, number(i))
		}
	}
}

func paymentsCounted(s *suite) {
	old, edge, young, other := newPayment(1, -time.Hour), newPayment(2, 0), newPayment(3, time.Hour), newPayment(4, time.Hour)
	young.State, other.Business = payment.Captured, bola
	s.addPayments(old, edge, young, other)
	got := get(s, func(v store.View) (map[payment.State]int64, error) { return v.CountPayments(ada, at(0)) })
	same(s, "counts", got, map[payment.State]int64{payment.Created: 1, payment.Captured: 1})
}

func paymentAlike(s *suite) {
	for n := range 12 {
		p := newPayment(n, time.Duration(n)*time.Minute)
		switch n {
		case 6:
			p.CustomerID = "another"
		case 7:
			p.Amount.Minor++
		case 8:
			p.Amount.Currency = money.USD
		case 9:
			p.Business = bola
		case 10:
			p.State = payment.Failed
		case 11:
			p.State = payment.Expired
		}
		s.addPayments(p)
	}
	alike := func(after time.Duration) func(store.View) (*payment.Payment, error) {
		return func(v store.View) (*payment.Payment, error) {
			return v.PaymentAlike(ada, "c-1", money.Of(250000, money.NGN), at(after))
		}
	}
	same(s, "the newest alike", get(s, alike(0)).ID, number(5))
	s.missing(try(s, alike(5*time.Minute)))
}

func customerSum(s *suite) {
	for n, p := range []struct {
		after    time.Duration
		state    payment.State
		method   string
		customer string
	}{
		{0, payment.Created, payment.MethodInterac, "c-1"}, {time.Minute, payment.Settled, payment.MethodInterac, "c-1"},
		{-time.Minute, payment.Settled, payment.MethodInterac, "c-1"}, {time.Minute, payment.Failed, payment.MethodInterac, "c-1"},
		{time.Minute, payment.Cancelled, payment.MethodInterac, "c-1"}, {time.Minute, payment.Expired, payment.MethodInterac, "c-1"},
		{time.Minute, payment.Settled, payment.MethodCard, "c-1"}, {time.Minute, payment.Settled, payment.MethodInterac, "c-2"},
	} {
		one := newPayment(n, p.after)
		one.State, one.Method, one.CustomerID = p.state, p.method, p.customer
		s.addPayments(one)
	}
	sum := func(customer string) int64 {
		return get(s, func(v store.View) (int64, error) { return v.SumOfCustomer(ada, customer, at(0), payment.MethodInterac) })
	}
	same(s, "the sum", sum("c-1"), 2*250000)
	same(s, "of one with other payments", sum("c-2"), 250000)
	same(s, "of nobody", sum("c-3"), 0)
}

func paymentsWalked(s *suite) {
	want := []string{}
	for n := range 7 {
		s.addPayments(newPayment(n, time.Duration(-n)*time.Minute))
		want = append(want, number(n))
	}
	got := walk(s, func(v store.View, after string) (ids []string, err error) {
		rows, err := v.PaymentsAfter(after, 3)
		for _, p := range rows {
			ids = append(ids, p.ID)
		}
		return ids, err
	})
	same(s, "ids", got, want)
}

// walk reads pages of at most 3 in the order of their keys to the end.
func walk(s *suite, page func(v store.View, after string) ([]string, error)) []string {
	s.Helper()
	out, after := []string{}, ""
	for range 100 {
		keys := get(s, func(v store.View) ([]string, error) { return page(v, after) })
		if len(keys) > 3 {
			s.Fatalf("a page of 3 holds %d", len(keys))
		}
		out = append(out, keys...)
		if len(keys) < 3 {
			return out
		}
		after = keys[len(keys)-1]
	}
	s.Fatal(fmt.Sprint("the walk does not end: ", out))
	return nil
}
