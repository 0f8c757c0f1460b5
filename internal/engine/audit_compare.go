package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func (a *audit) compare(ctx context.Context) error {
	for _, p := range a.payments {
		if p.Method == payment.MethodCard {
			a.checkPayment(p)
		}
	}
	a.checkDeposits()
	for _, r := range a.refunds {
		a.checkRefund(r)
	}
	for _, p := range a.payouts {
		a.checkPayout(p)
	}
	a.checkMoves()
	a.checkBulks()
	if err := a.checkStrangers(ctx); err != nil {
		return err
	}
	a.checkOrphans()
	a.checkDeals()
	a.checkReferences()
	a.checkExpected()
	a.checkEntries()
	a.checkBalances()
	a.checkChain()
	a.checkClearing()
	a.checkHeld()
	a.checkTotals()
	return nil
}

// intent is a payment, refund or payout as the comparison sees it.
type intent struct {
	id, reference, kind string
	amount              money.Amount
	succeeded, final    bool
	posted              string // kind of the entry that books the success
}

func (a *audit) checkPayment(p *payment.Payment) {
	amount := p.ChargeAmount()
	i := intent{p.ID, p.Reference, "payment", amount, p.State.Paid(), p.State.Completed(), "capture.succeeded"}
	a.check(i)
	a.checkAmounts(p, i)
}

// checkAmounts compares what a payment says of itself with its postings and
// refunds.
func (a *audit) checkAmounts(p *payment.Payment, i intent) {
	_, posted := a.booked(p.ID, "capture.succeeded")
	if p.AmountPaid != posted {
		a.find(wire.Unbalanced, fmt.Sprintf("payment %s: amount_paid is kept as %d, the books make %d", p.Reference, p.AmountPaid, posted), i, posted, 0)
	}
	a.checkRefunded(p, i, posted)
}

// checkRefunded compares what a payment says of its refunds and its settlement with the
// books.
func (a *audit) checkRefunded(p *payment.Payment, i intent, posted int64) {
	settlements, _ := a.booked(p.ID, "capture.settled")
	var refunded, early int64
	for _, r := range a.refundsOf[p.ID] {
		if r.State != payment.RefundFailed {
			refunded += r.Amount.Minor
		}
		if r.Source == payment.FromPending && r.State != payment.RefundFailed {
			early += r.Amount.Minor
		}
	}
	wrong := func(what string, says, is int64) {
		if says != is {
			a.find(wire.Unbalanced, fmt.Sprintf("payment %s: %s is kept as %d, the books make %d", p.Reference, what, says, is), i, posted, 0)
		}
	}
	wrong("amount_refunded", p.AmountRefunded, refunded)
	if p.State == payment.Captured {
		wrong("the unsettled money", p.Unsettled, p.AmountPaid-early)
	}
	if p.State == payment.Settled && settlements == 0 && len(a.refundsOf[p.ID]) == 0 {
		a.find(wire.Unbalanced, "payment "+p.Reference+" is settled without a settlement", i, posted, 0)
	}
}

func (a *audit) checkRefund(r *payment.Refund) {
	a.check(intent{r.ID, r.Reference, "refund", r.Amount, r.State == payment.RefundSucceeded, r.State.Final(), "refund.succeeded"})
}

