package plans

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store/postgres"
	"github.com/juicer-pay/juicer/internal/store/sqlite"
)

const (
	schema = "juicer_test"
	script = "testdata/million.sql" // the rows, the same for both databases
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fullSQLite is a file with 10^6 payments.
func fullSQLite(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "million.db")
	d, err := sqlite.Open(t.Context(), path)
	must(t, err)
	must(t, d.Close())
	if out, err := exec.CommandContext(t.Context(), "python3", "testdata/fill.py", path, script).CombinedOutput(); err != nil {
		t.Fatalf("fill the file: %v\n%s", err, out)
	}
	db, err := sql.Open("sqlite", path)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

// fullPostgres is a schema with 10^6 payments.
func fullPostgres(t *testing.T) *pgx.Conn {
	t.Helper()
	url := servertest.Postgres(t)
	d, err := postgres.Open(t.Context(), url, schema)
	must(t, err)
	must(t, d.Close())
	c, err := pgx.ParseConfig(url)
	must(t, err)
	c.RuntimeParams["search_path"] = schema
	conn, err := pgx.ConnectConfig(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	text, err := os.ReadFile(script)
	must(t, err)
	for _, step := range []string{loadFast, string(text), loadEnd, "VACUUM (ANALYZE)"} {
		if _, err := conn.PgConn().Exec(t.Context(), step).ReadAll(); err != nil {
			t.Fatalf("fill the schema: %v", err)
		}
	}
	return conn
}

// Rows go in without a log and before the indexes, which is many times faster.
const loadFast = `
SET maintenance_work_mem = '256MB';
CREATE TEMP TABLE dropped AS SELECT indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE schemaname = current_schema AND indexname NOT IN (SELECT conname FROM pg_constraint);
DO $$ DECLARE one RECORD; BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema LOOP
        EXECUTE format('ALTER TABLE %I SET UNLOGGED', one.tablename);
    END LOOP;
    FOR one IN SELECT name FROM dropped LOOP EXECUTE format('DROP INDEX %I', one.name); END LOOP;
END $$;
CREATE TABLE numbers AS SELECT generate_series(0, 999999)::BIGINT AS i;`

const loadEnd = `
DO $$ DECLARE one RECORD; BEGIN
    FOR one IN SELECT definition FROM dropped LOOP EXECUTE one.definition; END LOOP;
END $$;
DROP TABLE numbers, dropped;`
