package payment

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/problem"
)

// BulkState is the state of a bulk transfer, as people see it.
type BulkState string

// The states of a bulk transfer.
const (
	BulkCreated   BulkState = "created"
	BulkExecuting BulkState = "executing"
	BulkCompleted BulkState = "completed" // all items are final
	BulkCancelled BulkState = "cancelled" // what was sent by then runs on
	BulkExpired   BulkState = "expired"
)

// BulkStates lists all of them.
var BulkStates = []BulkState{BulkCreated, BulkExecuting, BulkCompleted, BulkCancelled, BulkExpired}

var nextBulk = map[BulkState]map[Event]BulkState{
	BulkCreated:   {Submit: BulkExecuting, Cancel: BulkCancelled, Expire: BulkExpired},
	BulkExecuting: {Settle: BulkCompleted, Cancel: BulkCancelled},
}

// NextBulk is the state after e, or false if e cannot happen in s.
func NextBulk(s BulkState, e Event) (BulkState, bool) {
	to, ok := nextBulk[s][e]
	return to, ok
}

// Final reports whether the state never changes again.
func (s BulkState) Final() bool { return len(nextBulk[s]) == 0 }

// ItemState is the state of an item of a bulk transfer, as people see it.
type ItemState string

// The states of an item. The store keeps the first two and those of items that never
// became payouts; what becomes of a processing one is what becomes of its payout.
const (
	ItemPending    ItemState = "pending"
	ItemProcessing ItemState = "processing" // it is a payout
	ItemSucceeded  ItemState = "succeeded"
	ItemFailed     ItemState = "failed"
	ItemReversed   ItemState = "reversed"
	ItemCancelled  ItemState = "cancelled"
)

// ItemStates lists all of them.
var ItemStates = []ItemState{ItemPending, ItemProcessing, ItemSucceeded, ItemFailed, ItemReversed, ItemCancelled}

var nextItem = map[ItemState]map[Event]ItemState{
	ItemPending:    {Submit: ItemProcessing, Decline: ItemFailed, Cancel: ItemCancelled, Expire: ItemCancelled},
	ItemProcessing: {Approve: ItemSucceeded, Decline: ItemFailed},
	ItemSucceeded:  {Reverse: ItemReversed},
}

// NextItem is the state after e, or false if e cannot happen in s.
func NextItem(s ItemState, e Event) (ItemState, bool) {
	to, ok := nextItem[s][e]
	return to, ok
}

// ItemOf is the state of an item whose payout stands so.
func ItemOf(s PayoutState) ItemState {
	switch s {
	case PayoutSucceeded:
		return ItemSucceeded
	case PayoutFailed:
		return ItemFailed
	case PayoutReversed:
		return ItemReversed
	default:
		return ItemProcessing
	}
}

// Tally is how many items of a bulk transfer stand how, or by how much that changes.
type Tally struct {
	Succeeded int64
	Failed    int64 // reversed ones among them
	Open      int64 // not final; none before the bulk transfer is executed
}

// Counts is how the tally changes when an item's payout has come to a state.
func Counts(s PayoutState) Tally {
	switch s {
	case PayoutSucceeded:
		return Tally{Succeeded: 1, Open: -1}
	case PayoutFailed:
		return Tally{Failed: 1, Open: -1}
	case PayoutReversed:
		return Tally{Succeeded: -1, Failed: 1}
	default:
		return Tally{}
	}
}

// Bulk is a list of payouts that are ordered together.
type Bulk struct {
	ID         string
	Business   string
	Reference  string
	State      BulkState
	Version    int64
	Items      int64
	Totals     map[money.Currency]int64 // of the items' amounts
	Given      string                   // what was ordered at its creation, see Ordered; "" if nothing was
	Fixed      BulkFixed
	Tally      Tally
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ExpiresAt  time.Time
	ExecutedAt *time.Time // nil: never
}

