package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

// The actions of webhook faults. Delay is shared with those of requests.
const (
	Lose    Action = "lose"    // marked delivered, never sent
	Refuse  Action = "fail"    // the attempt counts as answered with status N; 0: no connection
	Double  Action = "double"  // sent twice
	Reorder Action = "reorder" // held until the next event for the endpoint was sent, or ReorderMS
	Early   Action = "early"   // sent before the reply that caused it is written
)

const (
	webhookDelayMax = 47 * 3600 * 1000 // milliseconds
	// ReorderMS is how long a reordered delivery waits for the next one at most.
	ReorderMS = 60_000
	// WebhookRuleField is the field that carries a rule.
	WebhookRuleField = "rule"
)

// WebhookMatch says which attempts a rule is about; zero fields fit everything.
type WebhookMatch struct {
	EndpointID string `json:"endpoint_id,omitempty"`
	Event      string `json:"event,omitempty"`
	Nth        int64  `json:"nth,omitempty"` // the n-th match alone
	Reference  string `json:"reference,omitempty"`
}

// Fits reports whether an attempt is meant.
func (m WebhookMatch) Fits(endpoint, event, reference string) bool {
	return (m.EndpointID == "" || m.EndpointID == endpoint) && (m.Event == "" || m.Event == event) && (m.Reference == "" || m.Reference == reference)
}

// Fires reports whether a rule fires at its n-th match, n counting from 1.
func (m WebhookMatch) Fires(r Rule, n int64) bool {
	if m.Nth > 0 {
		return n == m.Nth && (r.Probability >= 1 || Draw(r.Seed, n) < r.Probability)
	}
	return r.FiresAt(n)
}

// ParseWebhookFault reads one rule for deliveries. It raises problem.InvalidRequest that
// lists everything wrong with it under details.rule.
func ParseWebhookFault(text string) (Rule, error) {
	p := parser{rule: Rule{Probability: 1, Seed: seedDefault, RetryAfter: retryAfterRow, Times: 1}}
	parts := strings.Split(text, ";")
	p.webhookAction(cut(parts[0]))
	for _, part := range parts[1:] {
		p.webhookParam(cut(part))
	}
	if len(p.wrong) > 0 {
		return p.rule, problem.InvalidRequest.With(problem.Details{WebhookRuleField: p.wrong}).Say(problem.InvalidParameters)
	}
	return p.rule, nil
}

func (p *parser) webhookAction(name, value string, valued bool) {
	p.rule.Action = Action(name)
	switch p.rule.Action {
	case Lose, Double, Reorder, Early:
		if valued {
			p.refuse("%s takes no value", name)
		}
	case Refuse:
		p.rule.N = p.whole(name, value, 0, 599, "")
		if n := p.rule.N; n != 0 && n < 300 {
			p.refuse("fail must be 0 (no connection) or a status that is no success, 300..599")
		}
	case Delay:
		p.rule.N = p.whole(name, value, 0, webhookDelayMax, "milliseconds")
	default:
		p.refuse("%s is no action; allowed are lose, fail=<status>, double, reorder, delay=<ms>, early", quoted(name))
	}
}

func (p *parser) webhookParam(name, value string, valued bool) {
	if !slices.Contains([]string{paramTimes, paramSkip, paramProbability, paramSeed}, name) {
		p.refuse("%s is no param; allowed are times, skip, probability, seed", quoted(name))
		return
	}
	p.param(name, value, valued)
}

// WebhookText writes a rule as ParseWebhookFault reads it.
func (r Rule) WebhookText() string {
	parts := []string{string(r.Action)}
	if r.Action == Refuse || r.Action == Delay {
		parts[0] = fmt.Sprintf("%s=%d", r.Action, r.N)
	}
	add := func(said bool, name, value string) {
		if said {
			parts = append(parts, name+"="+value)
		}
	}
	add(r.Times > 1, paramTimes, strconv.FormatInt(r.Times, 10))
	add(r.Skip > 0, paramSkip, strconv.FormatInt(r.Skip, 10))
	add(r.Probability != 1, paramProbability, strconv.FormatFloat(r.Probability, 'f', -1, 64))
	add(r.Seed != seedDefault, paramSeed, strconv.FormatInt(r.Seed, 10))
	return strings.Join(parts, ";")
}
