package scripted

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed schema/*.sql
var schema embed.FS

const (
	readersMax    = 4
	busyTimeoutMS = 5000
)

// database is the bank's own file: one connection writes, several read.
type database struct {
	write, read *sql.DB
	begin       string // opens a transaction that writes
}

// openSQLite opens or makes the file and brings its schema up to date. FULL
// means that a commit is on disk when it returns: the bank must not forget what
// it has told.
func openSQLite(ctx context.Context, path string) (*database, error) {
	write, err := connect(path, 1)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the bank's schema up to date: %w", err), write.Close())
	}
	read, err := connect(path, readersMax)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &database{write: write, read: read, begin: "BEGIN IMMEDIATE"}, nil
}

func connect(path string, conns int) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the bank's books: %w", err)
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeoutMS), "journal_mode(WAL)", "synchronous(FULL)",
	}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: full, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open the bank's books: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	steps, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, steps)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func (d *database) close() error {
	err := d.read.Close()
	_, fold := d.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, fold, d.write.Close())
}
