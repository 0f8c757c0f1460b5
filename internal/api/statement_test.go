package api_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/wire"
)

// statement is a wallet's statement as one of its formats gives it: amounts in minor
// units.
type statement struct {
	opening, closing int64
	lines            []statementLine
}

type statementLine struct {
	kind, reference string
	amount, balance int64
}

func statementAsJSON(e *nodetest.Env, walletID, query string) (s statement) {
	e.T.Helper()
	a := set(e, "GET", "/wallets/"+walletID+"/statement?"+query, nil)
	s.opening, s.closing = int64(a.At("data.opening_balance.amount").(float64)), int64(a.At("data.closing_balance.amount").(float64))
	for _, row := range a.At("data.lines").([]any) {
		l := row.(map[string]any)
		reference, _ := l["reference"].(string)
		s.lines = append(s.lines, statementLine{l["kind"].(string), reference, int64(l["amount"].(float64)), int64(l["balance_after"].(float64))})
	}
	return s
}

func statementAsCSV(e *nodetest.Env, walletID, query string) (s statement) {
	e.T.Helper()
	a := set(e, "GET", "/wallets/"+walletID+"/statement?format=csv&"+query, nil)
	rows, err := csv.NewReader(strings.NewReader(string(a.Body))).ReadAll()
	nodetest.Must(e.T, err)
	equal(e.T, "columns", strings.Join(rows[0], ","), "at,kind,object_id,reference,rail_reference,amount,balance,currency,entry_id")
	last := len(rows) - 1
	equal(e.T, "first row", rows[1][1], "opening_balance")
	equal(e.T, "last row", rows[last][1], "closing_balance")
	s.opening, s.closing = minor(e.T, rows[1][6]), minor(e.T, rows[last][6])
	for _, r := range rows[2:last] {
		s.lines = append(s.lines, statementLine{r[1], r[3], minor(e.T, r[5]), minor(e.T, r[6])})
	}
	return s
}

// minor reads 12.50 as 1250.
func minor(t testing.TB, decimal string) int64 {
	t.Helper()
	whole, cents, _ := strings.Cut(decimal, ".")
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	nodetest.Must(t, err)
	return n
}

// adds fails the test unless the lines lead from the opening to the closing balance.
func (s statement) adds(t testing.TB) {
	t.Helper()
	balance := s.opening
	for i, l := range s.lines {
		if balance += l.amount; balance != l.balance {
			t.Fatalf("line %d: %d leads to %d, the line says %d", i, l.amount, balance, l.balance)
		}
	}
	equal(t, "closing balance", balance, s.closing)
}

func TestAStatementTellsWhatMoved(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	w := openWallet(e, customer(e, "statement@example.com"), "NGN")
	begin := e.Do("GET", "/sandbox/clock", nil).Text("data.now")
	move(e, w, "credit", 50_000, "reference", "in-1")
	e.Advance(second)
	middle := e.Do("GET", "/sandbox/clock", nil).Text("data.now")
	move(e, w, "debit", 12_345, "reference", "out-1")
	e.Advance(second)
	end := e.Do("GET", "/sandbox/clock", nil).Text("data.now")
	for _, c := range []struct {
		query string
		want  statement
	}{
		{"from=" + begin + "&to=" + end, statement{0, 37_655, []statementLine{{"wallet.credit", "in-1", 50_000, 50_000}, {"wallet.debit", "out-1", -12_345, 37_655}}}},
		{"from=" + begin + "&to=" + middle, statement{0, 50_000, []statementLine{{"wallet.credit", "in-1", 50_000, 50_000}}}},
		{"from=" + middle + "&to=" + end, statement{50_000, 37_655, []statementLine{{"wallet.debit", "out-1", -12_345, 37_655}}}},
		{"from=" + end + "&to=2999-01-01T00:00:00Z", statement{}},
		{"", statement{0, 37_655, []statementLine{{"wallet.credit", "in-1", 50_000, 50_000}, {"wallet.debit", "out-1", -12_345, 37_655}}}},
	} {
		if strings.Contains(c.query, "2999") {
			want(t, e.Do("GET", "/wallets/"+w+"/statement?"+c.query, nil), http.StatusBadRequest, "invalid_request")
			continue
		}
		equal(t, c.query, fmt.Sprint(statementAsJSON(e, w, c.query)), fmt.Sprint(c.want))
		equal(t, "as CSV: "+c.query, fmt.Sprint(statementAsCSV(e, w, c.query)), fmt.Sprint(c.want))
	}
	want(t, e.Do("GET", "/wallets/"+w+"/statement?from="+end+"&to="+begin, nil), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("GET", "/wallets/"+w+"/statement?format=pdf", nil), http.StatusBadRequest, "invalid_request")
	head := e.Do("HEAD", "/wallets/"+w+"/statement?format=csv", nil)
	equal(t, "media type", head.Header.Get("Content-Type"), "text/csv; charset=utf-8")
	equal(t, "file name", head.Header.Get("Content-Disposition"), `attachment; filename="statement-`+w+`.csv"`)
}

func TestACutStatementDoesNotPassForTheWhole(t *testing.T) {
	t.Parallel()
	e := start(t)
	w := openWallet(e, customer(e, "cut@example.com"), "NGN")
	move(e, w, "credit", 5)
	if _, err := e.Try("GET", "/wallets/"+w+"/statement?format=csv", nil, "Juicer-Fault", "drop=after-commit"); err == nil {
		t.Error("a dropped statement arrived")
	}
}

func TestStatementsAddUpWhateverMoved(t *testing.T) {
	t.Parallel()
	e := start(t)
	var wallets []string
	for i, c := range []string{"NGN", "USD"} {
		wallets = append(wallets, openWallet(e, customer(e, nodetest.Ref("p", i)+"@example.com"), c))
	}
	moment := func() string { return wire.At(e.Engine.Clock.Now().Add(time.Microsecond)).String() }
	times := []string{moment()}
	rapid.Check(t, func(r *rapid.T) {
		w := rapid.SampledFrom(wallets).Draw(r, "wallet")
		for range rapid.IntRange(1, 3).Draw(r, "movements") {
			direction := rapid.SampledFrom([]string{"credit", "debit"}).Draw(r, "direction")
			move(e, w, direction, rapid.Int64Range(1, 5_000).Draw(r, "amount"))
		}
		times = append(times, moment())
		from := rapid.IntRange(0, len(times)-2).Draw(r, "from")
		to := rapid.IntRange(from+1, len(times)-1).Draw(r, "to")
		s := statementAsJSON(e, w, "from="+times[from]+"&to="+times[to])
		s.adds(t)
		equal(t, "as CSV", fmt.Sprint(statementAsCSV(e, w, "from="+times[from]+"&to="+times[to])), fmt.Sprint(s))
	})
	for _, w := range wallets {
		whole := statementAsJSON(e, w, "from="+times[0]+"&to="+times[len(times)-1])
		equal(t, "balance", any(float64(whole.closing)), e.Do("GET", "/wallets/"+w, nil).At("data.balance.amount"))
	}
	e.Clean()
}
