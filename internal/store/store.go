// Package store keeps what must not be lost. The queries are named SQL texts in
// sql/, written once for every database; this package gives them types; a Driver
// (store/sqlite, store/postgres) runs them. A store holds no rules: it knows when
// a guard was missed, never what that means.
package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrNotFound is given by reads of one row that is not there.
var ErrNotFound = errors.New("not in the store")

// ErrBroken marks errors of the database itself: full disk, lost connection,
// closed store. Nothing can be said then about what a Write had begun.
var ErrBroken = errors.New("store unavailable")

// ErrUncertain marks the error of a commit that may have gone through all the same.
var ErrUncertain = errors.New("it is not known whether the commit went through")

// Conflict is given when a guarded statement changed another number of rows than
// it must: somebody was faster, or the row it inserts is there already.
type Conflict struct {
	Query string // name of the statement
}

// Error implements error.
func (c *Conflict) Error() string { return "lost a race at " + c.Query }

// Lost reports whether err is a Conflict of one of the named statements, or of
// any if none is named.
func Lost(err error, queries ...string) bool {
	var c *Conflict
	if !errors.As(err, &c) {
		return false
	}
	for _, q := range queries {
		if c.Query == q {
			return true
		}
	}
	return len(queries) == 0
}

// Want says how many rows a statement must change.
type Want int

// The wants.
const (
	Any Want = iota // none, one or many
	One             // exactly one, else Conflict
)

// Session is one transaction (or one read) on one database.
//
// Exec may be queued: a Conflict is reported by Exec itself or, at the latest,
// by the Write around it. Code inside a Write must not depend on which.
type Session interface {
	// Rows runs a query and calls each once per row, in order.
	Rows(q Query, args []any, each func(scan Scan) error) error
	Exec(q Query, want Want, args ...any) error
}

// Scan reads the columns of one row, as sql.Rows.Scan does.
type Scan func(into ...any) error

// Driver runs sessions on one database.
type Driver interface {
	// Read runs fn on committed data; two reads in fn may see different commits.
	Read(ctx context.Context, fn func(Session) error) error
	// Snapshot is Read with all reads in fn seeing one commit.
	Snapshot(ctx context.Context, fn func(Session) error) error
	// Write runs fn in a transaction and returns after it is durable. fn may be
	// run again after a serialization failure, so it must not have effects
	// outside the session. An error of fn rolls its own statements back.
	Write(ctx context.Context, fn func(Session) error) error
	Close() error
}

// Signals is implemented by drivers whose database several processes share. A signal
// is a hint and may be lost: who waits for one also looks by itself from time to time.
type Signals interface {
	// Announce tells every process of this store, the own one too, that something
	// about a topic was committed. It never waits.
	Announce(topic string)
	// Hear calls told for each topic announced, until ctx ends or the connection breaks.
	Hear(ctx context.Context, told func(topic string)) error
}

// Store is the typed face of a Driver.
type Store struct{ driver Driver }

// Signals gives the way to other processes; nil if this one has the store for itself.
func (s *Store) Signals() Signals {
	shared, _ := s.driver.(Signals)
	return shared
}

// New wraps a driver.
func New(d Driver) *Store { return &Store{driver: d} }

// View reads; Tx reads and writes.
type View struct{ s Session }

// Tx is a write transaction under way.
type Tx struct{ View }

// Read gives fn a View of committed data.
func (s *Store) Read(ctx context.Context, fn func(View) error) error {
	return s.driver.Read(ctx, func(q Session) error { return fn(View{q}) })
}

// Snapshot gives fn a View of one commit.
func (s *Store) Snapshot(ctx context.Context, fn func(View) error) error {
	return s.driver.Snapshot(ctx, func(q Session) error { return fn(View{q}) })
}

// Write gives fn a transaction and returns when it is durable, or with the error
// of fn, a Conflict, or a broken database.
func (s *Store) Write(ctx context.Context, fn func(Tx) error) error {
	return s.driver.Write(ctx, func(q Session) error { return fn(Tx{View{q}}) })
}

// Close ends the store after what is under way.
func (s *Store) Close() error { return s.driver.Close() }

// one runs a query that gives at most one row.
func one[T any](v View, q Query, read func(Scan) (T, error), args ...any) (T, error) {
	var out T
	found := false
	err := v.s.Rows(q, args, func(scan Scan) (err error) {
		found = true
		out, err = read(scan)
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w", q.Name, err)
	}
	return out, nil
}

// many runs a query and collects its rows.
func many[T any](v View, q Query, read func(Scan) (T, error), args ...any) ([]T, error) {
	var out []T
	err := v.s.Rows(q, args, func(scan Scan) error {
		row, err := read(scan)
		out = append(out, row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Name, err)
	}
	return out, nil
}

func readInt(scan Scan) (n int64, err error) { return n, scan(&n) }

func readText(scan Scan) (s string, err error) { return s, scan(&s) }

// IsMissing reports whether err says that a row is not in the store.
func IsMissing(err error) bool { return errors.Is(err, ErrNotFound) }
