package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// column is one member of each item of a list.
func column(a nodetest.Answer, name string) (out []string) {
	items, _ := a.At("data").([]any)
	for _, item := range items {
		out = append(out, fmt.Sprint(item.(map[string]any)[name]))
	}
	return out
}

// pages walks a list from its newest page to the end and gives a column of each.
func pages(e *nodetest.Env, path, name string) (out [][]string, cursors []string) {
	e.T.Helper()
	for next := path; ; {
		a := set(e, "GET", next, nil)
		out = append(out, column(a, name))
		after := a.Text("pagination.after")
		if after == "" {
			return out, cursors
		}
		cursors = append(cursors, after)
		next = path + "&after=" + url.QueryEscape(after)
	}
}

func TestListsArePagedNewestFirst(t *testing.T) {
	t.Parallel()
	e := start(t)
	var references []string
	for i := range 7 {
		references = append([]string{nodetest.Ref("list", i)}, references...)
		e.NewSession(references[0])
	}

	t.Run("page by page, everything once", func(t *testing.T) {
		got, _ := pages(under(t, e), "/payments?limit=3", "reference")
		equal(t, "pages", fmt.Sprint(got), fmt.Sprint([][]string{references[:3], references[3:6], references[6:]}))
	})
	t.Run("and back again", func(t *testing.T) {
		e := under(t, e)
		_, cursors := pages(e, "/payments?limit=3", "reference")
		last := set(e, "GET", "/payments?limit=3&after="+cursors[1], nil)
		middle := set(e, "GET", "/payments?limit=3&before="+last.Text("pagination.before"), nil)
		equal(t, "the page before the last", fmt.Sprint(column(middle, "reference")), fmt.Sprint(references[3:6]))
		first := set(e, "GET", "/payments?limit=3&before="+middle.Text("pagination.before"), nil)
		equal(t, "the first page", fmt.Sprint(column(first, "reference")), fmt.Sprint(references[:3]))
		equal(t, "nothing is newer", first.At("pagination.before"), nil)
		equal(t, "and it leads on again", first.Text("pagination.after"), cursors[0])
	})
	t.Run("a page does not shift when something new comes", func(t *testing.T) {
		e := under(t, e)
		_, cursors := pages(e, "/payments?limit=3", "reference")
		e.NewSession("newcomer")
		a := set(e, "GET", "/payments?limit=3&after="+cursors[0], nil)
		equal(t, "second page", fmt.Sprint(column(a, "reference")), fmt.Sprint(references[3:6]))
	})
	t.Run("all at once by default", func(t *testing.T) {
		a := set(under(t, e), "GET", "/payments", nil)
		equal(t, "limit", a.At("pagination.limit"), any(float64(15)))
		equal(t, "cursors", fmt.Sprint(a.At("pagination.after"), a.At("pagination.before")), "<nil> <nil>")
		equal(t, "items", len(column(a, "id")), 8)
	})
	t.Run("bad pages are refused", func(t *testing.T) {
		e := under(t, e)
		_, cursors := pages(e, "/payments?limit=3", "reference")
		for query, name := range map[string]string{
			"limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "limit=1.5": "limit", "limit=1&limit=2": "limit", "after=x": "after",
			"before=" + cursors[0] + "x": "before", "after=" + cursors[0] + "&before=" + cursors[0]: "before", "colour=red": "colour",
			"created_after=yesterday": "created_after", "status=paid": "status",
		} {
			a := e.Do("GET", "/payments?"+query, nil)
			want(t, a, http.StatusBadRequest, "invalid_request")
			if a.At("error.details."+name) == nil {
				t.Errorf("%s: got %s, want it to name %s", query, a.Body, name)
			}
		}
		want(t, e.Do("GET", "/keys?after="+cursors[0], nil), http.StatusBadRequest, "invalid_request")
	})
}

