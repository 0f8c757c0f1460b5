package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/store/sqlite"
	"github.com/juicer-pay/juicer/internal/wire"
)

// TestMain lets the bench start this test binary as its static server.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "static" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// recordHere records payments in a fresh environment and gives its directory.
func recordHere(t *testing.T) (seed string, s *script) {
	t.Helper()
	seed = t.TempDir()
	a, b, err := record(t.Context(), seed, "", "instant")
	must(t, err)
	s, err = write(a, b)
	must(t, err)
	return seed, s
}

// replayHere replays n payments and gives the directory of the result.
func replayHere(t *testing.T, way, seed string, s *script, n int) (dir string, err error) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "bare")
	b, err := openBare(t.Context(), way, seed, dir, s)
	must(t, err)
	defer func() { must(t, b.close()) }()
	must(t, b.prepare(t.Context(), n))
	_, err = b.capture(t.Context(), 2, n)
	return dir, err
}

// leaves are the rows that payments leave, and two kinds of which they leave none.
var leaves = map[string]string{
	"payments":         "SELECT COUNT(1) FROM payments",
	"instructions":     "SELECT COUNT(1) FROM instructions",
	"entries":          "SELECT COUNT(1) FROM entries WHERE object IN (SELECT id FROM payments)",
	"postings":         "SELECT COUNT(1) FROM postings WHERE entry IN (SELECT id FROM entries WHERE object IN (SELECT id FROM payments))",
	"events":           "SELECT COUNT(1) FROM events WHERE object IN (SELECT id FROM payments)", // not that of the customer who was new to the first one
	"jobs":             "SELECT COUNT(1) FROM jobs",
	"idempotency_keys": "SELECT COUNT(1) FROM idempotency_keys",
	"customers":        "SELECT COUNT(1) FROM customers",
	"wallets":          "SELECT COUNT(1) FROM wallets",
}

func countRows(t *testing.T, dir string) map[string]int {
	t.Helper()
	d, err := sqlite.Open(t.Context(), filepath.Join(dir, "test.db"))
	must(t, err)
	defer d.Close()
	counts := map[string]int{}
	for name, text := range leaves {
		must(t, d.Read(t.Context(), func(s store.Session) error {
			return s.Rows(store.Query{Name: name, Text: text}, nil, func(scan store.Scan) error {
				var n int
				err := scan(&n)
				counts[name] = n
				return err
			})
		}))
	}
	return counts
}

func auditOf(t *testing.T, dir string) wire.Audit {
	t.Helper()
	n, err := openNode(t.Context(), dir, "")
	must(t, err)
	defer n.Close()
	report, err := n.Engine.Audit(t.Context(), engine.AuditRequest{Books: n.Books()})
	must(t, err)
	return report
}

func TestReplayedPaymentsAreTheServersOwn(t *testing.T) {
	seed, s := recordHere(t)
	real := countRows(t, seed)
	for _, way := range []string{wayPlain, wayGroup} {
		t.Run("three replayed payments leave the rows that three real ones left: "+way, func(t *testing.T) {
			dir, err := replayHere(t, way, seed, s, 3)
			must(t, err)
			got := countRows(t, dir)
			for name := range leaves {
				want := 2 * real[name]
				if name == "customers" || name == "wallets" {
					want = real[name]
				}
				if got[name] != want || want == 0 {
					t.Errorf("%s: %d rows, want %d after %d", name, got[name], want, real[name])
				}
			}
		})
		t.Run("their books are clean: "+way, func(t *testing.T) {
			dir, err := replayHere(t, way, seed, s, 3)
			must(t, err)
			if a := auditOf(t, dir); !a.Clean || a.Counts.Executions != 6 {
				t.Errorf("audit: %+v, want clean with 6 executions", a)
			}
		})
	}
}

