package wire

import (
	"net/http"
	"slices"

	"github.com/juicer-pay/juicer/internal/payment"
)

// The statuses of success. Every other status is a problem.
const (
	OK        = http.StatusOK
	Made      = http.StatusCreated
	NoContent = http.StatusNoContent
)

// words is one line of the table of states: what each endpoint calls a state.
type words struct {
	session string // data.status of a session
	nested  string // data.payment.status of a session
	fetched string // status of GET /payments
	webhook string // data.status of the webhook, "" if none is sent
}

var stateWords = map[payment.State]words{
	payment.Created:         {"pending", "pending", "pending", ""},
	payment.Authenticating:  {"authenticating", "authenticating", "pending", ""},
	payment.AwaitingPayment: {"pending", "pending", "pending", ""},
	payment.Processing:      {"processing", "processing", "processing", ""},
	payment.InDoubt:         {"processing", "processing", "processing", ""},
	payment.Captured:        {"captured", "succeeded", "succeeded", "success"},
	payment.Settled:         {"captured", "succeeded", "succeeded", "success"},
	payment.Failed:          {"failed", "failed", "failed", "failed"},
	payment.Cancelled:       {"cancelled", "cancelled", "cancelled", "cancelled"},
	payment.Expired:         {"expired", "cancelled", "cancelled", "expired"},
}

// SessionStatus is the word for data.status of a session.
func SessionStatus(s payment.State) string { return stateWords[s].session }

// PaymentStatus is the word for status of a fetched payment.
func PaymentStatus(s payment.State) string { return stateWords[s].fetched }

// StatusFilters are the values of the status filter of GET /payments.
var StatusFilters = []string{"pending", "captured", "settled", "failed", "processing", "succeeded", "cancelled"}

// StatesOf gives the states a status filter stands for: a bucket, or a word of
// the fetched payment that is not a bucket's name.
func StatesOf(filter string) []payment.State {
	if states, ok := payment.Buckets[filter]; ok {
		return states
	}
	return slices.DeleteFunc(slices.Clone(payment.States), func(s payment.State) bool { return stateWords[s].fetched != filter })
}

// PayoutStatus is the outward word: in_doubt is not shown as a status.
func PayoutStatus(s payment.PayoutState) string {
	if s == payment.PayoutInDoubt {
		return string(payment.PayoutProcessing)
	}
	return string(s)
}

// PayoutFilters are the values of the status filter of GET /payouts.
var PayoutFilters = []string{"pending", "processing", "succeeded", "failed", "reversed"}

// PayoutStatesOf gives the states a status filter stands for.
func PayoutStatesOf(filter string) []payment.PayoutState {
	return slices.DeleteFunc(slices.Clone(payment.PayoutStates), func(s payment.PayoutState) bool { return PayoutStatus(s) != filter })
}

// refundStatus is the outward word: in_doubt is not shown as a status.
func refundStatus(s payment.RefundState) string {
	if s == payment.RefundInDoubt {
		return string(payment.RefundProcessing)
	}
	return string(s)
}
