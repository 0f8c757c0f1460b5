package copying

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

// Check is one comparison.
type Check struct {
	Differ int64  `json:"differ"` // how many of them
	First  string `json:"first"`  // the first difference; "" if there is none
	Record string `json:"record"`
	Source int64  `json:"source"` // how many there are in the files
	Target int64  `json:"target"` // and in PostgreSQL
	What   string `json:"what"`
}

// found notes a difference.
func (c *Check) found(format string, args ...any) {
	if c.Differ++; c.Differ == 1 {
		c.First = fmt.Sprintf(format, args...)
	}
}

// compareAll compares whatever can be compared, also behind a first difference.
func (r *copying) compareAll(ctx context.Context) error {
	if err := r.reached("copied"); err != nil {
		return err
	}
	for _, s := range r.sources {
		for _, t := range s.tables {
			c, err := r.compareTable(ctx, s, t)
			if err != nil {
				return fmt.Errorf("compare %s of %s: %w", t.name, s.record.File, err)
			}
			r.report.Checks = append(r.report.Checks, c)
		}
		for _, check := range []func(context.Context, *source) error{r.compareTotals, r.compareChain} {
			if err := check(ctx, s); err != nil {
				return fmt.Errorf("compare %s: %w", s.record.File, err)
			}
		}
		for _, n := range s.replaced {
			r.report.Replaced += n
		}
	}
	r.report.Equal = !slices.ContainsFunc(r.report.Checks, func(c Check) bool { return c.Differ > 0 })
	return nil
}

// compareTable walks a table on both sides in the order of its key, so that each row
// meets its counterpart.
func (r *copying) compareTable(ctx context.Context, s *source, t table) (Check, error) {
	c := Check{Record: s.record.Name, What: t.name}
	query := fmt.Sprintf("SELECT %s FROM %s.%s ORDER BY %s", list(t.names()), quoted(r.schemaOf(s)), quoted(t.name), t.order(""))
	rows, err := r.target.conn.Query(ctx, query)
	if err != nil {
		return c, err
	}
	theirs := &stream{rows: rows}
	defer rows.Close()
	theirs.next()
	err = s.each(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", list(t.names()), quoted(t.name), list(t.key)), nil, func(ours []any) error {
		if c.Source%int64(r.Batch) == 0 {
			r.show(Progress{Record: s.record.Name, Table: t.name, Done: c.Source, Of: t.rows, Comparing: true})
		}
		c.Source++
		s.replaced[t.name] += readable(ours)
		c.meet(t, ours, theirs)
		return theirs.err
	})
	for err == nil && theirs.row != nil {
		c.added(t, theirs)
		err = theirs.err
	}
	return c, err
}

// stream is the rows of a query, one at a time.
type stream struct {
	rows pgx.Rows
	row  []any // nil: there are no more
	err  error
}

func (s *stream) next() {
	s.row = nil
	if s.rows.Next() {
		s.row, s.err = s.rows.Values()
	} else {
		s.err = s.rows.Err()
	}
}

// meet compares one row of ours with what stands at its place on the other side.
func (c *Check) meet(t table, ours []any, theirs *stream) {
	key := t.keyOf(ours)
	for theirs.row != nil && before(t.keyOf(theirs.row), key) {
		c.added(t, theirs)
	}
	if theirs.row == nil || before(key, t.keyOf(theirs.row)) {
		c.found("%s %v is missing in PostgreSQL", t.name, key)
		return
	}
	c.Target++
	for i, column := range t.columns {
		if ours[i] != theirs.row[i] {
			c.found("%s %v: the column %s is not the same", t.name, key, column.name) // no values: they may be private
			break
		}
	}
	theirs.next()
}

func (c *Check) added(t table, theirs *stream) {
	c.Target++
	c.found("%s %v is only in PostgreSQL", t.name, t.keyOf(theirs.row))
	theirs.next()
}

// before compares two keys as the databases order them.
func before(a, b []any) bool {
	for i := range a {
		order := 0
		switch x := a[i].(type) {
		case string:
			y, _ := b[i].(string)
			order = strings.Compare(x, y)
		case int64:
			y, _ := b[i].(int64)
			order = cmp.Compare(x, y)
		}
		if order != 0 {
			return order < 0
		}
	}
	return false
}

// total is a query that both databases understand: what is counted, and its figure as text.
type total struct {
	needs string // the table that only such a record has
	what  string
	query string
}

// totals are the figures that must agree. They follow from the rows, and are asked for
// once more because they are what somebody who closes books will ask for.
var totals = []total{
	{"postings", "sums of postings by account and currency",
		"SELECT account || ' ' || currency, CAST(SUM(amount) AS TEXT) FROM postings GROUP BY account, currency"},
	{"postings", "balances by account and currency", "SELECT account || ' ' || currency, CAST(amount AS TEXT) FROM balances"},
	{"notices", "the bank's entries: count and sum by rail, currency and direction",
		"SELECT rail || ' ' || currency || ' ' || direction, CAST(COUNT(entry) AS TEXT) || ' entries, ' || CAST(SUM(amount) AS TEXT) FROM entries GROUP BY rail, currency, direction"},
	{"notices", "the bank's balances by rail and currency", "SELECT rail || ' ' || currency, CAST(balance AS TEXT) FROM balances"},
}

