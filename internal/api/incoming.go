package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/rail/scripted"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	depositDelayMaxMS = 34_560_000_000 // as far as the clock can be moved at once
	noticesMax        = 5
	confirmationsMax  = 1000
)

// Who sends the money in the sandbox, unless the caller says otherwise.
const (
	testSender  = "CHIDI OKE"
	testAccount = "0123456789"
	testBank    = "Slow Bank"
)

// depositBank is a transfer from outside to an account number.
func depositBank(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	o := scripted.TransferOrder{Rails: []string{"nuban", "ach", "wire"}}
	o.Number = r.Text("account_number", wire.Required, wire.MaxLength(textMax))
	o.Amount = r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	o.Sender = rail.Sender{Name: r.Text("sender_name", wire.MaxLength(nameMax)), Account: r.Text("sender_account_number", wire.MaxLength(nameMax)), Bank: testBank}
	o.Narration = r.Text("narration", wire.MaxLength(textMax))
	o.Reference = r.Reference("reference", wire.Optional)
	o.Delay = time.Duration(r.Int("delay_ms", wire.AtLeast(0), wire.AtMost(depositDelayMaxMS))) * time.Millisecond
	o.Copies = int(r.Int("notify_times", wire.AtLeast(1), wire.AtMost(noticesMax)))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if o.Sender.Name == "" {
		o.Sender.Name = testSender
	}
	if o.Sender.Account == "" {
		o.Sender.Account = testAccount
	}
	return x.transferred(o, "account", showAccount)
}

// depositChain is a transfer on a chain to an address.
func depositChain(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	o := scripted.TransferOrder{Rails: []string{"crypto"}}
	o.Number = r.Text("address", wire.Required, wire.MaxLength(textMax))
	o.Amount = r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	o.Chain = wire.OneOf(r, "chain", wire.Optional, chains...)
	o.Currency = string(wire.OneOf(r, "currency", wire.Optional, money.USDT, money.USDC))
	o.Reference = r.Reference("tx_hash", wire.Optional)
	o.Manual, o.Confirmations = readConfirmations(r, x.body)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return x.transferred(o, "address", func(made scripted.Transfer, v *wire.Transfer) {
		v.Address, v.Chain, v.TxHash = made.Number, made.Chain, made.Reference
		v.Confirmations, v.Needed = &made.Confirmations, &made.Needed
	})
}

// readConfirmations reads auto, manual or a number of blocks.
func readConfirmations(r *wire.Reader, body *wire.Value) (manual bool, n int64) {
	if body.Get("confirmations").Kind() == wire.KindText {
		return r.Text("confirmations", wire.Allowed("auto", "manual")) == "manual", 0
	}
	return false, r.Int("confirmations", wire.AtLeast(1), wire.AtMost(confirmationsMax))
}

// depositInterac pays an Interac session, or sends money to the business's e-mail.
func depositInterac(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	need := wire.Optional
	if !r.Has("email") {
		need = wire.Required
	}
	id, email := r.Text("payment_id", need, wire.MaxLength(textMax)), r.Text("email", wire.Email)
	if id != "" && r.Has("email") {
		r.Breach("email", problem.FieldConflict, problem.Details{"other": "payment_id"})
	}
	o := scripted.TransferOrder{Rails: []string{"interac"}}
	o.Amount = r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	o.Sender = rail.Sender{Name: r.Text("sender_name", wire.MaxLength(nameMax))}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if o.Sender.Name == "" {
		o.Sender.Name = testSender
	}
	var err error
	if o.Number = email; email == "" {
		x.trace.About("payment", id)
		o.Number, err = x.engine().Payer(x.ctx(), x.business(), id, payment.MethodInterac)
	} else if email == engine.AutoDepositEmail(x.business()) {
		err = x.engine().AutoDeposit(x.ctx(), x.business())
	}
	if err != nil {
		return answer{}, err
	}
	return x.transferred(o, "email", func(made scripted.Transfer, v *wire.Transfer) { v.Email, v.PaymentID = email, id })
}

// transferred has the bank make a transfer, waits until it was booked, and shows the
// bank's record of it.
func (x *exchange) transferred(o scripted.TransferOrder, kind string,
	show func(scripted.Transfer, *wire.Transfer)) (answer, error) {
	if o.Reference == "" {
		o.Reference = x.onceFor("deposit")
	}
	made, err := x.transfer(o, kind)
	if err != nil {
		return answer{}, err
	}
	view := wire.Transfer{Amount: made.Amount, At: wire.At(made.At), Currency: made.Currency, ID: made.ID, Rail: made.Rail,
		Reference: made.Reference, SenderName: made.Sender.Name}
	show(made, &view)
	out := data(view)
	out.status = wire.Made
	return out, nil
}

// transfer has the bank make a transfer and waits until it was booked.
func (x *exchange) transfer(o scripted.TransferOrder, kind string) (scripted.Transfer, error) {
	made, err := x.s.Sandbox.Bank.Send(x.ctx(), o)
	if errors.Is(err, scripted.ErrUnknown) {
		err = problem.NotFound.With(problem.Details{"id": o.Number, "resource": kind})
	}
	if err != nil {
		return made, err
	}
	return made, x.booked()
}

// booked waits for what the bank tells to be booked.
func (x *exchange) booked() error {
	ctx, cancel := context.WithTimeout(x.ctx(), settlePatience)
	defer cancel()
	_, err := x.s.Sandbox.Driver.Wait(ctx)
	return err
}

// onceFor is the bank's reference of what a call under an Idempotency-Key sends, so that a
// repeat of a call that broke off sends nothing twice; "" without a key.
func (x *exchange) onceFor(what string) string {
	if x.keyText == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(x.business() + "\n" + x.keyText))
	return what + "-" + hex.EncodeToString(sum[:16])
}

func showAccount(made scripted.Transfer, v *wire.Transfer) { v.AccountNumber = made.Number }
