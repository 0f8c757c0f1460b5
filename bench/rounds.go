package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// The names of what is measured.
const (
	captures  = "captures"
	creates   = "creates"
	payments  = "reads of a payment"
	wayStatic = "net/http, static"
)

const (
	warmCalls = 8 // of each caller, before the first round
	callsMin  = 4 // of each caller, in a round
	callsMax  = 50_000
	readShare = 0.4 // of a round's time, for reads
)

// turn is one thing that is measured in a round, at a number of callers.
type turn func(ctx context.Context, callers int) error

// warm runs everything once: caches fill, statements are prepared, and the sizes
// of the first rounds become known. What it measures is thrown away.
func (b *bench) warm(ctx context.Context) error {
	kept := b.figures
	defer func() { b.figures = kept }()
	b.figures = &figures{}
	for _, callers := range b.Callers {
		b.tell.now("warming up, %d callers", callers)
		for _, t := range b.turns() {
			if err := t(ctx, callers); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) turns() []turn {
	var out []turn
	for _, v := range b.all() {
		out = append(out, func(_ context.Context, callers int) error { return b.overHTTP(v, callers) })
	}
	if b.pgbench != nil {
		out = append(out, b.withPgbench)
	}
	for _, bare := range b.bares {
		out = append(out, func(ctx context.Context, callers int) error { return b.directly(ctx, bare, callers) })
	}
	for _, v := range b.visitors {
		out = append(out, func(_ context.Context, callers int) error { return b.reading(v, callers) })
	}
	if b.files != nil {
		out = append(out, b.fetching)
	}
	return out
}

// all are the visitors of every store.
func (b *bench) all() []*visitor { return slices.Concat(b.visitors, b.shared) }

// rounds lets the ways take turns; each round begins with another one.
func (b *bench) rounds(ctx context.Context) error {
	turns := b.turns()
	for round := range b.Rounds {
		for _, callers := range b.Callers {
			b.tell.now("round %d of %d, %d callers", round+1, b.Rounds, callers)
			for i := range turns {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := turns[(i+round)%len(turns)](ctx, callers); err != nil {
					return err
				}
			}
			b.compare(callers)
		}
	}
	return nil
}

// overHTTP makes sessions and captures them.
func (b *bench) overHTTP(v *visitor, callers int) error {
	n := b.size(captures, v.way, callers, b.RoundTime)
	runtime.GC()
	made, err := v.create(v.measured, callers, n)
	if err != nil {
		return err
	}
	b.figures.burst(creates, v.way, callers, made)
	runtime.GC()
	paid, err := v.capture(v.measured, callers, n)
	if err != nil {
		return err
	}
	b.note(captures, v.way, callers, paid)
	if callers != slices.Max(b.Callers) || v.way != wayHTTP {
		return nil
	}
	u, err := v.nodes[0].used()
	b.figures.add("resident memory", fmt.Sprintf("after captures, %d at once", callers), 0, "MiB", u.memory/(1<<20))
	return err
}

// directly runs the statements of captures.
func (b *bench) directly(ctx context.Context, on *bare, callers int) error {
	n := b.size(captures, on.way, callers, b.RoundTime)
	if err := on.prepare(ctx, n); err != nil {
		return err
	}
	runtime.GC()
	paid, err := on.capture(ctx, callers, n)
	if err != nil {
		return err
	}
	b.note(captures, on.way, callers, paid)
	return nil
}

func (b *bench) reading(v *visitor, callers int) error {
	n := b.size(payments, v.way, callers, time.Duration(readShare*float64(b.RoundTime)))
	runtime.GC()
	got, err := v.read(callers, n)
	if err == nil {
		b.note(payments, v.way, callers, got)
	}
	return err
}

func (b *bench) fetching(_ context.Context, callers int) error {
	n := b.size(payments, wayStatic, callers, time.Duration(readShare*float64(b.RoundTime)))
	if err := b.files.connect(callers); err != nil {
		return err
	}
	runtime.GC()
	got, err := b.files.measured(callers, n, func(caller, _ int) error {
		a, err := b.files.lines[caller].send("GET", "/payments/any", "", "")
		if err == nil && (a.status != 200 || len(a.body) != b.report.Settings.ReadBytes) {
			err = fmt.Errorf("static: want 200 with %d bytes; got %s", b.report.Settings.ReadBytes, a.excerpt())
		}
		return err
	})
	if err == nil {
		b.note(payments, wayStatic, callers, got)
	}
	return err
}

// note keeps a round's figures and how fast it was.
func (b *bench) note(name, way string, callers int, round burst) {
	b.figures.burst(name, way, callers, round)
	b.rates[rateName(name, way, callers)] = round.perSecond()
}

func rateName(name, way string, callers int) string { return fmt.Sprint(name, way, callers) }

// size is how many calls fill the time, by the round before.
func (b *bench) size(name, way string, callers int, d time.Duration) int {
	rate, known := b.rates[rateName(name, way, callers)]
	if !known {
		return warmCalls * callers
	}
	return min(max(int(rate*d.Seconds()), callsMin*callers), callsMax)
}

// compare adds the ratios of this round: what ran side by side is compared, not
// medians of different moments.
func (b *bench) compare(callers int) {
	for _, bare := range b.bares {
		b.ratio(captures, wayHTTP, bare.way, callers)
	}
	if b.pgbench != nil {
		b.ratio(captures, wayOneNode, wayPgbench, callers)
		b.ratio(captures, wayNodes, wayPgbench, callers)
		b.ratio(captures, wayNodes, wayOneNode, callers)
	}
	if b.files != nil {
		b.ratio(payments, wayHTTP, wayStatic, callers)
	}
	if b.Against != "" && len(b.visitors) > 1 {
		for _, name := range []string{captures, captures + " CPU", captures + " allocations", creates, creates + " CPU", payments, payments + " CPU"} {
			b.ratio(name, wayHTTP, wayAgainst, callers)
		}
	}
}

func (b *bench) ratio(name, way, other string, callers int) {
	of, to := b.figures.find(name, way, callers), b.figures.find(name, other, callers)
	last := len(of.Rounds) - 1
	if to.Rounds[last] == 0 {
		return // so little CPU that its clock stood still: nothing can be compared with that
	}
	b.figures.add(name+" ratio", way+" : "+other, callers, "", of.Rounds[last]/to.Rounds[last])
}
