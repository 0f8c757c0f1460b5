package tidy

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

const dependenciesPath = "docs/decisions/dependencies.md"

// pins are versions that were checked to work together; newer ones of one do not
// tidy beside the others.
var pins = map[string]string{
	"modernc.org/sqlite":          "v1.60.1",
	"github.com/pressly/goose/v3": "v3.28.0",
	"github.com/jackc/pgx/v5":     "v5.12.0",
}

var required = regexp.MustCompile(`^(?:require )?\s*([a-z0-9./_-]+(?:/[A-Za-z0-9._-]+)*) (v[0-9][^\s]*)`)

// requirements reads the modules of go.mod and the line each stands on.
func (t *Tree) requirements() (versions map[string]string, lines map[string]int) {
	versions, lines = map[string]string{}, map[string]int{}
	t.lines("go.mod", func(n int, line string) {
		if m := required.FindStringSubmatch(line); m != nil {
			versions[m[1]], lines[m[1]] = m[2], n
		}
	})
	return versions, lines
}

func pinsHold(t *Tree) []Finding {
	var found []Finding
	versions, lines := t.requirements()
	for name, want := range pins {
		if got := versions[name]; got != "" && got != want {
			found = append(found, Finding{"go.mod", lines[name], fmt.Sprintf("%s is %s, pinned to %s: try the whole set before you move it", name, got, want)})
		}
	}
	return found
}

// direct lists the modules that a Go file of this module imports.
func (t *Tree) direct() map[string]bool {
	versions, _ := t.requirements()
	used := map[string]bool{}
	for _, f := range t.gopher {
		for _, spec := range f.ast.Imports {
			if name := moduleOf(importPath(spec), versions); name != "" {
				used[name] = true
			}
		}
	}
	return used
}

// moduleOf is the longest required module that holds an import path.
func moduleOf(target string, versions map[string]string) string {
	longest := ""
	for name := range versions {
		if (target == name || strings.HasPrefix(target, name+"/")) && len(name) > len(longest) {
			longest = name
		}
	}
	return longest
}

// sdkManifests are the files that name what the SDKs are built and tested with: a
// package and its exact version a line.
var sdkManifests = map[string]*regexp.Regexp{
	"sdk/go/otel/go.mod":              regexp.MustCompile(`^\t(\S+) (v[0-9]\S*)$`),
	"sdk/node/package.json":           regexp.MustCompile(`^    "(@?[a-z0-9/-]+)": "([0-9.]+)",?$`),
	"sdk/python/requirements-dev.txt": regexp.MustCompile(`^([a-z0-9-]+)==(\S+)$`),
}

// sdkPackages are those packages, without parts of the same library.
func (t *Tree) sdkPackages() map[string]string {
	found := map[string]string{}
	for p, form := range sdkManifests {
		t.lines(p, func(_ int, line string) {
			if m := form.FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[1], module) {
				found[m[1]] = m[2]
			}
		})
	}
	for name := range found {
		if whole := moduleOf(path.Dir(name), found); whole != "" {
			delete(found, name)
		}
	}
	return found
}

var listed = regexp.MustCompile("^\\| `([^`]+)` \\|")

// dependenciesHaveReasons wants a line for what is imported, and none for what
// left go.mod.
func dependenciesHaveReasons(t *Tree) []Finding {
	var found []Finding
	reasons := map[string]int{}
	t.lines(dependenciesPath, func(n int, line string) {
		if m := listed.FindStringSubmatch(line); m != nil {
			reasons[m[1]] = n
		}
	})
	used := t.direct()
	versions, lines := t.requirements()
	for name, version := range t.sdkPackages() {
		versions[name], used[name] = version, true
	}
	for name := range used {
		if reasons[name] == 0 {
			found = append(found, Finding{"go.mod", lines[name], name + " has no line in " + dependenciesPath})
		}
	}
	for name, n := range reasons {
		if versions[name] == "" {
			found = append(found, Finding{dependenciesPath, n, name + " is not in go.mod any more: remove its line"})
		}
	}
	return found
}
