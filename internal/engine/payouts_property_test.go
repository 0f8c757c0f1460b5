package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
)

// office is a random run of payouts: what it has ordered, and what must hold of it.
type office struct {
	*till
	orders  []engine.NewPayout
	states  map[string]payment.PayoutState // by id, as they were seen last
	keys    int
	sent    []command
	mu      sync.Mutex // of what follows: commands run at the same time
	ordered map[string]string
}

func (o *office) key() string { o.keys++; return fmt.Sprint("key ", o.keys) }

func (o *office) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":                           o.look,
		"a payout is ordered":        func(t *rapid.T) { o.try(t, o.order(t)) },
		"a payout is ordered, 2":     func(t *rapid.T) { o.try(t, o.order(t)) },
		"a reference is used again":  o.again,
		"many come at once":          o.crowd,
		"a request is repeated":      o.repeat,
		"somebody resolves":          o.resolve,
		"time passes":                o.pass,
		"a rail goes down":           o.goDown,
		"another bank has the rail":  o.change,
		"the server dies":            o.die,
		"somebody looks at the rail": o.ask,
	}
}

// bankCodes are the characters of receiving banks.
var bankCodes = []string{"999001", "999002", "999003", "999004", "999005", "999006", "999007", "999008", "999009", "999010", "999011"}

// endingsOfAccounts decide what becomes of a payout; "0031" leaves it to the bank.
var endingsOfAccounts = []string{"0031", "9111", "9114", "9121", "9122", "9123", "9131", "9132", "9133", "9134", "9135", "9141", "9142", "9151", "9152", "9153"}

// somebody is a new beneficiary.
func (o *office) somebody(t *rapid.T) (id string, kind party.BeneficiaryType, c money.Currency) {
	ending := rapid.OneOf(rapid.Just("0031"), rapid.SampledFrom(endingsOfAccounts)).Draw(t, "ending")
	o.keys++
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return o.BeneficiaryOf(party.ToInterac, money.CAD, party.Details{Email: fmt.Sprintf("ada%d%s@example.com", o.keys, ending), FirstName: "Ada"}), party.ToInterac, money.CAD
	case 1:
		return o.BeneficiaryOf(party.ToCrypto, money.USDC, party.Details{Chain: "ETH", CryptoAddress: fmt.Sprint("0x", o.keys, ending)}), party.ToCrypto, money.USDC
	default:
		bank := rapid.SampledFrom(bankCodes).Draw(t, "bank")
		return o.Beneficiary(fmt.Sprintf("%06d%s", o.keys%1_000_000, ending), bank), party.ToBank, money.NGN
	}
}

func (o *office) draft(t *rapid.T) engine.NewPayout {
	to, kind, c := o.somebody(t)
	in := engine.NewPayout{Beneficiary: to, Type: kind, Source: c, Reference: fmt.Sprint("po_", len(o.orders)),
		Amount:   money.Of(rapid.OneOf(rapid.SampledFrom([]int64{10_000, 50_000, 4_000_000}), rapid.Int64Range(10_000, 900_000)).Draw(t, "amount"), c),
		FeePayer: rapid.SampledFrom([]payment.FeePayer{payment.FeeOnSender, payment.FeeOnRecipient}).Draw(t, "who bears the fee")}
	if rapid.IntRange(0, 2).Draw(t, "another currency") == 0 {
		in.Source = map[money.Currency]money.Currency{money.NGN: money.CAD, money.CAD: money.USD, money.USDC: money.USD}[c]
	}
	return in
}

func (o *office) order(t *rapid.T) command {
	if len(o.orders) >= 10 {
		t.Skip("enough payouts")
	}
	in := o.draft(t)
	o.orders = append(o.orders, in)
	return o.payOut(in, o.key())
}

