package main

import (
	"regexp"
	"strings"
)

// language is how the policy of an SDK is written, and where.
type language struct {
	Name       string
	Files      []string // from sdk/<name>, as they run
	lineMark   string   // begins a comment of one line
	block      bool     // has /* */
	quotes     []string // longest first
	never, and string
	heads      *regexp.Regexp // before a condition
	end        byte           // behind a condition at its own depth
}

func languages(only string) []language {
	var some []language
	for _, l := range []language{
		{Name: "go", Files: []string{"policy.go", "wait.go", "envelope.go", "budget.go"}, lineMark: "//", block: true, quotes: []string{"`", `"`, "'"},
			never: "false", and: "&&", heads: regexp.MustCompile(`(?m)\bif (?:[^{\n]*?;\s*)?|^\s*case `), end: '{'},
		{Name: "node", Files: []string{"dist/esm/policy.js", "dist/esm/wait.js", "dist/esm/envelope.js", "dist/esm/budget.js"}, lineMark: "//", block: true, quotes: []string{"`", `"`, "'"},
			never: "false", and: "&&", heads: regexp.MustCompile(`\bif \(`), end: ')'},
		{Name: "python", Files: []string{"src/juicer/policy.py", "src/juicer/wait.py", "src/juicer/envelope.py", "src/juicer/budget.py"}, lineMark: "#", quotes: []string{`"""`, `"`, "'"},
			never: "False", and: "and", heads: regexp.MustCompile(`(?m)^\s*(?:el)?if `), end: ':'},
	} {
		if only == "" || only == l.Name {
			some = append(some, l)
		}
	}
	return some
}

// hidden is the source with comments and the insides of strings blanked, byte for byte.
func (l language) hidden(source string) string {
	out := []byte(source)
	blank := func(from, to int) {
		for i := from; i < to && i < len(out); i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	for i := 0; i < len(source); {
		rest := source[i:]
		switch {
		case strings.HasPrefix(rest, l.lineMark):
			end := lengthTo(rest, "\n")
			blank(i, i+end)
			i += end
		case l.block && strings.HasPrefix(rest, "/*"):
			end := lengthTo(rest, "*/") + 2
			blank(i, i+end)
			i += end
		case l.quote(rest) != "":
			q := l.quote(rest)
			end := stringLength(rest, q)
			blank(i, i+end)
			i += end
		default:
			i++
		}
	}
	return string(out)
}

func lengthTo(text, mark string) int {
	if n := strings.Index(text, mark); n >= 0 {
		return n
	}
	return len(text)
}

func (l language) quote(rest string) string {
	for _, q := range l.quotes {
		if strings.HasPrefix(rest, q) {
			return q
		}
	}
	return ""
}

func stringLength(text, quote string) int {
	for i := len(quote); i < len(text); i++ {
		if text[i] == '\\' && quote != "`" {
			i++
			continue
		}
		if strings.HasPrefix(text[i:], quote) {
			return i + len(quote)
		}
	}
	return len(text)
}

// conditions are the spans of what is tested by if and, in Go, by a case without a value.
func (l language) conditions(hidden string) (spans [][2]int) {
	for _, head := range l.heads.FindAllStringIndex(hidden, -1) {
		end := l.end
		if strings.HasSuffix(hidden[head[0]:head[1]], "case ") {
			if end = ':'; !l.tagless(hidden[:head[0]]) {
				continue
			}
		}
		if to := closing(hidden, head[1], end); to > head[1] {
			for hidden[to-1] == ' ' {
				to--
			}
			spans = append(spans, [2]int{head[1], to})
		}
	}
	return spans
}

var switches = regexp.MustCompile(`(?m)\bswitch\b([^\n]*)\{`)

// tagless reports whether the last switch before has no value to compare with.
func (l language) tagless(before string) bool {
	all := switches.FindAllStringSubmatch(before, -1)
	return len(all) > 0 && strings.TrimSpace(all[len(all)-1][1]) == ""
}

// closing finds the end of a condition at its own depth of brackets.
func closing(text string, from int, end byte) int {
	depth := 0
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case depth == 0 && c == end:
			return i
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		}
		if depth < 0 {
			return -1
		}
	}
	return -1
}
