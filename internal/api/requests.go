package api

import (
	"encoding/json"

	"github.com/juicer-pay/juicer/internal/access"
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

func listRequests(x *exchange) (answer, error) {
	q := x.query
	page, span := q.Page("requests", pageSizeDefault), readSpan(q)
	f := store.RequestFilter{Status: int(q.Int("status", 0, 100, 599)), Code: q.Text("code"), Path: q.Text("path"),
		IdempotencyKey: q.Text("idempotency_key"), ObjectID: q.Text("resource_id")}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	x.s.Lines.Flush(x.ctx())
	rows, err := x.engine().Requests(x.ctx(), x.business(), page, span, f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(r *store.Request) wire.Cursor { return wire.Cursor{CreatedAt: r.CreatedAt, ID: r.ID} })
	out := make([]wire.RequestItem, len(rows))
	for i, r := range rows {
		if out[i], err = requestItem(r); err != nil {
			return answer{}, err
		}
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

func requestItem(r *store.Request) (wire.RequestItem, error) {
	var h wire.RequestHead
	err := json.Unmarshal([]byte(r.Head), &h)
	item := wire.RequestItem{Attempt: h.Attempt, ClientRequestID: h.ClientRequestID, Code: wire.OrNull(r.Code), CreatedAt: wire.At(r.CreatedAt),
		DurationMS: h.DurationMS, ID: r.ID, IdempotencyKey: wire.OrNull(r.IdempotencyKey), IP: h.IP, Key: h.Key, Method: r.Method,
		Outcome: wire.OrNull(r.Outcome), Path: r.Path, Replayed: h.Replayed, Status: r.Status}
	if r.ObjectID != "" {
		item.Resource = &wire.RequestResource{ID: r.ObjectID, Type: h.ResourceType}
	}
	return item, err
}

func getRequest(x *exchange) (answer, error) {
	x.s.Lines.Flush(x.ctx())
	r, err := x.engine().Request(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	item, err := requestItem(r)
	if err != nil {
		return answer{}, err
	}
	var line requestlog.Timeline
	if err := json.Unmarshal([]byte(r.Timeline), &line); err != nil {
		return answer{}, err
	}
	hooks, err := x.deliveriesOf(line.Webhooks)
	if err != nil {
		return answer{}, err
	}
	return data(wire.RequestDetail{Attempt: item.Attempt, ClientRequestID: item.ClientRequestID, Code: item.Code, CreatedAt: item.CreatedAt,
		DurationMS: item.DurationMS, ID: item.ID, IdempotencyKey: item.IdempotencyKey, IP: item.IP, Key: item.Key, Method: item.Method,
		Outcome: item.Outcome, Path: item.Path, Replayed: item.Replayed, Resource: item.Resource, Status: item.Status,
		RailAttempts: wire.Marshal(line.RailAttempts), Steps: wire.Marshal(line.Steps), Webhooks: wire.Marshal(hooks),
		RequestBody: wire.OrNull(r.RequestBody), ReplyBody: wire.OrNull(r.ReplyBody)}), nil
}

// deliveriesOf is what became of the events of a request: one entry for each delivery, or
// one without a delivery while there is none.
func (x *exchange) deliveriesOf(events []requestlog.Webhook) ([]wire.RequestWebhook, error) {
	out := []wire.RequestWebhook{}
	for _, w := range events {
		all, err := x.engine().DeliveriesOf(x.ctx(), w.EventID)
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			out = append(out, wire.RequestWebhook{DeliveryID: &d.ID, Event: w.Event, Status: engine.ShowDelivery(d).Status})
		}
		if len(all) == 0 {
			out = append(out, wire.RequestWebhook{Event: w.Event, Status: "pending"})
		}
	}
	return out, nil
}

// getIdempotencyKey tells any key of the business what became of an
// Idempotency-Key; the stored reply is shown to who may see it.
func getIdempotencyKey(x *exchange) (answer, error) {
	key := x.param("key")
	status, err := x.engine().KeyStatus(x.ctx(), x.business(), x.keptKey(key), func(scope string) bool {
		return access.Allows(x.key.Scopes, requestsRead) || access.Allows(x.key.Scopes, scope)
	})
	if err != nil {
		return answer{}, err
	}
	status.Key = key
	if status.Resource != nil {
		x.trace.About(status.Resource.Type, status.Resource.ID)
	}
	return data(status), nil
}