func (s *source) has(name string) bool {
	return slices.ContainsFunc(s.tables, func(t table) bool { return t.name == name })
}

func (r *copying) compareTotals(ctx context.Context, s *source) error {
	if err := r.lookInto(ctx, s); err != nil {
		return err
	}
	for _, t := range totals {
		if !s.has(t.needs) {
			continue
		}
		ours, err := s.figures(ctx, t.query)
		if err != nil {
			return err
		}
		theirs, err := r.target.figures(ctx, t.query)
		if err != nil {
			return err
		}
		r.report.Checks = append(r.report.Checks, sameFigures(s.record.Name, t.what, ours, theirs))
	}
	return nil
}

// lookInto lets plain table names mean those of a source's schema.
func (r *copying) lookInto(ctx context.Context, s *source) error {
	_, err := r.target.conn.Exec(ctx, "SET search_path = "+quoted(r.schemaOf(s)))
	return err
}

func (s *source) figures(ctx context.Context, query string) (map[string]string, error) {
	out := map[string]string{}
	return out, s.each(ctx, query, nil, func(row []any) error {
		_ = readable(row)
		out[row[0].(string)] = row[1].(string)
		return nil
	})
}

func (t *target) figures(ctx context.Context, query string) (map[string]string, error) {
	rows, err := t.conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var name, figure string
	_, err = pgx.ForEachRow(rows, []any{&name, &figure}, func() error {
		out[name] = figure
		return nil
	})
	return out, err
}

func sameFigures(record, what string, ours, theirs map[string]string) Check {
	c := Check{Record: record, What: what, Source: int64(len(ours)), Target: int64(len(theirs))}
	names := map[string]bool{}
	for _, side := range []map[string]string{ours, theirs} {
		for name := range side {
			names[name] = true
		}
	}
	for name := range names {
		if ours[name] != theirs[name] {
			c.found("%s: %s in the files, %s in PostgreSQL", name, cmp.Or(ours[name], "none"), cmp.Or(theirs[name], "none"))
		}
	}
	return c
}

// compareChain computes every seal of the hash chain again from the entries and postings
// in the target, and wants the hash that the source has at its place.
func (r *copying) compareChain(ctx context.Context, s *source) error {
	if !s.has("seals") {
		return nil
	}
	c := Check{Record: s.record.Name, What: "hash chain, every seal computed again"}
	ours := map[int64]string{}
	err := s.each(ctx, "SELECT seq, hash FROM seals", nil, func(row []any) error {
		ours[row[0].(int64)] = row[1].(string)
		return nil
	})
	if err != nil {
		return err
	}
	c.Source = int64(len(ours))
	link := ""
	err = r.target.chain(ctx, func(seq int64, kept string, e ledger.Entry) {
		c.Target++
		link = ledger.Link(link, e)
		if link != kept || link != ours[seq] || seq != c.Target {
			c.found("seal %d (entry %s)", seq, e.ID)
			link = kept // what follows is judged by itself
		}
	})
	if c.Source != c.Target {
		c.found("%d seals in the files, %d in PostgreSQL", c.Source, c.Target)
	}
	r.report.Checks = append(r.report.Checks, c)
	return err
}

// chain walks the sealed entries in the order of the chain.
func (t *target) chain(ctx context.Context, each func(seq int64, hash string, e ledger.Entry)) error {
	rows, err := t.conn.Query(ctx, `SELECT s.seq, s.hash, s.entry, COALESCE(e.business, ''), COALESCE(e.at, 0), COALESCE(e.kind, ''), COALESCE(e.object, ''),
			COALESCE(e.rail_ref, ''), COALESCE(p.account, ''), COALESCE(p.amount, 0), COALESCE(p.currency, '')
		FROM seals s LEFT JOIN entries e ON e.id = s.entry LEFT JOIN postings p ON p.entry = s.entry ORDER BY s.seq, p.line`)
	if err != nil {
		return err
	}
	var seq, lastSeq, at int64
	var hash, lastHash string
	var e, last ledger.Entry
	var p ledger.Posting
	into := []any{&seq, &hash, &e.ID, &e.Business, &at, &e.Kind, &e.Object, &e.RailRef, (*string)(&p.Account), &p.Amount, (*string)(&p.Currency)}
	_, err = pgx.ForEachRow(rows, into, func() error {
		if seq != lastSeq && lastSeq != 0 {
			each(lastSeq, lastHash, last)
		}
		if seq != lastSeq {
			last = e
			last.At, last.Postings = time.UnixMicro(at).UTC(), nil
		}
		lastSeq, lastHash = seq, hash
		if p.Currency != money.Currency("") {
			last.Postings = append(last.Postings, p)
		}
		return nil
	})
	if lastSeq != 0 && err == nil {
		each(lastSeq, lastHash, last)
	}
	return err
}
