package engine

import (
	"context"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutCustomer is the kind of object that a customer is.
const aboutCustomer = "customer"

// kycRequired is the setting under which new customers wait for an identity check.
const kycRequired = "required"

// FindCustomer reads a business's customer; not_found for any other and for deleted ones.
func (e *Engine) FindCustomer(ctx context.Context, business, key string) (*party.Customer, error) {
	var c *party.Customer
	err := store.ErrNotFound
	if id.Valid(key) {
		err = e.Store.Read(ctx, func(v store.View) (err error) {
			c, err = v.Customer(id.Fold(key))
			return err
		})
	}
	if store.IsMissing(err) || err == nil && (c.Business != business || c.Status.Final()) {
		return nil, missing(aboutCustomer, key)
	}
	return c, err
}

func (e *Engine) firstStatus() party.Status { return party.First(e.Settings().KYC == kycRequired) }

func (e *Engine) customerEvent(c *party.Customer, name string) store.Event {
	return store.Event{ID: e.IDs.Event(), Business: c.Business, Event: name, Object: c.ID, Data: string(wire.CustomerEventData(c)),
		CreatedAt: e.now()}
}

// CreateCustomer makes a customer. An identical one is given as it is; it raises
// customer_exists for another one with the same e-mail.
func (e *Engine) CreateCustomer(ctx context.Context, c *Call, p party.Profile) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutCustomer, p.Email}, func() (err error) {
		out, err = e.createCustomerOnce(ctx, c, p)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) createCustomerOnce(ctx context.Context, c *Call, p party.Profile) (Reply, error) {
	there, err := e.withEmail(ctx, c.Business, p.Email)
	if err != nil {
		return Reply{}, err
	}
	if there != nil {
		return e.sameCustomer(ctx, c, there, p)
	}
	now := e.now()
	made := &party.Customer{ID: e.IDs.New(), Business: c.Business, Profile: p, Status: e.firstStatus(), CreatedAt: now, UpdatedAt: now}
	return e.writeCustomer(ctx, c, made, "customer.created", func(tx store.Tx) error { return tx.AddCustomer(made) })
}

// withEmail is the business's customer with an e-mail, nil if there is none.
func (e *Engine) withEmail(ctx context.Context, business, email string) (there *party.Customer, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		there, err = v.CustomerWithEmail(business, email)
		return err
	})
	if store.IsMissing(err) {
		return nil, nil
	}
	return there, err
}

// sameCustomer answers a repetition, or says what differs.
func (e *Engine) sameCustomer(ctx context.Context, c *Call, there *party.Customer, p party.Profile) (Reply, error) {
	c.Trace.About(aboutCustomer, there.ID)
	if differs := there.Profile.Differs(p); len(differs) > 0 {
		return Reply{}, problem.CustomerExists.With(problem.Details{"differs": differs, "id": there.ID})
	}
	return e.keep(ctx, c, object{aboutCustomer, there.ID}, madeCustomer(there).replayed())
}

func customerReply(c *party.Customer) Reply {
	return Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: wire.CustomerView(c)})}
}

func madeCustomer(c *party.Customer) Reply {
	out := customerReply(c)
	out.Status, out.Location = wire.Made, PathOf(aboutCustomer, c.ID)
	return out
}

// writeCustomer commits what changes a customer, with its event and the call's reply.
func (e *Engine) writeCustomer(ctx context.Context, c *Call, who *party.Customer, name string, change func(store.Tx) error) (Reply, error) {
	about := object{aboutCustomer, who.ID}
	out, told := customerReply(who), e.customerEvent(who, name)
	switch name {
	case "customer.created":
		out = madeCustomer(who)
	case "customer.deleted":
		out = Reply{Status: wire.NoContent}
	}
	c.Trace.About(about.kind, about.id)
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		if err := e.claim(tx, c, about, &out); err != nil {
			return err
		}
		return tx.InsertEvent(told)
	})
	c.finished(err)
	if err == nil {
		c.Trace.Step("commit", string(who.Status))
		c.Trace.Event(told.ID, name)
		e.bump()
	}
	return out, err
}

// UpdateCustomer changes a customer's profile; what the change does not name stays. It
// raises not_found, customer_exists.
func (e *Engine) UpdateCustomer(ctx context.Context, c *Call, customerID string, change party.Change) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutCustomer, customerID}, func() (err error) {
		out, err = e.updateOnce(ctx, c, customerID, change)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) updateOnce(ctx context.Context, c *Call, customerID string, change party.Change) (Reply, error) {
	who, err := e.FindCustomer(ctx, c.Business, customerID)
	if err != nil {
		return Reply{}, err
	}
	before := who.Profile
	who.Profile = change.Apply(before)
	if len(before.Differs(who.Profile)) == 0 {
		return e.keep(ctx, c, object{aboutCustomer, who.ID}, customerReply(who))
	}
	save := store.Tx.SaveCustomer
	if who.Profile.Email != before.Email {
		save = store.Tx.RenameCustomer
		if err := e.emailFree(ctx, who); err != nil {
			return Reply{}, err
		}
	}
	who.UpdatedAt = e.now()
	return e.writeCustomer(ctx, c, who, "customer.updated", func(tx store.Tx) error { return save(tx, who) })
}

// emailFree raises customer_exists if another customer has the e-mail.
func (e *Engine) emailFree(ctx context.Context, who *party.Customer) error {
	there, err := e.withEmail(ctx, who.Business, who.Profile.Email)
	if err != nil || there == nil || there.ID == who.ID {
		return err
	}
	return problem.CustomerExists.With(problem.Details{"differs": there.Profile.Differs(who.Profile), "id": there.ID})
}

