package storetest

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

func ledgerClaims() []claim {
	return []claim{
		{"an entry reads back with its postings in order", entryReadsBack},
		{"an entry that does not balance is not written", unbalancedRefused},
		{"an entry changes guarded balances at once and others when it is rolled up", balancesFollow},
		{"a guarded balance never falls below zero, and nothing of the attempt remains", neverBelowZero},
		{"of many debits as many come through as there is money", debitRace},
		{"a guarded account that was never opened takes nothing", unopened},
		{"opening an account again changes nothing", openedAgain},
		{"an account has a balance in each currency", currenciesApart},
		{"an entry's id is given once", entryOnce},
	}
}

var (
	purse   = ledger.Wallet("w")
	held    = ledger.Held("w")
	pending = ledger.Pending("w")
)

func balance(s *suite, a ledger.Account) int64 {
	s.Helper()
	return get(s, func(v store.View) (int64, error) { return v.Balance(a, money.NGN) })
}

func (s *suite) post(e ledger.Entry) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.Post(e) })
}

// funded opens wallet and held in NGN and puts an amount into the wallet.
func (s *suite) funded(amount int64) {
	s.Helper()
	for _, a := range []ledger.Account{purse, held} {
		s.write(func(tx store.Tx) error { return tx.OpenBalance(a, money.NGN) })
	}
	s.must(s.post(entry(0, ledger.Outside, purse, amount)))
}

func entryReadsBack(s *suite) {
	two := entry(1, ledger.Rail("card"), ledger.Clearing("card"), 100)
	five := ledger.Entry{ID: number(2), Business: ada, At: at(0), Kind: "k", Object: number(1), Postings: []ledger.Posting{
		{Account: "a", Amount: -3, Currency: money.NGN}, {Account: "a", Amount: -1, Currency: money.NGN}, {Account: "b", Amount: 4, Currency: money.NGN},
		{Account: "c", Amount: 7, Currency: money.USD}, {Account: "d", Amount: -7, Currency: money.USD}}}
	s.must(s.post(two))
	s.must(s.post(five))
	for _, e := range []ledger.Entry{two, five} {
		same(s, "the entry", get(s, func(v store.View) (ledger.Entry, error) { return v.Entry(e.ID) }), e)
	}
	got := get(s, func(v store.View) ([]ledger.Entry, error) { return v.EntriesOf(number(1)) })
	same(s, "the object's entries", got, []ledger.Entry{five, two})
	s.missing(try(s, func(v store.View) (ledger.Entry, error) { return v.Entry(number(9)) }))
	same(s, "stray postings", get(s, store.View.CountStrayPostings), 0)
}

func unbalancedRefused(s *suite) {
	e := entry(1, purse, held, 100)
	e.Postings[1].Amount++
	if err := s.post(e); err == nil {
		s.Error("an entry that is out by 0.01 was written")
	}
	s.missing(try(s, func(v store.View) (ledger.Entry, error) { return v.Entry(e.ID) }))
	same(s, "stray postings", get(s, store.View.CountStrayPostings), 0)
}

func balancesFollow(s *suite) {
	s.funded(1000)
	s.must(s.post(entry(1, pending, purse, 40)))
	same(s, "the wallet", balance(s, purse), 1040)
	same(s, "pending before the roll-up", balance(s, pending), 0)
	for _, minor := range []int64{-40, 15} {
		s.write(func(tx store.Tx) error { return tx.AddToBalance(pending, money.Of(minor, money.NGN)) })
	}
	same(s, "pending after it", balance(s, pending), -25)
	same(s, "all balances", get(s, store.View.Balances), []store.Balance{
		{Account: held, Amount: money.Of(0, money.NGN)}, {Account: pending, Amount: money.Of(-25, money.NGN)}, {Account: purse, Amount: money.Of(1040, money.NGN)}})
}

func neverBelowZero(s *suite) {
	s.funded(100)
	err := s.store.Write(s.ctx, func(tx store.Tx) error {
		if err := tx.SaveSetting("a", "1"); err != nil {
			return err
		}
		return tx.Post(entry(1, purse, held, 101))
	})
	s.lost(err, "change_guarded_balance")
	same(s, "the wallet", balance(s, purse), 100)
	same(s, "held", balance(s, held), 0)
	same(s, "what else the transaction wrote", setting(s, "a"), "")
	s.missing(try(s, func(v store.View) (ledger.Entry, error) { return v.Entry(number(1)) }))
	s.must(s.post(entry(1, purse, held, 100)))
	same(s, "the emptied wallet", balance(s, purse), 0)
}

func debitRace(s *suite) {
	s.funded(100)
	errs := atOnce(60, func(i int) error { return s.post(entry(i+1, purse, held, 10)) })
	same(s, "debits that came through", s.wins(errs, "change_guarded_balance"), 10)
	same(s, "the wallet", balance(s, purse), 0)
	same(s, "held", balance(s, held), 100)
	entries := get(s, func(v store.View) ([]ledger.Entry, error) { return v.EntriesOf(number(1)) })
	same(s, "entries", len(entries), 11)
}

func unopened(s *suite) {
	s.lost(s.post(entry(1, ledger.Outside, purse, 10)), "change_guarded_balance")
	s.missing(try(s, func(v store.View) (ledger.Entry, error) { return v.Entry(number(1)) }))
	same(s, "the wallet", balance(s, purse), 0)
}

func openedAgain(s *suite) {
	s.funded(70)
	s.write(func(tx store.Tx) error { return tx.OpenBalance(purse, money.NGN) })
	same(s, "the wallet", balance(s, purse), 70)
}

func currenciesApart(s *suite) {
	s.funded(70)
	s.write(func(tx store.Tx) error { return tx.OpenBalance(purse, money.USD) })
	in := ledger.Entry{ID: number(5), Business: ada, At: at(0), Kind: "k", Object: "o",
		Postings: ledger.Move(ledger.Outside, purse, money.Of(9, money.USD))}
	s.must(s.post(in))
	same(s, "NGN", balance(s, purse), 70)
	same(s, "USD", get(s, func(v store.View) (int64, error) { return v.Balance(purse, money.USD) }), 9)
}

func entryOnce(s *suite) {
	errs := atOnce(10, func(int) error { return s.post(entry(1, "a", "b", 10)) })
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		}
	}
	same(s, "how many wrote the entry", won, 1)
	same(s, "its postings", len(get(s, func(v store.View) (ledger.Entry, error) { return v.Entry(number(1)) }).Postings), 2)
	same(s, "stray postings", get(s, store.View.CountStrayPostings), 0)
	s.must(s.post(entry(2, "a", "b", 10)))
	same(s, "entries", fmt.Sprint(len(get(s, func(v store.View) ([]ledger.Entry, error) { return v.EntriesOf(number(1)) }))), "2")
}
