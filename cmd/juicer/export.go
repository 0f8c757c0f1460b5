package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// exportCmd writes the ledger out for the people who keep the books, also while the
// server runs.
type exportCmd struct {
	place
	environment
	From   string `help:"First moment of the period, RFC 3339 or a day (UTC). Default: the beginning." placeholder:"TIME"`
	To     string `help:"End of the period, which does not belong to it. Default: everything there is." placeholder:"TIME"`
	Format string `help:"csv, or json: one object per line." enum:"csv,json" default:"csv"`
	Output string `help:"Write to this file, which must not exist yet, instead of the standard output." short:"o" placeholder:"FILE"`
}

// Run implements the command.
func (c *exportCmd) Run(t *terminal) error {
	period := engine.EverSpan()
	if err := errors.Join(moment("--from", c.From, &period.From), moment("--to", c.To, &period.To)); err != nil {
		return err
	}
	if !period.From.Before(period.To) {
		return errors.New("--to must be later than --from")
	}
	return c.existing(t.ctx, access.Env(c.Env), func(n *node.Node) error {
		if c.Output == "" {
			return c.export(t, n, period, t.out)
		}
		file, err := os.OpenFile(c.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, privateFile)
		if err != nil {
			return fmt.Errorf("make --output: %w", err)
		}
		err = errors.Join(c.export(t, n, period, file), file.Sync(), file.Close())
		if err != nil {
			return errors.Join(err, os.Remove(c.Output)) // half of it must not pass for the whole
		}
		return nil
	})
}

// moment reads a flag that names a time; an empty one changes nothing.
func moment(flag, text string, into *time.Time) error {
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			*into = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("%s: %q is no time: write 2026-11-22 or 2026-11-22T09:30:00Z", flag, text)
}

func (c *exportCmd) export(t *terminal, n *node.Node, period store.Span, to io.Writer) error {
	out, err := c.writer(to)
	if err != nil {
		return err
	}
	shown := watch(t.err)
	defer shown.done()
	err = n.Engine.ExportLedger(t.ctx, engine.Export{
		Period:   period,
		Opening:  func(all []engine.AccountBalance) error { return balances(out, wire.ExportOpening, period.From, all) },
		Closing:  func(all []engine.AccountBalance) error { return balances(out, wire.ExportClosing, period.To, all) },
		Line:     func(l engine.ExportLine) error { return out.Write(exported(l)) },
		Progress: shown.exported,
	})
	return errors.Join(err, out.Close())
}

func (c *exportCmd) writer(to io.Writer) (wire.ExportWriter, error) {
	if c.Format == "json" {
		return wire.NewExportJSON(to), nil
	}
	return wire.NewExportCSV(to)
}

func balances(out wire.ExportWriter, record string, at time.Time, all []engine.AccountBalance) error {
	for _, b := range all {
		err := out.Write(wire.ExportRecord{Record: record, At: wire.At(bounded(at)), Account: string(b.Account), Balance: b.Balance.Minor,
			Currency: string(b.Balance.Currency)})
		if err != nil {
			return err
		}
	}
	return nil
}

// lastMoment is the latest time that the format of times can write.
var lastMoment = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)

func bounded(at time.Time) time.Time {
	if at.After(lastMoment) {
		return lastMoment
	}
	return at
}

func exported(l engine.ExportLine) wire.ExportRecord {
	r := wire.ExportRecord{Record: wire.ExportPosting, At: wire.At(l.Entry.At), EntryID: &l.Entry.ID, Business: wire.OrNull(l.Entry.Business),
		Kind: &l.Entry.Kind, ObjectID: wire.OrNull(l.Entry.Object), Reference: wire.OrNull(l.Reference), RailReference: wire.OrNull(l.Entry.RailRef),
		Account: string(l.Posting.Account), Amount: l.Posting.Amount, Balance: l.Balance, Currency: string(l.Posting.Currency)}
	if l.Entry.Seq > 0 {
		r.Seal = &l.Entry.Seq
	}
	return r
}
