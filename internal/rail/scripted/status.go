package scripted

import (
	"context"
	"fmt"

	"github.com/juicer-pay/juicer/internal/rail"
)

// status answers a question on a rail. Every ref of a chain tells where the chain
// stands now, with the provider reference they share.
func (b *Bank) Status(ctx context.Context, ref string) (rail.Result, error) {
	return b.status(ctx, railCard, ref)
}

func (b *Bank) status(ctx context.Context, railName, ref string) (rail.Result, error) {
	now := b.cfg.Clock.Now()
	set, err := readSetting(b.db.read.row(ctx, loadRail, railName).Scan)
	if err != nil {
		return rail.Result{}, err
	}
	if b.isDown(set, now) {
		return rail.Result{}, rail.ErrUnreachable
	}
	own, root, err := b.look(ctx, ref)
	if err != nil {
		return rail.Result{}, fmt.Errorf("ask the bank about %s: %w", ref, err)
	}
	unknown := rail.Result{State: rail.NotFound}
	switch {
	case own == nil:
		return unknown, nil
	case now.UnixMicro() < own.UnreachableUntil, b.characterOf(set, own.BankCode).open(now).After(now):
		return rail.Result{}, rail.ErrUnreachable
	case own.silent(now) == mute || root.silent(now) == mute:
		return rail.Result{}, ErrNoReply
	case own.State == lost || own.silent(now) == denying || root.silent(now) == denying:
		return unknown, nil
	case !root.Told:
		if err := b.writer.do(func(t *txn) error { return t.tellStatus(ref) }); err != nil {
			return rail.Result{}, err
		}
	}
	return b.report(root, root), nil
}

// look reads an instruction and its root; nil if there is none.
func (b *Bank) look(ctx context.Context, ref string) (own, root *instruction, err error) {
	if own, err = found(b.db.read.row(ctx, loadInstruction, ref)); err != nil || own == nil {
		return nil, nil, err
	}
	if own.Root == own.Ref {
		return own, own, nil
	}
	if root, err = found(b.db.read.row(ctx, loadInstruction, own.Root)); err == nil && root == nil {
		err = fmt.Errorf("instruction %s has lost its root %s", ref, own.Root)
	}
	return own, root, err
}

func (t *txn) tellStatus(ref string) error {
	own, err := t.load(loadInstruction, ref)
	if err != nil || own == nil {
		return err
	}
	root, err := t.rootOf(own)
	if err != nil {
		return err
	}
	return t.learnt(own, root)
}
