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
	out := []turn{b.overHTTP}
	for _, bare := range b.bares {
		out = append(out, func(ctx context.Context, callers int) error { return b.directly(ctx, bare, callers) })
	}
	return append(out, b.reading, b.fetching)
}

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
func (b *bench) overHTTP(_ context.Context, callers int) error {
	n := b.size(captures, wayHTTP, callers, b.RoundTime)
	runtime.GC()
	made, err := b.visitor.create(b.server.measured, callers, n)
	if err != nil {
		return err
	}
	b.figures.burst(creates, wayHTTP, callers, made)
	runtime.GC()
	paid, err := b.visitor.capture(b.server.measured, callers, n)
	if err != nil {
		return err
	}
	b.note(captures, wayHTTP, callers, paid)
	if callers != slices.Max(b.Callers) {
		return nil
	}
	u, err := b.server.used()
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

func (b *bench) reading(_ context.Context, callers int) error {
	n := b.size(payments, wayHTTP, callers, time.Duration(readShare*float64(b.RoundTime)))
	runtime.GC()
	got, err := b.visitor.read(callers, n)
	if err == nil {
		b.note(payments, wayHTTP, callers, got)
	}
	return err
}

func (b *bench) fetching(_ context.Context, callers int) error {
	n := b.size(payments, wayStatic, callers, time.Duration(readShare*float64(b.RoundTime)))
	if err := b.files.connect(callers); err != nil {
		return err
	}
	runtime.GC()
	got, err := b.static.measured(callers, n, func(caller, _ int) error {
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
	last := func(name, way string) float64 {
		f := b.figures.find(name, way, callers)
		return f.Rounds[len(f.Rounds)-1]
	}
	for _, bare := range b.bares {
		b.figures.add(captures+" ratio", "HTTP : "+bare.way, callers, "", last(captures, wayHTTP)/last(captures, bare.way))
	}
	b.figures.add(payments+" ratio", "HTTP : "+wayStatic, callers, "", last(payments, wayHTTP)/last(payments, wayStatic))
}
