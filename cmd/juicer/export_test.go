package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// books are the balances of an export by account and currency, in minor units.
type books map[string]int64

// readExport reads an export as CSV: balances at the beginning and the end, and what the
// postings between them sum to.
func readExport(t *testing.T, text string) (opening, moved, closing books, postings int) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%q is no export: %v", text, err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	opening, moved, closing = books{}, books{}, books{}
	for _, row := range rows[1:] {
		cell := func(name string) string { return row[column[name]] }
		account := cell("account") + " " + cell("currency")
		switch cell("record") {
		case "opening":
			opening[account] = cents(t, cell("balance"))
		case "closing":
			closing[account] = cents(t, cell("balance"))
		default:
			postings++
			moved[account] += cents(t, cell("amount"))
			if got := opening[account] + moved[account]; got != cents(t, cell("balance")) {
				t.Errorf("%v leads to %d", row, got)
			}
		}
	}
	return opening, moved, closing, postings
}

func cents(t *testing.T, decimal string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(decimal, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (o books) plus(moved books) books {
	sum := books{}
	for account, n := range o {
		sum[account] = n
	}
	for account, n := range moved {
		sum[account] += n
	}
	return sum
}

func (o books) are(t *testing.T, what string, want books) {
	t.Helper()
	for account := range o.plus(want) {
		if o[account] != want[account] {
			t.Errorf("%s: %s is %d, want %d", what, account, o[account], want[account])
		}
	}
}

func TestTheExportAddsUp(t *testing.T) {
	s := serve(t, t.TempDir())
	for range 2 {
		if out, errs, code := output(t, append([]string{"pay"}, s.remote()...)...); code != exitOK {
			t.Fatalf("pay: exit %d, %s%s", code, out, errs)
		}
	}
	text, errs, code := s.output(t, "export")
	if code != exitOK || errs != "" {
		t.Fatalf("export: exit %d, %s", code, errs)
	}
	opening, moved, closing, postings := readExport(t, text)
	closing.are(t, "closing balances", opening.plus(moved))
	if least := 2 * (5 + 2*2); postings < least { // five openings and two captures of two entries, with two postings each
		t.Errorf("%d postings, want at least %d", postings, least)
	}
	var sum int64
	for account, n := range closing {
		if strings.HasSuffix(account, " NGN") {
			sum += n
		}
	}
	if sum != 0 {
		t.Errorf("all accounts in NGN sum to %d, want 0", sum)
	}
}

func TestPeriodsOfTheExportFollowEachOther(t *testing.T) {
	s := serve(t, t.TempDir())
	if out, errs, code := output(t, append([]string{"pay"}, s.remote()...)...); code != exitOK {
		t.Fatalf("pay: exit %d, %s%s", code, out, errs)
	}
	past, _, _ := s.output(t, "export", "--to", "2026-01-01")
	future, _, _ := s.output(t, "export", "--from", "2026-01-01T00:00:00+00:00")
	_, _, before, none := readExport(t, past)
	after, _, _, all := readExport(t, future)
	if none != 0 || all == 0 {
		t.Errorf("before 2026: %d postings, after: %d", none, all)
	}
	after.are(t, "what a period begins with", before)
}

func TestTheExportGoesIntoAFileOfItsOwn(t *testing.T) {
	s := serve(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "ledger.jsonl")
	if _, errs, code := s.output(t, "export", "--format", "json", "-o", file); code != exitOK {
		t.Fatalf("export: exit %d, %s", code, errs)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var r struct {
			Record, Account, Currency string
			Balance                   int64
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Record == "" || r.Account == "" {
			t.Fatalf("line %q: %v", line, err)
		}
	}
	if _, errs, code := s.output(t, "export", "-o", file); code != exitFailed || !strings.Contains(errs, "exists") {
		t.Errorf("over a file that exists: exit %d, %s; want a refusal", code, errs)
	}
	for _, c := range [][]string{{"--from", "yesterday"}, {"--from", "2026-02-01", "--to", "2026-01-01"}} {
		if _, errs, code := s.output(t, append([]string{"export"}, c...)...); code != exitFailed || errs == "" {
			t.Errorf("export %v: exit %d, %q; want an explanation", c, code, errs)
		}
	}
}
