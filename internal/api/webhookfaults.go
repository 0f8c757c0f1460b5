package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/event"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/wire"
)

// addWebhookFaults takes one rule, or a list of them in the form in which they are listed.
func addWebhookFaults(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	var in []engine.NewWebhookFault
	var bad error
	eachRule(r, func(r *wire.Reader) {
		match, text := readWebhookMatch(r), r.Text("rule", wire.Required, wire.MaxLength(ruleMax))
		rule, err := sandbox.ParseWebhookFault(text)
		if text != "" && bad == nil {
			bad = err
		}
		in = append(in, engine.NewWebhookFault{Match: match, Rule: rule})
	})
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	if bad != nil {
		return answer{}, bad
	}
	rows, err := x.engine().AddWebhookFaults(x.ctx(), x.business(), in)
	if err != nil {
		return answer{}, err
	}
	return answer{status: wire.Made, body: wire.Marshal(wire.Data{Data: rows}), location: "/sandbox/webhook-faults"}, nil
}

const ruleMax = 200

func readWebhookMatch(r *wire.Reader) (m sandbox.WebhookMatch) {
	r.Object("match", wire.Optional, func(r *wire.Reader) {
		m = sandbox.WebhookMatch{EndpointID: r.Text("endpoint_id", wire.MaxLength(nameMax)), Event: r.Text("event", wire.Allowed(event.Names()...)),
			Nth: r.Int("nth", wire.AtLeast(1)), Reference: r.Text("reference", wire.MaxLength(nameMax))}
	})
	return m
}

func listWebhookFaults(x *exchange) (answer, error) {
	rows, err := x.engine().WebhookFaults(x.ctx(), x.business())
	return data(rows), err
}

func dropWebhookFaults(x *exchange) (answer, error) {
	return answer{status: wire.NoContent}, x.engine().DropWebhookFaults(x.ctx(), x.business())
}

func dropWebhookFault(x *exchange) (answer, error) {
	return answer{status: wire.NoContent}, x.engine().DropWebhookFault(x.ctx(), x.business(), x.param("id"))
}
