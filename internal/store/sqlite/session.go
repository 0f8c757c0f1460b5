package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/store"
)

// session runs named queries on one connection with prepared statements.
type session struct {
	ctx  context.Context
	conn *sql.Conn
	prep map[string]*sql.Stmt
}

func newSession(ctx context.Context, conn *sql.Conn) *session {
	return &session{ctx: ctx, conn: conn, prep: map[string]*sql.Stmt{}}
}

// close frees the statements and gives the connection back: SQLite keeps the file
// open for as long as one statement lives.
func (s *session) close() error {
	var errs []error
	for _, st := range s.prep {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

func (s *session) stmt(q store.Query) (*sql.Stmt, error) {
	if st, ok := s.prep[q.Name]; ok {
		return st, nil
	}
	// Prepared for as long as the connection lives, not for one caller's context.
	st, err := s.conn.PrepareContext(context.Background(), q.Lockless())
	if err != nil {
		return nil, broken("prepare "+q.Name, err)
	}
	s.prep[q.Name] = st
	return st, nil
}

// Rows implements store.Session.
func (s *session) Rows(q store.Query, args []any, each func(store.Scan) error) error {
	st, err := s.stmt(q)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(s.ctx, args...)
	if err != nil {
		return broken(q.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return broken(q.Name, err)
	}
	return nil
}

// Exec implements store.Session; here a missed guard is known at once.
func (s *session) Exec(q store.Query, want store.Want, args ...any) error {
	st, err := s.stmt(q)
	if err != nil {
		return err
	}
	res, err := st.ExecContext(s.ctx, args...)
	if err != nil {
		return broken(q.Name, err)
	}
	if want == store.Any {
		return nil
	}
	switch n, err := res.RowsAffected(); {
	case err != nil:
		return broken(q.Name, err)
	case n != int64(want):
		return &store.Conflict{Query: q.Name}
	}
	return nil
}

// plain begins or ends something. That is prepared, too: every transaction has
// several of these, and to parse one takes longer than to run it.
func (s *session) plain(text string) error {
	st, err := s.stmt(store.Query{Name: text, Text: text})
	if err != nil {
		return err
	}
	if _, err := st.ExecContext(s.ctx); err != nil {
		return broken(text, err)
	}
	return nil
}

// broken marks an error of the database, so that callers are told 503 and not 500.
func broken(doing string, err error) error {
	return fmt.Errorf("%s: %w: %w", doing, store.ErrBroken, err)
}
