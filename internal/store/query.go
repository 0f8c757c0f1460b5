package store

import (
	"embed"
	"io/fs"
	"regexp"
	"strings"
)

// Query is one named SQL text with $1 placeholders, the same for every database.
type Query struct {
	Name string
	Text string
}

// rowLocks are what a database with one writer does not know and does not need.
var rowLocks = strings.NewReplacer(" FOR UPDATE SKIP LOCKED", "", " FOR UPDATE", "")

// Lockless is the text for a database whose transactions take turns.
func (q Query) Lockless() string { return rowLocks.Replace(q.Text) }

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations holds the steps of the schema, oldest first.
func Migrations() fs.FS {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // they are embedded
	}
	return steps
}

var queries = narrowed(parse(sqlFiles))

// Queries lists every named text; drivers prepare them all in a test.
func Queries() []Query {
	out := make([]Query, 0, len(queries))
	for _, q := range queries {
		out = append(out, q)
	}
	return out
}

// likeAnother is a text that says only how it narrows another one.
var likeAnother = regexp.MustCompile(`^-- like (\w+) (AND .*)$`)

// narrowed writes such texts out.
func narrowed(all map[string]Query) map[string]Query {
	for name, q := range all {
		if m := likeAnother.FindStringSubmatch(q.Text); m != nil {
			q.Text = strings.Replace(all[m[1]].Text, "\nORDER BY", "\n    "+m[2]+"\nORDER BY", 1)
			all[name] = q
		}
	}
	return all
}

// query finds a text at start-up; a name that is not there is a bug of ours.
func query(name string) Query {
	q, ok := queries[name]
	if !ok {
		panic("store: no query " + name)
	}
	return q
}

func parse(files fs.FS) map[string]Query {
	out := map[string]Query{}
	names, err := fs.Glob(files, "sql/*.sql")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		for _, part := range strings.Split(string(text), "-- name: ")[1:] {
			title, body, _ := strings.Cut(part, "\n")
			out[strings.TrimSpace(title)] = Query{Name: strings.TrimSpace(title), Text: strings.TrimSpace(body)}
		}
	}
	return out
}
