package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func listCases() []Case {
	return []Case{
		{ID: "lists/pages", Sentence: "pages follow each other, newest first, without a gap or a repeat, and lead back", run: pagesFollow},
		{ID: "lists/limits", Sentence: "limit is 1 to 100 and 15 by default; another is 400 invalid_request", run: pageLimits},
		{ID: "lists/cursors", Sentence: "an unknown cursor, or both directions at once, is 400 invalid_request", run: badCursors},
		{ID: "lists/created", Sentence: "created_after is inclusive, created_before exclusive", run: createdWindow},
		{ID: "lists/status", Sentence: "the status filter chooses by group or by the payment's status", run: statusFilter},
		{ID: "lists/filters-refused", Sentence: "a filter value that cannot be is 400 invalid_request and named", run: badFilters},
		{ID: "lists/ids", Sentence: "ids brings all matches at once and lists what is missing", run: manyIDs},
		{ID: "lists/references", Sentence: "references brings all matches at once and lists what is missing", run: manyReferences},
		{ID: "lists/many-alone", Sentence: "ids or references stand alone, 1 to 100 of them", run: manyAlone},
		{ID: "lists/stats-reference", Sentence: "a payment whose reference is stats is found with references=stats", run: statsReference},
		{ID: "lists/entries", Sentence: "a list shows flat payments as they are fetched, without money", run: listEntries},
	}
}

func idsOf(r reply) []string { return textsOf(r, "id") }

// textsOf are the texts under name in every entry of a list.
func textsOf(r reply, name string) []string {
	var out []string
	for i := range r.list("data") {
		out = append(out, r.text(pathf("data.%d.%s", i, name)))
	}
	return out
}

func escaped(text string) string { return url.QueryEscape(text) }

// badRequest: 400 invalid_request that names the parameter.
func (t *trial) badRequest(r reply, name string) {
	t.refused(r, http.StatusBadRequest, "invalid_request")
	t.outcome(r, "not_attempted", "no")
	if len(r.list("error.details."+name)) == 0 {
		t.failed(&r, "details.%s with a list of texts", name)
	}
}

func pagesFollow(t *trial) {
	start := escaped(t.clockNow().Format(time.RFC3339Nano))
	var made []string
	for range 5 {
		made = append([]string{t.created()}, made...)
	}
	end := escaped(t.clockNow().Add(time.Second).Format(time.RFC3339Nano))
	var seen []string
	var first, second reply
	for after, page := "", 0; page == 0 || after != ""; page++ {
		path := fmt.Sprintf("/payments?limit=2&created_after=%s&created_before=%s", start, end)
		if after != "" {
			path += "&after=" + escaped(after)
		}
		r := t.get(path)
		t.status(r, http.StatusOK)
		t.equal(r, "pagination.limit", 2)
		seen = append(seen, idsOf(r)...)
		if page == 0 {
			first = r
		} else if page == 1 {
			second = r
		}
		if after = r.text("pagination.after"); page > 200 {
			t.failed(&r, "an end of the pages")
		}
	}
	t.equal(first, "pagination.before", nil)
	if !slices.IsSorted(reversed(seen)) {
		t.failed(&first, "ids in descending order on all pages: %v", seen)
	}
	if len(slices.Compact(slices.Clone(seen))) != len(seen) {
		t.failed(&first, "each payment once: %v", seen)
	}
	for _, id := range made {
		if !slices.Contains(seen, id) {
			t.failed(&first, "payment %s on one of the pages", id)
		}
	}
	back := t.get(fmt.Sprintf("/payments?limit=2&created_after=%s&created_before=%s&before=%s", start, end, escaped(second.text("pagination.before"))))
	if got := idsOf(back); !slices.Equal(got, idsOf(first)) {
		t.failed(&back, "the first page again: %v", idsOf(first))
	}
}

func reversed(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

func pageLimits(t *trial) {
	t.equal(t.get("/payments"), "pagination.limit", 15)
	t.equal(t.get("/payments?limit=100"), "pagination.limit", 100)
	for _, limit := range []string{"0", "101", "-1", "abc", "1.5"} {
		r := t.get("/payments?limit=" + limit)
		t.badRequest(r, "limit")
	}
	t.equal(t.get("/payments?limit=0"), "error.details.limit", []string{"Must be between 1 and 100"})
	t.badRequest(t.get("/keys?limit=101"), "limit")
	t.badRequest(t.get("/requests?limit=0"), "limit")
}

func badCursors(t *trial) {
	t.created()
	t.badRequest(t.get("/payments?after=nonsense"), "after")
	t.badRequest(t.get("/payments?before=nonsense"), "before")
	t.created()
	r := t.get("/payments?limit=1")
	cursor := escaped(r.text("pagination.after"))
	both := t.get("/payments?after=" + cursor + "&before=" + cursor)
	t.refused(both, http.StatusBadRequest, "invalid_request")
}

func createdWindow(t *trial) {
	id := t.created()
	at := t.get("/payments/" + id).text("data.date")
	from := t.get("/payments?created_after=" + escaped(at) + "&limit=100")
	t.status(from, http.StatusOK)
	if !slices.Contains(idsOf(from), id) {
		t.failed(&from, "the payment of %s with created_after at its own date", at)
	}
	to := t.get("/payments?created_before=" + escaped(at) + "&limit=100")
	t.status(to, http.StatusOK)
	if slices.Contains(idsOf(to), id) {
		t.failed(&to, "no payment of %s with created_before at its own date", at)
	}
	moved, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		t.failed(&to, "an RFC 3339 date, not %q", at)
	}
	offset := moved.In(time.FixedZone("", 3600)).Format("2006-01-02T15:04:05.000000-07:00")
	if r := t.get("/payments?created_after=" + escaped(offset) + "&limit=100"); !slices.Contains(idsOf(r), id) {
		t.failed(&r, "the payment with the same moment at another offset")
	}
}

