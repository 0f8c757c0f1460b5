package webhook

import "time"

// intervals are the times between attempts: the n-th stands between attempt n and n+1.
var intervals = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
	4 * time.Hour, 6 * time.Hour, 8 * time.Hour, 12 * time.Hour, 12 * time.Hour,
}

const (
	// jitter is how much of its interval an attempt may come earlier or later.
	jitter = 0.1
	// catchUp stands between attempts whose moments have all passed, because this server
	// was away.
	catchUp = 10 * time.Second
	// PauseAfter is how long every attempt must have failed until an endpoint is paused.
	PauseAfter = 72 * time.Hour
)

// AttemptsMax is how many attempts the schedule has.
func AttemptsMax() int64 { return int64(len(intervals)) + 1 }

// Next is when attempt tries+1 is due after tries attempts of the schedule, the first of
// which was made at first; false: there is none. chance is 0..1. Variations do not add up.
func Next(tries int64, first, now time.Time, chance float64) (time.Time, bool) {
	if tries < 1 || tries >= AttemptsMax() {
		return time.Time{}, false
	}
	var after time.Duration
	for _, d := range intervals[:tries] {
		after += d
	}
	last := intervals[tries-1]
	due := first.Add(after + time.Duration((2*chance-1)*jitter*float64(last))).Truncate(time.Microsecond)
	if now.Sub(due) > last {
		return now.Add(catchUp), true
	}
	return due, true
}
