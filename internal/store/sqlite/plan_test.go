package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
)

// hot are the queries that every request or every second brings: each must find
// its rows by an index, and those that give pages must find them in order.
var hot = []struct {
	name  string
	plan  string // part of the plan that must be there
	order bool   // rows come in the order of the index
}{
	{"payment_by_id", "SEARCH payments USING INDEX sqlite_autoindex_payments_1 (id=?)", true},
	{"payment_by_reference", "SEARCH payments USING INDEX sqlite_autoindex_payments_2 (business=? AND reference=?)", true},
	{"payments_older", "SEARCH payments USING INDEX payments_by_age (business=? AND created_at>? AND created_at<?)", true},
	{"payments_newer", "SEARCH payments USING INDEX payments_by_age (business=? AND created_at>? AND created_at<?)", true},
	{"payment_states_since", "SEARCH payments USING COVERING INDEX payments_by_age (business=? AND created_at>?)", false},
	{"save_payment", "SEARCH payments USING INDEX sqlite_autoindex_payments_1 (id=?)", true},
	{"payments_alike", "SEARCH payments USING INDEX payments_by_age (business=? AND created_at>?)", true},
	{"customer_by_email", "SEARCH customers USING INDEX sqlite_autoindex_customers_2 (business=? AND email=?)", true},
	{"refund_by_id", "SEARCH refunds USING INDEX sqlite_autoindex_refunds_1 (id=?)", true},
	{"refund_by_reference", "SEARCH refunds USING INDEX sqlite_autoindex_refunds_2 (business=? AND reference=?)", true},
	{"refunds_older", "SEARCH refunds USING INDEX refunds_by_payment (payment_id=?", true},
	{"refunds_newer", "SEARCH refunds USING INDEX refunds_by_payment (payment_id=?", true},
	{"instruction_by_ref", "SEARCH instructions USING INDEX sqlite_autoindex_instructions_1 (ref=?)", true},
	{"save_instruction", "SEARCH instructions USING INDEX sqlite_autoindex_instructions_1 (ref=?)", true},
	{"instructions_of", "SEARCH instructions USING INDEX instructions_by_object (object_id=?)", false},
	{"count_open_instructions", "USING INDEX instructions_open", true},
	{"lease_jobs", "SEARCH jobs USING INDEX jobs_due (due_at<?)", true},
	{"next_job", "SEARCH jobs USING INDEX jobs_due", true},
	{"renew_node", "SEARCH nodes USING INDEX sqlite_autoindex_nodes_1 (id=?)", true},
	{"count_due_jobs", "SEARCH jobs USING COVERING INDEX jobs_due (due_at<?)", true},
	{"postpone_job", "SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (object_type=? AND object_id=?)", true},
	{"drop_job", "SEARCH jobs USING INDEX sqlite_autoindex_jobs_1 (object_type=? AND object_id=?)", true},
	{"key_by_name", "SEARCH idempotency_keys USING INDEX sqlite_autoindex_idempotency_keys_1 (business=? AND key=?)", true},
	{"complete_key", "SEARCH idempotency_keys USING INDEX sqlite_autoindex_idempotency_keys_1 (business=? AND key=?)", true},
	{"api_key_by_hash", "SEARCH api_keys USING INDEX sqlite_autoindex_api_keys_2 (hash=?)", true},
	{"request_by_id", "SEARCH requests USING INDEX sqlite_autoindex_requests_1 (id=?)", true},
	{"requests_older", "SEARCH requests USING INDEX requests_by_age (business=? AND created_at>? AND created_at<?)", true},
	{"requests_newer", "SEARCH requests USING INDEX requests_by_age (business=? AND created_at>? AND created_at<?)", true},
	{"unsealed_entries", "USING INDEX entries_unsealed", true},
	{"postings_of", "SEARCH postings USING INDEX sqlite_autoindex_postings_1 (entry=?)", true},
	{"entries_of_object", "SEARCH entries USING INDEX entries_by_object (object=?)", false},
	{"change_guarded_balance", "SEARCH balances USING INDEX sqlite_autoindex_balances_1 (account=? AND currency=?)", true},
	{"wallet_of", "SEARCH wallets USING INDEX sqlite_autoindex_wallets_2 (business=? AND owner=? AND currency=?)", true},
	{"events_of", "SEARCH events USING INDEX events_by_object (object=?)", false},
	{"last_seal", "sqlite_autoindex", true},
	{"number_entry", "SEARCH entries USING INDEX sqlite_autoindex_entries_1 (id=?)", true},
}

// readsWhole is a line of a plan that reads all rows of a table in no order. An
// index that holds only the rows meant (open, unsealed) may be read whole, and so may
// the few rows that a statement has found before.
var readsWhole = regexp.MustCompile(`^SCAN \w+$`)

const foundBefore = "SCAN due"

func TestHotQueries(t *testing.T) {
	db := planner(t)
	texts := map[string]string{}
	for _, q := range store.Queries() {
		texts[q.Name] = q.Lockless()
	}
	for _, h := range hot {
		t.Run(h.name+" finds its rows by an index", func(t *testing.T) {
			lines := explain(t, db, texts[h.name])
			plan := strings.Join(lines, "\n")
			if !strings.Contains(plan, h.plan) {
				t.Errorf("got the plan\n%s\nwant in it\n%s", plan, h.plan)
			}
			for _, line := range lines {
				if readsWhole.MatchString(line) && line != foundBefore || h.order && strings.Contains(line, "TEMP B-TREE") {
					t.Errorf("got the plan\n%s\nwant no %q", plan, line)
				}
			}
		})
	}
}

func TestAPlanWithoutItsIndexIsNoticed(t *testing.T) {
	db := planner(t)
	if _, err := db.Exec("DROP INDEX payments_by_age"); err != nil {
		t.Fatal(err)
	}
	for _, q := range store.Queries() {
		if q.Name == "payments_older" {
			plan := strings.Join(explain(t, db, q.Lockless()), "\n")
			if strings.Contains(plan, "payments_by_age") || !strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("got the plan\n%s\nwant one that shows that the index is gone", plan)
			}
		}
	}
}

// planner is a connection to an empty database with the present schema.
func planner(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := connect(path, "rwc", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// explain gives the plan's lines.
func explain(t *testing.T, db *sql.DB, text string) (lines []string) {
	t.Helper()
	count := 0
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		var n int
		fmt.Sscan(m[1], &n)
		count = max(count, n)
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, make([]any, count)...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil || len(lines) == 0 {
		t.Fatalf("no plan for %s: %v", text, err)
	}
	return lines
}
