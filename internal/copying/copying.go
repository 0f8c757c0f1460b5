// Package copying moves an installation from SQLite files to PostgreSQL: it copies every
// table in the order of its primary key into schemas that no server looks at, compares
// both sides row by row, and only then gives the schemas the names that servers use.
package copying

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/world"
)

// batchRows is how many rows travel in one transaction.
const batchRows = 1000

// Config is one copy. The caller keeps servers off From.
type Config struct {
	From    string             // data directory
	To      string             // URL of a PostgreSQL database
	Records []migration.Record // that may be in it
	Restart bool               // throw away what an unfinished copy has left in the target

	Batch    int                      // rows in a transaction; 0: batchRows
	Progress func(Progress)           // nil: nobody looks
	Reached  func(point string) error // an error ends the copy there, as a death would; nil
}

// Progress is how far a table is.
type Progress struct {
	Record, Table string
	Done, Of      int64 // rows
	Comparing     bool
}

// Report is what was compared and how it came out.
type Report struct {
	Checks   []Check `json:"checks"`
	Equal    bool    `json:"equal"`
	Earlier  bool    `json:"finished_earlier"` // only compared: an earlier run had finished the copy
	Replaced int64   `json:"replaced_texts"`   // texts with bytes that are no text, see readable
	Rows     int64   `json:"rows_copied"`      // by this run
}

// copying is a copy under way.
type copying struct {
	Config
	mark    marker
	target  *target
	sources []*source
	report  Report
	batches int
}

// Run copies, or goes on where an earlier run was stopped, and compares. The error says
// that it could not be done; Report.Equal says how the comparison came out.
func Run(ctx context.Context, c Config) (report Report, err error) {
	if c.Batch == 0 {
		c.Batch = batchRows
	}
	r := &copying{Config: c}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, part := range []func(context.Context) error{r.openSources, r.openTarget, r.begin, r.copyAll, r.compareAll, r.finish} {
		if err := part(ctx); err != nil {
			return r.report, err
		}
	}
	return r.report, nil
}

func (r *copying) close() error {
	var errs []error
	for _, s := range r.sources {
		errs = append(errs, s.close())
	}
	if r.target != nil {
		errs = append(errs, r.target.close())
	}
	return errors.Join(errs...)
}

// openSources brings every file up to date and holds it, so that nobody else writes.
func (r *copying) openSources(ctx context.Context) error {
	for _, record := range r.Records {
		path := filepath.Join(r.From, record.File)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			continue
		}
		s, err := openSource(ctx, path, record)
		if err != nil {
			return err
		}
		r.sources = append(r.sources, s)
	}
	if len(r.sources) == 0 {
		return fmt.Errorf("there are no databases of Juicer in %s: is --from right?", r.From)
	}
	return nil
}

func (r *copying) openTarget(ctx context.Context) (err error) {
	r.target, err = openTarget(ctx, r.To)
	return err
}

// begin finds out what an earlier run has left on both sides, and prepares the schemas.
func (r *copying) begin(ctx context.Context) error {
	if err := r.identify(ctx); err != nil {
		return err
	}
	for _, s := range r.sources {
		if !r.report.Earlier {
			if err := r.target.prepare(ctx, s, r.mark.Copy); err != nil {
				return err
			}
		}
		if err := r.sameTables(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// identify reads the directory's marker, or makes one: it tells the rows of this copy in
// the target from those of any other.
func (r *copying) identify(ctx context.Context) (err error) {
	if r.mark, err = readMarker(r.From); err != nil {
		return err
	}
	if r.mark.Copy != "" {
		there := r.target.holds(ctx, r.sources, r.mark)
		r.report.Earlier = there == nil // also if it was stopped just before it could write that down
		if r.mark.FinishedAt != nil || r.report.Earlier {
			return there
		}
	}
	if r.Restart {
		if err := r.target.clear(ctx, r.sources); err != nil {
			return err
		}
		r.mark = marker{}
	}
	if r.mark.Copy != "" && r.mark.To != r.target.name {
		return fmt.Errorf("%s is being copied to %s: go on there, or begin anew with --restart", r.From, r.mark.To)
	}
	if err := r.target.free(ctx, r.sources, r.mark.Copy); err != nil || r.mark.Copy != "" {
		return err
	}
	r.mark = marker{Copy: newID(), To: r.target.name, StartedAt: world.RealNow()}
	return r.mark.write(r.From)
}

// sameTables refuses two sides whose tables or columns differ.
func (r *copying) sameTables(ctx context.Context, s *source) error {
	there, err := r.target.tables(ctx, r.schemaOf(s))
	if err != nil {
		return err
	}
	return differentTables(s.record.File, s.tables, r.schemaOf(s), there)
}

// schemaOf is where a record is worked on: beside its place until the copy is finished.
func (r *copying) schemaOf(s *source) string {
	if r.report.Earlier {
		return s.record.Schema
	}
	return staging(s.record)
}

func (r *copying) copyAll(ctx context.Context) error {
	if r.report.Earlier {
		return nil
	}
	for _, s := range r.sources {
		for _, t := range s.tables {
			if err := r.copyTable(ctx, s, t); err != nil {
				return fmt.Errorf("copy %s of %s: %w", t.name, s.record.File, err)
			}
		}
	}
	return nil
}

// copyTable goes on behind the greatest key in the target. That is right because rows
// arrive in the order of their keys and a batch arrives whole or not at all: what is
// there are the first rows, without a gap.
func (r *copying) copyTable(ctx context.Context, s *source, t table) error {
	done, last, err := r.target.reached(ctx, staging(s.record), t)
	if err != nil {
		return err
	}
	for {
		r.show(Progress{Record: s.record.Name, Table: t.name, Done: done, Of: t.rows})
		rows, next, err := s.after(ctx, t, last, r.Batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := r.deliver(ctx, s, t, rows); err != nil {
			return err
		}
		done, last = done+int64(len(rows)), next
	}
}

func (r *copying) deliver(ctx context.Context, s *source, t table, rows [][]any) error {
	r.batches++
	n := r.batches
	err := r.target.write(ctx, staging(s.record), t, rows, func() error { return r.reached(fmt.Sprintf("batch %d before its commit", n)) })
	if err != nil {
		return err
	}
	r.report.Rows += int64(len(rows))
	return r.reached(fmt.Sprintf("batch %d", n))
}

func (r *copying) reached(point string) error {
	if r.Reached == nil {
		return nil
	}
	return r.Reached(point)
}

func (r *copying) show(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

// finish gives the schemas their names, all at once, if both sides are equal.
func (r *copying) finish(ctx context.Context) error {
	if !r.report.Equal {
		return nil
	}
	if !r.report.Earlier {
		if err := r.target.publish(ctx, r.sources, r.mark.Copy); err != nil {
			return err
		}
		if err := r.reached("published"); err != nil {
			return err
		}
	}
	if r.mark.FinishedAt != nil {
		return nil
	}
	now := world.RealNow()
	r.mark.FinishedAt = &now
	return r.mark.write(r.From)
}
