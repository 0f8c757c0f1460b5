package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
)

// A session expires while the bank cannot be reached, so nobody can tell the bank
// to give it up; and the payer, who is on the bank's page, decides.
func TestAPayerWhoIsFasterThanTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		decision scripted.Decision
		becomes  payment.State
		paid     int64
	}{{scripted.Approve, payment.Captured, 1000}, {scripted.Reject, payment.Failed, 0}} {
		t.Run("by what was "+string(c.decision)+" makes it "+string(c.becomes)+", and nothing stays in flight", func(t *testing.T) {
			x := newTill(t)
			id := x.sold(t, "ord_1", money.Of(1000, money.NGN))
			_, err := x.send(x.capture(id, "4000000000011504", 0, "k"))
			nodetest.Must(t, err)
			x.advance(t, 12*time.Hour-time.Second)
			until := x.clock.Now().Add(20 * time.Minute)
			_, err = x.Bank.SetRail(context.Background(), "card", scripted.Patch{DownUntil: &until})
			nodetest.Must(t, err)
			x.advance(t, time.Minute)
			p := x.payment(t, id)
			if p.State != payment.Processing || x.open(t) == "" {
				t.Fatalf("the session is %s with open instructions %q; want it processing with a void on its way", p.State, x.open(t))
			}
			_, err = x.Bank.Authenticate(context.Background(), p.Course.Challenged, c.decision)
			nodetest.Must(t, err)
			x.advance(t, 20*time.Minute)
			if p = x.payment(t, id); p.State != c.becomes || p.AmountPaid != c.paid {
				t.Errorf("the payment is %s with %d paid, want %s with %d", p.State, p.AmountPaid, c.becomes, c.paid)
			}
			x.clean(t)
			x.advance(t, 25*time.Hour)
			x.clean(t)
		})
	}
}
