package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
)

// Each bank of the catalogue has its way of failing. The draws of a bank depend on
// the references, which are new in every run: so every run is another one.
func TestWithEveryBankTheBooksAgree(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	for _, bank := range x.Bank.Catalogue().Banks {
		t.Run(bank.Personality+": "+bank.Behaviour, func(t *testing.T) {
			x.fresh(t)
			name := bank.Personality
			if _, err := x.Bank.SetRail(context.Background(), "card", scripted.Patch{Personality: &name}); err != nil {
				t.Fatal(err)
			}
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			x.visit(t, rand.New(rand.NewPCG(seed, 0)))
			x.advance(t, 30*time.Hour)
			x.clean(t)
			for _, p := range x.payments(t) {
				if !p.State.Final() {
					t.Errorf("%s is %s a day later, want it final", p.Reference, p.State)
				}
			}
			for _, r := range x.refunds(t) {
				if !r.State.Final() {
					t.Errorf("refund %s is %s a day later, want it final", r.ID, r.State)
				}
			}
		})
	}
}

// visit takes payments with good cards and gives parts of them back, while time
// passes.
func (x *till) visit(t *testing.T, dice *rand.Rand) {
	t.Helper()
	for i := range 8 {
		id := x.sold(t, fmt.Sprint("ord_", i), money.Of(1000+dice.Int64N(9000), money.NGN))
		_, _ = x.send(x.capture(id, "4000000000011009", 0, fmt.Sprint("capture ", i))) // the bank may be closed or refuse
		x.advance(t, time.Duration(dice.IntN(3))*time.Second)
		x.faultless(t)
		if p := x.payment(t, id); p.State == payment.Captured && dice.IntN(2) == 0 {
			_, _ = x.send(x.refund(id, 1+dice.Int64N(1000), fmt.Sprint("refund ", i)))
		}
		if dice.IntN(4) == 0 {
			x.advance(t, time.Duration(dice.IntN(200))*time.Second)
		}
	}
}
