package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

func webhookClaims() []claim {
	return []claim{
		{"events get numbers in the order in which they were written, each once", numbering},
		{"of many who take the same numbers, one gets them", numberRace},
		{"events below a number are forgotten with their deliveries", eventsForgotten},
		{"an endpoint reads back whole, and changes only as it was read", endpointReadsBack},
		{"a business has each URL once, and as many endpoints as are counted", endpointOnce},
		{"an endpoint's standing is kept, and a paused one is paused once", endpointStanding},
		{"a delivery reads back whole, and only its holder writes to it", deliveryReadsBack},
		{"deliveries start in order, each is held once, and paused endpoints have no work", deliveriesDue},
		{"what no active endpoint has accepted is found once it is due", undelivered},
		{"pages of deliveries hold each once and keep their filters", deliveryPages},
		{"a resend goes back to where the delivery was, and leaves alone what is on its way", resends},
		{"what waits for an endpoint is released, dropped or put forward together", heldDeliveries},
		{"rules for deliveries are counted once for each match", hookFaults},
		{"a job is ended by its holder only", jobEnded},
		{"a business keeps its address and its PIN", businessExtras},
		{"clearing keeps endpoints unless they are to go, too", hooksCleared},
	}
}

func event(n int) store.Event {
	return store.Event{ID: fmt.Sprintf("evt_%02d", n), Business: ada, Event: "payment.session.succeeded", Object: number(n), Data: `{"n":1}`,
		CreatedAt: at(time.Duration(n) * time.Minute)}
}

// addEvents writes events one after the other and numbers them from 1.
func (s *suite) addEvents(n int) {
	s.Helper()
	for i := range n {
		s.write(func(tx store.Tx) error { return tx.InsertEvent(event(i + 1)) })
	}
	s.write(func(tx store.Tx) error { return tx.OpenStream(ada) })
	s.must(s.number(0, n))
}

func (s *suite) number(last, n int) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error {
		if err := tx.AdvanceStream(ada, int64(last), int64(last+n)); err != nil {
			return err
		}
		for i := range n {
			if err := tx.NumberEvent(event(last+i+1).ID, int64(last+i+1)); err != nil {
				return err
			}
		}
		return nil
	})
}

func unnumbered(v store.View) ([]store.Event, error) { return v.Unnumbered(9) }

func sequences(all []store.Event) (out []int64) {
	for _, e := range all {
		out = append(out, e.Sequence)
	}
	return out
}

func numbering(s *suite) {
	for _, n := range []int{2, 1} { // by the time of writing, not by id or time of the clock
		s.write(func(tx store.Tx) error { return tx.InsertEvent(event(n)) })
	}
	waiting := get(s, unnumbered)
	same(s, "who waits", []string{waiting[0].ID, waiting[1].ID}, []string{event(2).ID, event(1).ID})
	_, some, err := oldestUnnumbered(s)
	s.must(err)
	same(s, "somebody waits", some, true)
	s.write(func(tx store.Tx) error { return errors.Join(tx.OpenStream(ada), tx.OpenStream(ada)) })
	s.must(s.number(0, 2))
	same(s, "who waits then", get(s, unnumbered), nil)
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.NumberEvent(event(1).ID, 3) }), "number_event")
	want := event(1)
	want.Sequence = 1
	same(s, "the event", get(s, func(v store.View) (store.Event, error) { return v.Event(want.ID) }), want)
	s.missing(try(s, func(v store.View) (store.Event, error) { return v.Event("evt_none") }))
	same(s, "the count", get(s, func(v store.View) (store.Stream, error) { return v.Stream(ada) }), store.Stream{LastSequence: 2})
	same(s, "another's count", get(s, func(v store.View) (store.Stream, error) { return v.Stream(bola) }), store.Stream{})
	after := func(n int64, name string, limit int) []int64 {
		return sequences(get(s, func(v store.View) ([]store.Event, error) { return v.EventsAfter(ada, n, name, limit) }))
	}
	same(s, "all", after(0, "", 9), []int64{1, 2})
	same(s, "the first", after(0, "", 1), []int64{1})
	same(s, "those behind it", after(1, event(1).Event, 9), []int64{2})
	same(s, "others", after(0, "payment.refunded", 9), nil)
}

