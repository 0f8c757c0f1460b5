package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// Create asks for a payment session; its fields are well formed.
type Create struct {
	Amount         money.Amount
	Method         string
	Reference      string
	Description    string
	RedirectURL    string
	Customer       wire.Customer
	Order          []byte // canonical JSON
	Metadata       []byte // canonical JSON, nil if none was given
	AllowDuplicate bool
	Chain          string         // of a crypto address that is wanted at once; ""
	Token          money.Currency // on it
	Link           *payment.Link  // whose opening makes the session; nil for none
}

const aboutSession = "payment session" // the word people read in messages

// CreateSession makes a payment session. The same reference with the same money
// again gives the first session as it is now. It raises invalid_currency,
// invalid_amount, reference_exists, probable_duplicate, rail_unavailable.
func (e *Engine) CreateSession(ctx context.Context, c *Call, in Create) (Reply, error) {
	method, _ := payment.MethodByName(in.Method)
	if err := method.Admit(in.Amount); err != nil {
		return Reply{}, err
	}
	if in.Chain != "" {
		if err := admitChain(in.Chain, in.Token, in.Amount.Currency); err != nil {
			return Reply{}, err
		}
	}
	if name := railOf(in.Method, in.Amount.Currency); e.Rails[name] == nil {
		return Reply{}, problem.RailUnavailable.With(problem.Details{"rail": name, "reason": "not_configured"})
	}
	if _, err := e.walletOf(ctx, c.Business, in.Amount.Currency); err != nil {
		return Reply{}, err
	}
	var out Reply
	err := e.optimistic(ctx, object{aboutPayment, in.Reference}, func() (err error) {
		out, err = e.createOnce(ctx, c, in, method)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) createOnce(ctx context.Context, c *Call, in Create, method payment.Method) (Reply, error) {
	first, customer, err := e.before(ctx, c, in)
	switch {
	case err != nil:
		return Reply{}, err
	case first != nil:
		return e.sameReference(ctx, c, first, in)
	}
	p := e.newPayment(c, in, method)
	p.CustomerID = customer
	if in.Chain != "" {
		p.Fixed.Customer = json.RawMessage(wire.Marshal(in.Customer))
		if err := e.openAccount(ctx, p, in.Chain); err != nil {
			return Reply{}, err
		}
	}
	out, err := e.insert(ctx, c, p, in)
	if store.Lost(err, "insert_payment") {
		return out, &store.Conflict{Query: "save_payment"} // somebody made it at this moment: look again
	}
	return out, err
}

// before reads what is there: the payment with that reference, the payer's
// customer id ("" for none), and, where the guard is on, a probable duplicate.
func (e *Engine) before(ctx context.Context, c *Call, in Create) (first *payment.Payment, customer string, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		if first, err = v.PaymentByReference(c.Business, in.Reference); err == nil || !store.IsMissing(err) {
			return err
		}
		first = nil
		if customer, err = v.CustomerByEmail(c.Business, in.Customer.Email); err != nil && !store.IsMissing(err) {
			return err
		}
		return e.guardDuplicate(v, c, in, customer)
	})
	return first, customer, err
}

// guardDuplicate raises probable_duplicate if the operator switched the guard on.
func (e *Engine) guardDuplicate(v store.View, c *Call, in Create, customer string) error {
	if in.AllowDuplicate || customer == "" {
		return nil
	}
	return e.guardTwins("payment_sessions", func(since time.Time) (twin, error) {
		p, err := v.PaymentAlike(c.Business, customer, in.Amount, since)
		if err != nil {
			return twin{}, err
		}
		return twin{p.CreatedAt, p.ID, p.Reference, wire.PaymentStatus(p.State)}, nil
	})
}

// twin is an earlier object that a new one looks like.
type twin struct {
	at                    time.Time
	id, reference, status string
}

// guardTwins raises probable_duplicate if there is a twin inside of the window that the
// operator has set for a kind; without a window nobody looks.
func (e *Engine) guardTwins(kind string, find func(since time.Time) (twin, error)) error {
	window := time.Duration(e.Settings().DuplicateS[kind]) * time.Second
	if window <= 0 {
		return nil
	}
	t, err := find(e.now().Add(-window))
	if store.IsMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return problem.ProbableDuplicate.With(problem.Details{"age_seconds": int64(e.now().Sub(t.at).Seconds()),
		"id": t.id, "reference": t.reference, "status": t.status})
}

func (e *Engine) newPayment(c *Call, in Create, method payment.Method) *payment.Payment {
	now := e.now()
	return &payment.Payment{
		ID: e.IDs.New(), Business: c.Business, Reference: in.Reference, Amount: in.Amount, Method: in.Method,
		State: payment.Created, CorrelationID: e.IDs.New(), CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(method.Lifetime),
		Fixed: payment.Fixed{Description: in.Description, RedirectURL: in.RedirectURL, Order: in.Order, Metadata: in.Metadata},
	}
}

