package plans

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
)

// liteStep is a line of a plan that reads a table or one of its indexes.
var liteStep = regexp.MustCompile(`^(SEARCH|SCAN) (\w+)(?: USING (?:COVERING )?INDEX (\w+)(?: \((.*)\))?)?`)

// asker is a database or one of its transactions.
type asker interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

func litePlan(t *testing.T, db asker, q store.Query, args []any) (lines []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+q.Lockless(), args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var line string
		must(t, rows.Scan(&id, &parent, &unused, &line))
		lines = append(lines, line)
	}
	must(t, rows.Err())
	return lines
}

// judgeLite says what is wrong with a plan.
func judgeLite(h expected, lines []string) (wrong []string) {
	var used []string
	conditions := ""
	for _, line := range lines {
		if strings.Contains(line, "TEMP B-TREE") && !h.sorts {
			wrong = append(wrong, line)
		}
		m := liteStep.FindStringSubmatch(line)
		if m == nil || slices.Contains(small, m[2]) && m[3] == "" || m[2] == "due" || m[2] == "CONSTANT" || m[2] == "2" {
			continue // few rows, or those that were found before
		}
		if !slices.Contains(h.sqlite, m[3]) {
			wrong = append(wrong, line)
		}
		used = append(used, m[3])
		conditions += m[4] + " "
	}
	for _, index := range h.sqlite {
		if !slices.Contains(used, index) {
			wrong = append(wrong, "does not use "+index)
		}
	}
	return append(wrong, unbounded(h.bounds, conditions)...)
}

// unbounded are the columns that conditions say nothing about.
func unbounded(columns []string, conditions string) (wrong []string) {
	for _, column := range columns {
		if !regexp.MustCompile(`\b` + column + `\b`).MatchString(conditions) {
			wrong = append(wrong, column+" bounds nothing")
		}
	}
	return wrong
}

func TestPlansOnSQLite(t *testing.T) {
	t.Parallel()
	db := fullSQLite(t)
	// Juicer never runs ANALYZE on SQLite; an operator may.
	for _, statistics := range []string{"", "PRAGMA analysis_limit = 1000; ANALYZE"} {
		if _, err := db.ExecContext(t.Context(), statistics); err != nil {
			t.Fatal(err)
		}
		for _, h := range hotQueries(t) {
			t.Run(fmt.Sprintf("%s finds its rows by an index, statistics %q", h.query, statistics), func(t *testing.T) {
				plan := litePlan(t, db, named()[h.query], values[h.query])
				if wrong := judgeLite(h, plan); len(wrong) > 0 {
					t.Errorf("%s\nthe plan:\n%s", strings.Join(wrong, "\n"), strings.Join(plan, "\n"))
				}
			})
		}
	}
	for _, f := range faults {
		t.Run(f.name+" is noticed", func(t *testing.T) {
			tx, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			defer func() { must(t, tx.Rollback()) }()
			if f.before != "" {
				_, err := tx.ExecContext(t.Context(), f.before)
				must(t, err)
			}
			plan := litePlan(t, tx, f.planted(), values[f.query])
			if len(judgeLite(hotNamed(t, f.query), plan)) == 0 {
				t.Errorf("nothing is wrong with this plan:\n%s", strings.Join(plan, "\n"))
			}
		})
	}
}
