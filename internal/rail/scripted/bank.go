// Package scripted is the simulated bank of the test environment: a bank with
// its own books in its own database, which knows nothing of payments and can be
// told, by card number or by personality, how to misbehave.
package scripted

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

// Config is what a bank is given.
type Config struct {
	Path      string          // the database file
	Database  string          // the URL of a PostgreSQL that several nodes share; "": the file
	Clock     world.Clock     // all delays and timers run on it
	Activity  *world.Activity // nil: not counted
	Entropy   io.Reader       // for the tokens of the issuer's pages
	IDs       id.Maker        // for notices
	PublicURL string          // where Pages is served, without a slash at the end
	Log       *slog.Logger    // nil: silent

	// ExecuteTwice plants a fault, see controls.go; nil in production.
	ExecuteTwice func(ref string) bool
}

// Bank implements rail.Rail and rail.Books. Nothing that falls due happens
// unless Run is running.
type Bank struct {
	cfg        Config
	log        *slog.Logger
	name       string // of this node: no other has it, nor an earlier process
	db         *database
	writer     *writer
	cards      cardTable
	characters map[string]Personality // by name
	banks      map[string]Personality // by bank code
	waits      waits
	work       world.Pulse // there is something new to wait for
	background sync.WaitGroup

	mu       sync.Mutex
	listener rail.Listener
}

var (
	_ rail.Rail  = (*Bank)(nil)
	_ rail.Books = (*Bank)(nil)

	_ rail.Directory = (*Bank)(nil)
)

// Open opens or makes the bank's database.
func Open(ctx context.Context, cfg Config) (*Bank, error) {
	if cfg.Activity == nil {
		cfg.Activity = new(world.Activity)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	b := &Bank{cfg: cfg, log: cfg.Log, name: nodeName(), cards: newCardTable(), characters: personalityTable(), banks: banksByCode()}
	b.waits = waits{byRef: map[string][]*waiter{}, activity: cfg.Activity}
	var err error
	if b.db, err = openDatabase(ctx, cfg); err != nil {
		return nil, err
	}
	begun := func(t *txn) { t.bank, t.now = b, cfg.Clock.Now() }
	if b.writer, err = startWriter(ctx, b.db, begun, b.work.Beat); err != nil {
		return nil, errors.Join(err, b.db.close())
	}
	if err := b.writer.do((*txn).addRails); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close ends the bank; call it once, after Run has returned. Instructions on the
// line get an error, and what was stored goes on when the bank is opened again.
func (b *Bank) Close() error {
	b.waits.dropAll(errClosed)
	b.background.Wait()
	// Folded into one file, so that a copy of bank.db alone is whole.
	return errors.Join(b.writer.close(), b.db.close())
}

// errReset is what instructions on the line get when the books are cleared.
var errReset = errors.New("the bank was reset")

// Reset clears the books and all that is due, and gives the rails their defaults.
// Callers on the lines of other nodes hear of it when those look next.
func (b *Bank) Reset(context.Context) error {
	err := b.writer.do(func(t *txn) error {
		for _, q := range clearAll() {
			if _, err := t.exec(q); err != nil {
				return fmt.Errorf("clear the bank: %w", err)
			}
		}
		t.settings = nil
		return t.addRails()
	})
	b.waits.dropAll(errReset)
	return err
}
