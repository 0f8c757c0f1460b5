package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// lowStatuses are the names of net/http's statuses below 400. Every other name
// that starts with Status stands for a refusal.
var lowStatuses = strings.Fields(`StatusText StatusContinue StatusSwitchingProtocols StatusProcessing StatusEarlyHints
	StatusOK StatusCreated StatusAccepted StatusNonAuthoritativeInfo StatusNoContent StatusResetContent
	StatusPartialContent StatusMultiStatus StatusAlreadyReported StatusIMUsed StatusMultipleChoices
	StatusMovedPermanently StatusFound StatusSeeOther StatusNotModified StatusUseProxy
	StatusTemporaryRedirect StatusPermanentRedirect`)

// onlyProblemNamesAStatus keeps the decision about a refusal in one package.
// Tests, and the suites that look at the server from outside, read statuses.
func onlyProblemNamesAStatus(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		if f.under("internal/problem", "internal/contract", "conformance", "lab", "bench") {
			continue
		}
		f.selectors(func(target, name string, at *ast.SelectorExpr) {
			if target == "net/http" && refusalName(name) {
				found = append(found, f.find(at.Pos(), "http."+name+": raise a row of internal/problem instead"))
			}
		})
		found = append(found, literalStatuses(f)...)
	}
	return found
}

func refusalName(name string) bool {
	if name == "Error" || name == "NotFound" || name == "NotFoundHandler" {
		return true
	}
	return strings.HasPrefix(name, "Status") && !slices.Contains(lowStatuses, name)
}

func literalStatuses(f *goFile) []Finding {
	var found []Finding
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "WriteHeader" {
			return true
		}
		if lit, ok := call.Args[0].(*ast.BasicLit); ok && lit.Kind == token.INT {
			if status, err := strconv.Atoi(lit.Value); err == nil && status >= 400 {
				found = append(found, f.find(call.Pos(), "WriteHeader("+lit.Value+"): raise a row of internal/problem instead"))
			}
		}
		return true
	})
	return found
}

// codesHaveOneHome keeps the words of the catalogue in the catalogue: code that
// compares or spells them goes on working when one is renamed, and is wrong then.
// Rails have words of their own, and outsiders read what the wire says.
func codesHaveOneHome(t *Tree) []Finding {
	codes := map[string]bool{}
	for _, f := range t.program() {
		if f.under("internal/problem") {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if code, ok := codeOf(n); ok {
					codes[code] = true
				}
				return true
			})
		}
	}
	var found []Finding
	for _, f := range t.program() {
		if f.under("internal/problem", "internal/rail", "internal/contract", "conformance", "lab", "bench", "cmd") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok {
				if text, ok := literal(lit); ok && codes[text] {
					found = append(found, f.find(lit.Pos(), lit.Value+" is an error code: use the row of internal/problem"))
				}
			}
			return true
		})
	}
	return found
}

// codeOf is the code of a row: Code: "not_found".
func codeOf(n ast.Node) (string, bool) {
	pair, ok := n.(*ast.KeyValueExpr)
	if !ok {
		return "", false
	}
	if key, ok := pair.Key.(*ast.Ident); !ok || key.Name != "Code" {
		return "", false
	}
	return literal(pair.Value)
}

// clockReaders are the functions of package time that read or follow the real
// clock behind the caller's back. Timers with an owner (NewTimer) are not among them.
var clockReaders = []string{"Now", "Since", "Until", "Sleep", "After", "Tick"}

// dice are the sources of chance.
var dice = []string{"math/rand", "math/rand/v2", "crypto/rand"}

// onlyWorldKnowsTime keeps runs repeatable. Commands wire the real clock in;
// suites that watch the server from outside live in real time.
func onlyWorldKnowsTime(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		if f.under("internal/world", "cmd", "conformance", "lab", "bench") {
			continue
		}
		f.selectors(func(target, name string, at *ast.SelectorExpr) {
			if target == "time" && slices.Contains(clockReaders, name) {
				found = append(found, f.find(at.Pos(), "time."+name+": take a world.Clock or world.Sleep"))
			}
		})
		for _, spec := range f.ast.Imports {
			if target := importPath(spec); slices.Contains(dice, target) {
				found = append(found, f.find(spec.Pos(), target+": take an entropy source or a seed"))
			}
		}
	}
	return found
}

// testsNeitherSkipNorSleep: a skipped test proves nothing, and a slept-for
// moment is either too short or wasted. The lab sleeps to strike at random moments.
func testsNeitherSkipNorSleep(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.gopher {
		if !f.test {
			continue
		}
		f.selectors(func(target, name string, at *ast.SelectorExpr) {
			if target == "time" && name == "Sleep" && !f.under("lab") || target == "testing" && name == "Short" {
				found = append(found, f.find(at.Pos(), target+"."+name+" in a test: wait for the state you need"))
			}
		})
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if draws(n) {
				return false // rapid skips a draw that does not apply, not a test
			}
			if call, ok := n.(*ast.CallExpr); ok && skips(call) {
				found = append(found, f.find(call.Pos(), "a skipped test proves nothing: let make test install what it needs"))
			}
			return true
		})
	}
	return found
}

// draws reports whether n is a function that takes a *rapid.T.
func draws(n ast.Node) bool {
	var kind *ast.FuncType
	switch fn := n.(type) {
	case *ast.FuncDecl:
		kind = fn.Type
	case *ast.FuncLit:
		kind = fn.Type
	default:
		return false
	}
	return slices.ContainsFunc(kind.Params.List, func(p *ast.Field) bool { return types.ExprString(p.Type) == "*rapid.T" })
}

func skips(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name)
}
