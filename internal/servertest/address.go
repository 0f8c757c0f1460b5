package servertest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// The kernel hands out the ports above these to connections and to listeners that
// do not care. One of those could be taken by a neighbour while the server that
// had it is down.
const (
	lowestPort = 10_000
	keptPorts  = 22_000
	portTries  = 100
)

// Address is a loopback address, "127.0.0.1:port", for a server that stops and
// starts again at the same place during a test.
func Address(t testing.TB) string {
	t.Helper()
	for range portTries {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowestPort+rand.IntN(keptPorts)))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatalf("no port free in %d tries from %d up", portTries, lowestPort)
	return ""
}
