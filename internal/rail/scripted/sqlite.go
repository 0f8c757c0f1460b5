package scripted

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/juicer-pay/juicer/internal/migration"
)

const busyTimeoutMS = 5000

// openSQLite opens or makes the file and brings its schema up to date. FULL
// means that a commit is on disk when it returns: the bank must not forget what
// it has told.
func openSQLite(ctx context.Context, path string) (*database, error) {
	write, err := connect(path, 1)
	if err != nil {
		return nil, err
	}
	if _, err := migration.File(ctx, path, write, Migrations()); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the bank's schema up to date: %w", err), write.Close())
	}
	read, err := connect(path, readersMax)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &database{write: write, read: newReader(read), begin: "BEGIN IMMEDIATE", fold: "PRAGMA wal_checkpoint(TRUNCATE)"}, nil
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
