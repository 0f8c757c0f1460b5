package plans

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
)

// expected is a line of testdata/hot.txt.
type expected struct {
	query    string
	sqlite   []string // indexes
	postgres []string
	bounds   []string // columns
	sorts    bool
	pages    int
}

// small are the tables that do not grow with business: to read them whole costs less
// than an index.
var small = []string{"businesses", "settings", "encryption_keys", "nodes", "webhook_endpoints", "event_streams", "webhook_faults", "rates"}

// fields are the words of a file's lines that are no comments.
func fields(t *testing.T, path string) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	for text := range strings.Lines(string(text)) {
		if words := strings.Fields(text); len(words) > 0 && words[0] != "#" {
			lines = append(lines, words)
		}
	}
	return lines
}

func hotQueries(t *testing.T) (out []expected) {
	t.Helper()
	list := func(word, sep string) []string {
		if word == "-" {
			return nil
		}
		return strings.Split(word, sep)
	}
	for _, w := range fields(t, "testdata/hot.txt") {
		if len(w) != 6 {
			t.Fatalf("hot.txt: %v: want 6 columns", w)
		}
		pages, err := strconv.Atoi(w[5])
		must(t, err)
		out = append(out, expected{w[0], list(w[1], "+"), list(w[2], "+"), list(w[3], ","), w[4] == "few", pages})
	}
	return out
}

// named gives the store's texts by name.
func named() map[string]store.Query {
	out := map[string]store.Query{}
	for _, q := range store.Queries() {
		out[q.Name] = q
	}
	return out
}

// unlisted are names that are not on exactly one of the lists.
func unlisted(names []string, lists ...[]string) (odd []string) {
	for _, name := range names {
		on := 0
		for _, list := range lists {
			for _, listed := range list {
				if listed == name {
					on++
				}
			}
		}
		if on != 1 {
			odd = append(odd, name)
		}
	}
	return odd
}

func TestEveryQueryIsHotOrHasAReason(t *testing.T) {
	var all, hot, background []string
	for name := range named() {
		all = append(all, name)
	}
	for _, h := range hotQueries(t) {
		hot = append(hot, h.query)
		if _, known := named()[h.query]; !known {
			t.Errorf("hot.txt: there is no query %s", h.query)
		}
	}
	for _, words := range fields(t, "testdata/background.txt") {
		background = append(background, words[0])
		if _, known := named()[words[0]]; !known || len(words) < 3 {
			t.Errorf("background.txt: %v: want the name of a query and a reason", words)
		}
	}
	if odd := unlisted(all, hot, background); len(odd) > 0 {
		slices.Sort(odd)
		t.Errorf("these queries are not on exactly one of testdata/hot.txt and testdata/background.txt: %v", odd)
	}
	t.Run("a query that is on neither list, or on both, is found", func(t *testing.T) {
		if odd := unlisted([]string{"new", "a", "b"}, []string{"a", "b"}, []string{"b"}); !slices.Equal(odd, []string{"new", "b"}) {
			t.Errorf("got %v, want new and b", odd)
		}
	})
}
