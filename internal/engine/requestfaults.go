package engine

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

// faultBox holds the rules for requests by business, as every node keeps them in memory:
// most requests meet none, and must not ask the store to learn that.
type faultBox struct {
	p atomic.Pointer[map[string][]standingFault]
}

type standingFault struct {
	id   string
	rule *sandbox.RequestRule
}

func (b *faultBox) of(business string) []standingFault {
	if all := b.p.Load(); all != nil {
		return (*all)[business]
	}
	return nil
}

// set takes the rules as they were saved.
func (b *faultBox) set(rows []store.RequestFault) error {
	all := map[string][]standingFault{}
	for _, row := range rows {
		var m sandbox.RequestMatch
		if err := json.Unmarshal([]byte(row.Matcher), &m); err != nil {
			return err
		}
		rule, err := sandbox.NewRequestRule(m, row.Rule)
		if err != nil {
			return err
		}
		all[row.Business] = append(all[row.Business], standingFault{row.ID, rule})
	}
	b.p.Store(&all)
	return nil
}

// AddRequestFaults keeps rules for requests, in the order given; every node goes by them
// when it returns.
func (e *Engine) AddRequestFaults(ctx context.Context, business string, rules []*sandbox.RequestRule) ([]wire.FaultRule, error) {
	rows := make([]store.RequestFault, len(rules))
	out := make([]wire.FaultRule, len(rules))
	for i, r := range rules {
		match, err := json.Marshal(r.Match)
		if err != nil {
			return nil, err
		}
		rows[i] = store.RequestFault{ID: e.IDs.New(), Business: business, Matcher: string(match), Rule: sandbox.RequestText(r.Actions),
			CreatedAt: e.now().Add(time.Duration(i) * time.Microsecond)}
		out[i] = showRequestFault(rows[i])
	}
	return out, e.change(ctx, func(tx store.Tx) error {
		for _, row := range rows {
			if err := tx.InsertRequestFault(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func showRequestFault(f store.RequestFault) wire.FaultRule {
	return wire.FaultRule{CreatedAt: wire.At(f.CreatedAt), Fired: f.Fired, ID: f.ID, Match: wire.Raw(f.Matcher), Matched: f.Matched, Rule: f.Rule}
}

// RequestFaults lists the rules of a business, in the order in which they are tried.
func (e *Engine) RequestFaults(ctx context.Context, business string) (out []wire.FaultRule, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		rows, err := v.RequestFaults(business)
		out = make([]wire.FaultRule, len(rows))
		for i, r := range rows {
			out[i] = showRequestFault(r)
		}
		return err
	})
	return out, err
}

// RequestFault shows one rule; not_found.
func (e *Engine) RequestFault(ctx context.Context, business, faultID string) (out wire.FaultRule, err error) {
	if !id.Valid(faultID) {
		return out, missing("fault", faultID)
	}
	err = e.Store.Read(ctx, func(v store.View) error {
		row, err := v.RequestFault(business, id.Fold(faultID))
		out = showRequestFault(row)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return out, missing("fault", faultID)
	}
	return out, err
}

// DropRequestFault deletes one rule; not_found.
func (e *Engine) DropRequestFault(ctx context.Context, business, faultID string) error {
	if !id.Valid(faultID) {
		return missing("fault", faultID)
	}
	err := e.change(ctx, func(tx store.Tx) error { return tx.DropRequestFault(business, id.Fold(faultID)) })
	if store.Lost(err, "drop_request_fault") {
		return missing("fault", faultID)
	}
	return err
}

// DropRequestFaults deletes all rules of a business.
func (e *Engine) DropRequestFaults(ctx context.Context, business string) error {
	return e.change(ctx, func(tx store.Tx) error { return tx.DropRequestFaults(business) })
}

// MeetFaults gives what a request meets: what its header has fired, then the rules of its
// business, in order of creation, until one ends the request. Everything is counted and
// kept for the trace before it acts.
func (e *Engine) MeetFaults(ctx context.Context, business, requestID string, seen sandbox.Seen, header []sandbox.Fired) ([]sandbox.Fired, error) {
	if err := e.traceHeader(ctx, business, requestID, header); err != nil {
		return nil, err
	}
	met := header
	for _, f := range e.faults.of(business) {
		if ended(met) {
			break
		}
		if !f.rule.Fits(seen) {
			continue
		}
		fired, err := e.countFault(ctx, business, requestID, f)
		if err != nil {
			return nil, err
		}
		met = append(met, fired...)
	}
	return met, nil
}

func ended(met []sandbox.Fired) bool {
	return len(met) > 0 && met[len(met)-1].Action.Ends()
}

func (e *Engine) traceHeader(ctx context.Context, business, requestID string, header []sandbox.Fired) error {
	if len(header) == 0 {
		return nil
	}
	return e.Store.Write(ctx, func(tx store.Tx) error { return e.traceFaults(tx, business, requestID, "", header) })
}

func (e *Engine) traceFaults(tx store.Tx, business, requestID, ruleID string, fired []sandbox.Fired) error {
	for i, f := range fired {
		t := store.FaultTrace{ID: e.IDs.New(), Business: business, RequestID: requestID, RuleID: ruleID, Action: f.String(), Nth: f.Match,
			CreatedAt: e.now().Add(time.Duration(i) * time.Microsecond)}
		if err := tx.InsertFaultTrace(t); err != nil {
			return err
		}
	}
	return nil
}

// countFault counts a match of a rule and gives what fires. Requests that match at the
// same time are counted one after another, on whichever nodes.
func (e *Engine) countFault(ctx context.Context, business, requestID string, f standingFault) (fired []sandbox.Fired, err error) {
	for {
		var row store.RequestFault
		err := e.Store.Read(ctx, func(v store.View) (err error) {
			row, err = v.RequestFault(business, f.id)
			return err
		})
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil // another node has dropped it just now
		}
		if err != nil {
			return nil, err
		}
		fired, row.Counts = f.rule.Fire(row.Matched+1, row.Counts)
		if len(fired) > 0 {
			row.Fired++
		}
		err = e.Store.Write(ctx, func(tx store.Tx) error {
			if err := tx.CountRequestFault(row); err != nil {
				return err
			}
			return e.traceFaults(tx, business, requestID, f.id, fired)
		})
		if !store.Lost(err, "count_request_fault") {
			return fired, err
		}
	}
}

// FaultTrace lists what the requests of a business have met behind an entry ("" for the
// first), oldest first.
func (e *Engine) FaultTrace(ctx context.Context, business, after string, limit int) (out []wire.FaultTrace, err error) {
	err = e.Store.Read(ctx, func(v store.View) error {
		pos := store.Position{}
		if after != "" {
			last, err := v.FaultTrace(after)
			if err != nil {
				return err
			}
			pos = store.Position{At: last.CreatedAt, ID: last.ID}
		}
		rows, err := v.FaultTraceAfter(business, pos, limit)
		out = make([]wire.FaultTrace, len(rows))
		for i, r := range rows {
			out[i] = showFaultTrace(r)
		}
		return err
	})
	return out, err
}

func showFaultTrace(r store.FaultTrace) wire.FaultTrace {
	t := wire.FaultTrace{Action: r.Action, At: wire.At(r.CreatedAt), ID: r.ID, Match: r.Nth, RequestID: r.RequestID}
	if r.RuleID != "" {
		t.RuleID = &r.RuleID
	}
	return t
}