// check compares one intent with both books.
func (a *audit) check(i intent) {
	executions, net, atBank, back := a.atRail(i.id)
	postings, posted := a.booked(i.id, i.posted)
	found := func(kind, detail string) { a.find(kind, detail, i, posted, atBank) }
	known := a.q.Books != nil
	switch {
	case net > 1:
		found(wire.Doubled, fmt.Sprintf("%d executions for %s %s", net, i.kind, i.reference))
	case postings > 1:
		found(wire.Doubled, fmt.Sprintf("%d postings for one execution of %s %s", postings, i.kind, i.reference))
	case known && i.succeeded && executions == 0:
		found(wire.Lost, fmt.Sprintf("%s %s succeeded without an execution", i.kind, i.reference))
	case i.succeeded && postings == 0:
		found(wire.Lost, fmt.Sprintf("%s %s succeeded without a posting", i.kind, i.reference))
	case known && i.succeeded && atBank != posted:
		found(wire.Lost, fmt.Sprintf("%s %s: the bank moved %d, the ledger %d", i.kind, i.reference, atBank, posted))
	case i.final && !i.succeeded && net > 0 && !a.beingReturned(i.id):
		found(wire.Lost, fmt.Sprintf("%s %s is final without success, but the bank executed it", i.kind, i.reference))
	case i.final && !i.succeeded && executions > 0 && back > 0 && a.contradicted(i.id):
		found(wire.Exception, fmt.Sprintf("%s %s: executed after a confirmed failure, sent back", i.kind, i.reference))
	case known && !i.succeeded && postings > 0:
		found(wire.Orphaned, fmt.Sprintf("%s %s has a posting of a success it did not have", i.kind, i.reference))
	case !i.final && net > 0 && !a.hasOpen(i.id):
		a.open++ // executed by the payer at the bank; the news is on its way
	}
}

// atRail counts what the bank did for an object: executions, executions net of
// returns, money moved net, returns.
func (a *audit) atRail(object string) (executions, net int, moved int64, back int) {
	for _, row := range a.theirs[object] {
		switch row.Kind {
		case "execution", "refund":
			executions, net, moved = executions+1, net+1, moved+row.Amount
		case "return", "reversal":
			net, moved, back = net-1, moved-row.Amount, back+1
		}
	}
	return executions, net, moved, back
}

// contradicted reports whether an execution after a confirmed failure was booked.
func (a *audit) contradicted(object string) bool {
	n, _ := a.booked(object, "exception.executed")
	return n > 0
}

// booked counts the entries of a kind for an object and what they moved.
func (a *audit) booked(object, kind string) (n int, amount int64) {
	for _, e := range a.entries[object] {
		if e.Kind == kind {
			n, amount = n+1, amount+moved(e.Entry)
		}
	}
	return n, amount
}

// moved is what an entry moves in its one currency.
func moved(e ledger.Entry) (amount int64) {
	for _, p := range e.Postings {
		amount += max(p.Amount, 0)
	}
	return amount
}

// currencyOf is the currency of an entry about one; "" if its postings are gone.
func currencyOf(e ledger.Entry) money.Currency {
	if len(e.Postings) == 0 {
		return ""
	}
	return e.Postings[0].Currency
}

func (a *audit) beingReturned(object string) bool {
	return slices.ContainsFunc(a.orders[object], func(i *store.Instruction) bool { return i.Kind == rail.Return && i.ClosedAt == nil })
}

func (a *audit) hasOpen(object string) bool {
	return slices.ContainsFunc(a.orders[object], func(i *store.Instruction) bool { return i.ClosedAt == nil })
}

func (a *audit) find(kind, detail string, i intent, posted, moved int64) {
	a.report.Findings = append(a.report.Findings, wire.Finding{Amount: i.amount.Minor, Currency: wire.OrNull(string(i.amount.Currency)), Detail: detail,
		ID: wire.OrNull(i.id), Kind: kind, LedgerAmount: posted, RailAmount: moved, Reference: wire.OrNull(i.reference)})
}

// checkStrangers looks for executions without an intent. An intent may have been
// written after ours were read, so each is looked up once more.
func (a *audit) checkStrangers(ctx context.Context) error {
	for object, rows := range a.theirs {
		late := false
		for _, row := range rows {
			if a.intended(object, row.Ref) {
				continue
			}
			known, err := a.intendedNow(ctx, row.Ref)
			if err == nil && !known {
				known, err = a.missed(ctx, row)
			}
			if err != nil {
				return err
			}
			if late = late || known; !known {
				i := intent{id: object, amount: money.Of(row.Amount, money.Currency(row.Currency))}
				a.find(wire.Orphaned, "an execution at the bank without an intent: "+row.Ref, i, 0, row.Amount)
			}
		}
		if late {
			a.open++
		}
	}
	return nil
}

// intended reports whether the object and the instruction were read.
func (a *audit) intended(object, ref string) bool {
	if d := a.deposits[object]; d != nil && d.Reference == ref {
		return true
	}
	return a.ours(object) && slices.ContainsFunc(a.orders[object], func(i *store.Instruction) bool { return i.Ref == ref })
}

