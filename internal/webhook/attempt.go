package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

const (
	statusPending   = "pending"
	statusDelivered = "delivered"
	statusFailed    = "failed"

	// attemptsKept is how many attempts of a delivery are shown, the latest ones.
	attemptsKept = 50
)

// deliver makes one attempt and writes what came of it. The attempt is made again if the
// process dies before the write: receivers know a repetition by webhook-id.
func (c *Courier) deliver(ctx context.Context, node string, to *store.Endpoint, d *store.Delivery) error {
	m, reference, err := c.message(ctx, to, d)
	if store.IsMissing(err) {
		return c.drop(ctx, d)
	}
	if err != nil {
		return err
	}
	hit, err := c.strike(ctx, d, reference)
	if err != nil {
		return err
	}
	if putOff(d, hit, c.Clock.Now()) {
		return c.Store.Write(ctx, func(tx store.Tx) error { return tx.FinishDelivery(d) })
	}
	if !c.Holds(node) {
		return nil // others may have taken it over: they send it
	}
	c.Metrics.started(c.Clock.Now().Sub(*d.DueAt))
	at := c.Clock.Now()
	answer, sent := c.attempt(ctx, m, hit)
	if ctx.Err() != nil && !answer.Accepted() {
		return c.giveBack(d) // we are stopping: it was no fault of the receiver's
	}
	c.crash("after webhook")
	c.judge(d, at, answer, sent)
	return c.record(ctx, to, d, answer)
}

// message composes what is sent, and finds the reference that faults may ask for.
func (c *Courier) message(ctx context.Context, to *store.Endpoint, d *store.Delivery) (m Message, reference string, err error) {
	var e store.Event
	err = c.Store.Read(ctx, func(v store.View) (err error) {
		e, err = v.Event(d.EventID)
		return err
	})
	if err != nil {
		return m, "", err
	}
	shop, err := c.shop(ctx, d.Business)
	if err != nil {
		return m, "", err
	}
	secrets, err := c.Open(to)
	if err != nil {
		return m, "", fmt.Errorf("open the secret of endpoint %s: %w", to.ID, err)
	}
	return Message{URL: to.URL, ID: e.ID, At: world.RealNow(), Secrets: secrets, Body: Body(shop, e.Event, []byte(e.Data)),
		Sequence: d.Sequence, Previous: d.Previous, Attempt: d.Sent + 1}, ReferenceIn(e.Data), nil
}

// shop is the business id under which checksums of a business are made.
func (c *Courier) shop(ctx context.Context, business string) (string, error) {
	c.mu.Lock()
	known, ok := c.shops[business]
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	var b store.Business
	err := c.Store.Read(ctx, func(v store.View) (err error) {
		b, err = v.Business(business)
		return err
	})
	if err == nil {
		c.mu.Lock()
		c.shops[business] = b.SecretID
		c.mu.Unlock()
	}
	return b.SecretID, err
}

// attempt sends, unless a fault of the sandbox answers instead; sent tells whether it was
// an attempt at all.
func (c *Courier) attempt(ctx context.Context, m Message, hit sandbox.Rule) (a Answer, sent bool) {
	switch hit.Action {
	case sandbox.Lose:
		return Answer{Status: 200}, false
	case sandbox.Refuse:
		if hit.N == 0 {
			return Answer{Error: "connection refused (by a fault of the sandbox)"}, true
		}
		return Answer{Status: int(hit.N)}, true
	case sandbox.Double:
		c.sender.Send(ctx, m, c.Rules())
	}
	return c.sender.Send(ctx, m, c.Rules()), true
}

// judge is what an answer makes of a delivery.
func (c *Courier) judge(d *store.Delivery, at time.Time, a Answer, sent bool) {
	if sent {
		d.Sent++
		d.Attempts = append(d.Attempts, store.Attempt{At: at, DurationMS: a.Duration.Milliseconds(), Error: a.Error, Number: d.Sent,
			Excerpt: a.Excerpt, Status: a.Status})
		d.Attempts = d.Attempts[max(0, len(d.Attempts)-attemptsKept):]
	}
	if d.FirstAt == nil {
		d.FirstAt = &at
	}
	extra := d.Extra
	d.Extra, d.Fault = false, ""
	if !extra {
		d.Tries++
	}
	switch {
	case a.Accepted():
		d.Status, d.DueAt = statusDelivered, nil
	case extra: // the schedule goes on where it was
		d.Status, d.DueAt = statusPending, d.BackAt
		if d.BackAt == nil {
			d.Status = d.Back
		}
	default:
		due, more := Next(d.Tries, *d.FirstAt, c.Clock.Now(), c.Chance())
		d.DueAt = &due
		if !more {
			d.Status, d.DueAt = statusFailed, nil
		}
	}
	d.Back, d.BackAt = "", nil
}

// record writes what became of an attempt, and pauses an endpoint that has failed for too
// long.
func (c *Courier) record(ctx context.Context, to *store.Endpoint, d *store.Delivery, a Answer) error {
	now, ok := c.Clock.Now(), a.Accepted()
	err := c.Store.Write(ctx, func(tx store.Tx) error {
		note := tx.NoteEndpointFailure
		if ok {
			note = tx.NoteEndpointSuccess
		}
		if err := note(to.ID, now); err != nil {
			return err
		}
		if c.Faults {
			if err := tx.ReleaseReordered(to.ID, d.Sequence, now); err != nil {
				return err
			}
		}
		return tx.FinishDelivery(d)
	})
	if err != nil {
		return fmt.Errorf("record delivery %s: %w", d.ID, err)
	}
	c.Metrics.ended(ok, d.Status == statusFailed)
	c.Told()
	if ok {
		return nil
	}
	return c.pauseIfDue(ctx, to.ID)
}

// pauseIfDue pauses an endpoint that has taken nothing for PauseAfter, and tells.
func (c *Courier) pauseIfDue(ctx context.Context, endpoint string) error {
	var e *store.Endpoint
	var held int64
	err := c.Store.Snapshot(ctx, func(v store.View) (err error) {
		if e, err = v.Endpoint(endpoint); err != nil {
			return err
		}
		held, err = v.CountHeld(endpoint)
		return err
	})
	if store.IsMissing(err) {
		return nil
	}
	if err != nil || e.Status != "active" || e.FailingSince == nil || c.Clock.Now().Sub(*e.FailingSince) < PauseAfter {
		return err
	}
	err = c.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.PauseEndpoint(e.ID, *e.FailingSince); err != nil {
			return err
		}
		return tx.InsertEvent(c.Paused(e, held))
	})
	if err == nil {
		c.Log.Warn("endpoint paused: every attempt has failed for too long", "endpoint", e.ID, "failing_since", *e.FailingSince)
		c.Told()
	}
	return err
}

// drop ends a delivery whose event is not kept any more.
func (c *Courier) drop(ctx context.Context, d *store.Delivery) error {
	d.Status, d.DueAt = statusFailed, nil
	return c.Store.Write(ctx, func(tx store.Tx) error { return tx.FinishDelivery(d) })
}

// giveBack ends a lease without having tried.
func (c *Courier) giveBack(d *store.Delivery) error {
	return c.Store.Write(context.Background(), func(tx store.Tx) error { return tx.FinishDelivery(d) })
}

func (c *Courier) crash(point string) {
	if c.Crash != nil {
		c.Crash(point)
	}
}
