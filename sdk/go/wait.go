package juicer

import (
	"encoding/json"
	"math"
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
		if ms := headerWait(joined(r.headers, name), r.headers, now); ms > 0 {
			return ms
		}
	}
	if ms := numberWait(r.envelope.hint.afterMS, 1); ms > 0 {
		return ms
	}
	if ms := numberWait(r.envelope.afterSec, 1000); ms > 0 {
		return ms
	}
	return spentWait(joined(r.headers, "Ratelimit"))
}

// joined is a header as one text: sent twice, its values are one list.
func joined(headers map[string][]string, name string) string {
	values := headers[name]
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values, ", ")
}

// headerWait reads whole seconds, or an HTTP-date measured against the server's own
// clock where it sent one.
func headerWait(value string, headers map[string][]string, now time.Time) int64 {
	value = strings.Trim(value, " \t")
	if value == "" {
		return 0
	}
	if digits(value) {
		return seconds(value)
	}
	until, ok := httpDate(value)
	if !ok {
		return 0
	}
	if date, ok := httpDate(strings.Trim(joined(headers, "Date"), " \t")); ok {
		now = date
	}
	ms := until.Sub(now).Milliseconds()
	if ms <= 0 {
		return 0
	}
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

// httpDate reads the three forms of HTTP, and nothing that merely looks like them:
// time.Parse takes fractions and any zone.
func httpDate(s string) (time.Time, bool) {
	for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if t, err := time.Parse(layout, s); err == nil && t.Format(layout) == s {
			return t, true
		}
	}
	return time.Time{}, false
}

// numberWait turns a JSON number into milliseconds, rounded up.
func numberWait(n json.Number, unit float64) int64 {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil && !math.IsInf(f, 1) || !(f > 0) {
		return 0
	}
	return int64(math.Ceil(math.Min(f*unit, float64(waitMaxMS))))
}

// spentWait is the longest wait among the spent entries of a RateLimit header.
func spentWait(value string) int64 {
	entries, _ := parseRateLimit(value)
	longest := int64(0)
	for _, e := range entries {
		if e.remaining == 0 {
			longest = max(longest, e.resetMS)
		}
	}
	return longest
}

// limitEntry is one member of a RateLimit header: "name";r=5;t=30.
type limitEntry struct {
	name      string
	remaining int64 // -1: not said
	resetMS   int64 // until the limit is renewed
}

// parseRateLimit reads the header as a whole or not at all.
func parseRateLimit(value string) ([]limitEntry, bool) {
	var out []limitEntry
	rest := strings.Trim(value, " \t")
	for rest != "" {
		name, after, ok := quoted(rest)
		if !ok {
			return nil, false
		}
		e := limitEntry{name: name, remaining: -1}
		if rest, ok = e.parameters(after); !ok {
			return nil, false
		}
		out = append(out, e)
	}
	return out, len(out) > 0
}

// quoted cuts a text in double quotes off the front.
func quoted(s string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", "", false
	}
	inside, rest, ok = strings.Cut(s[1:], `"`)
	return inside, rest, ok && !strings.ContainsRune(inside, '\\')
}

// parameters reads ";r=5;t=30" up to the next member, and what stands behind it.
func (e *limitEntry) parameters(s string) (rest string, ok bool) {
	member, rest, more := strings.Cut(s, ",")
	rest = strings.Trim(rest, " \t")
	if more && rest == "" {
		return "", false // a comma with nothing behind it
	}
	for i, p := range strings.Split(strings.TrimRight(member, " \t"), ";") {
		name, value, _ := strings.Cut(strings.TrimLeft(p, " "), "=")
		switch {
		case i == 0 && p == "":
		case i == 0 || name == "" || !digits(value):
			return "", false
		case name == "r":
			e.remaining = seconds(value) / 1000
		case name == "t":
			e.resetMS = seconds(value)
		}
	}
	return rest, true
}
