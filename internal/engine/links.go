package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutLink is the kind of object that a payment link is.
const aboutLink = "payment_link"

// NewLink asks for a payment link; its fields are well formed.
type NewLink struct {
	Amount      money.Amount
	Method      string // "": the payer chooses
	Reference   string // "": one is made up
	Description string
	RedirectURL string
	Customer    wire.LinkCustomer
	Metadata    []byte // canonical JSON, nil if none was given
}

// CreateLink makes a payment link. The same reference with the same money again gives the
// first link as it is now. It raises invalid_currency, invalid_amount, reference_exists,
// rail_unavailable.
func (e *Engine) CreateLink(ctx context.Context, c *Call, in NewLink) (Reply, error) {
	now := e.now()
	l := &payment.Link{ID: e.IDs.New(), Business: c.Business, Reference: in.Reference, State: payment.LinkActive, Amount: in.Amount, Method: in.Method,
		Fixed:     payment.LinkFixed{Description: in.Description, RedirectURL: in.RedirectURL, Customer: wire.Marshal(in.Customer), Metadata: in.Metadata},
		CreatedAt: now, UpdatedAt: now}
	if l.Reference == "" {
		l.Reference = l.ID
	}
	if err := e.admitLink(l); err != nil {
		return Reply{}, err
	}
	var out Reply
	err := e.optimistic(ctx, object{aboutLink, l.Reference}, func() (err error) {
		out, err = e.createLinkOnce(ctx, c, l)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) createLinkOnce(ctx context.Context, c *Call, l *payment.Link) (Reply, error) {
	var first *payment.Link
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		first, err = v.LinkByReference(c.Business, l.Reference)
		return err
	})
	if err == nil {
		return e.sameLink(ctx, c, first, l)
	}
	if !store.IsMissing(err) {
		return Reply{}, err
	}
	out := madeLink(e.LinkReply(l), l.ID)
	err = e.commit(ctx, c, object{aboutLink, l.ID}, &out, func(tx store.Tx) error { return tx.InsertLink(l) })
	return out, err
}

// sameLink answers a repetition, or says what differs.
func (e *Engine) sameLink(ctx context.Context, c *Call, first, l *payment.Link) (Reply, error) {
	c.Trace.About(aboutLink, first.ID)
	differs := []string{}
	if first.Amount.Minor != l.Amount.Minor {
		differs = append(differs, "amount")
	}
	if first.Amount.Currency != l.Amount.Currency {
		differs = append(differs, "currency")
	}
	if len(differs) > 0 {
		return Reply{}, referenceTaken(differs, first.ID, first.Reference, string(first.State), "payment link")
	}
	return e.keep(ctx, c, object{aboutLink, first.ID}, madeLink(e.LinkReply(first), first.ID).replayed())
}

func madeLink(r Reply, linkID string) Reply {
	r.Status, r.Location = wire.Made, PathOf(aboutLink, linkID)
	return r
}

// admitLink raises why nobody could ever pay a link.
func (e *Engine) admitLink(l *payment.Link) error {
	if m, chosen := payment.MethodByName(l.Method); chosen {
		if err := m.Admit(l.Amount); err != nil {
			return err
		}
	}
	if len(l.Methods()) == 0 {
		least, most := payment.LimitsOf(l.Amount.Currency)
		return problem.InvalidAmount.With(problem.Details{"currency": l.Amount.Currency, "maximum": most, "method": "payment_link", "minimum": least})
	}
	if len(e.MethodsOfLink(l)) == 0 {
		return problem.RailUnavailable.With(problem.Details{"rail": railOf(l.Methods()[0].Name, l.Amount.Currency), "reason": "not_configured"})
	}
	return nil
}

// MethodsOfLink are those by which a payer can pay a link here.
func (e *Engine) MethodsOfLink(l *payment.Link) (out []payment.Method) {
	for _, m := range l.Methods() {
		if e.Rails[railOf(m.Name, l.Amount.Currency)] != nil {
			out = append(out, m)
		}
	}
	return out
}

// LinkReply is a payment link as it is.
func (e *Engine) LinkReply(l *payment.Link) Reply {
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: e.Site.ShownLink(l)})}
}

// FindLink reads a payment link of a business; not_found.
func (e *Engine) FindLink(ctx context.Context, business, linkID string) (*payment.Link, error) {
	l, err := e.AnyLink(ctx, linkID)
	if err == nil && l.Business != business {
		return nil, missing(aboutLink, linkID)
	}
	return l, err
}

// AnyLink reads a payment link whoever owns it, for its page; not_found.
func (e *Engine) AnyLink(ctx context.Context, linkID string) (l *payment.Link, err error) {
	if !id.Valid(linkID) {
		return nil, missing(aboutLink, linkID)
	}
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		l, err = v.Link(id.Fold(linkID))
		return err
	})
	if store.IsMissing(err) {
		return nil, missing(aboutLink, linkID)
	}
	return l, err
}

// SwitchLink takes a payment link up or down; to a state that it has already, it gives it
// as it is. It raises not_found, invalid_status_transition.
func (e *Engine) SwitchLink(ctx context.Context, c *Call, linkID string, to payment.LinkState) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutLink, linkID}, func() error {
		l, err := e.FindLink(ctx, c.Business, linkID)
		if err != nil {
			return err
		}
		if l.State == to {
			out, err = e.keep(ctx, c, object{aboutLink, l.ID}, e.LinkReply(l))
			return err
		}
		out, err = e.switchOnce(ctx, c, l, to)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) switchOnce(ctx context.Context, c *Call, l *payment.Link, to payment.LinkState) (Reply, error) {
	by := payment.Submit
	if to == payment.LinkInactive {
		by = payment.Cancel
	}
	next, ok := payment.NextLink(l.State, by)
	if !ok {
		return Reply{}, problem.InvalidStatusTransition.With(problem.Details{"from": string(l.State), "to": string(to)})
	}
	l.State, l.UpdatedAt = next, e.now()
	out := e.LinkReply(l)
	err := e.commit(ctx, c, object{aboutLink, l.ID}, &out, func(tx store.Tx) error { return tx.SaveLink(l) })
	return out, err
}

// Links reads a page of a business's payment links, newest first; "" is every state.
func (e *Engine) Links(ctx context.Context, business string, page wire.Page, state payment.LinkState) (rows []*payment.Link, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.LinksNewer(business, place(*page.Before), state, page.Fetch())
			return err
		}
		rows, err = v.LinksOlder(business, under(page), state, page.Fetch())
		return err
	})
	return rows, err
}

// ChosenLinks reads payment links by their references, and names those that are not there.
func (e *Engine) ChosenLinks(ctx context.Context, business string, references []string) (rows []*payment.Link, missing []string, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, missing, err = chosen(references, func(key string) (*payment.Link, error) { return v.LinkByReference(business, key) })
		return err
	})
	return rows, missing, err
}
