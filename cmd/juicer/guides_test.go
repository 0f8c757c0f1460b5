package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// The guides are run as their readers run them. In docs/guide and docs/sandbox.md:
//
//   - A block that opens with "```sh run" is run. The blocks of one document run in
//     order, in one bash with -euo pipefail, beside a bin/juicer and against a fresh
//     server of their own, with JUICER_TARGET and JUICER_KEY as the reader has them
//     and JUICER_DATA where the reader has ./data. Other blocks are for reading.
//   - In such a block a line "# -> TEXT" promises that TEXT is in what was printed
//     above it, since the promise before. Several in a row speak of the same output.
//     It stands between commands, never inside one.
const promise = "# -> "

// promisesLeast is how many promises a guide must make to count as tested.
const promisesLeast = 5

func TestTheGuidesKeepTheirPromises(t *testing.T) {
	guides, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("docs/guide has %d guides (%v), want some", len(guides), err)
	}
	for _, file := range append(guides, "../../docs/sandbox.md") {
		t.Run(strings.TrimPrefix(file, "../../"), func(t *testing.T) {
			t.Parallel()
			script := spoken(fences(t, file))
			if n := strings.Count(script, promise); n < promisesLeast {
				t.Errorf("%d promises, want at least %d", n, promisesLeast)
			}
			s := serve(t, t.TempDir())
			out := paste(t, s, fmt.Sprintf("export JUICER_DATA='%s'\n%s", s.dir, script))
			for _, broken := range unkept(out) {
				t.Error(broken)
			}
		})
	}
}

// spoken makes a script print its promises where they stand.
func spoken(script string) string {
	lines := strings.Split(script, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, promise) {
			lines[i] = `printf '\n%s\n' '` + strings.ReplaceAll(line, `'`, `'\''`) + `'`
		}
	}
	return strings.Join(lines, "\n")
}

// unkept lists the promises of a transcript that the output above them breaks.
func unkept(transcript string) (broken []string) {
	var above strings.Builder
	judged := false
	for _, line := range strings.Split(transcript, "\n") {
		text, promised := strings.CutPrefix(line, promise)
		switch {
		case promised && !strings.Contains(above.String(), text):
			broken = append(broken, fmt.Sprintf("promised %s, but printed was:\n%s", text, above.String()))
		case !promised && judged && line != "": // the next command speaks
			above.Reset()
		}
		if !promised {
			above.WriteString(line + "\n")
		}
		judged = promised || judged && line == ""
	}
	return broken
}

func TestABrokenPromiseOfAGuideIsFound(t *testing.T) {
	for _, c := range []struct {
		name, script string
		broken       int
	}{
		{"a promise of what was printed is kept", "echo one\n# -> one", 0},
		{"two promises speak of the same output", "echo one two\n# -> one\n# -> two", 0},
		{"a promise of something else is broken", "echo one\n# -> two", 1},
		{"what was printed before the promise before does not count", "echo one\n# -> one\necho two\n# -> one", 1},
		{"a promise of nothing printed is broken", "true\n# -> one", 1},
		{"quotes reach the promise as they stand", `echo "{\"it\":'s'}"` + "\n# -> {\"it\":'s'}", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := paste(t, &server{}, spoken(c.script))
			if broken := unkept(out); len(broken) != c.broken {
				t.Errorf("%d broken promises (%q), want %d; the transcript:\n%s", len(broken), broken, c.broken, out)
			}
		})
	}
}
