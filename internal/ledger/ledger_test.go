package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

// run plays a table of movements that an accountant can read. A line is
//
//	post    FROM -> TO   AMOUNT CURRENCY
//	balance ACCOUNT      AMOUNT CURRENCY
//
// After the last line every currency must sum to zero over all accounts.
func run(t *testing.T, says, table string) {
	t.Helper()
	t.Run(says, func(t *testing.T) {
		t.Helper()
		b := books{}
		for line := range strings.Lines(table) {
			if words := strings.Fields(line); len(words) > 0 {
				b.play(t, words)
			}
		}
		var all []ledger.Posting
		for _, postings := range b {
			all = append(all, postings...)
		}
		for currency, sum := range ledger.Sums(all) {
			if sum != 0 {
				t.Errorf("all accounts in %s sum to %s, want nothing", currency, money.Of(sum, currency))
			}
		}
	})
}

// books are the postings of each account.
type books map[ledger.Account][]ledger.Posting

func (b books) play(t *testing.T, words []string) {
	t.Helper()
	switch words[0] {
	case "post":
		e := ledger.Entry{Kind: "test", Postings: ledger.Move(ledger.Account(words[1]), ledger.Account(words[3]), amount(t, words[4], words[5]))}
		if err := e.Check(); err != nil {
			t.Errorf("%s: got %v, want a good entry", strings.Join(words, " "), err)
		}
		for _, p := range e.Postings {
			b[p.Account] = append(b[p.Account], p)
		}
	case "balance":
		want := amount(t, words[2], words[3])
		if got := money.Of(ledger.Sums(b[ledger.Account(words[1])])[want.Currency], want.Currency); got != want {
			t.Errorf("%s holds %s, want %s", words[1], got, want)
		}
	default:
		t.Fatalf("no such line: %v", words)
	}
}

// amount reads 97.10 CAD.
func amount(t *testing.T, number, currency string) money.Amount {
	t.Helper()
	whole, cents, _ := strings.Cut(number, ".")
	var minor int64
	if _, err := fmt.Sscan(whole+cents, &minor); err != nil || len(cents) != 2 {
		t.Fatalf("no amount: %s %s", number, currency)
	}
	return money.Of(minor, money.Currency(currency))
}

func TestMovements(t *testing.T) {
	run(t, "a capture that settles with a fee, and a refund after it: the fee stays with us", `
		post     rail:card     -> clearing:card   100.00 CAD
		balance  clearing:card                    100.00 CAD
		post     clearing:card -> pending:m1      100.00 CAD
		balance  clearing:card                      0.00 CAD
		post     pending:m1    -> wallet:m1        97.10 CAD
		post     pending:m1    -> fees              2.90 CAD
		post     wallet:m1     -> held:m1          97.10 CAD
		post     held:m1       -> clearing:card    97.10 CAD
		post     clearing:card -> rail:card        97.10 CAD
		balance  rail:card                         -2.90 CAD
		balance  wallet:m1                          0.00 CAD
		balance  held:m1                            0.00 CAD
		balance  clearing:card                      0.00 CAD
		balance  fees                               2.90 CAD
	`)
	run(t, "a refused capture leaves nothing anywhere", `
		post     rail:card     -> clearing:card   100.00 NGN
		post     clearing:card -> rail:card       100.00 NGN
		balance  rail:card                          0.00 NGN
		balance  clearing:card                      0.00 NGN
	`)
	run(t, "what the bank took after a confirmed refusal goes to the exceptions and back", `
		post     rail:card       -> rail_exceptions   5.00 USD
		balance  rail_exceptions                      5.00 USD
		post     rail_exceptions -> rail:card         5.00 USD
		balance  rail_exceptions                      0.00 USD
		balance  rail:card                            0.00 USD
	`)
	run(t, "currencies do not meet", `
		post     outside -> wallet:m1    10.00 NGN
		post     outside -> wallet:m1     0.01 USD
		balance  wallet:m1               10.00 NGN
		balance  wallet:m1                0.01 USD
		balance  wallet:m1                0.00 CAD
	`)
}

func TestAnEntryIsChecked(t *testing.T) {
	line := func(account string, minor int64, c money.Currency) ledger.Posting {
		return ledger.Posting{Account: ledger.Account(account), Amount: minor, Currency: c}
	}
	for _, c := range []struct {
		says     string
		postings []ledger.Posting
		refusal  string // part of it; "" for none
	}{
		{"a movement is good", ledger.Move("a", "b", money.Of(1, money.NGN)), ""},
		{"many lines that sum to zero are good", []ledger.Posting{line("a", -3, money.NGN), line("b", 1, money.NGN), line("c", 2, money.NGN)}, ""},
		{"two currencies are good if each sums to zero", append(ledger.Move("a", "b", money.Of(1, money.NGN)), ledger.Move("a", "b", money.Of(2, money.USD))...), ""},
		{"no lines", nil, "has 0 postings"},
		{"one line", []ledger.Posting{line("a", 1, money.NGN)}, "has 1 postings"},
		{"a line of nothing", ledger.Move("a", "b", money.Of(0, money.NGN)), "posts nothing on a"},
		{"a line of nothing among good ones", append(ledger.Move("a", "b", money.Of(1, money.NGN)), line("c", 0, money.NGN)), "posts nothing on c"},
		{"out by a hundredth", []ledger.Posting{line("a", -100, money.NGN), line("b", 99, money.NGN)}, "out by -0.01 NGN"},
		{"zero only if currencies are mixed up", []ledger.Posting{line("a", -100, money.NGN), line("b", 100, money.USD)}, "is out by"},
		{"one currency good and the other not", append(ledger.Move("a", "b", money.Of(1, money.NGN)), line("a", 7, money.CAD)), "out by 0.07 CAD"},
	} {
		t.Run(c.says, func(t *testing.T) {
			err := ledger.Entry{ID: "e-1", Kind: "capture.sent", Postings: c.postings}.Check()
			switch {
			case c.refusal == "" && err != nil:
				t.Errorf("got %v, want a good entry", err)
			case c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal) || !strings.Contains(err.Error(), "e-1")):
				t.Errorf("got %v, want a refusal that names e-1 and says %q", err, c.refusal)
			}
		})
	}
}

