package api_test

import (
	"encoding/json"
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

// A tour visits every operation of the published contract once, in one environment,
// as an integrator would who tries all of it. What each answers is kept as a golden
// file, and has the members that the contract's example of it has.

// leg is one request of the tour. Words in braces in path and body stand for what
// earlier legs have kept.
type leg struct {
	op     string // operationId; "" for a request that only prepares
	method string
	path   string
	body   string // JSON; "" for none
	card   string // the card to capture with; "" for none
	keep   string // word=path in the answer, ...; word_tail is what comes after its last slash
	hasty  bool   // waits for the bank no longer than it must
	status int    // of a refusal that is expected; 0 for a good answer
}

// tourist is on the tour.
type tourist struct {
	*nodetest.Env
	kept map[string]string
}

var word = regexp.MustCompile(`\{[a-z_]+\}`)

func (u *tourist) fill(text string) string {
	return word.ReplaceAllStringFunc(text, func(w string) string {
		v, known := u.kept[strings.Trim(w, "{}")]
		if !known {
			u.T.Fatalf("nothing was kept as %s before %q", w, text)
		}
		return v
	})
}

func (u *tourist) visit(l leg) nodetest.Answer {
	u.T.Helper()
	var body any
	switch {
	case l.card != "":
		body = map[string]any{"card": u.Card(l.card)}
	case l.body != "":
		body = u.fill(l.body)
	}
	if l.method == http.MethodPost {
		u.Advance(1000) // what comes later is younger, so that lists have one order
	}
	headers := []string{}
	if l.hasty {
		headers = []string{"Juicer-Deadline-Ms", "500"}
	}
	a := u.Do(l.method, u.fill(l.path), body, headers...)
	if a.Status >= http.StatusBadRequest && a.Status != l.status {
		u.T.Fatalf("%s %s: got %d %s", l.method, u.fill(l.path), a.Status, a.Body)
	}
	for _, k := range strings.Fields(l.keep) {
		name, path, _ := strings.Cut(k, "=")
		u.kept[name] = strings.TrimPrefix(fmt.Sprint(dig(a.JSON, strings.Split(path, "."))), u.URL)
		u.kept[name+"_tail"] = u.kept[name][strings.LastIndex(u.kept[name], "/")+1:]
	}
	return a
}

// dig is what stands at a path, whose numbers count in lists.
func dig(v any, path []string) any {
	for _, name := range path {
		switch t := v.(type) {
		case map[string]any:
			v = t[name]
		case []any:
			v = t[int(name[0]-'0')]
		}
	}
	return v
}

// unshown are answers whose whole text is no use as a golden: name, and why.
var unshown = map[string]string{
	"getOpenAPI":          "the document itself, which other tests compare",
	"getErrorsPage":       "a page, which its own tests look at",
	"getPayPage":          "a page, which its own tests look at",
	"getSandboxCatalogue": "compared with its tables by the sandbox's tests",
	"getRequest":          "has the durations of the steps; its own tests read it",
}

// unlike are answers with other members than the contract's example: name, and why.
var unlike = map[string]string{
	"getEvent":   "the example shortens the webhook's data, as the specification does",
	"getRequest": "in test with bodies, and with the try, which the example leaves out",
}

func TestEveryEndpointAnswersAsItsExampleShows(t *testing.T) {
	t.Parallel()
	hooks := nodetest.NewReceiver(t, nil)
	u := &tourist{Env: frozen(start(t)), kept: map[string]string{"hooks": hooks.URL}}
	examples := shownExamples(t)
	visited := []string{}
	for _, l := range theTour() {
		a := u.visit(l)
		if l.op == "" {
			continue
		}
		visited = append(visited, l.op)
		if unshown[l.op] == "" {
			golden(t, filepath.Join("testdata/endpoints", l.op+".http"), u.Env, a)
		}
		if all := examples[l.op]; l.status == 0 && unlike[l.op] == "" && len(all) > 0 && !slices.ContainsFunc(all, func(x any) bool { return sameShape(x, any(a.JSON)) }) {
			t.Errorf("%s: no example of the contract has the members of %s", l.op, a.Body)
		}
	}
	if diff := cmp.Diff(operationIDs(t), slices.Sorted(slices.Values(visited))); diff != "" {
		t.Errorf("operations of the contract and those on the tour (-offered +visited):\n%s", diff)
	}
}

func TestNoGoldenOfAnEndpointIsLeftOver(t *testing.T) {
	kept := []string{}
	for _, l := range theTour() {
		kept = append(kept, l.op+".http")
	}
	files, err := os.ReadDir("testdata/endpoints")
	nodetest.Must(t, err)
	for _, f := range files {
		if !slices.Contains(kept, f.Name()) {
			t.Errorf("testdata/endpoints/%s: no leg of the tour makes it", f.Name())
		}
	}
}

func operationIDs(t *testing.T) (all []string) {
	t.Helper()
	c, err := published()
	nodetest.Must(t, err)
	for _, op := range c.Operations() {
		all = append(all, op.ID)
	}
	slices.Sort(all)
	return all
}

// shownExamples are the examples of good answers by operation.
func shownExamples(t *testing.T) map[string][]any {
	t.Helper()
	raw := start(t).Do("GET", "/openapi.json", nil).Body
	type media struct {
		Examples map[string]struct {
			Ref string `json:"$ref"`
		}
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Examples map[string]struct{ Value any }
		}
	}
	nodetest.Must(t, json.Unmarshal(raw, &doc))
	out := map[string][]any{}
	for _, item := range doc.Paths {
		for _, raw := range item {
			var op struct {
				OperationID string `json:"operationId"`
				Responses   map[string]struct{ Content map[string]media }
			}
			if json.Unmarshal(raw, &op) != nil {
				continue // the parameters of the path
			}
			for status, r := range op.Responses {
				for _, x := range r.Content["application/json"].Examples {
					if status < "300" {
						out[op.OperationID] = append(out[op.OperationID], doc.Components.Examples[x.Ref[strings.LastIndex(x.Ref, "/")+1:]].Value)
					}
				}
			}
		}
	}
	return out
}