func oldestUnnumbered(s *suite) (at time.Time, some bool, err error) {
	err = s.store.Read(s.ctx, func(v store.View) (err error) {
		at, some, err = v.OldestUnnumbered()
		return err
	})
	return at, some, err
}

func numberRace(s *suite) {
	for i := range 12 {
		s.write(func(tx store.Tx) error { return tx.InsertEvent(event(i + 1)) })
	}
	s.write(func(tx store.Tx) error { return tx.OpenStream(ada) })
	same(s, "winners", s.wins(atOnce(12, func(int) error { return s.number(0, 12) }), "advance_stream"), 1)
	same(s, "numbers", sequences(get(s, func(v store.View) ([]store.Event, error) { return v.EventsAfter(ada, 0, "", 99) })),
		[]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
}

func eventsForgotten(s *suite) {
	s.addEvents(3)
	s.addEndpoint(endpoint(1))
	s.addDeliveries(delivery(1), delivery(2))
	since := func(d time.Duration) int64 {
		return get(s, func(v store.View) (int64, error) { return v.FirstSince(ada, at(d)) })
	}
	same(s, "the first of the last minutes", since(2*time.Minute), 2)
	same(s, "the first of later ones", since(time.Hour), 0)
	s.write(func(tx store.Tx) error { return tx.ForgetEvents(ada, 2) })
	same(s, "what is left", sequences(get(s, func(v store.View) ([]store.Event, error) { return v.EventsAfter(ada, 0, "", 9) })), []int64{2, 3})
	same(s, "deliveries left", get(s, store.View.CountDeliveries), 1)
}

func endpoint(n int) *store.Endpoint {
	return &store.Endpoint{ID: number(n), Business: ada, URL: fmt.Sprint("https://shop.example/", n), Events: []string{"*", "payment.*"}, Description: "d",
		Status: "active", Secret: "sealed", OldSecret: "old", OldUntil: ptr(at(time.Hour)), FailingSince: ptr(at(time.Minute)), LastSuccessAt: ptr(at(0)),
		LastSequence: 4, Turn: 5, Edits: 6, CreatedAt: at(time.Duration(n) * time.Second)}
}

func (s *suite) addEndpoint(all ...*store.Endpoint) {
	s.Helper()
	for _, e := range all {
		s.write(func(tx store.Tx) error { return tx.InsertEndpoint(e) })
	}
}

func (s *suite) endpoint(n int) *store.Endpoint {
	s.Helper()
	return get(s, func(v store.View) (*store.Endpoint, error) { return v.Endpoint(number(n)) })
}

func endpointReadsBack(s *suite) {
	s.addEndpoint(endpoint(1), endpoint(2))
	same(s, "the endpoint", s.endpoint(1), endpoint(1))
	same(s, "the list", get(s, func(v store.View) ([]*store.Endpoint, error) { return v.Endpoints(ada) }), []*store.Endpoint{endpoint(2), endpoint(1)})
	s.missing(try(s, func(v store.View) (*store.Endpoint, error) { return v.Endpoint(number(3)) }))
	next := endpoint(1)
	next.URL, next.Events, next.Description, next.Status, next.Secret, next.OldSecret, next.OldUntil = "u", []string{"*"}, "", "paused", "s", "", nil
	s.write(func(tx store.Tx) error { return tx.SaveEndpoint(next) })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.SaveEndpoint(next) }), "save_endpoint")
	next.Edits++
	same(s, "the endpoint then", s.endpoint(1), next)
	s.write(func(tx store.Tx) error { return tx.DeleteEndpoint(ada, number(1)) })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.DeleteEndpoint(ada, number(1)) }), "delete_endpoint")
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.DeleteEndpoint(bola, number(2)) }), "delete_endpoint")
}

func endpointOnce(s *suite) {
	s.addEndpoint(endpoint(1))
	twin := endpoint(2)
	twin.URL = endpoint(1).URL
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.InsertEndpoint(twin) }), "insert_endpoint")
	s.write(func(tx store.Tx) error { return tx.OpenStream(ada) })
	grow := func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.ResizeStream(ada, 0, 1) })
	}
	same(s, "winners", s.wins(atOnce(8, grow), "resize_stream"), 1)
}

