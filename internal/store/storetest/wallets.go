package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
)

func walletClaims() []claim {
	return []claim{
		{"a wallet is opened once for an owner and a currency", walletsOpen},
		{"a wallet's status is written once for the version it was made from", walletRace},
		{"pages of wallets hold each once, narrowed as asked", walletPages},
		{"a wallet's events come newest first", walletEvents},
		{"an account number is given once", accountNumbers},
	}
}

func walletByID(id string) func(store.View) (wallet.Wallet, error) {
	return func(v store.View) (wallet.Wallet, error) { return v.Wallet(id) }
}

func eventsOfWallet(id string) func(store.View) ([]wallet.Happening, error) {
	return func(v store.View) ([]wallet.Happening, error) { return v.WalletEvents(id, 2) }
}

func (s *suite) addWallets(all ...wallet.Wallet) {
	s.Helper()
	for _, w := range all {
		s.write(func(tx store.Tx) error { return tx.AddWallet(w) })
	}
}

func walletsOpen(s *suite) {
	own := fullWallet(1)
	own.Owner, own.CustomerID = ada, ""
	again, customers := own, fullWallet(3)
	again.ID = number(2)
	for _, one := range []wallet.Wallet{own, again, customers} {
		s.write(func(tx store.Tx) error { return tx.InsertWallet(one) })
	}
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.AddWallet(again) }), "insert_wallet")
	of := func(owner string, c money.Currency) func(store.View) (wallet.Wallet, error) {
		return func(v store.View) (wallet.Wallet, error) { return v.WalletOf(ada, owner, c) }
	}
	same(s, "the business's wallet", get(s, of(ada, money.NGN)), own)
	same(s, "the customer's wallet", get(s, of("c-1", money.NGN)), customers)
	same(s, "the wallet by its id", get(s, walletByID(number(3))), customers)
	s.missing(try(s, of(ada, money.USD)))
	s.missing(try(s, walletByID(number(2))))
	same(s, "all wallets", get(s, store.View.Wallets), []wallet.Wallet{own, customers})
	mine := get(s, func(v store.View) ([]wallet.Wallet, error) { return v.WalletsOfCustomer("c-1") })
	same(s, "the customer's wallets", mine, []wallet.Wallet{customers})
	none := get(s, func(v store.View) ([]wallet.Wallet, error) { return v.WalletsOfCustomer("") })
	same(s, "wallets of nobody", none, nil)
}

func walletRace(s *suite) {
	w := fullWallet(1)
	s.addWallets(w)
	errs := atOnce(20, func(int) error {
		mine := w
		mine.Owner, mine.Status, mine.UpdatedAt = mine.ID, wallet.Deleted, at(time.Minute)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveWallet(mine) })
	})
	same(s, "changes written", s.wins(errs, "save_wallet"), 1)
	w.Owner, w.Status, w.UpdatedAt, w.Version = w.ID, wallet.Deleted, at(time.Minute), w.Version+1
	same(s, "the wallet", get(s, walletByID(w.ID)), w)
	s.addWallets(fullWallet(2)) // its place is free again
}

func walletPages(s *suite) {
	var want []string
	for i := range 9 {
		w := fullWallet(i)
		w.Owner, w.CreatedAt = fmt.Sprint("c-", i), at(time.Duration(i/3)*time.Microsecond)
		w.CustomerID = w.Owner
		if i == 4 {
			w.Currency, w.Status = money.USD, wallet.Active
		}
		s.addWallets(w)
		want = append(want, w.ID)
	}
	place := func(w wallet.Wallet) store.Position { return store.Position{At: w.CreatedAt, ID: w.ID} }
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]wallet.Wallet, error) {
		return v.WalletsNewer(ada, pos, store.WalletFilter{}, 4)
	}, place)
	same(s, "oldest first", newer, want)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]wallet.Wallet, error) {
		return v.WalletsOlder(ada, pos, store.WalletFilter{}, 4)
	}, place)
	same(s, "newest first", older, want)
	for _, f := range []store.WalletFilter{{Currency: money.USD}, {Status: wallet.Active}, {Currency: money.USD, Status: wallet.Active}} {
		down := get(s, func(v store.View) ([]wallet.Wallet, error) { return v.WalletsOlder(ada, newest, f, 4) })
		up := get(s, func(v store.View) ([]wallet.Wallet, error) { return v.WalletsNewer(ada, oldest, f, 4) })
		for _, rows := range [][]wallet.Wallet{down, up} {
			if len(rows) != 1 || rows[0].ID != number(4) {
				s.Errorf("%+v gives %v, want the fifth wallet alone", f, rows)
			}
		}
	}
}

