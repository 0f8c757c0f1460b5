package engine

import (
	"context"
	"slices"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// PatchAccount changes the settings of a business.
type PatchAccount struct {
	URLs    []string // replaces all endpoints
	SetURLs bool
	PIN     string // "" removes it
	SetPIN  bool
}

// Account shows the settings of a business; its business id, which is the key of
// webhook checksums, only to whom it may be shown.
func (e *Engine) Account(ctx context.Context, business string, showID bool) (wire.Account, error) {
	var b store.Business
	var all []*store.Endpoint
	err := e.Store.Snapshot(ctx, func(v store.View) (err error) {
		if b, err = v.Business(business); err != nil {
			return err
		}
		all, err = v.Endpoints(business)
		return err
	})
	return account(b, urlsOf(all), showID), err
}

func account(b store.Business, urls []string, showID bool) wire.Account {
	out := wire.Account{Address: wire.Raw(b.Address), ID: b.ID, Name: b.Name, PayoutPINSet: b.PayoutPIN != "", WebhookURLs: urls}
	if showID {
		out.BusinessID = &b.SecretID
	}
	return out
}

// urlsOf lists URLs, the oldest endpoint first.
func urlsOf(newestFirst []*store.Endpoint) []string {
	out := []string{}
	for _, to := range slices.Backward(newestFirst) {
		out = append(out, to.URL)
	}
	return out
}

// ChangeAccount changes the settings of a business. It raises limit_exceeded.
func (e *Engine) ChangeAccount(ctx context.Context, c *Call, in PatchAccount) (out Reply, err error) {
	pin, err := e.hashPIN(in)
	if err != nil {
		return out, err
	}
	err = e.untilSettled(ctx, c.Business, func(have *shelf) error {
		b, err := e.business(ctx, c.Business)
		if err != nil {
			return err
		}
		if in.SetPIN {
			b.PayoutPIN = pin
		}
		urls, write := urlsOf(have.endpoints), func(store.Tx) error { return nil }
		if in.SetURLs {
			if urls, write, err = e.plansURLs(have, in.URLs, false); err != nil {
				return err
			}
		}
		out = Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: account(b, urls, true)})}
		return e.commit(ctx, c, object{aboutBusiness, c.Business}, &out, func(tx store.Tx) error {
			if err := write(tx); err != nil || !in.SetPIN {
				return err
			}
			return tx.SavePayoutPIN(c.Business, pin)
		})
	})
	return out, err
}

// AddURLs adds endpoints for URLs that have none; the earlier form of the call, whose
// reply is not wrapped.
func (e *Engine) AddURLs(ctx context.Context, c *Call, urls []string) (out Reply, err error) {
	err = e.untilSettled(ctx, c.Business, func(have *shelf) error {
		all, write, err := e.plansURLs(have, urls, true)
		if err != nil {
			return err
		}
		out = Reply{Status: wire.OK, Body: wire.Marshal(wire.BusinessWebhook{WebhookURLs: all})}
		return e.commit(ctx, c, object{aboutBusiness, c.Business}, &out, write)
	})
	return out, err
}

// plansURLs gives the URLs as they will be, and what writes them.
func (e *Engine) plansURLs(have *shelf, urls []string, onlyAdd bool) ([]string, func(store.Tx) error, error) {
	add, drop, err := e.replaceURLs(have, urls, onlyAdd)
	if err != nil {
		return nil, nil, err
	}
	if len(have.endpoints)+len(add)-len(drop) > EndpointsMax {
		return nil, nil, tooMany()
	}
	after := slices.DeleteFunc(slices.Clone(have.endpoints), func(to *store.Endpoint) bool { return slices.Contains(drop, to.ID) })
	list := urlsOf(after)
	for _, to := range add {
		list = append(list, to.URL)
	}
	return list, func(tx store.Tx) error { return have.replace(tx, add, drop) }, nil
}

func (e *Engine) hashPIN(in PatchAccount) (string, error) {
	if in.PIN == "" {
		return "", nil
	}
	return e.Secret.HashPIN(in.PIN, e.IDs.Entropy)
}

// PayoutPIN tells whether a business has a PIN for payouts, and whether this is it. It
// takes a while on purpose.
func (e *Engine) PayoutPIN(ctx context.Context, business, pin string) (set, right bool, err error) {
	b, err := e.business(ctx, business)
	if err != nil || b.PayoutPIN == "" {
		return false, false, err
	}
	right, err = e.Secret.CheckPIN(b.PayoutPIN, pin)
	return true, right, err
}
