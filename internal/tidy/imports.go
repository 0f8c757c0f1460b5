package tidy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// rows says how high each folder stands: a package imports lower rows and its
// own parent, nothing else of the module. Every package must be listed, by
// itself or by a folder above it; "x/*" is what lies under x, without x itself.
func rows() map[string]int {
	return map[string]int{
		"cmd": 9, "lab": 9, "bench": 9,
		"internal/admin": 8, "internal/node": 8, "internal/copying": 8,
		"internal/api": 7, "internal/console": 7,
		"internal/engine":  6,
		"internal/webhook": 5,
		"internal/access":  4, "internal/ratelimit": 4, "internal/idempotency": 4, "internal/requestlog": 4,
		"internal/event": 4, "internal/job": 4, "internal/sandbox": 4,
		"internal/wire": 3, "internal/rail/*": 3, "internal/store": 3, "internal/vault": 3,
		"internal/payment": 2, "internal/payout": 2, "internal/party": 2, "internal/migration": 2, "internal/wallet": 2, "internal/exchange": 2, "internal/deposit": 2,
		"internal/rail":   2, // the contract: vault makes its cards, store keeps its instructions
		"internal/ledger": 1, "internal/servertest": 1, "internal/sdkgen": 1,
		"internal/problem": 0, "internal/money": 0, "internal/id": 0, "internal/world": 0,
		"internal/tidy": 0, "internal/contract": 0, "spec": 0, "conformance": 0, "sdk/go": 0, // import nothing of the server
	}
}

// rowOf finds the row of a folder and the listed folder it belongs to.
func rowOf(dir string) (row int, family string, ok bool) {
	table := rows()
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if row, ok := table[d+"/*"]; ok && d != dir {
			return row, d, true
		}
		if row, ok := table[d]; ok {
			return row, d, true
		}
	}
	return 0, "", false
}

func importsPointDown(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.gopher {
		if _, _, ok := rowOf(f.dir); !ok {
			found = append(found, Finding{Path: f.path, Text: "package is not in the table of rows: add it to internal/tidy/imports.go"})
			continue
		}
		for _, spec := range f.ast.Imports {
			target, ours := strings.CutPrefix(importPath(spec), module+"/")
			if !ours {
				continue
			}
			if why := refuse(f, target); why != "" {
				found = append(found, f.find(spec.Pos(), why))
			}
		}
	}
	return found
}

// wholeServer wires an environment together, for tests that look at a package
// from above.
const wholeServer = "internal/node"

// refuse says why f must not import target; "" if it may. Tests may also use the
// rest of their own family, because the shared suites (storetest, railtest) live
// there, and tests from outside a package may start the whole server.
func refuse(f *goFile, target string) string {
	row, family, _ := rowOf(f.dir)
	other, otherFamily, ok := rowOf(target)
	switch {
	case !ok:
		return fmt.Sprintf("%s is not in the table of rows", target)
	case otherFamily == "conformance" && row < 9 && family != "conformance":
		return "the conformance suite looks at Juicer from outside: only commands start it"
	case target == f.dir, target == path.Dir(f.dir) && family == otherFamily, f.test && family == otherFamily:
		return ""
	case family == "cmd" && otherFamily == "cmd", family == "conformance" && otherFamily == "conformance":
		return ""
	case otherFamily == wholeServer && strings.HasSuffix(f.ast.Name.Name, "_test"):
		return ""
	case other < row:
		return ""
	}
	return fmt.Sprintf("%s (row %d) must not import %s (row %d): imports point down, or to the own parent", f.dir, row, target, other)
}

// pureRows are the packages that hold rules only.
var pureRows = []string{"internal/ledger", "internal/payment", "internal/payout", "internal/party", "internal/wallet", "internal/exchange", "internal/money", "internal/problem"}

// worldly are the doors to the world that rules must not open. Problem renders
// headers, so it may name http.Header; it is bound by the rest.
var worldly = []string{"context", "database/sql", "net", "net/http", "os", "log", "log/slog"}

func rulesArePure(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		if !f.under(pureRows...) {
			continue
		}
		for _, spec := range f.ast.Imports {
			target := importPath(spec)
			if f.under("internal/problem") && target == "net/http" {
				continue
			}
			if slices.Contains(worldly, target) {
				found = append(found, f.find(spec.Pos(), fmt.Sprintf("%s holds rules alone and must not import %s", f.dir, target)))
			}
		}
	}
	return found
}

func rowZeroIsBare(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.program() {
		if !f.under("internal/problem", "internal/money", "internal/id", "internal/world") {
			continue
		}
		for _, spec := range f.ast.Imports {
			target := importPath(spec)
			if outside(target) && target != "github.com/google/uuid" {
				found = append(found, f.find(spec.Pos(), f.dir+" stands at the bottom and must not import "+target))
			}
		}
	}
	return found
}

// outside reports whether an import is neither of the standard library nor of
// this module: the first element of every other path is a host name.
func outside(target string) bool {
	first, _, _ := strings.Cut(target, "/")
	return strings.Contains(first, ".") && target != module && !strings.HasPrefix(target, module+"/")
}
