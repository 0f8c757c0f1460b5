package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func linkClaims() []claim {
	return []claim{
		{"a payment link reads back by id and by reference", linkReadsBack},
		{"of many payment links under one reference at once, one is made", linkOnce},
		{"a change of a payment link is written once for the version it was made from", linkRace},
		{"pages of payment links hold each once", linkPages},
	}
}

// fullLink has a value in every field.
func fullLink(n int) *payment.Link {
	return &payment.Link{ID: number(n), Business: ada, Reference: fmt.Sprint("fee-", n), State: payment.LinkActive, Version: 3,
		Amount: money.Of(250000, money.NGN), Method: payment.MethodCard, Payment: number(99), Tries: 2,
		Fixed: payment.LinkFixed{Description: "Term fee", RedirectURL: "https://shop.example/back", Customer: json.RawMessage(`{"email":"ada@example.com"}`),
			Metadata: json.RawMessage(`{"class":"JSS2"}`)}, CreatedAt: at(0), UpdatedAt: at(time.Second)}
}

func linkByID(id string) func(store.View) (*payment.Link, error) {
	return func(v store.View) (*payment.Link, error) { return v.Link(id) }
}

func (s *suite) addLink(l *payment.Link) {
	s.Helper()
	s.write(func(tx store.Tx) error { return tx.InsertLink(l) })
}

func linkReadsBack(s *suite) {
	l := fullLink(1)
	s.addLink(l)
	same(s, "by id", get(s, linkByID(l.ID)), l)
	same(s, "by reference", get(s, func(v store.View) (*payment.Link, error) { return v.LinkByReference(ada, l.Reference) }), l)
	s.missing(try(s, linkByID(number(9))))
	s.missing(try(s, func(v store.View) (*payment.Link, error) { return v.LinkByReference(bola, l.Reference) }))
}

func linkOnce(s *suite) {
	errs := atOnce(12, func(i int) error {
		l := fullLink(1)
		l.ID = number(i)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertLink(l) })
	})
	same(s, "how many were made", s.wins(errs, "insert_link"), 1)
}

func linkRace(s *suite) {
	l := fullLink(1)
	s.addLink(l)
	errs := atOnce(12, func(i int) error {
		mine := *l
		mine.State, mine.Payment, mine.Tries, mine.UpdatedAt = payment.LinkInactive, number(i), 3, at(time.Minute)
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveLink(&mine) })
	})
	same(s, "changes written", s.wins(errs, "save_link"), 1)
	got := get(s, linkByID(l.ID))
	same(s, "the version", got.Version, l.Version+1)
	same(s, "the state", got.State, payment.LinkInactive)
	same(s, "the tries", got.Tries, 3)
}

func linkPages(s *suite) {
	var want []string
	for i := range 9 {
		l := fullLink(i)
		l.CreatedAt = at(time.Duration(i/3) * time.Microsecond)
		if i == 4 {
			l.State = payment.LinkInactive
		}
		s.addLink(l)
		want = append(want, l.ID)
	}
	place := func(l *payment.Link) store.Position { return store.Position{At: l.CreatedAt, ID: l.ID} }
	newer := pages(s, oldest, func(v store.View, pos store.Position) ([]*payment.Link, error) { return v.LinksNewer(ada, pos, "", 4) }, place)
	same(s, "oldest first", newer, want)
	slices.Reverse(want)
	older := pages(s, newest, func(v store.View, pos store.Position) ([]*payment.Link, error) { return v.LinksOlder(ada, pos, "", 4) }, place)
	same(s, "newest first", older, want)
	for _, read := range []func(store.View) ([]*payment.Link, error){
		func(v store.View) ([]*payment.Link, error) { return v.LinksOlder(ada, newest, payment.LinkInactive, 4) },
		func(v store.View) ([]*payment.Link, error) { return v.LinksNewer(ada, oldest, payment.LinkInactive, 4) },
	} {
		if rows := get(s, read); len(rows) != 1 || rows[0].ID != number(4) {
			s.Errorf("inactive ones: %v, want the fifth alone", rows)
		}
	}
}
