package engine

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// aboutBeneficiary is the kind of object that a beneficiary is.
const aboutBeneficiary = "beneficiary"

// FindBeneficiary reads a business's beneficiary; not_found for any other and for
// deleted ones.
func (e *Engine) FindBeneficiary(ctx context.Context, business, key string) (*party.Beneficiary, error) {
	b, err := e.anyBeneficiary(ctx, business, key)
	if store.IsMissing(err) || err == nil && b.Status == party.BeneficiaryDeleted {
		return nil, missing(aboutBeneficiary, key)
	}
	return b, err
}

// BeneficiaryFor reads the beneficiary of a payout. It raises invalid_beneficiary for
// one that is not there, is deleted, or is of another type or currency.
func (e *Engine) BeneficiaryFor(ctx context.Context, business, key string, as party.BeneficiaryType, c money.Currency) (*party.Beneficiary, error) {
	b, err := e.anyBeneficiary(ctx, business, key)
	switch {
	case store.IsMissing(err):
		return nil, party.NoBeneficiary(key)
	case err != nil:
		return nil, err
	}
	return b, b.MayReceive(as, c)
}

// anyBeneficiary reads a business's beneficiary, deleted ones too; store.ErrNotFound.
func (e *Engine) anyBeneficiary(ctx context.Context, business, key string) (b *party.Beneficiary, err error) {
	if !id.Valid(key) {
		return nil, store.ErrNotFound
	}
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		b, err = v.Beneficiary(id.Fold(key))
		return err
	})
	if err == nil && b.Business != business {
		err = store.ErrNotFound
	}
	return b, err
}

func answerLabel(beneficiary string) string { return "beneficiaries/" + beneficiary }

// sealAnswer keeps the answer to a security question; "" for none.
func (e *Engine) sealAnswer(beneficiary, plain string) (string, error) {
	if plain == "" {
		return "", nil
	}
	raw, err := e.Secret.SealAtRest(answerLabel(beneficiary), []byte(plain), e.IDs.Entropy)
	return base64.StdEncoding.EncodeToString(raw), err
}

// SecurityAnswer is the answer to a beneficiary's security question, which its rail
// needs; "" for none.
func (e *Engine) SecurityAnswer(b *party.Beneficiary) (string, error) {
	if b.Answer == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(b.Answer)
	if err != nil {
		return "", fmt.Errorf("answer of beneficiary %s: %w", b.ID, err)
	}
	plain, err := e.Secret.OpenAtRest(answerLabel(b.ID), raw)
	if err != nil {
		return "", fmt.Errorf("%w: was the server secret changed?", err)
	}
	return string(plain), nil
}

// NewBeneficiary asks for a beneficiary; its fields are well formed.
type NewBeneficiary struct {
	Type     party.BeneficiaryType
	Currency money.Currency
	Details  party.Details
	Answer   string // to the security question, in clear; "" for none
}

// CreateBeneficiary makes a beneficiary. An identical one is given as it is; it raises
// invalid_bank_code, rail_unavailable, and beneficiary_exists for the same account with
// other data.
func (e *Engine) CreateBeneficiary(ctx context.Context, c *Call, in NewBeneficiary) (Reply, error) {
	if in.Details.BankCode != "" {
		bank, err := e.bank(ctx, in.Details.BankCode)
		if err != nil {
			return Reply{}, err
		}
		in.Details.BankID = bank.ID
	}
	made := &party.Beneficiary{ID: e.IDs.New(), Business: c.Business, Type: in.Type, Currency: in.Currency, Details: in.Details,
		Status: party.BeneficiaryActive, CreatedAt: e.now()}
	var err error
	if made.Answer, err = e.sealAnswer(made.ID, in.Answer); err != nil {
		return Reply{}, err
	}
	var out Reply
	err = e.optimistic(ctx, object{aboutBeneficiary, made.ID}, func() (err error) {
		out, err = e.createBeneficiaryOnce(ctx, c, made, in.Answer)
		return err
	})
	return out, taken(c, err)
}

func (e *Engine) createBeneficiaryOnce(ctx context.Context, c *Call, made *party.Beneficiary, answer string) (Reply, error) {
	var there *party.Beneficiary
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		there, err = v.BeneficiaryWithIdentity(made.Business, made.Identity())
		return err
	})
	switch {
	case err == nil:
		return e.sameBeneficiary(ctx, c, there, made, answer)
	case !store.IsMissing(err):
		return Reply{}, err
	}
	out := madeBeneficiary(made)
	err = e.commit(ctx, c, object{aboutBeneficiary, made.ID}, &out, func(tx store.Tx) error { return tx.InsertBeneficiary(made) })
	if err == nil {
		c.Trace.Step("commit", string(made.Status))
	}
	return out, err
}

// sameBeneficiary answers a repetition, or says what differs.
func (e *Engine) sameBeneficiary(ctx context.Context, c *Call, there, again *party.Beneficiary, answer string) (Reply, error) {
	c.Trace.About(aboutBeneficiary, there.ID)
	kept, err := e.SecurityAnswer(there)
	if err != nil {
		return Reply{}, err
	}
	differs := there.Details.Differs(again.Details, kept != answer)
	if len(differs) > 0 {
		return Reply{}, problem.BeneficiaryExists.With(problem.Details{"differs": differs, "id": there.ID})
	}
	return e.keep(ctx, c, object{aboutBeneficiary, there.ID}, madeBeneficiary(there).replayed())
}

func madeBeneficiary(b *party.Beneficiary) Reply {
	return Reply{Status: wire.Made, Location: PathOf(aboutBeneficiary, b.ID), Body: wire.Marshal(wire.Data{Data: wire.ShowBeneficiary(b)})}
}

// DeleteBeneficiary ends a beneficiary: nothing new is paid to it, payouts under way go
// on. It raises not_found.
func (e *Engine) DeleteBeneficiary(ctx context.Context, c *Call, key string) (Reply, error) {
	out := Reply{Status: wire.NoContent}
	err := e.optimistic(ctx, object{aboutBeneficiary, key}, func() error {
		b, err := e.FindBeneficiary(ctx, c.Business, key)
		if err != nil {
			return err
		}
		return e.commit(ctx, c, object{aboutBeneficiary, b.ID}, &out, func(tx store.Tx) error { return tx.RetireBeneficiary(b.ID) })
	})
	return out, taken(c, err)
}

// Beneficiaries reads a page of a business's beneficiaries, newest first, without deleted
// ones.
func (e *Engine) Beneficiaries(ctx context.Context, business string, page wire.Page, f store.BeneficiaryFilter) (rows []*party.Beneficiary, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.BeneficiariesNewer(business, place(*page.Before), f, page.Fetch())
			return err
		}
		rows, err = v.BeneficiariesOlder(business, under(page), f, page.Fetch())
		return err
	})
	return rows, err
}
