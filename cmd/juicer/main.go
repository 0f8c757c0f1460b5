// Juicer is a payments API that a team runs itself. This command runs the server
// and the tools around it; it wires and decides nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes of every command.
const (
	exitOK       = 0
	exitFailed   = 1
	exitFindings = 2 // audit: something is wrong; conform: a sentence does not hold; copy: the two sides differ
	exitInFlight = 3 // audit: nothing is wrong, but something is still in flight
	exitPending  = 4 // migrate status: steps are to be applied
	exitUsage    = 64
)

// exit ends a command with a code other than 1.
type exit int

// Error implements error.
func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// cli is the whole command line.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Run the server: API, operators' listener, simulated bank."`
	Quickstart quickstartCmd `cmd:"" help:"Run the server with a fresh test key and print requests to paste."`
	Keys       keysCmd       `cmd:"" help:"Make, list, rotate and revoke API keys."`
	Business   businessCmd   `cmd:"" help:"Make and list businesses."`
	Card       cardCmd       `cmd:"" help:"Print the encrypted card object of a test card, for pasting into curl."`
	Pay        payCmd        `cmd:"" help:"Take a test payment step by step and show each request and answer."`
	Audit      auditCmd      `cmd:"" help:"Compare intents, ledger and the bank's books. Exit code 0: clean, 2: findings, 3: something in flight."`
	Export     exportCmd     `cmd:"" help:"Write all postings of the ledger, with opening and closing balances that add up, as CSV or JSON."`
	Encryption encryptionCmd `cmd:"" help:"Rotate the card encryption key."`
	Listen     listenCmd     `cmd:"" help:"Send the events of a server to a local URL, as webhooks."`
	Requests   requestsCmd   `cmd:"" help:"Show what happened to requests, by their request id."`
	Conform    conformCmd    `cmd:"" help:"Check a running server against the contract, sentence by sentence. Exit code 2: some do not hold."`
	Migrate    migrateCmd    `cmd:"" help:"Show or apply the steps that bring the databases to this release."`
	Copy       copyCmd       `cmd:"" help:"Move an installation from SQLite files to PostgreSQL and compare both sides. Exit code 2: they differ."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// terminal is where a command writes.
type terminal struct {
	ctx context.Context
	out io.Writer
	err io.Writer
}

func main() {
	syscall.Umask(0o077) // databases, secrets and logs of ours are for their owner alone
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parser, err := kong.New(&c, kong.Name("juicer"), kong.UsageOnError(), kong.Writers(out, errs), kong.DefaultEnvars("JUICER"),
		kong.Description("Juicer is a payments API that you run yourself. Every answer tells whether money moved, and whether, when and how to retry.\n\n"+
			"Exit codes: 0 done, 1 failed, 2 findings (audit, conform, copy), 3 still in flight (audit), 4 steps pending (migrate status), 64 wrong usage."),
		kong.Exit(func(n int) { panic(exit(n)) }))
	if err != nil {
		fmt.Fprintln(errs, "juicer:", err)
		return exitFailed
	}
	return parse(ctx, parser, args, out, errs)
}

func parse(ctx context.Context, parser *kong.Kong, args []string, out, errs io.Writer) (code int) {
	defer func() { // kong ends --help by calling Exit
		p := recover()
		if e, ok := p.(exit); ok {
			code = int(e)
		} else if p != nil {
			panic(p)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errs, "juicer:", err)
		fmt.Fprintln(errs, "Try: juicer --help")
		return exitUsage
	}
	err = k.Run(&terminal{ctx: ctx, out: out, err: errs})
	var e exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return int(e)
	default:
		fmt.Fprintln(errs, "juicer:", err)
		return exitFailed
	}
}
