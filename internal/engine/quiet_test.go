package engine_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// Whoever moves the clock makes everybody look for work until all is quiet. If a look
// counted as activity, each would be the reason for the next.
func TestALookThatFindsNothingIsNoActivity(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.sold(t, "ord_1", money.Of(1000, money.NGN)) // due when it expires
	x.settled(t)
	changed := x.Engine.Activity.Changed.C()
	for range 100 {
		x.Engine.Wake()
		_, _, err := x.Engine.Next(t.Context())
		nodetest.Must(t, err)
	}
	select {
	case <-changed:
		t.Error("something was active while nothing was due")
	default:
	}
}
