package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

const (
	rulesMax      = 4
	waitMSMax     = 120_000 // delay, hang
	bytesMax      = 10_000_000
	countMax      = 1_000_000_000 // times, skip
	retryAfterMax = 86_400        // seconds
	quotedMax     = 80            // characters of a bad rule that are repeated to its sender

	blanks = " \t"
)

// The params.
const (
	paramAt          = "at"
	paramTimes       = "times"
	paramSkip        = "skip"
	paramProbability = "probability"
	paramSeed        = "seed"
	paramRetryAfter  = "retry-after"
)

var (
	wholeForm       = regexp.MustCompile(`^[0-9]{1,10}$`)
	seedForm        = regexp.MustCompile(`^-?[0-9]{1,18}$`)
	probabilityForm = regexp.MustCompile(`^[0-9]?\.?[0-9]{1,15}$`)
)

// ParseFault reads rules, one to four of them, separated by commas. It raises
// problem.InvalidRequest that lists everything wrong with them under
// details["Juicer-Fault"].
func ParseFault(header string) ([]Rule, error) {
	rules, wrong := parseRules(header)
	if len(wrong) > 0 {
		return nil, badFault(wrong...)
	}
	return rules, nil
}

// parseRules reads rules separated by commas, and gathers what is wrong with them.
func parseRules(list string) (rules []Rule, wrong []string) {
	texts := strings.Split(list, ",")
	if len(texts) > rulesMax {
		return nil, []string{fmt.Sprintf("has %d rules; at most %d are allowed", len(texts), rulesMax)}
	}
	for i, text := range texts {
		p := parser{rule: Rule{Probability: 1, Seed: seedDefault, RetryAfter: retryAfterRow}}
		p.parse(text)
		rules = append(rules, p.rule)
		for _, w := range p.wrong {
			wrong = append(wrong, fmt.Sprintf("rule %d (%s): %s", i+1, quoted(strings.Trim(text, blanks)), w))
		}
	}
	return rules, wrong
}

func badFault(texts ...string) error {
	return problem.InvalidRequest.With(problem.Details{FaultHeader: texts}).Say(problem.InvalidHeader)
}

// parser reads one rule and gathers what is wrong with it.
type parser struct {
	rule  Rule
	said  []string // names of params
	wrong []string
}

func (p *parser) refuse(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

func (p *parser) parse(text string) {
	parts := strings.Split(text, ";")
	p.action(cut(parts[0]))
	if len(p.wrong) > 0 {
		return // of an unknown action nobody can say which params it takes
	}
	for _, part := range parts[1:] {
		p.param(cut(part))
	}
	p.fits()
}

// cut splits name=value; ok is false without a value.
func cut(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, "=")
	return strings.Trim(name, blanks), strings.Trim(value, blanks), ok
}

func (p *parser) action(name, value string, ok bool) {
	p.rule.Action = Action(name)
	switch p.rule.Action {
	case Fail:
		p.code(value)
	case Status:
		p.status(value)
	case Delay, Hang:
		p.rule.N = p.whole(name, value, 0, waitMSMax, "milliseconds")
	case Truncate:
		p.rule.N = p.whole(name, value, 0, bytesMax, "bytes")
	case Drop:
		p.rule.At = p.point(name, value, Before, AfterCommit)
	case Garbage:
		if ok {
			p.refuse("garbage takes no value")
		}
	default:
		p.bare(name, ok)
	}
	if p.rule.At == "" {
		p.rule.At = p.rule.Action.defaultAt()
	}
}

// bare is the short form of error=<code>.
func (p *parser) bare(name string, valued bool) {
	if _, known := problem.ByCode(name); known && !valued {
		p.rule.Action, p.rule.Code = Fail, name
		return
	}
	if name == "" {
		p.refuse("a rule is missing here")
		return
	}
	p.refuse("%s is no action; allowed are error=<code> or the code alone, status=<number>, delay=<ms>, drop=before, "+
		"drop=after-commit, truncate=<bytes>, hang=<ms>, garbage", quoted(name))
}

