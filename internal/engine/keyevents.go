package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/event"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// warnings are how long before its end an API key is told to be expiring.
var warnings = []time.Duration{7 * 24 * time.Hour, 24 * time.Hour}

// nextOfKey is the next moment at which something is told about a key that ends at end.
func nextOfKey(end, now time.Time) time.Time {
	for _, before := range warnings {
		if t := end.Add(-before); t.After(now) {
			return t
		}
	}
	return end
}

// watchKey plans what is told about a key, if its end is foreseen.
func (e *Engine) watchKey(tx store.Tx, k access.Key) error {
	end := k.EndsAt()
	if end == nil {
		return nil
	}
	return tx.Schedule(aboutKey, k.ID, k.Business, nextOfKey(*end, e.now()))
}

// noteReplacementUse keeps when a rotated key's successor was first used: the end of the
// old one is now nearer.
func (e *Engine) noteReplacementUse(tx store.Tx, oldKey string, now time.Time) error {
	if err := tx.NoteReplacementUse(oldKey, now); err != nil {
		return err
	}
	row, err := tx.APIKeyByID(oldKey)
	if store.IsMissing(err) {
		return nil // a reset has cleared it
	}
	if err != nil {
		return err
	}
	return e.watchKey(tx, keyOf(row))
}

// attendKey tells what is due about a key. The event and the job's next moment are
// written together, under the job's fence: nothing is told twice.
func (e *Engine) attendKey(ctx context.Context, j store.Job) error {
	var row *store.APIKey
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		row, err = v.APIKeyByID(j.ObjectID)
		return err
	})
	if err != nil && !store.IsMissing(err) {
		return fmt.Errorf("load key %s: %w", j.ObjectID, err)
	}
	finish := func(tx store.Tx) error { return tx.Finish(j) }
	if err != nil || row.RevokedAt != nil || keyOf(row).EndsAt() == nil {
		return ignoreLost(e.Store.Write(ctx, finish))
	}
	k, now := keyOf(row), e.now()
	end := *k.EndsAt()
	again := func(tx store.Tx) error { // a new job, of which the runner knows nothing
		if err := tx.Finish(j); err != nil {
			return err
		}
		return tx.Schedule(aboutKey, k.ID, k.Business, nextOfKey(end, now))
	}
	name := ""
	switch {
	case !now.Before(end):
		name = event.KeyExpired
	case !now.Before(end.Add(-warnings[0])):
		name, finish = event.KeyExpiring, again
	default: // its end has moved away
		finish = again
	}
	err = e.Store.Write(ctx, func(tx store.Tx) error {
		if err := finish(tx); err != nil || name == "" {
			return err
		}
		return tx.InsertEvent(e.newEvent(k.Business, name, k.ID, wire.KeyEvent(e.ShowKey(k))))
	})
	if err == nil {
		e.bump()
	}
	return ignoreLost(err)
}

// ignoreLost: who has the lease now does it.
func ignoreLost(err error) error {
	if store.Lost(err) {
		return nil
	}
	return err
}