func statusFilter(t *trial) {
	failed, _ := t.paid(cardDeclined)
	cancelled := t.created()
	t.status(t.post("/payment-sessions/"+cancelled+"/cancel", nil), http.StatusOK)
	for filter, want := range map[string]struct {
		id     string
		states string
	}{
		"pending":   {t.created(), "created authenticating awaiting_payment processing in_doubt"},
		"captured":  {t.succeeded(), "captured"},
		"failed":    {failed, "failed cancelled expired"},
		"succeeded": {t.succeeded(), "captured settled"},
		"cancelled": {cancelled, "cancelled expired"},
	} {
		r := t.get("/payments?limit=100&status=" + filter)
		t.status(r, http.StatusOK)
		if !slices.Contains(idsOf(r), want.id) {
			t.failed(&r, "payment %s among those with status %s", want.id, filter)
		}
		for i := range r.list("data") {
			if state := r.text(pathf("data.%d.state", i)); !slices.Contains(strings.Fields(want.states), state) {
				t.failed(&r, "no payment in state %s with status %s", state, filter)
			}
		}
	}
	for _, filter := range []string{"settled", "processing"} {
		t.status(t.get("/payments?status="+filter), http.StatusOK)
	}
}

func badFilters(t *trial) {
	t.badRequest(t.get("/payments?status=created"), "status")
	t.badRequest(t.get("/payments?created_after=yesterday"), "created_after")
	t.badRequest(t.get("/payments?created_before=2026-11-22"), "created_before")
	t.badRequest(t.get("/keys?status=old"), "status")
}

func manyIDs(t *trial) {
	first, second := t.created(), t.created()
	none := "01a20297-0000-7000-8000-" + hexText(12)
	r := t.get("/payments?ids=" + strings.Join([]string{first, none, second, "nonsense"}, ","))
	t.manyFound(r, []string{first, second}, []string{none, "nonsense"})
	only := t.get("/payments?ids=" + first)
	t.manyFound(only, []string{first}, []string{})
}

// manyFound: exactly these are in data, in any order, and these are missing.
func (t *trial) manyFound(r reply, found, missing []string) {
	t.status(r, http.StatusOK)
	got := idsOf(r)
	slices.Sort(got)
	slices.Sort(found)
	if !slices.Equal(got, found) {
		t.failed(&r, "the payments %v", found)
	}
	t.equal(r, "missing", missing)
	t.equal(r, "pagination.after", nil)
	t.equal(r, "pagination.before", nil)
}

func manyReferences(t *trial) {
	ref := t.unique()
	id := t.createdAs("reference", ref).text("data.id")
	none := t.unique()
	r := t.get("/payments?references=" + escaped(ref) + "," + none)
	t.manyFound(r, []string{id}, []string{none})
	t.equal(r, "data.0.reference", ref)
	t.equal(r, "pagination.limit", 100)
}

func manyAlone(t *trial) {
	id := t.created()
	for _, other := range []string{"limit=5", "status=pending", "references=x", "created_after=2026-01-01T00:00:00Z"} {
		t.refused(t.get("/payments?ids="+id+"&"+other), http.StatusBadRequest, "invalid_request")
	}
	t.badRequest(t.get("/payments?ids="+strings.Repeat(id+",", 100)+id), "ids")
	t.badRequest(t.get("/payments?references="+strings.Repeat("r,", 100)+"r"), "references")
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("none-%d", i)
	}
	r := t.get("/payments?references=" + strings.Join(names, ","))
	t.manyFound(r, nil, names)
}

func statsReference(t *trial) {
	r := t.post("/payment-sessions", set(set(t.session(), "reference", "stats"), "amount", 250000))
	t.status(r, http.StatusCreated)
	t.manyFound(t.get("/payments?references=stats"), []string{r.text("data.id")}, []string{})
	t.present(t.get("/payments/stats"), "data.total")
}

func listEntries(t *trial) {
	id := t.succeeded()
	r := t.get("/payments?ids=" + id)
	t.absent(r, "money")
	want, _ := t.get("/payments/" + id).at("data")
	t.equal(r, "data.0", want)
}
