package scripted

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/juicer-pay/juicer/internal/rail"
)

// The words of the books.
const (
	directionIn  = "in"
	directionOut = "out"

	kindExecution = "execution"
	kindReturn    = "return"
	kindReversal  = "reversal"
	kindRefund    = "refund"
)

const (
	statementDefault = 100
	statementMax     = 1000
)

// posting is a movement of money on its way into the books.
type posting struct {
	ref             string // the instruction it is booked under
	direction, kind string
	amount          int64
}

// book writes one entry for an instruction of the chain of root.
func (t *txn) book(root *instruction, p posting) error {
	signed := p.amount
	if p.direction == directionOut {
		signed = -signed
	}
	var number, balance int64
	if err := t.row(nextNumber, []any{"entry"}, &number); err != nil {
		return fmt.Errorf("number an entry: %w", err)
	}
	if err := t.row(moveMoney, []any{root.Rail, root.Currency, signed}, &balance); err != nil {
		return fmt.Errorf("move money: %w", err)
	}
	_, err := t.exec(insertEntry, number, t.now.UnixMicro(), p.amount, root.Currency, p.direction, p.kind, root.Rail, root.BankCode, root.Masked,
		root.Provider, p.ref, balance)
	if err != nil {
		return fmt.Errorf("book an entry: %w", err)
	}
	return nil
}

// Statement implements rail.Books: entries after f.After, oldest first, at most
// f.Limit of them (default 100, at most 1000).
func (b *Bank) Statement(ctx context.Context, f rail.Filter) ([]rail.Entry, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = statementDefault
	}
	limit = min(limit, statementMax)
	q, args := statement, []any{f.After, f.Rail, f.Ref, limit}
	if f.Ref != "" {
		q, args = entriesOf, []any{f.Ref, f.After, f.Rail, limit}
	}
	rows, err := b.db.read.rows(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("read the bank's statement: %w", err)
	}
	return readEntries(rows)
}

func readEntries(rows *sql.Rows) ([]rail.Entry, error) {
	defer rows.Close()
	var out []rail.Entry
	for rows.Next() {
		var e rail.Entry
		var at int64
		err := rows.Scan(&e.Number, &at, &e.Amount, &e.Currency, &e.Direction, &e.Kind, &e.Rail, &e.BankCode, &e.Counterparty,
			&e.Provider, &e.Ref, &e.BalanceAfter)
		if err != nil {
			return nil, fmt.Errorf("read an entry: %w", err)
		}
		e.At = fromMicros(at)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Total is what the books add up to for one rail and currency.
type Total struct {
	Rail     string
	Currency string
	Balance  int64 // minor units, in minus out
	Entries  int64
}

// Totals lists the sums of all entries, by rail and currency.
func (b *Bank) Totals(ctx context.Context) ([]Total, error) {
	rows, err := b.db.read.rows(ctx, totals)
	if err != nil {
		return nil, fmt.Errorf("read the bank's totals: %w", err)
	}
	defer rows.Close()
	var out []Total
	for rows.Next() {
		var sum Total
		if err := rows.Scan(&sum.Rail, &sum.Currency, &sum.Balance, &sum.Entries); err != nil {
			return nil, fmt.Errorf("read a total: %w", err)
		}
		out = append(out, sum)
	}
	return out, rows.Err()
}
