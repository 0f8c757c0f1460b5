package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
)

// strike finds the rule of the sandbox that fires at this attempt, and counts; the zero
// rule is none.
func (c *Courier) strike(ctx context.Context, d *store.Delivery, reference string) (sandbox.Rule, error) {
	if !c.Faults {
		return sandbox.Rule{}, nil
	}
	for {
		hit, err := c.tryFaults(ctx, d, reference)
		if !store.Lost(err, "count_webhook_fault") {
			return hit, err
		}
	}
}

func (c *Courier) tryFaults(ctx context.Context, d *store.Delivery, reference string) (sandbox.Rule, error) {
	var rows []store.WebhookFault
	err := c.Store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.WebhookFaults(d.Business)
		return err
	})
	if err != nil {
		return sandbox.Rule{}, err
	}
	for _, row := range rows {
		match, rule, err := ReadFault(row)
		if err != nil {
			return sandbox.Rule{}, err
		}
		if !match.Fits(d.Endpoint, d.Event, reference) || puts(rule) && (d.Fault != "" || d.Sent > 0) {
			continue
		}
		fires := match.Fires(rule, row.Matched+1)
		if err := c.countFault(ctx, row, fires); err != nil {
			return sandbox.Rule{}, err
		}
		if fires {
			return rule, nil
		}
	}
	return sandbox.Rule{}, nil
}

func (c *Courier) countFault(ctx context.Context, row store.WebhookFault, fires bool) error {
	fired := row.Fired
	if fires {
		fired++
	}
	return c.Store.Write(ctx, func(tx store.Tx) error { return tx.CountWebhookFault(row, fired) })
}

// ReadFault reads a kept rule.
func ReadFault(row store.WebhookFault) (match sandbox.WebhookMatch, rule sandbox.Rule, err error) {
	if err := json.Unmarshal([]byte(row.Matcher), &match); err != nil {
		return match, rule, fmt.Errorf("webhook fault %s: %w", row.ID, err)
	}
	rule, err = sandbox.ParseWebhookFault(row.Rule)
	return match, rule, err
}

// puts reports whether a rule puts a delivery off.
func puts(r sandbox.Rule) bool { return r.Action == sandbox.Delay || r.Action == sandbox.Reorder }

// putOff moves a delivery's moment if the rule says so.
func putOff(d *store.Delivery, r sandbox.Rule, now time.Time) bool {
	if !puts(r) {
		return false
	}
	wait := r.N
	if r.Action == sandbox.Reorder {
		wait = sandbox.ReorderMS
	}
	due := now.Add(time.Duration(wait) * time.Millisecond)
	d.DueAt, d.Fault = &due, string(r.Action)
	return true
}

// ReferenceIn is the reference of the object that an event tells of.
func ReferenceIn(data string) string {
	var object struct {
		Reference *string `json:"reference"`
	}
	if json.Unmarshal([]byte(data), &object) != nil || object.Reference == nil {
		return ""
	}
	return *object.Reference
}
