package payment_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

const machineFile = "testdata/machine.txt"

func TestEveryPair(t *testing.T) {
	got := "What a payment becomes, from each state by each event. A dot: it cannot happen.\n\n" +
		grid(payment.States, payment.Next) + "\nThe same for a refund.\n\n" + grid(payment.RefundStates, payment.NextRefund) +
		"\nThe same for a payout.\n\n" + grid(payment.PayoutStates, payment.NextPayout) +
		"\nThe same for a bulk transfer.\n\n" + grid(payment.BulkStates, payment.NextBulk) +
		"\nThe same for an item of one.\n\n" + grid(payment.ItemStates, payment.NextItem) +
		"\nThe same for a payment link.\n\n" + grid(payment.LinkStates, payment.NextLink)
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
func grid[S ~string](states []S, next func(S, payment.Event) (S, bool)) string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, e := range payment.Events {
		fmt.Fprintf(table, "\t%s", e)
	}
	for _, s := range states {
		fmt.Fprintf(table, "\n%s", s)
		for _, e := range payment.Events {
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

func TestAFinalStateNeverChanges(t *testing.T) {
	for _, s := range payment.States {
		t.Run(string(s), func(t *testing.T) {
			leads := slices.ContainsFunc(payment.Events, func(e payment.Event) bool { _, ok := payment.Next(s, e); return ok })
			if leads == s.Final() {
				t.Errorf("final: %v, can change: %v; want the opposite of each other", s.Final(), leads)
			}
		})
	}
	for _, s := range payment.RefundStates {
		t.Run("refund "+string(s), func(t *testing.T) {
			leads := slices.ContainsFunc(payment.Events, func(e payment.Event) bool { _, ok := payment.NextRefund(s, e); return ok })
			if leads == s.Final() {
				t.Errorf("final: %v, can change: %v; want the opposite of each other", s.Final(), leads)
			}
		})
	}
}

func TestAPayoutIsOverWhenItFailedOrCameBack(t *testing.T) {
	from := reached(payment.PayoutPending, payment.NextPayout)
	for _, s := range payment.PayoutStates {
		leads := slices.ContainsFunc(payment.Events, func(e payment.Event) bool { _, ok := payment.NextPayout(s, e); return ok })
		if leads == s.Final() || !from[s] {
			t.Errorf("payout %s: final: %v, can change: %v, reached: %v; want it reached, and either final or changing", s, s.Final(), leads, from[s])
		}
		if o := s.Outcome(); s.Final() && o != problem.Refused || (o == problem.Unknown) != (s == payment.PayoutInDoubt) || (o == problem.Succeeded) != (s == payment.PayoutSucceeded) {
			t.Errorf("payout %s has outcome %q", s, o)
		}
	}
}

func TestEveryStateIsReachedAndLeadsToAnEnd(t *testing.T) {
	from := reached(payment.Created, payment.Next)
	for _, s := range payment.States {
		if !from[s] {
			t.Errorf("%s is never reached from %s", s, payment.Created)
		}
		ends := reached(s, payment.Next)
		if !slices.ContainsFunc(payment.States, func(end payment.State) bool { return end.Final() && ends[end] }) {
			t.Errorf("%s leads to no end", s)
		}
	}
	from2 := reached(payment.RefundPending, payment.NextRefund)
	for _, s := range payment.RefundStates {
		if !from2[s] {
			t.Errorf("refund %s is never reached", s)
		}
	}
}

// reached is every state that events lead to from s, s among them.
func reached[S ~string](s S, next func(S, payment.Event) (S, bool)) map[S]bool {
	seen, todo := map[S]bool{s: true}, []S{s}
	for len(todo) > 0 {
		here := todo[0]
		todo = todo[1:]
		for _, e := range payment.Events {
			if to, ok := next(here, e); ok && !seen[to] {
				seen[to] = true
				todo = append(todo, to)
			}
		}
	}
	return seen
}

func TestMoneyThatIsOursStaysOurs(t *testing.T) {
	for _, s := range []payment.State{payment.Captured, payment.Settled} {
		for to := range reached(s, payment.Next) {
			if !to.Paid() {
				t.Errorf("%s can become %s: money would vanish from a succeeded payment", s, to)
			}
		}
	}
}

func TestNothingEndsWithoutMoneyWhileTheRailHasTheWord(t *testing.T) {
	// A payment that the rail may still execute may only end by the rail's word:
	// its answer, or its consent to a void.
	for _, s := range []payment.State{payment.Processing, payment.InDoubt} {
		for _, e := range []payment.Event{payment.Submit, payment.Instruct, payment.Settle} {
			if to, ok := payment.Next(s, e); ok {
				t.Errorf("%s becomes %s by %s without the rail's word", s, to, e)
			}
		}
	}
}

func TestEveryStateHasItsOutcome(t *testing.T) {
	words := []problem.Outcome{problem.NotAttempted, problem.Refused, problem.Pending, problem.Unknown, problem.Succeeded}
	for _, s := range payment.States {
		if o := s.Outcome(); !slices.Contains(words, o) || (o == problem.Succeeded) != s.Paid() || (o == problem.Unknown) != (s == payment.InDoubt) {
			t.Errorf("%s has outcome %q", s, o)
		}
		if s.Final() && !s.Paid() && s.Outcome() != problem.Refused {
			t.Errorf("%s is final without money and has outcome %q, want %q", s, s.Outcome(), problem.Refused)
		}
	}
	for _, s := range payment.RefundStates {
		if o := s.Outcome(); !slices.Contains(words, o) || (o == problem.Succeeded) != (s == payment.RefundSucceeded) {
			t.Errorf("refund %s has outcome %q", s, o)
		}
	}
}

func TestEveryStateIsCountedOnce(t *testing.T) {
	count := map[payment.State]int{}
	for _, states := range payment.Buckets {
		for _, s := range states {
			count[s]++
		}
	}
	for _, s := range payment.States {
		if count[s] != 1 {
			t.Errorf("%s is in %d buckets of the statistics, want 1", s, count[s])
		}
	}
	if len(count) != len(payment.States) {
		t.Errorf("the buckets name %d states, there are %d", len(count), len(payment.States))
	}
}
