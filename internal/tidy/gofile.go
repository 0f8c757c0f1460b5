package tidy

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/juicer-pay/juicer"

// goFile is one parsed Go file of the module.
type goFile struct {
	path      string
	dir       string
	test      bool
	generated bool
	fset      *token.FileSet
	ast       *ast.File
	broken    error
}

var generatedMark = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// parse reads the Go files of the main module: nested modules (the tools) and
// testdata are others' business.
func (t *Tree) parse() {
	t.fset = token.NewFileSet()
	for _, p := range t.paths("", ".go") {
		if t.nested(p) || strings.Contains("/"+p, "/testdata/") {
			continue
		}
		file, err := parser.ParseFile(t.fset, p, t.files[p], parser.ParseComments|parser.SkipObjectResolution)
		t.gopher = append(t.gopher, &goFile{
			path: p, dir: path.Dir(p), fset: t.fset, ast: file, broken: err,
			test:      strings.HasSuffix(p, "_test.go") || strings.HasSuffix(path.Dir(p), "test"), // storetest is a shared suite
			generated: generatedMark.Match(t.files[p]),
		})
	}
}

func (t *Tree) nested(p string) bool {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if _, ok := t.files[dir+"/go.mod"]; ok {
			return true
		}
	}
	return false
}

func parses(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.gopher {
		if f.broken != nil {
			found = append(found, Finding{Path: f.path, Text: f.broken.Error()})
		}
	}
	return found
}

// program lists the files that end up in a binary: neither tests nor generated.
func (t *Tree) program() []*goFile {
	return slices.DeleteFunc(slices.Clone(t.gopher), func(f *goFile) bool { return f.test || f.generated })
}

func (f *goFile) line(at token.Pos) int { return f.fset.Position(at).Line }

func (f *goFile) find(at token.Pos, text string) Finding {
	return Finding{Path: f.path, Line: f.line(at), Text: text}
}

// under reports whether the file lies in one of the folders.
func (f *goFile) under(folders ...string) bool {
	return slices.ContainsFunc(folders, func(d string) bool { return f.dir == d || strings.HasPrefix(f.dir, d+"/") })
}

// imports maps each import's local name to its path.
func (f *goFile) imports() map[string]string {
	names := map[string]string{}
	for _, spec := range f.ast.Imports {
		target := importPath(spec)
		name := path.Base(target)
		if majorVersion.MatchString(name) {
			name = path.Base(path.Dir(target))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = target
	}
	return names
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

func importPath(spec *ast.ImportSpec) string {
	target, _ := strconv.Unquote(spec.Path.Value) // the parser has read it already
	return target
}

// selectors calls do for every pkg.Name of an imported package.
func (f *goFile) selectors(do func(target, name string, at *ast.SelectorExpr)) {
	names := f.imports()
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] != "" {
			do(names[x.Name], sel.Sel.Name, sel)
		}
		return true
	})
}

// packages groups files by folder and package clause.
func packages(files []*goFile) map[string][]*goFile {
	out := map[string][]*goFile{}
	for _, f := range files {
		out[f.dir+" "+f.ast.Name.Name] = append(out[f.dir+" "+f.ast.Name.Name], f)
	}
	return out
}

// check types one package on its own: what it imports stays unknown, which is
// enough to tell its own variables from locals of the same name.
func check(files []*goFile) (*types.Package, *types.Info) {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}, Importer: noImports{}}
	trees := make([]*ast.File, len(files))
	for i, f := range files {
		trees[i] = f.ast
	}
	pkg, _ := config.Check(files[0].dir, files[0].fset, trees, info) // errors are those of the unknown imports
	return pkg, info
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not loaded") }

// literal is the value of a string literal.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
