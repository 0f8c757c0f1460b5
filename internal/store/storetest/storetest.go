// Package storetest is what every driver of the store must hold. It speaks to
// the driver through the typed store alone, so that it cannot tell one database
// from another.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/juicer-pay/juicer/internal/store"
)

// Run checks a driver. Each claim is a test of its own; open opens the database
// that belongs to a test: an empty one at the test's first call, the same one at
// later calls, which come after the driver before was closed.
func Run(t *testing.T, open func(t *testing.T) store.Driver) {
	ran := &names{}
	t.Run("claims", func(t *testing.T) { // ends when all of them have
		for _, c := range claims() {
			t.Run(c.says, func(t *testing.T) {
				t.Parallel() // most of their time is spent waiting for the disk
				c.check(start(t, open, ran))
			})
		}
	})
	t.Run("every named query was run by one of these claims", func(t *testing.T) {
		for _, q := range store.Queries() {
			if !ran.has(q.Name) {
				t.Errorf("%s was never run: nobody knows whether the database takes it", q.Name)
			}
		}
	})
}

type claim struct {
	says  string
	check func(*suite)
}

func claims() []claim {
	var all []claim
	for _, part := range [][]claim{
		transactionClaims(), closingClaims(), businessClaims(), keyClaims(), paymentClaims(), pageClaims(), refundClaims(), payoutClaims(),
		instructionClaims(), ledgerClaims(), chainClaims(), jobClaims(), nodeClaims(),
		idempotencyClaims(), eventClaims(), webhookClaims(), requestClaims(), clearClaims(),
		customerClaims(), walletClaims(), walletTransactionClaims(), shutClaims(), statementClaims(), exchangeClaims(),
		beneficiaryClaims(), bulkClaims(), linkClaims(), depositClaims(), faultClaims(),
	} {
		all = append(all, part...)
	}
	return all
}

// suite is one claim under test on a database of its own.
type suite struct {
	*testing.T
	ctx    context.Context
	store  *store.Store
	reopen func() *store.Store
}

func start(t *testing.T, open func(t *testing.T) store.Driver, ran *names) *suite {
	s := &suite{T: t, ctx: t.Context()}
	s.reopen = func() *store.Store { return store.New(recorder{open(t), ran}) }
	s.store = s.reopen()
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// again closes the store and opens it on the same database.
func (s *suite) again() {
	s.Helper()
	s.must(s.store.Close())
	s.store = s.reopen()
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// write runs fn in a transaction that must succeed.
func (s *suite) write(fn func(tx store.Tx) error) {
	s.Helper()
	s.must(s.store.Write(s.ctx, fn))
}

// read runs fn on committed data.
func (s *suite) read(fn func(v store.View) error) {
	s.Helper()
	s.must(s.store.Read(s.ctx, fn))
}

// lost fails the test unless err is a Conflict of the named query.
func (s *suite) lost(err error, query string) {
	s.Helper()
	if !store.Lost(err, query) {
		s.Errorf("got error %v, want a conflict of %s", err, query)
	}
}

// missing fails the test unless err says that a row is not there.
func (s *suite) missing(err error) {
	s.Helper()
	if !store.IsMissing(err) {
		s.Errorf("got error %v, want %v", err, store.ErrNotFound)
	}
}

// same fails the test unless got equals want.
func same[T any](s *suite, what string, got, want T) {
	s.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(store.Instruction{})); diff != "" {
		s.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}

// get reads one value outside a transaction.
func get[T any](s *suite, read func(v store.View) (T, error)) T {
	s.Helper()
	var out T
	s.read(func(v store.View) (err error) {
		out, err = read(v)
		return err
	})
	return out
}

// try reads one value and gives its error.
func try[T any](s *suite, read func(v store.View) (T, error)) error {
	return s.store.Read(s.ctx, func(v store.View) error {
		_, err := read(v)
		return err
	})
}

// atOnce runs work for 0..n-1 at the same time and gives the errors in order.
func atOnce(n int, work func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-begin
			errs[i] = work(i)
		})
	}
	close(begin)
	group.Wait()
	return errs
}

// wins counts those that met no error; every other error must be a Conflict of
// the named query.
func (s *suite) wins(errs []error, query string) (n int) {
	s.Helper()
	for _, err := range errs {
		if err == nil {
			n++
			continue
		}
		s.lost(err, query)
	}
	return n
}

// errUndo ends a transaction on purpose.
var errUndo = errors.New("undo this")

// names is a set of query names.
type names struct {
	mu  sync.Mutex
	set map[string]bool
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.set == nil {
		n.set = map[string]bool{}
	}
	n.set[name] = true
}

func (n *names) has(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.set[name]
}

// recorder is a driver that notes which queries it was asked.
type recorder struct {
	store.Driver
	ran *names
}

func (r recorder) Read(ctx context.Context, fn func(store.Session) error) error {
	return r.Driver.Read(ctx, func(q store.Session) error { return fn(noted{q, r.ran}) })
}

func (r recorder) Snapshot(ctx context.Context, fn func(store.Session) error) error {
	return r.Driver.Snapshot(ctx, func(q store.Session) error { return fn(noted{q, r.ran}) })
}

func (r recorder) Write(ctx context.Context, fn func(store.Session) error) error {
	return r.Driver.Write(ctx, func(q store.Session) error { return fn(noted{q, r.ran}) })
}

type noted struct {
	store.Session
	ran *names
}

func (n noted) Rows(q store.Query, args []any, each func(store.Scan) error) error {
	n.ran.add(q.Name)
	return n.Session.Rows(q, args, each)
}

func (n noted) Exec(q store.Query, want store.Want, args ...any) error {
	n.ran.add(q.Name)
	return n.Session.Exec(q, want, args...)
}
