package wire

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Time is a moment as the API writes it: RFC 3339, UTC, six digits of fraction,
// Z. It has no finer parts than microseconds.
type Time struct{ time.Time }

// ErrTime is given for a text that is not an RFC 3339 time.
var ErrTime = errors.New("not an RFC 3339 time")

// At is t as a Time.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Microsecond)} }

// AtOrNull is t as a Time, or null if t is nil.
func AtOrNull(t *time.Time) *Time {
	if t == nil {
		return nil
	}
	at := At(*t)
	return &at
}

// ParseTime reads RFC 3339 with any offset, T and Z in either case. Digits of the
// fraction beyond the sixth are dropped. The year must have four digits in UTC
// too, and leap seconds are refused.
func ParseTime(s string) (Time, error) {
	s = strings.ToUpper(s)
	if len(s) > timeCharactersMax || !rfc3339.MatchString(s) {
		return Time{}, ErrTime
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Time{}, ErrTime
	}
	at := At(t)
	if at.Year() < 1 || at.Year() > 9999 {
		return Time{}, ErrTime
	}
	return at, nil
}

// rfc3339 is the form; time.Parse alone is more generous than the RFC.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// String is the wire form.
func (t Time) String() string { return stamp(t.Time) }

// MarshalJSON writes the wire form.
func (t Time) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, stamp(t.Time)), nil }

// UnmarshalJSON reads what ParseTime reads.
func (t *Time) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	s, err := strconv.Unquote(string(data))
	if err != nil {
		return ErrTime
	}
	*t, err = ParseTime(s)
	return err
}
