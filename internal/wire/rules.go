package wire

import (
	"time"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Rule is one thing the contract says about a field. Rules are looked at in the
// order given, and the first that is broken is the field's one breach.
type Rule interface {
	check(in input) breach
}

// input is a present value of the right type.
type input struct {
	text string
	n    int64
	over fit // n cannot hold the number: tooGreat or tooSmall
	time Time
}

// breach is a broken rule; the zero breach is none.
type breach struct {
	code problem.FieldCode
	args problem.Details
}

func broken(code problem.FieldCode, name string, arg any) breach {
	return breach{code, problem.Details{name: arg}}
}

// Need says whether a field must be there. null is absence. "" is absence for
// optional fields; for a required text it breaks required, or too_short where
// the contract names a least length, and for other types invalid_type.
type Need uint8

// The needs.
const (
	Optional Need = iota // the default
	Required
	Present // required, but "" will do
)

func (Need) check(input) breach { return breach{} }

func needOf(rules []Rule) Need {
	for _, rule := range rules {
		if need, ok := rule.(Need); ok {
			return need
		}
	}
	return Optional
}

func has(rules []Rule, rule Rule) bool {
	for _, r := range rules {
		if r == rule {
			return true
		}
	}
	return false
}

// mark is a rule without parameters.
type mark uint8

// Rules for integers.
const (
	Positive mark = iota // at least 1, else must_be_positive
	OrDigits             // a string of digits is taken for the integer
)

func (m mark) check(in input) breach {
	if m == Positive && (in.over == tooSmall || in.over == fits && in.n < 1) {
		return breach{code: problem.FieldMustBePositive}
	}
	return breach{}
}

type atLeast int64

// AtLeast is too_small for smaller integers.
func AtLeast(n int64) Rule { return atLeast(n) }

func (least atLeast) check(in input) breach {
	if in.over == tooSmall || in.over == fits && in.n < int64(least) {
		return broken(problem.FieldTooSmall, "limit", int64(least))
	}
	return breach{}
}

type atMost int64

// AtMost is too_large for greater integers.
func AtMost(n int64) Rule { return atMost(n) }

func (most atMost) check(in input) breach {
	if in.over == tooGreat || in.over == fits && in.n > int64(most) {
		return broken(problem.FieldTooLarge, "limit", int64(most))
	}
	return breach{}
}

type length struct{ least, most int }

// Length is too_short or too_long for texts of another number of code points.
func Length(least, most int) Rule { return length{least, most} }

// MaxLength is too_long for texts of more code points. A required text must
// still not be empty: that is required.
func MaxLength(most int) Rule { return length{0, most} }

func (l length) check(in input) breach {
	n := utf8.RuneCountInString(in.text)
	switch {
	case n < l.least:
		return broken(problem.FieldTooShort, "limit", l.least)
	case n > l.most:
		return broken(problem.FieldTooLong, "limit", l.most)
	}
	return breach{}
}

// allowed takes a text out of a list, and may show people a shorter one.
type allowed struct{ list, shown []string }

// Allowed is not_allowed for texts that are not in the list.
func Allowed[T ~string](list ...T) Rule { return AllowedShowing(list, list) }

// AllowedShowing is Allowed, but the message names the values shown: those that
// would do here, where others are refused later for a better reason.
func AllowedShowing[T ~string](list, shown []T) Rule {
	return &allowed{list: texts(list), shown: texts(shown)}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func (a *allowed) check(in input) breach {
	for _, s := range a.list {
		if s == in.text {
			return breach{}
		}
	}
	return broken(problem.FieldNotAllowed, "list", a.shown)
}

type after time.Time

// After is past_date for times that are not later than now.
func After(now time.Time) Rule { return after(now) }

func (a after) check(in input) breach {
	if in.time.After(time.Time(a)) {
		return breach{}
	}
	return breach{code: problem.FieldPastDate}
}

type notAfter time.Time

// NotAfter is too_large for times later than the limit.
func NotAfter(limit time.Time) Rule { return notAfter(limit) }

func (a notAfter) check(in input) breach {
	if limit := time.Time(a); in.time.After(limit) {
		return broken(problem.FieldTooLarge, "limit", stamp(limit))
	}
	return breach{}
}

// judged is a rule that knows more than this package.
type judged func(text string) (problem.FieldCode, problem.Details)

// Judged breaks with the code that judge gives for a text; "" is none.
func Judged(judge func(text string) (problem.FieldCode, problem.Details)) Rule { return judged(judge) }

func (j judged) check(in input) breach {
	code, args := j(in.text)
	return breach{code, args}
}
