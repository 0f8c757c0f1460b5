package engine

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutPayout is the kind of object that a payout is.
const aboutPayout = "payout"

// NewPayout asks to send money to a beneficiary; its fields are well formed.
type NewPayout struct {
	Amount         money.Amount // as ordered, in the destination currency
	Source         money.Currency
	Beneficiary    string // id
	Type           party.BeneficiaryType
	Reference      string
	Description    string
	FeePayer       payment.FeePayer
	QuoteID        string // "" for the rate of the moment
	PIN            string // "" if none was sent
	Metadata       []byte // canonical JSON, nil if none was given
	AllowDuplicate bool
}

// Draft is a payout that may be made: everything was checked but what only the
// transaction can tell. Its three steps belong into one transaction, or the money was
// held before; Spend and Hold give Conflicts that WhyNot explains.
type Draft struct {
	Payout *payment.Payout
	rail   payment.PayoutRail
	deal   *Exchanged // nil: source and destination are one currency
}

// CreatePayout orders a payout: its money is held, a job sends it. The same reference
// with the same money again gives the first one. It raises incorrect_payout_pin, what
// DraftPayout raises, probable_duplicate, limit_exceeded, insufficient_funds,
// wallet_not_active, reference_exists.
func (e *Engine) CreatePayout(ctx context.Context, c *Call, in NewPayout) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutPayout, in.Reference}, func() (err error) {
		out, err = e.payoutOnce(ctx, c, in)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) payoutOnce(ctx context.Context, c *Call, in NewPayout) (Reply, error) {
	if out, err := e.samePayout(ctx, c, in); out != nil || err != nil {
		return orNothing(out), err
	}
	if err := e.CheckPIN(ctx, c.Business, in.PIN); err != nil {
		return Reply{}, err
	}
	d, err := e.DraftPayout(ctx, c.Business, in)
	if err != nil {
		return Reply{}, err
	}
	if !in.AllowDuplicate {
		if err := e.guardPayout(ctx, d.Payout); err != nil {
			return Reply{}, err
		}
	}
	out, err := e.writePayout(ctx, c, d)
	if store.Lost(err, "insert_payout") {
		return out, &store.Conflict{Query: "save_payout"} // its reference was taken at this moment: look again
	}
	return out, e.WhyNot(ctx, d, err)
}

