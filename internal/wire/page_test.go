package wire_test

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/wire"
)

var start = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

func TestCursorsAreReadOnlyByTheirOwnList(t *testing.T) {
	c := wire.Cursor{CreatedAt: start, ID: "01a20297-4dc0-74cd-9faf-fc8186734721"}
	text := c.Write("payments")
	if got, ok := wire.ReadCursor("payments", text); !ok || got != c {
		t.Errorf("%s came back as %v, %v", text, got, ok)
	}
	if strings.ContainsAny(text, "+/=&? ") {
		t.Errorf("%s needs escaping in a URL", text)
	}
	for name, s := range map[string]string{
		"nothing": "", "a word": "next", "an id": c.ID, "a number": "15", "cut off": text[:len(text)-1], "lengthened": text + "A",
		"in another case": strings.ToUpper(text), "padded": text + "==", "very long": strings.Repeat("A", 10_000),
		"of version 2": "Ag" + text[2:], "with a newline": text[:20] + "\n" + text[20:],
		"an empty id": base64.RawURLEncoding.EncodeToString(make([]byte, 13)),
	} {
		if got, ok := wire.ReadCursor("payments", s); ok {
			t.Errorf("%s (%q) was read as %v", name, s, got)
		}
	}
	if _, ok := wire.ReadCursor("customers", text); ok {
		t.Error("a cursor of payments was read as one of customers")
	}
}

func TestEveryChangedCursorIsUnknown(t *testing.T) {
	text := wire.Cursor{CreatedAt: start, ID: "req_01m819ge10es0vfhb0nknb8xyj"}.Write("requests")
	for i := range text {
		for _, c := range "AZaz09-_" {
			if changed := text[:i] + string(c) + text[i+1:]; changed != text {
				if _, ok := wire.ReadCursor("requests", changed); ok {
					t.Errorf("%s was read, though %s was given out", changed, text)
				}
			}
		}
	}
}

func TestAfterAndBeforeExcludeEachOther(t *testing.T) {
	c := wire.Cursor{CreatedAt: start, ID: "x"}.Write("payments")
	q := wire.ReadQuery("after=" + c + "&before=" + c)
	q.Page("payments", wire.PageSizeDefault)
	if got := complaints(t, q.Err()); got != `{"before":["Cannot be combined with after"]}` {
		t.Errorf("got %s", got)
	}
}

// shelf is a list in memory, read as a store reads.
type shelf []wire.Cursor

func (s shelf) read(p wire.Page) []wire.Cursor {
	var rows []wire.Cursor
	for _, c := range s {
		if p.After == nil && p.Before == nil || p.After != nil && compare(c, *p.After) > 0 || p.Before != nil && compare(c, *p.Before) < 0 {
			rows = append(rows, c)
		}
	}
	slices.SortFunc(rows, compare)
	if p.OldestFirst() {
		slices.Reverse(rows)
	}
	return rows[:min(len(rows), p.Fetch())]
}

// compare sorts newest first.
func compare(a, b wire.Cursor) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
}

func (s shelf) page(t testing.TB, query string) ([]wire.Cursor, wire.Pagination) {
	t.Helper()
	q := wire.ReadQuery(query)
	p := q.Page("shelf", wire.PageSizeDefault)
	if err := q.Err(); err != nil {
		t.Fatalf("%s: %v", query, complaints(t, err))
	}
	return wire.Show(p, s.read(p), func(c wire.Cursor) wire.Cursor { return c })
}

func TestWalkingToTheEndAndBackSeesEveryEntryOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, limit := rapid.IntRange(0, 23).Draw(r, "n"), rapid.IntRange(1, 10).Draw(r, "limit")
		var all shelf
		for i := range n { // several entries share a moment
			all = append(all, wire.Cursor{CreatedAt: start.Add(time.Duration(i/3) * time.Microsecond), ID: fmt.Sprintf("id-%02d", i)})
		}
		want := slices.SortedFunc(slices.Values(all), compare)

		var seen, back []wire.Cursor
		rows, block := all.page(t, fmt.Sprintf("limit=%d", limit))
		if block.Before != nil {
			r.Fatal("the newest page has a newer one")
		}
		for seen = append(seen, rows...); block.After != nil; seen = append(seen, rows...) {
			rows, block = all.page(t, fmt.Sprintf("limit=%d&after=%s", limit, *block.After))
		}
		if !slices.Equal(seen, want) {
			r.Fatalf("forward saw %v, want %v", seen, want)
		}
		for back = append(back, rows...); block.Before != nil; back = append(slices.Clone(rows), back...) {
			rows, block = all.page(t, fmt.Sprintf("limit=%d&before=%s", limit, *block.Before))
		}
		if !slices.Equal(back, want) {
			r.Fatalf("backward saw %v, want %v", back, want)
		}
	})
}

func TestAnEmptyPageLeadsBackToTheEntryItWasReachedFrom(t *testing.T) {
	only := shelf{{CreatedAt: start, ID: "only"}}
	at := only[0].Write("shelf")
	rows, block := only.page(t, "after="+at)
	if len(rows) != 0 || block.After != nil || block.Before == nil {
		t.Fatalf("behind the last entry: %v, %+v", rows, block)
	}
	if rows, _ = only.page(t, "before="+*block.Before); len(rows) != 1 {
		t.Errorf("back from behind the last entry: %v", rows)
	}
	rows, block = only.page(t, "before="+at)
	if len(rows) != 0 || block.Before != nil || block.After == nil {
		t.Fatalf("before the first entry: %v, %+v", rows, block)
	}
	if rows, _ = only.page(t, "after="+*block.After); len(rows) != 1 {
		t.Errorf("on from before the first entry: %v", rows)
	}
}

func TestThePaginationBlockIsCanonical(t *testing.T) {
	if got := string(wire.Marshal(wire.Pagination{Limit: 15})); got != `{"after":null,"before":null,"limit":15}` {
		t.Errorf("got %s", got)
	}
}
