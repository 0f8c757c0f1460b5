package engine

import (
	"context"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// Next implements world.Source: the earliest moment at which a job is due.
func (e *Engine) Next(ctx context.Context) (at time.Time, some bool, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		at, some, err = v.NextJob(world.RealNow())
		return err
	})
	return at, some, err
}

// Wake implements world.Source.
func (e *Engine) Wake() { e.wake.Beat() }

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
