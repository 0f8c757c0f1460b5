package store

import "time"

// Node is a process that works on this store, or did until it died.
type Node struct {
	ID        string
	StartedAt time.Time
	SeenAt    time.Time // its last sign of life, in real time
	Heeds     string    // the clock and settings that it goes by
}

var (
	insertNode = query("insert_node")
	renewNode  = query("renew_node")
	nodes      = query("nodes")
	nodeByID   = query("node_by_id")
	dropNode   = query("drop_node")
	buryNodes  = query("bury_nodes")
)

// InsertNode says that a process works here from now on.
func (t Tx) InsertNode(n Node) error {
	return t.s.Exec(insertNode, One, n.ID, micros(n.StartedAt), micros(n.SeenAt), n.Heeds)
}

// RenewNode is a sign of life. A Conflict of "renew_node" means that the one before is
// older than dead, or that others have buried the node already: what it was doing is
// theirs.
func (t Tx) RenewNode(n Node, dead time.Time) error {
	return t.s.Exec(renewNode, One, micros(n.SeenAt), n.Heeds, n.ID, micros(dead))
}

// DropNode says that a process has ended in order.
func (t Tx) DropNode(id string) error { return t.s.Exec(dropNode, Any, id) }

// BuryNodes forgets those who gave no sign of life since dead, and names them.
func (t Tx) BuryNodes(dead time.Time) ([]string, error) {
	return many(t.View, buryNodes, readText, micros(dead))
}

// Nodes lists all, oldest first.
func (v View) Nodes() ([]Node, error) { return many(v, nodes, readNode) }

// Node reads one; ErrNotFound.
func (v View) Node(id string) (Node, error) { return one(v, nodeByID, readNode, id) }

func readNode(scan Scan) (n Node, err error) {
	var started, seen int64
	err = scan(&n.ID, &started, &seen, &n.Heeds)
	n.StartedAt, n.SeenAt = fromMicros(started), fromMicros(seen)
	return n, err
}
