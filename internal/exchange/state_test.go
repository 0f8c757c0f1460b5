package exchange_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

const machineFile = "testdata/machine.txt"

func TestEveryPair(t *testing.T) {
	got := "What a quote or an FX rate becomes, from each state by each event. A dot: it cannot happen.\n\n" +
		grid(exchange.QuoteStates, exchange.QuoteEvents, exchange.NextQuote) +
		"\nThe same for an order. A market order is filled when it is made.\n\n" +
		grid(exchange.OrderStates, exchange.OrderEvents, exchange.NextOrder)
	if *update {
		if err := os.WriteFile(machineFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(machineFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the machine is not as %s shows it (-update writes it anew)\ngot:\n%s\nwant:\n%s", machineFile, got, want)
	}
}

// grid is a table of one row per state and one column per event.
func grid[S, E ~string](states []S, events []E, next func(S, E) (S, bool)) string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, e := range events {
		fmt.Fprintf(table, "\t%s", e)
	}
	for _, s := range states {
		fmt.Fprintf(table, "\n%s", s)
		for _, e := range events {
			to, ok := next(s, e)
			if !ok {
				to = "."
			}
			fmt.Fprintf(table, "\t%s", to)
		}
	}
	table.Flush()
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestEveryStateHasItsOutcome(t *testing.T) {
	for _, s := range exchange.OrderStates {
		if (s.Outcome() == problem.Succeeded) != (s == exchange.OrderFilled) || s.Outcome() == "" {
			t.Errorf("order %s has outcome %q", s, s.Outcome())
		}
	}
	for _, s := range exchange.DealStates {
		if (s.Outcome() == problem.Succeeded) != (s == exchange.DealDone) || s.Outcome() == "" {
			t.Errorf("deal %s has outcome %q", s, s.Outcome())
		}
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func quote() *exchange.Quote {
	p := exchange.Price{Pair: exchange.Pair{First: money.CAD, Second: money.NGN}, Side: exchange.Buy, Rate: "1030.00"}
	return exchange.NewQuote(exchange.Quote{ID: "q", Kind: exchange.ForSwap, Price: p, TimeToLock: 30, TimeToConvert: 60}, noon)
}

func TestAQuoteLivesForItsTimes(t *testing.T) {
	at := func(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }
	t.Run("open until its time to lock is over, to the microsecond", func(t *testing.T) {
		q := quote()
		last := at(30).Add(-time.Microsecond)
		if q.StateAt(last) != exchange.Open || q.StateAt(at(30)) != exchange.Expired {
			t.Errorf("got %s, then %s", q.StateAt(last), q.StateAt(at(30)))
		}
		if _, err := q.Locks(at(30)); !problem.QuoteExpired.Is(err) {
			t.Errorf("lock at the end: got %v", err)
		}
	})
	t.Run("locked it has its time to convert from then on, and a second lock changes nothing", func(t *testing.T) {
		q := quote()
		if news, err := q.Locks(at(29)); !news || err != nil {
			t.Fatalf("lock: news %v, %v", news, err)
		}
		if news, err := q.Locks(at(60)); news || err != nil || !q.ExpiresAt.Equal(at(89)) {
			t.Errorf("lock again: news %v, %v, until %v", news, err, q.ExpiresAt)
		}
		if err := q.Uses(at(89), "x"); !problem.QuoteExpired.Is(err) {
			t.Errorf("use at the end: got %v", err)
		}
		if err := q.Uses(at(88), "x"); err != nil || q.State != exchange.Used {
			t.Errorf("use in time: %v, %s", err, q.State)
		}
	})
	t.Run("used it stays used, and names what used it", func(t *testing.T) {
		q := quote()
		if err := q.Uses(at(1), "swap"); err != nil {
			t.Fatal(err)
		}
		for _, when := range []time.Time{at(2), at(4000)} {
			err := q.Uses(when, "another")
			p, _ := problem.Of(err)
			if !problem.QuoteAlreadyUsed.Is(err) || p.Details["resource_id"] != "swap" {
				t.Errorf("again at %v: got %v", when, err)
			}
			if _, err := q.Locks(when); !problem.QuoteAlreadyUsed.Is(err) {
				t.Errorf("lock at %v: got %v", when, err)
			}
		}
	})
	t.Run("it fits its own currencies in its own direction", func(t *testing.T) {
		q := quote()
		for _, c := range [][2]money.Currency{{"", ""}, {money.CAD, ""}, {"", money.NGN}, {money.CAD, money.NGN}} {
			if err := q.Fits(c[0], c[1]); err != nil {
				t.Errorf("%s to %s: %v", c[0], c[1], err)
			}
		}
		for _, c := range [][2]money.Currency{{money.NGN, money.CAD}, {money.CAD, money.USD}, {money.USD, ""}} {
			if err := q.Fits(c[0], c[1]); !problem.QuoteMismatch.Is(err) {
				t.Errorf("%s to %s: got %v", c[0], c[1], err)
			}
		}
	})
}
