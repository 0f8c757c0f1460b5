package tidy

import (
	"fmt"
	"maps"
	"strings"
)

// faults are the planted trees of every rule.
func faults() map[string][]planted {
	out := map[string][]planted{}
	for _, some := range []map[string][]planted{importFaults(), homeFaults(), stateFaults(), shapeFaults(), documentFaults(), moduleFaults(), queryFaults(), driverFaults()} {
		maps.Copy(out, some)
	}
	return out
}

// source is one Go file in a folder of its own.
func source(p, text string) map[string]string { return map[string]string{p: text} }

func importing(p, name, target string) map[string]string {
	return source(p, fmt.Sprintf("// Package %s.\npackage %s\n\nimport %q\n", name, name, target))
}

func importFaults() map[string][]planted {
	in := func(target string) string { return module + "/internal/" + target }
	return map[string][]planted{
		"every Go file parses": {
			{"a brace is missing", source("internal/id/id.go", "package id\n\nfunc New() {\n"), "expected '}'"},
		},
		"imports point down": {
			{"the ledger looks up at the engine", importing("internal/ledger/a.go", "ledger", in("engine")), "must not import internal/engine"},
			{"two rules of one row know each other", importing("internal/payout/a.go", "payout", in("payment")), "must not import internal/payment"},
			{"two rails know each other", importing("internal/rail/card/a.go", "card", in("rail/interac")), "must not import internal/rail/interac"},
			{"a package is new", importing("internal/gift/a.go", "gift", "fmt"), "not in the table"},
			{"an import is new", importing("internal/api/a.go", "api", in("gift")), "internal/gift is not in the table"},
			{"the conformance suite knows the server", importing("conformance/a.go", "conformance", in("wire")), "must not import"},
			{"the server knows the conformance suite", importing("internal/api/a.go", "api", module+"/conformance"), "only commands start it"},
			{"a rail may know its contract", importing("internal/rail/card/a.go", "card", in("rail")), ""},
			{"a test may use the shared suite", importing("internal/store/sqlite/a_test.go", "sqlite", in("store/storetest")), ""},
			{"the program may not use the shared suite", importing("internal/store/sqlite/a.go", "sqlite", in("store/storetest")), "must not import"},
			{"a test from outside may start the whole server", importing("internal/api/a_test.go", "api_test", in("node/nodetest")), ""},
			{"a test from inside may not", importing("internal/api/a_test.go", "api", in("node/nodetest")), "must not import internal/node/nodetest"},
			{"the engine may know a rail", importing("internal/engine/a.go", "engine", in("rail")), ""},
		},
		"rules of money know no context, clock, database or network": {
			{"a payment reads the database", importing("internal/payment/a.go", "payment", "database/sql"), "must not import database/sql"},
			{"a catalogue may name headers", importing("internal/problem/a.go", "problem", "net/http"), ""},
		},
		"row 0 needs the standard library and uuid alone": {
			{"money brings a library in", importing("internal/money/a.go", "money", "github.com/shopspring/decimal"), "must not import github.com/shopspring"},
			{"ids are uuids", importing("internal/id/a.go", "id", "github.com/google/uuid"), ""},
		},
	}
}

