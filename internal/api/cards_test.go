package api_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestACardPaymentIsTakenAndLookedUp(t *testing.T) {
	e := nodetest.Start(t)
	id := e.Paid("ord_1001")
	for _, path := range []string{"/payments/" + id, "/payments/ord_1001", "/payment-sessions/" + id} {
		if got := e.Do("GET", path, nil).Text("money.outcome"); got != "succeeded" {
			t.Errorf("GET %s: outcome %q, want succeeded", path, got)
		}
	}
	e.Clean()
}
