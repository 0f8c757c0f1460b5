package scripted

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/rail"
)

func TestInstructionsThatArriveTogetherShareACommit(t *testing.T) {
	w := newTown(t)
	hold, held := make(chan struct{}), make(chan struct{})
	blocked := w.writer.submit(func(*txn) error { close(held); <-hold; return nil })
	<-held
	before := w.writer.commits.Load()
	const n = 50
	var calls []*call
	for i := range n {
		calls = append(calls, w.send(t.Context(), charge(fmt.Sprintf("p/%d", i), approvedCard)))
	}
	for len(w.writer.queue) < n { // they are on their way
		select {
		case <-t.Context().Done():
			t.Fatal("the operations never queued")
		default:
		}
	}
	close(hold)
	for _, c := range calls {
		if r, err := c.answer(); err != nil || r.State != rail.Approved {
			t.Errorf("answered %+v, %v", r, err)
		}
	}
	if err := w.writer.settle(blocked); err != nil {
		t.Error(err)
	}
	if got := w.writer.commits.Load() - before; got > 2 {
		t.Errorf("%d instructions took %d commits", n, got)
	}
	if e, err := w.Statement(t.Context(), rail.Filter{Limit: 100}); err != nil || len(e) != n {
		t.Errorf("%d entries, %v", len(e), err)
	}
}

func TestAFailedOperationUndoesItselfAlone(t *testing.T) {
	w := newTown(t)
	boom := errors.New("boom")
	hold, held := make(chan struct{}), make(chan struct{})
	w.writer.submit(func(*txn) error { close(held); <-hold; return nil })
	<-held
	book := func(ref string, err error) *operation {
		return w.writer.submit(func(t *txn) error {
			if _, taken := t.take(railCard, charge(ref, approvedCard)); taken != nil {
				return taken
			}
			return err
		})
	}
	first, second, third := book("p/1", nil), book("p/2", boom), book("p/3", nil)
	close(hold)
	if err := errors.Join(w.writer.settle(first), w.writer.settle(third)); err != nil {
		t.Error(err)
	}
	if err := w.writer.settle(second); !errors.Is(err, boom) {
		t.Errorf("the failed operation gave %v", err)
	}
	w.books("p/1 in execution 100", "p/3 in execution 100")
}

func TestAClosedBankSaysSo(t *testing.T) {
	w := newTown(t)
	bank := w.Bank
	w.close()
	if _, err := bank.Execute(t.Context(), charge("p/1", approvedCard)); !errors.Is(err, errClosed) {
		t.Errorf("Execute: %v", err)
	}
	w.open()
	w.status("p/1", rail.NotFound)
}

func TestMalformedInstructionsAreNotStored(t *testing.T) {
	w := newTown(t)
	for says, in := range map[string]rail.Instruction{
		"no ref":       {Kind: rail.Charge, Amount: 1, Currency: "NGN", Card: paper(approvedCard)},
		"no card":      {Ref: "p/1", Kind: rail.Charge, Amount: 1, Currency: "NGN"},
		"no amount":    {Ref: "p/1", Kind: rail.Charge, Currency: "NGN", Card: paper(approvedCard)},
		"no proof":     {Ref: "p/1", Kind: rail.Authenticate, Target: "p/0"},
		"no target":    {Ref: "p/1", Kind: rail.Void},
		"unknown kind": {Ref: "p/1", Kind: "gift", Target: "p/0"},
	} {
		if r, err := w.do(in); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", says, r, err)
		}
	}
	w.status("p/1", rail.NotFound)
}

func TestManyCallersAtOnceKeepTheBooksInOrder(t *testing.T) {
	w := newTown(t)
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			for n := range 25 {
				ref := fmt.Sprintf("%d-%d/1", caller, n)
				if _, err := w.Execute(t.Context(), charge(ref, approvedCard)); err != nil {
					t.Error(err)
				}
				if _, err := w.Execute(t.Context(), on(rail.Refund, ref+"r", ref, 40)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	e, err := w.Statement(t.Context(), rail.Filter{Limit: 1000})
	if err != nil || len(e) != 400 {
		t.Fatalf("%d entries, %v", len(e), err)
	}
	var balance int64
	for i, line := range e {
		if balance += line.Amount; line.Direction == directionOut {
			balance -= 2 * line.Amount
		}
		if line.Number != int64(i)+1 || line.BalanceAfter != balance {
			t.Fatalf("entry %d: %+v, want balance %d", i+1, line, balance)
		}
	}
	if balance != 200*60 {
		t.Errorf("the balance is %d", balance)
	}
}