func homeFaults() map[string][]planted {
	body := func(imports, line string) string {
		return "// Package api.\npackage api\n\nimport (\n" + imports + "\n)\n\nfunc f(w http.ResponseWriter) { " + line + " }\n"
	}
	return map[string][]planted{
		"only problem names a status of 400 or above": {
			{"a handler names one", source("internal/api/a.go", body(`"net/http"`, "w.WriteHeader(http.StatusTeapot)")), "http.StatusTeapot"},
			{"a handler writes a number", source("internal/api/a.go", body(`"net/http"`, "w.WriteHeader(429)")), "WriteHeader(429)"},
			{"a handler lets the library answer", source("internal/api/a.go", body(`"net/http"`, `http.Error(w, "no", n)`)), "http.Error"},
			{"the library has another name", source("internal/api/a.go", body(`web "net/http"`, "w.WriteHeader(web.StatusConflict)")), "http.StatusConflict"},
			{"a success is named", source("internal/api/a.go", body(`"net/http"`, "w.WriteHeader(http.StatusCreated)")), ""},
			{"problem names one", source("internal/problem/a.go", body(`"net/http"`, "w.WriteHeader(http.StatusConflict)")), ""},
			{"a test reads one", source("internal/api/a_test.go", body(`"net/http"`, "_ = http.StatusConflict")), ""},
		},
		"only problem spells the codes of errors": {
			{"a handler compares one", map[string]string{
				"internal/problem/a.go": "// Package problem.\npackage problem\n\nvar Gone = Kind{Code: \"gone_fishing\"}\n",
				"internal/api/a.go":     "// Package api.\npackage api\n\nvar gone = code == \"gone_fishing\"\n",
			}, "is an error code"},
			{"a rail has the same word", map[string]string{
				"internal/problem/a.go": "// Package problem.\npackage problem\n\nvar Gone = Kind{Code: \"gone_fishing\"}\n",
				"internal/rail/a.go":    "// Package rail.\npackage rail\n\nconst gone = \"gone_fishing\"\n",
			}, ""},
		},
		"only world reads the clock or rolls dice": {
			{"the engine asks what time it is", source("internal/engine/a.go", "// Package engine.\npackage engine\n\nimport \"time\"\n\nvar t = time.Now\n"), "time.Now"},
			{"the vault rolls dice", importing("internal/vault/a.go", "vault", "crypto/rand"), "crypto/rand"},
			{"a type of package time is no clock", source("internal/engine/a.go", "// Package engine.\npackage engine\n\nimport \"time\"\n\nvar t time.Time\n"), ""},
			{"a shared suite waits", source("internal/rail/railtest/a.go", "// Package railtest.\npackage railtest\n\nimport \"time\"\n\nvar t = time.After\n"), ""},
			{"a command wires the clock in", source("cmd/juicer/a.go", "// Command juicer.\npackage main\n\nimport \"time\"\n\nvar t = time.Now\n"), ""},
		},
		"tests neither skip nor sleep": {
			{"a test sleeps", source("internal/id/a_test.go", "package id\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n"), "time.Sleep in a test"},
			{"the lab strikes at a random moment", source("lab/crash/a_test.go", "package crash\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n"), ""},
			{"a test skips", source("internal/id/a_test.go", "package id\n\nfunc f(t *T) { t.Skip() }\n"), "skipped test"},
			{"a test is left out of short runs", source("internal/id/a_test.go", "package id\n\nimport \"testing\"\n\nvar _ = testing.Short()\n"), "testing.Short"},
			{"a draw that does not apply is left out", source("internal/id/a_test.go", "package id\n\nfunc f(t *rapid.T) { t.Skip() }\n"), ""},
			{"a list has a Skip of its own", source("internal/id/a_test.go", "package id\n\nfunc f(l list) { l.Skip(3) }\n"), ""},
		},
	}
}

func stateFaults() map[string][]planted {
	state := func(text string) map[string]string {
		return source("internal/job/a.go", "// Package job.\npackage job\n\n"+text)
	}
	return map[string][]planted{
		"panics are caught at the edges alone": panicFaults(),
		"no package keeps mutable state": {
			{"a map is filled later", state("var seen = map[string]bool{}\n\nfunc f() { seen[\"a\"] = true }\n"), "seen is changed"},
			{"a counter counts", state("var n int\n\nfunc f() { n++ }\n"), "n is changed"},
			{"a field is set", state("var conf struct{ n int }\n\nfunc f() { conf.n = 1 }\n"), "conf is changed"},
			{"a map is emptied", state("var seen = map[string]bool{}\n\nfunc f() { clear(seen) }\n"), "seen is changed"},
			{"a lock lies about", state("import \"sync\"\n\nvar mu sync.Mutex\n"), "package-level sync.Mutex"},
			{"a channel lies about", state("var wake = make(chan int)\n"), "package-level chan int"},
			{"another package is changed", state("import \"net/http\"\n\nfunc f() { http.DefaultClient = nil }\n"), "http.DefaultClient"},
			{"a table is read", state("var table = map[string]bool{}\n\nfunc f() bool { return table[\"a\"] }\n"), ""},
			{"a local has the same name", state("var n int\n\nfunc f() { n := 1; n++ }\n"), ""},
			{"a field of a local is set", state("import \"net/http\"\n\nfunc f(http *S) { http.n = 1 }\n\ntype S struct{ n int }\n"), ""},
			{"a variable of another file is changed", map[string]string{
				"internal/job/a.go": "// Package job.\npackage job\n\nvar n int\n",
				"internal/job/b.go": "package job\n\nfunc f() { n = 2 }\n",
			}, "internal/job/b.go:3: package-level variable n"},
		},
	}
}

