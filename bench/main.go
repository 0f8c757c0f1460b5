// Bench measures what Juicer costs: durable captures through HTTP beside the same
// statements on bare SQLite and in pgbench on PostgreSQL, reads beside a static file, start-up, memory. What
// counts are the ratios within one run: the ways of doing a thing take turns, so
// that a machine that gets slower meanwhile slows all of them. It asserts no
// speed; wrong answers and an audit that is not clean end it with exit code 1.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// The values of --store.
const (
	storeSQLite   = "sqlite"
	storePostgres = "postgres"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 64
)

// options say what is measured and for how long.
type options struct {
	Quick       bool          `help:"About a minute instead of 4 to 5, with wider spreads."`
	Store       []string      `help:"Stores to measure, comma-separated: sqlite, postgres." enum:"sqlite,postgres" default:"sqlite,postgres" placeholder:"STORE"`
	Callers     []int         `help:"Callers at once, comma-separated." default:"1,8,64" placeholder:"N"`
	Rounds      int           `help:"Rounds of each measurement. Default: 5, with --quick 3." placeholder:"N"`
	RoundTime   time.Duration `help:"How long a round of captures should take. Default: 1s, with --quick 200ms." placeholder:"D"`
	JSON        string        `name:"json" help:"Write every figure of every round, machine and settings to FILE." type:"path" placeholder:"FILE"`
	Profile     string        `help:"Run the capture at the most callers once more inside this process, and write cpu.pprof and allocs.pprof into DIR." type:"path" placeholder:"DIR"`
	Dir         string        `help:"Make the databases below DIR: on the disk that is to be measured, not in memory." default:"data" type:"path" placeholder:"DIR"`
	Juicer      string        `help:"Measure this juicer binary. Default: one built from the tree around." type:"path" placeholder:"FILE"`
	Against     string        `help:"Measure this other juicer binary too, in turns with the first: before and after a change in one run." type:"path" placeholder:"FILE"`
	Personality string        `help:"Personality of the simulated bank. Any but instant measures the bank's delays." default:"instant"`
	Seed        int64         `help:"Seed of references and of the order of reads." default:"1"`
}

const about = `Measure Juicer on this machine: durable captures/s through HTTP beside the same statements on bare SQLite
and in pgbench (one node and three on a PostgreSQL of its own), creates and reads, CPU and allocations, start-up, memory, size. See docs/benchmarks.md for how to read it.

Exit codes: 0 measured and every audit clean, 1 a wrong answer, an unclean audit or another failure, 64 wrong usage.`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// ended is how kong's own exits (--help) leave it.
type ended int

func run(args []string, out, errs io.Writer) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer func() {
		p := recover()
		if e, ok := p.(ended); ok {
			code = int(e)
		} else if p != nil {
			panic(p)
		}
	}()
	if len(args) == 2 && args[0] == "static" { // the bench starts itself so
		return failed(serveFile(ctx, args[1], out), errs)
	}
	var o options
	parser, err := kong.New(&o, kong.Name("bench"), kong.Description(about), kong.Writers(out, errs),
		kong.Exit(func(n int) { panic(ended(n)) }))
	if err != nil {
		return failed(err, errs)
	}
	if _, err = parser.Parse(args); err == nil {
		err = o.complete()
	}
	if err != nil {
		fmt.Fprintf(errs, "bench: %v\nTry: go run ./bench --help\n", err)
		return exitUsage
	}
	return failed(o.measure(ctx, out, errs), errs)
}

func failed(err error, errs io.Writer) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(errs, "bench:", err)
	return exitFailed
}

func (o options) measure(ctx context.Context, out, errs io.Writer) error {
	b, err := begin(ctx, o, errs)
	if err != nil {
		return err
	}
	report, err := b.measure(ctx)
	err = errors.Join(err, b.end())
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing of it is left") // what servers said about being stopped is no news
	}
	if err != nil {
		return err
	}
	report.print(out)
	if o.JSON != "" {
		return report.save(o.JSON)
	}
	return nil
}

// complete fills in what depends on other flags, and refuses what cannot be.
func (o *options) complete() error {
	rounds, roundTime := 5, time.Second
	if o.Quick {
		rounds, roundTime = 3, 200*time.Millisecond
	}
	if o.Rounds == 0 {
		o.Rounds = rounds
	}
	if o.RoundTime == 0 {
		o.RoundTime = roundTime
	}
	for _, n := range o.Callers {
		if n < 1 || n > callersMax {
			return fmt.Errorf("--callers takes numbers from 1 to %d, not %d", callersMax, n)
		}
	}
	if o.Against != "" && !slices.Contains(o.Store, storeSQLite) {
		return errors.New("--against compares binaries on SQLite: --store must have it")
	}
	if o.Rounds < 1 || o.RoundTime < 0 || len(o.Callers) == 0 {
		return errors.New("there must be a round, a caller, and time for them")
	}
	return nil
}
