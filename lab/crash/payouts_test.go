package crash

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	paidOut   = 50_000
	payoutFee = 2500
)

// accountsOf are whom clients pay: by ending executed, refused, executed with the reply
// lost, lost before the bank, delivered twice, told twice, told before the reply, never
// told; then at a bank that loses replies, and at one that pays again whatever is sent
// again.
var accountsOf = [][2]string{{"0690000031", "999001"}, {"0690009112", "999001"}, {"0690009131", "999001"}, {"0690009132", "999001"},
	{"0690009134", "999001"}, {"0690009151", "999001"}, {"0690009152", "999001"}, {"0690009153", "999001"}, {"0690000032", "999008"}, {"0690000033", "999010"}}

// disbursed is what a client knows of one of its payouts in the end.
type disbursed struct {
	reference, id string
	result        string // succeeded, failed, unknown
	body          map[string]any
}

// office is the clients of one run.
type office struct {
	s      *server
	payees []string

	mu      sync.Mutex
	payouts []disbursed
}

func openOffice(s *server) *office {
	o := &office{s: s}
	for _, a := range accountsOf {
		o.payees = append(o.payees, s.must("POST", "/beneficiaries", map[string]any{"account_name": "ADA OBI", "account_number": a[0], "bank_code": a[1],
			"bank_name": "Steady Bank", "currency": "NGN", "type": "bank_account"}).Data.ID)
	}
	return o
}

// pay orders one payout and looks once what became of it.
func (o *office) pay(reference, payee string) {
	d := disbursed{reference: reference, result: "unknown", body: map[string]any{"amount": paidOut, "beneficiary": map[string]any{"id": payee, "type": "bank_account"},
		"destination_currency": "NGN", "reference": reference, "source_currency": "NGN"}}
	r, err := o.s.insist("POST", "/payouts", reference, d.body)
	if err != nil || r.status != 201 {
		o.s.t.Errorf("pay out %s: %v %d %s", reference, err, r.status, r.body)
		return
	}
	d.id = r.Data.ID
	if now, err := o.s.send("GET", "/payouts/"+reference+"?wait=1", "", nil); err == nil && (now.Data.State == "succeeded" || now.Data.State == "failed") {
		d.result = now.Data.State
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.payouts = append(o.payouts, d)
}

// business lets all clients pay out until stop is closed.
func (o *office) business(stop <-chan struct{}) {
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for n := 0; !stopped(stop) || n < paymentsMin; n++ {
				o.pay(fmt.Sprintf("o%d-%d", c, n), o.payees[(c*3+n)%len(o.payees)])
			}
		})
	}
	all.Wait()
}

func TestPayoutsLeaveOnceHoweverOftenTheServerDies(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := install(t, "")
	s.must("PATCH", "/sandbox/rails/nuban", map[string]any{"personality": "instant"})
	o := openOffice(s)
	before := s.balanceOf(t, "NGN")
	o.business(s.dieOften(rand.New(rand.NewPCG(seed, 3)), points[:4]...))
	s.kill() // what was answered must be on disk
	s.start("")
	s.settleDown()
	if code, report := s.audit(25); code != 0 {
		t.Errorf("the audit ended with %d:\n%s", code, report)
	}
	o.compare(t, before)
	s.settleDown()
	s.events(t) // fails where there is a gap
	t.Logf("%d payouts", len(o.payouts))
}

// compare holds what clients were told, and what left the wallet, against what became of
// each payout.
func (o *office) compare(t *testing.T, before int64) {
	t.Helper()
	expected, spent := []any{}, int64(0)
	for _, d := range o.payouts {
		now := o.s.must("GET", "/payouts/"+d.reference, nil)
		if now.Data.ID != d.id || d.result != "unknown" && now.Data.State != d.result || now.Data.State != "succeeded" && now.Data.State != "failed" {
			t.Errorf("%s: the client knows %s as %s, it is %s as %s", d.reference, d.id, d.result, now.Data.ID, now.Data.State)
		}
		if now.Data.State == "succeeded" {
			spent += paidOut + payoutFee
		}
		if again, err := o.s.insist("POST", "/payouts", d.reference, d.body); err != nil || again.Data.ID != d.id {
			t.Errorf("%s again: %v, got payout %s, want %s", d.reference, err, again.Data.ID, d.id)
		}
		expected = append(expected, map[string]any{"amount": paidOut, "currency": "NGN", "kind": "payout", "reference": d.reference, "result": d.result})
	}
	if got := before - o.s.balanceOf(t, "NGN"); got != spent {
		t.Errorf("%d left the wallet, want %d", got, spent)
	}
	if r := o.s.must("POST", "/sandbox/audit?wait=10", map[string]any{"expected": expected}); !r.Data.Clean {
		t.Errorf("the audit against the clients' beliefs: %s", r.body)
	}
}

func TestAPlantedFaultOfPayoutsTurnsTheAuditRed(t *testing.T) {
	s := install(t, "send-unasked")
	s.must("PATCH", "/sandbox/rails/nuban", map[string]any{"personality": "instant"})
	o := openOffice(s)
	for n := range 60 { // the forgetful bank loses every tenth reply
		if _, err := s.send("POST", "/payouts", "", map[string]any{"amount": paidOut, "beneficiary": map[string]any{"id": o.payees[len(o.payees)-1], "type": "bank_account"},
			"destination_currency": "NGN", "reference": fmt.Sprint("u", n), "source_currency": "NGN"}); err != nil {
			t.Fatal(err)
		}
	}
	s.settleDown()
	if code, report := s.audit(1); code != 2 || !strings.Contains(report, `"kind":"doubled"`) {
		t.Errorf("the audit ended with %d, want 2 and doubled payouts:\n%.2000s", code, report)
	}
}
