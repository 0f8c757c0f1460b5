// Package world is the only place that reads the clock or rolls dice. Everything
// else is handed a Clock and an entropy source, so that tests and the lab can
// hand it others.
package world

import (
	"context"
	"crypto/rand"
	"io"
	mathrand "math/rand/v2"
	"time"
)

// Entropy is the source of all randomness that must not be guessed.
var Entropy io.Reader = rand.Reader

// Chance is a random number of 0..1, for what need not be secret.
func Chance() float64 { return mathrand.Float64() }

// RealNow is the machine's clock in UTC, cut to microseconds: the precision of
// every timestamp in the API and in the store.
func RealNow() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Clock is the time of business: of timestamps, expiry, rails and retries. In
// the test environment it can be moved (TestClock); in live it is the real time.
type Clock interface {
	// Now is UTC, cut to microseconds.
	Now() time.Time
	// Until returns when the clock has reached t, or with ctx's error.
	Until(ctx context.Context, t time.Time) error
	// Moves tells when the clock is moved by hand; see Pulse.
	Moves() <-chan struct{}
}

// Real is the clock of live environments.
type Real struct{}

// Now implements Clock.
func (Real) Now() time.Time { return RealNow() }

// Moves implements Clock: real time is never moved by hand.
func (Real) Moves() <-chan struct{} { return nil }

// Until implements Clock.
func (Real) Until(ctx context.Context, t time.Time) error {
	return sleep(ctx, time.Until(t), nil)
}

// Sleep waits for d of real time, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) error { return sleep(ctx, d, nil) }

// sleep waits for d, for a wake-up (no error), or for ctx.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// After gives a channel that fires once d of real time has passed, and a function
// that frees its timer.
func After(d time.Duration) (<-chan time.Time, func()) {
	timer := time.NewTimer(d)
	return timer.C, func() { timer.Stop() }
}
