package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
)

func eventClaims() []claim {
	return []claim{{"an object's events come oldest first", events}}
}

func events(s *suite) {
	e := func(n int, object string, after time.Duration) store.Event {
		return store.Event{ID: fmt.Sprint("evt_", n), Business: ada, Event: "payment.session.succeeded", Object: object, Data: `{"a":"“b”"}`, CreatedAt: at(after)}
	}
	late, early, twin, other := e(1, "a", time.Minute), e(2, "a", 0), e(3, "a", 0), e(4, "b", 0)
	for _, one := range []store.Event{late, twin, early, other} {
		s.write(func(tx store.Tx) error { return tx.InsertEvent(one) })
	}
	same(s, "a's events", get(s, func(v store.View) ([]store.Event, error) { return v.EventsOf("a") }), []store.Event{early, twin, late})
	same(s, "all events", get(s, store.View.CountEvents), 4)
}

func requestClaims() []claim {
	return []claim{
		{"a line of the request log reads back whole by its id", requestReadsBack},
		{"a line holds what was no text in a readable form, and what is no text is found nowhere", requestOfBytes},
		{"a line that is written twice is kept once", requestTwice},
		{"a list of the request log leaves bodies and timelines out", requestListed},
		{"every filter of the request log narrows it", requestFilters},
		{"pages of the request log hold each line once, also where times are equal", requestPages},
		{"old lines are forgotten, and the bodies of younger ones", requestsForgotten},
		{"a thousand old lines are forgotten in several goes", manyForgotten},
	}
}

func requestOfBytes(s *suite) {
	const odd, shown = "a\x00b\xffc", "a\uFFFDb\uFFFDc"
	r := &store.Request{ID: "req_1", Business: ada, CreatedAt: at(0), Path: "/" + odd, IdempotencyKey: odd, RequestBody: odd, ReplyBody: odd}
	s.addRequests(r)
	got := get(s, func(v store.View) (*store.Request, error) { return v.Request("req_1") })
	same(s, "path, key and bodies", []string{got.Path, got.IdempotencyKey, got.RequestBody, got.ReplyBody}, []string{"/" + shown, shown, shown, shown})
	s.missing(try(s, func(v store.View) (*store.Request, error) { return v.Request(odd) }))
}

func (s *suite) addRequests(all ...*store.Request) {
	s.Helper()
	for _, r := range all {
		s.write(func(tx store.Tx) error { return tx.InsertRequest(r) })
	}
}

func requestByID(id string) func(store.View) (*store.Request, error) {
	return func(v store.View) (*store.Request, error) { return v.Request(id) }
}

func (s *suite) requests(f store.RequestFilter) []*store.Request {
	s.Helper()
	return get(s, func(v store.View) ([]*store.Request, error) { return v.RequestsOlder(ada, newest, ever, f, 100) })
}

func (s *suite) requestsNewer(f store.RequestFilter) []*store.Request {
	s.Helper()
	return get(s, func(v store.View) ([]*store.Request, error) { return v.RequestsNewer(ada, oldest, ever, f, 100) })
}

func requestReadsBack(s *suite) {
	r := fullRequest(1)
	s.addRequests(r)
	same(s, "the line", get(s, requestByID(r.ID)), r)
	s.missing(try(s, requestByID(fullRequest(2).ID)))
}

func requestTwice(s *suite) {
	s.addRequests(fullRequest(1), fullRequest(1))
	same(s, "lines", get(s, store.View.CountRequests), 1)
}

func requestListed(s *suite) {
	s.addRequests(fullRequest(1))
	want := fullRequest(1)
	want.Timeline, want.RequestBody, want.ReplyBody = "", "", ""
	same(s, "the list", s.requests(store.RequestFilter{}), []*store.Request{want})
	got := get(s, func(v store.View) ([]*store.Request, error) {
		return v.RequestsOlder(bola, newest, ever, store.RequestFilter{}, 9)
	})
	same(s, "another business's list", got, nil)
}

