package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
)

// ExecuteBulk holds the whole sum of a bulk transfer, fees included, in one commit with
// the order to pay it out; a job makes a payout of each item then. Executing again gives
// the present state. It raises not_found, bulk_transfer_not_open, bulk_transfer_empty,
// incorrect_payout_pin, rail_unavailable, insufficient_funds, wallet_not_active,
// limit_exceeded.
func (e *Engine) ExecuteBulk(ctx context.Context, c *Call, key, pin string) (Reply, error) {
	var out Reply
	allowed := false // a PIN is slow to check on purpose: once will do
	err := e.optimistic(ctx, object{aboutBulk, key}, func() error {
		b, err := e.FindBulk(ctx, c.Business, key)
		if err != nil {
			return err
		}
		c.Trace.About(aboutBulk, b.ID)
		if b.State == payment.BulkExecuting || b.State == payment.BulkCompleted {
			out, err = e.standingBulk(ctx, c, b.ID, false)
			return err
		}
		if err := e.mayExecute(ctx, b, pin, &allowed); err != nil {
			return err
		}
		out, err = e.executeOnce(ctx, c, b.ID)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) mayExecute(ctx context.Context, b *payment.Bulk, pin string, allowed *bool) error {
	if err := e.open(b); err != nil {
		return err
	}
	if b.Items == 0 {
		return problem.BulkTransferEmpty.With(nil)
	}
	if *allowed {
		return nil
	}
	err := e.CheckPIN(ctx, b.Business, pin)
	*allowed = err == nil
	return err
}

func (e *Engine) executeOnce(ctx context.Context, c *Call, bulkID string) (Reply, error) {
	b, items, err := e.bulkAndItems(ctx, bulkID)
	if err != nil {
		return Reply{}, err
	}
	if err := e.open(b); err != nil {
		return Reply{}, err
	}
	h, err := e.planHold(ctx, b, items)
	if err != nil {
		return Reply{}, err
	}
	b.State, _ = payment.NextBulk(b.State, payment.Submit)
	b.UpdatedAt, b.ExecutedAt, b.Tally.Open = h.at, &h.at, b.Items
	out := e.replyOfBulk(b, items)
	e.crash("before bulk hold")
	err = e.commit(ctx, c, object{aboutBulk, b.ID}, &out, func(tx store.Tx) error {
		if err := h.write(tx, e); err != nil {
			return err
		}
		if err := tx.SaveBulk(b); err != nil {
			return err
		}
		if err := tx.CountBulk(b.ID, payment.Tally{Open: b.Items}, h.at); err != nil {
			return err
		}
		return tx.Schedule(aboutBulk, b.ID, b.Business, h.at)
	})
	e.crash("after bulk hold")
	if err == nil {
		c.Trace.Step("commit", string(b.State))
	}
	return out, e.whyNotHeld(ctx, h, err)
}

// hold is the money of a whole bulk transfer on its way to be held.
type hold struct {
	bulk  *payment.Bulk
	at    time.Time
	sums  map[string]money.Amount // by wallet
	deals []*holdDeal
	daily map[string]int64 // by rail
}

// holdDeal is the exchange that an item needs.
type holdDeal struct {
	item   *payment.BulkItem
	origin string // the wallet that gives
	deal   *Exchanged
}

// planHold works out what is to be held; nothing is written. It raises rail_unavailable.
func (e *Engine) planHold(ctx context.Context, b *payment.Bulk, items []*payment.BulkItem) (*hold, error) {
	for _, rail := range payment.RailsOf(items) {
		if err := e.lineUp(ctx, rail); err != nil {
			return nil, err
		}
	}
	h := &hold{bulk: b, at: e.now(), sums: payment.ReleasesOf(items), daily: payment.DailyOf(items)}
	for _, i := range items {
		if !i.Exchanged() {
			continue
		}
		d, err := e.ExchangeFor(ctx, b.Business, i.ID, i.Holds(), i.Source, "")
		if err != nil {
			return nil, err
		}
		origin, err := e.walletOf(ctx, b.Business, i.Source)
		if err != nil {
			return nil, err
		}
		h.deals = append(h.deals, &holdDeal{i, origin, d})
	}
	return h, e.fitsToday(ctx, h)
}

// fitsToday raises limit_exceeded for sums that exceed what is left of the day.
func (e *Engine) fitsToday(ctx context.Context, h *hold) error {
	for name, sum := range h.daily {
		rail, _ := payment.PayoutRailByName(name)
		left, err := e.leftToday(ctx, rail, h.bulk.Business, h.at)
		if err != nil {
			return err
		}
		if sum > left {
			return exceeds(rail, sum, left, h.at)
		}
	}
	return nil
}

// exceeds is limit_exceeded for a sum that does not fit into the day: another day has room,
// unless it is more than any day has.
func exceeds(rail payment.PayoutRail, sum, left int64, at time.Time) error {
	resets := at.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	short := problem.LimitExceeded.With(problem.Details{"limit": rail.Daily, "period": "daily", "remaining": left, "resets_at": resets})
	if sum > rail.Daily {
		return short.Say(fmt.Sprintf("The daily limit is %d, and the items need %d: divide them into several bulk transfers.", rail.Daily, sum)).Advise(problem.Never())
	}
	return short.Advise(problem.WaitUntil(problem.NewKey, at, resets))
}

// write holds the money inside the transaction that says so. Wallets come in one order,
// so that two executions at once do not wait for each other.
func (h *hold) write(tx store.Tx, e *Engine) error {
	for _, wallet := range sortedWallets(h.sums) {
		sum := h.sums[wallet]
		if err := tx.Post(e.entry(h.bulk.Business, "bulk.accepted", h.bulk.ID, "", ledger.Move(ledger.Wallet(wallet), ledger.Held(wallet), sum))); err != nil {
			return err
		}
	}
	for _, d := range h.deals {
		if err := d.deal.Book(tx, e, ledger.Wallet(d.origin), ledger.Held(d.item.Wallet)); err != nil {
			return err
		}
	}
	for name, sum := range h.daily {
		rail, _ := payment.PayoutRailByName(name)
		if err := tx.SpendDaily(h.bulk.Business, name, h.at, sum, rail.Daily); err != nil {
			return err
		}
	}
	return nil
}

func sortedWallets(sums map[string]money.Amount) []string {
	var ids []string
	for wallet := range sums {
		ids = append(ids, wallet)
	}
	slices.Sort(ids)
	return ids
}

// needs is what the hold takes of each wallet, exchanges included.
func (h *hold) needs() map[string]money.Amount {
	out := map[string]money.Amount{}
	for wallet, sum := range h.sums {
		out[wallet] = sum
	}
	for _, d := range h.deals {
		source := d.deal.Terms.Source
		out[d.origin] = money.Of(out[d.origin].Minor+source.Minor, source.Currency)
	}
	return out
}

// whyNotHeld turns the Conflicts of a hold into what a caller is told.
func (e *Engine) whyNotHeld(ctx context.Context, h *hold, err error) error {
	switch {
	case store.Lost(err, "spend_daily"):
		if short := e.fitsToday(ctx, h); short != nil {
			return short
		}
		return &store.Conflict{Query: "save_bulk"}
	case !store.Lost(err, "change_guarded_balance"):
		return err
	}
	needs := h.needs()
	for _, wallet := range sortedWallets(needs) {
		if short := e.Standing(ctx, wallet, needs[wallet]); !store.Lost(short) {
			return short
		}
	}
	return &store.Conflict{Query: "save_bulk"} // there is enough by now: worth another try
}
