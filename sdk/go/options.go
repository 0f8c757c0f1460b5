package juicer

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Option changes one call.
type Option func(*options)

// options of one call.
type options struct {
	key     string
	timeout time.Duration
	header  http.Header
	decline *bool
	policy  []func(*Policy)
}

// WithIdempotencyKey sends a key of your own: store it with the order, and the call
// can be resumed after a crash. 1 to 255 printable ASCII characters without blanks.
func WithIdempotencyKey(key string) Option { return func(o *options) { o.key = key } }

// WithTimeout shortens the time for the call, all attempts and waits together.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithHeader adds a header to every attempt.
func WithHeader(name, value string) Option {
	return func(o *options) {
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header.Add(name, value)
	}
}

// WithRaiseOnDecline makes a failed payment an error (PaymentDeclined), or not. The
// answer is given back beside the error.
func WithRaiseOnDecline(raise bool) Option { return func(o *options) { o.decline = &raise } }

// WithPolicy changes the policy for this call.
func WithPolicy(change func(*Policy)) Option {
	return func(o *options) { o.policy = append(o.policy, change) }
}

func collect(list []Option) options {
	var o options
	for _, set := range list {
		if set != nil {
			set(&o)
		}
	}
	return o
}

// check finds what net/http would refuse after the policy had begun to count.
func (o *options) check() error {
	if !printable(o.key) || len(o.key) > 255 {
		return fmt.Errorf("juicer: the idempotency key %q is not 1 to 255 printable characters without blanks", o.key)
	}
	for name, values := range o.header {
		if name == "" || strings.ContainsAny(name+strings.Join(values, ""), "\r\n\x00") {
			return fmt.Errorf("juicer: the header %q cannot be sent", name)
		}
	}
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// headers are the extra ones, for every attempt.
func (o *options) headers(into http.Header) {
	if o.header != nil {
		maps.Copy(into, o.header)
	}
}
