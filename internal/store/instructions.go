package store

import (
	"database/sql"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/rail"
)

// Instruction is the record of one order to a rail. It is written before the
// rail hears of it and closed with the outcome; until then the rail may be asked
// about it by its Ref.
type Instruction struct {
	Ref        string
	Business   string
	ObjectType string // payment, refund
	ObjectID   string
	Rail       string
	Kind       rail.Kind
	Target     string
	Amount     money.Amount
	Answer     string // last thing the rail said: a rail.State, or "" for nothing
	Provider   string
	Sends      int64
	Asks       int64  // status queries so far
	Node       string // that sent it last; it alone may still hold the card
	SentAt     time.Time
	DoubtAt    *time.Time // when the outcome became unknown
	ClosedAt   *time.Time

	readSends, readAsks int64 // as read: nobody may have sent or asked since
}

var (
	insertInstruction     = query("insert_instruction")
	saveInstruction       = query("save_instruction")
	instructionByRef      = query("instruction_by_ref")
	instructionsOf        = query("instructions_of")
	instructionsAfter     = query("instructions_after")
	countOpenInstructions = query("count_open_instructions")
)

// InsertInstruction writes the intent; a Conflict means that the Ref was used.
func (t Tx) InsertInstruction(i *Instruction) error {
	defer i.seen()
	return t.s.Exec(insertInstruction, One, i.Ref, i.Business, i.ObjectType, i.ObjectID, i.Rail, string(i.Kind), i.Target,
		i.Amount.Minor, string(i.Amount.Currency), i.Answer, i.Provider, i.Sends, i.Asks, i.Node, micros(i.SentAt),
		microsOrNull(i.DoubtAt), microsOrNull(i.ClosedAt))
}

// SaveInstruction writes what is known now; a Conflict of "save_instruction"
// means that its outcome was recorded before.
func (t Tx) SaveInstruction(i *Instruction) error {
	defer i.seen()
	return t.s.Exec(saveInstruction, One, i.Answer, i.Provider, i.Sends, i.Asks, i.Node, microsOrNull(i.DoubtAt),
		microsOrNull(i.ClosedAt), i.Ref, i.readSends, i.readAsks)
}

// seen notes that what is in the store is what is here.
func (i *Instruction) seen() { i.readSends, i.readAsks = i.Sends, i.Asks }

// Instruction reads one by its Ref; ErrNotFound.
func (v View) Instruction(ref string) (*Instruction, error) {
	return one(v, instructionByRef, readInstruction, ref)
}

// Instructions reads those of one payment or refund, oldest first.
func (v View) Instructions(objectID string) ([]*Instruction, error) {
	return many(v, instructionsOf, readInstruction, objectID)
}

// InstructionsAfter walks all of them in the order of their Refs, for the audit.
func (v View) InstructionsAfter(ref string, limit int) ([]*Instruction, error) {
	return many(v, instructionsAfter, readInstruction, ref, limit)
}

// CountOpenInstructions counts those without a recorded outcome.
func (v View) CountOpenInstructions() (int64, error) { return one(v, countOpenInstructions, readInt) }

func readInstruction(scan Scan) (*Instruction, error) {
	var i Instruction
	var kind, currency string
	var sent int64
	var doubt, closed sql.NullInt64
	err := scan(&i.Ref, &i.Business, &i.ObjectType, &i.ObjectID, &i.Rail, &kind, &i.Target, &i.Amount.Minor, &currency,
		&i.Answer, &i.Provider, &i.Sends, &i.Asks, &i.Node, &sent, &doubt, &closed)
	i.Kind, i.Amount.Currency, i.SentAt = rail.Kind(kind), money.Currency(currency), fromMicros(sent)
	i.DoubtAt, i.ClosedAt = fromNullable(doubt), fromNullable(closed)
	i.seen()
	return &i, err
}
