package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// desk is a business that exchanges at random, and what it was told.
type desk struct {
	*till
	quotes, rates []string
	keys          int
	sent          []command
	mu            sync.Mutex
	accepted      map[string]bool // ids of deals that were answered for
}

func (d *desk) command(name string, run func(context.Context, *engine.Call) (engine.Reply, error)) command {
	d.keys++
	return command{name, fmt.Sprint("key ", d.keys), run}
}

// try sends commands at the same time; a refusal is an answer.
func (d *desk) try(t *rapid.T, commands ...command) {
	errs := make([]error, len(commands))
	var group sync.WaitGroup
	for i, c := range commands {
		group.Go(func() {
			out, err := d.send(c)
			if _, refused := problem.Of(err); err != nil && !refused {
				errs[i] = fmt.Errorf("%s: %w", c.name, err)
			}
			if err == nil && out.Outcome == problem.Succeeded {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.accepted[objectOf(out.Body)] = true
			}
		})
	}
	group.Wait()
	d.sent = append(d.sent, commands...)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func someCurrencies(t *rapid.T) (source, target money.Currency) {
	pair := rapid.SampledFrom(exchange.DefaultPairs()).Draw(t, "pair")
	if rapid.Bool().Draw(t, "the other way") {
		return pair.Second, pair.First
	}
	return pair.First, pair.Second
}

// someAmount is up to more than a wallet holds, and often the same as before.
func someAmount(t *rapid.T) int64 {
	return rapid.OneOf(rapid.SampledFrom([]int64{100, 1000, 1039, 1040}), rapid.Int64Range(1, 1000), rapid.Int64Range(1, 2e9)).Draw(t, "amount")
}

func (d *desk) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":                      func(t *rapid.T) { d.faultless(t) },
		"a quote is asked for":  d.quote,
		"a rate is asked for":   d.rate,
		"money is swapped":      func(t *rapid.T) { d.try(t, d.swap(t)) },
		"money is swapped, 2":   func(t *rapid.T) { d.try(t, d.swap(t)) },
		"money is converted":    func(t *rapid.T) { d.try(t, d.convert(t)) },
		"an order is placed":    func(t *rapid.T) { d.try(t, d.place(t)) },
		"many come at once":     d.crowd,
		"a request is repeated": func(t *rapid.T) { d.again(t) },
		"the operator decides":  d.decide,
		"time passes": func(t *rapid.T) {
			d.advance(t, rapid.SampledFrom([]time.Duration{time.Second, 29 * time.Second, 61 * time.Second}).Draw(t, "time"))
		},
	}
}

func (d *desk) quote(t *rapid.T) {
	source, target := someCurrencies(t)
	lock := rapid.Bool().Draw(t, "lock")
	out, err := d.Engine.Quote(context.Background(), &engine.Call{Business: d.business}, source, target, lock)
	if err != nil {
		t.Fatalf("quote: %v", err)
	}
	d.quotes = append(d.quotes, objectOf(out.Body))
}

func (d *desk) rate(t *rapid.T) {
	source, target := someCurrencies(t)
	out, err := d.Engine.FXRate(context.Background(), &engine.Call{Business: d.business}, source, target)
	if err != nil {
		t.Fatalf("rate: %v", err)
	}
	d.rates = append(d.rates, objectOf(out.Body))
}

func (d *desk) swap(t *rapid.T) command {
	in := engine.Swap{Amount: someAmount(t)}
	if len(d.quotes) > 0 && rapid.Bool().Draw(t, "with a quote") {
		in.QuoteID = rapid.SampledFrom(d.quotes).Draw(t, "quote")
	} else {
		in.Source, in.Target = someCurrencies(t)
	}
	return d.command("swap", func(ctx context.Context, c *engine.Call) (engine.Reply, error) { return d.Engine.Swap(ctx, c, in) })
}

func (d *desk) convert(t *rapid.T) command {
	in := engine.Convert{RateID: "none", Amount: someAmount(t), Reference: fmt.Sprint("c-", rapid.IntRange(0, 8).Draw(t, "reference"))}
	if len(d.rates) > 0 {
		in.RateID = rapid.SampledFrom(d.rates).Draw(t, "rate")
		q, err := d.Engine.FindQuote(context.Background(), d.business, exchange.ForFX, in.RateID)
		if err != nil {
			t.Fatalf("rate: %v", err)
		}
		in.Source, in.Target = q.Price.Source(), q.Price.Target()
	}
	return d.command("convert", func(ctx context.Context, c *engine.Call) (engine.Reply, error) { return d.Engine.Convert(ctx, c, in) })
}