func TestReplaysThatDoOtherWorkAreFound(t *testing.T) {
	seed, s := recordHere(t)
	t.Run("a posting that is left out turns the audit red", func(t *testing.T) {
		less := *s
		less.capture = without(s.capture, "insert_two_postings")
		dir, err := replayHere(t, wayGroup, seed, &less, 2)
		must(t, err)
		if a := auditOf(t, dir); a.Clean {
			t.Errorf("audit: %+v, want findings", a)
		}
	})
	t.Run("a capture without its session is a lost race", func(t *testing.T) {
		for _, way := range []string{wayPlain, wayGroup} {
			other := *s
			other.capture = without(without(s.capture, "payment_by_id"), "key_by_name")
			other.create = without(s.create, "insert_payment")
			if _, err := replayHere(t, way, seed, &other, 1); !store.Lost(err, "save_payment") {
				t.Errorf("%s: %v, want a conflict of save_payment", way, err)
			}
		}
	})
	t.Run("a read that finds nothing is an error", func(t *testing.T) {
		other := *s
		other.create = without(s.create, "insert_payment")
		if _, err := replayHere(t, wayPlain, seed, &other, 1); err == nil || !strings.Contains(err.Error(), "payment_by_id gave 0 rows") {
			t.Errorf("got %v, want payment_by_id gave 0 rows", err)
		}
	})
	t.Run("two recordings that differ make no script", func(t *testing.T) {
		r := recorded{create: s.create, capture: s.capture}
		if _, err := write(r, recorded{create: s.create}); err == nil {
			t.Error("no error for a recording without its capture")
		}
	})
}

// without drops a statement from steps.
func without(steps []step, query string) []step {
	out := slices.Clone(steps)
	for i := range out {
		out[i].does = slices.DeleteFunc(slices.Clone(out[i].does), func(d statement) bool { return d.query.Name == query })
	}
	return out
}

func TestAScriptChangesOnlyWhatIsAPaymentsOwn(t *testing.T) {
	_, s := recordHere(t)
	one, other := s.payment(), s.payment()
	if slices.Equal(identifiersOf(one), identifiersOf(other)) {
		t.Error("two payments of one script have the same identifiers")
	}
	if got, want := names(one), names(recorded{create: s.create, capture: s.capture}); !slices.Equal(got, want) {
		t.Errorf("the payment runs %v, want %v", got, want)
	}
	for _, r := range []recorded{one, other} {
		ref, id := orderOf(r).Ref, r.create[len(r.create)-1].does
		if owned := fmt.Sprint(id); !strings.Contains(owned, strings.TrimSuffix(ref, "/1")) {
			t.Errorf("the bank is told of %s, and the session is %s", ref, owned)
		}
	}
}

func orderOf(r recorded) rail.Instruction {
	at := slices.IndexFunc(r.capture, func(s step) bool { return s.kind == orders })
	return r.capture[at].order
}

func TestTheSamePragmasHoldForBothWays(t *testing.T) {
	seed, _ := recordHere(t)
	path := filepath.Join(seed, "test.db")
	d, err := sqlite.Open(t.Context(), path)
	must(t, err)
	p, err := openPlain(t.Context(), d, path)
	must(t, err)
	defer p.Close()
	for _, name := range append(slices.Clone(pragmas), "journal_mode") {
		want, err := pragma(t.Context(), d, name)
		must(t, err)
		var got string
		must(t, p.conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got))
		if got != want {
			t.Errorf("PRAGMA %s is %s, and %s in the store's driver", name, got, want)
		}
	}
}

func TestACallerReadsReplies(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Juicer-Outcome", "succeeded")
		w.Header().Set("Location", r.URL.Path)
		w.Header().Set("X-Method", r.Method)
		if r.Header.Get("Again") != "" {
			w.Header().Set("Idempotent-Replayed", "true")
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if r.Header.Get("Stream") != "" {
			w.(http.Flusher).Flush()
		}
		_, _ = w.Write(bytes.ToUpper(body.Bytes()))
	}))
	defer web.Close()
	c, err := dial(web.Listener.Addr().String())
	must(t, err)
	defer c.close()
	for range 2 { // the connection is kept
		a, err := c.send("POST", "/x", "Again: 1\r\n", "abc")
		must(t, err)
		if a.status != 200 || a.outcome != "succeeded" || a.location != "/x" || !a.replayed || string(a.body) != "ABC" {
			t.Errorf("got %+v %s", a, a.body)
		}
	}
	if a, err := c.send("GET", "/y", "", ""); err != nil || a.replayed || len(a.body) != 0 {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := c.send("POST", "/z", "Stream: 1\r\n", "abc"); !errors.Is(err, errNoLength) {
		t.Errorf("a reply without a length: %v, want %v", err, errNoLength)
	}
}

