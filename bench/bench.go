package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bench is one run.
type bench struct {
	options
	tell     *progress
	dir      string // removed at the end
	juicer   string // binary
	figures  *figures
	rates    map[string]float64 // calls a second by way and callers, to size the next round
	servers  []*server          // whatever runs
	visitors []*visitor         // of the server, and of the one it is measured against
	files    *visitor           // of the static server
	bares    []*bare
	cluster  *cluster   // PostgreSQL; nil if it is not measured
	shared   []*visitor // of the servers on it
	pgbench  *pgbench
	report   *report
}

const seedDir = "seed"

// begin makes room for a run.
func begin(ctx context.Context, o options, errs io.Writer) (*bench, error) {
	b := &bench{options: o, tell: watch(errs), figures: &figures{}, rates: map[string]float64{}}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, err
	}
	var err error
	if b.dir, err = os.MkdirTemp(o.Dir, "bench-"); err != nil {
		return nil, err
	}
	b.tell.now("looking at the machine")
	m, err := describe(ctx, b.dir)
	b.report = &report{When: time.Now().UTC().Truncate(time.Second), Machine: m, Commit: commit(ctx), Settings: settingsOf(o)}
	return b, err
}

// measure does everything in order and ends with the audits.
func (b *bench) measure(ctx context.Context) (*report, error) {
	at := time.Now()
	for _, part := range []func(context.Context) error{b.build, b.onSQLite, b.onPostgres, b.warm, b.rounds, b.settle, b.audits, b.profile} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	b.report.Figures, b.report.Seconds = b.figures.all, time.Since(at).Seconds()
	return b.report, nil
}

