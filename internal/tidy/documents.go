package tidy

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// wherePath is the table that leads from a question to the code.
const wherePath = "docs/where.md"

var (
	inlineCode = regexp.MustCompile("`([^`]+)`")
	fileEnding = regexp.MustCompile(`\.(go|md|yaml|yml|json|sql|txt|http|sh|html|css|js|ts|py|toml)$`)
)

// whereHolds reads each row of where.md: | question | place | proof |. In place
// and proof, a code span with a slash or a file ending is a path (or a file
// beside the path before it); any other one is a name that must be declared in
// the path before it, or, where there is none and for tests, anywhere in the module.
func whereHolds(t *Tree) []Finding {
	var found []Finding
	rows := 0
	names := map[*goFile]map[string]bool{}
	for _, f := range t.gopher {
		names[f] = declarations(f)
	}
	t.lines(wherePath, func(n int, line string) {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		if !strings.HasPrefix(line, "|") || len(cells) < 3 || strings.HasPrefix(strings.TrimSpace(cells[0]), "--") || strings.TrimSpace(cells[1]) == "place" {
			return
		}
		rows++
		for _, cell := range cells[1:] {
			for _, wrong := range t.pointers(cell, names) {
				found = append(found, Finding{wherePath, n, wrong})
			}
		}
	})
	if rows == 0 && t.exists("go.mod") {
		found = append(found, Finding{Path: wherePath, Text: "has no row: | question | place | proof |"})
	}
	return found
}

// pointers checks the code spans of one cell and says what is wrong with them.
func (t *Tree) pointers(cell string, names map[*goFile]map[string]bool) []string {
	var wrong []string
	last := ""
	for _, span := range inlineCode.FindAllStringSubmatch(cell, -1) {
		word := strings.TrimSuffix(span[1], "/")
		switch {
		case strings.Contains(word, "/") || fileEnding.MatchString(word):
			if last = t.locate(word, last); last == "" {
				wrong = append(wrong, word+" does not exist")
			}
		case strings.HasPrefix(word, "Test") && t.names("", word, names): // tests stand beside what they prove
		case !t.names(last, word, names):
			wrong = append(wrong, word+" is not declared in "+orModule(last))
		}
	}
	return wrong
}

func orModule(p string) string {
	if p == "" {
		return "the module"
	}
	return p
}

// locate finds a path from the root, beside the last one, or by a pattern; "" if
// there is none.
func (t *Tree) locate(word, last string) string {
	for _, p := range []string{word, path.Join(path.Dir(last), word), path.Join(last, word)} {
		if t.exists(p) {
			return p
		}
	}
	for p := range t.files {
		if match(word, p) {
			return p
		}
	}
	return ""
}

// names reports whether word is declared in the Go files of p (a file, a folder,
// "" for all), or written in it where p is not Go of this module. The tests of other
// modules of the repository are found as text.
func (t *Tree) names(p, word string, names map[*goFile]map[string]bool) bool {
	for f, declared := range names {
		if declared[word] && (p == "" || f.path == p || f.under(p)) {
			return true
		}
	}
	if p == "" {
		return t.testElsewhere(word)
	}
	text, isFile := t.files[p]
	return isFile && !t.parsed(p) && bytes.Contains(text, []byte(word))
}

func (t *Tree) parsed(p string) bool {
	return slices.ContainsFunc(t.gopher, func(f *goFile) bool { return f.path == p })
}

func (t *Tree) testElsewhere(name string) bool {
	for p, text := range t.files {
		if strings.HasSuffix(p, "_test.go") && !t.parsed(p) && bytes.Contains(text, []byte("func "+name+"(")) {
			return true
		}
	}
	return false
}

var markdownLink = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)

// linksResolve checks every link to a file of the repository, and its #anchor.
func linksResolve(t *Tree) []Finding {
	var found []Finding
	headings := map[string][]string{}
	for _, p := range t.paths("", ".md") {
		headings[p] = t.anchors(p)
	}
	for p := range headings {
		t.prose(p, func(n int, line string) {
			if !strings.Contains(line, "](") {
				return
			}
			for _, link := range markdownLink.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, ""), -1) {
				if why := t.follow(p, link[1], headings); why != "" {
					found = append(found, Finding{p, n, link[1] + ": " + why})
				}
			}
		})
	}
	return found
}

// follow says why a link leads nowhere; "" if it leads somewhere, or out of the
// repository.
func (t *Tree) follow(from, link string, headings map[string][]string) string {
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(link, "#")
	target := from
	if file != "" {
		target = path.Join(path.Dir(from), file)
	}
	if !t.exists(target) {
		return "no such file"
	}
	if anchor != "" && path.Ext(target) == ".md" && !slices.Contains(headings[target], anchor) {
		return "no such heading"
	}
	return ""
}

var (
	notInAnchor  = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	anchorByHand = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
)

