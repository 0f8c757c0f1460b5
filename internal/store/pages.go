package store

import "time"

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
