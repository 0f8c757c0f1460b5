package scripted

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	batchMax = 128 // operations that share a commit
	queueMax = 1024
)

var (
	errClosed = errors.New("the bank is closed")
	// errStale means that a row was changed by someone else since it was read.
	errStale = errors.New("the instruction was changed meanwhile")
)

// operation is one change of the books. Its run sees the effects of those before
// it; its own error undoes it alone.
type operation struct {
	run  func(*txn) error
	err  error
	done chan struct{}
}

// writer makes operations that arrive together share a durable commit: while one
// commit is on its way to the disk the next ones gather, and a lone one never waits.
//
// On PostgreSQL the batches of all nodes are serial as well: each begins by taking
// the turn. A connection that broke is replaced for the next batch.
type writer struct {
	db        *database
	conn      *sql.Conn // nil after it broke
	prepared  map[query]*sql.Stmt
	queue     chan *operation
	stop      chan struct{}
	stopped   chan struct{}
	begun     func(*txn) // gives a txn its bank and its moment
	scheduled func()     // called after a commit that left timers or notices
	commits   atomic.Int64
}

func startWriter(ctx context.Context, db *database, begun func(*txn), scheduled func()) (*writer, error) {
	w := &writer{db: db, queue: make(chan *operation, queueMax), stop: make(chan struct{}), stopped: make(chan struct{}),
		begun: begun, scheduled: scheduled}
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	go w.serve()
	return w, nil
}

// submit hands an operation over; settle tells how it ended.
func (w *writer) submit(run func(*txn) error) *operation {
	op := &operation{run: run, done: make(chan struct{})}
	select {
	case w.queue <- op:
	case <-w.stop:
		op.err = errClosed
		close(op.done)
	}
	return op
}

// settle waits until the operation is on disk or has failed. It does not listen
// to a context: the wait is one commit, and nobody may think a change undone
// that was made.
func (w *writer) settle(op *operation) error {
	select {
	case <-op.done:
		return op.err
	case <-w.stopped:
	}
	select {
	case <-op.done:
		return op.err
	default:
		return errClosed
	}
}

func (w *writer) do(run func(*txn) error) error { return w.settle(w.submit(run)) }

func (w *writer) serve() {
	defer close(w.stopped)
	for {
		select {
		case op := <-w.queue:
			w.commit(w.gather(op))
		case <-w.stop:
			return
		}
	}
}

func (w *writer) gather(first *operation) []*operation {
	batch := []*operation{first}
	for len(batch) < batchMax {
		select {
		case op := <-w.queue:
			batch = append(batch, op)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction and answers all after the commit. If that
// fails, it is unknown for all whether it was made, and what one of them was
// refused for may never have been.
func (w *writer) commit(batch []*operation) {
	ctx, end := w.db.limited()
	defer end()
	t := &txn{ctx: ctx}
	if err := w.transact(t, batch); err != nil {
		for _, op := range batch {
			op.err = err
		}
	}
	w.commits.Add(1)
	if t.scheduled {
		w.scheduled()
	}
	for _, op := range batch {
		close(op.done)
	}
}

func (w *writer) transact(t *txn, batch []*operation) error {
	if err := w.open(t); err != nil {
		return err
	}
	for _, op := range batch {
		if err := t.savepoint(op); err != nil {
			return errors.Join(err, w.undo(t))
		}
	}
	if err := t.plain("COMMIT"); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), w.undo(t))
	}
	return nil
}

// open begins a transaction. If the connection turns out to be broken, another is
// tried at once, because nothing has been done yet.
func (w *writer) open(t *txn) error {
	err := w.tryOpen(t)
	if err != nil && w.conn == nil && t.ctx.Err() == nil {
		err = w.tryOpen(t)
	}
	return err
}

func (w *writer) tryOpen(t *txn) error {
	if err := w.connect(t.ctx); err != nil {
		return err
	}
	t.conn, t.prepared = w.conn, w.prepared
	if err := t.plain(w.db.begin); err != nil {
		w.part(t)
		return fmt.Errorf("begin: %w", err)
	}
	if w.db.turn != "" {
		var name string
		if err := t.row(w.db.turn, nil, &name); err != nil {
			return errors.Join(fmt.Errorf("wait for the turn: %w", err), w.undo(t))
		}
	}
	w.begun(t)
	return nil
}

func (w *writer) connect(ctx context.Context) (err error) {
	if w.conn != nil {
		return nil
	}
	w.prepared = map[query]*sql.Stmt{}
	if w.conn, err = w.db.write.Conn(ctx); err != nil {
		return fmt.Errorf("open the bank's writer: %w", err)
	}
	return nil
}

// undo ends a transaction that failed.
func (w *writer) undo(t *txn) error {
	err := t.plain("ROLLBACK")
	w.part(t)
	return err
}

// part lets go of the connection if it is broken. Its statements go with it.
func (w *writer) part(t *txn) {
	if w.conn.PingContext(t.ctx) == nil {
		return
	}
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // so that no other gets it
	_ = w.conn.Close()
	w.conn = nil
}

// close ends the writer; operations that still wait get errClosed.
func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	if w.conn == nil {
		return nil
	}
	return w.conn.Close()
}

// txn is a transaction on the books at one moment of the clock.
type txn struct {
	ctx       context.Context // ends the transaction in time, see database.batchTime
	bank      *Bank
	now       time.Time
	conn      *sql.Conn
	prepared  map[query]*sql.Stmt
	settings  map[string]Setting // read already
	scheduled bool
}

// savepoint runs one operation so that it can fail alone. The error returned is
// the database's own and ends the batch.
func (t *txn) savepoint(op *operation) error {
	if _, err := t.exec("SAVEPOINT o"); err != nil {
		return err
	}
	if op.err = op.run(t); op.err != nil {
		t.settings = nil
		if _, err := t.exec("ROLLBACK TO o"); err != nil {
			return err
		}
	}
	_, err := t.exec("RELEASE o")
	return err
}

func (t *txn) plain(text string) error {
	_, err := t.conn.ExecContext(t.ctx, text)
	return err
}

func (t *txn) stmt(q query) (*sql.Stmt, error) {
	if s, ok := t.prepared[q]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(t.ctx, string(q))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	t.prepared[q] = s
	return s, nil
}

// exec gives the number of rows changed.
func (t *txn) exec(q query, args ...any) (int64, error) {
	s, err := t.stmt(q)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row reads one row into dest; sql.ErrNoRows if there is none.
func (t *txn) row(q query, args []any, dest ...any) error {
	s, err := t.stmt(q)
	if err != nil {
		return err
	}
	return s.QueryRowContext(t.ctx, args...).Scan(dest...)
}
