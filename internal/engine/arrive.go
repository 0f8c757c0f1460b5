package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
)

// aboutDeposit is the kind of object that a deposit is.
const aboutDeposit = "deposit"

// The kinds of ledger entry that deposits make.
const (
	entryReceived  = "deposit.received"  // the rail has it for us
	entryReturning = "deposit.returning" // a payment gives its part back
	entryReturned  = "deposit.returned"  // the rail has sent it back
)

// arrive books money that has come by itself. Rails repeat themselves, and tell of a
// transfer more than once while it comes; what is not news changes nothing.
func (e *Engine) arrive(ctx context.Context, a rail.Arrival) error {
	if a.Stage == rail.GivenUp {
		return e.givenUp(ctx, a)
	}
	err := e.optimistic(ctx, object{aboutDeposit, a.Reference}, func() error {
		l, err := e.landing(ctx, a)
		if err != nil || l == nil {
			return err
		}
		return e.land(ctx, l)
	})
	if err != nil {
		return fmt.Errorf("book transfer %s on %s: %w", a.Reference, a.Rail, err)
	}
	e.bump()
	return nil
}

// landing is a transfer with the place it is meant for. What it changes is worked out
// from what was read; every change is guarded when it is written.
type landing struct {
	arrival rail.Arrival
	d       *deposit.Deposit
	known   bool // d is in the store
	payment *payment.Payment
	wallet  wallet.Wallet // where the money goes if it may stay
	entries []ledger.Entry
	back    *store.Instruction // sends it back; nil
	news    []*news            // of the payment, in order
	told    []store.Event
}

// landing finds what a transfer is meant for; nil if it is no news.
func (e *Engine) landing(ctx context.Context, a rail.Arrival) (*landing, error) {
	l := &landing{arrival: a}
	err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
		l.d, err = v.DepositByTransfer(a.Rail, a.Reference)
		if l.known = err == nil; err != nil && !store.IsMissing(err) {
			return err
		}
		return l.find(v)
	})
	switch {
	case store.IsMissing(err): // nothing of ours: the audit shows it as orphaned
		e.Log.Warn("a transfer to an account that nobody here has", "rail", a.Rail, "reference", a.Reference, "account", a.Account)
		return nil, nil
	case err != nil:
		return nil, err
	case l.known && l.d.State != deposit.Pending:
		return nil, nil
	}
	if !l.known {
		l.d = e.newDeposit(l)
	}
	return l, nil
}

// find reads the session or the wallet whose account the money came to. The account's
// reference names it.
func (l *landing) find(v store.View) error {
	owner := objectOf(l.arrival.Account)
	p, err := v.Payment(owner)
	if err == nil {
		l.payment = p
		l.wallet, err = v.WalletOf(p.Business, p.Business, p.Amount.Currency)
		return err
	}
	if !store.IsMissing(err) {
		return err
	}
	if l.wallet, err = v.Wallet(owner); !store.IsMissing(err) {
		return err
	}
	account, err := v.WalletAccountByNumber(l.arrival.Number)
	if err != nil {
		return err
	}
	l.wallet, err = v.Wallet(account.Wallet)
	return err
}

func (e *Engine) newDeposit(l *landing) *deposit.Deposit {
	a, now := l.arrival, e.now()
	d := &deposit.Deposit{ID: e.IDs.New(), Business: l.wallet.Business, Rail: a.Rail, Reference: a.Reference,
		Amount: money.Of(a.Amount, money.Currency(a.Currency)), State: deposit.Pending, OccurredAt: a.At, CreatedAt: now, UpdatedAt: now,
		Details: deposit.Details{Number: a.Number, BankCode: a.BankCode, BankName: a.BankName, Chain: a.Chain, Narration: a.Narration, SenderName: a.Sender.Name,
			SenderAccount: a.Sender.Account, SenderBank: a.Sender.Bank, Method: payment.MethodBank}}
	if a.Rail == railInterac {
		d.Details.Method = payment.MethodInterac
	}
	if l.payment == nil {
		d.WalletID, d.CustomerID, d.Listed = l.wallet.ID, l.wallet.CustomerID, true
		return d
	}
	d.PaymentID, d.CustomerID, d.Details.Method = l.payment.ID, l.payment.CustomerID, l.payment.Method
	return d
}

