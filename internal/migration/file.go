package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/juicer-pay/juicer/internal/world"
)

const (
	fileLockTime = 10 * time.Minute // as long as another process may migrate
	fileLockLook = 10 * time.Millisecond
)

// File brings a SQLite file up to date; db writes it. Other processes that do the same
// wait, and then find nothing to do.
func File(ctx context.Context, path string, db *sql.DB, files fs.FS) (done []Step, err error) {
	unlock, err := lockDirectory(ctx, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return up(ctx, goose.DialectSQLite3, db, files)
}

// lockDirectory keeps other migrations out of a directory. The directory itself is
// locked, so that no file is left in it; and no database file, because closing one would
// also drop the locks that SQLite holds on it.
func lockDirectory(ctx context.Context, dir string) (unlock func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("lock the migrations: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, fileLockTime)
	defer cancel()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f.Close, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock the migrations of %s: %w", dir, err), f.Close())
		}
		if err := world.Sleep(ctx, fileLockLook); err != nil {
			return nil, errors.Join(fmt.Errorf("another process has been migrating %s for long: %w", dir, err), f.Close())
		}
	}
}

// FileStatus reads how far a SQLite file is, or gives ErrNone.
func FileStatus(ctx context.Context, path string, files fs.FS) ([]Step, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	db, err := sql.Open("sqlite", lookAt(path))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var tables int
	if err := db.QueryRowContext(ctx, "SELECT count(name) FROM sqlite_schema WHERE name = $1", Table).Scan(&tables); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return status(ctx, goose.DialectSQLite3, db, files, tables > 0)
}

// lookAt opens a file for reading. Without a log beside it nobody has it open, and it is
// read as it is: otherwise SQLite would make a log, and leave it there.
func lookAt(path string) string {
	q := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(ON)"}}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		q.Set("immutable", "1")
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String()
}