func (d *desk) place(t *rapid.T) command {
	symbol := rapid.SampledFrom(exchange.DefaultPairs()).Draw(t, "pair").Symbol()
	o := exchange.Order{Qty: someAmount(t), Type: rapid.SampledFrom([]exchange.OrderType{exchange.BuyOrder, exchange.SellOrder}).Draw(t, "type"), TimeInForce: "gtc"}
	return d.command("order", func(ctx context.Context, c *engine.Call) (engine.Reply, error) {
		return d.Engine.PlaceOrder(ctx, c, symbol, o)
	})
}

func (d *desk) crowd(t *rapid.T) {
	var all []command
	for range rapid.IntRange(2, 4).Draw(t, "how many") {
		one := rapid.SampledFrom([]func(*rapid.T) command{d.swap, d.convert, d.place}).Draw(t, "what")(t)
		other := one
		d.keys++
		other.key = fmt.Sprint("key ", d.keys)
		all = append(all, one, one, other) // once more under its key, and once under another
	}
	d.try(t, all...)
}

func (d *desk) again(t *rapid.T) {
	if len(d.sent) == 0 {
		t.Skip("nothing was sent yet")
	}
	d.try(t, rapid.SampledFrom(d.sent).Draw(t, "request"))
}

func (d *desk) decide(t *rapid.T) {
	rates, err := d.Engine.Rates(context.Background())
	if err != nil {
		t.Fatalf("rates: %v", err)
	}
	buy := rapid.OneOf(rapid.Int64Range(1, 300), rapid.Int64Range(1, 500_000)).Draw(t, "buy")
	in := engine.RateChange{Buy: buy, Sell: buy + rapid.Int64Range(0, 2000).Draw(t, "spread")}
	_, err = d.Engine.SetRate(context.Background(), &engine.Call{Business: d.business}, rapid.SampledFrom(rates).Draw(t, "rate").ID, in)
	if err != nil {
		t.Fatalf("set a rate: %v", err)
	}
}

// check is what must hold in the end.
func (d *desk) check(t *rapid.T) {
	d.clean(t)
	deals := view(t, d.till, func(v store.View) ([]*exchange.Deal, error) { return v.DealsAfter("", 1000) })
	used, references := map[string]bool{}, map[string]bool{}
	holds := map[money.Currency]int64{}
	for _, c := range money.All {
		holds[c] = d.Opening()
	}
	for _, deal := range deals {
		if deal.QuoteID != "" && used[deal.QuoteID] || deal.Reference != "" && references[deal.Reference] {
			t.Errorf("deal %s is the second of its quote or reference", deal.ID)
		}
		used[deal.QuoteID], references[deal.Reference] = true, true
		if !d.accepted[deal.ID] {
			t.Errorf("nobody was told of the %s %s", deal.Kind, deal.ID)
		}
		delete(d.accepted, deal.ID)
		holds[deal.Terms.Source.Currency] -= deal.Terms.Source.Minor
		holds[deal.Terms.Target.Currency] += deal.Terms.Target.Minor
	}
	for id := range d.accepted {
		t.Errorf("somebody was told that %s succeeded; there is no such deal", id)
	}
	d.checkPositions(t, holds)
	for _, id := range slices.Concat(d.quotes, d.rates) {
		q := view(t, d.till, func(v store.View) (*exchange.Quote, error) { return v.Quote(id) })
		if (q.State == exchange.Used) != used[id] || (q.UsedBy != "") != used[id] {
			t.Errorf("quote %s is %s by %q, a deal of it: %v", id, q.State, q.UsedBy, used[id])
		}
	}
}

// checkPositions: the wallets hold what the deals left, none less than nothing; the
// operator's accounts hold the other side of it.
func (d *desk) checkPositions(t *rapid.T, holds map[money.Currency]int64) {
	sealAll(t, d.till)
	for c, want := range holds {
		w := view(t, d.till, func(v store.View) (wallet.Wallet, error) { return v.WalletOf(d.business, d.business, c) })
		balance := func(a ledger.Account) int64 {
			return view(t, d.till, func(v store.View) (int64, error) { return v.Balance(a, c) })
		}
		if got := balance(ledger.Wallet(w.ID)); got != want || got < 0 {
			t.Errorf("the wallet holds %s, the deals make %s", money.Of(got, c), money.Of(want, c))
		}
		if got := balance(ledger.FX) + balance(ledger.FXRounding); got != d.Opening()-want {
			t.Errorf("fx and fx_rounding hold %s, want %s", money.Of(got, c), money.Of(d.Opening()-want, c))
		}
		if got := balance(ledger.FXRounding); got < 0 {
			t.Errorf("fx_rounding holds %s: rounding has cost money", money.Of(got, c))
		}
	}
}

