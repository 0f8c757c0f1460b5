package tidy

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
)

var (
	queryName  = regexp.MustCompile(`^--\s*name:\s*(\S+)`)
	selectStar = regexp.MustCompile(`(?i)\bselect\s+(?:\w+\.)?\*`)
	changes    = regexp.MustCompile(`(?i)\b(update\s+\w+\s+set|delete\s+from)\b`)
	guarded    = regexp.MustCompile(`(?i)\bwhere\b`)
	newTable   = regexp.MustCompile(`(?is)create table (?:if not exists )?(\w+)\s*\((.*?)\n\);`)
	versioned  = regexp.MustCompile(`(?im)^\s*version\s`)
	updates    = regexp.MustCompile(`(?i)\bupdate\s+(\w+)\s+set\b`)
	sameOne    = regexp.MustCompile(`(?is)\bwhere\b.*\bversion\s*=`)
)

// named is one "-- name:" statement of a .sql file. Its owner is the package
// whose sql folder holds it.
type named struct {
	owner, name, path, text string
	line                    int
}

// statements reads the named statements of every sql folder; migrations have none.
func (t *Tree) statements() []named {
	var out []named
	for _, p := range t.paths("", ".sql") {
		inside := false
		t.lines(p, func(n int, line string) {
			if m := queryName.FindStringSubmatch(line); m != nil {
				out = append(out, named{owner: path.Dir(path.Dir(p)), name: m[1], path: p, line: n})
				inside = true
			} else if inside {
				out[len(out)-1].text += line + "\n"
			}
		})
	}
	return out
}

// called lists the literal arguments of calls of one function, by owner and
// text: query("save_payment"), store.Lost(err, "insert_payment").
func (t *Tree) called(function string, owner func(*goFile) string) map[[2]string]Finding {
	out := map[[2]string]Finding{}
	for _, f := range t.program() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || calledName(call) != function {
				return true
			}
			for _, arg := range call.Args {
				if text, ok := literal(arg); ok {
					out[[2]string{owner(f), text}] = f.find(arg.Pos(), "query "+text+" is defined nowhere")
				}
			}
			return true
		})
	}
	return out
}

func calledName(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// queriesMatch compares the .sql files of a package with its calls of
// query("name"), and the names given to store.Lost with those of the store.
func queriesMatch(t *Tree) []Finding {
	var found []Finding
	defined := map[[2]string]bool{}
	owners := map[string]bool{}
	used := t.called("query", func(f *goFile) string { return f.dir })
	for _, q := range t.statements() {
		key := [2]string{q.owner, q.name}
		if defined[key] {
			found = append(found, Finding{q.path, q.line, "query " + q.name + " is defined twice"})
		}
		if _, ok := used[key]; !ok {
			found = append(found, Finding{q.path, q.line, "query " + q.name + " is used nowhere: remove it"})
		}
		defined[key], owners[q.owner] = true, true
	}
	lost := t.called("Lost", func(*goFile) string { return "internal/store" })
	for _, calls := range []map[[2]string]Finding{used, lost} {
		for key, at := range calls {
			if owners[key[0]] && !defined[key] {
				found = append(found, at)
			}
		}
	}
	return found
}

// sqlIsExplicit: a column that is added must surprise no reader, and no statement
// may change more than it means to. Clearing whole tables is what reset.sql is for.
func sqlIsExplicit(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.paths("", ".sql") {
		t.lines(p, func(n int, line string) {
			if selectStar.MatchString(line) {
				found = append(found, Finding{p, n, "a star instead of columns: name them"})
			}
		})
	}
	for _, q := range t.statements() {
		if path.Base(q.path) != "reset.sql" && changes.MatchString(q.text) && !guarded.MatchString(q.text) {
			found = append(found, Finding{q.path, q.line, "query " + q.name + " changes every row: guard it with WHERE"})
		}
	}
	return append(found, starsInGo(t)...)
}

func starsInGo(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, "*") && selectStar.MatchString(lit.Value) {
				found = append(found, f.find(lit.Pos(), "a star instead of columns: name them"))
			}
			return true
		})
	}
	return found
}

// statesAreGuarded: what has a version is decided on what was read, so the
// statement that changes it must say which version that was.
func statesAreGuarded(t *Tree) []Finding {
	tables := map[string]bool{}
	for _, p := range t.paths("", ".sql") {
		for _, m := range newTable.FindAllStringSubmatch(string(t.files[p]), -1) {
			table := path.Dir(path.Dir(p)) + " " + m[1]
			tables[table] = tables[table] || versioned.MatchString(m[2])
		}
	}
	var found []Finding
	for _, q := range t.statements() {
		if m := updates.FindStringSubmatch(q.text); m != nil && tables[q.owner+" "+m[1]] && !sameOne.MatchString(q.text) {
			found = append(found, Finding{q.path, q.line, "query " + q.name + " changes " + m[1] + " without the version it was decided on"})
		}
	}
	return found
}
