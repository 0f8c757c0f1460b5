package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func named(l language, source string) []string {
	var names []string
	for _, m := range mutantsOf(l, "policy", source) {
		names = append(names, oneLine(m.apply(source)))
	}
	return names
}

func TestMutantsOfEachLanguage(t *testing.T) {
	for _, c := range []struct {
		language, source string
		want             []string
	}{
		{"go", "if a < b { // not < this\n", []string{"if a <= b { // not < this", "if a >= b { // not < this", "if false && (a < b) { // not < this"}},
		{"go", "if x := f(); x == nil {", []string{"if x := f(); x != nil {", "if x := f(); false && (x == nil) {"}},
		{"go", "switch {\ncase a:\n}", []string{"switch { case false && (a): }"}},
		{"go", "switch a {\ncase b:\n}", nil},
		{"go", `return "a == 1"`, nil},
		{"go", "x := -7", []string{"x := -8"}},
		{"node", "if (a === '<' && f(b)) {", []string{"if (a !== '<' && f(b)) {", "if (a === '<' || f(b)) {", "if (false && (a === '<' && f(b))) {"}},
		{"python", "if a and not b:\n", []string{"if a or not b:", "if False and (a and not b):"}},
		{"python", `"""a < b"""` + "\nreturn min(a, 8_000)", []string{`"""a < b""" return max(a, 8_000)`, `"""a < b""" return min(a, 8001)`}},
	} {
		t.Run(c.language+" "+oneLine(c.source), func(t *testing.T) {
			if got := named(languages(c.language)[0], c.source); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// shop is a small repository with a policy and a test of it.
func shop(t *testing.T, test string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range map[string]string{
		"sdk/python/src/juicer/policy.py":   "def late(n):\n    if n > 3:\n        return True\n    return False\n",
		"sdk/python/src/juicer/wait.py":     "",
		"sdk/python/src/juicer/envelope.py": "",
		"sdk/python/src/juicer/budget.py":   "",
		"spec/openapi.yaml":                 "",
		"scripts/sdk-python.sh":             "set -e\ncd sdk/python/src/juicer\npython3 -c '" + test + "'\n",
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestGoodTestsNoticeAndWeakOnesAreTold(t *testing.T) {
	for _, c := range []struct {
		says, test string
		code       int
		out        string
	}{
		{"tests of both sides of the limit notice everything", "from policy import late; assert late(4) and not late(3)", 0, "6 mutants, 6 noticed (100.0 %)"},
		{"a test of one side misses some", "from policy import late; assert late(9)", 1, "not noticed"},
		{"tests that fail by themselves prove nothing", "assert False", 2, "the tests fail without any mutant"},
	} {
		t.Run(c.says, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), []string{"-root", shop(t, c.test), "-language", "python", "-workers", "2"}, &out, &out)
			if code != c.code || !strings.Contains(out.String(), c.out) {
				t.Errorf("exit %d, want %d with %q:\n%s", code, c.code, c.out, out.String())
			}
		})
	}
}
