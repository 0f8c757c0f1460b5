// Package migration brings schemas up to date, one process at a time, and tells what
// that would take without touching anything. It knows where a record is kept, never
// what is in it.
package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/juicer-pay/juicer/internal/world"
)

// ErrNone is given by a look at a record that does not exist.
var ErrNone = errors.New("there is no such database")

// Table is where the steps that were applied are written down.
const Table = goose.DefaultTablename

// Record is one database of ours, in either of the places where it may be kept.
type Record struct {
	Name   string // for people
	File   string // of the data directory: SQLite
	Schema string // of a PostgreSQL database
	Steps  fs.FS  // its migrations, oldest first
}

// Step is one migration.
type Step struct {
	Version   int64
	Name      string     // such as 00002_nodes
	AppliedAt *time.Time // nil: pending
}

// Pending are the steps that were not applied yet.
func Pending(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		if s.AppliedAt == nil {
			out = append(out, s)
		}
	}
	return out
}

// up applies what is pending and tells what that was. Who calls it holds the lock.
func up(ctx context.Context, dialect goose.Dialect, db *sql.DB, files fs.FS) ([]Step, error) {
	p, err := goose.NewProvider(dialect, db, files)
	if err != nil {
		return nil, err
	}
	done, err := p.Up(ctx)
	now := world.RealNow()
	var out []Step
	for _, r := range done {
		out = append(out, Step{Version: r.Source.Version, Name: name(r.Source.Path), AppliedAt: &now})
	}
	return out, err
}

func name(file string) string { return strings.TrimSuffix(path.Base(file), ".sql") }

// status compares the files with what is written down. Goose's own status would make
// its table where there is none.
func status(ctx context.Context, dialect goose.Dialect, db *sql.DB, files fs.FS, made bool) ([]Step, error) {
	p, err := goose.NewProvider(dialect, db, files)
	if err != nil {
		return nil, err
	}
	applied := map[int64]time.Time{}
	if made {
		if applied, err = written(ctx, db); err != nil {
			return nil, err
		}
	}
	var out []Step
	for _, source := range p.ListSources() {
		step := Step{Version: source.Version, Name: name(source.Path)}
		if at, there := applied[source.Version]; there {
			step.AppliedAt = &at
		}
		out = append(out, step)
	}
	return out, nil
}

func written(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	rows, err := db.QueryContext(ctx, "SELECT version_id, tstamp FROM "+Table+" WHERE is_applied")
	if err != nil {
		return nil, fmt.Errorf("read the steps that were applied: %w", err)
	}
	defer rows.Close()
	applied := map[int64]time.Time{}
	for rows.Next() {
		var version int64
		var at time.Time
		if err := rows.Scan(&version, &at); err != nil {
			return nil, err
		}
		applied[version] = at.UTC()
	}
	return applied, rows.Err()
}
