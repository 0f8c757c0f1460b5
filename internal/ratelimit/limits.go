package ratelimit

import (
	"maps"
	"slices"
	"time"
)

// Table is every limit of one environment. The zero value limits nothing.
type Table struct {
	Key       Limit            // over all requests of a key
	InFlight  int              // requests of a key at the same time; 0: any number
	LongPolls int              // waiting reads of a key at the same time, apart from InFlight
	Endpoints map[string]Limit // by "METHOD /path/{id}" as the router spells it
}

// Limit is a quota per window. The zero value limits nothing.
type Limit struct {
	Quota  int64
	Window time.Duration
	Burst  int64 // how many may come at once
}

// This file is the one home of the limits. Where the contract
// names a burst "per minute" or "per second", the number is the bucket's size: so
// many at once, refilled at the rate of the quota.

// Test is the documented table of the test environment.
func Test() Table { return documented(per(100, time.Minute)) }

// Live is the documented table of the live environment.
func Live() Table { return documented(per(1000, time.Minute)) }

// Off limits nothing, for test runs.
func Off() Table { return Table{} }

func documented(newCustomers Limit) Table {
	return Table{
		Key:       per(100, time.Second).burst(200),
		InFlight:  64,
		LongPolls: 32,
		Endpoints: map[string]Limit{
			"POST /customers":             newCustomers,
			"GET /customers/{id}":         per(1000, time.Hour),
			"GET /customers":              per(1000, time.Hour),
			"POST /payment-sessions/{id}": per(600, time.Minute),
			"GET /payments/{id}":          per(100, time.Minute),
			"GET /payments":               per(1000, time.Hour).burst(100),
			"GET /bulk-transfers/{id}":    per(120, time.Minute).burst(20),
			"POST /bulk-transfers":        per(10, time.Minute),
		},
	}
}

// Named gives the table of a setting: "documented" or "off".
func Named(name string, documented Table) (Table, bool) {
	switch name {
	case "documented":
		return documented, true
	case "off":
		return Off(), true
	}
	return Table{}, false
}

// Names lists the endpoints that have a limit of their own, sorted, so that the
// router can check that it knows them.
func (t Table) Names() []string { return slices.Sorted(maps.Keys(t.Endpoints)) }

func per(quota int64, window time.Duration) Limit {
	return Limit{Quota: quota, Window: window, Burst: quota}
}

func (l Limit) burst(n int64) Limit { l.Burst = n; return l }

// Rate is the limit as the arithmetic takes it. The period is rounded up, so that
// a quota is never exceeded by rounding.
func (l Limit) Rate() Rate {
	return Rate{Period: (l.Window.Microseconds() + l.Quota - 1) / l.Quota, Burst: l.Burst}
}

// Policy is one limit that applies to a request.
type Policy struct {
	Name     string // details.limit and the name in headers
	Endpoint string // "": the limit of the key over all endpoints
	Limit
}

// The names of the limits on the wire.
const (
	keyLimit         = "key"
	endpointLimit    = "endpoint"
	concurrencyLimit = "concurrency"
)

// Policies are the limits for a request, that of the key first. Each has a bucket
// for each key.
func (t Table) Policies(endpoint string) []Policy {
	var out []Policy
	if t.Key.Quota > 0 {
		out = append(out, Policy{Name: keyLimit, Limit: t.Key})
	}
	if l := t.Endpoints[endpoint]; l.Quota > 0 {
		out = append(out, Policy{Name: endpointLimit, Endpoint: endpoint, Limit: l})
	}
	return out
}
