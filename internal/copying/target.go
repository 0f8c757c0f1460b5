package copying

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/store/postgres"
)

const closeTime = 5 * time.Second

// staging is the schema that a record is copied into. No server ever looks there, so none
// can start on half a copy.
func staging(r migration.Record) string { return r.Schema + "_copying" }

// target is the PostgreSQL database.
type target struct {
	config *pgx.ConnConfig
	conn   *pgx.Conn
	name   string // without account and password
}

// label is the comment on a schema: whose copy it is. It stays when the schema gets its
// final name, and so tells a finished copy from anything else.
type label struct {
	Copy  string `json:"juicer_copy"`
	Ready bool   `json:"ready"` // its tables are made, and hold rows of the copy alone
}

func openTarget(ctx context.Context, url string) (*target, error) {
	c, err := postgres.Config(url, "pg_catalog")
	if err != nil {
		return nil, err
	}
	config := c.ConnConfig
	config.RuntimeParams["statement_timeout"] = "0" // reading a large table takes its time
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, postgres.Unreachable(err)
	}
	return &target{config: config, conn: conn, name: fmt.Sprintf("PostgreSQL %s:%d, database %s", config.Host, config.Port, config.Database)}, nil
}

func (t *target) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return t.conn.Close(ctx)
}

// look reads a schema's label; there is false if the schema does not exist.
func (t *target) look(ctx context.Context, schema string) (l label, there bool, err error) {
	var comment *string
	err = t.conn.QueryRow(ctx, "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1", schema).Scan(&comment)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return l, false, nil
	case err != nil:
		return l, false, fmt.Errorf("look for the schema %s: %w", schema, err)
	}
	if comment != nil {
		_ = json.Unmarshal([]byte(*comment), &l) // another comment is nobody's label
	}
	return l, true, nil
}

// free refuses a target that holds anything but an unfinished copy of that id.
func (t *target) free(ctx context.Context, sources []*source, copyID string) error {
	for _, s := range sources {
		l, there, err := t.look(ctx, s.record.Schema)
		if err != nil {
			return err
		}
		if there && (copyID == "" || l.Copy != copyID) {
			return fmt.Errorf("the database already holds the schema %s, which is not of this copy: choose another database; or, if nothing in it is needed, drop it: DROP SCHEMA %s CASCADE",
				s.record.Schema, s.record.Schema)
		}
		l, there, err = t.look(ctx, staging(s.record))
		if err != nil {
			return err
		}
		if there && (copyID == "" || l.Copy != copyID) {
			return fmt.Errorf("the database holds an unfinished copy of another directory, or of another state of this one (schema %s): begin anew with --restart, which throws it away", staging(s.record))
		}
	}
	return nil
}

// holds checks that a finished copy is where its marker says.
func (t *target) holds(ctx context.Context, sources []*source, m marker) error {
	for _, s := range sources {
		l, there, err := t.look(ctx, s.record.Schema)
		if err != nil {
			return err
		}
		if !there || l.Copy != m.Copy {
			return fmt.Errorf("this directory was copied to %s already, and the copy is not in this database (schema %s). To copy it once more, delete the file %s in the directory",
				m.To, s.record.Schema, MarkerFile)
		}
	}
	return nil
}

// clear drops what unfinished copies have left. Finished ones have other names.
func (t *target) clear(ctx context.Context, sources []*source) error {
	for _, s := range sources {
		schema := staging(s.record)
		l, there, err := t.look(ctx, schema)
		if err != nil {
			return err
		}
		if there && l.Copy == "" {
			return fmt.Errorf("the schema %s was not made by juicer copy: drop it yourself if nothing in it is needed", schema)
		}
		if !there {
			continue
		}
		if _, err := t.conn.Exec(ctx, "DROP SCHEMA "+quoted(schema)+" CASCADE"); err != nil {
			return fmt.Errorf("drop %s: %w", schema, err)
		}
	}
	return nil
}

// prepare makes the schema that a source is copied into, unless an earlier run did.
func (t *target) prepare(ctx context.Context, s *source, copyID string) error {
	schema := staging(s.record)
	l, there, err := t.look(ctx, schema)
	if err == nil && !there {
		l, err = label{Copy: copyID}, t.together(ctx, "CREATE SCHEMA "+quoted(schema), comment(schema, label{Copy: copyID}))
	}
	if err == nil {
		_, err = migration.Schema(ctx, t.config, schema, s.record.Steps)
	}
	if err == nil && !l.Ready {
		err = t.empty(ctx, schema, copyID)
	}
	if err != nil {
		return fmt.Errorf("prepare the schema %s: %w", schema, err)
	}
	return nil
}

