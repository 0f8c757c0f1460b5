package scripted

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/world"
)

// All of real time: a node lives whatever the bank's clock does.
const (
	beatEvery   = time.Second            // between two signs of life
	missedMax   = 5                      // own beats without one of another node, then it counts as dead
	attendEvery = 250 * time.Millisecond // between two looks for the callers on the line
	departTime  = 2 * time.Second
)

// nodeName is a name that no two banks ever have, not even after a restart with the
// same seed.
func nodeName() string {
	return fmt.Sprintf("%d-%s", os.Getpid(), id.Maker{Now: world.RealNow, Entropy: world.Entropy}.New())
}

// sighting is the last sign of life that was seen of another node.
type sighting struct {
	beats  int64
	missed int // own beats since
}

// arrive puts the node among the living before it does its first work.
func (b *Bank) arrive(ctx context.Context) {
	if err := b.beat(ctx); err != nil {
		b.log.Error("the bank's node could not say that it lives", "error", err)
	}
}

func (b *Bank) beat(ctx context.Context) error {
	_, err := b.db.write.ExecContext(ctx, string(beatNode), b.name)
	return err
}

// depart leaves the node's timers and notices to the others at once.
func (b *Bank) depart(ctx context.Context) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), departTime)
	defer end()
	if _, err := b.db.write.ExecContext(ctx, string(leaveNode), b.name); err != nil {
		b.log.Warn("the bank's node left without a word", "error", err)
	}
}

// live gives signs of life, looks for those of others, and makes the loops look:
// other nodes may have left work, or changed a rail.
func (b *Bank) live(ctx context.Context) {
	seen := map[string]sighting{}
	for world.Sleep(ctx, beatEvery) == nil {
		err := b.beat(ctx)
		if err == nil {
			seen, err = b.watch(ctx, seen)
		}
		if err != nil && ctx.Err() == nil {
			b.log.Error("the bank's node lost sight of the others", "error", err)
		}
		b.work.Beat()
	}
}

// watch takes out nodes that have missed too many beats. It counts beats of its own
// instead of comparing clocks: after a pause of this node, or of the whole machine,
// everybody gets their time anew. A node that was taken out wrongly comes back with
// its next beat; nothing it does depends on being in.
func (b *Bank) watch(ctx context.Context, before map[string]sighting) (map[string]sighting, error) {
	living, err := b.living(ctx)
	if err != nil {
		return before, err
	}
	seen := map[string]sighting{}
	for name, beats := range living {
		if name == b.name {
			continue
		}
		now := sighting{beats: beats}
		if last, known := before[name]; known && last.beats == beats {
			now.missed = last.missed + 1
		}
		if seen[name] = now; now.missed < missedMax {
			continue
		}
		if _, err := b.db.write.ExecContext(ctx, string(buryNode), name, beats); err != nil {
			return seen, err
		}
		b.log.Warn("another node of the bank is silent: its work is done here", "node", name)
	}
	return seen, nil
}

// living lists the nodes of the table with their beats.
func (b *Bank) living(ctx context.Context) (map[string]int64, error) {
	rows, err := b.db.read.rows(ctx, listNodes)
	if err != nil {
		return nil, fmt.Errorf("read the nodes: %w", err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var beats int64
		if err := rows.Scan(&name, &beats); err != nil {
			return nil, fmt.Errorf("read a node: %w", err)
		}
		out[name] = beats
	}
	return out, rows.Err()
}

// attend answers callers on the line whose instruction was ended, or cleared, by
// another node: nobody there knows of them.
func (b *Bank) attend(ctx context.Context) {
	for world.Sleep(ctx, attendEvery) == nil {
		if err := b.answerFromBooks(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("the bank could not look for its callers", "error", err)
		}
	}
}

func (b *Bank) answerFromBooks(ctx context.Context) error {
	waiting := b.waits.open()
	if len(waiting) == 0 {
		return nil
	}
	taken, err := b.stillTaken(ctx, waiting)
	if err != nil {
		return err
	}
	for _, ref := range waiting {
		if taken[ref] {
			continue
		}
		own, root, err := b.look(ctx, ref)
		switch {
		case err != nil:
			return err
		case own == nil:
			b.waits.end(ref, reply{err: errReset}, true)
		case own.State != rail.Accepted:
			b.waits.end(ref, reply{result: b.report(own, root)}, false)
		}
	}
	return nil
}

// stillTaken tells which of refs have no outcome yet.
func (b *Bank) stillTaken(ctx context.Context, refs []string) (map[string]bool, error) {
	rows, err := b.db.read.rows(ctx, stillTaken, refs, string(rail.Accepted))
	if err != nil {
		return nil, fmt.Errorf("read who is still waiting: %w", err)
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, fmt.Errorf("read who is still waiting: %w", err)
		}
		out[ref] = true
	}
	return out, rows.Err()
}