func sealAll(t reporter, x *till) {
	for n := 1; n > 0; {
		var err error
		if n, err = x.Engine.Seal(context.Background()); err != nil {
			t.Fatalf("seal: %v", err)
		}
	}
}

func TestWhateverIsExchangedNoMoneyIsMadeOrLost(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	rapid.Check(t, func(t *rapid.T) {
		x.fresh(t)
		d := &desk{till: x, accepted: map[string]bool{}}
		d.quote(t)
		d.rate(t)
		t.Repeat(d.actions())
		d.check(t)
	})
}

// exchanged makes one deal of each kind.
func (x *till) exchanged(t reporter) {
	t.Helper()
	ctx, call := context.Background(), func() *engine.Call { return &engine.Call{Business: x.business} }
	_, err := x.Engine.Swap(ctx, call(), engine.Swap{Amount: 104_500, Source: money.NGN, Target: money.CAD})
	q, err2 := x.Engine.FXRate(ctx, call(), money.USDC, money.NGN)
	_, err3 := x.Engine.Convert(ctx, call(), engine.Convert{RateID: objectOf(q.Body), Source: money.USDC, Target: money.NGN, Amount: 10000, Reference: "c-1"})
	_, err4 := x.Engine.PlaceOrder(ctx, call(), "CAD-NGN", exchange.Order{Qty: 1000, Type: exchange.BuyOrder, TimeInForce: "gtc"})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatalf("exchange: %v", err)
	}
	sealAll(t, x)
}

// exchangeEdits are what somebody with the database could do to exchanges.
var exchangeEdits = []struct{ what, sql, finding string }{
	{"a deal is deleted", "DELETE FROM deals WHERE kind = 'swap'", wire.Orphaned},
	{"the booking of a deal is deleted", "DELETE FROM postings WHERE entry IN (SELECT id FROM entries WHERE kind = 'swap.exchanged'); DELETE FROM entries WHERE kind = 'swap.exchanged'", wire.Lost},
	{"a deal is booked twice", "INSERT INTO entries SELECT 'ff' || SUBSTR(id, 3), business, at, kind, object, rail_ref, NULL FROM entries WHERE kind = 'swap.exchanged'; " +
		"INSERT INTO postings SELECT 'ff' || SUBSTR(entry, 3), line, account, amount, currency FROM postings WHERE entry = (SELECT id FROM entries WHERE kind = 'swap.exchanged' AND seq IS NOT NULL)", wire.Doubled},
	{"a deal's rate is another", "UPDATE deals SET rate = '1030.01' WHERE kind = 'swap'", wire.Unbalanced},
	{"a deal gives more than its rate", "UPDATE deals SET target_amount = target_amount + 1 WHERE kind = 'conversion'", wire.Unbalanced},
	{"the rest of rounding is pocketed", "UPDATE deals SET rest = 0 WHERE kind = 'swap'", wire.Unbalanced},
	{"the rest is moved to the position", "UPDATE postings SET account = 'fx' WHERE account = 'fx_rounding'", wire.Unbalanced},
	{"an order's fill is called failed", "UPDATE deals SET state = 'failed' WHERE kind = 'order'", wire.Orphaned},
	{"the position is changed", "UPDATE balances SET amount = amount + 1 WHERE account = 'fx' AND currency = 'NGN'", wire.Unbalanced},
	{"an entry of nobody moves the position", "INSERT INTO entries VALUES ('ff', 'b', 1, 'swap.exchanged', 'nobody', '', NULL); " +
		"INSERT INTO postings VALUES ('ff', 0, 'fx', -5, 'NGN'), ('ff', 1, 'fees', 5, 'NGN')", wire.Orphaned},
}

func TestEditedExchangesTurnTheAuditRed(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.exchanged(t)
	x.clean(t)
	for _, edit := range exchangeEdits {
		t.Run(edit.what, func(t *testing.T) {
			report := x.edited(t, ours, edit.sql)
			if report.Clean || report.Totals[edit.finding] == 0 {
				t.Errorf("clean: %v, findings %v; want %s", report.Clean, report.Findings, edit.finding)
			}
		})
	}
}

