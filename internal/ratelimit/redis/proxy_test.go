package redis

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// proxy stands between a limiter and its Redis, so that a test can break the way.
type proxy struct {
	t       *testing.T
	address string
	mute    atomic.Bool  // swallows what is sent
	heard   atomic.Int64 // bytes that were sent to Redis

	mu       sync.Mutex
	backend  string // path of a socket
	listener net.Listener
	conns    []net.Conn
}

// newProxy leads to the Redis at the URL; "" leads nowhere until mend.
func newProxy(t *testing.T, url string) *proxy {
	t.Helper()
	p := &proxy{t: t, address: servertest.Address(t)}
	p.mend(url)
	t.Cleanup(p.cut)
	if url == "" {
		p.cut()
	}
	return p
}

func (p *proxy) url() string { return "redis://" + p.address }

// mend leads to the Redis at the URL from now on.
func (p *proxy) mend(url string) {
	p.t.Helper()
	p.cut()
	p.mute.Store(false)
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backend, p.listener = strings.TrimPrefix(url, "unix://"), l
	go p.accept(l)
}

// cut ends all connections and refuses new ones.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
	}
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

func (p *proxy) accept(l net.Listener) {
	for {
		front, err := l.Accept()
		if err != nil {
			return
		}
		p.join(l, front)
	}
}

func (p *proxy) join(l net.Listener, front net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	back, err := (&net.Dialer{}).DialContext(context.Background(), "unix", p.backend)
	if err != nil || l != p.listener {
		front.Close()
		return
	}
	p.conns = append(p.conns, front, back)
	go p.carry(back, front, true)
	go p.carry(front, back, false)
}

func (p *proxy) carry(to, from net.Conn, request bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if request {
			p.heard.Add(int64(n))
		}
		if p.mute.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
