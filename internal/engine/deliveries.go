package engine

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/world"
)

// ResendMax is how many deliveries one call queues.
const ResendMax = 1000

// deliveryHeld is how a pending delivery shows while its endpoint is paused.
const deliveryHeld = "held"

// ShowDelivery is a delivery as it is shown.
func ShowDelivery(d *store.Delivery) wire.Delivery {
	out := wire.Delivery{Attempts: make([]wire.Attempt, len(d.Attempts)), CreatedAt: wire.At(d.CreatedAt), EndpointID: d.Endpoint, Event: d.Event,
		EventID: d.EventID, ID: d.ID, NextAttemptAt: wire.AtOrNull(d.DueAt), Sequence: d.Sequence, Status: d.Status}
	if d.Paused && d.DueAt != nil {
		out.Status, out.NextAttemptAt = deliveryHeld, nil
	}
	for i, a := range d.Attempts {
		out.Attempts[i] = wire.Attempt{At: wire.At(a.At), DurationMS: a.DurationMS, Error: wire.OrNull(a.Error), Number: a.Number, ResponseExcerpt: a.Excerpt}
		if a.Status != 0 {
			out.Attempts[i].Status = &a.Status
		}
	}
	return out
}

// FindDelivery reads a delivery of a business; not_found.
func (e *Engine) FindDelivery(ctx context.Context, business, deliveryID string) (*store.Delivery, error) {
	if !id.Valid(deliveryID) {
		return nil, missing("webhook delivery", deliveryID)
	}
	var d *store.Delivery
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		d, err = v.Delivery(id.Fold(deliveryID))
		return err
	})
	if store.IsMissing(err) || err == nil && d.Business != business {
		return nil, missing("webhook delivery", deliveryID)
	}
	return d, err
}

// Deliveries reads a page of an endpoint's deliveries, newest first.
func (e *Engine) Deliveries(ctx context.Context, endpoint string, page wire.Page, f store.DeliveryFilter) (rows []*store.Delivery, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if page.OldestFirst() {
			rows, err = v.DeliveriesNewer(endpoint, place(*page.Before), f, page.Fetch())
			return err
		}
		rows, err = v.DeliveriesOlder(endpoint, under(page), f, page.Fetch())
		return err
	})
	return rows, err
}

// Resend makes one attempt of a delivery now, whatever its schedule says. It raises
// invalid_status_transition if the endpoint is paused.
func (e *Engine) Resend(ctx context.Context, c *Call, deliveryID string) (out Reply, err error) {
	d, err := e.FindDelivery(ctx, c.Business, deliveryID)
	if err != nil {
		return out, err
	}
	if err := e.mustBeActive(ctx, c.Business, d.Endpoint); err != nil {
		return out, err
	}
	out = Reply{Status: wire.OK}
	err = e.commit(ctx, c, object{aboutDelivery, d.ID}, &out, func(tx store.Tx) error {
		if err := tx.ResendDelivery(d.ID, e.now(), world.RealNow()); err != nil {
			return err
		}
		now, err := tx.Delivery(d.ID)
		if err == nil {
			out.Body = wire.Marshal(wire.Data{Data: ShowDelivery(now)})
		}
		return err
	})
	if store.IsMissing(err) {
		return out, missing("webhook delivery", deliveryID) // deleted at this moment
	}
	return out, err
}

// ResendMany queues up to ResendMax deliveries of an endpoint, lowest number first.
func (e *Engine) ResendMany(ctx context.Context, c *Call, endpointID string, r store.Resend) (out Reply, err error) {
	if err := e.mustBeActive(ctx, c.Business, endpointID); err != nil {
		return out, err
	}
	r.Endpoint, r.Limit = id.Fold(endpointID), ResendMax
	out = Reply{Status: wire.OK}
	err = e.commit(ctx, c, object{aboutEndpoint, r.Endpoint}, &out, func(tx store.Tx) error {
		queued, err := tx.ResendDeliveries(r, e.now(), world.RealNow())
		if err == nil {
			out.Body = wire.Marshal(wire.Data{Data: wire.Queued{Queued: int64(len(queued))}})
		}
		return err
	})
	return out, err
}

func (e *Engine) mustBeActive(ctx context.Context, business, endpoint string) error {
	to, err := e.FindEndpoint(ctx, business, endpoint)
	if err != nil {
		return err
	}
	if to.Status != endpointActive {
		return problem.InvalidStatusTransition.With(problem.Details{"from": to.Status, "to": endpointActive}).
			Say("The endpoint is " + to.Status + ": nothing is sent to it until its status is active again.")
	}
	return nil
}

// Events reads numbered events behind a number (negative: from the oldest), lowest first.
// It raises invalid_request if some of them are not kept any more.
func (e *Engine) Events(ctx context.Context, business string, after int64, name string, limit int) ([]wire.Event, error) {
	oldest, err := e.oldestEvent(ctx, business)
	if err != nil {
		return nil, err
	}
	if after >= 0 && after < oldest-1 {
		return nil, problem.InvalidRequest.With(problem.Details{"after": []string{fmt.Sprintf("Oldest available is %d", oldest)}}).Say(problem.InvalidQuery)
	}
	var rows []store.Event
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.EventsAfter(business, max(after, oldest-1), name, limit)
		return err
	})
	out := make([]wire.Event, len(rows))
	for i, r := range rows {
		out[i] = showEvent(r)
	}
	return out, err
}

func showEvent(r store.Event) wire.Event {
	return wire.Event{CreatedAt: wire.At(r.CreatedAt), Data: wire.Raw(r.Data), Event: r.Event, ID: r.ID, Sequence: r.Sequence}
}

var eventForm = regexp.MustCompile(`^evt_[0-9a-z]{26}$`)

// Event reads one event of a business; not_found, also while it waits for its number.
func (e *Engine) Event(ctx context.Context, business, eventID string) (wire.Event, error) {
	if !eventForm.MatchString(eventID) {
		return wire.Event{}, missing("event", eventID)
	}
	var r store.Event
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		r, err = v.Event(eventID)
		return err
	})
	if store.IsMissing(err) || err == nil && (r.Business != business || r.Sequence == 0 || r.CreatedAt.Before(e.now().Add(-eventsKept))) {
		return wire.Event{}, missing("event", eventID)
	}
	return showEvent(r), err
}

// DeliveriesOf reads what became of an event.
func (e *Engine) DeliveriesOf(ctx context.Context, eventID string) (all []*store.Delivery, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		all, err = v.DeliveriesOf(eventID)
		return err
	})
	return all, err
}

// AwaitEarly waits, if a rule of the sandbox says that one of the events is to arrive
// before the reply that caused it, until the rule has struck or patience ends.
func (e *Engine) AwaitEarly(ctx context.Context, business string, events []string, patience time.Duration) error {
	return e.WaitFor(ctx, world.RealNow().Add(patience), func() (bool, error) {
		for _, eventID := range events {
			waiting, err := e.isEarly(ctx, business, eventID)
			if err != nil || waiting {
				return false, err
			}
		}
		return true, nil
	})
}
