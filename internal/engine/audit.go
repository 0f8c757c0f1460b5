package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/exchange"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// Expected is what a caller believes about one of its requests.
type Expected struct {
	Amount    money.Amount
	Kind      string // payment, payout, refund
	Reference string
	Result    string // succeeded, failed, unknown
}

// AuditRequest is what to audit against.
type AuditRequest struct {
	Business string     // whose references Expected names
	Books    rail.Books // nil: the rail offers no statement
	Expected []Expected
	Wait     time.Duration // of real time: first wait until nothing is in flight
}

const auditPage = 1000 // rows read at once

// bookedWithin is how long money may have come without a deposit of ours, should its
// rail have been down.
const bookedWithin = 24 * time.Hour

// Audit compares intents, ledger, the rail's books and what the caller believes.
func (e *Engine) Audit(ctx context.Context, q AuditRequest) (wire.Audit, error) {
	until := world.RealNow().Add(q.Wait)
	for {
		open, err := e.OpenInstructions(ctx)
		if err != nil {
			return wire.Audit{}, err
		}
		if open == 0 || !world.RealNow().Before(until) {
			report, err := e.auditOnce(ctx, q)
			if err != nil || report.InFlight == 0 || !world.RealNow().Before(until) {
				return report, err
			}
		}
		if err := world.Sleep(ctx, sealEvery); err != nil {
			return wire.Audit{}, err
		}
	}
}

func (e *Engine) auditOnce(ctx context.Context, q AuditRequest) (wire.Audit, error) {
	a := &audit{e: e, q: q, report: wire.Audit{CheckedAt: wire.At(e.now()), Findings: []wire.Finding{}, Clearing: []wire.Clearing{}}}
	for _, part := range []func(context.Context) error{a.seal, a.readOurs, a.readTheirs, a.compare} {
		if err := part(ctx); err != nil {
			return a.report, fmt.Errorf("audit: %w", err)
		}
	}
	a.finish()
	return a.report, nil
}

// audit is one comparison under way.
type audit struct {
	e      *Engine
	q      AuditRequest
	report wire.Audit

	payments map[string]*payment.Payment
	refunds  map[string]*payment.Refund
	payouts  map[string]*payment.Payout
	bulks    map[string]*bulkInAudit
	items    map[string]*payment.BulkItem    // of bulk transfers
	orders   map[string][]*store.Instruction // by object
	deals    map[string]*exchange.Deal

	deposits  map[string]*deposit.Deposit
	transfers map[transferName]*deposit.Deposit
	partsOf   map[string][]*deposit.Deposit // by payment

	moves     []wallet.Transaction
	refundsOf map[string][]*payment.Refund   // by payment
	entries   map[string][]store.SealedEntry // by object
	byID      map[string]store.SealedEntry
	sums      map[accountCurrency]int64
	sealed    map[accountCurrency]int64
	balances  []store.Balance
	seals     []store.Seal
	open      int64
	theirs    map[string][]rail.Entry // by object
	totals    map[string]int64        // the rail's balance by rail and currency
}

type accountCurrency struct {
	account  ledger.Account
	currency money.Currency
}