func TestABurstEndsAtItsFirstError(t *testing.T) {
	wrong := errors.New("wrong")
	calls := make(chan int, 100)
	_, err := drive(1, 100, func(_, i int) error {
		calls <- i
		if i == 3 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) || len(calls) != 4 {
		t.Errorf("%v after %d calls, want %v after 4", err, len(calls), wrong)
	}
}

func TestABurstCountsEveryCallOnce(t *testing.T) {
	seen := make(chan int, 1000)
	b, err := drive(7, 1000, func(_, i int) error { seen <- i; return nil })
	must(t, err)
	close(seen)
	var all []int
	for i := range seen {
		all = append(all, i)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) != 1000 || all[999] != 999 || b.n != 1000 || !slices.IsSorted(b.waits) {
		t.Errorf("%d calls up to %d", len(all), all[len(all)-1])
	}
}

func TestFiguresShowTheMedianAndTheSpread(t *testing.T) {
	for _, c := range []struct {
		rounds []float64
		want   string
	}{
		{[]float64{3, 1, 2}, "2.00 (1.00..3.00)"},
		{[]float64{1000, 10}, "505 (10.0..1000)"},
		{nil, "-"},
	} {
		if got := (&figure{Rounds: c.rounds}).String(); got != c.want {
			t.Errorf("%v: got %s, want %s", c.rounds, got, c.want)
		}
	}
	b := burst{n: 4, took: 2 * time.Second, waits: []time.Duration{1, 2, 3, 4}}
	if b.perSecond() != 2 || b.percentile(0.5) != 3 || b.percentile(0.99) != 4 {
		t.Errorf("%v/s, p50 %v, p99 %v; want 2/s, 3, 4", b.perSecond(), b.percentile(0.5), b.percentile(0.99))
	}
}

func TestALookIsNotChargedToARound(t *testing.T) {
	var b burst
	b.charge(usage{cpu: 5, mallocs: 100, bytes: 1000}, usage{cpu: 9, mallocs: 180, bytes: 1900}, 3, usage{mallocs: 10, bytes: 100})
	if b.cpu != 4 || b.mallocs != 50 || b.bytes != 600 {
		t.Errorf("charged %v, %v allocations, %v bytes; want 4, 50, 600", b.cpu, b.mallocs, b.bytes)
	}
}

// TestATinyRun drives everything there is once, as make bench does.
func TestATinyRun(t *testing.T) {
	dir := t.TempDir()
	b := &bench{dir: dir, tell: watch(io.Discard), figures: &figures{}}
	must(t, b.build(t.Context()))
	file, profile := filepath.Join(dir, "figures.json"), filepath.Join(dir, "profile")
	var out, errs bytes.Buffer
	code := run([]string{"--callers", "1,2", "--rounds", "1", "--round-time", "1ms", "--dir", dir, "--json", file,
		"--profile", profile, "--juicer", b.juicer, "--against", b.juicer}, &out, &errs)
	if code != exitOK {
		t.Fatalf("exit %d\n%s", code, errs.String())
	}
	t.Run("prints a table with every way of a capture", func(t *testing.T) {
		for _, want := range []string{wayHTTP, wayAgainst, wayPlain, wayGroup, wayStatic, wayOneNode, wayNodes, wayPgbench, "1 at once", "2 at once",
			"audit of HTTP, SQLite: clean", "audit of pgbench: clean", "fsync=on synchronous_commit=on"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
	})
	t.Run("says nothing about its progress where no terminal is", func(t *testing.T) {
		if errs.Len() > 0 {
			t.Errorf("stderr: %s", errs.String())
		}
	})
	t.Run("writes every figure", func(t *testing.T) { checkJSON(t, file) })
	t.Run("writes profiles", func(t *testing.T) {
		for _, name := range []string{"cpu.pprof", "allocs.pprof"} {
			if info, err := os.Stat(filepath.Join(profile, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
	})
	t.Run("leaves no database behind", func(t *testing.T) {
		if left, err := filepath.Glob(filepath.Join(dir, "bench-*")); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	})
}

func checkJSON(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	must(t, err)
	var r report
	must(t, json.Unmarshal(text, &r))
	for _, name := range []string{captures, captures + " ratio", captures + " p99", captures + " CPU", creates, payments, payments + " ratio", "start", "resident memory", "size of the binary"} {
		if !slices.ContainsFunc(r.Figures, func(f *figure) bool { return f.Name == name && len(f.Rounds) > 0 && f.Rounds[0] >= 0 }) {
			t.Errorf("no figure %q", name)
		}
	}
	if r.Machine.Cores < 1 || r.Commit == "" || r.Settings.Seed != 1 || len(r.Statements) == 0 {
		t.Errorf("incomplete: machine %+v, commit %q, settings %+v, statements %v", r.Machine, r.Commit, r.Settings, r.Statements)
	}
	for _, v := range r.Audits {
		if !v.Clean || v.Paid == 0 || v.Paid != v.Executions {
			t.Errorf("audit %+v", v)
		}
	}
	if len(r.Audits) != 7 {
		t.Errorf("%d audits, want 7", len(r.Audits))
	}
	checkPostgres(t, &r)
}

func TestFastWrongAnswersFail(t *testing.T) {
	t.Run("a bank that does not pay at once ends the run with exit code 1", func(t *testing.T) {
		var out, errs bytes.Buffer
		code := run([]string{"--rounds", "1", "--round-time", "1ms", "--callers", "1", "--dir", t.TempDir(), "--personality", "queueing", "--store", "sqlite"}, &out, &errs)
		if code != exitFailed || !strings.Contains(errs.String(), "want outcome succeeded") {
			t.Errorf("exit %d, want %d: %s", code, exitFailed, errs.String())
		}
	})
	t.Run("an answer of another status ends a round", func(t *testing.T) {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
		defer web.Close()
		v := &visitor{nodes: []*server{{host: web.Listener.Addr().String()}}, name: "x-"}
		defer v.close()
		if _, err := v.create(drive, 1, 1); err == nil || !strings.Contains(err.Error(), "want 201") {
			t.Errorf("create: %v, want a complaint", err)
		}
	})
	t.Run("books that hold another number of payments than were made are wrong", func(t *testing.T) {
		b := &bench{juicer: auditor(t), tell: watch(&bytes.Buffer{}), report: &report{}}
		b.report.Audits = []verdict{{Way: "right", Made: 2, Paid: 1}}
		must(t, b.audits(t.Context()))
		b.report.Audits = []verdict{{Way: "short", Made: 3, Paid: 1}}
		if err := b.audits(t.Context()); err == nil || !strings.Contains(err.Error(), `"short"`) {
			t.Errorf("got %v, want a complaint about short", err)
		}
	})
}

// auditor is a program that finds two payments and one execution, all in order.
func auditor(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "juicer")
	text := "#!/bin/sh\necho '{\"data\":{\"clean\":true,\"counts\":{\"payments\":2,\"executions\":1}}}'\n"
	must(t, os.WriteFile(path, []byte(text), 0o700))
	return path
}

func TestWrongUsageHasItsOwnExitCode(t *testing.T) {
	for _, args := range [][]string{{"--rounds", "x"}, {"--no-such-flag"}, {"--callers", "0"}, {"--rounds", "-1"}, {"--store", "oracle"},
		{"--store", "postgres", "--against", "juicer"}} {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != exitUsage {
			t.Errorf("%v: exit %d, want %d", args, code, exitUsage)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"--help"}, &out, &errs); code != exitOK || !strings.Contains(out.String(), "--quick") {
		t.Errorf("--help: exit %d: %s", code, out.String())
	}
}

func TestAServerThatDoesNotStartIsExplained(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "broken")
	must(t, os.WriteFile(program, []byte("#!/bin/sh\necho it is broken >&2\nexit 3\n"), 0o700))
	_, err := launch(t.Context(), filepath.Join(dir, "log"), program)
	if err == nil || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("got %v, want what the program said", err)
	}
}

func TestTheStaticServerEndsWithItsParent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "body")
	must(t, os.WriteFile(path, []byte(`{"a":1}`), 0o600))
	self, err := os.Executable()
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), readyTime)
	defer cancel()
	s, err := launch(ctx, path+".log", self, "static", path)
	must(t, err)
	c, err := net.Dial("tcp", s.host)
	must(t, err)
	must(t, c.Close())
	must(t, s.hangUp.Close())
	must(t, s.process.Wait())
}

func TestNothingIsComparedWithAClockThatStoodStill(t *testing.T) {
	b := &bench{figures: &figures{}}
	for way, cpu := range map[string]float64{wayHTTP: 3, wayAgainst: 0, wayStatic: 2} {
		b.figures.add("reads CPU", way, 1, "ms", cpu)
	}
	b.ratio("reads CPU", wayHTTP, wayAgainst, 1)
	b.ratio("reads CPU", wayHTTP, wayStatic, 1)
	if f := b.figures.find("reads CPU ratio", wayHTTP+" : "+wayAgainst, 1); f != nil {
		t.Errorf("got %v", f)
	}
	if f := b.figures.find("reads CPU ratio", wayHTTP+" : "+wayStatic, 1); f == nil || f.Rounds[0] != 1.5 {
		t.Errorf("got %v, want 1.5", f)
	}
}
