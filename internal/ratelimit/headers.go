package ratelimit

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Headers are the five headers of an authenticated reply,
// none if nothing is limited. RateLimit and RateLimit-Policy name every limit that
// applies; the others describe the one with the least left. Names are spelt as documented:
// copy them with maps.Copy, for http.Header.Set would respell them.
func Headers(d Decision) http.Header {
	if len(d.Standings) == 0 {
		return http.Header{}
	}
	s := d.Tightest()
	return http.Header{
		"X-RateLimit-Limit":     {strconv.FormatInt(s.Quota, 10)},
		"X-RateLimit-Remaining": {strconv.FormatInt(s.Remaining, 10)},
		"X-RateLimit-Reset":     {strconv.FormatInt(unixUp(d.At.Add(s.Reset)), 10)},
		"RateLimit-Policy":      {policies(d)},
		"RateLimit":             {remaining(d)},
	}
}

// Refusal is problem.RateLimitExceeded for a decision that does not allow: which
// limit, its policy ("100;w=60"), and the wait in whole seconds, rounded up.
func Refusal(d Decision) *problem.Error {
	s := d.Tightest()
	return problem.RateLimitExceeded.With(problem.Details{
		"limit":  s.Name,
		"policy": fmt.Sprintf("%d;w=%d", s.Quota, windowSeconds(s)),
	}).Advise(problem.Again(problem.SameKey, 1000*d.RetryAfterSeconds()))
}

func remaining(d Decision) string {
	all := make([]string, len(d.Standings))
	for i, s := range d.Standings {
		all[i] = fmt.Sprintf("%q;r=%d;t=%d", s.Name, s.Remaining, secondsUp(s.Reset))
	}
	return strings.Join(all, ", ")
}

func policies(d Decision) string {
	all := make([]string, len(d.Standings))
	for i, s := range d.Standings {
		all[i] = fmt.Sprintf("%q;q=%d;w=%d", s.Name, s.Quota, windowSeconds(s))
	}
	return strings.Join(all, ", ")
}

func windowSeconds(s Standing) int64 { return int64(s.Window / time.Second) }

// unixUp is the first whole Unix second that is not before t.
func unixUp(t time.Time) int64 { return t.Add(time.Second - 1).Unix() }
