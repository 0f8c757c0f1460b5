package storetest

import (
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

func nodeClaims() []claim {
	return []claim{
		{"a node reads back as it was written", nodeReadsBack},
		{"a node that was silent for too long cannot renew itself", silentNode},
		{"a node that was buried cannot renew itself", buriedNode},
		{"of many who bury one node, one does", buryRace},
		{"a node that ended in order is gone", droppedNode},
		{"a node's own work is nobody else's while it lives", ownWork},
		{"the leases and open instructions of the dead are given back, those of the living are not", givenBack},
	}
}

func node(id string, seen time.Duration) store.Node {
	return store.Node{ID: id, StartedAt: at(0), SeenAt: at(seen), Heeds: "clock of " + id}
}

func (s *suite) addNodes(all ...store.Node) {
	s.Helper()
	for _, n := range all {
		s.write(func(tx store.Tx) error { return tx.InsertNode(n) })
	}
}

func nodesOf(v store.View) ([]store.Node, error) { return v.Nodes() }

func nodeReadsBack(s *suite) {
	want := []store.Node{node("a", time.Second), node("b", time.Minute)}
	s.addNodes(want...)
	same(s, "the nodes", get(s, nodesOf), want)
	want[0].SeenAt, want[0].Heeds = at(time.Hour), "another clock"
	s.write(func(tx store.Tx) error { return tx.RenewNode(want[0], at(0)) })
	same(s, "the node after a sign of life", get(s, func(v store.View) (store.Node, error) { return v.Node("a") }), want[0])
	s.missing(try(s, func(v store.View) (store.Node, error) { return v.Node("c") }))
}

func (s *suite) renew(n store.Node, dead time.Duration) error {
	return s.store.Write(s.ctx, func(tx store.Tx) error { return tx.RenewNode(n, at(dead)) })
}

func silentNode(s *suite) {
	s.addNodes(node("a", 0))
	s.lost(s.renew(node("a", time.Hour), 0), "renew_node") // at the very moment it counts as dead
	s.must(s.renew(node("a", time.Hour), -time.Microsecond))
}

func (s *suite) bury(dead time.Duration) (buried []string) {
	s.Helper()
	s.write(func(tx store.Tx) (err error) {
		buried, err = tx.BuryNodes(at(dead))
		return err
	})
	return buried
}

func buriedNode(s *suite) {
	s.addNodes(node("old", 0), node("new", time.Minute))
	same(s, "buried", s.bury(time.Second), []string{"old"})
	s.lost(s.renew(node("old", time.Hour), -time.Hour), "renew_node")
	same(s, "how many are left", len(get(s, nodesOf)), 1)
}

func buryRace(s *suite) {
	s.addNodes(node("old", 0))
	counts := make([]int, 12)
	for _, err := range atOnce(len(counts), func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) error {
			buried, err := tx.BuryNodes(at(time.Minute))
			counts[i] = len(buried)
			return err
		})
	}) {
		s.must(err)
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	same(s, "how often it was buried", total, 1)
}

func droppedNode(s *suite) {
	s.addNodes(node("a", 0), node("b", 0))
	s.write(func(tx store.Tx) error { return tx.DropNode("a") })
	same(s, "who is left", get(s, nodesOf), []store.Node{node("b", 0)})
}

func ownWork(s *suite) {
	s.addNodes(node("a", 0), node("b", 0))
	s.write(func(tx store.Tx) error { return tx.ScheduleOn("a", "payment", "job-1", ada, at(0)) })
	same(s, "leased by another", ids(s.lease("b", time.Minute, 9)), []string{})
	same(s, "leased by the node itself", ids(s.lease("a", time.Minute, 9)), []string{"job-1"})
	s.write(func(tx store.Tx) error { return tx.DropNode("a") })
	same(s, "leased by another after the node's end, with its lease", ids(s.lease("b", 2*time.Hour, 9)), []string{"job-1"})
	s.write(func(tx store.Tx) error { return tx.ScheduleOn("gone", "payment", "job-1", ada, at(0)) })
	s.schedule(1, 0)
	same(s, "leased by anybody once it is scheduled for all", ids(s.lease("c", 3*time.Hour, 9)), []string{"job-1"})
}

func givenBack(s *suite) {
	s.addNodes(node("alive", 0))
	for n := range 2 {
		s.schedule(n, 0)
	}
	s.lease("dead", 0, 1)
	s.lease("alive", 0, 1)
	s.schedule(2, time.Hour)
	s.schedule(3, time.Hour)
	dead, alive := openInstruction("job-2", 1), openInstruction("job-3", 1)
	dead.Node, alive.Node = "dead", "alive"
	s.addInstructions(dead, alive)
	s.write(func(tx store.Tx) error { return tx.HastenJobs(at(0)) })
	same(s, "what another may take now", len(s.lease("alive", 0, 9)), 2)
	same(s, "and what is left for later", s.next(0), ptr(at(time.Hour)))
}