// end stops what still runs and removes the databases.
func (b *bench) end() error {
	b.tell.done()
	errs := []error{b.leave()}
	for _, bare := range b.bares {
		errs = append(errs, bare.close())
	}
	b.bares = nil
	errs = append(errs, b.pgbench.close())
	b.pgbench = nil
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// leave stops the servers.
func (b *bench) leave() error {
	for _, v := range append(b.all(), b.files) {
		v.close()
	}
	var errs []error
	for _, s := range b.servers {
		errs = append(errs, s.stop())
	}
	b.servers, b.visitors, b.shared, b.files = nil, nil, nil, nil
	return errors.Join(errs...)
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// build makes the binary unless one was given.
func (b *bench) build(ctx context.Context) error {
	b.juicer = b.Juicer
	if b.juicer == "" {
		b.tell.now("building juicer")
		b.juicer = b.path("juicer")
		out, err := exec.CommandContext(ctx, "go", "build", "-o", b.juicer, "github.com/juicer-pay/juicer/cmd/juicer").CombinedOutput()
		if err != nil {
			return fmt.Errorf("build juicer (or name a binary with --juicer): %w\n%s", err, out)
		}
	}
	info, err := os.Stat(b.juicer)
	if err == nil {
		b.figures.add("size of the binary", "", 0, "MiB", float64(info.Size())/(1<<20))
	}
	return err
}

func (b *bench) launch(ctx context.Context, juicer, dir string, more ...string) (*server, error) {
	return launch(ctx, b.path(dir+".log"), juicer, append([]string{"serve", "--data", b.path(dir), "--limits", "off",
		"--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"}, more...)...)
}

// onSQLite starts what is measured on SQLite.
func (b *bench) onSQLite(ctx context.Context) error {
	if !slices.Contains(b.Store, storeSQLite) {
		return nil
	}
	for _, part := range []func(context.Context) error{b.record, b.starts, b.serve} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// starts measures how long the server takes from its start to its ready line,
// with a store to be made and with one that is there.
func (b *bench) starts(ctx context.Context) error {
	for round := range b.Rounds {
		b.tell.now("starting and stopping, %d of %d", round+1, b.Rounds)
		dir := "start-" + strconv.Itoa(round)
		for _, way := range []string{"new store", "existing store"} {
			s, err := b.launch(ctx, b.juicer, dir)
			if err != nil {
				return err
			}
			b.figures.add("start", way, 0, "ms", float64(s.start)/float64(time.Millisecond))
			idle, _, err := s.quiet()
			b.figures.add("resident memory", "idle, "+way, 0, "MiB", idle.memory/(1<<20))
			if err = errors.Join(err, s.stop()); err != nil {
				return err
			}
		}
	}
	return nil
}

// record hears a server's statements and opens the databases that replay them.
func (b *bench) record(ctx context.Context) error {
	b.tell.now("recording the statements of a capture")
	if err := os.Mkdir(b.path(seedDir), 0o700); err != nil {
		return err
	}
	one, other, err := record(ctx, b.path(seedDir), "", b.Personality)
	if err != nil {
		return err
	}
	s, err := write(one, other)
	if err != nil {
		return err
	}
	for i, way := range []string{wayPlain, wayGroup} {
		bare, err := openBare(ctx, way, b.path(seedDir), b.path("bare-"+strconv.Itoa(i)), s)
		if err != nil {
			return err
		}
		b.bares = append(b.bares, bare)
	}
	b.report.Statements = names(recorded{capture: other.capture})
	return nil
}

// serve starts what is to be measured.
func (b *bench) serve(ctx context.Context) error {
	b.tell.now("starting the server")
	if err := b.open(ctx, wayHTTP, b.juicer); err != nil {
		return err
	}
	if b.Against != "" {
		if err := b.open(ctx, wayAgainst, b.Against); err != nil {
			return err
		}
	}
	return b.serveStatic(ctx)
}

// open starts a server and pays once.
func (b *bench) open(ctx context.Context, way, juicer string) error {
	s, err := b.launch(ctx, juicer, dirOf(way))
	if err != nil {
		return err
	}
	b.servers = append(b.servers, s)
	key, err := exec.CommandContext(ctx, juicer, "keys", "create", "--data", b.path(dirOf(way)), "--quiet").Output()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	v, err := b.begun(way, []*server{s}, strings.TrimSpace(string(key)))
	b.visitors = append(b.visitors, v)
	return err
}

// begun is a visitor who has tuned the bank and paid once.
func (b *bench) begun(way string, nodes []*server, key string) (*visitor, error) {
	v, err := visit(nodes, key, b.Seed)
	v.way = way
	if err == nil {
		err = v.tune(b.Personality, b.Seed)
	}
	if err == nil {
		_, err = v.create(drive, 1, 1)
	}
	if err == nil {
		_, err = v.capture(drive, 1, 1)
	}
	for _, s := range nodes {
		if err == nil {
			err = s.learn()
		}
	}
	return v, err
}

// dirOf is where a server keeps its data.
func dirOf(way string) string { return strings.NewReplacer(", ", "-", " ", "-").Replace(way) }

// serveStatic starts a server of one file: a payment as the API shows it.
func (b *bench) serveStatic(ctx context.Context) error {
	body, err := b.visitors[0].sample()
	if err != nil {
		return err
	}
	b.report.Settings.ReadBytes = len(body)
	if err = os.WriteFile(b.path("payment.json"), body, 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := launch(ctx, b.path("static.log"), self, "static", b.path("payment.json"))
	if err != nil {
		return err
	}
	b.servers = append(b.servers, s)
	b.files = &visitor{way: wayStatic, nodes: []*server{s}}
	return s.learn()
}

// settle takes what is left of the bench's databases out of the way, so that the
// audit can open them.
func (b *bench) settle(context.Context) error {
	b.tell.now("stopping")
	for _, v := range b.all() {
		b.report.Audits = append(b.report.Audits, verdict{Way: v.way, dir: dirOf(v.way), store: v.store, Made: v.made, Paid: len(v.paid)})
	}
	if p := b.pgbench; p != nil {
		b.report.Audits = append(b.report.Audits, verdict{Way: wayPgbench, Made: p.script.before + p.made, Paid: p.script.before + p.paid, check: p.check})
	}
	if err := b.leave(); err != nil {
		return err
	}
	for i, bare := range b.bares {
		if err := bare.close(); err != nil {
			return err
		}
		b.report.Audits = append(b.report.Audits, verdict{Way: bare.way, dir: "bare-" + strconv.Itoa(i),
			Made: bare.script.before + bare.made, Paid: bare.script.before + bare.paid})
	}
	b.bares = nil
	return nil
}
