package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// mutant is one small change of a source.
type mutant struct {
	file  string
	line  int
	at    int    // byte offset
	old   string // what stands there
	fresh string // what is put there instead
}

// String names the mutant; explained.txt uses the same words.
func (m mutant) String() string {
	return fmt.Sprintf("%s: `%s` for `%s`", m.file, oneLine(m.fresh), oneLine(m.old))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (m mutant) apply(source string) string {
	return source[:m.at] + m.fresh + source[m.at+len(m.old):]
}

// swaps are the words and signs that are exchanged: comparisons are negated and moved
// by one, conditions are joined the other way, sums are turned round.
var swaps = map[string][]string{
	"==": {"!="}, "!=": {"=="}, "===": {"!=="}, "!==": {"==="},
	"<": {"<=", ">="}, "<=": {"<", ">"}, ">": {">=", "<="}, ">=": {">", "<"},
	"&&": {"||"}, "||": {"&&"}, "and": {"or"}, "or": {"and"},
	"+": {"-"}, "-": {"+"}, "*": {"/"},
	"min": {"max"}, "max": {"min"}, "true": {"false"}, "false": {"true"}, "True": {"False"}, "False": {"True"},
}

var tokens = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*|\d[\d_]*(?:\.\d+)?|===|!==|=>|->|:=|==|!=|<=|>=|<<|>>|&&|\|\||\*\*|//|\+\+|--|[+*/%&|^-]=|.`)

// mutantsOf makes every mutant of a source.
func mutantsOf(l language, file, source string) []mutant {
	hidden := l.hidden(source)
	var all []mutant
	add := func(at int, old, fresh string) {
		all = append(all, mutant{file, 1 + strings.Count(source[:at], "\n"), at, old, fresh})
	}
	before := ""
	for _, span := range tokens.FindAllStringIndex(hidden, -1) {
		word := hidden[span[0]:span[1]]
		if strings.TrimSpace(word) == "" {
			continue
		}
		for _, fresh := range swaps[word] {
			if binary(word, before) {
				add(span[0], word, fresh)
			}
		}
		if n, err := strconv.Atoi(strings.ReplaceAll(word, "_", "")); err == nil && before != "." {
			add(span[0], word, strconv.Itoa(n+1))
		}
		before = word
	}
	for _, c := range l.conditions(hidden) {
		old := source[c[0]:c[1]]
		add(c[0], old, l.never+" "+l.and+" ("+old+")")
	}
	return all
}

var operand = regexp.MustCompile(`^[A-Za-z0-9_)\]]+$`)

// binary reports whether a sign stands between two operands; words always count.
func binary(word, before string) bool {
	if word != "+" && word != "-" && word != "*" && word != "<" && word != ">" {
		return true
	}
	return operand.MatchString(before) && before != "return" && before != "case"
}
