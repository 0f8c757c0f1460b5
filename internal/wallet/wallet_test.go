package wallet_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wallet"
)

var update = flag.Bool("update", false, "write the golden files anew")

const machineFile = "testdata/machine.txt"

func TestEveryPair(t *testing.T) {
	got := "What a wallet becomes, from each status by each event. A dot: it cannot happen.\n\n" + grid()
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
	for _, e := range wallet.Events {
		fmt.Fprintf(table, "\t%s", e)
	}
	for _, s := range wallet.Statuses {
		fmt.Fprintf(table, "\n%s", s)
		for _, e := range wallet.Events {
			to, ok := wallet.Next(s, e)
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
	for _, s := range wallet.Statuses {
		leads := slices.ContainsFunc(wallet.Events, func(e wallet.Event) bool { to, ok := wallet.Next(s, e); return ok && to != s })
		if leads == s.Final() {
			t.Errorf("%s is final: %v, can change: %v; want the opposite of each other", s, s.Final(), leads)
		}
	}
}

func TestOnlyAnActiveWalletMovesMoney(t *testing.T) {
	for _, s := range wallet.Statuses {
		if s.Moves() != (s == wallet.Active) {
			t.Errorf("%s moves money: %v", s, s.Moves())
		}
	}
}

func TestBecome(t *testing.T) {
	customers := wallet.Wallet{CustomerID: "c"}
	for _, c := range []struct {
		w        wallet.Wallet
		from, to wallet.Status
		action   string
		refused  bool
	}{
		{customers, wallet.Active, wallet.Frozen, "frozen", false},
		{customers, wallet.Frozen, wallet.Active, "activated", false},
		{customers, wallet.Frozen, wallet.Deleted, "deleted", false},
		{customers, wallet.Frozen, wallet.Frozen, "", false},
		{customers, wallet.Deleted, wallet.Deleted, "", false},
		{customers, wallet.Deleted, wallet.Active, "", true},
		{wallet.Wallet{}, wallet.Active, wallet.Active, "", false},
		{wallet.Wallet{}, wallet.Active, wallet.Frozen, "", true},
		{wallet.Wallet{}, wallet.Active, wallet.Deleted, "", true},
	} {
		c.w.Status = c.from
		action, err := c.w.Become(c.to)
		if action != c.action || problem.InvalidStatusTransition.Is(err) != c.refused {
			t.Errorf("%s to %s (of the business: %v): got %q, %v; want %q, refused: %v", c.from, c.to, c.w.OfBusiness(), action, err, c.action, c.refused)
		}
	}
}

func TestATransactionMovesTowardsTheRightWallet(t *testing.T) {
	m := wallet.Transaction{Wallet: "w", Type: wallet.Credit, Amount: money.Of(5, money.NGN)}
	for direction, want := range map[wallet.Direction]int64{wallet.Credit: 5, wallet.Debit: -5} {
		m.Type = direction
		var got int64
		for _, p := range m.Postings("house") {
			if p.Account == ledger.Wallet("w") {
				got += p.Amount
			}
		}
		giver := map[bool]string{true: "house", false: "w"}[direction == wallet.Credit]
		if got != want || m.Giver("house") != giver {
			t.Errorf("a %s changes the wallet by %d (giver %s), want %d (%s)", direction, got, m.Giver("house"), want, giver)
		}
	}
}

func TestOnlyMoneyFieldsDiffer(t *testing.T) {
	first := wallet.Transaction{Wallet: "w", Type: wallet.Credit, Amount: money.Of(5, money.NGN), Description: "a"}
	again := first
	again.Description = "b"
	if differs := first.Differs(again); len(differs) != 0 {
		t.Errorf("another description differs in %v, want nothing", differs)
	}
	again = wallet.Transaction{Wallet: "v", Type: wallet.Debit, Amount: money.Of(6, money.NGN)}
	if got, want := first.Differs(again), []string{"amount", "type", "wallet_id"}; !slices.Equal(got, want) {
		t.Errorf("differs in %v, want %v", got, want)
	}
}