func TestAccounts(t *testing.T) {
	guarded := map[ledger.Account]bool{
		ledger.Wallet("w"): true, ledger.Held("w"): true, ledger.Pending("w"): false, ledger.Rail("card"): false,
		ledger.Clearing("card"): false, ledger.Outside: false, ledger.Fees: false, ledger.RailExceptions: false,
	}
	for a, want := range guarded {
		if a.Guarded() != want {
			t.Errorf("%s is guarded: %v, want %v", a, a.Guarded(), want)
		}
		if clearing := a == ledger.Clearing("card"); a.IsClearing() != clearing {
			t.Errorf("%s is a clearing account: %v, want %v", a, a.IsClearing(), clearing)
		}
	}
}

// full is an entry with a value in every field.
func full() ledger.Entry {
	return ledger.Entry{ID: "e-1", Business: "b-1", At: time.Date(2026, 11, 22, 9, 30, 0, 1000, time.UTC), Kind: "capture.sent", Object: "p-1",
		RailRef: "p-1/1", Postings: ledger.Move("rail:card", "clearing:card", money.Of(12, money.NGN))}
}

// changes are ways to tamper with a sealed entry; each must be seen.
var changes = map[string]func(*ledger.Entry){
	"another id":                               func(e *ledger.Entry) { e.ID = "e-2" },
	"another business":                         func(e *ledger.Entry) { e.Business = "b-2" },
	"a microsecond later":                      func(e *ledger.Entry) { e.At = e.At.Add(time.Microsecond) },
	"another kind":                             func(e *ledger.Entry) { e.Kind = "capture.refused" },
	"another object":                           func(e *ledger.Entry) { e.Object = "p-2" },
	"another instruction":                      func(e *ledger.Entry) { e.RailRef = "p-1/2" },
	"no instruction":                           func(e *ledger.Entry) { e.RailRef = "" },
	"another account":                          func(e *ledger.Entry) { e.Postings[0].Account = "rail:nuban" },
	"another amount":                           func(e *ledger.Entry) { e.Postings[1].Amount = 13 },
	"another sign":                             func(e *ledger.Entry) { e.Postings[1].Amount = -12 },
	"another currency":                         func(e *ledger.Entry) { e.Postings[1].Currency = money.USD },
	"lines in another order":                   func(e *ledger.Entry) { slices.Reverse(e.Postings) },
	"a line less":                              func(e *ledger.Entry) { e.Postings = e.Postings[:1] },
	"a line more":                              func(e *ledger.Entry) { e.Postings = append(e.Postings, e.Postings[0]) },
	"a letter moved to the next":               func(e *ledger.Entry) { e.Kind, e.Object = "capture.sen", "tp-1" },
	"a field moved to the next":                func(e *ledger.Entry) { e.Object, e.RailRef = "", "p-1"+e.RailRef },
	"an account and an amount that read alike": func(e *ledger.Entry) { e.Postings[1].Account, e.Postings[1].Amount = "clearing:card1", 2 },
}

func TestTheChainCoversEveryField(t *testing.T) {
	want := ledger.Link("before", full())
	if again := ledger.Link("before", full()); again != want {
		t.Fatalf("the same entry has two hashes: %s and %s", want, again)
	}
	seen := map[string]string{want: "the entry itself"}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		e := full()
		changes[name](&e)
		got := ledger.Link("before", e)
		if first, twice := seen[got]; twice {
			t.Errorf("%s has the hash of %s: the change would not be seen", name, first)
		}
		seen[got] = name
	}
	if ledger.Link("another", full()) == want {
		t.Error("the hash before does not count: an entry could be taken out of the chain")
	}
	if got := ledger.Link("before", func() ledger.Entry { e := full(); e.At = e.At.In(time.FixedZone("elsewhere", 3600)); return e }()); got != want {
		t.Errorf("the same moment on another clock has hash %s, want %s", got, want)
	}
}

func TestTheHashOfAKnownEntry(t *testing.T) {
	// Chains that are in use would break if this changed.
	const want = "d5c80676e7e9a9d0e2e3065e3d314d3199ff71ce7001aad6d428efc688b36ea0"
	if got := ledger.Link("", full()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
