package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// theCluster is shared by the tests of this process; it ends with it.
var theCluster = sync.OnceValues(func() (*cluster, error) { return startCluster(context.Background()) })

func pgbenchHere(t *testing.T, database string) *pgbench {
	t.Helper()
	c, err := theCluster()
	must(t, err)
	p, err := openPgbench(t.Context(), c, database, filepath.Join(t.TempDir(), "pgbench"), "instant")
	t.Cleanup(func() { must(t, p.close()) })
	must(t, err)
	return p
}

// rewrite gives pgbench another script.
func (p *pgbench) rewrite(t *testing.T, swap ...string) {
	t.Helper()
	text := strings.NewReplacer(swap...).Replace(p.text)
	if text == p.text {
		t.Fatalf("nothing of %v is in the script:\n%s", swap, text)
	}
	must(t, os.WriteFile(p.path("capture.sql"), []byte(text), 0o600))
}

// audited makes captures with pgbench and holds its books against them.
func audited(t *testing.T, p *pgbench) error {
	t.Helper()
	must(t, p.prepare(t.Context(), 6))
	if _, err := p.capture(t.Context(), 2, 3); err != nil {
		return err
	}
	b := &bench{tell: watch(io.Discard), report: &report{Audits: []verdict{{Way: wayPgbench,
		Made: p.script.before + p.made, Paid: p.script.before + p.paid, check: p.check}}}}
	return b.audits(t.Context())
}

func TestPgbenchDoesTheServersWork(t *testing.T) {
	p := pgbenchHere(t, "right")
	must(t, audited(t, p))
	recorded := names(recorded{capture: p.script.capture})
	statements := slices.DeleteFunc(slices.Clone(recorded), func(name string) bool { return strings.HasSuffix(name, ":") || name == "bank" })
	brackets := strings.Count(p.text, "BEGIN") + strings.Count(p.text, "COMMIT;")
	if lines := strings.Count(p.text, "\n"); lines != 1+len(statements)+1+brackets {
		t.Errorf("the script has %d lines with %d brackets, want one for the values, one for the bank and one for each of %v:\n%s", lines, brackets, statements, p.text)
	}
	for _, stray := range []string{"$", "--"} {
		if strings.Contains(p.text, stray) {
			t.Errorf("the script holds %q:\n%s", stray, p.text)
		}
	}
}

func TestPgbenchThatDoesOtherWorkIsFound(t *testing.T) {
	for i, c := range []struct{ name, from, to, want string }{
		{"postings that are not even", "-250000", "-249999", "is not what it should be"},
		{"an entry that is left out", "", "", "is not what it should be"},
		{"a guard that is missed", "version = 1;", "version = 7;", "is not what it should be"},
		{"a bank that is told nothing", "INSERT INTO executions (ref) VALUES", "SELECT", "is not what it should be"},
		{"a statement that fails", "UPDATE payments", "UPDATE paiements", "pgbench: exit status"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pgbenchHere(t, fmt.Sprint("wrong_", i))
			from, to := c.from, c.to
			if from == "" { // the last entry, whichever variables it has
				from, _, _ = strings.Cut(p.text[strings.LastIndex(p.text, "INSERT INTO entries"):], "\n")
				to = "SELECT 1;"
			}
			p.rewrite(t, from, to)
			if err := audited(t, p); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheLogOfPgbenchIsRead(t *testing.T) {
	const log = `0 1 9000000 0 100 0
1 1 8000000 0 100 0
0 2 1000 0 100 500000
1 2 3000 0 100 501000
0 3 2000 0 100 502000
`
	b, calls, err := readLog(log)
	must(t, err)
	if calls != 5 || b.n != 3 || b.took != 4*time.Millisecond || b.percentile(0.5) != 2*time.Millisecond || b.percentile(0.99) != 3*time.Millisecond {
		t.Errorf("%d calls; counted %d in %v, half within %v, 99 %% within %v; want 5; 3 in 4ms, 2ms, 3ms", calls, b.n, b.took, b.percentile(0.5), b.percentile(0.99))
	}
	for _, odd := range []string{"", "0 1 failed 0 100 0\n", "0 1 5 0 100 0\n"} {
		if _, _, err := readLog(odd); !errors.Is(err, errLog) {
			t.Errorf("%q: %v, want %v", odd, err, errLog)
		}
	}
}

func TestWhatIsNotMeasuredIsNotShown(t *testing.T) {
	fs := &figures{}
	b := burst{n: 1, took: time.Second, waits: []time.Duration{1}}
	fs.burst("x", "so small that the clock of the CPU stood still", 1, b)
	b.cpu = unmeasured
	fs.burst("x", "unmeasured", 1, b)
	if fs.find("x CPU", "so small that the clock of the CPU stood still", 1) == nil || fs.find("x CPU", "unmeasured", 1) != nil {
		t.Errorf("got %v", fs.all)
	}
}

func checkPostgres(t *testing.T, r *report) {
	t.Helper()
	p := r.PostgreSQL
	if p == nil || p.Version == "" || p.Settings["fsync"] != "on" || p.Settings["synchronous_commit"] != "on" || p.FlushMS <= 0 || len(p.Statements) == 0 || p.Script == "" {
		t.Errorf("the server is not described: %+v", p)
	}
	for _, way := range []string{wayOneNode, wayNodes, wayPgbench} {
		for _, name := range []string{captures, captures + " p50", captures + " p99"} {
			if !slices.ContainsFunc(r.Figures, func(f *figure) bool { return f.Name == name && f.Way == way && f.Callers == 2 && f.Rounds[0] > 0 }) {
				t.Errorf("no figure %q of %q", name, way)
			}
		}
	}
	for _, ratio := range []string{wayOneNode + " : " + wayPgbench, wayNodes + " : " + wayPgbench, wayNodes + " : " + wayOneNode} {
		if !slices.ContainsFunc(r.Figures, func(f *figure) bool { return f.Name == captures+" ratio" && f.Way == ratio && f.Rounds[0] > 0 }) {
			t.Errorf("no ratio %q", ratio)
		}
	}
}

// listener is one that takes connections, and its address.
func listener(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestCallersAreSpreadOverTheNodes(t *testing.T) {
	var nodes []*server
	for range 3 {
		nodes = append(nodes, &server{host: listener(t)})
	}
	v := &visitor{nodes: nodes}
	defer v.close()
	must(t, v.connect(8))
	seen := map[string]int{}
	for _, line := range v.lines {
		seen[line.net.RemoteAddr().String()]++
	}
	for _, n := range nodes {
		if seen[n.host] < 2 {
			t.Errorf("%d of 8 callers are at %s, want 2 or 3: %v", seen[n.host], n.host, seen)
		}
	}
}
