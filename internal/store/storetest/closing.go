package storetest

import (
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func closingClaims() []claim {
	return []claim{
		{"what a write has returned for is there after the store was closed and opened again", durable},
		{"writes that wait while the store closes are durable or refused, and told which", closeWhileWaiting},
		{"a closed store says that it is closed", closedIsBroken},
		{"a store can be closed twice", closedTwice},
	}
}

func durable(s *suite) {
	p := fullPayment(1)
	s.write(func(tx store.Tx) error { return tx.InsertPayment(p) })
	s.again()
	same(s, "the payment", get(s, func(v store.View) (*payment.Payment, error) { return v.Payment(p.ID) }), p)
	s.write(save("a", "1"))
	s.again()
	same(s, "a setting written after the first opening", setting(s, "a"), "1")
}

func closeWhileWaiting(s *suite) {
	const rounds, writers = 8, 64
	for round := range rounds {
		name := func(i int) string { return fmt.Sprint("round ", round, " write ", i) }
		closed := make(chan error, 1)
		errs := atOnce(writers+1, func(i int) error {
			if i == writers/2 {
				closed <- s.store.Close()
				return nil
			}
			return s.store.Write(s.ctx, save(name(i), "kept"))
		})
		s.must(<-closed)
		s.store = s.reopen()
		for i, err := range errs {
			want := "kept"
			switch {
			case i == writers/2:
				continue
			case err != nil && !errors.Is(err, store.ErrBroken):
				s.Errorf("write %d: got error %v, want none or %v", i, err, store.ErrBroken)
			case err != nil:
				want = ""
			}
			same(s, fmt.Sprintf("what %s left (told: %v)", name(i), err), setting(s, name(i)), want)
		}
	}
}

func closedIsBroken(s *suite) {
	s.must(s.store.Close())
	if err := s.store.Write(s.ctx, save("a", "1")); !errors.Is(err, store.ErrBroken) {
		s.Errorf("write: got error %v, want %v", err, store.ErrBroken)
	}
	err := try(s, func(v store.View) (string, error) { return v.Setting("a") })
	if !errors.Is(err, store.ErrBroken) {
		s.Errorf("read: got error %v, want %v", err, store.ErrBroken)
	}
	err = s.store.Snapshot(s.ctx, func(v store.View) error { return nil })
	if !errors.Is(err, store.ErrBroken) {
		s.Errorf("snapshot: got error %v, want %v", err, store.ErrBroken)
	}
	s.store = s.reopen()
}

func closedTwice(s *suite) {
	s.must(s.store.Close())
	s.must(s.store.Close())
	s.store = s.reopen()
}
