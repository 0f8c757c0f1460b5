package api_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestAPayoutSucceedsOrFails(t *testing.T) {
	e := nodetest.Start(t)
	if a := e.PaidOut("po_1", "0690000031"); a.Text("data.state") != "succeeded" {
		t.Errorf("got %d %s, want it succeeded", a.Status, a.Body)
	}
	if a := e.PaidOut("po_2", "0690009112"); a.Text("data.state") != "failed" || a.Text("data.failure.code") != "account_closed" {
		t.Errorf("got %d %s, want it failed", a.Status, a.Body)
	}
	e.Clean()
}