// land works out what the transfer changes and commits it.
func (e *Engine) land(ctx context.Context, l *landing) error {
	switch {
	case l.arrival.Stage != rail.Credited:
		return e.foresee(ctx, l)
	case l.payment != nil && l.fits():
		if err := e.take(ctx, l); err != nil {
			return err
		}
	case l.payment == nil && l.wallet.Status.Moves() && l.wallet.Currency == l.d.Amount.Currency:
		if err := e.fill(ctx, l); err != nil {
			return err
		}
	default:
		e.refuseDeposit(l)
	}
	err := e.writeLanding(ctx, l)
	if store.Lost(err, "change_guarded_balance") {
		return &store.Conflict{Query: "save_wallet"} // it was frozen at this moment: look again
	}
	return err
}

// fits reports whether the payment may take the money.
func (l *landing) fits() bool {
	p := l.payment
	return (p.State == payment.AwaitingPayment || p.State == payment.Processing) && p.Course.Payer != nil &&
		p.Amount.Currency == l.d.Amount.Currency && p.Course.Payer.Chain == l.arrival.Chain
}

// take counts the money in its payment, which is captured when it is whole. Until
// then nobody may spend it: it stands beside captured money that is not settled.
func (e *Engine) take(ctx context.Context, l *landing) error {
	l.d.State, _ = deposit.Next(l.d.State, deposit.Hold)
	p, amount := l.payment, l.d.Amount
	p.AmountPaid += amount.Minor
	p.Unsettled += amount.Minor
	p.Course.Executed = p.Course.Payer.Account
	p.Course.Provider = l.arrival.Reference
	l.entries = append(l.entries, e.entry(p.Business, entryReceived, l.d.ID, l.d.Reference,
		ledger.Move(ledger.Rail(l.d.Rail), ledger.Pending(l.wallet.ID), amount)))
	if err := e.tellChain(ctx, l); err != nil {
		return err
	}
	n := newsOf(p)
	if p.AmountPaid < p.Amount.Minor {
		n.advance(payment.Part)
		n.due = &p.ExpiresAt
	} else {
		now := e.now()
		n.advance(payment.Approve)
		p.Course.SettlesAt, n.due, n.event = &now, &now, true
	}
	l.news = append(l.news, n)
	return e.compose(ctx, n)
}

// newsOf begins the news of a payment that no answer of a rail has brought.
func newsOf(p *payment.Payment) *news {
	return &news{about: object{aboutPayment, p.ID}, payment: p, ins: &store.Instruction{Business: p.Business}}
}

// refuseDeposit sends the money back: its session is over, or it is not what was asked for.
func (e *Engine) refuseDeposit(l *landing) {
	l.d.State, _ = deposit.Next(l.d.State, deposit.Refuse)
	l.d.Listed = true
	l.entries = append(l.entries, e.entry(l.d.Business, entryReceived, l.d.ID, l.d.Reference,
		ledger.Move(ledger.Rail(l.d.Rail), ledger.Clearing(l.d.Rail), l.d.Amount)))
	l.back = e.sendBack(l.d)
}

// sendBack is the instruction that returns a deposit; the job that is due at once gives it.
func (e *Engine) sendBack(d *deposit.Deposit) *store.Instruction {
	d.Steps++
	back := e.intend(d.Business, object{aboutDeposit, d.ID}, d.Rail, rail.Instruction{Ref: step(d.ID, d.Steps), Kind: rail.Return,
		Amount: d.Amount.Minor, Currency: string(d.Amount.Currency), Target: d.Reference}, e.now())
	back.Sends = 0
	return back
}

func (e *Engine) writeLanding(ctx context.Context, l *landing) error {
	l.d.UpdatedAt = e.now()
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := saveDeposit(tx, l.d, l.known); err != nil {
			return err
		}
		for _, entry := range l.entries {
			if err := post(tx, entry); err != nil {
				return err
			}
		}
		for _, told := range l.told { // a chain's word comes before the payment's
			if err := tx.InsertEvent(told); err != nil {
				return err
			}
		}
		for _, n := range l.news {
			if err := e.save(tx, n); err != nil {
				return err
			}
		}
		return e.giveBack(tx, l.d, l.back)
	})
	if err == nil {
		e.Log.Info("transfer booked", "deposit", l.d.ID, "reference", l.d.Reference, "state", l.d.State)
	}
	return err
}

func saveDeposit(tx store.Tx, d *deposit.Deposit, known bool) error {
	if known {
		return tx.SaveDeposit(d)
	}
	return tx.InsertDeposit(d)
}

// giveBack leaves the instruction that returns a deposit to the job that is due now.
func (e *Engine) giveBack(tx store.Tx, d *deposit.Deposit, back *store.Instruction) error {
	if back == nil {
		return nil
	}
	return errors.Join(tx.InsertInstruction(back), tx.Schedule(aboutDeposit, d.ID, d.Business, back.SentAt))
}
