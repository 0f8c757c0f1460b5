package plans

import (
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
)

// fault is something that makes a query read too much; each must turn red on both
// databases.
type fault struct {
	name, query string
	before      string    // run first
	swap        [2]string // in the text of the query
}

var faults = []fault{
	{name: "an index that is gone", query: "payments_older", before: "DROP INDEX payments_by_age"},
	{name: "an index of few rows that is gone", query: "unsealed_entries", before: "DROP INDEX entries_unsealed"},
	{name: "an index for one state that is gone", query: "payments_older_in_state", before: "DROP INDEX payments_by_state"},
	{name: "a function on the column", query: "payment_by_id", swap: [2]string{"id = $1", "lower(id) = $1"}},
	{name: "a filter that may be off", query: "requests_with_status_older", swap: [2]string{"AND status = $5 AND status NOT IN (200, 201)", ""}},
	{name: "a page that begins at the end of the list", query: "payments_older",
		swap: [2]string{"(created_at, id) < ($2, $3)", "(created_at < $2 OR (created_at = $2 AND id < $3))"}},
	{name: "an order without an index", query: "requests_newer", swap: [2]string{"ORDER BY created_at", "ORDER BY path"}},
}

func (f fault) planted() store.Query {
	q := named()[f.query]
	if f.swap[0] != "" {
		q.Text = strings.Replace(q.Text, f.swap[0], f.swap[1], 1)
	}
	return q
}

func hotNamed(t *testing.T, query string) expected {
	t.Helper()
	for _, h := range hotQueries(t) {
		if h.query == query {
			return h
		}
	}
	t.Fatalf("hot.txt has no %s", query)
	return expected{}
}
