package storetest

import (
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/store"
)

func businessClaims() []claim {
	return []claim{
		{"businesses read back oldest first", businesses},
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
