package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// A day of business is a random sequence of operations on every kind of object at once,
// through the API. Whatever came of each, the books must agree in the end.
type business struct {
	*nodetest.Env
	r      *rapid.T
	made   int
	wallet string
	kept   map[string][]string // ids by kind
}

func newBusiness(e *nodetest.Env, r *rapid.T) *business {
	b := &business{Env: e, r: r, kept: map[string][]string{}}
	who := set(e, "POST", "/customers", person("chidi@example.com")).Text("data.id")
	b.wallet = set(e, "POST", "/wallets", body("currency", "NGN", "customer_id", who)).Text("data.id")
	return b
}

func (b *business) name(stem string) string {
	b.made++
	return fmt.Sprintf("%s-%d", stem, b.made)
}

func (b *business) draw(from, to int, label string) int {
	return rapid.IntRange(from, to).Draw(b.r, label)
}

func (b *business) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(b.r, label)
}

// one is an object of a kind that was made before; "" if there is none.
func (b *business) one(kind string) string {
	if len(b.kept[kind]) == 0 {
		return ""
	}
	return b.pick(kind, b.kept[kind]...)
}

// ask sends a request that may be refused, but never fails, and keeps what it makes.
func (b *business) ask(method, path string, in any, kind string) nodetest.Answer {
	a := b.Do(method, path, in, "Juicer-Deadline-Ms", "500")
	if a.Status >= http.StatusInternalServerError && a.Status != http.StatusServiceUnavailable {
		b.r.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	if a.Status == http.StatusCreated && kind != "" {
		b.kept[kind] = append(b.kept[kind], a.Text("data.id"))
	}
	return a
}

func (b *business) sell() {
	id := b.ask("POST", "/payment-sessions", nodetest.Session(b.name("ord")), "payment").Text("data.id")
	number := b.pick("card", approved, approved, withOTP, noFunds, replyLost, neverArrived, lateSuccess, toldTwice, toldEarly, contrary, refundFails, refundSlow)
	b.ask("POST", "/payment-sessions/"+id, map[string]any{"card": b.Card(number)}, "")
}

func (b *business) refund() {
	if id := b.one("payment"); id != "" {
		b.ask("POST", "/payments/"+id+"/refunds", body("amount", b.draw(1, 250_000, "back")), "refund")
	}
}

func (b *business) cancel() {
	if id := b.one("payment"); id != "" {
		b.ask("POST", "/payment-sessions/"+id+"/cancel", nil, "")
	}
}

// somebody is a new beneficiary with an account of an ending.
func (b *business) somebody(ending string) string {
	b.made++
	return b.Beneficiary(fmt.Sprintf("%06d%s", b.made, ending), "999001")
}

// payOut pays to accounts whose endings decide what becomes of it.
func (b *business) payOut() {
	ending := b.pick("ending", "0031", "0031", "9111", "9121", "9122", "9131", "9132", "9133", "9134", "9141", "9142", "9151", "9152", "9153")
	to := b.somebody(ending)
	in := with(nodetest.Payout(b.name("po"), to), "amount", b.draw(10_000, 300_000, "amount"), "source_currency", b.pick("source", "NGN", "NGN", "CAD"))
	b.ask("POST", "/payouts", in, "payout")
}

// payAll pays several at once, and now and then thinks better of it.
func (b *business) payAll() {
	items := []any{}
	for range b.draw(1, 4, "items") {
		to := b.somebody(b.pick("ending", "0031", "9111", "9131", "9142"))
		items = append(items, with(nodetest.Payout(b.name("row"), to), "amount", b.draw(10_000, 90_000, "amount")))
	}
	id := b.ask("POST", "/bulk-transfers", body("reference", b.name("bulk"), "items", items), "bulk").Text("data.id")
	for _, step := range []string{b.pick("step", "execute", "execute", "cancel"), b.pick("then", "execute", "cancel")} {
		b.ask("POST", "/bulk-transfers/"+id+"/"+step, nil, "")
	}
}

// transfer lets a payer send money to a session's account: too little, too much, twice,
// or too late.
func (b *business) transfer() {
	in := with(nodetest.Session(b.name("ord")), "payment_method", body("type", "bank_account"))
	id := b.ask("POST", "/payment-sessions", in, "payment").Text("data.id")
	to := b.ask("POST", "/payment-sessions/"+id, nil, "").Text("data.payment.payment_method.account_number")
	for range b.draw(0, 3, "transfers") {
		amount := rapid.SampledFrom([]int{100_000, 150_000, 250_000, 300_000}).Draw(b.r, "amount")
		b.ask("POST", "/sandbox/deposits/bank", body("account_number", to, "amount", amount, "reference", b.name("in"), "notify_times", b.draw(1, 2, "notices"),
			"delay_ms", rapid.SampledFrom([]int{0, 60_000, 90_000_000}).Draw(b.r, "delay")), "")
	}
}

func (b *business) move() {
	b.ask("POST", "/wallets/transactions", body("wallet_id", b.wallet, "amount", b.draw(1, 90_000, "amount"), "type", b.pick("type", "credit", "credit", "debit")), "")
}

func (b *business) freeze() {
	b.ask("PATCH", "/wallets/"+b.wallet+"/status", body("status", b.pick("status", "frozen", "active", "active")), "")
}

func (b *business) swap() {
	pair := rapid.SampledFrom([][2]string{{"CAD", "NGN"}, {"NGN", "CAD"}, {"USD", "CAD"}, {"USDT", "USD"}}).Draw(b.r, "pair")
	b.ask("POST", "/exchange/swap", body("amount", b.draw(1, 500_000, "amount"), "source_currency", pair[0], "target_currency", pair[1]), "swap")
}

func (b *business) order() {
	b.ask("POST", "/exchange/orders", body("qty", b.draw(1, 90_000, "qty"), "symbol", "CAD-NGN", "type", b.pick("side", "buy", "sell")), "")
}

func (b *business) fund() {
	b.ask("POST", "/sandbox/wallets/fund", body("currency", b.pick("currency", "NGN", "CAD"), "amount", b.draw(1, 900_000, "amount")), "")
}

func (b *business) wait() {
	b.Do("POST", "/sandbox/clock", body("advance_ms", rapid.SampledFrom([]int{500, 10_000, 90_000, 3_600_000, 90_000_000}).Draw(b.r, "ms")))
}

// operations are what a day is made of.
func (b *business) operations() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){}
	for name, do := range map[string]func(){"sell": b.sell, "sell more": b.sell, "refund": b.refund, "cancel": b.cancel, "pay out": b.payOut, "pay out more": b.payOut,
		"pay all": b.payAll, "transfer": b.transfer,
		"move": b.move, "freeze": b.freeze, "swap": b.swap, "order": b.order, "fund": b.fund, "wait": b.wait} {
		all[name] = func(r *rapid.T) { b.r = r; do() }
	}
	return all
}

