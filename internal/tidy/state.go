package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// noMutableState finds package-level variables that change after their
// declaration: two environments run in one process and must share nothing.
// It sees assignments, not calls of methods, hence the list of changeable types.
func noMutableState(t *Tree) []Finding {
	var found []Finding
	for _, files := range packages(t.program()) {
		pkg, info := check(files)
		for _, f := range files {
			found = append(found, changed(f, pkg, info)...)
			found = append(found, changeables(f)...)
		}
	}
	return found
}

func changed(f *goFile, pkg *types.Package, info *types.Info) []Finding {
	var found []Finding
	report := func(target ast.Expr) {
		root := rootOf(target)
		if root == nil || root.Name == "_" {
			return
		}
		if v, ok := info.Uses[root].(*types.Var); ok && v.Parent() == pkg.Scope() {
			found = append(found, f.find(root.Pos(), "package-level variable "+root.Name+" is changed: pass it in instead"))
		}
		if sel, ok := target.(*ast.SelectorExpr); ok && f.imports()[root.Name] != "" && sel.X == root && info.Defs[root] == nil && !local(info, root) {
			found = append(found, f.find(root.Pos(), root.Name+"."+sel.Sel.Name+" of another package is changed: pass it in instead"))
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				for _, target := range s.Lhs {
					report(target)
				}
			}
		case *ast.IncDecStmt:
			report(s.X)
		case *ast.CallExpr:
			if name, ok := s.Fun.(*ast.Ident); ok && len(s.Args) > 0 && (name.Name == "delete" || name.Name == "clear") {
				report(s.Args[0])
			}
		}
		return true
	})
	return found
}

// local reports whether an identifier that is spelled like an import stands for
// a variable of the function.
func local(info *types.Info, id *ast.Ident) bool {
	_, isVar := info.Uses[id].(*types.Var)
	return isVar
}

// rootOf is x of x, x.f, x[i] and *x.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch v := e.(type) {
		case *ast.Ident:
			return v
		case *ast.SelectorExpr:
			e = v.X
		case *ast.IndexExpr:
			e = v.X
		case *ast.StarExpr:
			e = v.X
		case *ast.ParenExpr:
			e = v.X
		default:
			return nil
		}
	}
}

// changeTypes exist to be changed. sync.Once and sync.Pool are not among them:
// they hold what could be computed again.
var changeTypes = []string{"sync.Mutex", "sync.RWMutex", "sync.Map", "sync.WaitGroup", "sync.Cond"}

func changeables(f *goFile) []Finding {
	var found []Finding
	for _, decl := range f.ast.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			kind := types.ExprString(typeOf(value))
			if slices.Contains(changeTypes, kind) || strings.HasPrefix(kind, "atomic.") || strings.HasPrefix(kind, "chan ") {
				found = append(found, f.find(value.Pos(), "package-level "+kind+": put it into the value it protects"))
			}
		}
	}
	return found
}

// typeOf is the written type of a variable, or that of its literal.
func typeOf(v *ast.ValueSpec) ast.Expr {
	if v.Type != nil {
		return v.Type
	}
	if len(v.Values) == 1 {
		switch e := v.Values[0].(type) {
		case *ast.CompositeLit:
			if e.Type != nil {
				return e.Type
			}
		case *ast.CallExpr:
			if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "make" && len(e.Args) > 0 {
				return e.Args[0]
			}
		case *ast.UnaryExpr:
			if lit, ok := e.X.(*ast.CompositeLit); ok && e.Op == token.AND && lit.Type != nil {
				return lit.Type
			}
		}
	}
	return ast.NewIdent("_")
}

// edges are where a panic may end: HTTP, commands, the engine's work behind
// answered requests (nobody stands above it), and a driver that runs others'
// transactions in one batch, which raises the panic again in its own caller. The
// suites that look from outside must survive what they look at.
var edges = []string{"internal/api", "internal/admin", "internal/engine/attempt.go", "internal/store/sqlite/driver.go", "cmd", "conformance", "lab", "bench"}

// panicsEndAtTheEdge: whoever catches a panic in the middle carries on in a
// state that nobody thought of.
func panicsEndAtTheEdge(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		if f.under(edges...) || slices.Contains(edges, f.path) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && calledName(call) == "recover" && len(call.Args) == 0 {
				found = append(found, f.find(call.Pos(), "recover: let the edge turn a panic into server_error"))
			}
			return true
		})
	}
	return found
}