func endpointStanding(s *suite) {
	e := endpoint(1)
	e.FailingSince, e.LastSuccessAt = nil, nil
	s.addEndpoint(e)
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.NoteEndpointFailure(e.ID, at(0)), tx.NoteEndpointFailure(e.ID, at(time.Hour)), tx.PointEndpoint(e.ID, 9))
	})
	got := s.endpoint(1)
	same(s, "failing since", got.FailingSince, ptr(at(0)))
	same(s, "the last number", got.LastSequence, 9)
	pause := func(since time.Duration) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.PauseEndpoint(e.ID, at(since)) })
	}
	s.lost(pause(time.Hour), "pause_endpoint") // it has succeeded since
	s.must(pause(0))
	s.lost(pause(0), "pause_endpoint")
	s.write(func(tx store.Tx) error { return tx.ForgiveEndpoint(e.ID) })
	same(s, "failing since, forgiven", s.endpoint(1).FailingSince, nil)
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.NoteEndpointFailure(e.ID, at(0)), tx.NoteEndpointSuccess(e.ID, at(time.Minute)))
	})
	same(s, "after a success", []*time.Time{s.endpoint(1).FailingSince, s.endpoint(1).LastSuccessAt}, []*time.Time{nil, ptr(at(time.Minute))})
}

// delivery is event n on its way to endpoint 1, due at noon.
func delivery(n int) *store.Delivery {
	return &store.Delivery{ID: fmt.Sprintf("01a20297-4dc0-7000-9000-%012d", n), Business: ada, Endpoint: number(1), EventID: event(n).ID, Event: event(n).Event,
		Sequence: int64(n), Previous: int64(n - 1), Status: "pending", DueAt: ptr(at(0)), CreatedAt: at(time.Duration(n/3) * time.Second)}
}

func (s *suite) addDeliveries(all ...*store.Delivery) {
	s.Helper()
	for _, d := range all {
		s.write(func(tx store.Tx) error { return tx.InsertDelivery(d) })
	}
}

func (s *suite) delivery(n int) *store.Delivery {
	s.Helper()
	return get(s, func(v store.View) (*store.Delivery, error) { return v.Delivery(delivery(n).ID) })
}

func (s *suite) leaseDelivery(d *store.Delivery, owner string, until time.Duration) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.LeaseDelivery(d, owner, at(until)) })
}

func deliveryReadsBack(s *suite) {
	want := delivery(1)
	want.Attempts = []store.Attempt{{At: at(0), DurationMS: 3, Error: "timed out", Number: 1, Excerpt: "“x”", Status: 500}}
	want.Sent, want.Tries, want.FirstAt, want.Extra, want.Back, want.BackAt, want.Fault = 2, 1, ptr(at(0)), true, "failed", ptr(at(time.Hour)), "delay"
	s.addEndpoint(endpoint(1))
	s.addDeliveries(want)
	same(s, "the delivery", s.delivery(1), want)
	same(s, "that of its event", get(s, func(v store.View) ([]*store.Delivery, error) { return v.DeliveriesOf(want.EventID) }), []*store.Delivery{want})
	s.missing(try(s, func(v store.View) (*store.Delivery, error) { return v.Delivery(number(9)) }))
	s.must(s.leaseDelivery(want, "a", time.Hour))
	s.lost(s.leaseDelivery(want, "b", time.Hour), "lease_delivery")
	finish := func() error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.FinishDelivery(want) })
	}
	s.lost(finish(), "finish_delivery") // of a time before the lease
	want.Fence++
	want.Status, want.DueAt, want.Extra, want.Back, want.BackAt = "delivered", nil, false, "", nil
	s.must(finish())
	same(s, "the delivery then", s.delivery(1), want)
}

func (s *suite) due(realNow time.Duration, limit int) []int64 {
	s.Helper()
	out := []int64{}
	for _, d := range get(s, func(v store.View) ([]*store.Delivery, error) {
		return v.DueDeliveries(number(1), at(0), at(realNow), limit)
	}) {
		out = append(out, d.Sequence)
	}
	return out
}

func (s *suite) busy(realNow time.Duration) (ids []string) {
	s.Helper()
	for _, e := range get(s, func(v store.View) ([]*store.Endpoint, error) { return v.EndpointsWithWork(at(0), at(realNow)) }) {
		ids = append(ids, e.ID)
	}
	return ids
}

