package store

import (
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
)

var (
	insertPayout      = query("insert_payout")
	savePayout        = query("save_payout")
	payoutByID        = query("payout_by_id")
	payoutByReference = query("payout_by_reference")
	payoutsOlder      = query("payouts_older")
	payoutsNewer      = query("payouts_newer")
	payoutsOlderIn    = query("payouts_older_in_state")
	payoutsNewerIn    = query("payouts_newer_in_state")
	payoutsAfter      = query("payouts_after")
	payoutsAlike      = query("payouts_alike")

	spendDaily   = query("spend_daily")
	unspendDaily = query("unspend_daily")
	spentDaily   = query("spent_daily")
)

// InsertPayout writes a new payout; a Conflict of "insert_payout" means that its
// reference is taken.
func (t Tx) InsertPayout(p *payment.Payout) error {
	return t.s.Exec(insertPayout, One, p.ID, p.Business, p.Reference, string(p.State), p.Amount.Minor, string(p.Amount.Currency), p.Fee,
		string(p.FeePayer), p.Source.Minor, string(p.Source.Currency), p.Rail, p.Wallet, p.Fixed.Beneficiary.ID, failureText(p.Failure),
		p.Provider, p.Steps, p.Version, toJSON(p.Fixed), micros(p.CreatedAt), micros(p.UpdatedAt))
}

// SavePayout writes what may change of p, guarded by its version: else a Conflict of
// "save_payout".
func (t Tx) SavePayout(p *payment.Payout) error {
	return t.s.Exec(savePayout, One, string(p.State), failureText(p.Failure), p.Provider, p.Steps, micros(p.UpdatedAt), p.ID, p.Version)
}

// Payout reads one payout by id, whoever owns it; ErrNotFound.
func (v View) Payout(id string) (*payment.Payout, error) { return one(v, payoutByID, readPayout, id) }

// PayoutByReference reads one payout of a business; ErrNotFound.
func (v View) PayoutByReference(business, reference string) (*payment.Payout, error) {
	return one(v, payoutByReference, readPayout, business, reference)
}

// PayoutsOlder reads a page below pos, newest first; states nil means all. With several
// states it must be a Snapshot, or a payout that moves between them may be missed.
func (v View) PayoutsOlder(business string, pos Position, span Span, states []payment.PayoutState, limit int) ([]*payment.Payout, error) {
	pos = pos.below(span.To)
	if len(states) == 0 {
		return many(v, payoutsOlder, readPayout, business, micros(pos.At), pos.ID, micros(span.From), limit)
	}
	return inStates(states, limit, olderThan(placeOfPayout), func(state string) ([]*payment.Payout, error) {
		return many(v, payoutsOlderIn, readPayout, business, state, micros(pos.At), pos.ID, micros(span.From), limit)
	})
}

// PayoutsNewer reads a page above pos, oldest first.
func (v View) PayoutsNewer(business string, pos Position, span Span, states []payment.PayoutState, limit int) ([]*payment.Payout, error) {
	pos = pos.above(span.From)
	if len(states) == 0 {
		return many(v, payoutsNewer, readPayout, business, micros(pos.At), pos.ID, micros(span.To), limit)
	}
	return inStates(states, limit, newerThan(placeOfPayout), func(state string) ([]*payment.Payout, error) {
		return many(v, payoutsNewerIn, readPayout, business, state, micros(pos.At), pos.ID, micros(span.To), limit)
	})
}

func placeOfPayout(p *payment.Payout) Position { return Position{At: p.CreatedAt, ID: p.ID} }

// PayoutsAfter walks all payouts in the order of their ids, for the audit.
func (v View) PayoutsAfter(id string, limit int) ([]*payment.Payout, error) {
	return many(v, payoutsAfter, readPayout, id, limit)
}

// PayoutAlike reads the newest payout of a business to the same beneficiary over the
// same amount made after a moment that has neither failed nor come back; ErrNotFound.
func (v View) PayoutAlike(business, beneficiary string, amount money.Amount, after time.Time) (*payment.Payout, error) {
	return one(v, payoutsAlike, readPayout, business, micros(after), beneficiary, amount.Minor, string(amount.Currency))
}

// SpendDaily adds to what a business has paid out over a rail on the day of a moment; a
// Conflict of "spend_daily" means that the sum would exceed the limit, in minor units.
// What is spent at once must not exceed it.
func (t Tx) SpendDaily(business, rail string, at time.Time, minor, limit int64) error {
	return t.s.Exec(spendDaily, One, business, rail, dayOf(at), minor, limit)
}

// UnspendDaily takes it back from the sum of that day.
func (t Tx) UnspendDaily(business, rail string, at time.Time, minor int64) error {
	return t.s.Exec(unspendDaily, Any, minor, business, rail, dayOf(at))
}

// SpentDaily is the sum of the day of a moment, in minor units.
func (v View) SpentDaily(business, rail string, at time.Time) (int64, error) {
	n, err := one(v, spentDaily, readInt, business, rail, dayOf(at))
	if IsMissing(err) {
		return 0, nil
	}
	return n, err
}

// dayOf counts the days of UTC since 1970.
func dayOf(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

func readPayout(scan Scan) (*payment.Payout, error) {
	var p payment.Payout
	var state, currency, payer, source, beneficiary, failure, fixed string
	var created, updated int64
	err := scan(&p.ID, &p.Business, &p.Reference, &state, &p.Amount.Minor, &currency, &p.Fee, &payer, &p.Source.Minor, &source, &p.Rail,
		&p.Wallet, &beneficiary, &failure, &p.Provider, &p.Steps, &p.Version, &fixed, &created, &updated)
	if err != nil {
		return nil, err
	}
	p.State, p.FeePayer = payment.PayoutState(state), payment.FeePayer(payer)
	p.Amount.Currency, p.Source.Currency = money.Currency(currency), money.Currency(source)
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	if p.Failure, err = readFailure(failure); err != nil {
		return nil, err
	}
	return &p, fromJSON(fixed, &p.Fixed)
}
