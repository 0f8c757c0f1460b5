package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// river is a random run of money that comes by itself: what was sent, and what must hold
// of it.
type river struct {
	*till
	mouths  []*mouth
	sent    []scripted.TransferOrder
	counted int // references and keys
}

// mouth is where money can come in: a session, or a wallet.
type mouth struct {
	id       string // of the payment or wallet
	session  bool
	amount   money.Amount
	chain    string
	number   string
	state    payment.State
	received bool
}

var everyRail = []string{"nuban", "ach", "wire", "interac", "crypto"}

func (r *river) next(what string) string { r.counted++; return fmt.Sprint(what, "-", r.counted) }

func (r *river) pick(t *rapid.T) *mouth {
	if len(r.mouths) == 0 {
		t.Skip("no way in yet")
	}
	return r.mouths[rapid.IntRange(0, len(r.mouths)-1).Draw(t, "mouth")]
}

func (r *river) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":                         r.look,
		"a session is captured":    r.session,
		"a wallet gets a number":   r.wallet,
		"money is sent":            r.send,
		"money is sent, 2":         r.send,
		"money is sent again":      r.again,
		"the shop cancels":         r.giveUp,
		"the payer gives up":       r.leave,
		"the shop refunds":         r.refund,
		"a wallet freezes or not":  r.freeze,
		"time passes":              r.pass,
		"the bank goes down":       r.goDown,
		"another bank answers":     r.change,
		"the server dies":          r.die,
		"the session expires":      r.expire,
		"two transfers at once":    r.twice,
		"a session is asked again": r.askAgain,
	}
}

// ways are the methods whose payer sends the money, each with a currency and a chain.
var ways = []struct {
	method   string
	currency money.Currency
	chain    string
}{
	{payment.MethodBank, money.NGN, ""}, {payment.MethodBank, money.NGN, ""}, {payment.MethodBank, money.USD, ""}, {payment.MethodInterac, money.CAD, ""},
	{payment.MethodCrypto, money.USDT, "TRX"}, {payment.MethodCrypto, money.USDC, "ETH"}, {payment.MethodBinancePay, money.USDT, ""},
}

func (r *river) session(t *rapid.T) {
	if len(r.mouths) >= 6 {
		t.Skip("enough ways in")
	}
	way := rapid.SampledFrom(ways).Draw(t, "method")
	m := &mouth{session: true, amount: money.Of(rapid.Int64Range(10_000, 100_000).Draw(t, "amount"), way.currency), chain: way.chain}
	reference := r.next("ord")
	out, err := r.till.send(command{"/payment-sessions " + reference, r.next("key"), func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return r.Engine.CreateSession(ctx, c, engine.Create{Amount: m.amount, Method: way.method, Reference: reference, Description: "Term fee",
			Customer: wire.Customer{Email: "ada@example.com"}, Order: []byte(`{}`)})
	}})
	if errors.Is(err, errDied) || refused(err) {
		return
	}
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	m.id = objectOf(out.Body)
	if r.ask(t, m) {
		r.mouths = append(r.mouths, m)
	}
}

// ask captures the session, for the first time or again; false: it was refused.
func (r *river) ask(t *rapid.T, m *mouth) bool {
	_, err := r.till.send(command{"/capture " + m.id, r.next("key"), func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return r.Engine.Capture(ctx, c, m.id, engine.Capture{Chain: m.chain, Token: m.amount.Currency})
	}})
	if err != nil && !errors.Is(err, errDied) && !refused(err) {
		t.Fatalf("capture: %v", err)
	}
	p := r.payment(t, m.id)
	if p.Course.Payer == nil {
		return false
	}
	if m.number != "" && m.number != p.Course.Payer.Number {
		t.Fatalf("asked again, the payer is told %s instead of %s", p.Course.Payer.Number, m.number)
	}
	m.number, m.state = p.Course.Payer.Number, p.State
	return true
}

func refused(err error) bool { _, is := problem.Of(err); return is }

func (r *river) askAgain(t *rapid.T) {
	if m := r.pick(t); m.session && r.ask(t, m) {
		m.received = m.received || m.state.Paid()
	}
}

// wallet gives one of the business's wallets a funding account.
func (r *river) wallet(t *rapid.T) {
	if len(r.mouths) >= 6 {
		t.Skip("enough ways in")
	}
	c := rapid.SampledFrom([]money.Currency{money.NGN, money.CAD}).Draw(t, "currency")
	out, err := r.customerWallet(c)
	if err != nil {
		t.Fatalf("open a wallet: %v", err)
	}
	m := &mouth{id: out.ID, amount: money.Of(0, c)}
	_, number, err := r.Engine.FundingAccount(context.Background(), &engine.Call{Business: r.business}, out.ID, c)
	if refused(err) {
		return // the rail is down
	}
	if err != nil {
		t.Fatalf("an account: %v", err)
	}
	m.number = number
	r.mouths = append(r.mouths, m)
}