func panicFaults() []planted {
	return []planted{
		{"a worker carries on", source("internal/job/a.go", "// Package job.\npackage job\n\nfunc f() { defer func() { _ = recover() }() }\n"), "recover"},
		{"the edge answers", source("internal/api/a.go", "// Package api.\npackage api\n\nfunc f() { defer func() { _ = recover() }() }\n"), ""},
	}
}

func shapeFaults() map[string][]planted {
	long := "func long() {\n" + strings.Repeat("\t_ = 1\n", 70) + "}\n"
	return map[string][]planted{
		"packages are named after the trade": {
			{"a drawer is opened", source("internal/util/a.go", "package util\n"), "package util"},
			{"a drawer has another label outside", source("internal/money/a.go", "package helpers\n"), "package helpers"},
		},
		"every package says what it is for": {
			{"nobody says", source("internal/id/a.go", "package id\n"), "package id is for"},
			{"one file says", map[string]string{"internal/id/a.go": "package id\n", "internal/id/b.go": "// Package id makes ids.\npackage id\n"}, ""},
		},
		"wire structs stand in byte order": {
			{"two fields are swapped", source("internal/wire/a.go", "package wire\n\ntype T struct {\n\tB int `json:\"b\"`\n\tA int `json:\"a,omitempty\"`\n}\n"), `"a" stands after "b"`},
			{"fields off the wire stand anywhere", source("internal/wire/a.go", "package wire\n\ntype T struct {\n\tB int `json:\"b\"`\n\tA int `json:\"-\"`\n\ta int\n}\n"), ""},
		},
		"functions and files stay small": {
			{"a function is long", source("internal/id/a.go", "package id\n\n"+long), "long is 72 lines long"},
			{"a file is long", source("internal/id/a.go", "package id\n"+strings.Repeat("\n", 500)), "is 501 lines long"},
			{"a test is long", source("internal/id/a_test.go", "package id\n\n"+long), ""},
			{"an allowed one grew", map[string]string{"internal/id/a.go": "package id\n\n" + long, allowancePath: "internal/id/a.go long 70\n"}, "grew from 70 to 72"},
			{"an allowed one shrank", map[string]string{"internal/id/a.go": "package id\n\n" + long, allowancePath: "internal/id/a.go long 80\n"}, "shrank to 72"},
			{"an allowed one is short enough", map[string]string{"internal/id/a.go": "package id\n\nfunc f() {}\n", allowancePath: "internal/id/a.go f 80\n"}, "short enough"},
			{"an allowed one is gone", map[string]string{"internal/id/a.go": "package id\n", allowancePath: "internal/id/a.go gone 80\n"}, "does not exist any more"},
			{"an allowed one stays", map[string]string{"internal/id/a.go": "package id\n\n" + long, allowancePath: "internal/id/a.go long 72\n"}, ""},
		},
	}
}

