package main

import (
	"database/sql"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/juicer-pay/juicer/internal/migration"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
)

// firstStep makes a file of which only the first step was applied.
func firstStep(t *testing.T, dir string) {
	t.Helper()
	const first = "00001_cards.sql"
	text, err := fs.ReadFile(store.Migrations(), first)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "test.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := migration.File(t.Context(), path, db, fstest.MapFS{first: {Data: text}}); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateStatusTellsWhatIsPendingAndUpAppliesIt(t *testing.T) {
	dir := t.TempDir()
	firstStep(t, dir)
	before := names(t, dir)
	out, errs, code := output(t, "migrate", "status", "--data", dir)
	if code != exitPending || !regexp.MustCompile(`00002_nodes +pending`).MatchString(out) || !strings.Contains(out, "live.db") {
		t.Errorf("migrate status: exit %d, %s%s; want 4 and the pending step", code, out, errs)
	}
	if after := names(t, dir); after != before {
		t.Errorf("migrate status made of %s %s", before, after)
	}
	var all sync.WaitGroup
	applied := make(chan string, 4)
	for range cap(applied) {
		all.Go(func() {
			out, errs, code := output(t, "migrate", "up", "--data", dir)
			if code != exitOK {
				t.Errorf("migrate up: exit %d, %s%s", code, out, errs)
			}
			applied <- out
		})
	}
	all.Wait()
	close(applied)
	told := ""
	for out := range applied {
		told += out
	}
	if n := strings.Count(told, "test.db  00002_nodes applied"); n != 1 {
		t.Errorf("%d of four said that they applied the step, want one:\n%s", n, told)
	}
	if out, errs, code := output(t, "migrate", "status", "--data", dir); code != exitOK || !strings.Contains(out, "up to date") {
		t.Errorf("migrate status afterwards: exit %d, %s%s", code, out, errs)
	}
	if out, _, code := output(t, "migrate", "status", "--data", dir, "--json"); code != exitOK || !strings.Contains(out, `"pending":0`) {
		t.Errorf("migrate status --json: exit %d, %s", code, out)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestMigrateMakesASchemaOnlyWhereItIsTold(t *testing.T) {
	url := servertest.Postgres(t)
	for _, args := range [][]string{{"migrate", "status"}, {"migrate", "up"}} {
		if _, errs, code := output(t, append(args, "--database", url)...); code != exitFailed || !strings.Contains(errs, "is --database right?") {
			t.Errorf("juicer %v on an empty database: exit %d, %s; want 1 and a hint", args, code, errs)
		}
	}
	if out, errs, code := output(t, "migrate", "up", "--env", "test", "--database", url); code != exitOK || !strings.Contains(out, "juicer_bank  00001_books applied") {
		t.Errorf("migrate up --env test: exit %d, %s%s", code, out, errs)
	}
	out, errs, code := output(t, "migrate", "status", "--database", url, "--json")
	var shown struct {
		Data struct {
			Records []shownRecord `json:"records"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != exitOK {
		t.Fatalf("migrate status --json: exit %d, %v, %s%s", code, err, out, errs)
	}
	if live := shown.Data.Records[2]; live.Exists || live.At != "juicer_live" {
		t.Errorf("live: %+v, want none: it was not asked for", live)
	}
}

func TestMigrateUpMakesNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := output(t, "migrate", "up", "--env", "test", "--data", dir); code != exitFailed || !strings.Contains(errs, "is --data right?") {
		t.Errorf("exit %d, %s; want 1 and a hint", code, errs)
	}
	if left := names(t, dir); left != "" {
		t.Errorf("made %s", left)
	}
}
