package scripted

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

// instruction is the bank's record of one order. A charge and the answers to its
// challenges form a chain: they share a root, the charge, which carries the
// state of all.
type instruction struct {
	outcome
	Ref, Root, Rail  string
	Kind             rail.Kind
	Amount           int64
	Currency         string
	Target           string
	ReturnURL        string
	Masked, Expiry   string // of a payout: the account it goes to
	BankCode         string
	Behaviour        string
	Provider         string
	Token            string
	Last             string
	Plan             plan
	Silence          silence
	SilentUntil      int64
	UnreachableUntil int64
	Told             bool
	Executions       int64
	Moved            int64
	Created          int64
	Version          int64 // 0: not stored yet
}

// lost marks an instruction that the bank has not seen: its network remembers
// it, so that a second sending arrives, but status queries know nothing of it.
const lost rail.State = "lost"

// plan is what remains to be done with an instruction when its timer fires.
type plan struct {
	Outcome   outcome `json:"outcome"`
	Callbacks int     `json:"callbacks"`
	Early     bool    `json:"early"`
	Contrary  bool    `json:"contrary"`
	Deferred  bool    `json:"deferred"` // the reply did not wait for the timer
	Unheard   bool    `json:"unheard,omitempty"`

	ReversedAfter time.Duration `json:"reversed_after,omitempty"`
}

// same reports whether in is the instruction that i records. The proof is left
// out: the bank keeps no secrets of payers.
func (i *instruction) same(in rail.Instruction) bool {
	if i.Kind != in.Kind || i.Target != in.Target {
		return false
	}
	switch in.Kind {
	case rail.Charge:
		number, _ := in.Card.Reveal()
		return i.Amount == in.Amount && i.Currency == in.Currency && i.Masked == mask(number) && i.Expiry == expiryText(in.Card)
	case rail.Payout:
		return i.Amount == in.Amount && i.Currency == in.Currency && i.Masked == in.Payee.Account && i.BankCode == in.Payee.BankCode
	case rail.Refund, rail.Return:
		return i.Amount == in.Amount && i.Currency == in.Currency
	}
	return true
}

// silent is the silence that status queries meet at now.
func (i *instruction) silent(now time.Time) silence {
	if now.UnixMicro() < i.SilentUntil {
		return i.Silence
	}
	return truthful
}

// hush sets the silence that begins at now.
func (i *instruction) hush(s silence, d time.Duration, now time.Time) {
	i.Silence, i.SilentUntil = s, later(now, d)
}

// later is a moment in microseconds; forever stays forever.
func later(now time.Time, d time.Duration) int64 {
	if d == forever {
		return int64(forever)
	}
	return now.Add(d).UnixMicro()
}

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// scan reads the columns of a row; it knows their order together with values.
func (i *instruction) scan(read func(dest ...any) error) error {
	var kind, state, challenge, quiet, planned string
	var told int64
	err := read(&i.Ref, &i.Root, &i.Rail, &kind, &i.Amount, &i.Currency, &i.Target, &i.ReturnURL, &i.Masked, &i.Expiry, &i.Behaviour,
		&i.Provider, &i.Token, &i.Last, &state, &i.Failure, &i.Reason, &challenge, &i.Step, &i.AttemptsLeft, &planned, &quiet,
		&i.SilentUntil, &i.UnreachableUntil, &told, &i.Executions, &i.Moved, &i.Created, &i.BankCode, &i.Version)
	if err != nil {
		return err
	}
	i.Kind, i.State, i.Challenge = rail.Kind(kind), rail.State(state), rail.ChallengeType(challenge)
	i.Silence, i.Told = silence(quiet), told != 0
	return json.Unmarshal([]byte(planned), &i.Plan)
}

func (i *instruction) values(planned []byte) []any {
	return []any{i.Ref, i.Root, i.Rail, string(i.Kind), i.Amount, i.Currency, i.Target, i.ReturnURL, i.Masked, i.Expiry, i.Behaviour,
		i.Provider, i.Token, i.Last, string(i.State), i.Failure, i.Reason, string(i.Challenge), i.Step, i.AttemptsLeft, string(planned),
		string(i.Silence), i.SilentUntil, i.UnreachableUntil, flag(i.Told), i.Executions, i.Moved, i.Created, i.BankCode, int64(1)}
}

// load reads an instruction; nil if there is none.
func (t *txn) load(q query, key string) (*instruction, error) {
	s, err := t.stmt(q)
	if err != nil {
		return nil, err
	}
	return found(s.QueryRowContext(t.ctx, key))
}

func found(row *sql.Row) (*instruction, error) {
	var i instruction
	switch err := i.scan(row.Scan); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read an instruction: %w", err)
	}
	return &i, nil
}

// rootOf reads the root of an instruction's chain, which may be itself.
func (t *txn) rootOf(i *instruction) (*instruction, error) {
	if i.Root == i.Ref {
		return i, nil
	}
	root, err := t.load(loadInstruction, i.Root)
	if err == nil && root == nil {
		err = fmt.Errorf("instruction %s has lost its root %s", i.Ref, i.Root)
	}
	return root, err
}

// put writes an instruction as it is now; errStale if it was changed meanwhile.
func (t *txn) put(i *instruction) error {
	planned, err := json.Marshal(i.Plan)
	if err != nil {
		return err
	}
	var n int64
	if i.Version == 0 {
		n, err = t.exec(insertInstr, i.values(planned)...)
	} else {
		n, err = t.exec(saveInstr, i.Token, i.Last, string(i.State), i.Failure, i.Reason, string(i.Challenge), i.Step, i.AttemptsLeft,
			string(planned), string(i.Silence), i.SilentUntil, i.UnreachableUntil, flag(i.Told), i.Executions, i.Moved, i.Ref, i.Version)
	}
	switch {
	case err != nil:
		return fmt.Errorf("write instruction %s: %w", i.Ref, err)
	case n != 1:
		return errStale
	}
	i.Version++
	return nil
}

// putChain writes the last instruction of a chain and its root.
func (t *txn) putChain(own, root *instruction) error {
	if err := t.put(own); err != nil || own == root {
		return err
	}
	return t.put(root)
}
