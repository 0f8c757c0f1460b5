package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	triesMax  = 10                    // of a transaction that PostgreSQL tells to try again
	againWait = 2 * time.Millisecond  // before the second try; doubled for each one more
	againMax  = 50 * time.Millisecond // and at most
	// sessionTime bounds a transaction whose server has stopped answering.
	sessionTime = 60 * time.Second
)

// ErrClosed is given to transactions that come after Close.
var ErrClosed = fmt.Errorf("%w: closed", store.ErrBroken)

// Driver implements store.Driver on one schema.
type Driver struct {
	pool   *pgxpool.Pool
	schema string

	mu      sync.RWMutex // held for reading by everything under way
	closed  bool
	changes notifier
}

func newDriver(pool *pgxpool.Pool, schema string) *Driver {
	d := &Driver{pool: pool, schema: schema}
	d.changes.start(d)
	return d
}

// defaultConns is what pgxpool takes if the URL says nothing.
func defaultConns() int32 { return max(4, int32(runtime.NumCPU())) }

// Read implements store.Driver.
func (d *Driver) Read(ctx context.Context, fn func(store.Session) error) error {
	return d.once(ctx, "", fn)
}

// Snapshot implements store.Driver.
func (d *Driver) Snapshot(ctx context.Context, fn func(store.Session) error) error {
	return d.once(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", fn)
}

// Write implements store.Driver. A transaction that PostgreSQL breaks off because of
// another one (a deadlock, a serialization failure) is tried again.
func (d *Driver) Write(ctx context.Context, fn func(store.Session) error) error {
	wait := againWait
	for try := 1; ; try++ {
		err := d.once(ctx, "BEGIN", fn)
		if err == nil || try == triesMax || !passing(err) || world.Sleep(ctx, wait) != nil {
			return err
		}
		wait = min(2*wait, againMax)
	}
}

// once runs fn on one connection: in the transaction that begin opens, or without
// one. What has begun is not given up with ctx: an interrupted statement would cost
// the connection and leave open what it did.
func (d *Driver) once(ctx context.Context, begin string, fn func(store.Session) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return ErrClosed
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return d.unreached(ctx, err)
	}
	defer conn.Release() // a connection that is left in a transaction is thrown away
	life, cancel := context.WithTimeout(context.WithoutCancel(ctx), sessionTime)
	defer cancel()
	s := &session{ctx: life, conn: conn.Conn(), begin: begin}
	over := false
	defer func() {
		if !over {
			s.rollback() // fn has panicked
		}
	}()
	err = s.run(fn)
	over = true
	return err
}

// unreached is the error of a caller that got no connection.
func (d *Driver) unreached(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return broken("connect", err)
}

// Close implements store.Driver: it ends after what is under way.
func (d *Driver) Close() error {
	d.mu.Lock()
	first := !d.closed
	d.closed = true
	d.mu.Unlock()
	if first {
		d.changes.close()
	}
	d.pool.Close()
	return nil
}

// The conditions after which the same transaction may go through.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

func passing(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == serializationFailure || p.Code == deadlockDetected)
}

// broken marks an error of the database, so that callers are told 503 and not 500.
func broken(doing string, err error) error {
	return fmt.Errorf("%s: %w: %w", doing, store.ErrBroken, err)
}