func documentFaults() map[string][]planted {
	where := func(row string, more ...string) map[string]string {
		files := map[string]string{wherePath: "| question | place | proof |\n|---|---|---|\n| Why `not`? | " + row + " |\n"}
		files["internal/id/id.go"] = "package id\n\nfunc New() {}\n\ntype T struct{}\n\nfunc (T) Do() {}\n"
		files["internal/id/id_test.go"] = "package id\n\nfunc TestNew() {}\n"
		for _, p := range more {
			files[p] = "text\n"
		}
		return files
	}
	page := func(text string) map[string]string {
		return map[string]string{"docs/a.md": "# A title, with `code`\n\n" + text + "\n", "docs/b.md": "## Two words\n"}
	}
	return map[string][]planted{
		"where.md points at what exists": {
			{"a file is gone", where("`internal/id/gone.go` | `TestNew`"), "internal/id/gone.go does not exist"},
			{"a name is gone", where("`internal/id/id.go` `Gone` | `TestNew`"), "Gone is not declared in internal/id/id.go"},
			{"a test is gone", where("`internal/id/id.go` `New` | `TestGone`"), "TestGone is not declared in the module"},
			{"a test of another module", func() map[string]string {
				files := where("`internal/id/id.go` | `TestElsewhere`")
				files["sdk/go/a_test.go"] = "package a\n\nfunc TestElsewhere(t *testing.T) {}\n"
				return files
			}(), ""},
			{"a word is gone from a text", where("`spec/a.json` `code` | `TestNew`", "spec/a.json"), "code is not declared in spec/a.json"},
			{"the table is empty", map[string]string{"go.mod": "module a\n", wherePath: "soon\n"}, "has no row"},
			{"all holds", where("`internal/id/id.go` `New`, `T.Do`; `id_test.go` | `spec/*.json` `text`; `internal/id` `TestNew`", "spec/a.json"), ""},
		},
		"links between documents resolve": {
			{"a file is gone", page("[gone](c.md)"), "c.md: no such file"},
			{"a heading is gone", page("[b](b.md#three-words)"), "no such heading"},
			{"a heading of the page itself is gone", page("[b](#b)"), "no such heading"},
			{"all hold", page("[b](b.md#two-words) [a](#a-title-with-code) [d](../docs) [web](https://example.com/x) `[x](y.md)`"), ""},
		},
		"documents that are named exist": {
			{"a comment names another one", source("internal/id/a.go", "package id\n\n// f follows rules.md 3.\nfunc f() {}\n"), "internal/id/a.go:3: rules.md is not in this repository"},
			{"a text names another one", source("spec/a.yaml", "# see docs/rules.md\n"), "docs/rules.md is not"},
			{"they are here, or on the web", map[string]string{
				"docs/rules.md": "# Rules\n", "internal/id/a.go": "package id\n\n// f follows rules.md, and https://example.com/x.md.\nfunc f() {}\n",
			}, ""},
		},
		"curl examples in the README are marked for execution": {
			{"one is not", map[string]string{"README.md": "```sh\ncurl x\n```\n"}, "README.md:1: a curl example"},
			{"one is", map[string]string{"README.md": "```sh run\ncurl x\n```\n"}, ""},
		},
		"no file names a machine, a registry or an unowned task": {
			{"a path of one machine", source("docs/a.md", "see /wo"+"rk/main\n"), "a path of one machine"},
			{"a registry's host", source("docs/a.md", "from registry.npm"+"js.org\n"), "a registry's host"},
			{"a task nobody owns", source("internal/id/a.go", "package id // TO"+"DO later\n"), "without an owner"},
			{"a task with an owner", source("internal/id/a.go", "package id // TO"+"DO(ada): later, TO"+"DO #12\n"), ""},
			{"a picture", source("docs/a.png", "\x00/wo"+"rk/"), ""},
		},
		"shell scripts stop at the first error": {
			{"one goes on", source("+x scripts/a.sh", "#!/usr/bin/env bash\nfalse\n"), "set -euo pipefail"},
			{"one cannot be run", source("scripts/a.sh", "#!/usr/bin/env bash\nset -euo pipefail\n"), "must be executable"},
			{"one does both", source("+x .ci/run", "#!/usr/bin/env bash\nset -euo pipefail\n"), ""},
		},
	}
}

