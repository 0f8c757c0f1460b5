package tidy

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
)

// storeDir holds what all stores share: sql and migrations. Each other folder in it is
// one store's driver, or a suite for all of them.
const storeDir = "internal/store"

var (
	// onlyHere is the reason of a query that one store alone has.
	onlyHere = regexp.MustCompile(`(?m)(?:--|//)\s*only:[ \t]*\S`)
	// statement tells SQL from a sentence that says "update" or "from".
	statement = regexp.MustCompile(`(?is)\binsert\s+(?:or\s+\w+\s+)?into\b|\bdelete\s+from\b|\bupdate\b.+\bset\b|\bselect\b.+\bfrom\b`)
	// touched is what a statement reads or changes, with or without its schema.
	touched = regexp.MustCompile(`(?i)\b(?:into|from|update|join)\s+(?:only\s+)?(?:[^\s.]+\.)?"?(\w+)`)
)

// queriesAreShared: what one store does alone, the tests of the others do not try.
// Where it must be, the reason stands beside it.
func queriesAreShared(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.paths(storeDir, ".sql") {
		if store := driver(path.Dir(p)); store != "" {
			found = append(found, t.lonelyFile(p, store)...)
		}
	}
	tables := t.tables(storeDir + "/migrations")
	for _, f := range t.program() {
		if store := driver(f.dir); store != "" {
			found = append(found, lonelyTexts(f, store, tables)...)
		}
	}
	return found
}

// driver names the store that a folder belongs to; "" if it is shared.
func driver(dir string) string {
	below, ok := strings.CutPrefix(dir, storeDir+"/")
	name, _, _ := strings.Cut(below, "/")
	if !ok || name == "sql" || name == "migrations" {
		return ""
	}
	return name
}

// lonelyFile finds the statements of a .sql file that give no reason; where none has a
// name, the file is one statement.
func (t *Tree) lonelyFile(p, store string) []Finding {
	var found []Finding
	named := 0
	for _, q := range t.statements() {
		if q.path != p {
			continue
		}
		named++
		if !onlyHere.MatchString(q.text) {
			found = append(found, Finding{p, q.line, "query " + q.name + alone(store)})
		}
	}
	if named == 0 && !onlyHere.Match(t.files[p]) {
		found = append(found, Finding{Path: p, Text: "this SQL" + alone(store)})
	}
	return found
}

func alone(store string) string {
	return " is for " + store + " alone: share it in " + storeDir + "/sql, or say why not in a line -- only: REASON"
}

func (t *Tree) tables(dir string) map[string]bool {
	out := map[string]bool{}
	for _, p := range t.paths(dir, ".sql") {
		for _, m := range newTable.FindAllStringSubmatch(string(t.files[p]), -1) {
			out[m[1]] = true
		}
	}
	return out
}

// lonelyTexts finds SQL about the store's own tables in the Go code of one driver.
func lonelyTexts(f *goFile, store string, tables map[string]bool) []Finding {
	var found []Finding
	ast.Inspect(f.ast, func(n ast.Node) bool {
		e, isExpr := n.(ast.Expr)
		if !isExpr {
			return true
		}
		text, isText := spelled(e)
		if !isText {
			return true
		}
		if table := among(tables, text); table != "" && !onlyHere.MatchString(text) && !f.remarked(e) {
			found = append(found, f.find(e.Pos(), "SQL about "+table+alone(store)))
		}
		return false // its parts are part of it
	})
	return found
}

// spelled is a text in one piece or several; what is no literal among them is a "?".
func spelled(e ast.Expr) (text string, ok bool) {
	if sum, isSum := e.(*ast.BinaryExpr); isSum && sum.Op == token.ADD {
		left, isLeft := spelled(sum.X)
		right, isRight := spelled(sum.Y)
		return left + right, isLeft || isRight
	}
	if text, ok := literal(e); ok {
		return text, true
	}
	return "?", false
}

// among gives one of the tables that a text touches, if it is a statement.
func among(tables map[string]bool, text string) string {
	if !statement.MatchString(text) {
		return ""
	}
	for _, m := range touched.FindAllStringSubmatch(text, -1) {
		if tables[m[1]] {
			return m[1]
		}
	}
	return ""
}

// remarked reports whether a comment on the line of e, or right above it, gives the reason.
func (f *goFile) remarked(e ast.Expr) bool {
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			gap := f.line(e.Pos()) - f.line(c.Pos())
			if (gap == 0 || f.line(e.Pos())-f.line(group.End()) == 1) && onlyHere.MatchString(c.Text) {
				return true
			}
		}
	}
	return false
}
