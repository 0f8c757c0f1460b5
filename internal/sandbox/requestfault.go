package sandbox

import (
	"regexp"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

// RequestRuleField is the field that carries a rule for requests.
const RequestRuleField = "rule"

// RequestMatch says which requests a rule is about; zero fields fit everything.
type RequestMatch struct {
	IdempotencyKey string `json:"idempotency_key,omitempty"`
	KeyID          string `json:"key_id,omitempty"`
	Method         string `json:"method,omitempty"`
	Nth            int64  `json:"nth,omitempty"`  // the n-th match alone
	Path           string `json:"path,omitempty"` // "*" stands for anything within a segment, "**" for anything
	Reference      string `json:"reference,omitempty"`
}

// Seen is a request as rules look at it.
type Seen struct {
	Method         string
	Path           string // without /v1
	KeyID          string
	IdempotencyKey string
	Reference      func() string // of the body; read only where a rule asks for it
}

// RequestRule is a rule for requests, ready to be tried.
type RequestRule struct {
	Match   RequestMatch
	Actions []Rule
	path    *regexp.Regexp // nil: any
}

// NewRequestRule makes a rule of its parts.
func NewRequestRule(m RequestMatch, text string) (*RequestRule, error) {
	actions, err := ParseRequestRule(text)
	if err != nil {
		return nil, err
	}
	r := &RequestRule{Match: m, Actions: actions}
	if m.Path != "" {
		r.path = glob(m.Path)
	}
	return r, nil
}

// ParseRequestRule reads the actions of a rule: those of Juicer-Fault, but that each
// fires once unless it says otherwise. It raises problem.InvalidRequest that lists
// everything wrong with them under details.rule.
func ParseRequestRule(text string) ([]Rule, error) {
	rules, wrong := parseRules(text)
	if len(wrong) > 0 {
		return nil, problem.InvalidRequest.With(problem.Details{RequestRuleField: wrong}).Say(problem.InvalidParameters)
	}
	for i := range rules {
		if rules[i].Times == 0 {
			rules[i].Times = 1
		}
	}
	return rules, nil
}

// RequestText writes actions as ParseRequestRule reads them.
func RequestText(rules []Rule) string {
	shown := make([]Rule, len(rules))
	for i, r := range rules {
		if r.Times == 1 {
			r.Times = 0 // the default
		}
		shown[i] = r
	}
	return Text(shown)
}

func glob(pattern string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(quoted, `\*\*`, ".*")
	return regexp.MustCompile("^" + strings.ReplaceAll(quoted, `\*`, "[^/]*") + "$")
}

// Fits reports whether a request is meant.
func (r *RequestRule) Fits(s Seen) bool {
	m := r.Match
	return (m.Method == "" || m.Method == s.Method) && (r.path == nil || r.path.MatchString(s.Path)) &&
		(m.KeyID == "" || m.KeyID == s.KeyID) && (m.IdempotencyKey == "" || m.IdempotencyKey == s.IdempotencyKey) &&
		(m.Reference == "" || m.Reference == s.Reference())
}

// Fire tries the actions at the n-th match of the rule: counts says how often each was
// tried before, and is raised for those that are tried now. Those behind an action that
// ends the request are not tried.
func (r *RequestRule) Fire(n int64, counts []int64) (fired []Fired, now []int64) {
	now = append(make([]int64, 0, len(r.Actions)), counts...)
	for len(now) < len(r.Actions) {
		now = append(now, 0)
	}
	if r.Match.Nth > 0 && n != r.Match.Nth {
		return nil, now
	}
	for i, a := range r.Actions {
		now[i]++
		if !a.FiresAt(now[i]) {
			continue
		}
		fired = append(fired, Fired{Rule: a, Match: n})
		if a.Action.Ends() {
			break
		}
	}
	return fired, now
}
