package storetest

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

func depositClaims() []claim {
	return []claim{
		{"a deposit reads back by id, by its transfer and by its payment", depositReadsBack},
		{"a transfer makes one deposit however many see it at once", depositOnce},
		{"a deposit is written once for the version it was made from", depositRace},
		{"pages of deposits hold each listed one once, narrowed as asked", depositPages},
	}
}

func depositByID(id string) func(store.View) (*deposit.Deposit, error) {
	return func(v store.View) (*deposit.Deposit, error) { return v.Deposit(id) }
}

func (s *suite) addDeposit(d *deposit.Deposit) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertDeposit(d) })
}

func depositReadsBack(s *suite) {
	d, plain := fullDeposit(1), fullDeposit(2)
	plain.PaymentID, plain.WalletID, plain.CustomerID, plain.Listed, plain.Details = "", "", "", false, deposit.Details{}
	s.must(s.addDeposit(d))
	s.must(s.addDeposit(plain))
	same(s, "by id", get(s, depositByID(d.ID)), d)
	same(s, "one that has only what it must", get(s, depositByID(plain.ID)), plain)
	by := func(rail, reference string) func(store.View) (*deposit.Deposit, error) {
		return func(v store.View) (*deposit.Deposit, error) { return v.DepositByTransfer(rail, reference) }
	}
	same(s, "by its transfer", get(s, by("nuban", d.Reference)), d)
	s.missing(try(s, by("ach", d.Reference)))
	s.missing(try(s, depositByID(number(9))))
	of := func(p string) []*deposit.Deposit {
		return get(s, func(v store.View) ([]*deposit.Deposit, error) { return v.DepositsOfPayment(p) })
	}
	same(s, "of its payment", of(number(1)), []*deposit.Deposit{d})
	same(s, "of no payment", of(""), nil)
	all := get(s, func(v store.View) ([]*deposit.Deposit, error) { return v.DepositsAfter(number(1), 9) })
	same(s, "those after the first", all, []*deposit.Deposit{plain})
}

func depositOnce(s *suite) {
	errs := atOnce(20, func(i int) error {
		d := fullDeposit(1)
		d.ID = number(100 + i)
		return s.addDeposit(d)
	})
	same(s, "deposits written", s.wins(errs, "insert_deposit"), 1)
}

func depositRace(s *suite) {
	d := fullDeposit(1)
	d.State = deposit.Held
	s.must(s.addDeposit(d))
	errs := atOnce(20, func(int) error {
		mine := *d
		mine.State, mine.Listed, mine.Steps, mine.UpdatedAt = deposit.Returning, false, 7, at(time.Minute)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveDeposit(&mine) })
	})
	same(s, "changes written", s.wins(errs, "save_deposit"), 1)
	d.State, d.Listed, d.Steps, d.UpdatedAt, d.Version = deposit.Returning, false, 7, at(time.Minute), d.Version+1
	same(s, "the deposit", get(s, depositByID(d.ID)), d)
}

func depositPages(s *suite) {
	var want []string
	for i := range 9 {
		d := fullDeposit(i)
		d.CreatedAt = at(time.Duration(i/3) * time.Microsecond)
		if i == 4 {
			d.Amount.Currency, d.State, d.WalletID = money.USD, deposit.Returned, "w-2"
		}
		s.must(s.addDeposit(d))
		want = append(want, d.ID)
	}
	hidden := fullDeposit(20)
	hidden.Listed = false
	s.must(s.addDeposit(hidden))
	place := func(d *deposit.Deposit) store.Position { return store.Position{At: d.CreatedAt, ID: d.ID} }
	ever := store.Span{From: time.UnixMicro(0), To: newest.At}
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]*deposit.Deposit, error) {
		return v.DepositsNewer(ada, pos, ever, store.DepositFilter{}, 4)
	}, place)
	same(s, "oldest first", newer, want)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]*deposit.Deposit, error) {
		return v.DepositsOlder(ada, pos, ever, store.DepositFilter{}, 4)
	}, place)
	same(s, "newest first", older, want)
	either := [2]deposit.State{deposit.Returning, deposit.Returned}
	for _, f := range []store.DepositFilter{{States: either}, {Wallet: "w-2"}, {Currency: money.USD}, {States: either, Wallet: "w-2", Currency: money.USD}} {
		down := get(s, func(v store.View) ([]*deposit.Deposit, error) { return v.DepositsOlder(ada, newest, ever, f, 4) })
		up := get(s, func(v store.View) ([]*deposit.Deposit, error) { return v.DepositsNewer(ada, oldest, ever, f, 4) })
		for _, rows := range [][]*deposit.Deposit{down, up} {
			if len(rows) != 1 || rows[0].ID != number(4) {
				s.Errorf("%+v gives %v, want the fifth deposit alone", f, rows)
			}
		}
	}
}