// Every list of the API pages in the same way.
func TestEveryListIsPaged(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := e.Paid("paged")
	for i := range 3 {
		refund(e, id, int64(i+1))
		set(e, "POST", "/keys", map[string]any{"name": nodetest.Ref("key no", i), "scopes": []string{"*"}})
	}
	for path, member := range map[string]string{"/payments/" + id + "/refunds?": "id", "/keys?": "id", "/requests?path=/keys&": "id"} {
		t.Run(path, func(t *testing.T) {
			e := under(t, e)
			whole := column(set(e, "GET", path+"limit=100", nil), member)
			single, _ := pages(e, path+"limit=1", member)
			flat := slices.Concat(single...)
			if len(whole) < 3 || len(flat) < len(whole) || !slices.Equal(flat[len(flat)-len(whole)+1:], whole[1:]) {
				t.Errorf("one by one: %v, at once: %v", flat, whole)
			}
		})
	}
	t.Run("the bank's books are paged oldest first", func(t *testing.T) {
		e := under(t, e)
		whole := column(set(e, "GET", "/sandbox/rail-books?limit=100", nil), "entry")
		equal(t, "entries", fmt.Sprint(whole), "[1 2 3 4]")
		a := set(e, "GET", "/sandbox/rail-books?limit=2&after_entry=1", nil)
		equal(t, "two after the first", fmt.Sprint(column(a, "entry")), "[2 3]")
		one := set(e, "GET", "/sandbox/rail-books?rail_reference="+id+"%2F1", nil)
		equal(t, "by reference", fmt.Sprint(column(one, "kind")), "[execution]")
	})
}

func TestPaymentsAreFiltered(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	moment := func() string { return e.Do("GET", "/sandbox/clock", nil).Text("data.now") }
	e.Paid("settled")
	e.Advance(25 * hour)
	e.NewSession("created")
	before := moment()
	e.Advance(second)
	between := moment()
	e.Paid("captured")
	failed := e.NewSession("failed")
	e.Capture(failed, declined)
	e.Advance(second)
	after := moment()
	set(e, "POST", "/payment-sessions/"+e.NewSession("cancelled")+"/cancel", nil)
	doubtful := e.NewSession("doubtful")
	e.Capture(doubtful, silent)

	for query, wanted := range map[string]string{
		"status=pending": "created doubtful", "status=captured": "captured", "status=settled": "settled", "status=failed": "cancelled failed",
		"status=processing": "doubtful", "status=succeeded": "captured settled", "status=cancelled": "cancelled",
		"created_after=" + between: "cancelled captured doubtful failed", "created_before=" + between: "created settled",
		"created_after=" + between + "&created_before=" + after: "captured failed", "created_after=" + before + "&created_before=" + between: "created",
		"status=failed&created_after=" + after: "cancelled", "status=captured&created_before=" + between: "",
	} {
		t.Run(query, func(t *testing.T) {
			found := column(set(under(t, e), "GET", "/payments?"+query, nil), "reference")
			slices.Sort(found)
			equal(t, "payments", strings.Join(found, " "), wanted)
		})
	}
	t.Run("the statistics count each once", func(t *testing.T) {
		stats := set(under(t, e), "GET", "/payments/stats", nil)
		equal(t, "stats", fmt.Sprint(stats.At("data")), "map[captured:1 failed:2 pending:2 settled:1 total:6]")
	})
	t.Run("of the last 30 days", func(t *testing.T) {
		e := under(t, e)
		set(e, "POST", "/sandbox/payments/"+doubtful+"/resolve", map[string]any{"outcome": "failed"})
		e.Advance(29 * day)
		equal(t, "total", set(e, "GET", "/payments/stats", nil).At("data.total"), any(float64(5)))
		e.Advance(2 * day)
		equal(t, "total after 30 days", set(e, "GET", "/payments/stats", nil).At("data.total"), any(float64(0)))
	})
}

func TestManyPaymentsAreFetchedAtOnce(t *testing.T) {
	t.Parallel()
	e := start(t)
	one, two := e.NewSession("one"), e.NewSession("two")
	for query, wanted := range map[string]string{
		"references=two,one":                     "[two one] []",
		"references=one,none,two,nor":            "[one two] [none nor]",
		"references=none":                        "[] [none]",
		"ids=" + two + "," + one:                 "[two one] []",
		"ids=" + one + "," + noUUID + ",no-uuid": "[one] [" + noUUID + " no-uuid]",
		"ids=" + strings.ToUpper(one):            "[one] []",
	} {
		t.Run(query, func(t *testing.T) {
			a := set(under(t, e), "GET", "/payments?"+query, nil)
			equal(t, "found and missing", fmt.Sprint(column(a, "reference"), a.At("missing")), wanted)
			equal(t, "cursors", fmt.Sprint(a.At("pagination.after"), a.At("pagination.before")), "<nil> <nil>")
		})
	}
	for _, query := range []string{"ids=" + one + "&references=two", "ids=" + one + "&limit=1", "references=one&status=failed",
		"references=" + strings.Repeat("x,", 100) + "x", "ids=" + one + "&created_after=2026-01-01T00:00:00Z"} {
		want(t, e.Do("GET", "/payments?"+query, nil), http.StatusBadRequest, "invalid_request")
	}
}
