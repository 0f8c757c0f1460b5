package storetest

import (
	"slices"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
)

func walletTransactionClaims() []claim {
	return []claim{
		{"a wallet transaction reads back by id and by reference", moveReadsBack},
		{"a reference is given to one wallet transaction of a business", moveReference},
		{"pages of wallet transactions hold each once, narrowed as asked", movePages},
	}
}

func moveByID(id string) func(store.View) (wallet.Transaction, error) {
	return func(v store.View) (wallet.Transaction, error) { return v.WalletTransaction(id) }
}

func (s *suite) addMove(m wallet.Transaction) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertWalletTransaction(m) })
}

func moveReadsBack(s *suite) {
	m, plain := fullMove(1), fullMove(2)
	plain.Reference, plain.Description = "", ""
	s.must(s.addMove(m))
	s.must(s.addMove(plain))
	same(s, "by id", get(s, moveByID(m.ID)), m)
	same(s, "one without a reference", get(s, moveByID(plain.ID)), plain)
	by := func(business, reference string) func(store.View) (wallet.Transaction, error) {
		return func(v store.View) (wallet.Transaction, error) {
			return v.WalletTransactionByReference(business, reference)
		}
	}
	same(s, "by reference", get(s, by(ada, m.Reference)), m)
	s.missing(try(s, by(bola, m.Reference)))
	all := get(s, func(v store.View) ([]wallet.Transaction, error) { return v.WalletTransactionsAfter("", 9) })
	same(s, "all of them", all, []wallet.Transaction{m, plain})
}

func moveReference(s *suite) {
	errs := atOnce(20, func(i int) error {
		m := fullMove(i)
		m.Reference = "mv"
		return s.addMove(m)
	})
	same(s, "how many have it", s.wins(errs, "insert_wallet_transaction"), 1)
}

func movePages(s *suite) {
	var want []string
	for i := range 9 {
		m := fullMove(i)
		m.CreatedAt = at(0)
		if i == 4 {
			m.Wallet, m.Type = number(7), wallet.Debit
		}
		s.must(s.addMove(m))
		want = append(want, m.ID)
	}
	place := func(m wallet.Transaction) store.Position { return store.Position{At: m.CreatedAt, ID: m.ID} }
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]wallet.Transaction, error) {
		return v.WalletTransactionsNewer(ada, pos, store.TransactionFilter{}, 4)
	}, place)
	same(s, "oldest first", newer, want)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]wallet.Transaction, error) {
		return v.WalletTransactionsOlder(ada, pos, store.TransactionFilter{}, 4)
	}, place)
	same(s, "newest first", older, want)
	for _, f := range []store.TransactionFilter{{Wallet: number(7)}, {Type: wallet.Debit}, {Wallet: number(7), Type: wallet.Debit}} {
		down := get(s, func(v store.View) ([]wallet.Transaction, error) { return v.WalletTransactionsOlder(ada, newest, f, 4) })
		up := get(s, func(v store.View) ([]wallet.Transaction, error) { return v.WalletTransactionsNewer(ada, oldest, f, 4) })
		for _, rows := range [][]wallet.Transaction{down, up} {
			if len(rows) != 1 || rows[0].ID != number(4) {
				s.Errorf("%+v gives %v, want the fifth alone", f, rows)
			}
		}
	}
}