func (e *Engine) insert(ctx context.Context, c *Call, p *payment.Payment, in Create) (out Reply, err error) {
	about := object{aboutPayment, p.ID}
	known, fresh := p.CustomerID, e.IDs.New()
	c.Trace.About(about.kind, about.id)
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if p.CustomerID, err = e.customer(tx, p, in.Customer, known, fresh); err != nil {
			return err
		}
		if err := e.keepDailyLimit(tx, p, in.Customer.Email); err != nil {
			return err
		}
		in.Customer.ID = p.CustomerID
		p.Fixed.Customer = json.RawMessage(wire.Marshal(in.Customer))
		out = e.sessionReply(p)
		out.Status, out.Location = wire.Made, sessionsPath+"/"+p.ID
		if err := e.claim(tx, c, about, &out); err != nil {
			return err
		}
		if err := tx.InsertPayment(p); err != nil {
			return err
		}
		if in.Link != nil {
			if err := lead(tx, in.Link, p); err != nil {
				return err
			}
		}
		return tx.Schedule(aboutPayment, p.ID, p.Business, p.ExpiresAt)
	})
	c.finished(err)
	if err == nil {
		c.Trace.Step("commit", string(p.State))
		e.wake.Beat()
	}
	return out, err
}

// customer gives the payer's customer id and makes the customer if there is none
// with that e-mail; an existing one stays as it is.
func (e *Engine) customer(tx store.Tx, p *payment.Payment, who wire.Customer, known, fresh string) (string, error) {
	if known != "" {
		return known, nil
	}
	made := &party.Customer{ID: fresh, Business: p.Business, Profile: who.Profile(), Status: e.firstStatus(), CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt}
	if err := tx.InsertCustomer(made); err != nil {
		return "", err
	}
	there, err := tx.CustomerByEmail(p.Business, who.Email)
	if err != nil || there != fresh {
		return there, err // somebody was faster
	}
	return fresh, tx.InsertEvent(e.customerEvent(made, "customer.created"))
}

// sameReference answers a repetition: the first session as it is now, or
// reference_exists if the money differs.
func (e *Engine) sameReference(ctx context.Context, c *Call, first *payment.Payment, in Create) (Reply, error) {
	c.Trace.About(aboutPayment, first.ID)
	differs := []string{}
	for _, field := range []struct {
		name string
		same bool
	}{
		{"amount", first.Amount.Minor == in.Amount.Minor}, {"currency", first.Amount.Currency == in.Amount.Currency},
		{"payment_method.type", first.Method == in.Method},
	} {
		if !field.same {
			differs = append(differs, field.name)
		}
	}
	if len(differs) > 0 {
		return Reply{}, referenceTaken(differs, first.ID, first.Reference, wire.PaymentStatus(first.State), aboutSession)
	}
	out := e.sessionReply(first)
	out.Status, out.Location = wire.Made, sessionsPath+"/"+first.ID
	return e.keep(ctx, c, object{aboutPayment, first.ID}, out.replayed())
}

func referenceTaken(differs []string, id, reference, status, kind string) error {
	return problem.ReferenceExists.With(problem.Details{"differs": differs, "id": id, "reference": reference, "status": status, "kind": kind})
}

// keep stores a reply that changed nothing under the call's key and gives it.
func (e *Engine) keep(ctx context.Context, c *Call, about object, out Reply) (Reply, error) {
	c.Trace.About(about.kind, about.id)
	if c.Claim == nil {
		return out, nil
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error { return e.claim(tx, c, about, &out) })
	c.done.Store(err == nil)
	return out, taken(c, err)
}

// sessionReply is the session object with its money block.
func (e *Engine) sessionReply(p *payment.Payment) Reply {
	return e.about(p, e.Site.Session(p))
}

func (e *Engine) about(p *payment.Payment, view any) Reply {
	money := e.Site.PaymentMoney(p)
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.About{Data: view, Money: money}), Outcome: money.Outcome}
}

const sessionsPath = "/payment-sessions"

// madeAt is the Location of what a POST to path has made: a session is read at
// its own path, though its payment is the resource.
func madeAt(path, kind, id string) string {
	if path == sessionsPath {
		return sessionsPath + "/" + id
	}
	return PathOf(kind, id)
}

// PathOf is the path under which a resource is read.
func PathOf(kind, id string) string {
	switch kind {
	case aboutPayment:
		return "/payments/" + id
	case aboutRefund:
		return "/refunds/" + id
	case aboutPayout:
		return "/payouts/" + id
	case aboutKey:
		return "/keys/" + id
	case aboutEndpoint:
		return "/webhook-endpoints/" + id
	case aboutDelivery:
		return "/webhook-deliveries/" + id
	case aboutBusiness:
		return "/accounts/settings"
	case aboutCustomer:
		return "/customers/" + id
	case aboutBulk:
		return "/bulk-transfers/" + id
	case aboutLink:
		return "/payment-links/" + id
	case aboutBeneficiary:
		return "/beneficiaries/" + id
	case aboutWallet:
		return "/wallets/" + id
	case aboutWalletTransaction:
		return "/wallets/transactions/" + id
	case aboutDeposit:
		return "/deposits/" + id
	case aboutQuote:
		return "/exchange/quote/" + id
	case aboutFXRate:
		return "/exchange/fx/rate/" + id
	case aboutSwap:
		return "/exchange/swap/" + id
	case aboutConversion:
		return "/exchange/fx/convert/" + id
	case aboutOrder:
		return "/exchange/orders/" + id
	case aboutRate:
		return "/exchange/rates/" + id
	}
	return "/"
}

// returnURL is where the bank sends a payer's browser back to.
func (e *Engine) returnURL(payment string) string {
	return e.Site.PublicURL + "/payment-sessions/" + id.Short(payment) + "/3ds"
}
