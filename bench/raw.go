package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/store/sqlite"
	"github.com/juicer-pay/juicer/internal/world"
)

// The ways of running a capture's statements without the server.
const (
	wayPlain = "SQLite, one transaction a commit"
	wayGroup = "SQLite, group commit"
)

// bare runs a script against a database and the bank, and does nothing else.
type bare struct {
	way    string
	script *script
	group  *sqlite.Driver
	driver store.Driver // what captures go through
	bank   *scripted.Bank
	alone  *sync.Mutex // the bank, too, commits one by one; nil: as it likes
	ready  []recorded
	made   int
	paid   int
}

// openBare works on a copy of the environment that the script was recorded in.
func openBare(ctx context.Context, way, seed, dir string, s *script) (b *bare, err error) {
	if err := os.CopyFS(dir, os.DirFS(seed)); err != nil {
		return nil, err
	}
	b = &bare{way: way, script: s}
	if b.group, err = sqlite.Open(ctx, filepath.Join(dir, "test.db")); err != nil {
		return nil, err
	}
	b.driver = b.group
	if way == wayPlain {
		b.alone = &sync.Mutex{}
		if b.driver, err = openPlain(ctx, b.group, filepath.Join(dir, "test.db")); err != nil {
			return nil, errors.Join(err, b.group.Close())
		}
	}
	b.bank, err = scripted.Open(ctx, scripted.Config{Path: filepath.Join(dir, "bank.db"), Clock: world.Real{},
		Entropy: world.Entropy, IDs: fresh(), PublicURL: "http://127.0.0.1:8080"})
	return b, err
}

func (b *bare) close() error {
	return errors.Join(b.bank.Close(), b.driver.Close())
}

// prepare makes n payments ready to be captured; how fast does not count.
func (b *bare) prepare(ctx context.Context, n int) error {
	made := make([]recorded, n)
	for i := range made {
		made[i] = b.script.payment()
	}
	_, err := drive(64, n, func(_, i int) error { return b.replay(ctx, b.group, made[i].create) })
	b.ready = append(b.ready, made...)
	b.made += n
	return err
}

// capture captures n payments that are ready.
func (b *bare) capture(ctx context.Context, callers, n int) (burst, error) {
	now := b.ready[:n]
	b.ready = b.ready[n:]
	cpu := ownCPU()
	out, err := drive(callers, n, func(_, i int) error { return b.replay(ctx, b.driver, now[i].capture) })
	out.cpu = ownCPU() - cpu
	b.paid += n
	return out, err
}

// replay takes the steps of a payment one after another, as its request did.
func (b *bare) replay(ctx context.Context, d store.Driver, steps []step) error {
	for _, s := range steps {
		var err error
		switch s.kind {
		case reads:
			err = d.Read(ctx, s.replay)
		case snapshots:
			err = d.Snapshot(ctx, s.replay)
		case writes:
			err = d.Write(ctx, s.replay)
		case orders:
			err = b.tell(ctx, s.order)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", b.way, err)
		}
	}
	return nil
}

func (b *bare) tell(ctx context.Context, order rail.Instruction) error {
	if b.alone != nil {
		b.alone.Lock()
		defer b.alone.Unlock()
	}
	res, err := b.bank.Execute(ctx, order)
	if err == nil && res.State != rail.Approved {
		err = fmt.Errorf("the bank said %q, want approved", res.State)
	}
	return err
}

// replay runs the statements of a session and looks that they do what they did.
func (s step) replay(on store.Session) error {
	for _, d := range s.does {
		if err := d.replay(on); err != nil {
			return err
		}
	}
	return nil
}

func (d statement) replay(on store.Session) error {
	if !d.isQuery {
		return on.Exec(d.query, d.want, d.args...)
	}
	rows, into := 0, make([]any, d.columns)
	cells := make([]sql.RawBytes, d.columns)
	for i := range cells {
		into[i] = &cells[i]
	}
	err := on.Rows(d.query, d.args, func(scan store.Scan) error { rows++; return scan(into...) })
	if err == nil && rows != d.rows {
		err = fmt.Errorf("%s gave %d rows, and %d to the server", d.query.Name, rows, d.rows)
	}
	return err
}

// plain is SQLite as one would use it without further thought: a connection that
// writes, prepared statements, a transaction and a commit for each Write. Reads
// go where the store's own driver reads.
type plain struct {
	*sqlite.Driver
	db       *sql.DB
	mu       sync.Mutex
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

// pragmas decide what a commit costs; plain takes them over from the driver.
var pragmas = []string{"synchronous", "cache_size", "temp_store", "foreign_keys", "wal_autocheckpoint", "busy_timeout"}

func openPlain(ctx context.Context, like *sqlite.Driver, path string) (*plain, error) {
	dsn := url.URL{Scheme: "file", Opaque: url.PathEscape(path)}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	p := &plain{Driver: like, db: db, prepared: map[string]*sql.Stmt{}}
	if p.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, name := range pragmas {
		value, err := pragma(ctx, like, name)
		if err == nil {
			_, err = p.conn.ExecContext(ctx, "PRAGMA "+name+" = "+value)
		}
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return p, nil
}

// pragma reads a setting of the driver's writer.
func pragma(ctx context.Context, d *sqlite.Driver, name string) (value string, err error) {
	err = d.Write(ctx, func(s store.Session) error {
		return s.Rows(store.Query{Name: "pragma " + name, Text: "PRAGMA " + name}, nil, func(scan store.Scan) error { return scan(&value) })
	})
	return value, err
}

// Close implements store.Driver.
func (p *plain) Close() error {
	return errors.Join(p.conn.Close(), p.db.Close(), p.Driver.Close())
}

// Write implements store.Driver.
func (p *plain) Write(ctx context.Context, fn func(store.Session) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.run(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := fn(p); err != nil {
		return errors.Join(err, p.run(ctx, "ROLLBACK"))
	}
	return p.run(ctx, "COMMIT")
}

func (p *plain) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.prepared[text]; ok {
		return s, nil
	}
	s, err := p.conn.PrepareContext(ctx, text)
	if err == nil {
		p.prepared[text] = s
	}
	return s, err
}

func (p *plain) run(ctx context.Context, text string) error {
	s, err := p.stmt(ctx, text)
	if err == nil {
		_, err = s.Exec()
	}
	return err
}

// Exec implements store.Session.
func (p *plain) Exec(q store.Query, want store.Want, args ...any) error {
	s, err := p.stmt(context.Background(), q.Text)
	if err != nil {
		return err
	}
	res, err := s.Exec(args...)
	if err != nil || want == store.Any {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(want) {
		return errors.Join(err, &store.Conflict{Query: q.Name})
	}
	return nil
}

// Rows implements store.Session.
func (p *plain) Rows(q store.Query, args []any, each func(store.Scan) error) error {
	s, err := p.stmt(context.Background(), q.Text)
	if err != nil {
		return err
	}
	rows, err := s.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
