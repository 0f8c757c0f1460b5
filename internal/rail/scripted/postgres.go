package scripted

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresSchema keeps the bank apart from Juicer in the same database: two
// independent records.
const postgresSchema = "juicer_bank"

// The limits of a session. A node that stops in the middle of its turn loses it
// after pauseMax, before the nodes that wait for the turn give up.
const (
	connectMax       = 5 * time.Second
	pauseMax         = 5 * time.Second  // between two statements of a transaction
	turnMax          = 10 * time.Second // for a lock
	statementTimeMax = 15 * time.Second
	batchTimeMax     = 30 * time.Second

	writersMax = 2 // one for the books, one for the signs of life

	migrationLock      = 0x6a75_6963_6261_6e6b // "juicbank": one node at a time makes the schema
	migrationLockLook  = 1                     // seconds
	migrationLockTries = 120
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
		"application_name": "juicer-bank", "search_path": postgresSchema, "synchronous_commit": "on",
		"lock_timeout": millis(turnMax), "idle_in_transaction_session_timeout": millis(pauseMax),
	} {
		cfg.RuntimeParams[name] = value
	}
	if err := makeSchema(ctx, cfg); err != nil {
		return nil, fmt.Errorf("bring the bank's schema up to date: %w", err)
	}
	cfg.RuntimeParams["statement_timeout"] = millis(statementTimeMax)
	return &database{write: pool(cfg, writersMax), read: pool(cfg, readersMax), begin: "BEGIN", turn: takeTurn, batchTime: batchTimeMax,
		shared: true}, nil
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func pool(cfg *pgx.ConnConfig, conns int) *sql.DB {
	db := sql.OpenDB(stdlib.GetConnector(*cfg))
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}

// makeSchema works under a lock, because several nodes start at once.
func makeSchema(ctx context.Context, cfg *pgx.ConnConfig) (err error) {
	db := pool(cfg, writersMax)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock),
		lock.WithLockTimeout(migrationLockLook, migrationLockTries), lock.WithUnlockTimeout(migrationLockLook, migrationLockTries))
	if err != nil {
		return err
	}
	if err := locker.SessionLock(ctx, conn); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, locker.SessionUnlock(context.WithoutCancel(ctx), conn)) }()
	// Asked first, because an account that may not make schemas may well use one.
	var missing bool
	if err := conn.QueryRowContext(ctx, "SELECT to_regnamespace($1) IS NULL", postgresSchema).Scan(&missing); err != nil {
		return err
	}
	if missing {
		if _, err := conn.ExecContext(ctx, "CREATE SCHEMA "+postgresSchema); err != nil {
			return err
		}
	}
	return migrate(ctx, goose.DialectPostgres, db)
}
