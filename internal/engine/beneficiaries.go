package engine

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/store"
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
