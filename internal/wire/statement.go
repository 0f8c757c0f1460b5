package wire

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/juicer-pay/juicer/internal/money"
)

// Statement is what a wallet's available money did in a period: the lines lead from
// the opening to the closing balance.
type Statement struct {
	ClosingBalance Balance         `json:"closing_balance"`
	From           Time            `json:"from"`
	Lines          []StatementLine `json:"lines"`
	OpeningBalance Balance         `json:"opening_balance"`
	To             Time            `json:"to"`
	WalletID       string          `json:"wallet_id"`
}

// StatementLine is one posting.
type StatementLine struct {
	Amount        int64   `json:"amount"`
	At            Time    `json:"at"`
	BalanceAfter  int64   `json:"balance_after"`
	EntryID       string  `json:"entry_id"`
	Kind          string  `json:"kind"`
	ObjectID      string  `json:"object_id"`
	RailReference *string `json:"rail_reference"`
	Reference     *string `json:"reference"`
}

// statementColumns are the names in the first row of a statement as CSV.
var statementColumns = []string{"at", "kind", "object_id", "reference", "rail_reference", "amount", "balance", "currency", "entry_id"}

// StatementCSV writes a statement row by row. Amounts have two decimals and no unit.
// The first and the last row are the balances; a statement without the last one was
// cut off.
type StatementCSV struct {
	out      *csv.Writer
	currency money.Currency
}

// NewStatementCSV writes the names of the columns and the opening balance.
func NewStatementCSV(w io.Writer, from Time, opening money.Amount) (*StatementCSV, error) {
	s := &StatementCSV{out: csv.NewWriter(w), currency: opening.Currency}
	if err := s.out.Write(statementColumns); err != nil {
		return nil, err
	}
	return s, s.balance(from, "opening_balance", opening)
}

func (s *StatementCSV) balance(at Time, kind string, b money.Amount) error {
	return s.out.Write([]string{at.String(), kind, "", "", "", "", b.Decimal(), string(b.Currency), ""})
}

// Line writes one posting.
func (s *StatementCSV) Line(l StatementLine) error {
	decimal := func(n int64) string { return money.Of(n, s.currency).Decimal() }
	return s.out.Write([]string{l.At.String(), l.Kind, l.ObjectID, orEmptyText(l.Reference), orEmptyText(l.RailReference),
		decimal(l.Amount), decimal(l.BalanceAfter), string(s.currency), l.EntryID})
}

// Close writes the closing balance and everything that waits.
func (s *StatementCSV) Close(to Time, closing money.Amount) error {
	if err := s.balance(to, "closing_balance", closing); err != nil {
		return err
	}
	s.out.Flush()
	if err := s.out.Error(); err != nil {
		return fmt.Errorf("write statement: %w", err)
	}
	return nil
}

func orEmptyText(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