// customerWallet opens a wallet of a new customer.
func (r *river) customerWallet(c money.Currency) (w wallet.Wallet, err error) {
	email := r.next("who") + "@example.com"
	a := r.Do("POST", "/customers", map[string]any{"first_name": "Ada", "last_name": "Obi", "email": email, "phone_number": "+2348031234567",
		"billing_address": map[string]any{"line1": "1", "city": "Lagos", "country": "NG", "zip_code": "1"}})
	b := r.Do("POST", "/wallets", map[string]any{"currency": c, "customer_id": a.Text("data.id")})
	return r.Engine.FindWallet(context.Background(), r.business, b.Text("data.id"))
}

func (r *river) order(t *rapid.T, m *mouth) scripted.TransferOrder {
	whole := max(m.amount.Minor, 1000)
	o := scripted.TransferOrder{Rails: everyRail, Copies: rapid.IntRange(1, 3).Draw(t, "copies"),
		Delay: rapid.SampledFrom([]time.Duration{0, 0, 0, time.Second, time.Hour, 30 * time.Hour}).Draw(t, "delay")}
	o.Number, o.Reference = m.number, r.next("in")
	o.Amount = rapid.SampledFrom([]int64{1, whole / 3, whole / 2, whole - 1, whole, whole, whole + 1, 2 * whole}).Draw(t, "amount")
	if m.chain != "" {
		o.Confirmations = rapid.SampledFrom([]int64{0, 0, 3, 100}).Draw(t, "confirmations")
		if rapid.IntRange(0, 4).Draw(t, "wrong") == 0 {
			o.Currency, o.Chain = string(money.USDC), "TRX"
		}
	}
	return o
}

func (r *river) give(t *rapid.T, o scripted.TransferOrder) {
	if _, err := r.Bank.Send(context.Background(), o); err != nil {
		t.Fatalf("send: %v", err)
	}
}

func (r *river) send(t *rapid.T) {
	o := r.order(t, r.pick(t))
	r.sent = append(r.sent, o)
	r.give(t, o)
}

// twice sends two transfers of which neither waits for the other to be booked.
func (r *river) twice(t *rapid.T) {
	m := r.pick(t)
	for range 2 {
		o := r.order(t, m)
		r.sent = append(r.sent, o)
		r.give(t, o)
	}
}

func (r *river) again(t *rapid.T) {
	if len(r.sent) == 0 {
		t.Skip("nothing was sent yet")
	}
	o := r.sent[rapid.IntRange(0, len(r.sent)-1).Draw(t, "transfer")]
	if o.Confirmations > 0 {
		o.Confirmations += 3
	}
	r.give(t, o)
}

func (r *river) giveUp(t *rapid.T) {
	if m := r.pick(t); m.session {
		_, err := r.till.send(r.till.cancel(m.id, r.next("key")))
		if err != nil && !refused(err) && !errors.Is(err, errDied) {
			t.Fatalf("cancel: %v", err)
		}
	}
}

func (r *river) leave(t *rapid.T) {
	if m := r.pick(t); m.session {
		if err := r.Bank.GiveUp(context.Background(), m.number, problem.FailurePayerCancelled); err != nil {
			t.Fatalf("give up: %v", err)
		}
	}
}

func (r *river) refund(t *rapid.T) {
	if m := r.pick(t); m.session {
		amount := rapid.SampledFrom([]int64{0, 1, m.amount.Minor / 3, m.amount.Minor}).Draw(t, "refund")
		_, err := r.till.send(r.till.refund(m.id, amount, r.next("key")))
		if err != nil && !refused(err) && !errors.Is(err, errDied) && !panicked(err) {
			t.Fatalf("refund: %v", err)
		}
	}
}

func (r *river) freeze(t *rapid.T) {
	if m := r.pick(t); !m.session {
		r.Do("PATCH", "/wallets/"+m.id+"/status", map[string]any{"status": rapid.SampledFrom(wallet.Statuses[:2]).Draw(t, "status")})
	}
}

func (r *river) pass(t *rapid.T) {
	r.advance(t, rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, time.Minute, time.Hour, 13 * time.Hour, 25 * time.Hour}).Draw(t, "time"))
}

func (r *river) expire(t *rapid.T) {
	if m := r.pick(t); m.session {
		_, err := r.Engine.ExpireNow(context.Background(), r.payment(t, m.id))
		if err != nil && !refused(err) && !store.Lost(err) {
			t.Fatalf("expire: %v", err)
		}
	}
}

func (r *river) goDown(t *rapid.T) {
	until := r.clock.Now().Add(rapid.SampledFrom([]time.Duration{10 * time.Second, 20 * time.Minute}).Draw(t, "time"))
	r.setRail(t, scripted.Patch{DownUntil: &until})
}

func (r *river) change(t *rapid.T) {
	name := rapid.SampledFrom([]string{"instant", "forgetful", "doubtful", "echo", "silent"}).Draw(t, "personality")
	r.setRail(t, scripted.Patch{Personality: &name})
}

func (r *river) setRail(t *rapid.T, p scripted.Patch) {
	if _, err := r.Bank.SetRail(context.Background(), rapid.SampledFrom(everyRail).Draw(t, "rail"), p); err != nil {
		t.Fatalf("change the bank: %v", err)
	}
}