func requestFilters(s *suite) {
	base := fullRequest(0)
	s.addRequests(base)
	cases := []struct {
		name   string
		change func(*store.Request)
		filter store.RequestFilter
	}{
		{"status", func(r *store.Request) { r.Status = 409 }, store.RequestFilter{Status: 409}},
		{"code", func(r *store.Request) { r.Code = "z" }, store.RequestFilter{Code: "z"}},
		{"path", func(r *store.Request) { r.Path = "/p" }, store.RequestFilter{Path: "/p"}},
		{"key", func(r *store.Request) { r.IdempotencyKey = "z" }, store.RequestFilter{IdempotencyKey: "z"}},
		{"object", func(r *store.Request) { r.ObjectID = "z" }, store.RequestFilter{ObjectID: "z"}},
	}
	for n, c := range cases {
		r := fullRequest(n + 1)
		c.change(r)
		s.addRequests(r)
	}
	for n, c := range cases {
		got := s.requests(c.filter)
		if len(got) != 1 || got[0].ID != fullRequest(n+1).ID {
			s.Errorf("filter by %s gives %d lines, want line %d alone", c.name, len(got), n+1)
		}
		same(s, "the same towards newer ones, by "+c.name, s.requestsNewer(c.filter), got)
	}
	both := s.requests(store.RequestFilter{Status: base.Status, Path: base.Path, Code: base.Code, IdempotencyKey: base.IdempotencyKey, ObjectID: base.ObjectID})
	same(s, "lines that fit all filters", len(both), 1)
	same(s, "lines without a filter", len(s.requests(store.RequestFilter{})), len(cases)+1)
	all := s.requestsNewer(store.RequestFilter{})
	slices.Reverse(all)
	same(s, "lines without a filter towards newer ones", all, s.requests(store.RequestFilter{}))
	same(s, "lines of one object with a status that none of them has", s.requests(store.RequestFilter{ObjectID: "z", Status: 409}), nil)
}

func requestPages(s *suite) {
	want := []string{}
	for n := range 13 {
		r := fullRequest(n)
		r.CreatedAt = at(time.Duration(n/4) * time.Microsecond)
		s.addRequests(r)
		want = append(want, r.ID)
	}
	place := func(r *store.Request) store.Position { return store.Position{At: r.CreatedAt, ID: r.ID} }
	list := func(read func(store.View, string, store.Position, store.Span, store.RequestFilter, int) ([]*store.Request, error), span store.Span) func(store.View, store.Position) ([]*store.Request, error) {
		return func(v store.View, pos store.Position) ([]*store.Request, error) {
			return read(v, ada, pos, span, store.RequestFilter{Status: 201}, 4)
		}
	}
	middle := store.Span{From: at(time.Microsecond), To: at(2 * time.Microsecond)}
	same(s, "towards newer", pages(s, oldest, list(store.View.RequestsNewer, ever), place), want)
	same(s, "a span towards newer", pages(s, oldest, list(store.View.RequestsNewer, middle), place), want[4:8])
	slices.Reverse(want)
	same(s, "towards older", pages(s, newest, list(store.View.RequestsOlder, ever), place), want)
	same(s, "a span towards older", pages(s, newest, list(store.View.RequestsOlder, middle), place), want[5:9])
}

func requestsForgotten(s *suite) {
	for n := range 3 {
		s.addRequests(fullRequest(n))
	}
	s.untilDone(func(tx store.Tx) (bool, error) { return tx.ForgetRequests(at(time.Second), at(2*time.Second)) })
	s.missing(try(s, requestByID(fullRequest(0).ID)))
	stripped := fullRequest(1)
	stripped.RequestBody, stripped.ReplyBody = "", ""
	same(s, "the line whose bodies are old", get(s, requestByID(stripped.ID)), stripped)
	same(s, "the young line", get(s, requestByID(fullRequest(2).ID)), fullRequest(2))
}

func manyForgotten(s *suite) {
	const lines = 1001
	s.write(func(tx store.Tx) error {
		var errs []error
		for n := range lines {
			r := fullRequest(n)
			r.CreatedAt = at(time.Duration(n) * time.Second)
			errs = append(errs, tx.InsertRequest(r))
		}
		return errors.Join(errs...)
	})
	goes := 0
	s.untilDone(func(tx store.Tx) (bool, error) {
		goes++
		return tx.ForgetRequests(at((lines-1)*time.Second), at(0))
	})
	same(s, "lines that are left", get(s, store.View.CountRequests), 1)
	same(s, "the youngest is there", get(s, requestByID(fullRequest(lines-1).ID)).ID, fullRequest(lines-1).ID)
	same(s, "it took several goes", goes > 2, true)
}

