package wire

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Query reads the parameters of a query string by name and gathers every breach
// as a text. Each method gives its default (or the zero value) for a parameter
// that is absent, empty or bad; Err tells. Parameters that nothing asks for, and
// parameters given twice, are refused.
type Query struct {
	values url.Values
	asked  map[string]bool
	texts  map[string][]string
}

// ReadQuery starts reading the raw query of a request.
func ReadQuery(raw string) *Query {
	q := &Query{asked: map[string]bool{}, texts: map[string][]string{}}
	values, err := url.ParseQuery(raw)
	if err != nil {
		q.Breach("query", "Is not a valid query string")
	}
	q.values = values
	return q
}

// Err is nil, or problem.InvalidRequest with details name -> list of texts.
func (q *Query) Err() error {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		if !q.asked[name] {
			q.Breach(name, "Is not a known parameter")
		}
	}
	if len(q.texts) == 0 {
		return nil
	}
	details := problem.Details{}
	for name, texts := range q.texts {
		details[name] = texts
	}
	return problem.InvalidRequest.With(details).Say(problem.InvalidQuery)
}

// Breach says what is wrong with a parameter; the first text stays.
func (q *Query) Breach(name, text string) {
	name = short(strings.ToValidUTF8(name, "\uFFFD"))
	if q.texts[name] == nil && len(q.texts) < queryBreachesMax {
		q.texts[name] = []string{text}
	}
}

// Has reports whether the parameter is there and not empty.
func (q *Query) Has(name string) bool { return q.values.Get(name) != "" }

// Ignore accepts parameters whatever they hold.
func (q *Query) Ignore(names ...string) {
	for _, name := range names {
		q.asked[name] = true
	}
}

// find gives the one value of a parameter; ok is false if there is none to read.
func (q *Query) find(name string) (s string, ok bool) {
	q.asked[name] = true
	values := q.values[name]
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", false
	case len(values) > 1:
		q.Breach(name, "Must be given once")
		return "", false
	case !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0):
		q.Breach(name, "Contains a character that is not supported")
		return "", false
	}
	return values[0], true
}

// Text reads a parameter that keeps the rules; Required among them makes its
// absence a breach.
func (q *Query) Text(name string, rules ...Rule) string {
	s, ok := q.find(name)
	if !ok {
		if needOf(rules) != Optional {
			q.Breach(name, "Is required")
		}
		return ""
	}
	for _, rule := range rules {
		if why := rule.check(input{text: s}); why.code != "" {
			q.Breach(name, unlabelled(why))
			return ""
		}
	}
	return s
}

// unlabelled is the message of a body field without the field's name:
// "Must be one of: pending, failed".
func unlabelled(why breach) string {
	message := strings.TrimPrefix(problem.Breach(why.code, "x", why.args).Message, "X ")
	return strings.ToUpper(message[:1]) + message[1:]
}

// Int reads an integer of least..most.
func (q *Query) Int(name string, fallback, least, most int64) int64 {
	s, ok := q.find(name)
	if !ok {
		return fallback
	}
	if !onlyDigits(strings.TrimPrefix(s, "-")) {
		q.Breach(name, "Must be an integer")
		return fallback
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most {
		q.Breach(name, "Must be between "+strconv.FormatInt(least, 10)+" and "+strconv.FormatInt(most, 10))
		return fallback
	}
	return n
}

// Bool reads true or false.
func (q *Query) Bool(name string, fallback bool) bool {
	s, ok := q.find(name)
	switch {
	case !ok:
		return fallback
	case s == "true":
		return true
	case s != "false":
		q.Breach(name, "Must be true or false")
		return fallback
	}
	return false
}

// Time reads a timestamp; absence is the zero Time. A + that was not
// percent-encoded arrives as a blank and is taken for the + of an offset.
func (q *Query) Time(name string) Time {
	s, ok := q.find(name)
	if !ok {
		return Time{}
	}
	t, err := ParseTime(strings.Replace(s, " ", "+", 1))
	if err != nil {
		q.Breach(name, "Must be an RFC 3339 time such as 2026-11-22T09:30:00Z")
	}
	return t
}

// List reads a comma list of 1..CommaListMax entries that keep the rules; nil if absent.
func (q *Query) List(name string, rules ...Rule) []string {
	s, ok := q.find(name)
	if !ok {
		return nil
	}
	if strings.Count(s, ",") >= CommaListMax {
		q.Breach(name, "Must have 1 to "+strconv.Itoa(CommaListMax)+" entries")
		return nil
	}
	list := strings.Split(s, ",")
	for _, entry := range list {
		if entry == "" {
			q.Breach(name, "Must not have empty entries")
			return nil
		}
		for _, rule := range rules {
			if why := rule.check(input{text: entry}); why.code != "" {
				q.Breach(name, unlabelled(why))
				return nil
			}
		}
	}
	return list
}
