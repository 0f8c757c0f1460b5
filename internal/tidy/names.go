package tidy

import (
	"go/ast"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// junkDrawers are names that say nothing about what is inside.
var junkDrawers = []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "shared", "lib", "manager", "x"}

func noJunkDrawers(t *Tree) []Finding {
	var found []Finding
	for _, files := range packages(t.gopher) {
		f := files[0]
		for _, name := range []string{path.Base(f.dir), f.ast.Name.Name} {
			if slices.Contains(junkDrawers, name) {
				found = append(found, Finding{Path: f.path, Text: "package " + name + ": name it after what it holds"})
				break
			}
		}
	}
	return found
}

func packagesAreDescribed(t *Tree) []Finding {
	var found []Finding
	sources := slices.DeleteFunc(slices.Clone(t.gopher), func(f *goFile) bool { return strings.HasSuffix(f.path, "_test.go") })
	for _, files := range packages(sources) {
		described := slices.ContainsFunc(files, func(f *goFile) bool { return f.ast.Doc != nil })
		if !described {
			found = append(found, Finding{Path: files[0].dir, Text: "no file says what package " + files[0].ast.Name.Name + " is for"})
		}
	}
	return found
}

// wireIsSorted: answers carry their keys in byte order at every level, and
// structs are written in the order of their fields.
func wireIsSorted(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		if !f.under("internal/wire", "internal/problem") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.StructType); ok {
				found = append(found, unsortedTags(f, s)...)
			}
			return true
		})
	}
	return found
}

func unsortedTags(f *goFile, s *ast.StructType) []Finding {
	last := ""
	for _, field := range s.Fields.List {
		key := jsonKey(field)
		if key == "" {
			continue
		}
		if key < last {
			return []Finding{f.find(field.Pos(), "field "+strconv.Quote(key)+" stands after "+strconv.Quote(last)+": answers have their keys in byte order")}
		}
		last = key
	}
	return nil
}

// jsonKey is the name a field has on the wire; "" for none.
func jsonKey(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	raw, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return ""
	}
	key, _, _ := strings.Cut(reflect.StructTag(raw).Get("json"), ",")
	if key == "-" {
		return ""
	}
	return key
}