// anchors lists the headings of a Markdown file in the form links use, and the
// anchors set by hand.
func (t *Tree) anchors(p string) []string {
	var out []string
	t.prose(p, func(_ int, line string) {
		for _, a := range anchorByHand.FindAllStringSubmatch(line, -1) {
			out = append(out, a[1])
		}
		if text := strings.TrimLeft(line, "#"); text != line && strings.HasPrefix(text, " ") {
			plain := notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(text)), "")
			out = append(out, strings.ReplaceAll(plain, " ", "-"))
		}
	})
	return out
}

// prose calls do with the lines outside code fences.
func (t *Tree) prose(p string, do func(number int, line string)) {
	fenced := false
	t.lines(p, func(n int, line string) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		} else if !fenced {
			do(n, line)
		}
	})
}

var (
	documentName = regexp.MustCompile(`[A-Za-z0-9_./-]*[A-Za-z0-9_-]\.md\b`)
	webAddress   = regexp.MustCompile(`[a-z]+://\S+`)
)

// namedDocumentsExist follows the documents that comments and texts mention
// without a link: a pointer out of the repository leads its reader nowhere.
func namedDocumentsExist(t *Tree) []Finding {
	var found []Finding
	look := func(p string, n int, line string) {
		if !strings.Contains(line, ".md") {
			return // most lines: the patterns are slow
		}
		for _, name := range documentName.FindAllString(webAddress.ReplaceAllString(line, ""), -1) {
			if !t.holds(path.Clean(strings.TrimLeft(name, "./"))) {
				found = append(found, Finding{p, n, name + " is not in this repository: say what it says, or name what is"})
			}
		}
	}
	for _, p := range t.paths("", ".md", ".sql", ".yaml", ".json", ".sh", ".txt") {
		t.lines(p, func(n int, line string) { look(p, n, line) })
	}
	for _, f := range t.gopher {
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, "//go:") {
					continue
				}
				for i, line := range strings.Split(c.Text, "\n") {
					look(f.path, f.line(c.Pos())+i, line)
				}
			}
		}
	}
	return found
}

// holds reports whether a file of that name stands anywhere.
func (t *Tree) holds(name string) bool {
	for p := range t.files {
		if p == name || strings.HasSuffix(p, "/"+name) {
			return true
		}
	}
	return false
}

// curlIsRun: a shell example with curl carries the word "run" after its
// language ("```sh run"), and the test of the README executes what carries it.
func curlIsRun(t *Tree) []Finding {
	var found []Finding
	info, opened, fenced := "", 0, false
	t.lines("README.md", func(n int, line string) {
		mark, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence:
			info, opened, fenced = mark, n, !fenced
		case fenced && strings.Contains(line, "curl ") && !slices.Contains(strings.Fields(info), "run"):
			found = append(found, Finding{"README.md", opened, "a curl example that nothing runs: open its fence with ```sh run"})
			info += " run" // one finding for a fence is enough
		}
	})
	return found
}

// unwanted words are spelled apart here, so that this file does not hold them.
var unwanted = []struct{ text, why string }{
	{"/wo" + "rk/", "a path of one machine"},
	{"/ro" + "ot/", "a path of one machine"},
	{"FIX" + "ME", "write TO" + "DO with an owner or a number"},
	{"proxy.gol" + "ang.org", "a registry's host: its client knows it"},
	{"registry.npm" + "js.org", "a registry's host: its client knows it"},
	{"deb.deb" + "ian.org", "a registry's host: its client knows it"},
	{"files.pythonhos" + "ted.org", "a registry's host: its client knows it"},
}

var unowned = regexp.MustCompile(`\bTO` + `DO\b(\([^)]+\)| #[0-9]+)?`)

func forbiddenWords(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.paths("") {
		if !utf8.Valid(t.files[p]) || bytes.IndexByte(t.files[p], 0) >= 0 {
			continue // not text
		}
		t.lines(p, func(n int, line string) {
			for _, w := range unwanted {
				if strings.Contains(line, w.text) {
					found = append(found, Finding{p, n, w.text + ": " + w.why})
				}
			}
			if !strings.Contains(line, "TO"+"DO") {
				return
			}
			for _, m := range unowned.FindAllStringSubmatch(line, -1) {
				if m[1] == "" {
					found = append(found, Finding{p, n, m[0] + " without an owner or a number: (name) or #12"})
				}
			}
		})
	}
	return found
}

// scriptsAreStrict: a script that goes on after an error reports success for work
// that was not done.
func scriptsAreStrict(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.paths("") {
		first, _, _ := bytes.Cut(t.files[p], []byte("\n"))
		if !bytes.HasPrefix(first, []byte("#!")) || !bytes.Contains(first, []byte("sh")) {
			continue
		}
		if !bytes.Contains(t.files[p], []byte("\nset -euo pipefail\n")) {
			found = append(found, Finding{Path: p, Text: "a script starts with set -euo pipefail"})
		}
		if t.modes[p]&0o111 == 0 {
			found = append(found, Finding{Path: p, Text: "a script must be executable: chmod +x"})
		}
	}
	return found
}