// ours reports whether an object is a payment, refund, payout or deposit that was read.
func (a *audit) ours(object string) bool {
	return a.payments[object] != nil || a.refunds[object] != nil || a.payouts[object] != nil || a.deposits[object] != nil
}

// intendedNow reports whether the store holds them by now.
func (a *audit) intendedNow(ctx context.Context, ref string) (bool, error) {
	err := a.e.Store.Read(ctx, func(v store.View) error {
		ins, err := v.Instruction(ref)
		if err != nil {
			return err
		}
		_, err = a.e.load(v, object{ins.ObjectType, ins.ObjectID})
		return err
	})
	if store.IsMissing(err) {
		return false, nil
	}
	return err == nil, err
}

// checkOrphans looks for postings of rail money that belong to nothing.
func (a *audit) checkOrphans() {
	for object, entries := range a.entries {
		if a.ours(object) {
			continue
		}
		for _, e := range entries {
			if e.RailRef != "" {
				i := intent{id: object, amount: money.Of(moved(e.Entry), currencyOf(e.Entry))}
				a.find(wire.Orphaned, fmt.Sprintf("a posting of rail money (%s) without an intent: %s", e.Kind, e.RailRef), i, moved(e.Entry), 0)
			}
		}
	}
}

func (a *audit) checkReferences() {
	seen := map[[3]string]bool{}
	look := func(business, kind string, i intent) {
		k := [3]string{business, kind, i.reference}
		if seen[k] {
			a.find(wire.Doubled, "two "+kind+"s under the reference "+i.reference, i, 0, 0)
		}
		seen[k] = true
	}
	for _, p := range a.payments {
		look(p.Business, aboutPayment, intent{id: p.ID, reference: p.Reference, amount: p.Amount})
	}
	for _, p := range a.payouts {
		look(p.Business, aboutPayout, intent{id: p.ID, reference: p.Reference, amount: p.Amount})
	}
}

// checkExpected compares with what the caller believes.
func (a *audit) checkExpected() {
	ours := map[[2]string]string{}
	for _, p := range a.payments {
		if p.Business == a.q.Business {
			ours[[2]string{"payment", p.Reference}] = p.ID
		}
	}
	for _, r := range a.refunds {
		if r.Business == a.q.Business {
			ours[[2]string{"refund", r.Reference}] = r.ID
		}
	}
	for _, p := range a.payouts {
		if p.Business == a.q.Business {
			ours[[2]string{aboutPayout, p.Reference}] = p.ID
		}
	}
	for _, x := range a.q.Expected {
		object := ours[[2]string{x.Kind, x.Reference}]
		executions, net, atBank := a.expectedAtRail(object, x.Amount.Minor)
		i := intent{id: object, reference: x.Reference, amount: x.Amount}
		if p := a.payouts[object]; p != nil {
			if p.State == payment.PayoutReversed && executions > 0 {
				net, atBank = 1, p.Sends().Minor // it had succeeded before it came back
			}
			atBank += p.Amount.Minor - p.Sends().Minor // the caller knows what it has ordered
		}
		switch {
		case x.Result == "succeeded" && (object == "" || net < 1):
			a.find(wire.Lost, fmt.Sprintf("the caller was told that %s %s succeeded; no book knows it", x.Kind, x.Reference), i, 0, atBank)
		case x.Result == "succeeded" && net == 1 && atBank != x.Amount.Minor:
			a.find(wire.Lost, fmt.Sprintf("the caller was told that %s %s succeeded with %s; the bank moved %d", x.Kind, x.Reference, x.Amount, atBank), i, 0, atBank)
		case net > 1:
			a.find(wire.Doubled, fmt.Sprintf("%d executions for the expected %s %s", net, x.Kind, x.Reference), i, 0, atBank)
		}
	}
}

