// Package event says which events there are and which of them an endpoint wants, and
// gives every event its number: gap-free, in commit order, for each business.
package event

import (
	"slices"
	"strings"
)

// Names of events that this server itself makes outside of payments.
const (
	KeyExpiring    = "key.expiring"
	KeyExpired     = "key.expired"
	EndpointPaused = "endpoint.paused"
)

// Everything is the pattern that fits every event.
const Everything = "*"

// Names lists every event of the contract, also those of later releases: an endpoint may
// ask for them today.
func Names() []string {
	return []string{
		"payment.session.succeeded", "payment.session.failed", "payment.session.cancelled", "payment.session.expired", "payment.refunded",
		"crypto.payment.pending", "crypto.payment.confirmed", "crypto.payment.completed", "deposit.received",
		"payout.succeeded", "payout.failed", "payout.reversed", "bulk_transfer.completed",
		"wallet.created", "wallet.status_changed", "customer.created", "customer.updated", "customer.deleted",
		KeyExpiring, KeyExpired, EndpointPaused,
	}
}

// Patterns lists what an endpoint may ask for: names, *, and payment.* in the manner of
// every beginning that ends at a dot.
func Patterns() []string {
	out := append([]string{Everything}, Names()...)
	for _, name := range Names() {
		for i, c := range name {
			if beginning := name[:i] + ".*"; c == '.' && !slices.Contains(out, beginning) {
				out = append(out, beginning)
			}
		}
	}
	return out
}

// Fits reports whether one of the patterns fits the name.
func Fits(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		beginning, open := strings.CutSuffix(p, "*")
		return p == name || open && strings.HasPrefix(name, beginning)
	})
}
