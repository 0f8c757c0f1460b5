package scripted

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/juicer-pay/juicer/internal/migration"
)

// Schema keeps the bank apart from Juicer in the same database: two independent
// records.
const Schema = "juicer_bank"

// The limits of a session. A node that stops in the middle of its turn loses it
// after pauseMax, before the nodes that wait for the turn give up.
const (
	connectMax       = 5 * time.Second
	pauseMax         = 5 * time.Second  // between two statements of a transaction
	turnMax          = 10 * time.Second // for a lock
	statementTimeMax = 15 * time.Second
	batchTimeMax     = 30 * time.Second

	writersMax = 2 // one for the books, one for the signs of life
)

// openPostgres opens or makes the bank's schema. Every node has connections of its
// own. A commit is on disk when it returns, whatever the server's default is.
func openPostgres(ctx context.Context, url string) (*database, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the address of the bank's database: %w", err)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectMax
	}
	for name, value := range map[string]string{
		"application_name": "juicer-bank", "search_path": Schema, "synchronous_commit": "on",
		"lock_timeout": millis(turnMax), "idle_in_transaction_session_timeout": millis(pauseMax),
	} {
		cfg.RuntimeParams[name] = value
	}
	if _, err := migration.Schema(ctx, cfg, Schema, Migrations()); err != nil {
		return nil, fmt.Errorf("bring the bank's schema up to date: %w", err)
	}
	cfg.RuntimeParams["statement_timeout"] = millis(statementTimeMax)
	return &database{write: pool(cfg, writersMax), read: newReader(pool(cfg, readersMax)), begin: "BEGIN", turn: takeTurn, batchTime: batchTimeMax,
		shared: true}, nil
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func pool(cfg *pgx.ConnConfig, conns int) *sql.DB {
	db := sql.OpenDB(stdlib.GetConnector(*cfg))
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}
