package exchange_test

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

var cadngn = exchange.Pair{First: money.CAD, Second: money.NGN}

// worth is what minor units of the source are worth in the target, exactly.
func worth(p exchange.Price, source int64) *big.Rat {
	rate, ok := new(big.Rat).SetString(string(p.Rate))
	if !ok {
		panic("no rate: " + p.Rate)
	}
	if p.Side == exchange.Sell {
		rate.Inv(rate)
	}
	return rate.Mul(rate, whole(source))
}

func whole(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// somePrice is any price, from worthless to absurd.
func somePrice(t *rapid.T) exchange.Price {
	side := rapid.SampledFrom([]exchange.Side{exchange.Buy, exchange.Sell}).Draw(t, "side")
	minor := exchange.OfMinor(rapid.OneOf(rapid.Int64Range(1, 300), rapid.Int64Range(1, 200_000), rapid.Int64Range(1, 1e17)).Draw(t, "rate in minor units"))
	rate := minor
	if rapid.Bool().Draw(t, "a finer rate") {
		text := rapid.StringMatching(`[0-9]{1,6}\.[0-9]{1,17}1`).Draw(t, "rate")
		rate = exchange.Decimal(text)
		if _, err := exchange.ParseDecimal(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return exchange.Price{Pair: cadngn, Side: side, Rate: rate}
}

func someAmount(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, 1e9), rapid.Int64Range(1, money.Max), rapid.Just(int64(money.Max))).Draw(t, "amount")
}

// judge is what must hold of any terms, in exact numbers.
func judge(t interface{ Errorf(string, ...any) }, p exchange.Price, terms exchange.Terms) {
	value, got := worth(p, terms.Source.Minor), whole(terms.Target.Minor)
	if value.Cmp(got) < 0 {
		t.Errorf("%v at %v: money is made", terms, p)
	}
	if terms.Rest < 0 || terms.Rest >= terms.Source.Minor && terms.Target.Minor > 0 {
		t.Errorf("%v at %v: the rest is no part of what was given", terms, p)
	}
	if used := worth(p, terms.Source.Minor-terms.Rest); used.Cmp(got) < 0 {
		t.Errorf("%v at %v: without its rest the source does not pay for the target", terms, p)
	}
	if one := worth(p, terms.Source.Minor-terms.Rest-1); one.Cmp(got) >= 0 && terms.Target.Minor > 0 {
		t.Errorf("%v at %v: the rest could be greater", terms, p)
	}
}

func TestWhatIsGivenIsRoundedDownToTheCustomer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, amount := somePrice(t), someAmount(t)
		terms, err := p.Give(amount)
		value := worth(p, amount)
		if err != nil {
			if value.Cmp(whole(money.Max)) <= 0 {
				t.Fatalf("%d at %v is refused although it is worth %s", amount, p, value.FloatString(2))
			}
			return
		}
		if terms.Source != money.Of(amount, p.Source()) {
			t.Errorf("%v: the customer gives something else than %d", terms, amount)
		}
		if lost := new(big.Rat).Sub(value, whole(terms.Target.Minor)); lost.Cmp(whole(1)) >= 0 {
			t.Errorf("%v at %v: %s minor units are lost, want less than one", terms, p, lost.FloatString(4))
		}
		if rest := worth(p, terms.Rest); rest.Cmp(whole(1)) >= 0 {
			t.Errorf("%v at %v: the rest is worth %s minor units of the target, want less than one", terms, p, rest.FloatString(4))
		}
		judge(t, p, terms)
	})
}

func TestWhatIsTakenIsPaidForWithTheLeastThatDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, amount := somePrice(t), someAmount(t)
		terms, err := p.Take(amount)
		if err != nil {
			if most := worth(p, money.Max); most.Cmp(whole(amount)) >= 0 {
				t.Fatalf("%d at %v is refused although an amount pays for it", amount, p)
			}
			return
		}
		if terms.Target != money.Of(amount, p.Target()) || terms.Rest != 0 {
			t.Errorf("%v: the customer gets something else than %d", terms, amount)
		}
		judge(t, p, terms)
	})
}

func TestBoundsAreExact(t *testing.T) {
	everything := exchange.Bounds{Least: 1, Most: money.Max}
	rapid.Check(t, func(t *rapid.T) {
		p, amount := somePrice(t), someAmount(t)
		terms, err := p.Give(amount)
		if good := err == nil && terms.Target.Minor > 0; good != p.Given(everything).Holds(amount) {
			t.Errorf("%d at %v: gives %v (%v), bounds %v", amount, p, terms, err, p.Given(everything))
		}
		_, err = p.Take(amount)
		if (err == nil) != p.Taken(everything).Holds(amount) {
			t.Errorf("to take %d at %v: %v, bounds %v", amount, p, err, p.Taken(everything))
		}
	})
}

func TestPostingsBalanceAndMoveWhatTheTermsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, amount := somePrice(t), someAmount(t)
		terms, err := p.Give(amount)
		if err != nil || terms.Target.Minor == 0 {
			t.Skip("nothing to post")
		}
		from, to := ledger.Wallet("a"), ledger.Wallet("b")
		if rapid.Bool().Draw(t, "the other way") {
			from, to = to, from
		}
		postings := terms.Postings(from, to)
		if err := (ledger.Entry{Postings: postings}).Check(); err != nil {
			t.Error(err)
		}
		if first, last := postings[0].Account, postings[len(postings)-1].Account; first > last {
			t.Errorf("%s is taken before %s: two entries could wait for each other", first, last)
		}
		moved := map[string]int64{}
		for _, x := range postings {
			moved[fmt.Sprint(x.Account, " ", x.Currency)] += x.Amount
		}
		source, target := string(p.Source()), string(p.Target())
		want := map[string]int64{string(from) + " " + source: -amount, string(to) + " " + target: terms.Target.Minor,
			"fx " + source: amount - terms.Rest, "fx " + target: -terms.Target.Minor}
		if terms.Rest > 0 {
			want["fx_rounding "+source] = terms.Rest
		}
		if fmt.Sprint(moved) != fmt.Sprint(want) {
			t.Errorf("%v moves %v, want %v", terms, moved, want)
		}
		undo := terms.Undone()
		if back := (ledger.Entry{Postings: undo.Postings(to, from)}); back.Check() != nil || undo.Source != terms.Target {
			t.Errorf("%v is undone by %v: %v", terms, undo, back.Check())
		}
	})
}

