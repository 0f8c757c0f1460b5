package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/juicer-pay/juicer/conformance"
)

// conformCmd checks any server that claims to speak the contract.
type conformCmd struct {
	remote
	Only      []string `help:"Only these cases: ids (capture/approved) or topics (capture)."`
	MoveClock bool     `help:"Also run the cases that move the test clock by days. They expire and settle everything on the target."`
	JSON      bool     `help:"Print the report as JSON."`
}

// Run implements the command.
func (c *conformCmd) Run(t *terminal) error {
	report, err := conformance.Run(t.ctx, conformance.Config{Target: c.Target, Key: c.Key, Only: c.Only, MoveClock: c.MoveClock,
		Out: t.out, JSON: c.JSON, Progress: forPeople(t.err)})
	if err != nil {
		return err
	}
	if !report.OK() {
		return exit(exitFindings)
	}
	return nil
}

// forPeople gives w if it is a terminal, else nil: progress is for who watches.
func forPeople(w io.Writer) io.Writer {
	f, isFile := w.(*os.File)
	if !isFile {
		return nil
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return w
}

// version of this release.
const version = "0.2.0"

// versionCmd prints the version and, if known, the commit it was built from.
type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(t *terminal) error {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " (" + s.Value + ")"
			}
		}
	}
	fmt.Fprintf(t.out, "juicer %s%s\n", version, commit)
	return nil
}
