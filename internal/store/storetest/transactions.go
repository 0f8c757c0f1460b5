package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func transactionClaims() []claim {
	return []claim{
		{"an error of a write undoes all of its statements", errorUndoesAll},
		{"one write's error among many undoes its own statements alone", errorsAmongMany},
		{"a panic in a write reaches its caller and harms nobody else", panicsAmongMany},
		{"a write sees its own statements", seesItself},
		{"a read sees committed data only", readsCommitted},
		{"a snapshot sees one commit", snapshotIsOneCommit},
		{"a write whose caller has gone before it began changes nothing", goneBefore},
		{"reads that break off harm no later ones", brokenReads},
	}
}

// setting is the shortest durable thing there is.
func setting(s *suite, name string) string {
	s.Helper()
	return get(s, func(v store.View) (string, error) { return v.Setting(name) })
}

func save(name, value string) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.SaveSetting(name, value) }
}

func errorUndoesAll(s *suite) {
	err := s.store.Write(s.ctx, func(tx store.Tx) error {
		if err := errors.Join(tx.SaveSetting("a", "1"), tx.InsertPayment(newPayment(1, 0))); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		s.Errorf("got error %v, want the one of the transaction", err)
	}
	same(s, "setting a", setting(s, "a"), "")
	s.missing(try(s, func(v store.View) (*payment.Payment, error) { return v.Payment(number(1)) }))
}

// many is how many writes are started at once: more than share one commit
// anywhere.
const many = 300

func errorsAmongMany(s *suite) {
	s.write(func(tx store.Tx) error { return tx.InsertPayment(newPayment(1, 0)) })
	errs := atOnce(many, func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			if err := tx.SaveSetting(fmt.Sprint("n", i), "kept"); err != nil {
				return err
			}
			switch i % 3 {
			case 1:
				return errUndo
			case 2:
				return tx.InsertPayment(newPayment(1, 0)) // there already
			}
			return nil
		})
	})
	for i, err := range errs {
		want := ""
		switch {
		case i%3 == 1 && !errors.Is(err, errUndo):
			s.Errorf("write %d: got error %v, want its own", i, err)
		case i%3 == 2 && !store.Lost(err, "insert_payment"):
			s.Errorf("write %d: got error %v, want its conflict", i, err)
		case i%3 == 0:
			s.must(err)
			want = "kept"
		}
		same(s, fmt.Sprint("what write ", i, " left"), setting(s, fmt.Sprint("n", i)), want)
	}
}

func panicsAmongMany(s *suite) {
	caught := make([]any, many)
	errs := atOnce(many, func(i int) error {
		defer func() { caught[i] = recover() }()
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			err := tx.SaveSetting(fmt.Sprint("n", i), "kept")
			if i%10 == 0 {
				panic(i)
			}
			return err
		})
	})
	for i := range many {
		s.must(errs[i])
		if i%10 == 0 {
			same(s, fmt.Sprint("what write ", i, " panicked with"), caught[i], any(i))
			same(s, "what it left", setting(s, fmt.Sprint("n", i)), "")
			continue
		}
		same(s, fmt.Sprint("what write ", i, " panicked with"), caught[i], nil)
		same(s, "what it left", setting(s, fmt.Sprint("n", i)), "kept")
	}
}

func seesItself(s *suite) {
	var inside string
	s.write(func(tx store.Tx) (err error) {
		if err = tx.SaveSetting("a", "1"); err == nil {
			inside, err = tx.Setting("a")
		}
		return err
	})
	same(s, "the setting inside its transaction", inside, "1")
}

// midWrite runs look while a transaction that has written a is not yet committed.
func midWrite(s *suite, look func()) {
	wrote, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.store.Write(s.ctx, func(tx store.Tx) error {
			err := tx.SaveSetting("a", "new")
			close(wrote)
			<-goOn
			return err
		})
	}()
	<-wrote
	look()
	close(goOn)
	s.must(<-done)
}

func readsCommitted(s *suite) {
	s.write(save("a", "old"))
	midWrite(s, func() {
		same(s, "the setting while a write is under way", setting(s, "a"), "old")
		s.must(s.store.Snapshot(s.ctx, func(v store.View) error {
			got, err := v.Setting("a")
			same(s, "the setting in a snapshot meanwhile", got, "old")
			return err
		}))
	})
	same(s, "the setting after it", setting(s, "a"), "new")
}

func snapshotIsOneCommit(s *suite) {
	s.write(save("a", "1"))
	s.must(s.store.Snapshot(s.ctx, func(v store.View) error {
		before, err := v.Setting("a")
		if err != nil {
			return err
		}
		s.write(func(tx store.Tx) error { return errors.Join(tx.SaveSetting("a", "2"), tx.SaveSetting("b", "2")) })
		same(s, "the setting for others", setting(s, "a"), "2")
		after, err := v.Setting("a")
		if err != nil {
			return err
		}
		other, err := v.Setting("b")
		same(s, "the same setting in the snapshot", after, before)
		same(s, "a setting that is younger than the snapshot", other, "")
		return err
	}))
	same(s, "the setting after the snapshot", setting(s, "a"), "2")
}

func goneBefore(s *suite) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	if err := s.store.Write(ctx, save("a", "1")); !errors.Is(err, context.Canceled) {
		s.Errorf("got error %v, want %v", err, context.Canceled)
	}
	same(s, "the setting", setting(s, "a"), "")
}

func brokenReads(s *suite) {
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.InsertBusiness(store.Business{ID: ada, Name: "Ada"}), tx.InsertBusiness(store.Business{ID: bola, Name: "Bola"}))
	})
	snapshot := func(fn func(store.View) error) error { return s.store.Snapshot(s.ctx, fn) }
	for range 20 { // more than any driver has connections for reading
		err := s.store.Read(s.ctx, func(v store.View) error {
			_, err := v.Businesses()
			return errors.Join(err, errUndo)
		})
		if !errors.Is(err, errUndo) {
			s.Errorf("read: got error %v, want its own", err)
		}
		same(s, "what a read panicked with", panicOf(func() { _ = s.store.Read(s.ctx, func(store.View) error { panic("read") }) }), any("read"))
		same(s, "what a snapshot panicked with", panicOf(func() { _ = snapshot(func(store.View) error { panic("snap") }) }), any("snap"))
	}
	s.must(snapshot(func(v store.View) error {
		all, err := v.Businesses()
		same(s, "how many businesses the next one sees", len(all), 2)
		return err
	}))
	s.write(save("a", "1"))
	same(s, "a setting written after them", setting(s, "a"), "1")
}

func panicOf(fn func()) (caught any) {
	defer func() { caught = recover() }()
	fn()
	return nil
}
