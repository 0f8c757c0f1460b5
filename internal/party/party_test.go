package party_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

const machineFile = "testdata/machine.txt"

func TestEveryPair(t *testing.T) {
	got := "What a customer becomes, from each status by each event. A dot: it cannot happen.\n\n" + grid()
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
	for _, e := range party.Events {
		fmt.Fprintf(table, "\t%s", e)
	}
	for _, s := range party.Statuses {
		fmt.Fprintf(table, "\n%s", s)
		for _, e := range party.Events {
			to, ok := party.Next(s, e)
			if !ok {
				to = "."
			}
			fmt.Fprintf(table, "\t%s", to)
		}
	}
	table.Flush()
	return out.String() + "\n"
}

func TestAFinalStatusNeverChanges(t *testing.T) {
	for _, s := range party.Statuses {
		leads := slices.ContainsFunc(party.Events, func(e party.Event) bool { _, ok := party.Next(s, e); return ok })
		if leads == s.Final() {
			t.Errorf("%s is final: %v, can change: %v; want the opposite of each other", s, s.Final(), leads)
		}
	}
}

func TestAnIdentityCheckDecidesOnce(t *testing.T) {
	c := &party.Customer{ID: "c", Status: party.First(true)}
	if err := c.MayOpenWallet(); !problem.CustomerNotVerified.Is(err) {
		t.Errorf("a customer without identity check opens a wallet: got %v", err)
	}
	if err := c.Decide(party.Active); err != nil || c.Status != party.Active {
		t.Fatalf("accepted: got %s, %v", c.Status, err)
	}
	if err := c.Decide(party.Rejected); !problem.InvalidStatusTransition.Is(err) || c.Status != party.Active {
		t.Errorf("decided again: got %s, %v; want a refusal", c.Status, err)
	}
	if err := c.MayOpenWallet(); err != nil {
		t.Errorf("an accepted customer opens no wallet: %v", err)
	}
	if got := party.First(false); got != party.Active {
		t.Errorf("without identity checks a customer begins as %s, want active", got)
	}
}

func profile() party.Profile {
	state := "Lagos"
	return party.Profile{Address: party.Address{City: "Lagos", Country: "NG", Line1: "5 Marina Road", State: &state, ZipCode: "100001"},
		Email: "ada@example.com", FirstName: "Ada", LastName: "Obi", PhoneNumber: "+2348031234567", Type: party.Individual}
}

func TestDiffers(t *testing.T) {
	again := profile()
	again.Metadata = []byte("{}")
	if differs := profile().Differs(again); len(differs) != 0 {
		t.Errorf("the same profile differs in %v", differs)
	}
	all := party.Profile{Metadata: []byte(`{"a":1}`), Address: party.Address{Line2: new(string)}}
	*all.Address.Line2 = "x"
	got := profile().Differs(all)
	want := []string{"billing_address.city", "billing_address.country", "billing_address.line1", "billing_address.line2",
		"billing_address.state", "billing_address.zip_code", "email", "first_name", "last_name", "metadata", "phone_number", "type"}
	if !slices.Equal(got, want) {
		t.Errorf("differs in %v, want %v", got, want)
	}
}

func TestAChangeKeepsWhatItDoesNotName(t *testing.T) {
	city, empty := "Abuja", ""
	changed := party.Change{Address: party.AddressChange{City: &city, State: &empty}}.Apply(profile())
	if got, want := profile().Differs(changed), []string{"billing_address.city", "billing_address.state"}; !slices.Equal(got, want) {
		t.Errorf("changed %v, want %v", got, want)
	}
	if differs := profile().Differs(party.Change{}.Apply(profile())); len(differs) != 0 {
		t.Errorf("no change changes %v", differs)
	}
}

func TestNames(t *testing.T) {
	p := profile()
	if got := p.Name(); got != "Ada Obi" {
		t.Errorf("got %q, want Ada Obi", got)
	}
	p.LastName = ""
	if got := p.Name(); got != "Ada" {
		t.Errorf("got %q, want Ada", got)
	}
}
