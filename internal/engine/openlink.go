package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// OpenLink gives the payment session of a link that is opened, and makes it if there is
// none that can still be paid: one, however many open the link at the same moment. It is
// nil if the link takes no payments, or if the payer is still to choose a method. It raises
// not_found, and what CreateSession raises.
func (e *Engine) OpenLink(ctx context.Context, c *Call, linkID, method string) (l *payment.Link, p *payment.Payment, err error) {
	err = e.optimistic(ctx, object{aboutLink, linkID}, func() error {
		if l, p, err = e.linkAndSession(ctx, linkID); err != nil || p != nil && l.State != payment.LinkInactive {
			return err
		}
		p = nil
		chosen := e.chosenMethod(l, method)
		if l.State != payment.LinkActive || chosen == "" {
			return nil
		}
		c.Business = l.Business
		p, err = e.openLinkOnce(ctx, c, l, chosen)
		return err
	})
	return l, p, err
}

// linkAndSession reads a link and its session; nil if it has none that was paid or can
// still be.
func (e *Engine) linkAndSession(ctx context.Context, linkID string) (l *payment.Link, p *payment.Payment, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if l, err = v.Link(linkID); err != nil || l.Payment == "" {
			return err
		}
		p, err = v.Payment(l.Payment)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil, missing(aboutLink, linkID)
	}
	if err != nil || p == nil {
		return l, nil, err
	}
	if !p.State.Completed() && !p.State.Running() && !p.ExpiresAt.After(e.now()) {
		if p, err = e.ExpireNow(ctx, p); err != nil {
			return l, nil, err
		}
	}
	if p.State.Completed() && !p.State.Paid() {
		return l, nil, nil
	}
	return l, p, nil
}

// chosenMethod is the method by which a link is paid: the payer's choice, or the only one.
func (e *Engine) chosenMethod(l *payment.Link, name string) string {
	all := e.MethodsOfLink(l)
	if len(all) == 1 {
		return all[0].Name
	}
	if slices.ContainsFunc(all, func(m payment.Method) bool { return m.Name == name }) {
		return name
	}
	return ""
}

// openLinkOnce makes the session, under the first reference of the link's that is free.
func (e *Engine) openLinkOnce(ctx context.Context, c *Call, l *payment.Link, method string) (*payment.Payment, error) {
	var who wire.LinkCustomer
	if err := json.Unmarshal(l.Fixed.Customer, &who); err != nil {
		return nil, fmt.Errorf("customer of payment link %s: %w", l.ID, err)
	}
	reference, err := e.freeReference(ctx, l)
	if err != nil {
		return nil, err
	}
	in := Create{Amount: l.Amount, Method: method, Reference: reference, Description: l.Fixed.Description, RedirectURL: l.Fixed.RedirectURL,
		Customer: who.Payer(), Order: orderOfLink(l), Metadata: l.Fixed.Metadata, AllowDuplicate: true, Link: l}
	if _, err := e.walletOf(ctx, l.Business, l.Amount.Currency); err != nil {
		return nil, err
	}
	_, customer, err := e.before(ctx, c, in)
	if err != nil {
		return nil, err
	}
	m, _ := payment.MethodByName(method)
	p := e.newPayment(c, in, m)
	p.CustomerID, p.Fixed.Link = customer, l.ID
	if _, err = e.insert(ctx, c, p, in); store.Lost(err, "insert_payment") {
		return nil, &store.Conflict{Query: "save_link"} // somebody took the reference at this moment
	}
	return p, err
}

// referenceMax is how long references may be.
const referenceMax = 50

// freeReference is the link's own reference for its first session, then the same with a
// number; a link with a long one lends its id.
func (e *Engine) freeReference(ctx context.Context, l *payment.Link) (string, error) {
	for n := l.Tries + 1; ; n++ {
		reference := l.Reference
		if n > 1 {
			reference = fmt.Sprintf("%s-%d", l.Reference, n)
		}
		if len(reference) > referenceMax {
			reference = fmt.Sprintf("%s-%d", l.ID, n)
		}
		err := e.Store.Read(ctx, func(v store.View) error {
			_, err := v.PaymentByReference(l.Business, reference)
			return err
		})
		if store.IsMissing(err) {
			l.Tries = n
			return reference, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// orderOfLink is the one thing that a link sells.
func orderOfLink(l *payment.Link) []byte {
	return wire.Marshal(wire.Order{Identifier: l.Reference, Items: []wire.OrderItem{{Name: l.Fixed.Description, Type: "service"}}})
}

// lead makes p the session of the link, in the transaction that makes p.
func lead(tx store.Tx, l *payment.Link, p *payment.Payment) error {
	l.Payment, l.UpdatedAt = p.ID, p.CreatedAt
	return tx.SaveLink(l)
}

// fulfil completes the link of a payment that is paid; it is written in the transaction
// that says so.
func (e *Engine) fulfil(ctx context.Context, n *news) error {
	if n.link = nil; n.payment.Fixed.Link == "" || !n.payment.State.Paid() {
		return nil
	}
	l, err := e.AnyLink(ctx, n.payment.Fixed.Link)
	if err != nil {
		return err
	}
	if to, ok := payment.NextLink(l.State, payment.Approve); ok {
		l.State, l.UpdatedAt, n.link = to, n.payment.UpdatedAt, l
	}
	return nil
}