func moduleFaults() map[string][]planted {
	using := func(mod, reasons string) map[string]string {
		return map[string]string{
			"go.mod":           "module " + module + "\n\nrequire (\n\tgithub.com/a/b/v2 v2.1.0\n\t" + mod + "\n)\n",
			dependenciesPath:   "| module | why |\n|---|---|\n" + reasons,
			"internal/id/a.go": "package id\n\nimport _ \"github.com/a/b/v2/c\"\n",
		}
	}
	why := "| `github.com/a/b/v2` | because |\n"
	return map[string][]planted{
		"pinned modules stay pinned": {
			{"one was moved", using("modernc.org/sqlite v1.61.0 // indirect", why), "modernc.org/sqlite is v1.61.0, pinned to v1.60.1"},
			{"one is where it was", using("modernc.org/sqlite v1.60.1", why), ""},
		},
		"every direct dependency has its reason": {
			{"one came without", using("", ""), "github.com/a/b/v2 has no line"},
			{"one is gone", using("", why+"| `github.com/c/d` | because |\n"), "github.com/c/d is not in go.mod"},
			{"one has its line", using("", why), ""},
			{"one of an SDK came without", map[string]string{"sdk/node/package.json": "{\n  \"version\": \"0.3.0\",\n  \"devDependencies\": {\n    \"@a/b\": \"1.2.3\"\n  }\n}\n"}, "@a/b has no line"},
			{"one of an SDK is gone", map[string]string{"sdk/python/requirements-dev.txt": "httpx==1\n", dependenciesPath: "| `httpx` | because |\n| `attrs` | because |\n"}, "attrs is not in go.mod"},
			{"parts of one library have one line", map[string]string{"sdk/go/otel/go.mod": "\ta.io/otel v1\n\ta.io/otel/sdk/metric v1\n\tb.io/c v1 // indirect\n", dependenciesPath: "| `a.io/otel` | because |\n"}, ""},
		},
	}
}

func queryFaults() map[string][]planted {
	store := func(sql, code string) map[string]string {
		return map[string]string{
			"internal/store/sql/a.sql": sql,
			"internal/store/a.go":      "package store\n\nvar a = " + code + "\n",
		}
	}
	good := "-- name: a\nSELECT b FROM c\n"
	return map[string][]planted{
		"every named query is used, and every used one exists": {
			{"one is not used", store(good+"-- name: d\nSELECT 1\n", `query("a")`), "query d is used nowhere"},
			{"one is not defined", store(good, `query("a", query("e"))`), "query e is defined nowhere"},
			{"one is defined twice", store(good+good, `query("a")`), "query a is defined twice"},
			{"a lost race names another", store(good, `query("a") + Lost(err, "e")`), "query e is defined nowhere"},
			{"all match", store(good, `query("a") + Lost(err, "a")`), ""},
		},
		"what has a version is changed at that version": {
			{"an update forgets it", map[string]string{
				"internal/store/migrations/1.sql": "CREATE TABLE b (\n    id TEXT,\n    version BIGINT\n);\n",
				"internal/store/sql/a.sql":        "-- name: a\nUPDATE b SET version = version + 1 WHERE id = $1\n",
			}, "query a changes b without the version"},
			{"an update names it", map[string]string{
				"internal/store/migrations/1.sql": "CREATE TABLE b (\n    id TEXT,\n    version BIGINT\n);\n",
				"internal/store/sql/a.sql":        "-- name: a\nUPDATE b SET version = version + 1 WHERE id = $1 AND version = $2\n",
			}, ""},
			{"a table without versions needs none", map[string]string{
				"internal/store/migrations/1.sql": "CREATE TABLE b (\n    id TEXT\n);\n",
				"internal/store/sql/a.sql":        "-- name: a\nUPDATE b SET c = 1 WHERE id = $1\n",
			}, ""},
		},
		"SQL names its columns and guards its changes": {
			{"a statement takes all columns", store("-- name: a\nSELECT * FROM b\n", `query("a")`), "a star instead of columns"},
			{"Go takes all columns", store(good, "\"select t.* from t\""), "a star instead of columns"},
			{"an update has no guard", store("-- name: a\nUPDATE b SET c = 1\n", `query("a")`), "changes every row"},
			{"counting is no star", store("-- name: a\nSELECT COUNT(*) FROM b\n", `query("a")`), ""},
			{"reset clears tables", map[string]string{"internal/store/sql/reset.sql": "-- name: a\nDELETE FROM b\n"}, ""},
		},
	}
}

