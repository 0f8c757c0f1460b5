package api_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// passing are the headers that say nothing about the answer.
var passing = []string{"Date", "Content-Length"}

// transcript writes an answer as a Go client reads it from the wire, with stable
// words for what differs from run to run. Equal things keep equal words.
func transcript(e *nodetest.Env, a nodetest.Answer) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\n", a.Status, http.StatusText(a.Status))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		if slices.Contains(passing, name) {
			continue
		}
		for _, value := range a.Header[name] {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&out, "\n%s\n", a.Body)
	return []byte(stable(strings.ReplaceAll(out.String(), e.URL, "{url}")))
}

// changing are the parts that differ from run to run. Those with a number get
// one per different text.
var changing = []struct {
	form     *regexp.Regexp
	word     string
	numbered bool
}{
	{regexp.MustCompile(`req_[0-9a-z]{26}`), "request", true},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "id", true},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`), "time", false},
	{regexp.MustCompile(`(?:test|live)_[0-9A-Za-z]{36}`), "key", true},
	{regexp.MustCompile(`(?:test|live)_[0-9A-Za-z]{7}`), "prefix", false},
	{regexp.MustCompile(`"last4":"[0-9A-Za-z]{4}"`), "last4", true},
	{regexp.MustCompile(`"encryption_key":"[0-9a-f]{32}"`), "encryption key", false},
	{regexp.MustCompile(`/pay/[0-9A-Za-z]{22}`), "page", true},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "shop", false},
	{regexp.MustCompile(`(card|nuban|ach|wire|interac|crypto)-[0-9a-f]{12}`), "provider", false},
	{regexp.MustCompile(`Etag: "[0-9a-f]{32}"`), "etag", false},
	{regexp.MustCompile(`[0-9a-f]{64}`), "digest", false},
	{regexp.MustCompile(`evt_[0-9a-z]{26}`), "event", true},
	{regexp.MustCompile(`whsec_[0-9A-Za-z+/=]{44}`), "secret", true},
	{regexp.MustCompile(`"99\d{8}"`), "account", true},
	{regexp.MustCompile(`"(?:T[1-9A-HJ-NP-Za-km-z]{33}|0x[0-9a-f]{40})"`), "address", true},
	{regexp.MustCompile(`"999001\d{24}"`), "transfer", true},
	{regexp.MustCompile(`"(?:offset_ms|duration_ms|deliveries|requests)":\d+`), "", false},
	{regexp.MustCompile(`(?:"age_ms":|"age_seconds":|Ratelimit-Remaining: |Ratelimit-Reset: |;r=|;t=)\d+`), "", false},
}

var digits = regexp.MustCompile(`\d+$`)

func stable(text string) string {
	for _, c := range changing {
		seen := map[string]int{}
		text = c.form.ReplaceAllStringFunc(text, func(found string) string {
			switch {
			case c.word == "":
				return digits.ReplaceAllString(found, "{n}")
			case !c.numbered:
				return "{" + c.word + "}"
			case seen[found] == 0:
				seen[found] = len(seen) + 1
			}
			return fmt.Sprintf("{%s %d}", c.word, seen[found])
		})
	}
	return text
}

// golden compares an answer with the file, or writes it with -update.
func golden(t *testing.T, path string, e *nodetest.Env, a nodetest.Answer) {
	t.Helper()
	found := transcript(e, a)
	if *update {
		nodetest.Must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		nodetest.Must(t, os.WriteFile(path, found, 0o644))
		return
	}
	kept, err := os.ReadFile(path)
	nodetest.Must(t, err)
	if diff := cmp.Diff(string(kept), string(found)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
