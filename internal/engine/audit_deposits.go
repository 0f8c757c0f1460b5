package engine

import (
	"context"
	"fmt"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// transferName names a transfer: rails count by themselves.
type transferName struct{ rail, reference string }

func (a *audit) readDeposits(v store.View) error {
	return walk(v.DepositsAfter, func(d *deposit.Deposit) string { return d.ID }, func(d *deposit.Deposit) {
		a.deposits[d.ID] = d
		a.transfers[transferName{d.Rail, d.Reference}] = d
		if d.PaymentID != "" {
			a.partsOf[d.PaymentID] = append(a.partsOf[d.PaymentID], d)
		}
	})
}

// arrived files a line of the rail's books under the deposit that it stands for; false:
// it stands for none that was read.
func (a *audit) arrived(row rail.Entry) bool {
	d := a.transfers[transferName{row.Rail, row.Ref}]
	if d == nil {
		return false
	}
	a.theirs[d.ID] = append(a.theirs[d.ID], row)
	return true
}

func (a *audit) checkDeposits() {
	for _, d := range a.deposits {
		a.checkDeposit(d)
	}
	for _, p := range a.payments {
		if p.Method != payment.MethodCard {
			a.checkParts(p)
		}
	}
}

// checkDeposit compares one deposit with both books.
func (a *audit) checkDeposit(d *deposit.Deposit) {
	i := intent{id: d.ID, reference: d.Reference, kind: "deposit", amount: d.Amount}
	executions, net, atBank, back := a.atRail(d.ID)
	postings, posted := a.booked(d.ID, entryReceived)
	returns, _ := a.booked(d.ID, entryReturned)
	found := func(kind, detail string) { a.find(kind, "deposit "+d.Reference+" "+detail, i, posted, atBank) }
	known := a.q.Books != nil
	switch {
	case executions > 1:
		found(wire.Doubled, fmt.Sprintf("has come %d times", executions))
	case postings > 1:
		found(wire.Doubled, fmt.Sprintf("is booked %d times", postings))
	case back > 1 || returns > 1:
		found(wire.Doubled, fmt.Sprintf("went back %d times, booked %d times", back, returns))
	case d.State == deposit.Pending && executions == 0 && postings == 0:
		return // only seen on its way
	case d.State == deposit.Pending && postings == 0:
		a.open++ // it has come; the news is on its way
	case postings == 0:
		found(wire.Lost, "is not in the ledger")
	case d.State == deposit.Pending:
		found(wire.Unbalanced, "is booked, but still counts as expected")
	case posted != d.Amount.Minor:
		found(wire.Unbalanced, fmt.Sprintf("is kept as %d, the ledger has %d", d.Amount.Minor, posted))
	case known && executions == 0:
		found(wire.Orphaned, "is booked, but has never come to the bank")
	case known && d.State.Here() && net == 0 && !a.hasOpen(d.ID):
		found(wire.Lost, "has gone back at the bank, but counts as ours")
	case known && d.State.Here() && d.State != deposit.Returning && atBank != posted:
		found(wire.Lost, fmt.Sprintf("the bank has %d of it, the ledger %d", atBank, posted))
	case known && d.State == deposit.Returned && (net != 0 || returns != 1):
		found(wire.Lost, "counts as returned, but the books do not say so")
	case d.State == deposit.Returning && !a.hasOpen(d.ID):
		found(wire.Lost, "was to go back, and nobody sends it")
	}
}

// checkParts compares a payment with the deposits that came on its instructions.
func (a *audit) checkParts(p *payment.Payment) {
	i := intent{p.ID, p.Reference, "payment", p.Amount, p.State.Paid(), p.State.Completed(), ""}
	var held int64
	for _, d := range a.partsOf[p.ID] {
		if d.State == deposit.Held {
			held += d.Amount.Minor
		}
	}
	switch {
	case p.State.Paid() && held < p.Amount.Minor:
		a.find(wire.Lost, fmt.Sprintf("payment %s succeeded, but only %d of %d has come", p.Reference, held, p.Amount.Minor), i, held, held)
	case p.State.Completed() && !p.State.Paid() && held > 0:
		a.find(wire.Lost, fmt.Sprintf("payment %s is over without success, and keeps %d", p.Reference, held), i, held, held)
	case !p.State.Completed() && held >= p.Amount.Minor:
		a.find(wire.Lost, fmt.Sprintf("payment %s is whole, but does not say so", p.Reference), i, held, held)
	}
	if (p.State.Paid() || !p.State.Completed()) && p.AmountPaid != held {
		a.find(wire.Unbalanced, fmt.Sprintf("payment %s: amount_paid is kept as %d, its deposits make %d", p.Reference, p.AmountPaid, held), i, held, held)
	}
	a.checkRefunded(p, i, held)
}

// missed judges money at the rail that no deposit stands for: it is on its way into our
// books for a while, and lost after that.
func (a *audit) missed(ctx context.Context, row rail.Entry) (late bool, err error) {
	if row.Kind != "execution" || row.Direction != "in" || row.Rail == railCard {
		return false, nil
	}
	err = a.e.Store.Read(ctx, func(v store.View) error {
		_, err := v.DepositByTransfer(row.Rail, row.Ref)
		return err
	})
	switch {
	case store.IsMissing(err):
		return a.e.now().Sub(row.At) < bookedWithin, nil
	case err != nil:
		return false, err
	}
	return true, nil
}
