package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/world"
)

// script is how a payment was made, with holes where its own identifiers were:
// filled with fresh ones it makes another payment by the same statements.
type script struct {
	create, capture []step
	before          int             // payments in the environment that it was recorded in
	makers          []func() string // of each hole
	holes           map[string]text // by argument as recorded
}

// text is an argument with holes: pieces stand around them.
type text struct {
	pieces []string
	holes  []int
}

var identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:evt|req)_[0-9a-hjkmnp-tv-z]{26}`)

// fresh makes identifiers as the server does.
func fresh() id.Maker { return id.Maker{Now: world.RealNow, Entropy: world.Entropy} }

// write turns two recorded payments into a script. Identifiers that both have
// (the business, its wallets, the customer) stay; all others are a payment's own.
func write(a, b recorded) (*script, error) {
	if err := alike(a, b); err != nil {
		return nil, err
	}
	shared := map[string]bool{}
	for _, found := range identifiersOf(a) {
		shared[found] = true
	}
	s := &script{create: b.create, capture: b.capture, before: b.made, holes: map[string]text{}}
	numbers := map[string]int{}
	for _, own := range identifiersOf(b) {
		if _, known := numbers[own]; !known && !shared[own] {
			numbers[own] = len(s.makers)
			s.makers = append(s.makers, makerOf(own))
		}
	}
	eachText(b, func(recorded string) { s.holes[recorded] = cut(recorded, numbers) })
	return s, nil
}

func makerOf(own string) func() string {
	switch {
	case strings.HasPrefix(own, "evt_"):
		return fresh().Event
	case strings.HasPrefix(own, "req_"):
		return fresh().Request
	}
	return fresh().New
}

// cut finds the holes of a text.
func cut(recorded string, numbers map[string]int) text {
	var t text
	from := 0
	for _, at := range identifier.FindAllStringIndex(recorded, -1) {
		if n, own := numbers[recorded[at[0]:at[1]]]; own {
			t.pieces, t.holes = append(t.pieces, recorded[from:at[0]]), append(t.holes, n)
			from = at[1]
		}
	}
	t.pieces = append(t.pieces, recorded[from:])
	return t
}

func (t text) fill(values []string) string {
	if len(t.holes) == 0 {
		return t.pieces[0]
	}
	var b strings.Builder
	for i, n := range t.holes {
		b.WriteString(t.pieces[i])
		b.WriteString(values[n])
	}
	b.WriteString(t.pieces[len(t.holes)])
	return b.String()
}

// eachText calls do with every text of a recording.
func eachText(r recorded, do func(string)) {
	for _, s := range slices.Concat(r.create, r.capture) {
		if s.kind == orders {
			do(s.order.Ref)
		}
		for _, d := range s.does {
			for _, arg := range d.args {
				if t, isText := arg.(string); isText {
					do(t)
				}
			}
		}
	}
}

func identifiersOf(r recorded) (out []string) {
	eachText(r, func(t string) { out = append(out, identifier.FindAllString(t, -1)...) })
	return out
}

// alike makes sure that what was recorded is the usual course of things: two
// payments in a row took the same statements.
func alike(a, b recorded) error {
	one, other := names(a), names(b)
	if !slices.Equal(one, other) {
		return fmt.Errorf("two payments took different statements:\n%s\n%s", strings.Join(one, " "), strings.Join(other, " "))
	}
	return nil
}

// names lists what a recording did, for people and for comparison.
func names(r recorded) []string {
	var out []string
	for _, s := range slices.Concat(r.create, r.capture) {
		out = append(out, [...]string{"read:", "snapshot:", "write:", "bank"}[s.kind])
		for _, d := range s.does {
			out = append(out, d.query.Name)
		}
	}
	return out
}

// payment fills the script with fresh identifiers.
func (s *script) payment() recorded {
	r, _ := s.filled()
	return r
}

// filled is payment with the identifiers.
func (s *script) filled() (r recorded, values []string) {
	for _, make := range s.makers {
		values = append(values, make())
	}
	return recorded{create: s.fill(s.create, values), capture: s.fill(s.capture, values)}, values
}

// placeholder is one of a text of the store.
var placeholder = regexp.MustCompile(`\$\d+`)

func (s *script) fill(steps []step, values []string) []step {
	out := slices.Clone(steps)
	for i := range out {
		if out[i].kind == orders {
			out[i].order.Ref = s.holes[out[i].order.Ref].fill(values)
		}
		out[i].does = slices.Clone(out[i].does)
		for j := range out[i].does {
			d := &out[i].does[j]
			d.args = slices.Clone(d.args)
			for k, arg := range d.args {
				if t, isText := arg.(string); isText {
					d.args[k] = s.holes[t].fill(values)
				}
			}
		}
	}
	return out
}