// untilDone repeats what does only a part at a time.
func (s *suite) untilDone(forget func(store.Tx) (more bool, err error)) {
	s.Helper()
	for more := true; more; {
		s.write(func(tx store.Tx) (err error) {
			more, err = forget(tx)
			return err
		})
	}
}

func clearClaims() []claim {
	return []claim{{"clearing empties everything about money and leaves businesses, keys and settings", cleared}}
}

func cleared(s *suite) {
	s.funded(10)
	s.write(func(tx store.Tx) error {
		return errors.Join(
			tx.InsertBusiness(store.Business{ID: ada}), tx.InsertAPIKey(fullKey(1)), tx.SaveSetting("a", "1"), tx.AddEncryptionKey(store.EncryptionKey{ID: "e"}),
			tx.InsertPayment(fullPayment(1)), tx.InsertRefund(fullRefund(1)), tx.InsertInstruction(openInstruction("a", 1)), tx.SealEntry(store.Seal{Seq: 1, Entry: number(0), Hash: "h"}),
			tx.InsertEvent(store.Event{ID: "evt"}), tx.Schedule("payment", "a", ada, at(0)), tx.InsertClaim(fullClaim("k")), tx.InsertRequest(fullRequest(1)),
			tx.InsertCustomer(fullCustomer(1, "e")), tx.InsertWallet(fullWallet(1)), tx.InsertWalletEvent(wallet.Happening{ID: "h", Wallet: number(1)}),
			tx.InsertWalletAccount(fullAccount(1)), tx.InsertWalletTransaction(fullMove(1)), tx.InsertBeneficiary(fullBeneficiary(1)),
			tx.InsertPayout(fullPayout(1)), tx.SpendDaily(ada, "crypto", at(0), 1, 2),
			tx.InsertQuote(fullQuote(1)), tx.InsertDeal(fullDeal(1)), tx.InsertOrder(fullOrder(1)), tx.InsertRate(fullRate("CAD-NGN")))
	})
	s.write(store.Tx.Clear)
	s.missing(try(s, paymentByID(number(1))))
	s.missing(try(s, refundByID(number(1))))
	s.missing(try(s, claimOf("k")))
	s.missing(try(s, instructionByRef("a/1")))
	s.missing(try(s, func(v store.View) (string, error) { return v.CustomerByEmail(ada, "e") }))
	s.missing(try(s, func(v store.View) (ledger.Entry, error) { return v.Entry(number(0)) }))
	s.missing(try(s, quoteByID(number(1))))
	s.missing(try(s, dealByID(number(1))))
	s.missing(try(s, orderByID(number(1))))
	same(s, "the operator's rates", len(get(s, store.View.Rates)), 1)
	same(s, "the chain", get(s, store.View.LastSeal), store.Seal{})
	same(s, "balances", get(s, store.View.Balances), nil)
	same(s, "wallets", get(s, store.View.Wallets), nil)
	same(s, "a wallet's events", get(s, eventsOfWallet(number(1))), nil)
	s.missing(try(s, func(v store.View) (wallet.Account, error) { return v.WalletAccount(number(1)) }))
	s.missing(try(s, moveByID(number(1))))
	s.missing(try(s, beneficiaryByID(number(1))))
	s.missing(try(s, payoutByID(number(1))))
	same(s, "the sum of the day", get(s, func(v store.View) (int64, error) { return v.SpentDaily(ada, "crypto", at(0)) }), 0)
	same(s, "events", get(s, store.View.CountEvents), 0)
	same(s, "lines of the request log", get(s, store.View.CountRequests), 0)
	same(s, "stray postings", get(s, store.View.CountStrayPostings), 0)
	same(s, "the next job", s.next(0), nil)
	same(s, "businesses", len(get(s, store.View.Businesses)), 1)
	same(s, "encryption keys", len(get(s, store.View.EncryptionKeys)), 1)
	same(s, "the setting", setting(s, "a"), "1")
	same(s, "the key", key(s, number(1)), shown(fullKey(1)))
}
