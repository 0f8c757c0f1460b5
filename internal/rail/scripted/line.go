package scripted

import (
	"context"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Line is one rail of the bank, as its customers reach it.
type Line struct {
	bank *Bank
	name string
}

var (
	_ rail.Rail    = (*Line)(nil)
	_ rail.Outages = (*Line)(nil)
)

// On gives the rail of a name.
func (b *Bank) On(name string) *Line { return &Line{b, name} }

// Lines gives all rails by name.
func (b *Bank) Lines() map[string]rail.Rail {
	out := map[string]rail.Rail{}
	for _, name := range railNames() {
		out[name] = b.On(name)
	}
	return out
}

// Execute implements rail.Rail.
func (l *Line) Execute(ctx context.Context, in rail.Instruction) (rail.Result, error) {
	return l.bank.execute(ctx, l.name, in)
}

// Status implements rail.Rail.
func (l *Line) Status(ctx context.Context, ref string) (rail.Result, error) {
	return l.bank.status(ctx, l.name, ref)
}

// Down implements rail.Outages: the rail was switched off for a time.
func (l *Line) Down(ctx context.Context) (bool, error) { return l.bank.down(ctx, l.name) }

// Execute implements rail.Rail for cards.
func (b *Bank) Execute(ctx context.Context, in rail.Instruction) (rail.Result, error) {
	return b.execute(ctx, railCard, in)
}

// Status implements rail.Rail for cards.
func (b *Bank) Status(ctx context.Context, ref string) (rail.Result, error) {
	return b.status(ctx, railCard, ref)
}

// Down implements rail.Outages for cards.
func (b *Bank) Down(ctx context.Context) (bool, error) { return b.down(ctx, railCard) }
