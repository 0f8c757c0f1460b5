package scripted

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Transfer is what somebody outside sends to an account that the bank has opened.
type Transfer struct {
	ID        string
	Rail      string
	Number    string // of the account
	Reference string // the bank's own; one that is there already is told again
	Amount    int64  // minor units
	Currency  string
	Chain     string
	Sender    rail.Sender
	Narration string
	At        time.Time

	Confirmations, Needed int64 // of a chain
}

// TransferOrder is a Transfer to be made. Its empty fields are filled in: currency and
// chain are the account's.
type TransferOrder struct {
	Transfer
	Rails  []string      // the account must be on one of them
	Delay  time.Duration // until it comes
	Copies int           // notices; 0: one
	Manual bool          // a chain confirms nothing by itself
}

// underway is the stage of a transfer that has not come yet.
const underway rail.Stage = "sent"

// timerTransfer is the timer of a transfer's next stage.
const timerTransfer = "transfer"

// transfer is the bank's record of one.
type transfer struct {
	Transfer
	Account            string
	BankCode, BankName string
	Stage              rail.Stage `json:"-"`
	Copies             int
	Manual             bool
}

// needed is how many blocks a chain wants on top.
func needed(chain string) int64 {
	switch chain {
	case "":
		return 0
	case chainTron:
		return 6
	case "ETH":
		return 12
	}
	return 15
}

const confirmEvery = time.Second

// Send makes a transfer from outside and gives the bank's record of it. ErrUnknown if
// no such account was opened on the rails named. A reference that is there already
// makes nothing new: what became of it is told again, and Confirmations may go on.
func (b *Bank) Send(_ context.Context, o TransferOrder) (Transfer, error) {
	var out Transfer
	err := b.writer.do(func(t *txn) error {
		made, err := t.send(o)
		if err == nil {
			out = made.Transfer
		}
		return err
	})
	return out, err
}

func (t *txn) send(o TransferOrder) (*transfer, error) {
	if o.Reference != "" {
		if there, err := t.transfer(o.Reference); there != nil || err != nil {
			return there, errors.Join(err, t.tellAgain(there, o))
		}
	}
	to, err := t.account(accountByNumber, o.Number)
	switch {
	case err != nil:
		return nil, err
	case to == nil || !slices.Contains(o.Rails, to.Rail):
		return nil, ErrUnknown
	}
	made, err := t.fill(o, to)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	if _, err := t.exec(insertTransfer, made.Reference, made.Account, made.Rail, string(made.Stage), string(body)); err != nil {
		return nil, fmt.Errorf("write a transfer: %w", err)
	}
	if o.Delay > 0 {
		return made, t.proceedAfter(made, o.Delay)
	}
	return made, t.step(made)
}

// fill makes the transfer of an order.
func (t *txn) fill(o TransferOrder, to *account) (*transfer, error) {
	made := &transfer{Transfer: o.Transfer, Account: to.Ref, BankCode: to.BankCode, BankName: to.BankName, Stage: underway, Copies: max(1, o.Copies), Manual: o.Manual || o.Confirmations > 0}
	made.ID, made.Rail, made.At = t.bank.cfg.IDs.New(), to.Rail, t.now.Add(o.Delay)
	if made.Currency == "" {
		made.Currency = to.Currency
	}
	if made.Chain == "" {
		made.Chain = to.Chain
	}
	if to.Chain != "" {
		made.Needed = needed(made.Chain)
		made.Confirmations = min(made.Confirmations, made.Needed)
	}
	var err error
	if made.Reference == "" {
		made.Reference, err = t.reference(made)
	}
	return made, err
}

// reference names a transfer: as banks do it, by the moment and a number, or by the
// hash of a chain's transaction.
func (t *txn) reference(of *transfer) (string, error) {
	if of.Needed > 0 {
		raw := make([]byte, hashBytes)
		if _, err := io.ReadFull(t.bank.cfg.Entropy, raw); err != nil {
			return "", fmt.Errorf("make a hash: %w", err)
		}
		return hex.EncodeToString(raw), nil
	}
	var n int64
	if err := t.row(nextNumber, []any{"transfer"}, &n); err != nil {
		return "", fmt.Errorf("number a transfer: %w", err)
	}
	return fmt.Sprintf("%s%s%012d", issuingBankCode, of.At.UTC().Format("060102150405"), n), nil
}

const hashBytes = 32

// transfer reads one; nil if there is none.
func (t *txn) transfer(ref string) (*transfer, error) {
	var account, railName, stage, body string
	err := t.row(transferByRef, []any{ref}, &account, &railName, &stage, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read a transfer: %w", err)
	}
	found := &transfer{}
	err = json.Unmarshal([]byte(body), found)
	found.Stage = rail.Stage(stage)
	return found, err
}

// proceed brings a transfer to its next stage when its timer fires.
func (t *txn) proceed(ref string) error {
	of, err := t.transfer(ref)
	if err == nil && of == nil {
		err = fmt.Errorf("the timer of transfer %s has lost it", ref)
	}
	if err != nil {
		return err
	}
	return t.step(of)
}