func (a *audit) seal(ctx context.Context) error {
	for {
		n, err := a.e.Seal(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// readOurs reads everything of ours as of one commit. It comes before the rail's
// books: what we call executed must then be in them.
func (a *audit) readOurs(ctx context.Context) error {
	a.payments, a.refunds, a.refundsOf = map[string]*payment.Payment{}, map[string]*payment.Refund{}, map[string][]*payment.Refund{}
	a.orders, a.entries, a.byID = map[string][]*store.Instruction{}, map[string][]store.SealedEntry{}, map[string]store.SealedEntry{}
	a.deposits, a.transfers, a.partsOf = map[string]*deposit.Deposit{}, map[transferName]*deposit.Deposit{}, map[string][]*deposit.Deposit{}
	a.sums, a.sealed = map[accountCurrency]int64{}, map[accountCurrency]int64{}
	return a.e.Store.Snapshot(ctx, func(v store.View) error {
		for _, read := range []func(store.View) error{a.readPayments, a.readRefunds, a.readPayouts, a.readBulks, a.readDeposits, a.readOrders, a.readMoves,
			a.readDeals, a.readEntries, a.readSeals, a.readCounts, a.readUndelivered} {
			if err := read(v); err != nil {
				return err
			}
		}
		return nil
	})
}

// walk reads a table page by page in the order of its key.
func walk[T any](read func(after string, limit int) ([]T, error), key func(T) string, each func(T)) error {
	after := ""
	for {
		rows, err := read(after, auditPage)
		if err != nil {
			return err
		}
		for _, row := range rows {
			each(row)
		}
		if len(rows) < auditPage {
			return nil
		}
		after = key(rows[len(rows)-1])
	}
}

func (a *audit) readPayments(v store.View) error {
	return walk(v.PaymentsAfter, func(p *payment.Payment) string { return p.ID }, func(p *payment.Payment) { a.payments[p.ID] = p })
}

func (a *audit) readRefunds(v store.View) error {
	return walk(v.RefundsAfter, func(r *payment.Refund) string { return r.ID }, func(r *payment.Refund) {
		a.refunds[r.ID] = r
		a.refundsOf[r.PaymentID] = append(a.refundsOf[r.PaymentID], r)
	})
}

func (a *audit) readOrders(v store.View) error {
	return walk(v.InstructionsAfter, func(i *store.Instruction) string { return i.Ref }, func(i *store.Instruction) {
		a.orders[i.ObjectID] = append(a.orders[i.ObjectID], i)
		if i.ClosedAt == nil {
			a.open++
		}
	})
}

func (a *audit) readEntries(v store.View) error {
	return walk(v.EntriesAfter, func(e store.SealedEntry) string { return e.ID }, func(e store.SealedEntry) {
		a.entries[e.Object] = append(a.entries[e.Object], e)
		a.byID[e.ID] = e
		for _, p := range e.Postings {
			k := accountCurrency{p.Account, p.Currency}
			a.sums[k] += p.Amount
			if e.Seq > 0 {
				a.sealed[k] += p.Amount
			}
			a.report.Counts.Postings++
		}
	})
}

func (a *audit) readSeals(v store.View) error {
	var after int64
	for {
		seals, err := v.SealsAfter(after, auditPage)
		if err != nil {
			return err
		}
		a.seals = append(a.seals, seals...)
		if len(seals) < auditPage {
			return nil
		}
		after = seals[len(seals)-1].Seq
	}
}

func (a *audit) readCounts(v store.View) (err error) {
	c := &a.report.Counts
	c.Payments, c.Refunds, c.Payouts, c.Expected = int64(len(a.payments)), int64(len(a.refunds)), int64(len(a.payouts)), int64(len(a.q.Expected))
	c.Deposits = int64(len(a.deposits))
	if c.Events, err = v.CountEvents(); err != nil {
		return err
	}
	if c.Deliveries, err = v.CountDeliveries(); err != nil {
		return err
	}
	if c.Requests, err = v.CountRequests(); err != nil {
		return err
	}
	strays, err := v.CountStrayPostings()
	if err != nil {
		return err
	}
	if strays > 0 {
		a.wrong(fmt.Sprintf("%d postings belong to no entry", strays))
	}
	a.balances, err = v.Balances()
	return err
}

// readUndelivered lists the events that are due and that no active endpoint has
// accepted. They are no fault: they are tried again, or wait in GET /events.
func (a *audit) readUndelivered(v store.View) error {
	read := func(after string, limit int) ([]store.Undelivered, error) {
		return v.UndeliveredAfter(after, a.e.now(), limit)
	}
	return walk(read, func(u store.Undelivered) string { return u.EventID }, func(u store.Undelivered) {
		a.report.Findings = append(a.report.Findings, wire.Finding{Kind: wire.Undelivered, ID: wire.OrNull(u.EventID),
			Detail: fmt.Sprintf("event %d, %s, was accepted by no active endpoint yet", u.Sequence, u.Event)})
	})
}

// readTheirs reads the rail's own books.
func (a *audit) readTheirs(ctx context.Context) error {
	a.theirs, a.totals = map[string][]rail.Entry{}, map[string]int64{}
	if a.q.Books == nil {
		a.report.Unavailable = []string{"rail books"}
		return nil
	}
	var after int64
	for {
		rows, err := a.q.Books.Statement(ctx, rail.Filter{After: after, Limit: auditPage})
		if err != nil {
			return fmt.Errorf("read the rail's books: %w", err)
		}
		for _, row := range rows {
			if !a.arrived(row) {
				object, _, _ := strings.Cut(row.Ref, "/")
				a.theirs[object] = append(a.theirs[object], row)
			}
			a.totals[row.Rail+" "+row.Currency] += signed(row)
			if row.Kind == "execution" {
				a.report.Counts.Executions++
			}
		}
		if len(rows) < auditPage {
			return nil
		}
		after = rows[len(rows)-1].Number
	}
}

func signed(r rail.Entry) int64 {
	if r.Direction == "out" {
		return -r.Amount
	}
	return r.Amount
}

func (a *audit) finish() {
	r := &a.report
	slices.SortFunc(r.Findings, func(x, y wire.Finding) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(deref(x.ID), deref(y.ID)), cmp.Compare(x.Detail, y.Detail))
	})
	r.Totals = map[string]int{}
	for _, kind := range wire.FindingKinds {
		r.Totals[kind] = 0
	}
	for _, f := range r.Findings {
		r.Totals[f.Kind]++
	}
	r.InFlight = a.open
	r.Clean = r.InFlight == 0 && r.Totals[wire.Lost]+r.Totals[wire.Doubled]+r.Totals[wire.Orphaned]+r.Totals[wire.Unbalanced] == 0
	sum := sha256.Sum256(wire.Marshal(*r))
	r.Digest = hex.EncodeToString(sum[:])
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
