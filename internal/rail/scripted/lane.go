package scripted

import (
	"context"
	"slices"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Lane is one of the bank's rails: the books are those of all, its character and its
// hours are its own.
type Lane struct {
	bank *Bank
	name string
}

var (
	_ rail.Rail    = Lane{}
	_ rail.Outages = Lane{}
)

// RailNames lists the bank's rails.
func RailNames() []string { return railNames() }

// Lane gives the rail of that name, one of those that Rails lists.
func (b *Bank) Lane(name string) Lane { return Lane{b, name} }

// Execute implements rail.Rail, as Bank.Execute does.
func (l Lane) Execute(ctx context.Context, in rail.Instruction) (rail.Result, error) {
	return l.bank.execute(ctx, l.name, in)
}

// Status implements rail.Rail.
func (l Lane) Status(ctx context.Context, ref string) (rail.Result, error) {
	return l.bank.status(ctx, l.name, ref)
}

// Down implements rail.Outages: the rail was switched off for a time.
func (l Lane) Down(ctx context.Context) (bool, error) {
	rails, err := l.bank.Rails(ctx)
	now := l.bank.cfg.Clock.Now()
	return slices.ContainsFunc(rails, func(s Setting) bool {
		return s.Rail == l.name && s.DownUntil != nil && s.DownUntil.After(now)
	}), err
}

// characterOf is the personality that an instruction meets: on nuban that of the
// receiving bank. A bank without a character of its own has the rail's.
func (b *Bank) characterOf(set Setting, bankCode string) Personality {
	own, known := b.banks[bankCode]
	if set.Rail != railNuban || !known || own.Name == defaultPersonality {
		return b.characters[set.Personality]
	}
	return own
}
