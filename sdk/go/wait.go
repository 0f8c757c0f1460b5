package juicer

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// waitMaxMS is where every wait saturates: far beyond all limits, far below overflow.
const waitMaxMS int64 = 1_000_000_000_000

// serverWait is how long the server asks to wait, in milliseconds, from the first
// place that holds a valid answer; 0 if none does. Zero, negative, past and junk are
// not valid.
func serverWait(r reply, now time.Time) int64 {
	for _, name := range []string{"Retry-After", "Retry_after"} { // the second is the documented retry_after
		if ms := headerWait(joined(r.headers, name), r.headers, now); ms != 0 {
			return ms
		}
	}
	if ms := numberWait(r.envelope.hint.afterMS, 1); ms != 0 {
		return ms
	}
	if ms := numberWait(r.envelope.afterSec, 1000); ms != 0 {
		return ms
	}
	return spentWait(joined(r.headers, "Ratelimit"))
}

// joined is a header as one text: sent twice, its values are one list.
func joined(headers map[string][]string, name string) string {
	return strings.Join(headers[name], ", ")
}

// headerWait reads whole seconds, or an HTTP-date measured against the server's own
// clock where it sent one.
func headerWait(value string, headers map[string][]string, now time.Time) int64 {
	value = strings.Trim(value, " \t")
	if digits(value) {
		return seconds(value)
	}
	until := httpDate(value) // junk is long past
	if date := httpDate(strings.Trim(joined(headers, "Date"), " \t")); !date.IsZero() {
		now = date
	}
	ms := max(until.Sub(now).Milliseconds(), 0)
	return min((ms+999)/1000*1000, waitMaxMS)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// seconds turns digits into milliseconds.
func seconds(s string) int64 {
	s = strings.TrimLeft(s, "0")
	if len(s) > 9 {
		return waitMaxMS
	}
	n, _ := strconv.ParseInt("0"+s, 10, 64) // nine digits fit
	return n * 1000
}

// httpDates are the three forms of an HTTP-date: time.Parse alone takes fractions, any
// case and any zone.
var httpDates = []struct {
	layout string
	form   *regexp.Regexp
}{
	{"Mon, 02 Jan 2006 15:04:05 GMT", regexp.MustCompile(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$`)},
	{"Monday, 02-Jan-06 15:04:05 GMT", regexp.MustCompile(`^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$`)},
	{time.ANSIC, regexp.MustCompile(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$`)},
}

// httpDate reads a moment; a day of the week that does not fit the date is overlooked.
// The zero time is for junk.
func httpDate(s string) time.Time {
	for _, known := range httpDates {
		if !known.form.MatchString(s) {
			continue
		}
		if t, err := time.Parse(known.layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// numberWait turns a JSON number into milliseconds, rounded up. No number is 0, and one
// that is too large for a float is infinite.
func numberWait(n json.Number, unit float64) int64 {
	f, _ := n.Float64()
	return int64(math.Ceil(math.Min(math.Max(f*unit, 0), float64(waitMaxMS))))
}

// spentWait is the longest wait among the spent entries of a RateLimit header.
func spentWait(value string) int64 {
	longest := int64(0)
	for _, e := range parseRateLimit(value) {
		if e.remaining == 0 {
			longest = max(longest, e.resetMS)
		}
	}
	return longest
}

// limitEntry is one member of a RateLimit header that says what is left.
type limitEntry struct {
	name      string
	remaining int64
	resetMS   int64 // until the limit is renewed
}

// The form of a RateLimit header, a list of structured fields (RFC 9651):
// "name";r=5;t=30, "other";r=0;pk=:Zm9v:.
const (
	limitText  = `"((?:[^"\\]|\\["\\])*)"`
	limitValue = `=("(?:[^"\\]|\\["\\])*"|:[A-Za-z0-9+/=]*:|[A-Za-z0-9_.:/*?-]+)`
	limitPair  = `;[ ]*([a-z*][a-z0-9_.*-]*)(?:` + limitValue + `)?`
	limitForm  = limitText + `((?:` + limitPair + `)*)`
)

var (
	limitList      = regexp.MustCompile(`^[ \t]*` + limitForm + `(?:[ \t]*,[ \t]*` + limitForm + `)*[ \t]*$`)
	limitMember    = regexp.MustCompile(limitForm)
	limitParameter = regexp.MustCompile(limitPair)
)

// parseRateLimit reads the header as a whole or not at all.
func parseRateLimit(value string) []limitEntry {
	if !limitList.MatchString(value) {
		return nil
	}
	var out []limitEntry
	for _, member := range limitMember.FindAllStringSubmatch(value, len(value)) {
		given := map[string]string{"t": "0"}
		for _, p := range limitParameter.FindAllStringSubmatch(member[2], len(value)) {
			given[p[1]] = p[2]
		}
		if !digits(given["r"]) || !digits(given["t"]) {
			return nil
		}
		out = append(out, limitEntry{name: member[1], remaining: seconds(given["r"]) / 1000, resetMS: seconds(given["t"])})
	}
	return out
}