func (r *river) die(t *rapid.T) {
	r.death.arm(rapid.SampledFrom([]string{"after intent", "before act", "after act", "after outcome"}).Draw(t, "point"), rapid.IntRange(0, 2).Draw(t, "skip"))
}

// look is what must hold at every moment at which nothing is due.
func (r *river) look(t *rapid.T) {
	r.settled(t)
	r.faultless(t)
	for _, m := range r.mouths {
		if !m.session {
			continue
		}
		p := r.payment(t, m.id)
		if !follows(m.state, p.State, payment.Next) {
			t.Fatalf("the payment went from %s to %s: no events lead there", m.state, p.State)
		}
		m.state = p.State
	}
}

func (r *river) deposits(t reporter) []*deposit.Deposit {
	t.Helper()
	return view(t, r.till, func(v store.View) ([]*deposit.Deposit, error) { return v.DepositsAfter("", 1000) })
}

// end brings everything to its end and checks what must hold then.
func (r *river) end(t *rapid.T) {
	r.death.arm("", 0)
	r.advance(t, 2*time.Hour) // the bank is up again
	r.advance(t, 100*time.Hour)
	r.look(t)
	r.clean(t)
	r.checkTransfers(t)
	r.checkMoney(t)
	for _, m := range r.mouths {
		if m.session {
			r.checkSession(t, m)
		}
	}
}

// checkTransfers: each transfer that the bank has booked is one deposit, and no other is there.
func (r *river) checkTransfers(t *rapid.T) {
	booked := map[string]int64{}
	lines, err := r.Bank.Statement(context.Background(), rail.Filter{Limit: 1000})
	if err != nil {
		t.Fatalf("statement: %v", err)
	}
	for _, l := range lines {
		if l.Kind == "execution" {
			booked[l.Ref] += l.Amount
		}
	}
	for _, d := range r.deposits(t) {
		if d.State == deposit.Pending {
			continue // a chain that never confirms
		}
		if booked[d.Reference] != d.Amount.Minor {
			t.Errorf("deposit %s of %s: the bank has booked %d", d.Reference, d.Amount, booked[d.Reference])
		}
		if d.State == deposit.Returning {
			t.Errorf("deposit %s is still on its way back", d.Reference)
		}
		delete(booked, d.Reference)
	}
	if len(booked) > 0 {
		t.Errorf("the bank has booked %v, and no deposit says so", booked)
	}
}

// checkMoney: what we have is what came, less what went back, and nothing stands between.
func (r *river) checkMoney(t *rapid.T) {
	want := map[money.Currency]int64{}
	lines, err := r.Bank.Statement(context.Background(), rail.Filter{Limit: 1000})
	if err != nil {
		t.Fatalf("statement: %v", err)
	}
	for _, l := range lines {
		if l.Direction == "in" {
			want[money.Currency(l.Currency)] += l.Amount
		} else {
			want[money.Currency(l.Currency)] -= l.Amount
		}
	}
	got := map[money.Currency]int64{}
	for _, w := range view(t, r.till, store.View.Wallets) {
		if w.OfBusiness() {
			got[w.Currency] -= r.Opening()
		}
		got[w.Currency] += r.balance(t, ledger.Wallet(w.ID), w.Currency)
		for _, account := range []ledger.Account{ledger.Held(w.ID), ledger.Pending(w.ID), ledger.RailExceptions} {
			if n := r.balance(t, account, w.Currency); n != 0 {
				t.Errorf("%s holds %d in %s at the end", account, n, w.Currency)
			}
		}
	}
	for _, c := range money.All {
		if got[c] != want[c] {
			t.Errorf("the wallets have got %d in %s, the bank says %d", got[c], c, want[c])
		}
		for _, name := range everyRail {
			if n := r.balance(t, ledger.Clearing(name), c); n != 0 {
				t.Errorf("%s holds %d in %s at the end", ledger.Clearing(name), n, c)
			}
		}
	}
}

func (r *river) balance(t *rapid.T, a ledger.Account, c money.Currency) int64 {
	return view(t, r.till, func(v store.View) (int64, error) { return v.BalanceNow(a, c) })
}

func (r *river) checkSession(t *rapid.T, m *mouth) {
	p := r.payment(t, m.id)
	var held int64
	for _, d := range r.deposits(t) {
		if d.PaymentID == m.id && d.State == deposit.Held {
			held += d.Amount.Minor
		}
	}
	switch {
	case !p.State.Final():
		t.Errorf("the payment is %s four days later, want it final", p.State)
	case p.State == payment.Settled && (held < p.Amount.Minor || p.AmountPaid != held):
		t.Errorf("the payment of %s is settled with %d paid and %d held", p.Amount, p.AmountPaid, held)
	case p.State != payment.Settled && held != 0:
		t.Errorf("the payment is %s and keeps %d", p.State, held)
	}
}

func TestWhateverComesIsBookedOnceOrGoesBack(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	rapid.Check(t, func(t *rapid.T) {
		x.fresh(t)
		r := &river{till: x}
		r.session(t)
		t.Repeat(r.actions())
		r.end(t)
	})
}
