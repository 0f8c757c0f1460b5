package wire_test

import (
	"slices"
	"testing"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/wire"
)

func TestEveryStateOfAPayoutIsListedUnderOneStatus(t *testing.T) {
	count := map[payment.PayoutState]int{}
	for _, filter := range wire.PayoutFilters {
		for _, s := range wire.PayoutStatesOf(filter) {
			count[s]++
			if wire.PayoutStatus(s) != filter {
				t.Errorf("%s is listed under %s and shown as %s", s, filter, wire.PayoutStatus(s))
			}
		}
	}
	for _, s := range payment.PayoutStates {
		if count[s] != 1 || !slices.Contains(wire.PayoutFilters, wire.PayoutStatus(s)) {
			t.Errorf("%s is listed under %d statuses, want one", s, count[s])
		}
	}
}
