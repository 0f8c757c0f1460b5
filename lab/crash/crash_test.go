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
	clients     = 6
	kills       = 20
	paymentsMin = 4 // each client makes at least so many, and goes on while the killer does
)

// points are the named places at which the process dies once each.
var points = []string{"after intent", "before act", "after act", "after outcome", "after webhook"}

// belief is what a client knows of one of its payments in the end.
type belief struct {
	reference string
	id        string
	result    string // succeeded, failed, unknown
	refund    string // id; "" for none
}

// shop is the clients of one run.
type shop struct {
	s     *server
	cards map[string]any

	mu      sync.Mutex
	beliefs []belief
}

// cardsOf are the cards that clients pay with: approved, declined, the bank's
// reply lost, a callback twice, a callback before the reply, and one that takes
// longer than the clients wait.
var cardsOf = []string{"4000000000011009", "4000000000012015", "4000000000013013", "4000000000013054", "4000000000013062", "4012000033330026", "4000000000020059"}

func open(s *server) *shop {
	x := &shop{s: s, cards: map[string]any{}}
	for _, number := range cardsOf {
		x.cards[number] = s.card(number)
	}
	return x
}

// pay makes one payment with a card, and now and then gives half of it back.
func (x *shop) pay(reference, number string, refund bool) {
	session, err := x.s.insist("POST", "/payment-sessions", reference+"-create", order(reference))
	if err != nil || session.status != 201 {
		x.s.t.Errorf("create %s: %v %s", reference, err, session.body)
		return
	}
	r, err := x.s.insist("POST", "/payment-sessions/"+session.Data.ID, reference+"-capture", map[string]any{"card": x.cards[number]})
	if err != nil || r.status != 200 {
		x.s.t.Errorf("capture %s: %v %d %s", reference, err, r.status, r.body)
		return
	}
	b := belief{reference: reference, id: session.Data.ID, result: results[r.Data.Payment.State]}
	if refund && r.Data.Payment.State == "captured" {
		b.refund = x.giveBack(b)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.beliefs = append(x.beliefs, b)
}

// results is what a client concludes from a state; "" is unknown.
var results = map[string]string{"captured": "succeeded", "failed": "failed"}

// giveBack refunds a part. Nothing but the key tells a repetition from a second
// refund: there is no reference, and there is money left for two.
func (x *shop) giveBack(b belief) string {
	r, err := x.s.insist("POST", "/payments/"+b.id+"/refunds", b.reference+"-refund", map[string]any{"amount": 100000})
	if err != nil || r.status != 201 {
		x.s.t.Errorf("refund %s: %v %s", b.reference, err, r.body)
	}
	return r.Data.ID
}

func order(reference string) map[string]any {
	return map[string]any{
		"amount": 250000, "currency": "NGN", "description": "Term fee", "reference": reference,
		"customer": map[string]any{"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567",
			"billing_address": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}},
		"order":          map[string]any{"identifier": "INV-7", "items": []any{map[string]any{"name": "Term fee", "type": "service"}}},
		"payment_method": map[string]any{"type": "card"},
	}
}

// business lets all clients pay until stop is closed.
func (x *shop) business(stop <-chan struct{}) {
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for n := 0; !stopped(stop) || n < paymentsMin; n++ {
				x.pay(fmt.Sprintf("c%d-%d", c, n), cardsOf[(c+n)%len(cardsOf)], n%3 == 0)
			}
		})
	}
	all.Wait()
}

// personality makes the bank behave so.
func (s *server) personality(name string) {
	s.t.Helper()
	s.must("PATCH", "/sandbox/rails/card", map[string]any{"personality": name})
}

// settleDown lets enough test time pass for every doubt to be asked about.
func (s *server) settleDown() {
	s.t.Helper()
	s.must("POST", "/sandbox/clock", map[string]any{"advance_ms": 20 * 60 * 1000})
}

// dieOften kills the server and starts it again, first once at each point that is named;
// then it closes done.
func (s *server) dieOften(dice *rand.Rand, points ...string) (done <-chan struct{}) {
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for n := range kills {
			at := ""
			if n < len(points) {
				at = points[n]
			}
			time.Sleep(time.Duration(dice.Int64N(int64(napMax))))
			s.kill()
			s.start(at)
			if at == "" {
				continue
			}
			if !s.diesItself() {
				s.t.Errorf("nobody came to the crash point %q", at)
			}
			s.kill()
			s.start("")
		}
	}()
	return stop
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