// BulkFixed is what a bulk transfer was made with; it never changes.
type BulkFixed struct {
	Description string          `json:"description,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
}

// Outcome answers "did money move?" for the bulk transfer as a whole. While anything of
// it is on its way, that is not known yet, also of one that was cancelled meanwhile.
func (b *Bulk) Outcome() problem.Outcome {
	switch {
	case b.State == BulkExecuting || b.Tally.Open > 0:
		return problem.Pending
	case b.Tally.Succeeded > 0:
		return problem.Succeeded
	case b.State == BulkCompleted || b.Tally.Failed > 0:
		return problem.Refused
	default:
		return problem.NotAttempted
	}
}

// Over reports whether nothing about the bulk transfer is on its way any more, and
// nothing will be.
func (b *Bulk) Over() bool { return b.State.Final() && b.Tally.Open == 0 }

// Retry is the money block's advice.
func (b *Bulk) Retry() problem.Retry {
	if b.Outcome() == problem.Pending {
		return problem.LookAfter(lookAgainMS)
	}
	return problem.Never()
}

// Add counts new items.
func (b *Bulk) Add(items ...*BulkItem) {
	totals := map[money.Currency]int64{}
	for c, sum := range b.Totals {
		totals[c] = sum
	}
	for _, i := range items {
		totals[i.Amount.Currency] += i.Amount.Minor
	}
	b.Totals, b.Items = totals, b.Items+int64(len(items))
}

// BulkItem is one payout of a bulk transfer. All amounts are in the currency of Amount.
type BulkItem struct {
	ID        string // also of the payout it becomes
	Bulk      string
	Business  string
	Number    int64 // its place, from 1
	Reference string
	State     ItemState // as the store keeps it
	Amount    money.Amount
	Source    money.Currency
	Fee       int64
	FeePayer  FeePayer
	Rail      string
	Wallet    string // that holds the money once the bulk transfer is executed
	Failure   *Failure
	Fixed     ItemFixed
	CreatedAt time.Time

	Payout        PayoutState // "" while there is none
	PayoutFailure *Failure
}

// ItemFixed is what an item was made with; it never changes.
type ItemFixed struct {
	Beneficiary    Payee  `json:"beneficiary"`
	Description    string `json:"description,omitempty"`
	AllowDuplicate bool   `json:"allow_duplicate,omitempty"`
}

// Standing is the state as people see it, and why it failed.
func (i *BulkItem) Standing() (ItemState, *Failure) {
	if i.State == ItemProcessing && i.Payout != "" {
		return ItemOf(i.Payout), i.PayoutFailure
	}
	return i.State, i.Failure
}

// Exchanged reports whether the money must be exchanged first.
func (i *BulkItem) Exchanged() bool { return i.Source != i.Amount.Currency }

// Order is the payout that the item becomes.
func (i *BulkItem) Order() *Payout {
	p := &Payout{ID: i.ID, Business: i.Business, Reference: i.Reference, Amount: i.Amount, Fee: i.Fee, FeePayer: i.FeePayer, Rail: i.Rail, Wallet: i.Wallet,
		State: PayoutPending, Fixed: PayoutFixed{Beneficiary: i.Fixed.Beneficiary, Description: i.Fixed.Description, Bulk: i.Bulk}}
	p.Source = p.Holds()
	return p
}

// Holds is what is held for the item, its fee included.
func (i *BulkItem) Holds() money.Amount { return i.Order().Holds() }

// Differs reports whether two items under one reference order something else.
func (i *BulkItem) Differs(from *BulkItem) bool {
	a, b := i.Order(), from.Order()
	a.Source, b.Source = money.Of(0, i.Source), money.Of(0, from.Source)
	return len(a.Differs(b)) > 0
}

// ReleasesOf sums what is held for items up, by wallet; exchanged ones are left out:
// their exchange is undone one by one.
func ReleasesOf(items []*BulkItem) map[string]money.Amount {
	sums := map[string]money.Amount{}
	for _, i := range items {
		if !i.Exchanged() {
			sums[i.Wallet] = money.Of(sums[i.Wallet].Minor+i.Holds().Minor, i.Amount.Currency)
		}
	}
	return sums
}

// DailyOf sums up what items take of the day's sums, by rail.
func DailyOf(items []*BulkItem) map[string]int64 {
	sums := map[string]int64{}
	for _, i := range items {
		if r, _ := PayoutRailByName(i.Rail); r.Daily > 0 {
			sums[i.Rail] += i.Amount.Minor
		}
	}
	return sums
}

// RailsOf lists the rails of items, each once, sorted.
func RailsOf(items []*BulkItem) (names []string) {
	for _, i := range items {
		if !slices.Contains(names, i.Rail) {
			names = append(names, i.Rail)
		}
	}
	slices.Sort(names)
	return names
}
