package juicer

import (
	"errors"
	"sync"
	"time"
)

// Class is a group of failed calls that is counted by itself.
type Class string

// The classes that Health counts.
const (
	ClassServer         Class = "server"          // 5xx, 408
	ClassThrottle       Class = "throttle"        // 429
	ClassNetwork        Class = "network"         // no usable answer
	ClassUnknownOutcome Class = "unknown_outcome" // a write of which nobody knows the end; counted beside its other class
)

// Threshold asks to be told when a class makes up too much of the last minute.
type Threshold struct {
	Class    Class
	Share    float64 // of all calls, 0.05 for 5 %
	MinCalls int     // fewer calls in the minute say nothing
	Exceeded func(Health)
}

// Health is the last minute of this client, as it saw it. Nothing was called.
type Health struct {
	Calls  int
	Failed map[Class]int
}

// Share is how much of the calls failed in a class, 0 without calls.
func (h Health) Share(c Class) float64 {
	if h.Calls == 0 {
		return 0
	}
	return float64(h.Failed[c]) / float64(h.Calls)
}

const slots = 60 // seconds that are remembered

var classes = [...]Class{ClassServer, ClassThrottle, ClassNetwork, ClassUnknownOutcome}

// slot is one second.
type slot struct {
	second int64
	calls  int
	failed [len(classes)]int
}

// rates counts calls by second in a ring of one minute.
type rates struct {
	mu         sync.Mutex
	ring       [slots]slot
	thresholds []Threshold
	above      []bool // told already, and not fallen below since
}

func newRates(thresholds []Threshold) *rates {
	return &rates{thresholds: thresholds, above: make([]bool, len(thresholds))}
}

// Health is the client's own view of the last minute.
func (c *Client) Health() Health {
	c.rates.mu.Lock()
	defer c.rates.mu.Unlock()
	return c.rates.health(time.Now())
}

// count books a call that ended, and tells who wanted to be told.
func (r *rates) count(now time.Time, err error) {
	r.mu.Lock()
	s := r.slot(now)
	s.calls++
	for i, class := range classes {
		if err != nil && in(class, err) {
			s.failed[i]++
		}
	}
	tell, health := r.exceeded(now)
	r.mu.Unlock()
	for _, t := range tell {
		t.Exceeded(health)
	}
}

func (r *rates) slot(now time.Time) *slot {
	second := now.Unix()
	s := &r.ring[int(second%slots)]
	if s.second != second {
		*s = slot{second: second}
	}
	return s
}

func (r *rates) health(now time.Time) Health {
	h := Health{Failed: map[Class]int{}}
	for i := range r.ring {
		if age := now.Unix() - r.ring[i].second; age < 0 || age >= slots {
			continue
		}
		h.Calls += r.ring[i].calls
		for k, class := range classes {
			h.Failed[class] += r.ring[i].failed[k]
		}
	}
	return h
}

// exceeded lists the thresholds that were crossed by this call.
func (r *rates) exceeded(now time.Time) ([]Threshold, Health) {
	if len(r.thresholds) == 0 {
		return nil, Health{}
	}
	var crossed []Threshold
	h := r.health(now)
	for i, t := range r.thresholds {
		above := h.Calls >= t.MinCalls && h.Share(t.Class) > t.Share
		if above && !r.above[i] {
			crossed = append(crossed, t)
		}
		r.above[i] = above
	}
	return crossed, h
}

func in(class Class, err error) bool {
	switch class {
	case ClassServer:
		var e *ServerError
		return errors.As(err, &e)
	case ClassThrottle:
		var e *RateLimitError
		return errors.As(err, &e)
	case ClassNetwork:
		var e *TransportError
		return errors.As(err, &e)
	}
	e := base(err)
	return e != nil && e.Outcome == OutcomeUnknown
}
