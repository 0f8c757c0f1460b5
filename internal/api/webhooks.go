package api

import (
	"time"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/event"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	eventPatternsMax      = 50
	descriptionMax        = 200
	overlapHoursMax       = 168
	overlapHours          = 24
	sequenceMax           = 1<<53 - 1
	endpointDescriptor    = "description"
	endpointsInOneRequest = engine.EndpointsMax
)

// hookURL is the rule for the URL of an endpoint. In live only https is taken, and no
// address inside a private network.
func (x *exchange) hookURL() wire.Rule {
	return wire.Judged(func(text string) (problem.FieldCode, problem.Details) {
		u, ok := webhook.ParseURL(text)
		live := x.s.Sandbox == nil
		switch {
		case !ok:
			return problem.FieldInvalidFormat, problem.Details{"hint": "an absolute http or https URL without user info and fragment"}
		case live && u.Scheme != "https":
			return problem.FieldInvalidFormat, problem.Details{"hint": "an https URL"}
		case !x.engine().PrivateHooks() && webhook.CheckHost(x.ctx(), u.Hostname()) != nil:
			return problem.FieldForbiddenAddress, nil
		}
		return "", nil
	})
}

func getAccount(x *exchange) (answer, error) {
	a, err := x.engine().Account(x.ctx(), x.business(), access.Allows(x.key.Scopes, webhooksWrite))
	return data(a), err
}

func patchAccount(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	var in engine.PatchAccount
	in.SetPIN = x.body.Get("payout_pin") != nil
	in.PIN = r.Text("payout_pin", wire.Digits(4, 6))
	r.Bool("require_mfa", wire.Optional) // accepted and ignored
	in.SetURLs = r.Has("webhook_urls")
	in.URLs = r.Texts("webhook_urls", wire.Optional, 0, endpointsInOneRequest, wire.MaxLength(webhook.URLBytesMax), x.hookURL())
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().ChangeAccount(x.ctx(), x.call, in))
}

// addWebhooks is the earlier form of the call.
func addWebhooks(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	urls := r.Texts("urls", wire.Required, 1, endpointsInOneRequest, wire.MaxLength(webhook.URLBytesMax), x.hookURL())
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().AddURLs(x.ctx(), x.call, urls))
}

func createEndpoint(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.NewEndpoint{
		URL: r.Text("url", wire.Required, wire.MaxLength(webhook.URLBytesMax), x.hookURL()), Events: readPatterns(r),
		Description: r.Text(endpointDescriptor, wire.MaxLength(descriptionMax)),
	}
	if in.Events == nil {
		in.Events = []string{event.Everything}
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreateEndpoint(x.ctx(), x.call, in))
}

func readPatterns(r *wire.Reader) []string {
	return r.Texts("events", wire.Optional, 1, eventPatternsMax, wire.Allowed(event.Patterns()...))
}

func patchEndpoint(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.PatchEndpoint{
		URL: r.Text("url", wire.MaxLength(webhook.URLBytesMax), x.hookURL()), Events: readPatterns(r),
		Description: r.Text(endpointDescriptor, wire.MaxLength(descriptionMax)), Status: r.Text("status", wire.Allowed("active", "paused")),
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().ChangeEndpoint(x.ctx(), x.call, x.param("id"), in))
}

func deleteEndpoint(x *exchange) (answer, error) {
	return reply(x.engine().DeleteEndpoint(x.ctx(), x.call, x.param("id")))
}

func getEndpoint(x *exchange) (answer, error) {
	to, err := x.engine().FindEndpoint(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	return data(x.engine().ShowEndpoint(to)), nil
}

func listEndpoints(x *exchange) (answer, error) {
	page := x.query.Page("webhook_endpoints", pageSizeDefault)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	all, err := x.engine().Endpoints(x.ctx(), x.business())
	if err != nil {
		return answer{}, err
	}
	at := func(to *store.Endpoint) wire.Cursor { return wire.Cursor{CreatedAt: to.CreatedAt, ID: to.ID} }
	rows, block := wire.Show(page, window(page, all, at), at)
	out := make([]wire.Endpoint, len(rows))
	for i, to := range rows {
		out[i] = x.engine().ShowEndpoint(to)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

func rotateSecret(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	hours := r.Int("overlap_hours", wire.AtLeast(0), wire.AtMost(overlapHoursMax))
	if !r.Has("overlap_hours") {
		hours = overlapHours
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().RotateSecret(x.ctx(), x.call, x.param("id"), time.Duration(hours)*time.Hour))
}

func resendMany(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := store.Resend{After: r.Int("after_sequence", wire.AtLeast(0), wire.AtMost(sequenceMax)),
		Event: r.Text("event", wire.Allowed(event.Names()...)), Status: r.Text("status", wire.Allowed("failed", "all"))}
	if in.Status == "" {
		in.Status = "failed"
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().ResendMany(x.ctx(), x.call, x.param("id"), in))
}

func resendDelivery(x *exchange) (answer, error) {
	if err := wire.Read(x.body).Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().Resend(x.ctx(), x.call, x.param("id")))
}

func getDelivery(x *exchange) (answer, error) {
	d, err := x.engine().FindDelivery(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	return data(engine.ShowDelivery(d)), nil
}

func listDeliveries(x *exchange) (answer, error) {
	q := x.query
	page := q.Page("webhook_deliveries", pageSizeDefault)
	f := store.DeliveryFilter{Status: q.Text("status", wire.Allowed("pending", "delivered", "failed", "held")),
		Event: q.Text("event", wire.Allowed(event.Names()...))}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	to, err := x.engine().FindEndpoint(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Deliveries(x.ctx(), to.ID, page, f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(d *store.Delivery) wire.Cursor { return wire.Cursor{CreatedAt: d.CreatedAt, ID: d.ID} })
	out := make([]wire.Delivery, len(rows))
	for i, d := range rows {
		out[i] = engine.ShowDelivery(d)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

// listEvents is a page of numbered events, or waits for one.
func listEvents(x *exchange) (answer, error) {
	q := x.query
	after := q.Int("after", -1, 0, sequenceMax)
	limit := int(q.Int("limit", pageSizeDefault, 1, wire.PageSizeMax))
	name := q.Text("event", wire.Allowed(event.Names()...))
	until := x.waitUntil()
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	var rows []wire.Event
	err := x.engine().WaitFor(x.ctx(), until, func() (there bool, err error) {
		rows, err = x.engine().Events(x.ctx(), x.business(), after, name, limit+1)
		return len(rows) > 0, err
	})
	if err != nil {
		return answer{}, err
	}
	return listed(wire.Events(rows, limit)), nil
}

func getEvent(x *exchange) (answer, error) {
	e, err := x.engine().Event(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	return data(e), nil
}