// step is the next stage, and those that follow at once.
func (t *txn) step(of *transfer) error {
	switch {
	case of.Stage == underway && of.Needed > 0:
		of.Confirmations = max(1, of.Confirmations)
		return t.reach(of, rail.Seen)
	case of.Stage == rail.Seen:
		of.Confirmations = of.Needed
		return t.reach(of, rail.Confirmed)
	case of.Stage == rail.Credited:
		return nil
	}
	if err := t.credit(of); err != nil {
		return err
	}
	return t.reach(of, rail.Credited)
}

// reach records a stage, tells of it, and sees to the next one.
func (t *txn) reach(of *transfer, stage rail.Stage) error {
	before := of.Stage
	of.Stage = stage
	if err := t.keep(of, before); err != nil {
		return err
	}
	if err := t.tell(of, of.Copies); err != nil {
		return err
	}
	switch {
	case stage == rail.Seen && of.Confirmations >= of.Needed:
		return t.step(of)
	case stage == rail.Seen && !of.Manual:
		return t.proceedAfter(of, time.Duration(of.Needed-of.Confirmations)*confirmEvery)
	case stage == rail.Confirmed && of.Manual:
		return t.step(of)
	case stage == rail.Confirmed:
		return t.proceedAfter(of, confirmEvery)
	}
	return nil
}

// keep writes a transfer as it is now, if it still was at a stage.
func (t *txn) keep(of *transfer, before rail.Stage) error {
	body, err := json.Marshal(of)
	if err != nil {
		return err
	}
	n, err := t.exec(saveTransfer, string(of.Stage), string(body), of.Reference, string(before))
	switch {
	case err != nil:
		return fmt.Errorf("write a transfer: %w", err)
	case n != 1:
		return errStale
	}
	return nil
}

func (t *txn) proceedAfter(of *transfer, d time.Duration) error {
	t.scheduled = true
	if _, err := t.exec(insertTimer, of.Reference, timerTransfer, of.Rail, later(t.now, d), flag(false), t.bank.name); err != nil {
		return fmt.Errorf("set the timer of a transfer: %w", err)
	}
	return nil
}

// credit moves the money of a transfer into the books: onto the account, and onto a
// record of its own against which it can be sent back.
func (t *txn) credit(of *transfer) error {
	to, err := t.load(loadInstruction, of.Account)
	if err != nil {
		return err
	}
	if to == nil {
		return fmt.Errorf("account %s: %w", of.Account, ErrUnknown)
	}
	if to.Currency == of.Currency {
		to.Moved += of.Amount
		if err := t.put(to); err != nil {
			return err
		}
	}
	own := &instruction{Ref: of.Reference, Root: of.Reference, Rail: of.Rail, Kind: kindTransfer, Amount: of.Amount, Currency: of.Currency,
		Target: of.Account, Masked: of.Number, Provider: of.Reference, BankCode: of.BankCode, Last: of.Reference, outcome: approved(), Told: true, Executions: 1,
		Moved: of.Amount, Created: t.now.UnixMicro()}
	if err := t.put(own); err != nil {
		return err
	}
	p := posting{ref: of.Reference, direction: directionIn, kind: kindExecution, amount: of.Amount}
	if err := t.book(own, p); err != nil || !t.bank.executesTwice(of.Reference) {
		return err
	}
	return t.book(own, p)
}

// lower takes money that was sent back off the account it had come to.
func (t *txn) lower(of *instruction, amount int64) error {
	to, err := t.load(loadInstruction, of.Target)
	if err != nil || to == nil || to.Currency != of.Currency {
		return err
	}
	to.Moved -= amount
	return t.put(to)
}

// tell leaves a notice of the stage of a transfer.
func (t *txn) tell(of *transfer, copies int) error {
	return t.announce(&notice{rail: of.Rail, ref: of.Reference, copies: copies, arrival: &rail.Arrival{
		Rail: of.Rail, Reference: of.Reference, Account: of.Account, Number: of.Number, BankCode: of.BankCode,
		BankName: of.BankName, Amount: of.Amount, Currency: of.Currency,
		Chain: of.Chain, Stage: of.Stage, Sender: of.Sender, Narration: of.Narration, At: of.At, Confirmations: of.Confirmations,
		Needed: of.Needed}}, 0)
}

// tellAgain answers an order whose transfer is there: the network repeats itself, and a
// chain may have gone on.
func (t *txn) tellAgain(of *transfer, o TransferOrder) error {
	if of == nil || of.Stage == underway {
		return nil
	}
	if of.Stage == rail.Seen && o.Confirmations > of.Confirmations {
		of.Confirmations = min(o.Confirmations, of.Needed)
		if of.Confirmations >= of.Needed {
			return t.step(of)
		}
		if err := t.keep(of, of.Stage); err != nil {
			return err
		}
	}
	return t.tell(of, max(1, o.Copies))
}

// GiveUp has the payer of an account leave the gateway for good, for a reason that is a
// failure code. ErrUnknown.
func (b *Bank) GiveUp(_ context.Context, number, code string) error {
	return b.writer.do(func(t *txn) error {
		to, err := t.account(accountByNumber, number)
		if err == nil && to == nil {
			err = ErrUnknown
		}
		if err != nil {
			return err
		}
		return t.announce(&notice{rail: to.Rail, ref: to.Ref, copies: 1, arrival: &rail.Arrival{Rail: to.Rail, Reference: to.Ref,
			Account: to.Ref, Number: to.Number, Currency: to.Currency, Chain: to.Chain, Stage: rail.GivenUp, Narration: code, At: t.now}}, 0)
	})
}