func TestTheJudgeFindsPlantedFaults(t *testing.T) {
	p := exchange.Price{Pair: cadngn, Side: exchange.Sell, Rate: "1030.00"}
	for says, terms := range map[string]exchange.Terms{
		"a unit too many":   {Source: money.Of(1030, money.NGN), Target: money.Of(2, money.CAD)},
		"too large a rest":  {Source: money.Of(1040, money.NGN), Target: money.Of(1, money.CAD), Rest: 11},
		"too small a rest":  {Source: money.Of(1040, money.NGN), Target: money.Of(1, money.CAD), Rest: 9},
		"all of it is rest": {Source: money.Of(1030, money.NGN), Target: money.Of(1, money.CAD), Rest: 1030},
	} {
		found := complaints(0)
		if judge(&found, p, terms); found == 0 {
			t.Errorf("%s is not noticed", says)
		}
	}
}

type complaints int

// Errorf counts.
func (c *complaints) Errorf(string, ...any) { *c++ }

// The examples of the contract.
func TestKnownPrices(t *testing.T) {
	for _, c := range []struct {
		says         string
		side         exchange.Side
		rate         exchange.Decimal
		source       int64
		target, rest int64
		text         exchange.Decimal
	}{
		{"100.00 CAD at 1030.00", exchange.Buy, "1030.00", 10000, 10300000, 0, "1030.00"},
		{"100.00 USDC at 1545.50", exchange.Buy, "1545.50", 10000, 15455000, 0, "1545.50"},
		{"exactly one unit the other way", exchange.Sell, "1545.50", 154550, 100, 0, "0.000647039792947"},
		{"one kobo less is a cent less", exchange.Sell, "1545.50", 154549, 99, 1544, "0.000647039792947"},
		{"less than the smallest unit", exchange.Sell, "1030.00", 1029, 0, 1029, "0.000970873786408"},
		{"a rate of one", exchange.Buy, "1.00", 777, 777, 0, "1.00"},
		{"a rate of one, the other way", exchange.Sell, "1.00", 777, 777, 0, "1.00"},
		{"a rate below one", exchange.Buy, "0.01", 250, 2, 50, "0.01"},
		{"a rate below one, the other way", exchange.Sell, "0.03", 1, 33, 0, "33.3333333333"},
		{"a finer rate", exchange.Buy, "1.00000001", 100000000, 100000001, 0, "1.00000001"},
	} {
		t.Run(c.says, func(t *testing.T) {
			p := exchange.Price{Pair: cadngn, Side: c.side, Rate: c.rate}
			terms, err := p.Give(c.source)
			if err != nil || terms.Target.Minor != c.target || terms.Rest != c.rest || p.Text() != c.text {
				t.Errorf("got %v (%v) at %s, want %d and a rest of %d at %s", terms, err, p.Text(), c.target, c.rest, c.text)
			}
		})
	}
}

func TestAFinerRateIsRoundedToTheProvidersSide(t *testing.T) {
	rate := exchange.Rate{Buy: "1030.009", Sell: "1040.001"}
	for side, want := range map[exchange.Side]exchange.Decimal{exchange.Buy: "1030.00", exchange.Sell: "1040.01"} {
		if p, ok := rate.On(cadngn, side).InMinor(); !ok || p.Rate != want {
			t.Errorf("%s: got %s (%v), want %s", side, p.Rate, ok, want)
		}
	}
	if p, ok := (exchange.Rate{Buy: "0.009", Sell: "0.009"}).On(cadngn, exchange.Buy).InMinor(); ok {
		t.Errorf("less than a minor unit became %v", p)
	}
}

func TestWhatIsNoDecimal(t *testing.T) {
	for _, text := range []string{"", "0", "0.00", "-1", "+1", "1e5", ".5", "5.", "1,5", "NaN", "Infinity", "1234567890123456789", "1.1234567890123456789", " 1"} {
		if d, err := exchange.ParseDecimal(text); !errors.Is(err, exchange.ErrDecimal) {
			t.Errorf("%q was read as %s (%v)", text, d, err)
		}
	}
	for _, text := range []string{"1", "1545.50", "0.000000000000000001", "999999999999999999.999999999999999999"} {
		if d, err := exchange.ParseDecimal(text); err != nil || string(d) != text {
			t.Errorf("%q: %s, %v", text, d, err)
		}
	}
}

func TestSymbolsReadBack(t *testing.T) {
	for _, p := range exchange.DefaultPairs() {
		if back, ok := exchange.ReadSymbol(p.Symbol()); !ok || back != p {
			t.Errorf("%s was read as %v", p.Symbol(), back)
		}
	}
	for _, text := range []string{"", "-", "CAD", "CAD-", "-NGN", "CAD-NGN-USD"} {
		if p, ok := exchange.ReadSymbol(text); ok {
			t.Errorf("%q was read as %v", text, p)
		}
	}
}