// A payout in another currency exchanges when it is accepted, and gives back to the
// minor unit when it comes to nothing.
func TestAPayoutExchangesAndGivesBack(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx := t.Context()
	wallet := func(c money.Currency) string {
		return view(t, x, func(v store.View) (wallet.Wallet, error) { return v.WalletOf(x.business, x.business, c) }).ID
	}
	ngn, cad := wallet(money.NGN), wallet(money.CAD)
	balance := func(a ledger.Account, c money.Currency) int64 {
		return view(t, x, func(v store.View) (int64, error) { return v.Balance(a, c) })
	}
	q, err := x.Engine.Quote(ctx, &engine.Call{Business: x.business}, money.NGN, money.CAD, true)
	nodetest.Must(t, err)
	quote, payout := objectOf(q.Body), "01a20297-d678-7c1d-89ba-1d555790f82e"
	asked := func(payout string) (*engine.Exchanged, error) {
		return x.Engine.ExchangeFor(ctx, x.business, payout, money.Of(1001, money.CAD), money.NGN, quote)
	}
	book := func(deal *engine.Exchanged) error {
		return x.Engine.Store.Write(ctx, func(tx store.Tx) error {
			return deal.Book(tx, x.Engine, ledger.Wallet(ngn), ledger.Held(cad))
		})
	}
	first, err := asked(payout)
	nodetest.Must(t, err)
	second, err := asked("01a20297-d678-7c1d-89ba-000000000000")
	nodetest.Must(t, err)
	if first.Terms.Source != money.Of(1_041_040, money.NGN) || first.Terms.Target != money.Of(1001, money.CAD) {
		t.Errorf("10.01 CAD at 1040.00 cost %v", first.Terms)
	}
	nodetest.Must(t, book(first))
	if err := book(second); !store.Lost(err, "save_quote", "insert_deal") {
		t.Errorf("the quote's second use: got %v, want a conflict", err)
	}
	if _, err := asked("another"); !problem.QuoteAlreadyUsed.Is(err) {
		t.Errorf("asked again: got %v", err)
	}
	if got := balance(ledger.Wallet(ngn), money.NGN); got != x.Opening()-1_041_040 || balance(ledger.Held(cad), money.CAD) != 1001 {
		t.Errorf("the wallet holds %d, held is %d", got, balance(ledger.Held(cad), money.CAD))
	}
	if report := x.audit(t); report.Totals[wire.Unbalanced] != 1 { // what is held is for no payout
		t.Errorf("the audit found %v, want the hold of nobody", report.Findings)
	}
	undo := func() error {
		return x.Engine.Store.Write(ctx, func(tx store.Tx) error {
			return x.Engine.UndoExchange(tx, x.business, payout, ledger.Held(cad), ledger.Wallet(ngn))
		})
	}
	nodetest.Must(t, undo())
	if err := undo(); err == nil {
		t.Error("it was given back twice")
	}
	if got := balance(ledger.Wallet(ngn), money.NGN); got != x.Opening() || balance(ledger.Held(cad), money.CAD) != 0 {
		t.Errorf("after it came to nothing the wallet holds %d", got)
	}
	sealAll(t, x)
	for _, c := range []money.Currency{money.NGN, money.CAD} {
		if got := balance(ledger.FX, c); got != 0 {
			t.Errorf("fx holds %s", money.Of(got, c))
		}
	}
	x.clean(t)
	for says, ask := range map[string]func() error{
		"no such pair": func() error {
			_, err := x.Engine.ExchangeFor(ctx, x.business, "p", money.Of(100, money.USDT), money.CAD, "")
			return err
		},
		"more than an amount can hold": func() error {
			_, err := x.Engine.ExchangeFor(ctx, x.business, "p", money.Of(money.Max, money.CAD), money.NGN, "")
			return err
		},
		"another pair's quote": func() error {
			_, err := x.Engine.ExchangeFor(ctx, x.business, "p", money.Of(100, money.USD), money.NGN, quote)
			return err
		},
	} {
		if _, refused := problem.Of(ask()); !refused {
			t.Errorf("%s: got %v, want a refusal", says, ask())
		}
	}
}

func TestTheBooksOfASwap(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.exchanged(t)
	var lines []string
	for _, e := range view(t, x, func(v store.View) ([]store.SealedEntry, error) { return v.EntriesAfter("", 1000) }) {
		if !strings.HasSuffix(e.Kind, ".exchanged") {
			continue
		}
		var legs []string
		for _, p := range e.Postings {
			account, _, _ := strings.Cut(string(p.Account), ":")
			legs = append(legs, fmt.Sprint(account, " ", money.Of(p.Amount, p.Currency)))
		}
		slices.Sort(legs) // the wallets come in the order of their ids
		lines = append(lines, e.Kind+": "+strings.Join(legs, ", "))
	}
	slices.Sort(lines) // all of one moment
	want := []string{
		"conversion.exchanged: fx -154550.00 NGN, fx 100.00 USDC, wallet -100.00 USDC, wallet 154550.00 NGN",
		"order.exchanged: fx -10.00 CAD, fx 10400.00 NGN, wallet -10400.00 NGN, wallet 10.00 CAD",
		"swap.exchanged: fx -1.00 CAD, fx 1040.00 NGN, fx_rounding 5.00 NGN, wallet -1045.00 NGN, wallet 1.00 CAD",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
