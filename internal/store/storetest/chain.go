package storetest

import (
	"fmt"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/store"
)

func chainClaims() []claim {
	return []claim{
		{"entries wait to be sealed in the order of their ids", unsealedInOrder},
		{"a sealed entry is in the chain and waits no more", sealed},
		{"an entry is sealed once", sealedOnce},
		{"a place in the chain is taken once", placeOnce},
		{"the chain and the entries are walked page by page", chainWalked},
	}
}

func (s *suite) addEntries(n int) (all []ledger.Entry) {
	s.Helper()
	for i := range n {
		all = append(all, entry(i+1, "a", "b", int64(i+1)))
	}
	for i := range all {
		s.must(s.post(all[n-1-i]))
	}
	return all
}

func (s *suite) unsealed(limit int) []ledger.Entry {
	s.Helper()
	return get(s, func(v store.View) ([]ledger.Entry, error) { return v.Unsealed(limit) })
}

func unsealedInOrder(s *suite) {
	all := s.addEntries(5)
	same(s, "all that wait", s.unsealed(10), all)
	same(s, "the first two", s.unsealed(2), all[:2])
}

func seal(n int) store.Seal {
	return store.Seal{Seq: int64(n), Entry: number(n), Hash: fmt.Sprint("hash ", n)}
}

func sealed(s *suite) {
	all := s.addEntries(3)
	same(s, "the end of an empty chain", get(s, store.View.LastSeal), store.Seal{})
	for n := 1; n <= 2; n++ {
		s.write(func(tx store.Tx) error { return tx.SealEntry(seal(n)) })
	}
	same(s, "the end of the chain", get(s, store.View.LastSeal), seal(2))
	same(s, "what still waits", s.unsealed(10), all[2:])
}

func sealedOnce(s *suite) {
	s.addEntries(1)
	errs := atOnce(10, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			return tx.SealEntry(store.Seal{Seq: int64(i + 1), Entry: number(1), Hash: "h"})
		})
	})
	same(s, "how many sealed it", s.wins(errs, "number_entry"), 1)
	seals := get(s, func(v store.View) ([]store.Seal, error) { return v.SealsAfter(0, 100) })
	same(s, "links in the chain", len(seals), 1)
}

func placeOnce(s *suite) {
	s.addEntries(2)
	s.write(func(tx store.Tx) error { return tx.SealEntry(seal(1)) })
	err := s.store.Write(s.ctx, func(tx store.Tx) error {
		return tx.SealEntry(store.Seal{Seq: 1, Entry: number(2), Hash: "another"})
	})
	s.lost(err, "insert_seal")
	same(s, "the chain", get(s, func(v store.View) ([]store.Seal, error) { return v.SealsAfter(0, 100) }), []store.Seal{seal(1)})
	same(s, "entries that wait", len(s.unsealed(10)), 1)
}

func chainWalked(s *suite) {
	all := s.addEntries(7)
	for n := 1; n <= 5; n++ {
		s.write(func(tx store.Tx) error { return tx.SealEntry(seal(n)) })
	}
	first := get(s, func(v store.View) ([]store.Seal, error) { return v.SealsAfter(0, 3) })
	rest := get(s, func(v store.View) ([]store.Seal, error) { return v.SealsAfter(3, 3) })
	same(s, "seals", append(first, rest...), []store.Seal{seal(1), seal(2), seal(3), seal(4), seal(5)})
	var entries []store.SealedEntry
	got := walk(s, func(v store.View, after string) (ids []string, err error) {
		rows, err := v.EntriesAfter(after, 3)
		entries = append(entries, rows...)
		for _, e := range rows {
			ids = append(ids, e.ID)
		}
		return ids, err
	})
	same(s, "how many entries", len(got), 7)
	for i, e := range entries {
		want := store.SealedEntry{Entry: all[i]}
		if i < 5 {
			want.Seq = int64(i + 1)
		}
		same(s, fmt.Sprint("entry ", i), e, want)
	}
}
