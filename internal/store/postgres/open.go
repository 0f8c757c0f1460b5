// Package postgres runs the store on one schema of a PostgreSQL database, which
// several processes may share. Statements of a transaction are queued and travel
// together; guards are checked when they come back, before the commit.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/store"
)

const (
	connsMax        = 24               // of one process, unless the URL has pool_max_conns
	connectTime     = 5 * time.Second  // to reach the server
	statementTime   = 20 * time.Second // of one statement, also that of the longest page of an audit
	lockTime        = 5 * time.Second  // to wait for a row
	idleTime        = 60 * time.Second // a transaction may wait for us before the server ends it
	applicationName = "juicer"
)

// Open opens the schema of the database that url names, makes it if it is not there,
// and brings it up to date. Several processes may do so at once: one migrates, the
// others wait for it.
func Open(ctx context.Context, url, schema string) (*Driver, error) {
	c, err := Config(url, schema)
	if err != nil {
		return nil, err
	}
	if _, err := migration.Schema(ctx, c.ConnConfig, schema, store.Migrations()); err != nil {
		return nil, fmt.Errorf("bring the schema %s up to date: %w", schema, Unreachable(err))
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open the schema %s: %w", schema, err)
	}
	return newDriver(pool, schema), nil
}

// Exists reports whether the database has the schema. It makes nothing.
func Exists(ctx context.Context, url, schema string) (there bool, err error) {
	c, err := Config(url, schema)
	if err != nil {
		return false, err
	}
	conn, err := pgx.ConnectConfig(ctx, c.ConnConfig)
	if err != nil {
		return false, Unreachable(err)
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", schema).Scan(&there)
	return there, err
}

// Unreachable says where the database was looked for, without the password.
func Unreachable(err error) error {
	var c *pgconn.ConnectError
	if !errors.As(err, &c) {
		return err
	}
	return fmt.Errorf("the database %s at %s:%d cannot be reached: %w", c.Config.Database, c.Config.Host, c.Config.Port, errors.Unwrap(err))
}

// Config reads a URL: the schema is searched first, no wait is without an end, and a
// commit is on disk when it returns, unless the URL itself says otherwise.
func Config(url, schema string) (*pgxpool.Config, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the URL of the database (--database) cannot be read; it has the form postgres://user:password@host:5432/database?sslmode=require")
	}
	if c.MaxConns == defaultConns() {
		c.MaxConns = connsMax
	}
	c.ConnConfig.ConnectTimeout = connectTime
	for name, value := range map[string]string{
		"application_name": applicationName, "default_transaction_isolation": "read committed", "synchronous_commit": "on",
		"statement_timeout": ms(statementTime), "lock_timeout": ms(lockTime), "idle_in_transaction_session_timeout": ms(idleTime),
	} {
		if _, given := c.ConnConfig.RuntimeParams[name]; !given {
			c.ConnConfig.RuntimeParams[name] = value
		}
	}
	c.ConnConfig.RuntimeParams["search_path"] = schema
	return c, nil
}

func ms(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }
