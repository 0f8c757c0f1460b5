package plans

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/store"
)

// rowsSortedMax is a page, or all that there is of one object.
const rowsSortedMax = 100

// pgNode is a step of a plan, as EXPLAIN (FORMAT JSON) gives it.
type pgNode struct {
	Type     string   `json:"Node Type"`
	Relation string   `json:"Relation Name"`
	Index    string   `json:"Index Name"`
	Cond     string   `json:"Index Cond"`
	Rows     float64  `json:"Actual Rows"`
	Hit      int      `json:"Shared Hit Blocks"`
	Read     int      `json:"Shared Read Blocks"`
	Plans    []pgNode `json:"Plans"`
}

func (n pgNode) each(do func(pgNode)) {
	do(n)
	for _, below := range n.Plans {
		below.each(do)
	}
}

// pgPlan runs a query in a transaction that is rolled back, and gives its plan with
// what it cost. mode is a plan_cache_mode: a server's prepared statements may get
// either plan.
func pgPlan(t *testing.T, conn *pgx.Conn, mode, before string, q store.Query, args []any) (plan pgNode, text string) {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	must(t, err)
	defer func() { must(t, tx.Rollback(t.Context())) }()
	for _, step := range []string{before, "SET LOCAL plan_cache_mode = " + mode, "PREPARE asked AS " + q.Text} {
		_, err := tx.Exec(t.Context(), step)
		must(t, err)
	}
	must(t, tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked"+literals(args)).Scan(&text))
	_, err = tx.Exec(t.Context(), "DEALLOCATE asked")
	must(t, err)
	var out []struct{ Plan pgNode }
	must(t, json.Unmarshal([]byte(text), &out))
	return out[0].Plan, text
}

// literals writes values out: EXECUTE takes no parameters.
func literals(args []any) string {
	var out []string
	for _, arg := range args {
		switch v := arg.(type) {
		case nil:
			out = append(out, "NULL")
		case string:
			out = append(out, "'"+strings.ReplaceAll(v, "'", "''")+"'")
		default:
			out = append(out, fmt.Sprint(v))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// judgePG says what is wrong with a plan.
func judgePG(h expected, plan pgNode) (wrong []string) {
	var used []string
	conditions := ""
	plan.each(func(n pgNode) {
		switch {
		case n.Type == "Seq Scan" && !slices.Contains(small, n.Relation):
			wrong = append(wrong, "reads all of "+n.Relation)
		case strings.HasSuffix(n.Type, "Sort") && (!h.sorts || n.Rows > rowsSortedMax):
			wrong = append(wrong, fmt.Sprintf("sorts %.0f rows", n.Rows))
		case n.Index != "":
			if used = append(used, n.Index); !slices.Contains(h.postgres, n.Index) && !slices.Contains(small, strings.TrimSuffix(n.Index, "_pkey")) {
				wrong = append(wrong, "uses "+n.Index)
			}
			conditions += n.Cond + " "
		}
	})
	for _, index := range h.postgres {
		if !slices.Contains(used, index) {
			wrong = append(wrong, "does not use "+index)
		}
	}
	if pages := plan.Hit + plan.Read; pages > h.pages {
		wrong = append(wrong, fmt.Sprintf("touches %d pages, %d at most are expected", pages, h.pages))
	}
	if h.postgres == nil {
		return wrong
	}
	return append(wrong, unbounded(h.bounds, conditions)...)
}

func TestPlansOnPostgreSQL(t *testing.T) {
	t.Parallel()
	conn := fullPostgres(t)
	for _, mode := range []string{"force_generic_plan", "force_custom_plan"} {
		for _, h := range hotQueries(t) {
			t.Run(fmt.Sprintf("%s finds its rows by an index, %s", h.query, mode), func(t *testing.T) {
				plan, text := pgPlan(t, conn, mode, "", named()[h.query], values[h.query])
				if wrong := judgePG(h, plan); len(wrong) > 0 {
					t.Errorf("%s\nthe plan:\n%s", strings.Join(wrong, "\n"), text)
				}
			})
		}
	}
	for _, f := range faults {
		t.Run(f.name+" is noticed", func(t *testing.T) {
			plan, text := pgPlan(t, conn, "force_generic_plan", f.before, f.planted(), values[f.query])
			if len(judgePG(hotNamed(t, f.query), plan)) == 0 {
				t.Errorf("nothing is wrong with this plan:\n%s", text)
			}
		})
	}
}
