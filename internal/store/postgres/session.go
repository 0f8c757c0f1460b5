package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/juicer-pay/juicer/internal/store"
)

// session is one transaction, or a read without one, on one connection.
type session struct {
	ctx   context.Context
	conn  *pgx.Conn
	begin string // opens the transaction; "" for none. It travels with the first statements
	begun bool
	queue []waiting
	err   error // of the database: nothing more can be done in this transaction
}

// waiting is a statement that has not been sent yet.
type waiting struct {
	query store.Query
	want  store.Want
	args  []any
}

// run does fn and ends its transaction.
func (s *session) run(fn func(store.Session) error) error {
	err := fn(s)
	if err == nil {
		err = s.flush()
	}
	if err == nil {
		err = s.err // fn has kept it to itself
	}
	switch {
	case !s.begun:
		return err
	case err != nil:
		s.rollback()
		return err
	}
	return s.commit()
}

// commit is durable when it returns. PostgreSQL's own refusal means that nothing was
// committed; a connection that breaks leaves it open.
func (s *session) commit() error {
	tag, err := s.conn.Exec(s.ctx, "COMMIT")
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		return broken("commit", err)
	case err != nil:
		return fmt.Errorf("commit: %w: %w: %w", store.ErrUncertain, store.ErrBroken, err)
	case tag.String() != "COMMIT":
		return broken("commit", errors.New("the transaction had failed before"))
	}
	return nil
}

// rollback leaves the connection ready for others; if it cannot, the pool throws the
// connection away.
func (s *session) rollback() {
	if s.begun && !s.conn.IsClosed() {
		_, _ = s.conn.Exec(s.ctx, "ROLLBACK")
	}
}

// Exec implements store.Session: the statement is sent with the next read, or before
// the commit.
func (s *session) Exec(q store.Query, want store.Want, args ...any) error {
	s.queue = append(s.queue, waiting{q, want, args})
	return s.err
}

// Rows implements store.Session.
func (s *session) Rows(q store.Query, args []any, each func(store.Scan) error) error {
	if s.err != nil || !storable(args) {
		return s.err
	}
	sent := s.queue
	replies := s.send(&waiting{query: q, args: args})
	defer replies.Close()
	if err := s.check(replies, sent); err != nil {
		return err
	}
	rows, err := replies.Query()
	if err != nil {
		return s.breaks(q.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return s.breaks(q.Name, err)
	}
	return nil
}

// storable reports whether PostgreSQL can hold all texts among args: it takes neither
// broken UTF-8 nor a NUL. A read that asks for such a text finds nothing.
func storable(args []any) bool {
	for _, arg := range args {
		if text, ok := arg.(string); ok && (!utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0) {
			return false
		}
	}
	return true
}

// flush sends what waits.
func (s *session) flush() error {
	if s.err != nil || len(s.queue) == 0 {
		return s.err
	}
	sent := s.queue
	replies := s.send(nil)
	defer replies.Close()
	return s.check(replies, sent)
}

// send hands over everything that waits, and one more read if there is one, in one
// round trip.
func (s *session) send(last *waiting) pgx.BatchResults {
	b := &pgx.Batch{}
	if s.begin != "" && !s.begun {
		b.Queue(s.begin)
	}
	for _, w := range s.queue {
		b.Queue(w.query.Text, w.args...)
	}
	if last != nil {
		b.Queue(last.query.Text, last.args...)
	}
	s.queue = nil
	return s.conn.SendBatch(s.ctx, b)
}

// check reads the replies to what was sent. The first missed guard is the error; what
// was sent behind it is undone with it.
func (s *session) check(replies pgx.BatchResults, sent []waiting) error {
	if s.begin != "" && !s.begun {
		if _, err := replies.Exec(); err != nil {
			return s.breaks("begin", err)
		}
		s.begun = true
	}
	var missed error
	for _, w := range sent {
		tag, err := replies.Exec()
		if err != nil {
			return s.breaks(w.query.Name, err)
		}
		if missed == nil && w.want != store.Any && tag.RowsAffected() != int64(w.want) {
			missed = &store.Conflict{Query: w.query.Name}
		}
	}
	if missed != nil {
		s.err = missed // whatever fn makes of it, this transaction ends with a rollback
	}
	return missed
}

// breaks ends the session with an error of the database.
func (s *session) breaks(doing string, err error) error {
	s.err = broken(doing, err)
	return s.err
}
