package redis

import "time"

// patience is how long a limiter waits for Redis, and how often it tries.
type patience struct {
	answer     time.Duration // for one answer; then the request is decided here
	connect    time.Duration // for the first answer of a probe, which may have to connect and to load the script
	failures   int64         // in a row, until Redis is left alone
	probeFirst time.Duration // from then to the first probe; each following wait is twice as long
	probeLast  time.Duration // the longest wait
}

// A single failure does not open the breaker, nor does a single time-out: one lost
// packet is no outage, and costs one request 5 ms. Requests that wait at the same time
// fail at the same time, so that a Redis that hangs delays each of them once.
var usual = patience{
	answer:     5 * time.Millisecond, // 10 to 50 times what a Redis next door takes
	connect:    time.Second,
	failures:   3,
	probeFirst: 100 * time.Millisecond,
	probeLast:  5 * time.Second,
}

const connectionsMax = 32 // of one environment of one process, unless the URL says otherwise
