package scripted

import (
	"context"
	"database/sql"
	"sync"
)

// reader asks with statements that are prepared once: the bank asks the same few
// questions all the time, and to prepare one costs more than to answer it.
type reader struct {
	*sql.DB
	mu       sync.RWMutex
	prepared map[query]*sql.Stmt
}

func newReader(db *sql.DB) *reader { return &reader{DB: db, prepared: map[query]*sql.Stmt{}} }

func (r *reader) rows(ctx context.Context, q query, args ...any) (*sql.Rows, error) {
	s, err := r.stmt(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// row reads one row. Where the statement cannot be prepared, the row says why.
func (r *reader) row(ctx context.Context, q query, args ...any) *sql.Row {
	s, err := r.stmt(ctx, q)
	if err != nil {
		return r.QueryRowContext(ctx, string(q), args...)
	}
	return s.QueryRowContext(ctx, args...)
}

// stmt must not keep a statement of a caller that goes away: it is prepared for all.
func (r *reader) stmt(ctx context.Context, q query) (*sql.Stmt, error) {
	r.mu.RLock()
	s := r.prepared[q]
	r.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.prepared[q]; s != nil {
		return s, nil
	}
	s, err := r.PrepareContext(ctx, string(q))
	if err == nil {
		r.prepared[q] = s
	}
	return s, err
}
