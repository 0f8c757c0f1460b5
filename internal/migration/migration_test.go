package migration_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/servertest"
)

const processes = 12

// first and both are a release and the one after it.
var (
	first = fstest.MapFS{"00001_one.sql": step("CREATE TABLE one (id TEXT PRIMARY KEY)")}
	both  = fstest.MapFS{"00001_one.sql": first["00001_one.sql"], "00002_two.sql": step("CREATE TABLE two (id TEXT PRIMARY KEY); INSERT INTO two VALUES ('once')")}
)

func step(text string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + text + ";\n")}
}

// place is where a record is kept, with all that can be done to it.
type place struct {
	status func(files fs.FS) ([]migration.Step, error)
	up     func(files fs.FS) ([]migration.Step, error)
	open   func() *sql.DB
	traces func() []string // whatever is there, by name
}

func places(t *testing.T) map[string]place {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	url := servertest.Postgres(t)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	file := func() *sql.DB { return opened(t, "sqlite", path+"?_pragma=busy_timeout(5000)&_txlock=immediate") }
	return map[string]place{
		"a file": {
			status: func(files fs.FS) ([]migration.Step, error) { return migration.FileStatus(t.Context(), path, files) },
			up: func(files fs.FS) ([]migration.Step, error) {
				return migration.File(context.Background(), path, file(), files)
			},
			open: file, traces: func() []string { return listing(t, dir) },
		},
		"a schema": {
			status: func(files fs.FS) ([]migration.Step, error) {
				return migration.SchemaStatus(t.Context(), config, "juicer_a", files)
			},
			up: func(files fs.FS) ([]migration.Step, error) {
				return migration.Schema(context.Background(), config, "juicer_a", files)
			},
			open: func() *sql.DB {
				c := config.Copy()
				c.RuntimeParams["search_path"] = "juicer_a"
				return stdlib.OpenDB(*c)
			},
			traces: func() []string { return schemas(t, config) },
		},
	}
}

func opened(t *testing.T, driver, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func listing(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func schemas(t *testing.T, c *pgx.ConnConfig) []string {
	t.Helper()
	conn, err := pgx.ConnectConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema LIKE 'juicer%' UNION SELECT nspname FROM pg_namespace WHERE nspname LIKE 'juicer%'")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestALookChangesNothing(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name+" that is not there", func(t *testing.T) {
			if steps, err := p.status(both); !errors.Is(err, migration.ErrNone) {
				t.Errorf("got %v, %v; want ErrNone", steps, err)
			}
			if left := p.traces(); len(left) > 0 {
				t.Errorf("the look left %v", left)
			}
		})
		t.Run(name+" of the release before", func(t *testing.T) {
			if _, err := p.up(first); err != nil {
				t.Fatal(err)
			}
			before := p.traces()
			steps, err := p.status(both)
			if err != nil || len(steps) != 2 || steps[0].AppliedAt == nil || steps[1].AppliedAt != nil || steps[1].Name != "00002_two" {
				t.Errorf("got %+v, %v; want the second step pending", steps, err)
			}
			if after := p.traces(); len(after) != len(before) {
				t.Errorf("there was %v, and is %v", before, after)
			}
		})
	}
}

func TestManyProcessesMigrateAtOnce(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			var all, ready sync.WaitGroup
			var applied atomic.Int64
			ready.Add(processes)
			for range processes {
				all.Go(func() {
					ready.Done()
					ready.Wait()
					done, err := p.up(both)
					if err != nil {
						t.Error(err)
					}
					applied.Add(int64(len(done)))
				})
			}
			all.Wait()
			db := p.open()
			defer db.Close()
			var rows int
			if err := db.QueryRow("SELECT count(id) FROM two").Scan(&rows); err != nil || rows != 1 || applied.Load() != 2 {
				t.Errorf("%d steps were applied, %d rows inserted (%v); want 2 and 1", applied.Load(), rows, err)
			}
		})
	}
}
