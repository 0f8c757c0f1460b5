package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/world"
)

// Several processes may work on one store; each is a node. A node shows signs of life,
// and the others leave alone what it is doing for as long as it does. All times here
// are real, and the clocks of nodes must agree to a few seconds.
const (
	signEvery = time.Second
	// deadAfter is how long a node may be silent before others take over.
	deadAfter = 15 * time.Second
	// actWithin is how long after its last sign of life a node may still send: so much
	// shorter that it has stopped before others begin, whatever their clocks say.
	actWithin = 8 * time.Second
)

// errFenced is what became of a sending that this node is not trusted with any more.
var errFenced = errors.New("this node was silent for too long: others may have taken the instruction over")

// membership is this process as one of the nodes. When it was silent for too long and
// comes back, it is another node: what it had begun before is no longer its own.
type membership struct {
	mu      sync.Mutex
	lives   int       // how many nodes this process has been
	renewed time.Time // when its last sign of life was on its way
	others  bool      // there were other nodes at that moment
}

// alone reports whether no other process can serve on this store.
func (e *Engine) alone() bool { return e.Store.Signals() == nil }

// nodeID names this process in claims, leases and instructions.
func (e *Engine) nodeID() string {
	e.member.mu.Lock()
	defer e.member.mu.Unlock()
	if e.member.lives <= 1 {
		return e.Owner
	}
	return fmt.Sprintf("%s~%d", e.Owner, e.member.lives)
}

// holds reports whether this process may still send what it has begun as node.
func (e *Engine) holds(node string) bool {
	if e.alone() || e.Flaws.SendFenced {
		return true
	}
	id := e.nodeID()
	e.member.mu.Lock()
	defer e.member.mu.Unlock()
	return id == node && world.RealNow().Sub(e.member.renewed) < actWithin
}

// alive tells whether another node still works on this store.
func (e *Engine) alive(ctx context.Context, node string) (bool, error) {
	if e.alone() {
		return false, nil
	}
	var n store.Node
	err := e.Store.Read(ctx, func(v store.View) (err error) {
		n, err = v.Node(node)
		return err
	})
	if store.IsMissing(err) {
		return false, nil
	}
	return n.SeenAt.After(world.RealNow().Add(-deadAfter)), err
}

// join makes this process a node and takes up what the dead have left.
func (e *Engine) join(ctx context.Context) error {
	now := world.RealNow()
	dead := now.Add(-deadAfter)
	if e.alone() {
		dead = now // whoever was here before is gone
	}
	e.member.mu.Lock()
	e.member.lives++
	e.member.mu.Unlock()
	n := store.Node{ID: e.nodeID(), StartedAt: now, SeenAt: now, Heeds: e.heeds.text()}
	var all []store.Node
	err := e.Store.Write(ctx, func(tx store.Tx) (err error) {
		if _, err = tx.BuryNodes(dead); err != nil {
			return err
		}
		if err = tx.InsertNode(n); err != nil {
			return err
		}
		if err = tx.HastenJobs(e.now()); err != nil {
			return err
		}
		all, err = tx.Nodes()
		return err
	})
	if err == nil {
		e.renewed(now, len(all) > 1)
		e.signal(topicSettings) // the others look around and find this one
	}
	return err
}

func (e *Engine) renewed(at time.Time, others bool) {
	e.member.mu.Lock()
	defer e.member.mu.Unlock()
	e.member.renewed, e.member.others = at, others
}

// hasOthers reports whether there were other nodes a moment ago.
func (e *Engine) hasOthers() bool {
	e.member.mu.Lock()
	defer e.member.mu.Unlock()
	return e.member.others
}

// leave ends the membership in order: others go on with what is left at once.
func (e *Engine) leave(ctx context.Context) error {
	return e.Store.Write(ctx, func(tx store.Tx) error {
		if err := tx.DropNode(e.nodeID()); err != nil || e.alone() {
			return err
		}
		return tx.HastenJobs(e.now())
	})
}

// runMembership shows signs of life, follows what other nodes have set, and buries
// those who are silent.
func (e *Engine) runMembership(ctx context.Context) {
	if e.alone() {
		return
	}
	for ctx.Err() == nil {
		told := e.heeds.told.C()
		if err := e.sign(ctx); err != nil && ctx.Err() == nil {
			e.Log.Error("no sign of life given", "error", err)
			_ = world.Sleep(ctx, troubleWait)
		}
		e.moved.Beat() // the floor for long polls whose signal was lost
		timer, end := world.After(signEvery)
		select {
		case <-told:
		case <-timer:
		case <-ctx.Done():
		}
		end()
	}
}

// sign is one sign of life.
func (e *Engine) sign(ctx context.Context) error {
	if err := e.heed(ctx); err != nil {
		return err
	}
	now := world.RealNow()
	n := store.Node{ID: e.nodeID(), SeenAt: now, Heeds: e.heeds.text()}
	var buried []string
	var all []store.Node
	err := e.Store.Write(ctx, func(tx store.Tx) (err error) {
		if err = tx.RenewNode(n, now.Add(-deadAfter)); err != nil {
			return err
		}
		if buried, err = tx.BuryNodes(now.Add(-deadAfter)); err != nil {
			return err
		}
		if len(buried) > 0 {
			err = tx.HastenJobs(e.now())
		}
		if err == nil {
			all, err = tx.Nodes()
		}
		return err
	})
	switch {
	case store.Lost(err, "renew_node"):
		e.Log.Warn("this node was silent for too long and begins anew", "node", n.ID)
		return e.join(ctx)
	case err != nil:
		return err
	}
	e.renewed(now, len(all) > 1)
	for _, node := range buried {
		e.Log.Warn("a node is dead; its work is taken over", "node", node)
		e.Wake()
	}
	return nil
}

// mine reports whether nobody else can be handing an instruction over right now.
func (e *Engine) mine(ctx context.Context, ins *store.Instruction) (bool, error) {
	switch {
	case e.sends.has(ins.Ref):
		return false, nil
	case ins.Node == "", ins.Node == e.nodeID():
		return true, nil
	}
	living, err := e.alive(ctx, ins.Node)
	return !living, err
}
