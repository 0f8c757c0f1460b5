package scripted

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"time"
)

//go:embed schema/*.sql
var schema embed.FS

const readersMax = 4

// database is the bank's own record: one connection writes, several read.
type database struct {
	write     *sql.DB
	read      *reader
	begin     string        // opens a transaction that writes
	turn      query         // then waits until no other node writes; "": begin has done that
	batchTime time.Duration // within which a transaction must end; 0: it depends on nobody
	shared    bool          // other nodes work on the same record
	fold      string        // run before the end; "": nothing is
}

func openDatabase(ctx context.Context, cfg Config) (*database, error) {
	if cfg.Database != "" {
		return openPostgres(ctx, cfg.Database)
	}
	return openSQLite(ctx, cfg.Path)
}

// Migrations holds the steps of the bank's schema, oldest first; the texts are the same
// for both databases.
func Migrations() fs.FS {
	steps, err := fs.Sub(schema, "schema")
	if err != nil {
		panic(err) // they are embedded
	}
	return steps
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