// try sends commands at the same time; a refusal is an answer.
func (o *office) try(t *rapid.T, commands ...command) {
	errs := make([]error, len(commands))
	var group sync.WaitGroup
	for i, c := range commands {
		group.Go(func() { errs[i] = o.tell(c) })
	}
	group.Wait()
	o.sent = append(o.sent, commands...)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func (o *office) tell(c command) error {
	out, err := o.send(c)
	if _, refused := problem.Of(err); refused || errors.Is(err, errDied) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if id := objectOf(out.Body); id != "" {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.ordered[id] = c.name
	}
	return nil
}

func (o *office) pick(t *rapid.T) engine.NewPayout {
	if len(o.orders) == 0 {
		t.Skip("nothing was ordered yet")
	}
	return rapid.SampledFrom(o.orders).Draw(t, "order")
}

func (o *office) again(t *rapid.T) {
	in := o.pick(t)
	if rapid.Bool().Draw(t, "another amount") {
		in.Amount.Minor++
	}
	o.try(t, o.payOut(in, o.key()))
}

func (o *office) repeat(t *rapid.T) {
	if len(o.sent) == 0 {
		t.Skip("nothing was sent yet")
	}
	o.try(t, rapid.SampledFrom(o.sent).Draw(t, "request"))
}

func (o *office) crowd(t *rapid.T) {
	in := o.pick(t)
	var all []command
	for range rapid.IntRange(2, 4).Draw(t, "how many") {
		all = append(all, o.payOut(in, o.key()))
	}
	if len(o.orders) < 10 {
		one := o.order(t)
		all = append(all, one, one) // and once more under the same key
	}
	o.try(t, all...)
}

func (o *office) all(t reporter) []*payment.Payout {
	return view(t, o.till, func(v store.View) ([]*payment.Payout, error) { return v.PayoutsAfter("", 1000) })
}

func (o *office) resolve(t *rapid.T) {
	all := o.all(t)
	if len(all) == 0 {
		t.Skip("there is no payout yet")
	}
	p := all[rapid.IntRange(0, len(all)-1).Draw(t, "payout")]
	ending := rapid.SampledFrom([]scripted.Ending{scripted.Succeed, scripted.Fail}).Draw(t, "ending")
	switch {
	case p.State == payment.PayoutSucceeded:
		ending = scripted.Reverse
	case p.State.Final(): // a failed one that the bank executes all the same is on its way back: hands off
		return
	}
	_, err := o.Bank.Resolve(context.Background(), engine.PayoutRef(p), ending, "")
	if err != nil && !errors.Is(err, scripted.ErrWrongState) && !errors.Is(err, scripted.ErrUnknown) {
		t.Fatalf("by hand: %v", err)
	}
}

func (o *office) ask(t *rapid.T) {
	for _, p := range o.all(t) {
		if !p.State.Decided() {
			err := dying(func() error { return o.Engine.Look(context.Background(), "payout", p.ID) })
			if err != nil && !errors.Is(err, errDied) && !store.Lost(err) {
				t.Fatalf("look at %s: %v", p.ID, err)
			}
		}
	}
}

func (o *office) pass(t *rapid.T) {
	o.advance(t, rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 10 * time.Minute, time.Hour,
		13 * time.Hour}).Draw(t, "time"))
}

func (o *office) setRail(t *rapid.T, p scripted.Patch) {
	name := rapid.SampledFrom(payment.PayoutRailNames()).Draw(t, "rail")
	if _, err := o.Bank.SetRail(context.Background(), name, p); err != nil {
		t.Fatalf("set rail %s: %v", name, err)
	}
}

func (o *office) goDown(t *rapid.T) {
	until := o.clock.Now().Add(rapid.SampledFrom([]time.Duration{10 * time.Second, time.Minute, 20 * time.Minute}).Draw(t, "time"))
	o.setRail(t, scripted.Patch{DownUntil: &until})
}

func (o *office) change(t *rapid.T) {
	name := rapid.SampledFrom([]string{"instant", "forgetful", "doubtful", "echo", "silent", "contrary", "fickle"}).Draw(t, "personality")
	o.setRail(t, scripted.Patch{Personality: &name})
}