func deliveriesDue(s *suite) {
	s.addEndpoint(endpoint(1), endpoint(2))
	later := delivery(4)
	later.DueAt = ptr(at(time.Minute))
	s.addDeliveries(delivery(3), delivery(1), delivery(2), later)
	same(s, "in order", s.due(0, 9), []int64{1, 2, 3})
	same(s, "no more than asked for", s.due(0, 2), []int64{1, 2})
	same(s, "endpoints with work", s.busy(0), []string{number(1)})
	next := func(real time.Duration) *time.Time {
		var out *time.Time
		s.read(func(v store.View) error {
			t, some, err := v.NextDelivery(at(real))
			if some {
				out = &t
			}
			return err
		})
		return out
	}
	leased := func(real time.Duration) int64 {
		return get(s, func(v store.View) (int64, error) { return v.CountLeased(number(1), at(real)) })
	}
	turn := func(e *store.Endpoint) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.TakeTurn(e) })
	}
	same(s, "takers of one turn", s.wins(atOnce(8, func(int) error { return turn(endpoint(1)) }), "take_turn"), 1)
	for n := 1; n <= 3; n++ {
		s.must(s.leaseDelivery(delivery(n), "a", time.Hour))
	}
	same(s, "held", leased(0), 3)
	same(s, "held when the lease is over", leased(2*time.Hour), 0)
	same(s, "due while they are held", s.due(0, 9), []int64{})
	same(s, "the next moment", next(0), ptr(at(time.Minute)))
	same(s, "due, held ones included", get(s, func(v store.View) (int64, error) { return v.CountDueDeliveries(at(0)) }), 3)
	s.write(func(tx store.Tx) error { return tx.HastenJobs(at(0)) }) // "a" is no node that lives
	same(s, "due after the death of their holder", s.due(0, 9), []int64{1, 2, 3})
	s.write(func(tx store.Tx) error { return tx.PauseEndpoint(number(1), at(time.Minute)) })
	same(s, "endpoints with work, paused", s.busy(0), nil)
	same(s, "the next moment, paused", next(0), nil)
	same(s, "held ones show it", s.delivery(1).Paused, true)
	s.lost(turn(s.endpoint(1)), "take_turn")
}

func undelivered(s *suite) {
	s.addEndpoint(endpoint(1), endpoint(2))
	later, accepted, resent, elsewhere := delivery(2), delivery(3), delivery(4), delivery(6)
	later.DueAt = ptr(at(time.Minute))
	accepted.Status, accepted.DueAt = "delivered", nil
	resent.Back = "delivered"
	refused := delivery(5)
	refused.Status, refused.Sent, refused.DueAt = "failed", 9, nil
	elsewhere.EventID, elsewhere.Endpoint, elsewhere.Status, elsewhere.DueAt = refused.EventID, number(2), "delivered", nil
	s.addDeliveries(delivery(1), later, accepted, resent, refused)
	events := func(after string, d time.Duration, limit int) (all []int64) {
		for _, u := range get(s, func(v store.View) ([]store.Undelivered, error) { return v.UndeliveredAfter(after, at(d), limit) }) {
			all = append(all, u.Sequence)
			same(s, "whose event", u, store.Undelivered{EventID: event(int(u.Sequence)).ID, Event: event(int(u.Sequence)).Event, Sequence: u.Sequence})
		}
		return all
	}
	same(s, "due and not accepted", events("", 0, 9), []int64{1, 5})
	same(s, "a page of them", events("", 0, 1), []int64{1})
	same(s, "the page after it", events(event(1).ID, 0, 9), []int64{5})
	same(s, "due a minute later", events("", time.Minute, 9), []int64{1, 2, 5})
	s.addDeliveries(elsewhere)
	same(s, "accepted by another endpoint", events("", 0, 9), []int64{1})
	s.write(func(tx store.Tx) error { return tx.PauseEndpoint(number(1), at(time.Minute)) })
	same(s, "while their endpoint is paused", events("", time.Minute, 9), []int64(nil))
}