// DeleteCustomer ends a customer and the empty wallets it has; payments keep what they
// know of it. It raises not_found, balance_not_zero.
func (e *Engine) DeleteCustomer(ctx context.Context, c *Call, customerID string) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutCustomer, customerID}, func() (err error) {
		out, err = e.deleteOnce(ctx, c, customerID)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) deleteOnce(ctx context.Context, c *Call, customerID string) (Reply, error) {
	who, err := e.FindCustomer(ctx, c.Business, customerID)
	if err != nil {
		return Reply{}, err
	}
	open, err := e.openWalletsOf(ctx, who)
	if err != nil {
		return Reply{}, err
	}
	now := e.now()
	who.Status, _ = party.Next(who.Status, party.Delete)
	who.UpdatedAt = now
	out, err := e.writeCustomer(ctx, c, who, "customer.deleted", func(tx store.Tx) error {
		if err := tx.RetireCustomer(who); err != nil { // a wallet opened at this moment would have counted a change
			return err
		}
		return e.endWallets(tx, open)
	})
	if store.Lost(err, "close_balance") {
		return out, e.stillHolds(ctx, open...)
	}
	return out, err
}

// openWalletsOf are a customer's wallets that are not deleted.
func (e *Engine) openWalletsOf(ctx context.Context, who *party.Customer) (open []wallet.Wallet, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		all, err := v.WalletsOfCustomer(who.ID)
		for _, w := range all {
			if !w.Status.Final() {
				open = append(open, w)
			}
		}
		return err
	})
	return open, err
}

// endWallets deletes wallets with their owner; each must be empty.
func (e *Engine) endWallets(tx store.Tx, open []wallet.Wallet) error {
	now := e.now()
	for _, w := range open {
		before, err := tx.WalletEvents(w.ID, walletEventsShown-1)
		if err != nil {
			return err
		}
		h := wallet.Happening{ID: e.IDs.New(), Wallet: w.ID, Number: w.Version + 1, Action: string(wallet.Deleted), At: now}
		w.Status, w.UpdatedAt = wallet.Deleted, now
		if err := saveStatus(tx, w, h); err != nil {
			return err
		}
		view, err := listWallet(tx.View, w, append([]wallet.Happening{h}, before...))
		if err != nil {
			return err
		}
		if err := tx.InsertEvent(e.walletEvent(w, "wallet.status_changed", view)); err != nil {
			return err
		}
	}
	return nil
}

// DecideKYC takes the result of a customer's identity check. It raises not_found,
// invalid_status_transition.
func (e *Engine) DecideKYC(ctx context.Context, c *Call, customerID string, to party.Status) (Reply, error) {
	var out Reply
	err := e.optimistic(ctx, object{aboutCustomer, customerID}, func() error {
		who, err := e.FindCustomer(ctx, c.Business, customerID)
		if err != nil {
			return err
		}
		if err := who.Decide(to); err != nil {
			return err
		}
		who.UpdatedAt = e.now()
		out, err = e.writeCustomer(ctx, c, who, "customer.updated", func(tx store.Tx) error { return tx.SaveCustomer(who) })
		return err
	})
	return out, taken(c, err)
}

// CustomerFilter narrows a list of customers.
type CustomerFilter struct {
	Page  wire.Page
	Span  store.Span
	Email string // "" for all
}

// Customers reads a page of a business's customers, newest first, without deleted ones.
func (e *Engine) Customers(ctx context.Context, business string, f CustomerFilter) (rows []*party.Customer, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		switch {
		case f.Email != "":
			rows, err = customerInPage(v, business, f)
		case f.Page.OldestFirst():
			rows, err = v.CustomersNewer(business, place(*f.Page.Before), f.Span, f.Page.Fetch())
		default:
			rows, err = v.CustomersOlder(business, under(f.Page), f.Span, f.Page.Fetch())
		}
		return err
	})
	return rows, err
}

// customerInPage is the one customer with an e-mail, if it belongs on the page.
func customerInPage(v store.View, business string, f CustomerFilter) ([]*party.Customer, error) {
	c, err := v.CustomerWithEmail(business, f.Email)
	if store.IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return beside(f.Page, []*party.Customer{c}, func(c *party.Customer) store.Position { return store.Position{At: c.CreatedAt, ID: c.ID} },
		func(c *party.Customer) bool { return !c.CreatedAt.Before(f.Span.From) && c.CreatedAt.Before(f.Span.To) }), nil
}

// PaymentsOf reads a customer's newest payments.
func (e *Engine) PaymentsOf(ctx context.Context, who *party.Customer, limit int) (rows []*payment.Payment, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.PaymentsOfCustomer(who.Business, who.ID, limit)
		return err
	})
	return rows, err
}

// AccountsOf are the account numbers of a customer's wallets that are not deleted, the
// newest first.
func (e *Engine) AccountsOf(ctx context.Context, who *party.Customer) (out []wallet.Account, err error) {
	open, err := e.openWalletsOf(ctx, who)
	if err != nil {
		return nil, err
	}
	err = e.Store.Read(ctx, func(v store.View) error {
		for i := range open {
			accounts, err := accountsOf(v, open[len(open)-1-i])
			if err != nil {
				return err
			}
			out = append(out, accounts...)
		}
		return nil
	})
	return out, err
}
