package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	// EndpointsMax is how many webhook endpoints a business may have.
	EndpointsMax = 20

	endpointActive = "active"
	endpointPaused = "paused"
)

// NewEndpoint asks for a webhook endpoint.
type NewEndpoint struct {
	URL         string
	Events      []string
	Description string
}

// PatchEndpoint changes one; zero fields stay as they are.
type PatchEndpoint struct {
	URL         string
	Events      []string
	Description string
	Status      string
}

// ShowEndpoint is an endpoint as it is shown, without its secret.
func (e *Engine) ShowEndpoint(to *store.Endpoint) wire.Endpoint { return showEndpoint(to, nil) }

func showEndpoint(to *store.Endpoint, secret wire.Raw) wire.Endpoint {
	return wire.Endpoint{CreatedAt: wire.At(to.CreatedAt), Description: wire.OrNull(to.Description), Events: to.Events,
		FailingSince: wire.AtOrNull(to.FailingSince), ID: to.ID, LastSuccessAt: wire.AtOrNull(to.LastSuccessAt), Secret: secret,
		Status: to.Status, URL: to.URL}
}

// withSecret is a reply that shows a secret once; what is stored for a replay does not.
func withSecret(to *store.Endpoint, plain string) Reply {
	return Reply{Status: wire.Made, Location: PathOf(aboutEndpoint, to.ID),
		Body: wire.Marshal(wire.Data{Data: showEndpoint(to, wire.Raw(wire.Marshal(plain)))}),
		Kept: wire.Marshal(wire.Data{Data: showEndpoint(to, wire.Raw("null"))})}
}

// CreateEndpoint makes a webhook endpoint; one with the same URL is shown as it is. It
// raises limit_exceeded.
func (e *Engine) CreateEndpoint(ctx context.Context, c *Call, in NewEndpoint) (out Reply, err error) {
	err = e.untilSettled(ctx, c.Business, func(have *shelf) error {
		for _, to := range have.endpoints {
			if to.URL == in.URL {
				out = Reply{Status: wire.Made, Location: PathOf(aboutEndpoint, to.ID), Body: wire.Marshal(wire.Data{Data: e.ShowEndpoint(to)}), Replayed: true}
				return e.commit(ctx, c, object{aboutEndpoint, to.ID}, &out, func(store.Tx) error { return nil })
			}
		}
		if len(have.endpoints) >= EndpointsMax {
			return tooMany()
		}
		to, plain, err := e.draftEndpoint(c.Business, in, e.now())
		if err != nil {
			return err
		}
		out = withSecret(to, plain)
		return e.commit(ctx, c, object{aboutEndpoint, to.ID}, &out, func(tx store.Tx) error {
			return have.replace(tx, []*store.Endpoint{to}, nil)
		})
	})
	return out, err
}

func tooMany() error {
	return problem.LimitExceeded.With(problem.Details{"limit": EndpointsMax, "period": nil, "remaining": 0, "resets_at": nil})
}

func (e *Engine) draftEndpoint(business string, in NewEndpoint, at time.Time) (*store.Endpoint, string, error) {
	to := &store.Endpoint{ID: e.IDs.New(), Business: business, URL: in.URL, Events: in.Events, Description: in.Description,
		Status: endpointActive, CreatedAt: at}
	plain, sealed, err := e.newSecret(to.ID)
	to.Secret = sealed
	return to, plain, err
}

// shelf is a business's endpoints as they were read; every change of the set proves that
// they still are.
type shelf struct {
	business  string
	counted   int64
	endpoints []*store.Endpoint // newest first
}

func (s *shelf) replace(tx store.Tx, add []*store.Endpoint, drop []string) error {
	if err := tx.OpenStream(s.business); err != nil {
		return err
	}
	if err := tx.ResizeStream(s.business, s.counted, s.counted+int64(len(add)-len(drop))); err != nil {
		return err
	}
	for _, id := range drop {
		if err := tx.DropWaitingDeliveries(id); err != nil {
			return err
		}
		if err := tx.DeleteEndpoint(s.business, id); err != nil {
			return err
		}
	}
	for _, to := range add {
		if err := tx.InsertEndpoint(to); err != nil {
			return err
		}
	}
	return nil
}

// untilSettled reads the endpoints of a business and lets try change them, again if
// somebody was faster.
func (e *Engine) untilSettled(ctx context.Context, business string, try func(*shelf) error) error {
	var err error
	for range stateTriesMax {
		have := &shelf{business: business}
		err = e.Store.Snapshot(ctx, func(v store.View) error {
			counted, err := v.Stream(business)
			if err != nil {
				return err
			}
			have.counted = counted.Endpoints
			have.endpoints, err = v.Endpoints(business)
			return err
		})
		if err == nil {
			err = try(have)
		}
		if !store.Lost(err, "resize_stream", "insert_endpoint", "save_endpoint", "delete_endpoint") {
			return err
		}
	}
	return problem.ResourceBusy.With(problem.Details{"id": business, "resource": "webhook endpoints"}).Because(err)
}

// commit runs the one transaction of a call, with the claim of its key and its reply.
func (e *Engine) commit(ctx context.Context, c *Call, about object, out *Reply, write func(store.Tx) error) error {
	c.Trace.About(about.kind, about.id)
	err := e.Store.Write(ctx, func(tx store.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		return e.claim(tx, c, about, out)
	})
	c.finished(err)
	if err == nil {
		e.bump()
	}
	return taken(c, err)
}