// expectedAtRail counts what the bank did for an object of which a caller expects an
// amount. A payer's transfers are one execution together, and may come to more.
func (a *audit) expectedAtRail(object string, amount int64) (executions, net int, atBank int64) {
	if p := a.payments[object]; p == nil || p.Method == payment.MethodCard {
		executions, net, atBank, _ = a.atRail(object)
		return executions, net, atBank
	}
	for _, d := range a.partsOf[object] {
		if d.State == deposit.Held {
			_, _, moved, _ := a.atRail(d.ID)
			executions, net, atBank = 1, 1, atBank+moved
		}
	}
	return executions, net, min(atBank, amount)
}

func (a *audit) checkEntries() {
	for _, e := range a.byID {
		if err := e.Check(); err != nil {
			a.wrong(err.Error())
		}
	}
}

// wrong is a finding about the books as such.
func (a *audit) wrong(detail string) {
	a.report.Findings = append(a.report.Findings, wire.Finding{Detail: detail, Kind: wire.Unbalanced})
}

// checkBalances compares kept balances with the sums of postings.
func (a *audit) checkBalances() {
	kept := map[accountCurrency]int64{}
	for _, b := range a.balances {
		kept[accountCurrency{b.Account, b.Amount.Currency}] = b.Amount.Minor
	}
	for k := range a.sums {
		if _, there := kept[k]; !there {
			kept[k] = 0
		}
	}
	for k, amount := range kept {
		sum := a.sealed[k]
		if k.account.Guarded() {
			sum = a.sums[k]
		}
		if amount != sum {
			a.wrong(fmt.Sprintf("the balance of %s is kept as %s, its postings make %s", k.account,
				money.Of(amount, k.currency), money.Of(sum, k.currency)))
		}
	}
}

// checkChain recomputes the hash chain.
func (a *audit) checkChain() {
	before, numbered := "", 0
	for _, e := range a.byID {
		if e.Seq > 0 {
			numbered++
		}
	}
	for n, seal := range a.seals {
		e, there := a.byID[seal.Entry]
		if !there || seal.Seq != int64(n+1) || e.Seq != seal.Seq || ledger.Link(before, e.Entry) != seal.Hash {
			a.wrong(fmt.Sprintf("the hash chain is broken at seal %d (entry %s)", n+1, seal.Entry))
			return
		}
		before = seal.Hash
	}
	if numbered != len(a.seals) {
		a.wrong(fmt.Sprintf("%d entries carry a seal number, the chain has %d seals", numbered, len(a.seals)))
	}
}

// checkClearing: a clearing account holds the money of the instructions without an
// outcome and nothing else, hence zero with nothing in flight.
func (a *audit) checkClearing() {
	open := map[accountCurrency]int64{}
	for _, orders := range a.orders {
		for _, i := range orders {
			if i.ClosedAt == nil && (movesMoney(i.Kind) || i.Kind == rail.Refund || i.Kind == rail.Payout || i.ObjectType == aboutDeposit) {
				open[accountCurrency{ledger.Clearing(i.Rail), i.Amount.Currency}] += i.Amount.Minor
			}
		}
	}
	for k, amount := range a.sums {
		if !k.account.IsClearing() {
			continue
		}
		a.report.Clearing = append(a.report.Clearing, wire.Clearing{Account: string(k.account), Amount: amount, Currency: string(k.currency)})
		if amount != open[k] {
			a.wrong(fmt.Sprintf("%s holds %s, with %s in flight", k.account, money.Of(amount, k.currency), money.Of(open[k], k.currency)))
		}
	}
	slices.SortFunc(a.report.Clearing, func(x, y wire.Clearing) int {
		return strings.Compare(x.Account+x.Currency, y.Account+y.Currency)
	})
}

// checkTotals: with nothing in flight the ledger's rail accounts mirror the
// rail's own balances.
func (a *audit) checkTotals() {
	if a.open != 0 || a.q.Books == nil {
		return
	}
	totals := map[string]int64{}
	for k, v := range a.totals {
		totals[k] = v
	}
	for k, amount := range a.sums {
		if name, ok := strings.CutPrefix(string(k.account), "rail:"); ok {
			totals[name+" "+string(k.currency)] += amount
		}
	}
	for name, out := range totals {
		if out != 0 {
			a.wrong(fmt.Sprintf("the rail's books and the ledger differ by %d on %s", out, name))
		}
	}
}
