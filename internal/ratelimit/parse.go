package ratelimit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"strconv"
	"time"
)

const (
	numberMax = 1_000_000           // quota, burst, requests at a time
	refillMax = 31 * 24 * time.Hour // from empty to full
)

// units are the windows a limit may have.
func units() map[string]time.Duration {
	return map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour, "day": 24 * time.Hour}
}

var (
	limitForm    = regexp.MustCompile(`^([0-9]{1,7})/(s|min|h|day)(?: burst ([0-9]{1,7}))?$`)
	endpointForm = regexp.MustCompile(`^(GET|POST|PATCH|DELETE) /[!-~]*$`)
)

// file is the form of a limits file. Everything is optional; what is absent stays
// as documented, "off" or 0 takes a limit away:
//
//	{"key": "100/s burst 200", "in_flight": 64, "long_polls": 32,
//	 "endpoints": {"GET /payments/{id}": "100/min", "POST /bulk-transfers": "off"}}
type file struct {
	Key       *string           `json:"key"`
	InFlight  *int              `json:"in_flight"`
	LongPolls *int              `json:"long_polls"`
	Endpoints map[string]string `json:"endpoints"`
}

// Parse reads a limits file, which changes parts of the documented table. The
// error names the entry and what it may hold.
func Parse(data []byte, documented Table) (Table, error) {
	f, err := readFile(data)
	if err != nil {
		return Table{}, fmt.Errorf("limits file: %w", err)
	}
	t := documented
	t.Endpoints = maps.Clone(documented.Endpoints)
	if t.Endpoints == nil {
		t.Endpoints = map[string]Limit{}
	}
	if err := f.apply(&t); err != nil {
		return Table{}, err
	}
	return t, nil
}

func readFile(data []byte) (file, error) {
	var f file
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return file{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return file{}, errors.New("more follows after the object")
	}
	return f, nil
}

func (f file) apply(t *Table) error {
	var problems []error
	if f.Key != nil {
		l, err := ParseLimit(*f.Key)
		t.Key = l
		problems = append(problems, naming("key", err))
	}
	for name, text := range f.Endpoints {
		l, err := ParseLimit(text)
		t.Endpoints[name] = l
		if !endpointForm.MatchString(name) {
			err = errors.New(`want a name like "GET /payments/{id}"`)
		}
		problems = append(problems, naming("endpoints "+strconv.Quote(name), err))
	}
	problems = append(problems,
		naming("in_flight", setSlots(&t.InFlight, f.InFlight)),
		naming("long_polls", setSlots(&t.LongPolls, f.LongPolls)))
	return errors.Join(problems...)
}

func naming(entry string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("limits file: %s: %w", entry, err)
}

func setSlots(to, from *int) error {
	if from == nil {
		return nil
	}
	if *from < 0 || *from > numberMax {
		return fmt.Errorf("want 0..%d", numberMax)
	}
	*to = *from
	return nil
}

// ParseLimit reads "100/min", "100/s burst 200" or "off". Units are s, min, h and
// day; without a burst the whole quota may come at once.
func ParseLimit(text string) (Limit, error) {
	if text == "off" {
		return Limit{}, nil
	}
	parts := limitForm.FindStringSubmatch(text)
	if parts == nil {
		return Limit{}, fmt.Errorf(`%q is not "off" nor like "100/min" or "100/s burst 200" (units: s, min, h, day)`, text)
	}
	quota, _ := strconv.ParseInt(parts[1], 10, 64) // the form allows seven digits at most
	l := per(quota, units()[parts[2]])
	if parts[3] != "" {
		l.Burst, _ = strconv.ParseInt(parts[3], 10, 64)
	}
	return l, l.check(text)
}

func (l Limit) check(text string) error {
	if l.Quota < 1 || l.Quota > numberMax || l.Burst < 1 || l.Burst > numberMax {
		return fmt.Errorf("%q: numbers must be 1..%d", text, numberMax)
	}
	if r := l.Rate(); r.Period*r.Burst > refillMax.Microseconds() {
		return fmt.Errorf("%q: the burst would take more than 31 days to refill", text)
	}
	return nil
}

// String writes what ParseLimit reads.
func (l Limit) String() string {
	if l.Quota == 0 {
		return "off"
	}
	text := fmt.Sprintf("%d/%s", l.Quota, l.unit())
	if l.Burst != l.Quota {
		text += fmt.Sprintf(" burst %d", l.Burst)
	}
	return text
}

func (l Limit) unit() string {
	for name, window := range units() {
		if window == l.Window {
			return name
		}
	}
	return l.Window.String() // no limit of ours; ParseLimit would refuse it
}