func walletEvents(s *suite) {
	h := func(n int) wallet.Happening {
		return wallet.Happening{ID: number(n), Wallet: "w", Number: int64(n), Action: "frozen", Reason: "“lost”", At: at(0)}
	}
	for _, n := range []int{2, 0, 1} {
		s.write(func(tx store.Tx) error { return tx.InsertWalletEvent(h(n)) })
	}
	same(s, "the last two", get(s, eventsOfWallet("w")), []wallet.Happening{h(2), h(1)})
}

func accountNumbers(s *suite) {
	of := func(n int) func(store.View) (wallet.Account, error) {
		return func(v store.View) (wallet.Account, error) { return v.WalletAccount(number(n)) }
	}
	a := fullAccount(1)
	again := a
	again.ID = number(80)
	for _, one := range []wallet.Account{a, again, fullAccount(2)} {
		s.write(func(tx store.Tx) error { return tx.InsertWalletAccount(one) })
	}
	same(s, "the account before it has a number", get(s, of(1)), a)
	give := func(n int, number string) error {
		b := fullAccount(n)
		b.Number, b.BankCode, b.BankName = number, "999002", "Slow Bank"
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.IssueWalletAccount(b, at(time.Minute)) })
	}
	s.must(give(1, "9900000425"))
	s.lost(give(1, "9900000426"), "issue_wallet_account")
	s.lost(give(2, "9900000425"), "issue_wallet_account")
	a.Number, a.BankCode, a.BankName, a.IssuedAt = "9900000425", "999002", "Slow Bank", ptr(at(time.Minute))
	same(s, "the account", get(s, of(1)), a)
	same(s, "by its number", get(s, func(v store.View) (wallet.Account, error) { return v.WalletAccountByNumber("9900000425") }), a)
	s.missing(try(s, of(9)))
}

func shutClaims() []claim {
	return []claim{
		{"a shut account takes and gives nothing until it is open again", shutAccount},
		{"an account closes only when it is empty", closedAccount},
		{"of a freeze and many movements at once, each movement comes before it or not at all", freezeRace},
		{"money between the same two accounts in both directions at once does not get stuck", crossing},
		{"an unguarded balance shows what is not rolled up yet", freshBalance},
	}
}

func (s *suite) shut(a ledger.Account, shut bool) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.ShutBalance(a, money.NGN, shut) })
}

func shutAccount(s *suite) {
	s.funded(100)
	s.must(s.shut(purse, true))
	s.lost(s.post(entry(1, purse, held, 10)), "change_guarded_balance")
	s.lost(s.post(entry(1, ledger.Outside, purse, 10)), "change_guarded_balance")
	same(s, "the frozen purse", balance(s, purse), 100)
	s.must(s.shut(purse, false))
	s.must(s.post(entry(1, purse, held, 10)))
	s.lost(s.shut("wallet:none", true), "shut_balance")
}

func closedAccount(s *suite) {
	s.funded(100)
	closing := func() error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.CloseBalance(purse, money.NGN) })
	}
	s.lost(closing(), "close_balance")
	s.must(s.post(entry(1, purse, held, 100)))
	s.must(closing())
	s.lost(s.post(entry(2, ledger.Outside, purse, 10)), "change_guarded_balance")
}

func freezeRace(s *suite) {
	s.funded(0 + 1)
	errs := atOnce(40, func(i int) error {
		if i == 20 {
			return s.shut(purse, true)
		}
		return s.post(entry(i+1, ledger.Outside, purse, 1))
	})
	s.must(errs[20])
	moved := s.wins(errs, "change_guarded_balance") - 1
	same(s, "the purse", balance(s, purse), int64(moved)+1)
	s.lost(s.post(entry(99, ledger.Outside, purse, 1)), "change_guarded_balance")
}

func crossing(s *suite) {
	other := ledger.Wallet("v")
	s.funded(1000)
	s.write(func(tx store.Tx) error { return tx.OpenBalance(other, money.NGN) })
	s.must(s.post(entry(900, ledger.Outside, other, 1000)))
	errs := atOnce(60, func(i int) error {
		from, to := purse, other
		if i%2 == 0 {
			from, to = to, from
		}
		return s.post(entry(i+1, from, to, 1))
	})
	same(s, "how many came through", s.wins(errs, "change_guarded_balance"), 60)
}

func freshBalance(s *suite) {
	s.funded(100)
	now := func(v store.View) (int64, error) { return v.BalanceNow(pending, money.NGN) }
	s.must(s.post(entry(1, purse, pending, 30)))
	same(s, "before it is rolled up", get(s, now), 30)
	s.write(func(tx store.Tx) error {
		if err := tx.SealEntry(store.Seal{Seq: 1, Entry: number(1), Hash: "h"}); err != nil {
			return err
		}
		return tx.AddToBalance(pending, money.Of(30, money.NGN))
	})
	same(s, "after it", get(s, now), 30)
}
