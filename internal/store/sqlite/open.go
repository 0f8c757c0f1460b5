// Package sqlite runs the store on one SQLite file: one writer with group commit,
// several readers, and a file lock so that one process alone writes it.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/store"
)

const (
	readers       = 4
	busyTimeoutMS = 5000
	cacheKiB      = 32 * 1024
)

// Open makes or opens the database file and brings its schema up to date.
// Command-line tools may open it while the server runs: SQLite's own lock lets
// one write at a time.
func Open(ctx context.Context, path string) (*Driver, error) {
	write, err := connect(path, "rwc", 1)
	if err != nil {
		return nil, err
	}
	if _, err := migration.File(ctx, path, write, store.Migrations()); err != nil {
		write.Close()
		return nil, fmt.Errorf("bring the schema of %s up to date: %w", filepath.Base(path), err)
	}
	read, err := connect(path, "ro", readers)
	if err != nil {
		write.Close()
		return nil, err
	}
	return start(ctx, read, write)
}

// connect opens a pool. synchronous=FULL in WAL mode means that a commit is on
// disk when it returns; a reply must never promise more than the disk holds.
func connect(path, mode string, conns int) (*sql.DB, error) {
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeoutMS), "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB), "temp_store(MEMORY)",
	}}
	if mode == "ro" {
		q["_pragma"] = []string{fmt.Sprintf("busy_timeout(%d)", busyTimeoutMS), "query_only(ON)", fmt.Sprintf("cache_size(-%d)", cacheKiB)}
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Migrate brings a database file that exists up to date and tells which steps that took.
// Several processes may do so at once, also while a server works on the file.
func Migrate(ctx context.Context, path string, files fs.FS) (done []migration.Step, err error) {
	write, err := connect(path, "rw", 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, write.Close()) }()
	return migration.File(ctx, path, write, files)
}