func deliveryPages(s *suite) {
	s.addEndpoint(endpoint(1))
	want := []string{}
	for n := 1; n <= 9; n++ {
		d := delivery(n)
		if n == 5 {
			d.Status, d.Event = "failed", "payment.refunded"
		}
		s.addDeliveries(d)
		want = append(want, d.ID)
	}
	place := func(d *store.Delivery) store.Position { return store.Position{At: d.CreatedAt, ID: d.ID} }
	f := store.DeliveryFilter{}
	same(s, "towards newer", pages(s, oldest, func(v store.View, p store.Position) ([]*store.Delivery, error) {
		return v.DeliveriesNewer(number(1), p, f, 4)
	}, place), want)
	slices.Reverse(want)
	same(s, "towards older", pages(s, newest, func(v store.View, p store.Position) ([]*store.Delivery, error) {
		return v.DeliveriesOlder(number(1), p, f, 4)
	}, place), want)
	count := func(f store.DeliveryFilter) int {
		return len(get(s, func(v store.View) ([]*store.Delivery, error) { return v.DeliveriesOlder(number(1), newest, f, 99) }))
	}
	same(s, "failed ones", count(store.DeliveryFilter{Status: "failed"}), 1)
	same(s, "of an event", count(store.DeliveryFilter{Event: "payment.refunded"}), 1)
	same(s, "pending", count(store.DeliveryFilter{Status: "pending"}), 8)
	s.write(func(tx store.Tx) error { return tx.PauseEndpoint(number(1), at(time.Minute)) })
	same(s, "pending, paused", count(store.DeliveryFilter{Status: "pending"}), 0)
	same(s, "held, paused", count(store.DeliveryFilter{Status: "held"}), 8)
}

func resends(s *suite) {
	s.addEndpoint(endpoint(1))
	waits, gone, taken, flies := delivery(1), delivery(2), delivery(3), delivery(4)
	waits.DueAt = ptr(at(time.Hour))
	gone.Status, gone.DueAt = "failed", nil
	taken.Status, taken.DueAt = "delivered", nil
	s.addDeliveries(waits, gone, taken, flies)
	s.must(s.leaseDelivery(flies, "a", time.Hour))
	again := func(n int) {
		s.write(func(tx store.Tx) error { return tx.ResendDelivery(delivery(n).ID, at(0), at(0)) })
	}
	for n := 1; n <= 4; n++ {
		again(n)
	}
	again(1) // twice is once
	for n, want := range map[int][]any{1: {"", ptr(at(time.Hour)), true}, 2: {"failed", (*time.Time)(nil), true}, 3: {"delivered", (*time.Time)(nil), true}, 4: {"", (*time.Time)(nil), false}} {
		d := s.delivery(n)
		same(s, fmt.Sprint("delivery ", n), []any{d.Back, d.BackAt, d.Extra}, want)
		same(s, "its state", d.Status, "pending")
	}
	many := func(r store.Resend) (ids []string) {
		s.write(func(tx store.Tx) (err error) {
			ids, err = tx.ResendDeliveries(r, at(0), at(0))
			return err
		})
		slices.Sort(ids) // they come in any order
		return ids
	}
	for n := 5; n <= 8; n++ {
		d := delivery(n)
		d.Status, d.DueAt = "failed", nil
		s.addDeliveries(d)
	}
	same(s, "the first that failed behind 5", many(store.Resend{Endpoint: number(1), After: 5, Status: "failed", Limit: 2}), []string{delivery(6).ID, delivery(7).ID})
	same(s, "those left", many(store.Resend{Endpoint: number(1), Event: event(1).Event, Status: "failed", Limit: 9}), []string{delivery(5).ID, delivery(8).ID})
	same(s, "all but the one on its way", len(many(store.Resend{Endpoint: number(1), Status: "all", Limit: 99})), 7)
}

func heldDeliveries(s *suite) {
	s.addEndpoint(endpoint(1))
	old, young, done, put := delivery(1), delivery(4), delivery(5), delivery(6)
	young.DueAt, done.DueAt, put.DueAt, put.Fault = ptr(at(time.Hour)), nil, ptr(at(time.Hour)), "reorder"
	s.addDeliveries(old, young, done, put)
	s.write(func(tx store.Tx) error { return tx.ReleaseReordered(number(1), 6, at(0)) })
	same(s, "due while the next was not sent", s.due(0, 9), []int64{1})
	s.write(func(tx store.Tx) error { return tx.ReleaseReordered(number(1), 7, at(0)) })
	same(s, "due once it was", s.due(0, 9), []int64{1, 6})
	waiting := func() int64 {
		return get(s, func(v store.View) (int64, error) { return v.CountHeld(number(1)) })
	}
	same(s, "waiting", waiting(), 3)
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.DropOldDeliveries(number(1), at(time.Second)), tx.ReleaseHeld(number(1), at(0)))
	})
	same(s, "released", s.due(0, 9), []int64{4, 6})
	s.write(func(tx store.Tx) error { return tx.DropWaitingDeliveries(number(1)) })
	same(s, "waiting when all are dropped", waiting(), 0)
	same(s, "and what was delivered", get(s, store.View.CountDeliveries), 1)
}

