package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/store"
)

func pageClaims() []claim {
	return []claim{
		{"pages towards older payments hold each once, newest first, also where times are equal", paymentsOlder},
		{"pages towards newer payments hold each once, oldest first, also where times are equal", paymentsNewer},
		{"a span takes its first moment and not its last", paymentSpan},
		{"a list of states holds those states alone", paymentStates},
		{"pages of several states hold each payment once, in order", paymentStatePages},
		{"a page that begins outside the span begins at its edge", paymentsOutside},
		{"a list holds one business alone", paymentsOfOne},
	}
}

var (
	ever   = store.Span{From: time.UnixMicro(0), To: time.UnixMicro(1<<62 - 1)}
	newest = store.Position{At: time.UnixMicro(1<<62 - 1)}
	oldest = store.Position{At: time.UnixMicro(0)}
)

// crowd is payments of which five at a time were made in one microsecond, in an
// order that is neither that of their ids nor of their times.
func (s *suite) crowd(n int) (ids []string) {
	s.Helper()
	for i := range n {
		ids = append(ids, number(i))
	}
	for i := range n {
		k := i * 7 % n
		s.addPayments(newPayment(k, time.Duration(k/5)*time.Microsecond))
	}
	return ids
}

const crowdSize = 23

func placeOf(p *payment.Payment) store.Position {
	return store.Position{At: p.CreatedAt, ID: p.ID}
}

// pages follows pages of 4 from a position to the end.
func pages[T any](s *suite, from store.Position, page func(v store.View, pos store.Position) ([]T, error), place func(T) store.Position) []string {
	s.Helper()
	ids := []string{}
	for range 100 {
		rows := get(s, func(v store.View) ([]T, error) { return page(v, from) })
		if len(rows) > 4 {
			s.Fatalf("a page of 4 holds %d", len(rows))
		}
		for _, row := range rows {
			ids = append(ids, place(row).ID)
		}
		if len(rows) == 0 {
			return ids
		}
		from = place(rows[len(rows)-1])
	}
	s.Fatal(fmt.Sprint("the pages do not end: ", ids))
	return nil
}

func older(span store.Span, states ...payment.State) func(store.View, store.Position) ([]*payment.Payment, error) {
	return func(v store.View, pos store.Position) ([]*payment.Payment, error) {
		return v.PaymentsOlder(ada, pos, span, states, 4)
	}
}

func newer(span store.Span, states ...payment.State) func(store.View, store.Position) ([]*payment.Payment, error) {
	return func(v store.View, pos store.Position) ([]*payment.Payment, error) {
		return v.PaymentsNewer(ada, pos, span, states, 4)
	}
}

func paymentsOlder(s *suite) {
	want := s.crowd(crowdSize)
	slices.Reverse(want)
	same(s, "all pages", pages(s, newest, older(ever), placeOf), want)
}

func paymentsNewer(s *suite) {
	want := s.crowd(crowdSize)
	same(s, "all pages", pages(s, oldest, newer(ever), placeOf), want)
}

func paymentSpan(s *suite) {
	s.crowd(crowdSize)
	span := store.Span{From: at(time.Microsecond), To: at(3 * time.Microsecond)}
	want := []string{}
	for k := 5; k < 15; k++ {
		want = append(want, number(k))
	}
	same(s, "newer", pages(s, oldest, newer(span), placeOf), want)
	slices.Reverse(want)
	same(s, "older", pages(s, newest, older(span), placeOf), want)
}

func paymentStates(s *suite) {
	want := []string{}
	for i, state := range payment.States {
		p := newPayment(i, time.Duration(i)*time.Second)
		p.State = state
		s.addPayments(p)
		if state == payment.Captured || state == payment.Expired {
			want = append(want, p.ID)
		}
	}
	same(s, "newer", pages(s, oldest, newer(ever, payment.Captured, payment.Expired), placeOf), want)
	slices.Reverse(want)
	same(s, "older", pages(s, newest, older(ever, payment.Captured, payment.Expired), placeOf), want)
}

func paymentStatePages(s *suite) {
	want := []string{}
	for i := range 4 * len(payment.States) {
		p := newPayment(i, time.Duration(i/3)*time.Microsecond)
		p.State = payment.States[i%len(payment.States)]
		s.addPayments(p)
		if p.State == payment.Captured || p.State == payment.Failed || p.State == payment.Created {
			want = append(want, p.ID)
		}
	}
	states := []payment.State{payment.Failed, payment.Created, payment.Captured}
	same(s, "newer", pages(s, oldest, newer(ever, states...), placeOf), want)
	slices.Reverse(want)
	same(s, "older", pages(s, newest, older(ever, states...), placeOf), want)
}

func paymentsOutside(s *suite) {
	ids := s.crowd(crowdSize) // five in each microsecond
	span := store.Span{From: at(time.Microsecond), To: at(3 * time.Microsecond)}
	want := slices.Clone(ids[5:15])
	same(s, "newer, from before the span", pages(s, store.Position{At: at(0), ID: "zz"}, newer(span), placeOf), want)
	same(s, "newer, from behind it", pages(s, store.Position{At: at(time.Hour)}, newer(span), placeOf), []string{})
	slices.Reverse(want)
	same(s, "older, from behind the span", pages(s, store.Position{At: at(time.Hour), ID: "zz"}, older(span), placeOf), want)
	same(s, "older, from before it", pages(s, store.Position{At: at(0)}, older(span), placeOf), []string{})
	same(s, "older, from its last moment", pages(s, store.Position{At: at(2 * time.Microsecond), ID: number(11)}, older(span), placeOf), want[4:])
}

func paymentsOfOne(s *suite) {
	mine, others := newPayment(1, 0), newPayment(2, 0)
	others.Business = bola
	s.addPayments(mine, others)
	same(s, "older", pages(s, newest, older(ever), placeOf), []string{mine.ID})
	same(s, "newer", pages(s, oldest, newer(ever), placeOf), []string{mine.ID})
}
