package store

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Span is a half-open range of creation times.
type Span struct{ From, To time.Time }

// Position is a place between two rows of a list ordered by (created_at, id).
type Position struct {
	At time.Time
	ID string
}

// Lists give an index one bound on either side: with two on the same side a database
// begins at the first and reads on to the second. Of position and span, the nearer one
// counts.

// below is the position from which a list towards older rows begins, if it ends at a
// moment.
func (p Position) below(end time.Time) Position {
	if end.After(p.At) {
		return p
	}
	return Position{At: end}
}

// above is the same towards newer rows, if the list begins at a moment.
func (p Position) above(start time.Time) Position {
	if start.After(p.At) {
		return Position{At: start}
	}
	return p
}

// inStates reads a page of each state and makes one of them. No database finds the few
// rows of several states in the order of their age by one index.
func inStates[S ~string, T any](states []S, limit int, order func(a, b T) int, read func(state string) ([]T, error)) (page []T, err error) {
	for _, state := range states {
		rows, err := read(string(state))
		if err != nil {
			return nil, err
		}
		page = append(page, rows...)
	}
	slices.SortFunc(page, order)
	return page[:min(limit, len(page))], nil
}

// newerThan orders rows by their places, the oldest first.
func newerThan[T any](place func(T) Position) func(a, b T) int {
	return func(a, b T) int {
		p, q := place(a), place(b)
		return cmp.Or(p.At.Compare(q.At), strings.Compare(p.ID, q.ID))
	}
}

// olderThan orders them the other way round.
func olderThan[T any](place func(T) Position) func(a, b T) int {
	forwards := newerThan(place)
	return func(a, b T) int { return forwards(b, a) }
}
