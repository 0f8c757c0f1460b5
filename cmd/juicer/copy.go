package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/copying"
	"github.com/juicer-pay/juicer/internal/node"
)

// copyCmd moves an installation from files to PostgreSQL.
type copyCmd struct {
	From    string `help:"Data directory to copy. Nothing in it is deleted." required:"" type:"existingdir"`
	To      string `help:"PostgreSQL database that holds no Juicer yet: postgres://user:password@host:5432/name." required:"" placeholder:"URL"`
	Restart bool   `help:"Begin anew: throw away what an unfinished copy has left in the database."`
	JSON    bool   `help:"Print the comparison as JSON."`
}

// Run implements the command.
func (c *copyCmd) Run(t *terminal) error {
	unlock, free, err := lockData(c.From)
	if err != nil {
		return err
	}
	if !free {
		return fmt.Errorf("a juicer serve works on %s: stop it first; payments made during a copy would be missing in it", c.From)
	}
	defer unlock()
	bar := watch(t.err)
	report, err := copying.Run(t.ctx, copying.Config{From: c.From, To: c.To, Restart: c.Restart, Progress: bar.copied, Reached: stopAt(),
		Records: append(node.Records(access.Test), node.Records(access.Live)...)})
	bar.done()
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped: the same command goes on from here")
	}
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(t, report)
	} else {
		err = c.show(t, report)
	}
	if err == nil && !report.Equal {
		err = exit(exitFindings)
	}
	return err
}

// stopAt lets a copy die at the point that JUICER_CRASH_AT names.
func stopAt() func(string) error {
	crash := crashPoint()
	return func(point string) error {
		if crash != nil {
			crash(point)
		}
		return nil
	}
}

func (c *copyCmd) show(t *terminal, r copying.Report) error {
	table := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RECORD\tCOMPARED\tFILES\tPOSTGRESQL\t")
	for _, check := range r.Checks {
		verdict := "equal"
		if check.Differ > 0 {
			verdict = fmt.Sprintf("%d DIFFER: %s", check.Differ, check.First)
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", check.Record, check.What, check.Source, check.Target, verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if r.Replaced > 0 {
		fmt.Fprintf(t.out, "%d texts of the request log held bytes that are no text; they are shown as \uFFFD there.\n", r.Replaced)
	}
	c.conclude(t, r)
	return nil
}

func (c *copyCmd) conclude(t *terminal, r copying.Report) {
	switch {
	case r.Equal:
		fmt.Fprintf(t.out, "equal: every row, balance and seal is in PostgreSQL (%d rows copied by this run)\n\n%s", r.Rows, c.next())
	case r.Earlier:
		fmt.Fprintln(t.out, "NOT equal: the copy was finished earlier; if servers have worked on the database since, these are their changes")
	default:
		fmt.Fprintln(t.out, "NOT equal: see above. No server sees this copy. Find out who has changed one of the sides, then begin anew with --restart")
	}
}

// next says what to do after a copy.
func (c *copyCmd) next() string {
	secret := " --secret-file " + filepath.Join(c.From, "secret")
	note := "The server secret goes along: without it no API key works and no card can be read."
	if _, err := os.Stat(filepath.Join(c.From, "secret")); err != nil {
		secret, note = "", "Use the same server secret as so far (--secret-file or JUICER_SECRET): without it no API key works and no card can be read."
	}
	live := ""
	if _, err := os.Stat(filepath.Join(c.From, "live.db")); err == nil {
		live = " --live-addr ADDRESS"
	}
	return fmt.Sprintf("Next:\n\n  juicer serve --database '%s'%s%s\n\n%s\nServers do not start on %s any more; the file %s there says how to go back.\n",
		redacted(c.To), secret, live, note, c.From, copying.MarkerFile)
}

// redacted is a URL whose password is not shown.
func redacted(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" && u.Scheme == "" { // host=... password=...
		return "the same as --to"
	}
	return u.Redacted()
}