// FindEndpoint reads an endpoint of a business; not_found.
func (e *Engine) FindEndpoint(ctx context.Context, business, endpointID string) (*store.Endpoint, error) {
	if !id.Valid(endpointID) {
		return nil, missing("webhook endpoint", endpointID)
	}
	var to *store.Endpoint
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		to, err = v.Endpoint(id.Fold(endpointID))
		return err
	})
	if store.IsMissing(err) || err == nil && to.Business != business {
		return nil, missing("webhook endpoint", endpointID)
	}
	return to, err
}

// Endpoints lists a business's endpoints, newest first.
func (e *Engine) Endpoints(ctx context.Context, business string) (all []*store.Endpoint, err error) {
	err = e.Store.Read(ctx, func(v store.View) (err error) {
		all, err = v.Endpoints(business)
		return err
	})
	return all, err
}

// ChangeEndpoint changes an endpoint. What waited for a paused one goes out in order when
// it is active again, except what is older than events are kept.
func (e *Engine) ChangeEndpoint(ctx context.Context, c *Call, endpointID string, in PatchEndpoint) (out Reply, err error) {
	err = e.untilSettled(ctx, c.Business, func(have *shelf) error {
		was, err := e.FindEndpoint(ctx, c.Business, endpointID)
		if err != nil {
			return err
		}
		if twin := have.by(in.URL); twin != nil && twin.ID != was.ID {
			return problem.Invalid(problem.Breach(problem.FieldConflict, "url", problem.Details{"other": "the url of endpoint " + twin.ID}))
		}
		to := patched(*was, in)
		resumes := was.Status == endpointPaused && to.Status == endpointActive
		if resumes {
			to.FailingSince = nil
		}
		out = Reply{Status: wire.OK, Body: wire.Marshal(wire.Data{Data: e.ShowEndpoint(&to)})}
		return e.commit(ctx, c, object{aboutEndpoint, to.ID}, &out, func(tx store.Tx) error {
			if err := have.replace(tx, nil, nil); err != nil { // nobody takes the URL meanwhile
				return err
			}
			if err := tx.SaveEndpoint(&to); err != nil || !resumes {
				return err
			}
			return e.releaseHeld(tx, to.ID)
		})
	})
	return out, err
}

func (s *shelf) by(url string) *store.Endpoint {
	for _, to := range s.endpoints {
		if to.URL == url {
			return to
		}
	}
	return nil
}

func patched(to store.Endpoint, in PatchEndpoint) store.Endpoint {
	if in.URL != "" {
		to.URL = in.URL
	}
	if in.Events != nil {
		to.Events = in.Events
	}
	if in.Description != "" {
		to.Description = in.Description
	}
	if in.Status != "" {
		to.Status = in.Status
	}
	return to
}

func (e *Engine) releaseHeld(tx store.Tx, endpoint string) error {
	now := e.now()
	if err := tx.ForgiveEndpoint(endpoint); err != nil {
		return err
	}
	if err := tx.DropOldDeliveries(endpoint, now.Add(-eventsKept)); err != nil {
		return err
	}
	return tx.ReleaseHeld(endpoint, now)
}

// DeleteEndpoint deletes an endpoint; what waits for it is dropped.
func (e *Engine) DeleteEndpoint(ctx context.Context, c *Call, endpointID string) (out Reply, err error) {
	err = e.untilSettled(ctx, c.Business, func(have *shelf) error {
		to, err := e.FindEndpoint(ctx, c.Business, endpointID)
		if err != nil {
			return err
		}
		out = Reply{Status: wire.NoContent}
		return e.commit(ctx, c, object{aboutEndpoint, to.ID}, &out, func(tx store.Tx) error {
			return have.replace(tx, nil, []string{to.ID})
		})
	})
	return out, err
}

// RotateSecret gives an endpoint a new secret; the old one signs beside it for a while.
func (e *Engine) RotateSecret(ctx context.Context, c *Call, endpointID string, overlap time.Duration) (out Reply, err error) {
	err = e.untilSettled(ctx, c.Business, func(*shelf) error {
		was, err := e.FindEndpoint(ctx, c.Business, endpointID)
		if err != nil {
			return err
		}
		to := *was
		plain, sealed, err := e.newSecret(to.ID)
		if err != nil {
			return err
		}
		until := e.now().Add(overlap)
		to.Secret, to.OldSecret, to.OldUntil = sealed, was.Secret, &until
		out = withSecret(&to, plain)
		return e.commit(ctx, c, object{aboutEndpoint, to.ID}, &out, func(tx store.Tx) error { return tx.SaveEndpoint(&to) })
	})
	return out, err
}

// replaceURLs makes the set of endpoints the URLs given: those that are missing are
// deleted, new ones get all events. only tells to add and never delete.
func (e *Engine) replaceURLs(have *shelf, urls []string, only bool) (add []*store.Endpoint, drop []string, err error) {
	for i, url := range slices.Compact(urls) {
		if have.by(url) != nil || slices.Contains(urls[:i], url) {
			continue
		}
		at := e.now().Add(time.Duration(i) * time.Microsecond) // listed in the order given
		to, _, err := e.draftEndpoint(have.business, NewEndpoint{URL: url, Events: []string{"*"}}, at)
		if err != nil {
			return nil, nil, fmt.Errorf("make endpoint: %w", err)
		}
		add = append(add, to)
	}
	for _, to := range have.endpoints {
		if !only && !slices.Contains(urls, to.URL) {
			drop = append(drop, to.ID)
		}
	}
	return add, drop, nil
}