func (o *office) die(t *rapid.T) {
	o.death.arm(rapid.SampledFrom([]string{"after intent", "before act", "after act", "after outcome"}).Draw(t, "point"), rapid.IntRange(0, 2).Draw(t, "skip"))
}

// look is what must hold at every moment at which nothing is due.
func (o *office) look(t *rapid.T) {
	o.settled(t)
	o.faultless(t)
	for _, p := range o.all(t) {
		if before, known := o.states[p.ID]; known && !follows(before, p.State, payment.NextPayout) {
			t.Fatalf("%s went from %s to %s: no events lead there", p.Reference, before, p.State)
		}
		o.states[p.ID] = p.State
	}
}

// end brings everything to its end and checks what must hold then.
func (o *office) end(t *rapid.T) {
	o.death.arm("", 0)
	o.advance(t, 14*time.Hour) // the rails are up again, and have told what they will by themselves
	for _, p := range o.all(t) {
		if p.State == payment.PayoutInDoubt {
			if _, err := o.Bank.Resolve(context.Background(), engine.PayoutRef(p), scripted.Fail, ""); err != nil {
				t.Fatalf("resolve %s: %v", p.Reference, err)
			}
		}
	}
	o.advance(t, 72*time.Hour)
	o.look(t)
	o.clean(t)
	o.checkMoney(t)
	for id, name := range o.ordered {
		if _, err := o.Engine.FindPayout(context.Background(), o.business, id); err != nil {
			t.Errorf("%s was answered with %s, which is not there: %v", name, id, err)
		}
	}
}

// checkMoney: what left the wallets is what was paid out, with the fees; what failed is
// there again to the last minor unit; what came back is there in its currency.
func (o *office) checkMoney(t *rapid.T) {
	want, fees := map[money.Currency]int64{}, map[money.Currency]int64{}
	for _, c := range money.All {
		want[c] = o.Opening()
	}
	for _, p := range o.all(t) {
		events := map[payment.PayoutState][]string{payment.PayoutSucceeded: {"payout.succeeded"}, payment.PayoutFailed: {"payout.failed"},
			payment.PayoutReversed: {"payout.succeeded", "payout.reversed"}}[p.State]
		if got := o.events(t, p.ID); !slices.Equal(got, events) || events == nil {
			t.Errorf("%s is %s and its events are %q, want %q", p.Reference, p.State, got, events)
		}
		if p.State != payment.PayoutFailed {
			want[p.Source.Currency] -= p.Source.Minor
			fees[p.Amount.Currency] += p.Fee
		}
		if p.State == payment.PayoutReversed {
			want[p.Amount.Currency] += p.Sends().Minor
		}
	}
	for c, amount := range want {
		if available, held := o.inWallet(t, c); available != amount || held != 0 {
			t.Errorf("%s is there and %s is held, want %s and nothing", money.Of(available, c), money.Of(held, c), money.Of(amount, c))
		}
		empty := []ledger.Account{ledger.RailExceptions}
		for _, name := range payment.PayoutRailNames() {
			empty = append(empty, ledger.Clearing(name))
		}
		for _, account := range empty {
			if got := o.balance(t, account, c); got != 0 {
				t.Errorf("%s holds %s, want nothing", account, money.Of(got, c))
			}
		}
		if got := o.balance(t, ledger.Fees, c); got != fees[c] {
			t.Errorf("the fees are %s, want %s", money.Of(got, c), money.Of(fees[c], c))
		}
	}
}

func TestWhateverIsPaidOutNoMoneyIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	rapid.Check(t, func(t *rapid.T) {
		x.fresh(t)
		o := &office{till: x, states: map[string]payment.PayoutState{}, ordered: map[string]string{}}
		o.try(t, o.order(t))
		t.Repeat(o.actions())
		o.end(t)
	})
}
