package deposit_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/juicer-pay/juicer/internal/deposit"
)

var update = flag.Bool("update", false, "write the golden files anew")

const machineFile = "testdata/machine.txt"

func TestEveryPair(t *testing.T) {
	got := "What a deposit becomes, from each state by each event. A dot: it cannot happen.\n\n" + grid()
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

func grid() string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, e := range deposit.Events {
		fmt.Fprintf(table, "\t%s", e)
	}
	for _, s := range deposit.States {
		fmt.Fprintf(table, "\n%s", s)
		for _, e := range deposit.Events {
			to, ok := deposit.Next(s, e)
			if !ok {
				to = "."
			}
			fmt.Fprintf(table, "\t%s", to)
		}
	}
	table.Flush()
	return out.String() + "\n"
}

func TestMoneyIsHereFromItsArrivalUntilItHasGoneBack(t *testing.T) {
	here := map[deposit.State]bool{deposit.Held: true, deposit.Settled: true, deposit.Returning: true}
	for _, s := range deposit.States {
		if s.Here() != here[s] {
			t.Errorf("%s: here %v, want %v", s, s.Here(), here[s])
		}
	}
	for _, s := range []deposit.State{deposit.Settled, deposit.Returned} {
		for _, e := range deposit.Events {
			if to, ok := deposit.Next(s, e); ok {
				t.Errorf("%s becomes %s by %s, want that it never changes again", s, to, e)
			}
		}
	}
}