func (p *parser) code(code string) {
	if _, known := problem.ByCode(code); !known {
		p.refuse("%s is no error code; the codes are listed at /docs/errors", quoted(code))
	}
	p.rule.Code = code
}

func (p *parser) status(value string) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || len(value) != 3 || !slices.Contains(statuses(), n) {
		p.refuse("status must be one of %s", joined(statuses()))
		return
	}
	p.rule.N, p.rule.Code = n, usualCode(n)
}

func (p *parser) param(name, value string, _ bool) {
	if slices.Contains(p.said, name) {
		p.refuse("%s is given twice", name)
		return
	}
	p.said = append(p.said, name)
	switch name {
	case paramAt:
		p.at(value)
	case paramTimes:
		p.rule.Times = p.whole(name, value, 1, countMax, "")
	case paramSkip:
		p.rule.Skip = p.whole(name, value, 0, countMax, "")
	case paramProbability:
		p.rule.Probability = p.probability(value)
	case paramSeed:
		p.rule.Seed = p.seed(value)
	case paramRetryAfter:
		p.rule.RetryAfter = p.whole(name, value, 0, retryAfterMax, "seconds")
	default:
		p.refuse("%s is no param; allowed are at, times, skip, probability, seed, retry-after", quoted(name))
	}
}

func (p *parser) at(value string) {
	if p.rule.Action == Drop {
		p.refuse("drop says by itself when it acts; at is not allowed")
		return
	}
	p.rule.At = p.point(paramAt, value, Before, AfterCommit)
}

// fits looks at what only the whole rule can tell.
func (p *parser) fits() {
	r, kind := p.rule, p.rule.Kind()
	if r.At == Before && (r.Action == Truncate || r.Action == Garbage) {
		p.refuse("%s acts on a reply that is there; at must be %s", r.Action, AfterCommit)
	}
	if answers := r.Action == Fail || r.Action == Status; answers && r.At == AfterCommit && !breaksOff(kind) {
		p.refuse("at=%s is allowed for %s only", AfterCommit, joined(breakingOff()))
	}
	if r.RetryAfter >= 0 && !comesBack(kind) {
		p.refuse("retry-after is allowed for answers with status %d or %d only", problem.RateLimitExceeded.Status, problem.Overloaded.Status)
	}
}

// breaksOff reports whether the answer can come after work was committed. BrokeOff
// knows which those are; it leaves every other error as it is.
func breaksOff(k *problem.Kind) bool {
	if k == nil {
		return false
	}
	e := k.With(nil)
	return e.BrokeOff(problem.RepeatableWork) != e
}

func breakingOff() []string {
	var out []string
	for _, k := range problem.All() {
		if breaksOff(k) {
			out = append(out, k.Code)
		}
	}
	return out
}

func comesBack(k *problem.Kind) bool {
	return k != nil && (k.Status == problem.RateLimitExceeded.Status || k.Status == problem.Overloaded.Status)
}

func (p *parser) point(name, value string, allowed ...Point) Point {
	if !slices.Contains(allowed, Point(value)) {
		p.refuse("%s must be one of %s", name, joined(allowed))
	}
	return Point(value)
}

func (p *parser) whole(name, value string, lowest, highest int64, unit string) int64 {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || !wholeForm.MatchString(value) || n < lowest || n > highest {
		p.refuse("%s must be a whole number %s", name, strings.TrimRight(fmt.Sprintf("%d..%d %s", lowest, highest, unit), " "))
		return 0
	}
	return n
}

func (p *parser) probability(value string) float64 {
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || !probabilityForm.MatchString(value) || f > 1 {
		p.refuse("probability must be a decimal number 0..1, such as 0.2")
		return 1
	}
	return f
}

func (p *parser) seed(value string) int64 {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || !seedForm.MatchString(value) {
		p.refuse("seed must be a whole number of at most 18 digits")
		return seedDefault
	}
	return n
}

// quoted repeats what the caller sent, shortened.
func quoted(text string) string {
	if runes := []rune(text); len(runes) > quotedMax {
		text = string(runes[:quotedMax]) + "..."
	}
	return strconv.Quote(text)
}

func joined[T any](values []T) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, ", ")
}
