package scripted

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed schema/*.sql
var schema embed.FS

const readersMax = 4

// database is the bank's own record: one connection writes, several read.
type database struct {
	write, read *sql.DB
	begin       string        // opens a transaction that writes
	turn        query         // then waits until no other node writes; "": begin has done that
	batchTime   time.Duration // within which a transaction must end; 0: it depends on nobody
	shared      bool          // other nodes work on the same record
	fold        string        // run before the end; "": nothing is
}

func openDatabase(ctx context.Context, cfg Config) (*database, error) {
	if cfg.Database != "" {
		return openPostgres(ctx, cfg.Database)
	}
	return openSQLite(ctx, cfg.Path)
}

// migrate brings the schema up to date; the texts are the same for both databases.
func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB) error {
	steps, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, steps)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// limited bounds a transaction that waits for others.
func (d *database) limited() (context.Context, context.CancelFunc) {
	if d.batchTime == 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), d.batchTime)
}

func (d *database) close() error {
	err := d.read.Close()
	if d.fold != "" {
		_, fold := d.write.Exec(d.fold)
		err = errors.Join(err, fold)
	}
	return errors.Join(err, d.write.Close())
}