func hookFaults(s *suite) {
	rule := func(n int) store.WebhookFault {
		return store.WebhookFault{ID: number(n), Business: ada, Matcher: `{"nth":1}`, Rule: "lose", CreatedAt: at(time.Duration(n))}
	}
	for n := range 2 {
		s.write(func(tx store.Tx) error { return tx.InsertWebhookFault(rule(n)) })
	}
	list := func() []store.WebhookFault {
		return get(s, func(v store.View) ([]store.WebhookFault, error) { return v.WebhookFaults(ada) })
	}
	count := func(int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.CountWebhookFault(rule(0), 1) })
	}
	same(s, "winners", s.wins(atOnce(6, count), "count_webhook_fault"), 1)
	first := list()[0]
	same(s, "the first", []int64{first.Matched, first.Fired}, []int64{1, 1})
	s.write(func(tx store.Tx) error { return tx.DropWebhookFault(ada, number(0)) })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.DropWebhookFault(ada, number(0)) }), "drop_webhook_fault")
	same(s, "left", len(list()), 1)
	s.write(func(tx store.Tx) error { return tx.DropWebhookFaults(ada) })
	same(s, "left then", len(list()), 0)
}

func jobEnded(s *suite) {
	s.schedule(1, 0)
	j := s.lease("a", time.Minute, 1)[0]
	s.schedule(1, 0)
	finish := func(j store.Job) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.Finish(j) })
	}
	s.lost(finish(j), "finish_job")
	s.must(finish(s.lease("a", time.Minute, 1)[0]))
	same(s, "the next job", s.next(0), nil)
}

func businessExtras(s *suite) {
	s.write(func(tx store.Tx) error {
		return tx.InsertBusiness(store.Business{ID: ada, SecretID: "s", Name: "n", CreatedAt: at(0)})
	})
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.SaveBusinessAddress(ada, `{"city":"Lagos"}`), tx.SavePayoutPIN(ada, "hash"))
	})
	want := store.Business{ID: ada, SecretID: "s", Name: "n", Address: `{"city":"Lagos"}`, PayoutPIN: "hash", CreatedAt: at(0)}
	same(s, "the business", get(s, func(v store.View) (store.Business, error) { return v.Business(ada) }), want)
	s.missing(try(s, func(v store.View) (store.Business, error) { return v.Business(bola) }))
	s.write(func(tx store.Tx) error { return tx.InsertAPIKey(fullKey(1)) })
	same(s, "a key of any business", get(s, func(v store.View) (*store.APIKey, error) { return v.APIKeyByID(number(1)) }), shown(fullKey(1)))
}

func hooksCleared(s *suite) {
	s.addEvents(2)
	s.addEndpoint(endpoint(1))
	s.addDeliveries(delivery(1))
	s.write(func(tx store.Tx) error {
		return errors.Join(tx.ResizeStream(ada, 0, 1), tx.InsertWebhookFault(store.WebhookFault{ID: number(1), Business: ada, Matcher: "{}"}))
	})
	s.write(store.Tx.Clear)
	same(s, "deliveries", get(s, store.View.CountDeliveries), 0)
	same(s, "the count", get(s, func(v store.View) (store.Stream, error) { return v.Stream(ada) }), store.Stream{Endpoints: 1})
	got := s.endpoint(1)
	same(s, "the endpoint begins afresh", []any{got.LastSequence, got.FailingSince, got.LastSuccessAt}, []any{int64(0), (*time.Time)(nil), (*time.Time)(nil)})
	s.write(func(tx store.Tx) error { return errors.Join(tx.ClearEndpoints(), tx.ClearWebhookFaults()) })
	same(s, "the count without endpoints", get(s, func(v store.View) (store.Stream, error) { return v.Stream(ada) }), store.Stream{})
	same(s, "rules", len(get(s, func(v store.View) ([]store.WebhookFault, error) { return v.WebhookFaults(ada) })), 0)
}
