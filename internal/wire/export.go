package wire

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"

	"github.com/juicer-pay/juicer/internal/money"
)

// The records of an export.
const (
	ExportOpening = "opening"
	ExportPosting = "posting"
	ExportClosing = "closing"
)

// ExportRecord is one row of a ledger export: a posting, or an account's balance at the
// beginning (opening) or at the end (closing). Amounts are minor units.
type ExportRecord struct {
	Account       string  `json:"account"`
	Amount        int64   `json:"amount"` // of a posting; 0 for balances
	At            Time    `json:"at"`
	Balance       int64   `json:"balance"`
	Business      *string `json:"business"`
	Currency      string  `json:"currency"`
	EntryID       *string `json:"entry_id"`
	Kind          *string `json:"kind"`
	ObjectID      *string `json:"object_id"`
	RailReference *string `json:"rail_reference"`
	Record        string  `json:"record"`
	Reference     *string `json:"reference"`
	Seal          *int64  `json:"seal"` // place in the hash chain; null: not sealed yet
}

// ExportWriter writes records one by one.
type ExportWriter interface {
	Write(ExportRecord) error
	Close() error // writes what waits; the output is not closed
}

// exportColumns are the names in the first row of an export as CSV.
var exportColumns = []string{"record", "at", "seal", "entry_id", "business", "kind", "object_id", "reference", "rail_reference", "account",
	"amount", "balance", "currency"}

// NewExportCSV writes the names of the columns. Amounts have two decimals and no unit.
func NewExportCSV(w io.Writer) (ExportWriter, error) {
	out := csv.NewWriter(w)
	return exportCSV{out}, out.Write(exportColumns)
}

type exportCSV struct{ out *csv.Writer }

// Write implements ExportWriter.
func (e exportCSV) Write(r ExportRecord) error {
	decimal := func(n int64) string { return money.Of(n, money.Currency(r.Currency)).Decimal() }
	amount, seal := "", ""
	if r.Record == ExportPosting {
		amount = decimal(r.Amount)
	}
	if r.Seal != nil {
		seal = strconv.FormatInt(*r.Seal, 10)
	}
	return e.out.Write([]string{r.Record, r.At.String(), seal, orEmptyText(r.EntryID), orEmptyText(r.Business), orEmptyText(r.Kind),
		orEmptyText(r.ObjectID), orEmptyText(r.Reference), orEmptyText(r.RailReference), r.Account, amount, decimal(r.Balance), r.Currency})
}

// Close implements ExportWriter.
func (e exportCSV) Close() error {
	e.out.Flush()
	return e.out.Error()
}

// NewExportJSON writes one JSON object per line.
func NewExportJSON(w io.Writer) ExportWriter { return exportJSON{bufio.NewWriter(w)} }

type exportJSON struct{ out *bufio.Writer }

// Write implements ExportWriter.
func (e exportJSON) Write(r ExportRecord) error {
	_, err := e.out.Write(append(Marshal(r), '\n'))
	return err
}

// Close implements ExportWriter.
func (e exportJSON) Close() error { return e.out.Flush() }
