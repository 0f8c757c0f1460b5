package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

func idempotencyClaims() []claim {
	return []claim{
		{"a claim reads back as it was written", claimReadsBack},
		{"a key is claimed once for a business", claimOnce},
		{"of many who claim a key at once one wins, and nothing of the others remains", claimRace},
		{"a claim is completed once and keeps its first reply", completedOnce},
		{"a claim is taken over from the owner it was read with", takenOver},
		{"a claim is released by its owner alone", released},
		{"of replays that are noted at once one is kept", replaysNoted},
		{"claims are forgotten by their age", forgotten},
	}
}

func claimOf(key string) func(store.View) (*store.Claim, error) {
	return func(v store.View) (*store.Claim, error) { return v.Claim(ada, key) }
}

func (s *suite) addClaims(all ...*store.Claim) {
	s.Helper()
	for _, c := range all {
		s.write(func(tx store.Tx) error { return tx.InsertClaim(c) })
	}
}

func claimReadsBack(s *suite) {
	done, open := fullClaim("k-1"), openClaim("k-2")
	s.addClaims(done, open)
	same(s, "the completed claim", get(s, claimOf("k-1")), done)
	same(s, "the open claim", get(s, claimOf("k-2")), open)
	s.missing(try(s, claimOf("K-1"))) // keys know capitals
}

func claimOnce(s *suite) {
	s.addClaims(openClaim("k"))
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertClaim(fullClaim("k")) }), "claim_key")
	same(s, "the claim", get(s, claimOf("k")), openClaim("k"))
	other := openClaim("k")
	other.Business = bola
	s.addClaims(other)
}

func claimRace(s *suite) {
	errs := atOnce(40, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			c := openClaim("k")
			c.Owner = fmt.Sprint("host-", i)
			if err := tx.SaveSetting(c.Owner, "began"); err != nil {
				return err
			}
			return tx.InsertClaim(c)
		})
	})
	same(s, "how many won", s.wins(errs, "claim_key"), 1)
	winner := get(s, claimOf("k")).Owner
	for i, err := range errs {
		name, want := fmt.Sprint("host-", i), ""
		if err == nil {
			want = "began"
			same(s, "the winner", winner, name)
		}
		same(s, "what "+name+" left", setting(s, name), want)
	}
}

func completedOnce(s *suite) {
	s.addClaims(openClaim("k"))
	first := fullClaim("k")
	first.ObjectType, first.ObjectID = "refund", number(2)
	s.write(func(tx store.Tx) error { return tx.CompleteClaim(first) })
	same(s, "the claim", get(s, claimOf("k")), first)
	second := fullClaim("k")
	second.Body, second.Status, second.CompletedAt = "another", 200, ptr(at(time.Hour))
	s.write(func(tx store.Tx) error { return tx.CompleteClaim(second) })
	same(s, "the claim after a second reply", get(s, claimOf("k")), first)
}

func takenOver(s *suite) {
	s.addClaims(openClaim("k"))
	errs := atOnce(20, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			return tx.TakeOverClaim(openClaim("k"), fmt.Sprint("host-", i+10), []string{"req_1", "req_2", fmt.Sprint("req_", i)})
		})
	})
	same(s, "how many took it over", s.wins(errs, "take_over_key"), 1)
	same(s, "its request ids", len(get(s, claimOf("k")).RequestIDs), 3)
	s.addClaims(fullClaim("done"))
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.TakeOverClaim(fullClaim("done"), "host-2", nil) }), "take_over_key")
}

func released(s *suite) {
	s.addClaims(openClaim("k"), fullClaim("done"))
	release := func(key, owner string) {
		s.write(func(tx store.Tx) error { return tx.ReleaseClaim(ada, key, owner) })
	}
	release("k", "host-2")
	same(s, "the owner after another's release", get(s, claimOf("k")).Owner, "host-1")
	release("k", "host-1")
	same(s, "the owner after its own", get(s, claimOf("k")).Owner, "")
	release("done", "host-1")
	same(s, "the owner of a completed claim", get(s, claimOf("done")).Owner, "host-1")
}

func replaysNoted(s *suite) {
	s.addClaims(fullClaim("k"))
	note := func(read *store.Claim, id string) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.NoteReplay(read, append(slices.Clone(read.RequestIDs), id)) })
	}
	for _, err := range atOnce(10, func(i int) error { return note(fullClaim("k"), fmt.Sprint("req_x", i)) }) {
		s.must(err)
	}
	got := get(s, claimOf("k"))
	same(s, "how many requests it remembers", len(got.RequestIDs), 3)
	s.must(note(got, "req_last"))
	want := fullClaim("k")
	want.RequestIDs = append(got.RequestIDs, "req_last")
	same(s, "the claim", get(s, claimOf("k")), want)
}

func forgotten(s *suite) {
	old, edge := fullClaim("old"), fullClaim("edge")
	old.CreatedAt = at(-time.Microsecond)
	s.addClaims(old, edge)
	s.write(func(tx store.Tx) error { return tx.ForgetClaim(ada, "edge", at(0)) })
	same(s, "one that is not older", get(s, claimOf("edge")), edge)
	s.write(func(tx store.Tx) error { return tx.ForgetClaim(bola, "old", at(0)) })
	same(s, "another business's", get(s, claimOf("old")), old)
	s.write(func(tx store.Tx) error { return tx.ForgetClaim(ada, "old", at(0)) })
	s.missing(try(s, claimOf("old")))
	s.addClaims(old)
	s.untilDone(func(tx store.Tx) (bool, error) { return tx.ForgetClaims(at(0)) })
	s.missing(try(s, claimOf("old")))
	same(s, "the one that is not older", get(s, claimOf("edge")), edge)
}
