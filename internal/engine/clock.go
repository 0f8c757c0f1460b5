package engine

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// Next implements world.Source: the earliest moment at which a job or a delivery is due.
// An event that waits for its number is due at once.
func (e *Engine) Next(ctx context.Context) (at time.Time, some bool, err error) {
	now := world.RealNow()
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		if _, some, err = v.OldestUnnumbered(); err != nil || some {
			at = e.now()
			return err
		}
		if at, some, err = v.NextJob(now); err != nil {
			return err
		}
		delivery, due, err := v.NextDelivery(now)
		if due && (!some || delivery.Before(at)) {
			at, some = delivery, true
		}
		return err
	})
	return at, some, err
}

// Wake implements world.Source.
func (e *Engine) Wake() {
	e.wake.Beat()
	e.courier.Wake()
}

// DueDeliveries counts deliveries to active endpoints that are due now.
func (e *Engine) DueDeliveries(ctx context.Context) (n int64, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		n, err = v.CountDueDeliveries(e.now())
		return err
	})
	return n, err
}

// OpenBulkItems counts the items of executing bulk transfers whose payout has no outcome yet.
func (e *Engine) OpenBulkItems(ctx context.Context) (n int64, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		n, err = v.CountOpenBulkItems()
		return err
	})
	return n, err
}

// DueJobs counts jobs that are due now.
func (e *Engine) DueJobs(ctx context.Context) (n int64, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		n, err = v.CountDueJobs(e.now())
		return err
	})
	return n, err
}

// OpenInstructions counts instructions without a recorded outcome.
func (e *Engine) OpenInstructions(ctx context.Context) (n int64, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		n, err = v.CountOpenInstructions()
		return err
	})
	return n, err
}
