package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	schemaTime = 10 * time.Minute // of all steps together
	// advisoryLock is "juicer\n", one lock for every schema of a database.
	advisoryLock = 0x6a75696365720a
)

// Schema makes a schema of a PostgreSQL database if it is not there and brings it up to
// date, under an advisory lock: other processes that do the same wait, and then find
// nothing to do.
func Schema(ctx context.Context, c *pgx.ConnConfig, schema string, files fs.FS) (done []Step, err error) {
	ctx, cancel := context.WithTimeout(ctx, schemaTime)
	defer cancel()
	db := open(c, schema)
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := lockDatabase(ctx, conn); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlockDatabase(conn)) }()
	if err := makeSchema(ctx, conn, schema); err != nil {
		return nil, err
	}
	return up(ctx, goose.DialectPostgres, db, files)
}

// open gives connections that are in no hurry: an index on a large table takes its time.
func open(c *pgx.ConnConfig, schema string) *sql.DB {
	c = c.Copy()
	c.RuntimeParams["statement_timeout"] = "0"
	c.RuntimeParams["search_path"] = schema
	return stdlib.OpenDB(*c)
}

func lockDatabase(ctx context.Context, conn *sql.Conn) error {
	for _, text := range []string{
		"SET lock_timeout = 0", // another process may be migrating for long
		fmt.Sprintf("SELECT pg_advisory_lock(%d)", int64(advisoryLock)),
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("lock the migrations: %w", err)
		}
	}
	return nil
}

func unlockDatabase(conn *sql.Conn) error {
	_, err := conn.ExecContext(context.Background(), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", int64(advisoryLock)))
	return err
}

// makeSchema asks first: an account that may not make schemas may well use one.
func makeSchema(ctx context.Context, conn *sql.Conn, schema string) error {
	there, err := exists(ctx, conn, schema)
	if err != nil || there {
		return err
	}
	if _, err := conn.ExecContext(ctx, "CREATE SCHEMA "+pgx.Identifier{schema}.Sanitize()); err != nil {
		return fmt.Errorf("make the schema %s: %w", schema, err)
	}
	return nil
}

// asker is a connection or a pool of them.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func exists(ctx context.Context, q asker, schema string) (there bool, err error) {
	return there, q.QueryRowContext(ctx, "SELECT to_regnamespace(quote_ident($1)) IS NOT NULL", schema).Scan(&there)
}

// SchemaStatus reads how far a schema is, or gives ErrNone.
func SchemaStatus(ctx context.Context, c *pgx.ConnConfig, schema string, files fs.FS) ([]Step, error) {
	db := open(c, schema)
	defer db.Close()
	there, err := exists(ctx, db, schema)
	switch {
	case err != nil:
		return nil, err
	case !there:
		return nil, ErrNone
	}
	var made bool
	err = db.QueryRowContext(ctx, "SELECT to_regclass(quote_ident($1) || '.' || quote_ident($2)) IS NOT NULL", schema, Table).Scan(&made)
	if err != nil {
		return nil, err
	}
	return status(ctx, goose.DialectPostgres, db, files, made)
}
