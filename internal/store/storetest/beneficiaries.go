package storetest

import (
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/store"
)

func beneficiaryClaims() []claim {
	return []claim{
		{"a beneficiary reads back by id and by account", beneficiaryReadsBack},
		{"of many beneficiaries with one account at once, one is made", beneficiaryOnce},
		{"a deleted beneficiary gives its account free and stays readable", beneficiaryRetired},
		{"pages of beneficiaries hold each once, and no deleted ones", beneficiaryPages},
	}
}

func beneficiaryByID(id string) func(store.View) (*party.Beneficiary, error) {
	return func(v store.View) (*party.Beneficiary, error) { return v.Beneficiary(id) }
}

func beneficiaryWith(business, identity string) func(store.View) (*party.Beneficiary, error) {
	return func(v store.View) (*party.Beneficiary, error) { return v.BeneficiaryWithIdentity(business, identity) }
}

func (s *suite) addBeneficiary(b *party.Beneficiary) {
	s.Helper()
	s.write(func(tx store.Tx) error { return tx.InsertBeneficiary(b) })
}

func beneficiaryReadsBack(s *suite) {
	b := fullBeneficiary(1)
	s.addBeneficiary(b)
	same(s, "by id", get(s, beneficiaryByID(b.ID)), b)
	same(s, "by account", get(s, beneficiaryWith(ada, b.Identity())), b)
	s.missing(try(s, beneficiaryByID(number(9))))
	s.missing(try(s, beneficiaryWith(bola, b.Identity())))
}

func beneficiaryOnce(s *suite) {
	errs := atOnce(20, func(i int) error {
		b := fullBeneficiary(1)
		b.ID = number(i)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertBeneficiary(b) })
	})
	same(s, "how many were made", s.wins(errs, "insert_beneficiary"), 1)
	other := fullBeneficiary(1)
	other.ID, other.Business = number(30), bola
	s.addBeneficiary(other)
}

func beneficiaryRetired(s *suite) {
	b := fullBeneficiary(1)
	s.addBeneficiary(b)
	errs := atOnce(8, func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RetireBeneficiary(b.ID) })
	})
	same(s, "how often it was deleted", s.wins(errs, "retire_beneficiary"), 1)
	gone := *b
	gone.Status = party.BeneficiaryDeleted
	same(s, "the deleted beneficiary", get(s, beneficiaryByID(b.ID)), &gone)
	s.missing(try(s, beneficiaryWith(ada, b.Identity())))
	again := fullBeneficiary(1)
	again.ID = number(2)
	s.addBeneficiary(again)
	same(s, "who has the account", get(s, beneficiaryWith(ada, b.Identity())).ID, number(2))
}

func beneficiaryPages(s *suite) {
	var want []string
	for i := range 9 {
		b := fullBeneficiary(i)
		b.CreatedAt = at(time.Duration(i/3) * time.Microsecond)
		if i == 4 {
			b.Type, b.Currency = party.ToCrypto, money.USDT
		}
		s.addBeneficiary(b)
		want = append(want, b.ID)
	}
	gone := fullBeneficiary(50)
	s.addBeneficiary(gone)
	s.write(func(tx store.Tx) error { return tx.RetireBeneficiary(gone.ID) })
	place := func(b *party.Beneficiary) store.Position { return store.Position{At: b.CreatedAt, ID: b.ID} }
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]*party.Beneficiary, error) {
		return v.BeneficiariesNewer(ada, pos, store.BeneficiaryFilter{}, 4)
	}, place)
	same(s, "oldest first", newer, want)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]*party.Beneficiary, error) {
		return v.BeneficiariesOlder(ada, pos, store.BeneficiaryFilter{}, 4)
	}, place)
	same(s, "newest first", older, want)
	for _, f := range []store.BeneficiaryFilter{{Type: party.ToCrypto}, {Currency: money.USDT}, {Type: party.ToCrypto, Currency: money.USDT}} {
		down := get(s, func(v store.View) ([]*party.Beneficiary, error) { return v.BeneficiariesOlder(ada, newest, f, 4) })
		up := get(s, func(v store.View) ([]*party.Beneficiary, error) { return v.BeneficiariesNewer(ada, oldest, f, 4) })
		for _, rows := range [][]*party.Beneficiary{down, up} {
			if len(rows) != 1 || rows[0].ID != number(4) {
				s.Errorf("%+v gives %v, want the fifth alone", f, rows)
			}
		}
	}
}
