package store

import (
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
)

var (
	statementTotals = query("statement_totals")
	statementLines  = query("statement_lines")
	referenceOf     = query("reference_of")
)

// Totals sum up what a wallet's account did, in minor units.
type Totals struct {
	Opening int64 // of everything before the period
	Moved   int64 // within it
	Lines   int64 // postings within it
}

// StatementTotals sums a wallet's available money up to the end of a period.
func (v View) StatementTotals(a ledger.Account, c money.Currency, period Span) (Totals, error) {
	return one(v, statementTotals, func(scan Scan) (t Totals, err error) { return t, scan(&t.Opening, &t.Moved, &t.Lines) },
		micros(period.From), string(a), string(c), micros(period.To))
}

// StatementLine is one posting on a wallet's account, with the entry it belongs to.
type StatementLine struct {
	Entry     string
	Line      int64
	At        time.Time
	Kind      string
	Object    string
	RailRef   string
	Amount    int64
	Reference string // of the object, "" for none
}

// StatementLines reads postings of a period behind one of them (a zero one: from the
// start) in the order of their entries.
func (v View) StatementLines(a ledger.Account, c money.Currency, period Span, after StatementLine, limit int) ([]StatementLine, error) {
	return many(v, statementLines, func(scan Scan) (l StatementLine, err error) {
		var at int64
		err = scan(&l.Entry, &l.Line, &at, &l.Kind, &l.Object, &l.RailRef, &l.Amount, &l.Reference)
		l.At = fromMicros(at)
		return l, err
	}, string(a), string(c), after.Entry, after.Line, micros(period.From), micros(period.To), limit)
}

// ReferenceOf is the reference of the payment, refund or wallet transaction with an id,
// "" if it has none.
func (v View) ReferenceOf(object string) (string, error) {
	return one(v, referenceOf, readText, object)
}