// empty removes the rows that migrations insert: the source has its own of them.
func (t *target) empty(ctx context.Context, schema, copyID string) error {
	tables, err := t.tables(ctx, schema)
	if err != nil {
		return err
	}
	var names []string
	for _, table := range tables {
		names = append(names, quoted(schema)+"."+quoted(table.name))
	}
	return t.together(ctx, "TRUNCATE "+strings.Join(names, ", "), comment(schema, label{Copy: copyID, Ready: true}))
}

func comment(schema string, l label) string {
	return fmt.Sprintf(`COMMENT ON SCHEMA %s IS '{"juicer_copy": "%s", "ready": %t}'`, quoted(schema), l.Copy, l.Ready)
}

// together runs statements in one transaction.
func (t *target) together(ctx context.Context, statements ...string) error {
	return pgx.BeginFunc(ctx, t.conn, func(tx pgx.Tx) error {
		for _, text := range statements {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
}

// tables describes a schema.
func (t *target) tables(ctx context.Context, schema string) ([]table, error) {
	rows, err := t.conn.Query(ctx, `SELECT c.table_name::text, c.column_name::text, c.data_type::text
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = $1 AND t.table_type = 'BASE TABLE' AND c.table_name <> $2
		ORDER BY c.table_name, c.ordinal_position`, schema, migration.Table)
	if err != nil {
		return nil, err
	}
	var out []table
	var name string
	var c column
	_, err = pgx.ForEachRow(rows, []any{&name, &c.name, &c.kind}, func() error {
		if n := len(out); n == 0 || out[n-1].name != name {
			out = append(out, table{name: name})
		}
		last := &out[len(out)-1]
		last.columns = append(last.columns, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the tables of %s: %w", schema, err)
	}
	return out, t.keys(ctx, schema, out)
}

func (t *target) keys(ctx context.Context, schema string, tables []table) error {
	keys := map[string][]string{}
	rows, err := t.conn.Query(ctx, `SELECT k.table_name::text, k.column_name::text
		FROM information_schema.table_constraints c JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
		WHERE c.table_schema = $1 AND c.constraint_type = 'PRIMARY KEY' ORDER BY k.table_name, k.ordinal_position`, schema)
	if err != nil {
		return err
	}
	var name, key string
	if _, err = pgx.ForEachRow(rows, []any{&name, &key}, func() error {
		keys[name] = append(keys[name], key)
		return nil
	}); err != nil {
		return fmt.Errorf("read the primary keys of %s: %w", schema, err)
	}
	for i := range tables {
		tables[i].key = keys[tables[i].name]
	}
	return nil
}

// order sorts by the primary key as SQLite does: texts byte by byte, whatever the
// database's own collation is.
func (t table) order(direction string) string {
	kinds := map[string]string{}
	for _, c := range t.columns {
		kinds[c.name] = c.kind
	}
	var out []string
	for _, name := range t.key {
		term := quoted(name)
		if kinds[name] == "text" {
			term += ` COLLATE "C"`
		}
		out = append(out, term+direction)
	}
	return strings.Join(out, ", ")
}

// reached tells how many rows of a table are there and the greatest key among them.
func (t *target) reached(ctx context.Context, schema string, in table) (done int64, last []any, err error) {
	from := quoted(schema) + "." + quoted(in.name)
	if err := t.conn.QueryRow(ctx, "SELECT count(1) FROM "+from).Scan(&done); err != nil || done == 0 {
		return 0, nil, err
	}
	rows, err := t.conn.Query(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s LIMIT 1", list(in.key), from, in.order(" DESC")))
	if err != nil {
		return 0, nil, err
	}
	last, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	return done, last, err
}

// write adds rows to a table in one transaction.
func (t *target) write(ctx context.Context, schema string, into table, rows [][]any, beforeCommit func() error) error {
	return pgx.BeginFunc(ctx, t.conn, func(tx pgx.Tx) error {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{schema, into.name}, into.names(), pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		return beforeCommit()
	})
}

// publish gives all schemas the names that servers use, in one transaction.
func (t *target) publish(ctx context.Context, sources []*source, copyID string) error {
	var statements []string
	for _, s := range sources {
		statements = append(statements, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %s", quoted(staging(s.record)), quoted(s.record.Schema)),
			comment(s.record.Schema, label{Copy: copyID, Ready: true}))
		for _, table := range s.tables { // else the first queries are planned as if the tables were empty
			if _, err := t.conn.Exec(ctx, "ANALYZE "+quoted(staging(s.record))+"."+quoted(table.name)); err != nil {
				return fmt.Errorf("analyze %s: %w", table.name, err)
			}
		}
	}
	if err := t.together(ctx, statements...); err != nil {
		return fmt.Errorf("give the schemas their names (was one made meanwhile, by a server on this database?): %w", err)
	}
	return nil
}