// sameShape: b has the members of a, level by level; what is null or empty in one of
// them may be anything in the other, and metadata is the caller's own.
func sameShape(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) == 0 || len(y) == 0 {
			return b == nil || ok
		}
		return slices.Equal(slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y))) && !slices.ContainsFunc(slices.Collect(maps.Keys(x)),
			func(k string) bool { return k != "metadata" && !sameShape(x[k], y[k]) })
	case []any:
		y, ok := b.([]any)
		return b == nil || ok && (len(x) == 0 || len(y) == 0 || sameShape(x[0], y[0]))
	case nil:
		return true
	}
	return b == nil || fmt.Sprintf("%T", a) == fmt.Sprintf("%T", b)
}

// A comparison that has never been red proves nothing.
func TestShapesDiffer(t *testing.T) {
	var a any
	nodetest.Must(t, json.Unmarshal([]byte(`{"data":[{"id":"1","n":null,"metadata":{"x":1},"list":[{"a":1}]}]}`), &a))
	for text, want := range map[string]bool{
		`{"data":[{"id":"2","n":4,"metadata":{},"list":[{"a":2},{"a":3}]}]}`: true,
		`{"data":[]}`: true,
		`{"data":[{"id":"2","n":4,"metadata":{"y":1},"list":[]}]}`:                true,
		`{"data":[{"id":"2","metadata":{},"list":[{"a":2}]}]}`:                    false,
		`{"data":[{"id":2,"n":4,"metadata":{},"list":[{"a":2}]}]}`:                false,
		`{"data":[{"id":"2","n":4,"metadata":{},"list":[{"b":2}]}]}`:              false,
		`{"data":[{"id":"2","n":4,"metadata":{},"list":[{"a":2}]}],"extra":true}`: false,
		`[]`: false,
	} {
		var b any
		nodetest.Must(t, json.Unmarshal([]byte(text), &b))
		if sameShape(a, b) != want {
			t.Errorf("%s: same shape %v, want %v", text, !want, want)
		}
	}
}
