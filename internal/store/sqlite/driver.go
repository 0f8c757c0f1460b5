package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/juicer-pay/juicer/internal/store"
)

const (
	batchMax = 256  // transactions that share one commit
	queueMax = 4096 // transactions that may wait; more are told to come back
)

// ErrClosed is given to transactions that come after Close.
var ErrClosed = fmt.Errorf("%w: closed", store.ErrBroken)

// Driver implements store.Driver on one file.
type Driver struct {
	read, write *sql.DB
	readers     chan *session
	queue       chan *order
	closing     chan struct{}
	done        chan struct{}
	once        sync.Once
}

// order is a transaction that waits for the writer.
type order struct {
	ctx    context.Context
	fn     func(store.Session) error
	err    error
	panics any
	done   chan struct{}
}

func start(ctx context.Context, read, write *sql.DB) (*Driver, error) {
	d := &Driver{read: read, write: write, readers: make(chan *session, readers),
		queue: make(chan *order, queueMax), closing: make(chan struct{}), done: make(chan struct{})}
	for range readers {
		conn, err := read.Conn(ctx)
		if err != nil {
			return nil, fmt.Errorf("open a reader: %w", err)
		}
		d.readers <- newSession(context.Background(), conn)
	}
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the writer: %w", err)
	}
	go d.serve(newSession(context.Background(), conn))
	return d, nil
}

// Read implements store.Driver.
func (d *Driver) Read(ctx context.Context, fn func(store.Session) error) error {
	return d.borrow(ctx, func(s *session) error { return fn(s) })
}

// Snapshot implements store.Driver.
func (d *Driver) Snapshot(ctx context.Context, fn func(store.Session) error) error {
	return d.borrow(ctx, func(s *session) (err error) {
		if err := s.plain("BEGIN DEFERRED"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.plain("ROLLBACK")) }() // also after a panic: the reader goes on to others
		return fn(s)
	})
}

// borrow lends a reader. Reads run to their end even if the caller has gone: an
// interrupted statement would cost the connection, and they are short.
func (d *Driver) borrow(ctx context.Context, fn func(*session) error) error {
	if d.isClosing() {
		return ErrClosed
	}
	select {
	case s := <-d.readers:
		defer func() { d.readers <- s }()
		return fn(s)
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return ErrClosed
	}
}

func (d *Driver) isClosing() bool {
	select {
	case <-d.closing:
		return true
	default:
		return false
	}
}

// Write implements store.Driver: it hands fn to the writer and waits until its
// commit is on disk. Once taken by the writer it is not given up with ctx.
func (d *Driver) Write(ctx context.Context, fn func(store.Session) error) error {
	o := &order{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case d.queue <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return ErrClosed
	}
	select {
	case <-o.done:
	case <-d.done: // the writer has ended; it may have come to this order before
		select {
		case <-o.done:
		default:
			return ErrClosed
		}
	}
	if o.panics != nil {
		panic(o.panics) // in the caller's goroutine, where it belongs
	}
	return o.err
}

// Close implements store.Driver: it ends after the reads and writes under way,
// with every connection closed, so that SQLite folds the log into the file.
func (d *Driver) Close() (err error) {
	d.once.Do(func() {
		close(d.closing)
		for range readers {
			s := <-d.readers
			err = errors.Join(err, s.close())
		}
		<-d.done
		err = errors.Join(err, d.read.Close(), d.write.Close())
	})
	<-d.done
	return err
}

// serve is the writer: it takes whatever waits, commits it together, answers,
// and so adapts to load by itself: a lone transaction never waits for others.
func (d *Driver) serve(s *session) {
	defer close(d.done)
	defer s.close()
	for {
		select {
		case o := <-d.queue:
			commit(s, d.gather(o))
		case <-d.closing:
			for {
				select {
				case o := <-d.queue:
					commit(s, d.gather(o))
				default:
					return
				}
			}
		}
	}
}

func (d *Driver) gather(first *order) []*order {
	batch := []*order{first}
	for len(batch) < batchMax {
		select {
		case o := <-d.queue:
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the batch in one transaction, each order in its own savepoint, and
// answers all of them after the commit.
func commit(s *session, batch []*order) {
	defer func() {
		for _, o := range batch {
			close(o.done)
		}
	}()
	if err := s.plain("BEGIN IMMEDIATE"); err != nil {
		fail(batch, fmt.Errorf("begin: %w", err))
		return
	}
	for _, o := range batch {
		if err := inSavepoint(s, o); err != nil {
			fail(batch, errors.Join(err, s.plain("ROLLBACK")))
			return
		}
	}
	if err := s.plain("COMMIT"); err != nil {
		fail(batch, errors.Join(fmt.Errorf("commit: %w: %w", store.ErrUncertain, err), s.plain("ROLLBACK")))
	}
}

// fail answers everyone whose work went away with the transaction.
func fail(batch []*order, err error) {
	for _, o := range batch {
		if o.err == nil && o.panics == nil {
			o.err = err
		}
	}
}

// inSavepoint runs one order; its own error undoes it alone. The error returned
// is the database's and ends the whole batch.
func inSavepoint(s *session, o *order) error {
	if o.err = o.ctx.Err(); o.err != nil {
		return nil
	}
	if err := s.plain("SAVEPOINT o"); err != nil {
		return err
	}
	run(s, o)
	if o.err != nil || o.panics != nil {
		if err := s.plain("ROLLBACK TO o"); err != nil {
			return err
		}
	}
	return s.plain("RELEASE o")
}

func run(s *session, o *order) {
	defer func() { o.panics = recover() }()
	o.err = o.fn(s)
}
