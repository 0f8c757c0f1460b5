package copying

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/store/sqlite"
)

// table is a table as one side describes it.
type table struct {
	name    string
	columns []column
	key     []string // the primary key, in order
	rows    int64    // of the source
}

type column struct{ name, kind string }

func (t table) names() []string {
	out := make([]string, len(t.columns))
	for i, c := range t.columns {
		out[i] = c.name
	}
	return out
}

// source is one file, held by a transaction: what is read is one state of it, and nobody
// else can write until the copy is over.
type source struct {
	record   migration.Record
	db       *sql.DB
	conn     *sql.Conn
	tables   []table
	replaced map[string]int64 // by table, see readable
}

func openSource(ctx context.Context, path string, record migration.Record) (s *source, err error) {
	if _, err := sqlite.Migrate(ctx, path, record.Steps); err != nil {
		return nil, fmt.Errorf("bring %s up to date: %w", record.File, err)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(5000)", "synchronous(FULL)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: full, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err
	}
	s = &source{record: record, db: db, replaced: map[string]int64{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("read %s: %w", record.File, err), s.close())
		}
	}()
	if s.conn, err = db.Conn(ctx); err != nil {
		return s, err
	}
	if _, err := s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return s, fmt.Errorf("somebody writes to it: %w", err)
	}
	return s, s.describe(ctx)
}

func (s *source) close() error {
	var errs []error
	if s.conn != nil {
		_, _ = s.conn.ExecContext(context.Background(), "ROLLBACK") // nothing was written
		errs = append(errs, s.conn.Close())
	}
	return errors.Join(append(errs, s.db.Close())...)
}

// describe reads which tables there are.
func (s *source) describe(ctx context.Context) error {
	err := s.each(ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> $1 ORDER BY name", []any{migration.Table},
		func(row []any) error {
			s.tables = append(s.tables, table{name: row[0].(string)})
			return nil
		})
	for i := range s.tables {
		err = errors.Join(err, s.describeTable(ctx, &s.tables[i]))
	}
	return err
}

func (s *source) describeTable(ctx context.Context, t *table) error {
	places := map[int64]string{}
	err := s.each(ctx, "SELECT name, lower(type), pk FROM pragma_table_info($1) ORDER BY cid", []any{t.name}, func(row []any) error {
		c := column{name: row[0].(string), kind: row[1].(string)}
		t.columns = append(t.columns, c)
		if place := row[2].(int64); place > 0 {
			places[place] = c.name
		}
		return nil
	})
	for place := int64(1); place <= int64(len(places)); place++ {
		t.key = append(t.key, places[place])
	}
	if err == nil && len(t.key) == 0 {
		err = fmt.Errorf("the table %s has no primary key, so it cannot be copied in order", t.name)
	}
	if err != nil {
		return err
	}
	return s.each(ctx, "SELECT count(1) FROM "+quoted(t.name), nil, func(row []any) error {
		t.rows = row[0].(int64)
		return nil
	})
}

// each calls do with every row of a query.
func (s *source) each(ctx context.Context, query string, args []any, do func(row []any) error) error {
	rows, err := s.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// after reads the next rows behind a key (nil: from the first) and gives the key of the
// last of them.
func (s *source) after(ctx context.Context, t table, last []any, limit int) (rows [][]any, next []any, err error) {
	where := ""
	if last != nil {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(last)), ", ")
		where = " WHERE (" + list(t.key) + ") > (" + marks + ")"
	}
	query := fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT %d", list(t.names()), quoted(t.name), where, list(t.key), limit)
	err = s.each(ctx, query, last, func(row []any) error {
		next = t.keyOf(row)
		_ = readable(row)
		rows = append(rows, row)
		return nil
	})
	return rows, next, err
}

// keyOf is the primary key of a row.
func (t table) keyOf(row []any) []any {
	var key []any
	for _, name := range t.key {
		for i, c := range t.columns {
			if c.name == name {
				key = append(key, row[i])
			}
		}
	}
	return key
}

// readable makes of a row what PostgreSQL can hold. Its texts take neither broken UTF-8
// nor NULs, which the request log of 0.1.0 may have: they become replacement characters,
// as later releases write them. It tells how many texts it changed.
func readable(row []any) (changed int64) {
	for i, v := range row {
		if raw, ok := v.([]byte); ok {
			v = string(raw)
			row[i] = v
		}
		text, ok := v.(string)
		if ok && (!utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0) {
			row[i] = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
			changed++
		}
	}
	return changed
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func list(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = quoted(name)
	}
	return strings.Join(out, ", ")
}

// differentTables is an error that names the first difference in the shape of both sides.
func differentTables(file string, ours []table, schema string, theirs []table) error {
	there := map[string]table{}
	for _, t := range theirs {
		there[t.name] = t
	}
	for _, t := range ours {
		other, ok := there[t.name]
		if !ok {
			return fmt.Errorf("the table %s is in %s and not in %s", t.name, file, schema)
		}
		if why := t.differs(other); why != "" {
			return fmt.Errorf("the table %s is not the same in %s and %s: %s", t.name, file, schema, why)
		}
		delete(there, t.name)
	}
	for _, t := range theirs {
		if _, left := there[t.name]; left {
			return fmt.Errorf("the table %s is in %s and not in %s", t.name, schema, file)
		}
	}
	return nil
}

// differs says in which column two descriptions of a table are not the same; their order
// does not matter, because columns are copied by name.
func (t table) differs(other table) string {
	kinds := map[string]string{}
	for _, c := range other.columns {
		kinds[c.name] = c.kind
	}
	for _, c := range t.columns {
		kind, ok := kinds[c.name]
		if !ok {
			return "the column " + c.name + " is only in the files"
		}
		if kind != c.kind {
			return fmt.Sprintf("the column %s is %s in the files and %s in PostgreSQL", c.name, c.kind, kind)
		}
		delete(kinds, c.name)
	}
	for name := range kinds {
		return "the column " + name + " is only in PostgreSQL"
	}
	if strings.Join(t.key, ",") != strings.Join(other.key, ",") {
		return fmt.Sprintf("its primary key is (%s) in the files and (%s) in PostgreSQL", strings.Join(t.key, ", "), strings.Join(other.key, ", "))
	}
	return ""
}
