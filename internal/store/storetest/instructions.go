package storetest

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/store"
)

func instructionClaims() []claim {
	return []claim{
		{"an instruction reads back as it was written", instructionReadsBack},
		{"an instruction's reference is given once", instructionOnce},
		{"an open instruction is changed, a closed one never", closedNeverChanges},
		{"an object's instructions come oldest first", instructionsOf},
		{"open instructions are counted", openCounted},
		{"the audit's walk meets every instruction once", instructionsWalked},
	}
}

func instructionByRef(ref string) func(store.View) (*store.Instruction, error) {
	return func(v store.View) (*store.Instruction, error) { return v.Instruction(ref) }
}

func (s *suite) addInstructions(all ...*store.Instruction) {
	s.Helper()
	for _, i := range all {
		s.write(func(tx store.Tx) error { return tx.InsertInstruction(i) })
	}
}

func instructionReadsBack(s *suite) {
	closed, open := fullInstruction("a", 1), openInstruction("b", 1)
	s.addInstructions(closed, open)
	for _, i := range []*store.Instruction{closed, open} {
		same(s, "the instruction", get(s, instructionByRef(i.Ref)), i)
	}
	s.missing(try(s, instructionByRef("c/1")))
}

func instructionOnce(s *suite) {
	errs := atOnce(20, func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertInstruction(openInstruction("a", 1)) })
	})
	same(s, "how many won", s.wins(errs, "insert_instruction"), 1)
}

func closedNeverChanges(s *suite) {
	s.addInstructions(openInstruction("a", 1))
	want := fullInstruction("a", 1)
	want.Sends, want.Asks, want.Answer, want.Provider, want.Node = 8, 9, "approved", "card-2", "host-2"
	changed, late := *get(s, instructionByRef("a/1")), *get(s, instructionByRef("a/1"))
	changed.Sends, changed.Asks, changed.Answer, changed.Provider = want.Sends, want.Asks, want.Answer, want.Provider
	changed.Node, changed.DoubtAt, changed.ClosedAt = want.Node, want.DoubtAt, nil
	s.write(func(tx store.Tx) error { return tx.SaveInstruction(&changed) })
	late.Sends++ // decided on what was there before somebody else sent and asked
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveInstruction(&late) }), "save_instruction")
	changed = *get(s, instructionByRef("a/1"))
	changed.ClosedAt = want.ClosedAt
	changed.Amount, changed.Target = money.Of(1, money.USD), "another"
	s.write(func(tx store.Tx) error { return tx.SaveInstruction(&changed) })
	same(s, "the instruction", get(s, instructionByRef("a/1")), want)
	reopened := *want
	reopened.ClosedAt, reopened.Answer = nil, "declined"
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveInstruction(&reopened) }), "save_instruction")
	same(s, "the closed instruction", get(s, instructionByRef("a/1")), want)
}

func instructionsOf(s *suite) {
	s.addInstructions(openInstruction("a", 2), openInstruction("b", 1), openInstruction("a", 1), openInstruction("a", 10))
	got := get(s, func(v store.View) ([]*store.Instruction, error) { return v.Instructions("a") })
	same(s, "a's instructions", got, []*store.Instruction{openInstruction("a", 1), openInstruction("a", 2), openInstruction("a", 10)})
}

func openCounted(s *suite) {
	s.addInstructions(openInstruction("a", 1), fullInstruction("a", 2), openInstruction("b", 1))
	same(s, "open", get(s, store.View.CountOpenInstructions), 2)
	done := get(s, instructionByRef("b/1"))
	done.ClosedAt = ptr(at(time.Minute))
	s.write(func(tx store.Tx) error { return tx.SaveInstruction(done) })
	same(s, "open after one was closed", get(s, store.View.CountOpenInstructions), 1)
}

func instructionsWalked(s *suite) {
	want := []string{}
	for _, object := range []string{"c", "a", "b"} {
		for step := range 3 {
			i := openInstruction(object, step)
			s.addInstructions(i)
			want = append(want, i.Ref)
		}
	}
	slices.Sort(want)
	got := walk(s, func(v store.View, after string) (refs []string, err error) {
		rows, err := v.InstructionsAfter(after, 3)
		for _, i := range rows {
			refs = append(refs, i.Ref)
		}
		return refs, err
	})
	same(s, "refs", got, want)
}