// writePayout commits the payout, its hold, the call's reply, and that it is to be sent.
func (e *Engine) writePayout(ctx context.Context, c *Call, d *Draft) (Reply, error) {
	out := e.madePayout(d.Payout)
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := e.claim(tx, c, object{aboutPayout, d.Payout.ID}, &out); err != nil {
			return err
		}
		for _, do := range []func(store.Tx, *Engine) error{d.Insert, d.Spend, d.Hold} {
			if err := do(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	c.finished(err)
	if c.Begun() { // a payout that was refused is none, and nobody must look for it
		c.Trace.About(aboutPayout, d.Payout.ID)
	}
	if err == nil {
		c.Trace.Step("commit", string(d.Payout.State))
		e.bump()
	}
	return out, err
}

// samePayout answers a repetition under the same reference; nil if there is none.
func (e *Engine) samePayout(ctx context.Context, c *Call, in NewPayout) (*Reply, error) {
	var first *payment.Payout
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		first, err = v.PayoutByReference(c.Business, in.Reference)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.Trace.About(aboutPayout, first.ID)
	if differs := first.Differs(in.ordered()); len(differs) > 0 {
		return nil, referenceTaken(differs, first.ID, first.Reference, wire.PayoutStatus(first.State), aboutPayout)
	}
	out, err := e.keep(ctx, c, object{aboutPayout, first.ID}, e.madePayout(first).replayed())
	return &out, err
}

// ordered is the payout as far as the request alone tells.
func (in NewPayout) ordered() *payment.Payout {
	p := &payment.Payout{Reference: in.Reference, Amount: in.Amount, FeePayer: in.FeePayer, Source: money.Of(0, in.Source), State: payment.PayoutPending}
	p.Fixed = payment.PayoutFixed{Beneficiary: payment.Payee{ID: id.Fold(in.Beneficiary)}, Description: in.Description, Metadata: in.Metadata}
	return p
}

// CheckPIN raises incorrect_payout_pin if the business has a PIN and this is another.
func (e *Engine) CheckPIN(ctx context.Context, business, pin string) error {
	set, right, err := e.PayoutPIN(ctx, business, pin)
	if err == nil && set && !right {
		err = problem.IncorrectPayoutPIN.With(nil)
	}
	return err
}

// DraftPayout checks a payout and works it out; nothing is written. It raises
// invalid_beneficiary, invalid_currency, invalid_amount, rail_unavailable, and for the
// quote not_found, quote_expired, quote_mismatch, quote_already_used.
func (e *Engine) DraftPayout(ctx context.Context, business string, in NewPayout) (*Draft, error) {
	b, err := e.BeneficiaryFor(ctx, business, in.Beneficiary, in.Type, in.Amount.Currency)
	if err != nil {
		return nil, err
	}
	d := &Draft{Payout: in.ordered()}
	d.rail, _ = payment.PayoutRailByName(b.RailName())
	if err := d.rail.AdmitPayout(in.Amount, in.FeePayer); err != nil {
		return nil, err
	}
	if err := e.lineUp(ctx, d.rail.Name); err != nil {
		return nil, err
	}
	p, now := d.Payout, e.now()
	p.ID, p.Business, p.Rail, p.Fee, p.CreatedAt, p.UpdatedAt = e.IDs.New(), business, d.rail.Name, d.rail.Fee, now, now
	p.Fixed.Beneficiary = payeeOf(b)
	if p.Wallet, err = e.walletOf(ctx, business, in.Amount.Currency); err != nil {
		return nil, err
	}
	return d, e.price(ctx, d, in)
}

// price works out what leaves the wallet.
func (e *Engine) price(ctx context.Context, d *Draft, in NewPayout) (err error) {
	p := d.Payout
	p.Source, p.Fixed.Origin = p.Holds(), ""
	if in.Source == p.Amount.Currency && in.QuoteID == "" {
		return nil
	}
	if err := admitSource(in.Source, p.Amount.Currency); err != nil {
		return err
	}
	if d.deal, err = e.ExchangeFor(ctx, p.Business, p.ID, p.Holds(), in.Source, in.QuoteID); err != nil {
		return err
	}
	p.Source, p.Fixed.Rate = d.deal.Terms.Source, d.deal.Rate
	p.Fixed.Origin, err = e.walletOf(ctx, p.Business, in.Source)
	return err
}

// admitSource: stablecoins are paid for in dollars or in the same token alone.
func admitSource(source, destination money.Currency) error {
	if destination != money.USDT && destination != money.USDC || source == money.USD || source == destination {
		return nil
	}
	return problem.InvalidCurrency.With(problem.Details{"allowed": []money.Currency{money.USD, destination}, "currency": source,
		"method": "payouts in " + string(destination)})
}

// lineUp raises rail_unavailable if nothing can be sent over the rail now.
func (e *Engine) lineUp(ctx context.Context, name string) error {
	r := e.Payouts[name]
	if r == nil {
		return problem.RailUnavailable.With(problem.Details{"rail": name, "reason": "not_configured"})
	}
	return reachable(ctx, r, name)
}

func payeeOf(b *party.Beneficiary) payment.Payee {
	d := b.Details
	code := d.BankCode
	if code == "" {
		code = d.RoutingNumber
	}
	return payment.Payee{ID: b.ID, Type: string(b.Type), AccountName: d.AccountName, AccountNumber: d.AccountNumber, BankCode: code, BankName: d.BankName,
		Chain: d.Chain, Address: d.CryptoAddress, Email: d.Email, FirstName: d.FirstName, LastName: d.LastName}
}

// guardPayout raises probable_duplicate if the operator switched the guard on.
func (e *Engine) guardPayout(ctx context.Context, p *payment.Payout) error {
	return e.guardTwins("payouts", func(since time.Time) (t twin, err error) {
		err = e.Store.Read(ctx, func(v store.View) error {
			p, err := v.PayoutAlike(p.Business, p.Fixed.Beneficiary.ID, p.Amount, since)
			if err == nil {
				t = twin{p.CreatedAt, p.ID, p.Reference, wire.PayoutStatus(p.State)}
			}
			return err
		})
		return t, err
	})
}

// Insert writes the payout and that it is to be sent. A Conflict of "insert_payout"
// means that its reference is taken.
func (d *Draft) Insert(tx store.Tx, e *Engine) error {
	if err := tx.InsertPayout(d.Payout); err != nil {
		return err
	}
	return tx.Schedule(aboutPayout, d.Payout.ID, d.Payout.Business, d.Payout.CreatedAt)
}

// Spend takes the payout's part of the day's sum, where its rail has one.
func (d *Draft) Spend(tx store.Tx, _ *Engine) error {
	if d.rail.Daily == 0 {
		return nil
	}
	p := d.Payout
	return tx.SpendDaily(p.Business, p.Rail, p.CreatedAt, p.Amount.Minor, d.rail.Daily)
}

// Hold holds amount and fee: from the wallet of the same currency, or by an exchange
// from that of another.
func (d *Draft) Hold(tx store.Tx, e *Engine) error {
	p := d.Payout
	if d.deal != nil {
		return d.deal.Book(tx, e, ledger.Wallet(p.Fixed.Origin), ledger.Held(p.Wallet))
	}
	return tx.Post(e.entry(p.Business, "payout.accepted", p.ID, "", ledger.Move(ledger.Wallet(p.Wallet), ledger.Held(p.Wallet), p.Holds())))
}

// WhyNot turns the Conflicts of a draft's steps into what a caller is told; other errors
// stay as they are.
func (e *Engine) WhyNot(ctx context.Context, d *Draft, err error) error {
	p := d.Payout
	switch {
	case store.Lost(err, "change_guarded_balance") && p.Exchanged():
		return e.Standing(ctx, p.Fixed.Origin, p.Source)
	case store.Lost(err, "change_guarded_balance"):
		return e.Standing(ctx, p.Wallet, p.Source)
	case store.Lost(err, "spend_daily"):
		return e.spentToday(ctx, d.rail, p)
	}
	return err
}

// spentToday is limit_exceeded for a payout that does not fit into the day, or a lost
// race if it does by now.
func (e *Engine) spentToday(ctx context.Context, r payment.PayoutRail, p *payment.Payout) error {
	left, err := e.leftToday(ctx, r, p.Business, p.CreatedAt)
	switch {
	case err != nil:
		return err
	case p.Amount.Minor <= left:
		return &store.Conflict{Query: "save_payout"}
	}
	return exceeds(r, p.Amount.Minor, left, p.CreatedAt)
}

// leftToday is what a business may still pay out over a rail on the day of a moment.
func (e *Engine) leftToday(ctx context.Context, r payment.PayoutRail, business string, at time.Time) (left int64, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		sum, err := v.SpentDaily(business, r.Name, at)
		left = max(r.Daily-sum, 0)
		return err
	})
	return left, err
}