func driverFaults() map[string][]planted {
	alone := func(sql string) map[string]string { return source("internal/store/postgres/sql/a.sql", sql) }
	in := func(file, code string) map[string]string {
		return map[string]string{
			"internal/store/migrations/1.sql": "CREATE TABLE payments (\n    id TEXT\n);\n",
			"internal/store/" + file:          "package driver\n\n" + code + "\n",
		}
	}
	return map[string][]planted{
		"a query for one store alone says why": {
			{"a driver has a query of its own", alone("-- name: a\nSELECT b FROM c\n"), "a.sql:1: query a is for postgres alone"},
			{"one of two says why", alone("-- name: a\n-- only: there is no LISTEN elsewhere\nSELECT 1\n-- name: b\nSELECT 1\n"), "query b is for postgres alone"},
			{"the reason is empty", alone("-- name: a\n-- only:\nSELECT 1\n"), "query a is for postgres alone"},
			{"a migration is for one store", source("internal/store/sqlite/migrations/1.sql", "CREATE TABLE b (c TEXT);\n"), "this SQL is for sqlite alone"},
			{"the query says why", alone("-- name: a\n-- only: there is no LISTEN elsewhere\nSELECT 1\n"), ""},
			{"a query is shared", source("internal/store/sql/a.sql", "-- name: a\nSELECT b FROM c\n"), ""},

			{"Go reads a table", in("sqlite/a.go", "const a = `SELECT id\nFROM payments`"), "SQL about payments is for sqlite alone"},
			{"Go reads it beside another one", in("sqlite/a.go", `const a = "SELECT id FROM b JOIN payments USING (id)"`), "SQL about payments"},
			{"Go writes into a table", in("postgres/a.go", `const a = "INSERT INTO payments (id) VALUES ($1)"`), "SQL about payments is for postgres alone"},
			{"Go writes over a row", in("sqlite/a.go", `const a = "insert or replace into payments (id) values ($1)"`), "SQL about payments"},
			{"Go changes a table", in("postgres/a.go", `const a = "UPDATE payments SET id = $1"`), "SQL about payments"},
			{"Go deletes from a table", in("postgres/a.go", `const a = "DELETE FROM payments WHERE id = $1"`), "SQL about payments"},
			{"the statement is put together", in("postgres/a.go", `var a = "SELECT id " + "FROM " + schema + ".payments"`), "SQL about payments"},
			{"the schema is filled in", in("postgres/a.go", `var a = fmt.Sprintf("DELETE FROM %s.payments", schema)`), "SQL about payments"},
			{"the comment is about something else", in("postgres/a.go", "// a reads.\nconst a = `SELECT id FROM payments`"), "SQL about payments"},
			{"a comment says why", in("postgres/a.go", "// only: SQLite has one writer\nconst a = `SELECT id FROM payments FOR UPDATE`"), ""},
			{"the statement says why", in("postgres/a.go", "const a = `-- only: SQLite has one writer\nSELECT id FROM payments FOR UPDATE`"), ""},
			{"Go reads the database's own tables", in("postgres/a.go", `const a = "SELECT nspname FROM pg_namespace"`), ""},
			{"an error speaks of a table", in("postgres/a.go", `const a = "update payments: the answer came from elsewhere"`), ""},
			{"a test edits a table", in("sqlite/a_test.go", `const a = "UPDATE payments SET id = $1"`), ""},
			{"a shared suite reads a table", in("storetest/a.go", `const a = "SELECT id FROM payments"`), ""},
		},
	}
}
