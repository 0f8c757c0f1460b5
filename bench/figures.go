package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// figure is one thing measured in every round.
type figure struct {
	Name    string    `json:"name"`    // what was measured, e.g. captures
	Way     string    `json:"way"`     // how it was done
	Callers int       `json:"callers"` // 0 where there are none
	Unit    string    `json:"unit"`
	Rounds  []float64 `json:"rounds"`
}

func (f *figure) median() float64 {
	s := slices.Sorted(slices.Values(f.Rounds))
	n := len(s)
	if n == 0 {
		return math.NaN()
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// MarshalJSON adds the median and the spread.
func (f *figure) MarshalJSON() ([]byte, error) {
	type plain figure
	return json.Marshal(struct {
		plain
		Median float64 `json:"median"`
		Min    float64 `json:"min"`
		Max    float64 `json:"max"`
	}{plain(*f), f.median(), slices.Min(f.Rounds), slices.Max(f.Rounds)})
}

// String is the median with its spread.
func (f *figure) String() string {
	if len(f.Rounds) == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (%s..%s)", short(f.median()), short(slices.Min(f.Rounds)), short(slices.Max(f.Rounds)))
}

// short writes a number with about three digits that mean something.
func short(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// figures collects them in the order in which they first come.
type figures struct{ all []*figure }

func (fs *figures) find(name, way string, callers int) *figure {
	for _, f := range fs.all {
		if f.Name == name && f.Way == way && f.Callers == callers {
			return f
		}
	}
	return nil
}

func (fs *figures) add(name, way string, callers int, unit string, value float64) {
	f := fs.find(name, way, callers)
	if f == nil {
		f = &figure{Name: name, Way: way, Callers: callers, Unit: unit}
		fs.all = append(fs.all, f)
	}
	f.Rounds = append(f.Rounds, value)
}

// burst adds what every round tells.
func (fs *figures) burst(name, way string, callers int, b burst) {
	const milli = 1e-6 // of nanoseconds
	fs.add(name, way, callers, "1/s", b.perSecond())
	fs.add(name+" p50", way, callers, "ms", float64(b.percentile(0.50))*milli)
	fs.add(name+" p99", way, callers, "ms", float64(b.percentile(0.99))*milli)
	if b.cpu != unmeasured {
		fs.add(name+" CPU", way, callers, "ms", b.each(float64(b.cpu))*milli)
	}
	if b.mallocs > 0 {
		fs.add(name+" allocations", way, callers, "1", b.each(b.mallocs))
		fs.add(name+" allocated", way, callers, "KiB", b.each(b.bytes)/1024)
	}
}