// sendPayout commits that the rail is about to be told, and tells it.
func (e *Engine) sendPayout(ctx context.Context, p *payment.Payout) error {
	p.State, _ = payment.NextPayout(p.State, payment.Submit)
	p.Steps, p.UpdatedAt = 1, e.now()
	a := &attempt{rail: p.Rail, about: object{aboutPayout, p.ID}, order: payoutOrder(p)}
	ins := e.intend(p.Business, a.about, a.rail, a.order, p.UpdatedAt)
	err := e.begin(ctx, a, ins, string(p.State), func(tx store.Tx) error {
		if err := tx.SavePayout(p); err != nil {
			return err
		}
		return tx.Post(e.entry(p.Business, "payout.sent", p.ID, ins.Ref, ledger.Move(ledger.Held(p.Wallet), ledger.Clearing(ins.Rail), ins.Amount)))
	})
	if store.Lost(err, races...) {
		return nil // somebody else is at it: the job comes back if there is anything left to do
	}
	if err == nil {
		e.start(a)
	}
	return err
}

// payoutOrder is the instruction of a payout.
func payoutOrder(p *payment.Payout) rail.Instruction {
	b, amount := p.Fixed.Beneficiary, p.Sends()
	to := &rail.Payee{Account: b.AccountNumber, BankCode: b.BankCode, Name: b.AccountName}
	switch party.BeneficiaryType(b.Type) {
	case party.ToInterac:
		to.Account, to.Name = b.Email, b.FirstName+" "+b.LastName
	case party.ToCrypto:
		to.Account = b.Address
	}
	return rail.Instruction{Ref: step(p.ID, 1), Kind: rail.Payout, Amount: amount.Minor, Currency: string(amount.Currency), Payee: to}
}

// attendPayout does what is due about a payout on which no rail has the word.
func (e *Engine) attendPayout(ctx context.Context, p *payment.Payout) error {
	switch p.State {
	case payment.PayoutPending:
		return e.sendPayout(ctx, p)
	case payment.PayoutSucceeded: // it was executed and has come back: the second half of the news
		return e.askAgain(ctx, PayoutRef(p))
	default:
		return e.unschedule(ctx, object{aboutPayout, p.ID})
	}
}

// PayoutRef is the instruction of a payout that was sent.
func PayoutRef(p *payment.Payout) string { return step(p.ID, p.Steps) }

// madePayout is the 201 of a payout.
func (e *Engine) madePayout(p *payment.Payout) Reply {
	out := e.PayoutReply(p)
	out.Status, out.Location = wire.Made, PathOf(aboutPayout, p.ID)
	return out
}

// PayoutReply is a payout with its money block.
func (e *Engine) PayoutReply(p *payment.Payout) Reply {
	m := e.Site.PayoutMoney(p)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: e.Site.Payout(p), Money: m}), Outcome: m.Outcome}
}