// endOfDay lets everything come to its end, deciding what nobody else will, and looks at
// the books, the clearing accounts and the events.
func (b *business) endOfDay(hooks *nodetest.Receiver) {
	for range 2 { // events are kept for 30 days
		b.Do("POST", "/sandbox/clock", body("advance_ms", 5*24*hour))
	}
	b.Settle()
	a := b.Do("GET", "/sandbox/audit?wait=10", nil)
	if a.At("data.clean") != true {
		b.r.Fatalf("the audit is not clean: %s", a.Body)
	}
	for _, c := range a.At("data.clearing").([]any) {
		if c.(map[string]any)["amount"] != 0.0 {
			b.r.Fatalf("money is left in clearing: %s", a.Body)
		}
	}
	b.gapless(hooks)
}

// gapless: the events are numbered from 1 without a gap, and the shop was sent each.
func (b *business) gapless(hooks *nodetest.Receiver) {
	sent := map[string]bool{}
	for _, h := range hooks.Got() {
		sent[h.ID()] = true
	}
	for after := 0; ; {
		page := b.Do("GET", fmt.Sprintf("/events?limit=100&after=%d", after), nil).At("data").([]any)
		for _, x := range page {
			e := x.(map[string]any)
			if after++; e["sequence"] != float64(after) || !sent[e["id"].(string)] {
				b.r.Fatalf("event %d: number %v, %s, sent: %v", after, e["sequence"], e["event"], sent[e["id"].(string)])
			}
		}
		if len(page) == 0 {
			return
		}
	}
}

// TestMain lets few days pass, for each is long; more with -rapid.checks.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		if err := flag.Set("rapid.checks", randomRuns); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func TestAnyDayOfBusinessLeavesTheBooksInOrder(t *testing.T) {
	t.Parallel()
	e := start(t)
	hooks := nodetest.NewReceiver(t, nil)
	e.Endpoint(hooks.URL)
	rapid.Check(t, func(r *rapid.T) {
		set(e, "POST", "/sandbox/reset", nil)
		frozen(e)
		hooks.Forget()
		b := newBusiness(e, r)
		r.Repeat(b.operations())
		b.endOfDay(hooks)
	})
}
