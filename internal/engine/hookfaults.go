package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
)

// NewWebhookFault is a rule to be kept.
type NewWebhookFault struct {
	Match sandbox.WebhookMatch
	Rule  sandbox.Rule
}

// AddWebhookFaults keeps rules of the sandbox for deliveries, in the order given.
func (e *Engine) AddWebhookFaults(ctx context.Context, business string, rules []NewWebhookFault) ([]wire.FaultRule, error) {
	rows := make([]store.WebhookFault, len(rules))
	out := make([]wire.FaultRule, len(rules))
	for i, r := range rules {
		match, err := json.Marshal(r.Match)
		if err != nil {
			return nil, err
		}
		rows[i] = store.WebhookFault{ID: e.IDs.New(), Business: business, Matcher: string(match), Rule: r.Rule.WebhookText(),
			CreatedAt: e.now().Add(time.Duration(i) * time.Microsecond)}
		out[i] = showWebhookFault(rows[i])
	}
	return out, e.Store.Write(ctx, func(tx store.Tx) error {
		for _, row := range rows {
			if err := tx.InsertWebhookFault(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func showWebhookFault(f store.WebhookFault) wire.FaultRule {
	return wire.FaultRule{CreatedAt: wire.At(f.CreatedAt), Fired: f.Fired, ID: f.ID, Match: wire.Raw(f.Matcher), Matched: f.Matched, Rule: f.Rule}
}

// WebhookFaults lists the rules of a business, in the order in which they are tried.
func (e *Engine) WebhookFaults(ctx context.Context, business string) ([]wire.FaultRule, error) {
	rows, err := e.webhookFaults(ctx, business)
	out := make([]wire.FaultRule, len(rows))
	for i, r := range rows {
		out[i] = showWebhookFault(r)
	}
	return out, err
}

func (e *Engine) webhookFaults(ctx context.Context, business string) (rows []store.WebhookFault, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		rows, err = v.WebhookFaults(business)
		return err
	})
	return rows, err
}

// DropWebhookFault deletes one rule; not_found.
func (e *Engine) DropWebhookFault(ctx context.Context, business, faultID string) error {
	if !id.Valid(faultID) {
		return missing("webhook fault", faultID)
	}
	err := e.Store.Write(ctx, func(tx store.Tx) error { return tx.DropWebhookFault(business, id.Fold(faultID)) })
	if store.Lost(err, "drop_webhook_fault") {
		return missing("webhook fault", faultID)
	}
	return err
}

// DropWebhookFaults deletes all rules of a business.
func (e *Engine) DropWebhookFaults(ctx context.Context, business string) error {
	return e.Store.Write(ctx, func(tx store.Tx) error { return tx.DropWebhookFaults(business) })
}

// isEarly reports whether an event is still to be sent before the reply that caused it.
func (e *Engine) isEarly(ctx context.Context, business, eventID string) (bool, error) {
	rules, err := e.webhookFaults(ctx, business)
	if err != nil {
		return false, err
	}
	for _, row := range rules {
		match, rule, err := webhook.ReadFault(row)
		if err != nil {
			return false, err
		}
		if rule.Action != sandbox.Early || rule.Times > 0 && row.Fired >= rule.Times {
			continue
		}
		if waiting, err := e.waitsToBeSent(ctx, match, eventID); err != nil || waiting {
			return waiting, err
		}
	}
	return false, nil
}

// waitsToBeSent reports whether an event that a rule is about has not been sent yet.
func (e *Engine) waitsToBeSent(ctx context.Context, match sandbox.WebhookMatch, eventID string) (waits bool, err error) {
	err = e.Store.Snapshot(ctx, func(v store.View) error {
		ev, err := v.Event(eventID)
		if err != nil {
			return err
		}
		if ev.Sequence == 0 {
			waits = match.Event == "" || match.Event == ev.Event
			return nil
		}
		all, err := v.DeliveriesOf(eventID)
		for _, d := range all {
			waits = waits || d.Sent == 0 && d.DueAt != nil && !d.Paused && match.Fits(d.Endpoint, d.Event, webhook.ReferenceIn(ev.Data))
		}
		return err
	})
	return waits, err
}
