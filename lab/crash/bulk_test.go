package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

const (
	itemsOfBulk = 105 // more than one commit makes payouts of
	bulkClients = 2
	bulksMin    = 2 // each client pays at least so many
	bulkPause   = 500 * time.Millisecond
)

// bulkPoints are the named places at which the process dies while it executes bulk
// transfers, once each.
var bulkPoints = []string{"before bulk hold", "after bulk hold", "before bulk chunk", "after bulk chunk", "after bulk stop", "after intent", "before act", "after act", "after outcome"}

// payroll is the clients of one run, each paying one bulk transfer after the other.
type payroll struct {
	s      *server
	payees []string

	mu    sync.Mutex
	bulks []string // references
}

// pay makes, fills, executes and sometimes cancels one bulk transfer, insisting on every
// answer.
func (x *payroll) pay(reference string, cancel bool) {
	do := func(path, key string, body map[string]any, status int) {
		if r, err := x.s.insist("POST", path, reference+key, body); err != nil || r.status != status {
			x.s.t.Errorf("%s %s: %v %d %.300s", path, reference, err, r.status, r.body)
		}
	}
	var items []any
	for n := range itemsOfBulk {
		source := "NGN"
		if n%10 == 0 {
			source = "CAD"
		}
		items = append(items, map[string]any{"amount": paidOut, "beneficiary": map[string]any{"id": x.payees[n%len(x.payees)], "type": "bank_account"},
			"destination_currency": "NGN", "reference": fmt.Sprintf("%s-%d", reference, n), "source_currency": source})
	}
	do("/bulk-transfers", "-create", map[string]any{"reference": reference}, 201)
	do("/bulk-transfers/"+reference+"/items", "-items", map[string]any{"items": items}, 201)
	do("/bulk-transfers/"+reference+"/execute", "-execute", nil, 200)
	if cancel {
		_, _ = x.s.insist("POST", "/bulk-transfers/"+reference+"/cancel", reference+"-cancel", nil) // it may have ended by then
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.bulks = append(x.bulks, reference)
}

func (x *payroll) business(stop <-chan struct{}) {
	var all sync.WaitGroup
	for c := range bulkClients {
		all.Go(func() {
			for n := 0; !stopped(stop) || n < bulksMin; n++ {
				time.Sleep(bulkPause) // what was executed is to die in the middle, too
				x.pay(fmt.Sprintf("b%d-%d", c, n), n%4 == 3)
			}
		})
	}
	all.Wait()
}

// bulkSeen is a bulk transfer as GET shows it.
type bulkSeen struct {
	Data struct {
		Status    string
		Succeeded int `json:"successful_transfer_count"`
		Failed    int `json:"failed_transfer_count"`
		Items     []struct {
			Reference, Status string
			PayoutID          string `json:"payout_id"`
		}
	}
}

func TestBulkTransfersPayEachItemOnceHoweverOftenTheServerDies(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := install(t, "")
	s.must("PATCH", "/sandbox/rails/nuban", map[string]any{"personality": "instant"})
	x := &payroll{s: s, payees: openOffice(s).payees[:6]}
	naira, dollars := s.balanceOf(t, "NGN"), s.balanceOf(t, "CAD")
	x.business(s.dieOften(rand.New(rand.NewPCG(seed, 4)), bulkPoints...))
	s.kill()
	s.start("")
	for range 4 { // so many payouts take longer to ask about than one look at the clock waits
		s.settleDown()
	}
	if code, report := s.audit(25); code != 0 {
		t.Errorf("the audit ended with %d:\n%.3000s", code, report)
	}
	x.compare(t, naira, dollars)
	s.settleDown()
	s.events(t) // fails where there is a gap
	t.Logf("%d bulk transfers", len(x.bulks))
}

// compare holds what left the wallets against what became of each item.
func (x *payroll) compare(t *testing.T, naira, dollars int64) {
	t.Helper()
	spent := map[string]int64{}
	for _, reference := range x.bulks {
		raw, err := x.s.read("/bulk-transfers/" + reference)
		var b bulkSeen
		if err != nil || json.Unmarshal(raw, &b) != nil {
			t.Fatalf("read %s: %v %.300s", reference, err, raw)
		}
		counted := map[string]int{}
		for _, i := range b.Data.Items {
			counted[i.Status]++
			if i.Status == "succeeded" {
				x.cost(t, i.Reference, i.PayoutID, spent)
			}
		}
		if len(b.Data.Items) != itemsOfBulk || counted["succeeded"] != b.Data.Succeeded || counted["failed"] != b.Data.Failed ||
			counted["pending"]+counted["processing"] > 0 || b.Data.Status != "completed" && b.Data.Status != "cancelled" {
			t.Errorf("%s is %s and counts %d, %d; its items: %v", reference, b.Data.Status, b.Data.Succeeded, b.Data.Failed, counted)
		}
	}
	if got := naira - x.s.balanceOf(t, "NGN"); got != spent["NGN"] {
		t.Errorf("%d NGN left the wallet, want %d", got, spent["NGN"])
	}
	if got := dollars - x.s.balanceOf(t, "CAD"); got != spent["CAD"] {
		t.Errorf("%d CAD left the wallet, want %d", got, spent["CAD"])
	}
}

// cost adds what the payout of an item took.
func (x *payroll) cost(t *testing.T, reference, id string, spent map[string]int64) {
	t.Helper()
	raw, err := x.s.read("/payouts/" + reference)
	var p struct {
		Data struct {
			ID, State      string
			SourceAmount   int64  `json:"source_amount"`
			SourceCurrency string `json:"source_currency"`
		}
	}
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Data.ID != id || p.Data.State != "succeeded" {
		t.Fatalf("the payout of item %s is %v %.300s, want %s succeeded", reference, err, raw, id)
	}
	spent[p.Data.SourceCurrency] += p.Data.SourceAmount
}
