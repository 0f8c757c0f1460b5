package event

import (
	"context"
	"fmt"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// batchMax is how many events are numbered in one transaction.
const batchMax = 500

// Sequencer numbers committed events, and writes one delivery for each endpoint that
// wants one. Any number of processes may run it on one store: who takes numbers of a
// business proves in the same transaction that nobody else has.
type Sequencer struct {
	Store    *store.Store
	Clock    world.Clock
	IDs      id.Maker
	Activity *world.Activity // runs while events are numbered, not while they are looked for; nil: not counted
}

// Number numbers one batch and tells how many events it held. Another process that was
// faster is no error: what it left is found by the next call.
func (s *Sequencer) Number(ctx context.Context) (int, error) {
	var found []store.Event
	var order []string
	streams := map[string]*stream{}
	err := s.Store.Snapshot(ctx, func(v store.View) (err error) {
		found, err = v.Unnumbered(batchMax)
		for _, e := range found {
			if streams[e.Business] == nil {
				order = append(order, e.Business)
				if streams[e.Business], err = readStream(v, e.Business); err != nil {
					return err
				}
			}
			streams[e.Business].events = append(streams[e.Business].events, e)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read events without a number: %w", err)
	}
	if len(found) > 0 && s.Activity != nil {
		s.Activity.Enter()
		defer s.Activity.Leave()
	}
	for _, business := range order {
		if err := s.write(ctx, streams[business]); err != nil {
			return 0, fmt.Errorf("number events of %s: %w", business, err)
		}
	}
	return len(found), nil
}

// stream is what one batch holds of a business.
type stream struct {
	business  string
	last      int64
	endpoints []*store.Endpoint
	events    []store.Event
}

func readStream(v store.View, business string) (*stream, error) {
	counted, err := v.Stream(business)
	if err != nil {
		return nil, err
	}
	endpoints, err := v.Endpoints(business)
	return &stream{business: business, last: counted.LastSequence, endpoints: endpoints}, err
}

// write numbers a business's events. The numbers are taken first: whoever was faster
// makes this transaction fail as a whole.
func (s *Sequencer) write(ctx context.Context, st *stream) error {
	due := s.deliveries(st)
	err := s.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.OpenStream(st.business); err != nil {
			return err
		}
		if err := tx.AdvanceStream(st.business, st.last, st.last+int64(len(st.events))); err != nil {
			return err
		}
		for i, e := range st.events {
			if err := tx.NumberEvent(e.ID, st.last+int64(i)+1); err != nil {
				return err
			}
		}
		return insert(tx, st, due)
	})
	if store.Lost(err, "advance_stream", "number_event") {
		return nil
	}
	return err
}

func insert(tx store.Tx, st *stream, due []*store.Delivery) error {
	last := map[string]int64{}
	for _, d := range due {
		if err := tx.InsertDelivery(d); err != nil {
			return err
		}
		last[d.Endpoint] = d.Sequence
	}
	for _, e := range st.endpoints { // in one order for all processes
		if n := last[e.ID]; n > 0 {
			if err := tx.PointEndpoint(e.ID, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// deliveries drafts one delivery for each event and endpoint that wants it. A paused
// endpoint has its deliveries too: they wait for it.
func (s *Sequencer) deliveries(st *stream) (out []*store.Delivery) {
	now := s.Clock.Now()
	for _, to := range st.endpoints {
		previous := to.LastSequence
		for i, e := range st.events {
			if !Fits(to.Events, e.Event) || e.Event == EndpointPaused && e.Object == to.ID {
				continue
			}
			sequence := st.last + int64(i) + 1
			out = append(out, &store.Delivery{ID: s.IDs.New(), Business: st.business, Endpoint: to.ID, EventID: e.ID, Event: e.Event,
				Sequence: sequence, Previous: previous, Status: "pending", DueAt: &now, CreatedAt: now})
			previous = sequence
		}
	}
	return out
}
