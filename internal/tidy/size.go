package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"strconv"
	"strings"
)

const (
	functionLinesMax = 60
	fileLinesMax     = 500
	allowancePath    = "internal/tidy/testdata/allowance.txt"
)

// staysSmall is a ratchet: what was too long when the rule came is listed with
// its length in the allowance file, and may only become shorter.
func staysSmall(t *Tree) []Finding {
	allowed, found := allowances(t)
	seen := map[string]bool{}
	judge := func(at Finding, name string, length, limit int) {
		seen[name] = true
		if was, listed := allowed[name]; listed {
			found = append(found, compare(at, name, length, was, limit)...)
		} else if length > limit {
			at.Text = fmt.Sprintf("%s is %d lines long, more than %d: split it by what it does", name, length, limit)
			found = append(found, at)
		}
	}
	for _, f := range t.program() {
		judge(Finding{Path: f.path}, f.path, bytes.Count(t.files[f.path], []byte("\n")), fileLinesMax)
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				judge(f.find(fn.Pos(), ""), f.path+" "+functionName(fn), f.line(fn.End())-f.line(fn.Pos())+1, functionLinesMax)
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			found = append(found, Finding{Path: allowancePath, Text: name + " does not exist any more: remove its line"})
		}
	}
	return found
}

func compare(at Finding, name string, length, was, limit int) []Finding {
	switch {
	case length > was:
		at.Text = fmt.Sprintf("%s grew from %d to %d lines: it is too long already", name, was, length)
	case length <= limit:
		at.Text = fmt.Sprintf("%s is short enough now: remove its line from %s", name, allowancePath)
	case length < was:
		at.Text = fmt.Sprintf("%s shrank to %d lines: lower its line in %s", name, length, allowancePath)
	default:
		return nil
	}
	return []Finding{at}
}

// allowances reads "path [function] lines".
func allowances(t *Tree) (map[string]int, []Finding) {
	allowed, found := map[string]int{}, []Finding{}
	t.lines(allowancePath, func(n int, line string) {
		if line == "" || strings.HasPrefix(line, "#") {
			return
		}
		name, count, _ := cutLast(line, " ")
		lines, err := strconv.Atoi(count)
		if err != nil {
			found = append(found, Finding{allowancePath, n, "want: path [function] lines"})
			return
		}
		allowed[name] = lines
	})
	return allowed, found
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// functionName is Name or Type.Name.
func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	e := fn.Recv.List[0].Type
	for {
		switch v := e.(type) {
		case *ast.StarExpr:
			e = v.X
		case *ast.IndexExpr:
			e = v.X
		case *ast.IndexListExpr:
			e = v.X
		case *ast.Ident:
			return v.Name + "." + fn.Name.Name
		default:
			return fn.Name.Name
		}
	}
}

// declarations lists what a file declares: functions, methods ("Name" and
// "Type.Name"), types, variables, constants, fields and interface methods.
func declarations(f *goFile) map[string]bool {
	out := map[string]bool{}
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			out[id.Name] = true
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch d := n.(type) {
		case *ast.FuncDecl:
			add(d.Name)
			out[functionName(d)] = true
		case *ast.TypeSpec:
			add(d.Name)
		case *ast.ValueSpec:
			add(d.Names...)
		case *ast.Field:
			add(d.Names...)
		}
		return true
	})
	return out
}
