package storetest

import (
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

func businessClaims() []claim {
	return []claim{
		{"businesses read back oldest first", businesses},
		{"a wallet is opened once for an owner and a currency", wallets},
		{"a customer is made once for an e-mail and a business", customers},
		{"a setting keeps its last value", settings},
		{"a new encryption key retires the others and comes first", encryptionKeys},
	}
}

func businesses(s *suite) {
	first := store.Business{ID: bola, SecretID: "s-1", Name: "Bola", CreatedAt: at(0)}
	second := store.Business{ID: ada, SecretID: "s-2", Name: "Ada", CreatedAt: at(1000)}
	s.write(func(tx store.Tx) error { return errors.Join(tx.InsertBusiness(second), tx.InsertBusiness(first)) })
	same(s, "businesses", get(s, store.View.Businesses), []store.Business{first, second})
}

func wallets(s *suite) {
	w := store.Wallet{ID: number(1), Business: ada, Owner: ada, Currency: money.NGN, Status: "active", CreatedAt: at(0)}
	again, customers := w, w
	again.ID = number(2)
	customers.ID, customers.Owner = number(3), "c-1"
	for _, one := range []store.Wallet{w, again, customers} {
		s.write(func(tx store.Tx) error { return tx.InsertWallet(one) })
	}
	of := func(owner string, c money.Currency) func(store.View) (store.Wallet, error) {
		return func(v store.View) (store.Wallet, error) { return v.WalletOf(ada, owner, c) }
	}
	same(s, "the business's wallet", get(s, of(ada, money.NGN)), w)
	same(s, "the customer's wallet", get(s, of("c-1", money.NGN)), customers)
	s.missing(try(s, of(ada, money.USD)))
	same(s, "all wallets", get(s, store.View.Wallets), []store.Wallet{w, customers})
}

func customers(s *suite) {
	put := func(id, business, email string) {
		s.write(func(tx store.Tx) error { return tx.InsertCustomer(id, business, email, []byte(`{"a":1}`), at(0)) })
	}
	put("c-1", ada, "ada@example.com")
	put("c-2", ada, "ada@example.com")
	put("c-3", bola, "ada@example.com")
	of := func(business, email string) func(store.View) (string, error) {
		return func(v store.View) (string, error) { return v.CustomerByEmail(business, email) }
	}
	same(s, "ada's customer", get(s, of(ada, "ada@example.com")), "c-1")
	same(s, "bola's customer", get(s, of(bola, "ada@example.com")), "c-3")
	s.missing(try(s, of(ada, "other@example.com")))
	errs := atOnce(20, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			return tx.InsertCustomer(fmt.Sprint("x", i), ada, "new@example.com", nil, at(0))
		})
	})
	same(s, "made at once", s.wins(errs, "insert_customer"), 20)
}

func settings(s *suite) {
	same(s, "a setting that was never saved", setting(s, "a"), "")
	s.write(save("a", "1"))
	s.write(save("a", "2"))
	same(s, "the setting", setting(s, "a"), "2")
	s.write(func(tx store.Tx) error { return tx.ClearSetting("a") })
	same(s, "the setting once forgotten", setting(s, "a"), "")
	errs := atOnce(20, func(n int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.ClaimSetting("first", fmt.Sprint(n)) })
	})
	same(s, "how many gave a setting that is given once", s.wins(errs, "claim_setting"), 1)
}

func encryptionKeys(s *suite) {
	for n := range 3 {
		k := store.EncryptionKey{ID: number(n), Sealed: fmt.Sprint("sealed ", n), CreatedAt: at(0).AddDate(0, 0, n)}
		s.write(func(tx store.Tx) error { return tx.AddEncryptionKey(k) })
	}
	day := func(n int) store.EncryptionKey {
		return store.EncryptionKey{ID: number(n), Sealed: fmt.Sprint("sealed ", n), CreatedAt: at(0).AddDate(0, 0, n), RetiredAt: ptr(at(0).AddDate(0, 0, n+1))}
	}
	current := day(2)
	current.RetiredAt = nil
	same(s, "encryption keys", get(s, store.View.EncryptionKeys), []store.EncryptionKey{current, day(1), day(0)})
}
