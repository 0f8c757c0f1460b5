package crash

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// What is moved between wallets and currencies needs no bank, so that each answer is
// final; a lost one is asked for again with its key.
const (
	swapped   = 1000
	converted = 700
	credited  = 500
	debited   = 200
	ordered   = 300
)

// move is one request that moves money, and the object it made.
type move struct {
	path, key, id string
	body          map[string]any
}

// traders move money about, each its own way.
type traders struct {
	s      *server
	wallet string // of a customer, in NGN

	mu    sync.Mutex
	moves []move
}

func (x *traders) do(m move) {
	r, err := x.s.insist("POST", m.path, m.key, m.body)
	if err != nil || r.status > 201 || r.Data.ID == "" {
		x.s.t.Errorf("%s %s: %v %d %s", m.path, m.key, err, r.status, r.body)
		return
	}
	m.id = r.Data.ID
	x.mu.Lock()
	defer x.mu.Unlock()
	x.moves = append(x.moves, m)
}

// convert converts at a rate that is held for it.
func (x *traders) convert(key string) {
	pair := map[string]any{"source_currency": "USD", "target_currency": "NGN"}
	rate, err := x.s.insist("POST", "/exchange/fx/aggregator-rates/lock", key+"-rate", pair)
	if err != nil || rate.status != 201 {
		x.s.t.Errorf("lock a rate: %v %s", err, rate.body)
		return
	}
	x.do(move{path: "/exchange/fx/convert", key: key, body: map[string]any{"rate_id": rate.Data.ID, "amount": converted, "reference": key,
		"source_currency": "USD", "target_currency": "NGN"}})
}

func (x *traders) trade(key string, n int) {
	switch n % 5 {
	case 0:
		x.do(move{path: "/exchange/swap", key: key, body: map[string]any{"amount": swapped, "source_currency": "CAD", "target_currency": "NGN"}})
	case 1:
		x.convert(key)
	case 2, 3:
		x.do(move{path: "/wallets/transactions", key: key, body: map[string]any{"wallet_id": x.wallet, "amount": credited, "type": "credit"}})
		x.do(move{path: "/wallets/transactions", key: key + "-back", body: map[string]any{"wallet_id": x.wallet, "amount": debited, "type": "debit"}})
	case 4:
		x.do(move{path: "/exchange/orders", key: key, body: map[string]any{"qty": ordered, "symbol": "USDT-NGN", "type": "sell"}})
	}
}

// made counts the moves that have this in their body.
func (x *traders) made(field string, value any) (n int64) {
	for _, m := range x.moves {
		if m.body[field] == value {
			n++
		}
	}
	return n
}

func (s *server) customerWallet() string {
	s.t.Helper()
	who := s.must("POST", "/customers", map[string]any{"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567",
		"billing_address": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}})
	return s.must("POST", "/wallets", map[string]any{"currency": "NGN", "customer_id": who.Data.ID}).Data.ID
}

// balanceOf is what the business's own wallet in a currency has.
func (s *server) balanceOf(t *testing.T, currency string) int64 {
	t.Helper()
	raw, err := s.read("/wallets/all?currency=" + currency)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Data []struct {
			Owner   string
			Balance struct{ Amount int64 }
		}
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	for _, w := range list.Data {
		if w.Owner == "business" {
			return w.Balance.Amount
		}
	}
	t.Fatalf("no wallet of the business in %s: %s", currency, raw)
	return 0
}

func TestMoneyMovesOnceBetweenWalletsHoweverOftenTheServerDies(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := install(t, "")
	x := &traders{s: s, wallet: s.customerWallet()}
	before := map[string]int64{"CAD": s.balanceOf(t, "CAD"), "USD": s.balanceOf(t, "USD"), "USDT": s.balanceOf(t, "USDT")}
	x.business(s.dieOften(rand.New(rand.NewPCG(seed, 2))))
	s.kill()
	s.start("")
	if code, report := s.audit(10); code != 0 {
		t.Errorf("the audit ended with %d:\n%s", code, report)
	}
	for _, m := range x.moves {
		if again, err := s.insist("POST", m.path, m.key, m.body); err != nil || again.Data.ID != m.id {
			t.Errorf("%s again: %v, got %s, want %s", m.key, err, again.Data.ID, m.id)
		}
	}
	x.compare(t, before)
	s.events(t) // fails where there is a gap
	t.Logf("%d moves", len(x.moves))
}

// business lets all clients trade until stop is closed.
func (x *traders) business(stop <-chan struct{}) {
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for n := 0; !stopped(stop) || n < paymentsMin; n++ {
				x.trade(fmt.Sprintf("m%d-%d", c, n), c+n)
			}
		})
	}
	all.Wait()
}

// compare holds the balances against what was asked for, each once.
func (x *traders) compare(t *testing.T, before map[string]int64) {
	t.Helper()
	for currency, spent := range map[string]int64{
		"CAD": swapped * x.made("source_currency", "CAD"), "USD": converted * x.made("source_currency", "USD"), "USDT": ordered * x.made("symbol", "USDT-NGN"),
	} {
		if got := before[currency] - x.s.balanceOf(t, currency); got != spent {
			t.Errorf("%d %s left the wallet, want %d", got, currency, spent)
		}
	}
	w, err := x.s.read("/wallets/" + x.wallet)
	var wallet struct {
		Data struct{ Balance struct{ Amount int64 } }
	}
	if err != nil || json.Unmarshal(w, &wallet) != nil {
		t.Fatalf("read the customer's wallet: %v %s", err, w)
	}
	if want := credited*x.made("type", "credit") - debited*x.made("type", "debit"); wallet.Data.Balance.Amount != want {
		t.Errorf("the customer's wallet has %d, want %d", wallet.Data.Balance.Amount, want)
	}
}