func TestNothingIsLostOrDoubledHoweverOftenTheServerDies(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	s := install(t, "")
	s.personality("instant")
	hooks := newReceiver(t)
	s.must("POST", "/webhook-endpoints", map[string]any{"url": hooks.URL})
	x := open(s)
	x.business(s.dieOften(dice, points...))
	s.kill() // what was answered must be on disk
	s.start("")
	s.settleDown()
	if code, report := s.audit(25); code != 0 {
		t.Errorf("the audit ended with %d:\n%s", code, report)
	}
	x.compareBeliefs(t)
	x.repeatAll(t)
	s.settleDown()
	told := s.events(t)
	if err := hooks.heard(told); err != nil {
		t.Errorf("webhooks: %v", err)
	}
	t.Logf("%d payments, %d events, %d webhooks accepted", len(x.beliefs), len(told), hooks.times)
}

// repeatAll sends every request once more: each key stands for one payment and one
// refund for ever.
func (x *shop) repeatAll(t *testing.T) {
	t.Helper()
	for _, b := range x.beliefs {
		if r, err := x.s.insist("POST", "/payment-sessions", b.reference+"-create", order(b.reference)); err != nil || r.Data.ID != b.id {
			t.Errorf("create %s again: %v, got payment %s, want %s", b.reference, err, r.Data.ID, b.id)
		}
		if b.refund == "" {
			continue
		}
		if again := x.giveBack(b); again != b.refund {
			t.Errorf("refund %s again: got refund %s, want %s", b.reference, again, b.refund)
		}
		if p := x.s.must("GET", "/payments/"+b.id, nil); p.Data.AmountRefunded != 100000 {
			t.Errorf("%s: %d was refunded, want 100000 once", b.reference, p.Data.AmountRefunded)
		}
	}
}

// compareBeliefs asks the server's audit whether what the clients were told is so,
// and reads each payment whose outcome a client knows.
func (x *shop) compareBeliefs(t *testing.T) {
	t.Helper()
	expected := []any{}
	for _, b := range x.beliefs {
		result := b.result
		if result == "" {
			result = "unknown"
		}
		expected = append(expected, map[string]any{"amount": 250000, "currency": "NGN", "kind": "payment", "reference": b.reference, "result": result})
		state := x.s.must("GET", "/payments/"+b.reference, nil).Data.State
		paid := state == "captured" || state == "settled"
		if b.result == "succeeded" && !paid || b.result == "failed" && state != "failed" {
			t.Errorf("%s: the client was told %s, the payment is %s", b.reference, b.result, state)
		}
	}
	if r := x.s.must("POST", "/sandbox/audit?wait=10", map[string]any{"expected": expected}); !r.Data.Clean {
		t.Errorf("the audit against the clients' beliefs: %s", r.body)
	}
}

func TestAPlantedFaultTurnsTheAuditRed(t *testing.T) {
	for _, c := range []struct{ flaw, personality, finding string }{
		{"skip-intent", "instant", `"kind":"orphaned"`},
		{"send-unasked", "forgetful", `"kind":"doubled"`},
	} {
		t.Run(c.flaw+" is found", func(t *testing.T) {
			s := install(t, c.flaw)
			s.personality(c.personality)
			card := s.card("4012000033330026")
			var all sync.WaitGroup
			for client := range clients {
				all.Go(func() {
					for n := range 25 { // the forgetful bank loses every tenth reply: none in 150 is one in a million
						s.payOnce(fmt.Sprintf("r%d-%d", client, n), card)
					}
				})
			}
			all.Wait()
			s.settleDown()
			code, report := s.audit(1)
			if code != 2 || !strings.Contains(report, c.finding) {
				t.Errorf("the audit ended with %d, want 2 and %s:\n%.2000s", code, c.finding, report)
			}
		})
	}
}

// payOnce tries a payment once; with a planted fault the answer may be anything.
func (s *server) payOnce(reference string, card any) {
	session, err := s.send("POST", "/payment-sessions", "", order(reference))
	if err == nil {
		_, _ = s.send("POST", "/payment-sessions/"+session.Data.ID, "", map[string]any{"card": card})
	}
}
