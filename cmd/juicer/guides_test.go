package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The guides are run as their readers run them. In docs/guide, docs/sandbox.md and
// docs/operating.md:
//
//   - A block that opens with "```sh run" is run. The blocks of one document run in
//     order, in one bash with -euo pipefail, beside a bin/juicer and the data of a
//     fresh server of their own, with JUICER_TARGET, JUICER_KEY and, for the
//     operators' listener, ADMIN as the reader has them; on PostgreSQL JUICER_DATABASE
//     as well. A block that opens with "```sh run sqlite" or "```sh run postgres" is
//     run on that store alone. Other blocks are for reading.
//   - In such a block a line "# -> TEXT" promises that TEXT is in what was printed
//     above it, since the promise before. Several in a row speak of the same output.
//     It stands between commands, never inside one.
const promise = "# -> "

// setting is what a reader has before the first block: the data directory, and the
// operators' listener. Under the race detector a process sleeps for a second before
// it ends, unless it is told not to, and the guides start very many.
const setting = "ln -s '%s' data\nexport ADMIN='%s' GORACE=atexit_sleep_ms=0\n"

// promisesLeast is how many promises a guide must make to count as tested.
const promisesLeast = 5

func TestTheGuidesKeepTheirPromises(t *testing.T) {
	guides, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil || len(guides) == 0 {
		t.Fatalf("docs/guide has %d guides (%v), want some", len(guides), err)
	}
	for _, file := range append(guides, "../../docs/sandbox.md", "../../docs/operating.md") {
		t.Run(strings.TrimPrefix(file, "../../"), func(t *testing.T) {
			t.Parallel()
			script := spoken(fences(t, file))
			if n := strings.Count(script, promise); n < promisesLeast {
				t.Errorf("%d promises, want at least %d", n, promisesLeast)
			}
			s := serve(t, t.TempDir())
			out := paste(t, s, fmt.Sprintf(setting, s.dir, s.AdminURL)+script)
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

func TestTheOperatorsGuideNamesEveryFlagOfServe(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	help, _, _ := output(t, "serve", "--help")
	_, help, _ = strings.Cut(help, "Flags:")
	inHelp := flagsIn(regexp.MustCompile(`(?m)^ +(--[a-z-]+)`), help)
	inGuide := flagsIn(regexp.MustCompile("(?m)^\\| `(--[a-z-]+)` \\| `JUICER_"), string(guide))
	if len(inHelp) == 0 || !slices.Equal(inHelp, inGuide) {
		t.Errorf("serve has the flags %v, the guide's table has %v", inHelp, inGuide)
	}
	for _, name := range flagsIn(regexp.MustCompile(`\$(JUICER_[A-Z_]+)`), help) {
		if !strings.Contains(string(guide), "| `"+name+"` |") {
			t.Errorf("the guide's table lacks the variable %s", name)
		}
	}
}

func flagsIn(form *regexp.Regexp, text string) []string {
	var out []string
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
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
