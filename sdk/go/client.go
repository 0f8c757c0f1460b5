// Package juicer talks to Juicer, a payments API, and to servers that speak the same
// language. Every call is repeated where that is safe and of use, every error says
// whether money moved, and a 200 is not taken for a success.
//
//	client, err := juicer.New(juicer.Config{}) // JUICER_BASE_URL, JUICER_API_KEY
//	paid, err := client.PaymentSessions.Capture(ctx, id, &juicer.Capture{Card: card})
//	if err == nil && paid.Succeeded() { ... }
package juicer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Version of this package, as User-Agent says it.
const Version = "0.3.0"

// Config is what a client is made of. The zero value takes everything from the
// environment.
type Config struct {
	BaseURL        string            // default: JUICER_BASE_URL
	APIKey         string            // default: JUICER_API_KEY
	Policy         Policy            // fields at zero have their defaults
	TrustKeys      *bool             // whether the server promises one effect per idempotency key; default: yes, except for hosts of juicyway.com
	RaiseOnDecline bool              // a failed payment is an error
	Transport      http.RoundTripper // default: connections of its own; must not repeat requests
	Hooks          []Hooks           // told about every call
	Thresholds     []Threshold       // told when an error rate is too high
	Cache          *Cache            // keeps what may be kept, and joins identical reads; default: none
	Pace           bool              // wait before a limit instead of bouncing off it
	Gather         time.Duration     // collect Payments.Get calls for so long and ask once; 0: do not
	Outbox         *Outbox           // keeps writes on disk until their end is known; default: none

	chance func() float64                             // in [0,1); tests set it
	pause  func(context.Context, time.Duration) error // tests wait less
}

// Client calls one server with one key. It may be used by many goroutines.
type Client struct {
	resources
	// Cards encrypts card data.
	Cards *Cards

	base    *url.URL
	key     string
	policy  Policy
	decline bool
	wire    *wire
	account *account
	hooks   []Hooks
	rates   *rates
	cache   *Cache
	pace    *pacer
	gather  *gatherer
	outbox  *Outbox
	chance  func() float64
	pause   func(context.Context, time.Duration) error
}

const howToGetAKey = "set JUICER_API_KEY or Config.APIKey: make one with `juicer keys create`, or in your account at the operator"

// New makes a client. It fails without a base URL or a key.
func New(config Config) (*Client, error) {
	base, err := baseURL(first(config.BaseURL, os.Getenv("JUICER_BASE_URL")))
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(first(config.APIKey, os.Getenv("JUICER_API_KEY")))
	switch {
	case key == "":
		return nil, errors.New("juicer: no API key: " + howToGetAKey)
	case !printable(strings.ReplaceAll(key, " ", "")):
		return nil, errors.New("juicer: the API key has characters that no key has: " + howToGetAKey)
	}
	return build(config, base, key), nil
}

func build(config Config, base *url.URL, key string) *Client {
	c := &Client{base: base, key: key, decline: config.RaiseOnDecline, hooks: config.Hooks, cache: config.Cache, outbox: config.Outbox, chance: config.chance, pause: config.pause}
	c.policy = config.Policy.orDefault()
	c.policy.DistrustKeys = c.policy.DistrustKeys || distrusted(config.TrustKeys, base.Hostname())
	c.account = &account{tokens: c.policy.Bucket}
	c.wire = newWire(config.Transport, base, key)
	c.rates = newRates(config.Thresholds)
	if c.chance == nil {
		c.chance = rand.Float64
	}
	if c.pause == nil {
		c.pause = sleep
	}
	if config.Pace {
		c.pace = &pacer{}
	}
	if config.Gather > 0 {
		c.gather = &gatherer{client: c, window: config.Gather}
	}
	c.bind(c)
	c.Cards = &Cards{c: c}
	return c
}

func baseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("juicer: no server: set JUICER_BASE_URL or Config.BaseURL, e.g. http://127.0.0.1:8080")
	}
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("juicer: %q is no URL of a server, e.g. http://127.0.0.1:8080", text)
	}
	return u, nil
}

// distrusted: Juicyway documents no more than "same key, same result", so a refusal
// after a lost answer may be caused by the first attempt.
func distrusted(trust *bool, host string) bool {
	if trust != nil {
		return !*trust
	}
	return host == "juicyway.com" || strings.HasSuffix(host, ".juicyway.com")
}

// orDefault fills the fields that are zero.
func (p Policy) orDefault() Policy {
	d := DefaultPolicy()
	fill(&p.MaxAttempts, d.MaxAttempts)
	fill(&p.BaseTransientMS, d.BaseTransientMS)
	fill(&p.BaseThrottleMS, d.BaseThrottleMS)
	fill(&p.CapMS, d.CapMS)
	fill(&p.ServerWaitMaxMS, d.ServerWaitMaxMS)
	fill(&p.SpreadMaxMS, d.SpreadMaxMS)
	fill(&p.DeadlineMS, d.DeadlineMS)
	fill(&p.WriteTimeoutMS, d.WriteTimeoutMS)
	fill(&p.ReadTimeoutMS, d.ReadTimeoutMS)
	fill(&p.MinAttemptMS, d.MinAttemptMS)
	fill(&p.Bucket, d.Bucket)
	fill(&p.TransientCost, d.TransientCost)
	fill(&p.ThrottleCost, d.ThrottleCost)
	fill(&p.MaxWaits, d.MaxWaits)
	return p
}

func fill[T int | int64](field *T, standard T) {
	if *field == 0 {
		*field = standard
	}
}

// policyFor is the policy of one call.
func (c *Client) policyFor(o *options) Policy {
	p := c.policy
	for _, change := range o.policy {
		change(&p)
	}
	if o.timeout > 0 {
		p.DeadlineMS = min(p.DeadlineMS, max(o.timeout.Milliseconds(), 1))
	}
	return p
}

const pollMarginMS = 5000 // what an answer may take beyond the wait that was asked for

// patient gives a read that asks the server to wait the time for it.
func (p *Policy) patient(waitSeconds string) {
	if digits(waitSeconds) {
		p.ReadTimeoutMS = max(p.ReadTimeoutMS, seconds(waitSeconds)+pollMarginMS)
	}
}
