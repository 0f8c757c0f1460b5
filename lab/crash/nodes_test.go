package crash

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/servertest"
)

const (
	fleetNodes = 3
	// frozenFor is longer than a node may be silent before others take over.
	frozenFor  = 18 * time.Second
	answerTime = 5 * time.Second // after which the balancer gives a node up
	sickTime   = 3 * time.Second
	redisCuts  = 3
	quotaWide  = `{"key": "5000/s burst 9000", "in_flight": 0, "long_polls": 0, "endpoints": {}}`
)

// fleet is three nodes on one database and one Redis behind a balancer. front is what
// clients and commands see of it.
type fleet struct {
	t     *testing.T
	front *server
	nodes []*server
	redis *wire
	next  atomic.Int64
	sick  [fleetNodes]atomic.Int64 // until when, in real nanoseconds
}

func newFleet(t *testing.T, flaw string) *fleet {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{t: t, redis: newWire(t, strings.TrimPrefix(servertest.Redis(t), "unix://"))}
	dir, database := t.TempDir(), servertest.Postgres(t)
	limits := filepath.Join(dir, "limits.json")
	if err := os.WriteFile(limits, []byte(quotaWide), 0o600); err != nil {
		t.Fatal(err)
	}
	for range fleetNodes {
		n := &server{t: t, bin: bin, dir: dir, database: database, addr: servertest.Address(t), flaw: flaw,
			flags: []string{"--limits", limits, "--redis", "redis://" + f.redis.addr}}
		n.url = "http://" + n.addr
		f.nodes = append(f.nodes, n)
		t.Cleanup(n.kill)
	}
	var all sync.WaitGroup
	for _, n := range f.nodes {
		all.Go(func() { n.start("") }) // all at once, on an empty database
	}
	all.Wait()
	f.front = &server{t: t, bin: bin, dir: dir, database: database, url: f.balance()}
	out, err := f.front.command("keys", "create", "--quiet").Output()
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	f.front.key = strings.TrimSpace(string(out))
	for _, n := range f.nodes {
		n.key = f.front.key
	}
	return f
}

// balance serves the nodes in turns and gives its URL. Like real balancers it answers
// with a page of its own when a node does not answer, and leaves that node alone for a
// while.
func (f *fleet) balance() string {
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "chosen later"}) },
		Transport: f,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>502 Bad Gateway</html>")
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	s := &http.Server{Handler: proxy, ReadHeaderTimeout: answerTime}
	go func() { _ = s.Serve(l) }()
	f.t.Cleanup(func() { _ = s.Close() })
	return "http://" + l.Addr().String()
}

var onward = &http.Transport{ResponseHeaderTimeout: answerTime, MaxIdleConnsPerHost: clients}

// RoundTrip implements http.RoundTripper: it chooses the node.
func (f *fleet) RoundTrip(r *http.Request) (*http.Response, error) {
	n := f.turn()
	r.URL.Host = f.nodes[n].addr
	res, err := onward.RoundTrip(r)
	if err != nil {
		f.sick[n].Store(time.Now().Add(sickTime).UnixNano())
	}
	return res, err
}

// turn is the next node that is not known to be sick, or just the next one.
func (f *fleet) turn() int {
	for range fleetNodes {
		if n := int(f.next.Add(1) % fleetNodes); f.sick[n].Load() < time.Now().UnixNano() {
			return n
		}
	}
	return int(f.next.Add(1) % fleetNodes)
}

// wire carries bytes between nodes and a server on a socket until it is cut.
type wire struct {
	addr string
	mu   sync.Mutex
	cut  bool
	open map[net.Conn]bool
}

func newWire(t *testing.T, socket string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &wire{addr: l.Addr().String(), open: map[net.Conn]bool{}}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socket)
			if err != nil || !w.carry(near, far) {
				near.Close()
			}
		}
	}()
	return w
}

// carry reports whether the wire takes the connection.
func (w *wire) carry(near, far net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		far.Close()
		return false
	}
	w.open[near], w.open[far] = true, true
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			way[0].Close()
		}()
	}
	return true
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for c := range w.open {
			c.Close()
		}
		clear(w.open)
	}
}

func (s *server) signal(what syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		_ = s.proc.Process.Signal(what)
	}
}

// killing kills the node and starts it again until stop.
func (f *fleet) killing(n *server, dice *rand.Rand, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Second + time.Duration(dice.Int64N(int64(2*time.Second)))):
		}
		n.kill()
		time.Sleep(time.Duration(dice.Int64N(int64(napMax))))
		n.start("")
	}
}

// freezing stops the node for longer than others wait for it, and lets it go on.
func freezing(n *server) {
	n.signal(syscall.SIGSTOP)
	time.Sleep(frozenFor)
	n.signal(syscall.SIGCONT)
}

// cutting takes Redis away for a while, again and again.
func (f *fleet) cutting(dice *rand.Rand) {
	for range redisCuts {
		f.redis.set(true)
		time.Sleep(time.Second + time.Duration(dice.Int64N(int64(2*time.Second))))
		f.redis.set(false)
		time.Sleep(time.Second)
	}
}

// trouble is what happens to the nodes while clients pay: the first is killed again
// and again, the second is frozen, Redis is cut off from all; the third has nothing to
// fear until the end.
func (f *fleet) trouble(seed uint64) {
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { f.killing(f.nodes[0], rand.New(rand.NewPCG(seed, 1)), stop) })
	all.Go(func() { f.cutting(rand.New(rand.NewPCG(seed, 2))) })
	freezing(f.nodes[1])
	time.Sleep(2 * time.Second) // thawed, it works again
	close(stop)
	all.Wait()
	f.nodes[2].kill()
	f.nodes[2].start("")
}

func TestThreeNodesOnOneDatabaseLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	f := newFleet(t, "")
	f.front.personality("instant")
	f.front.must("PATCH", "/sandbox/rails/nuban", map[string]any{"personality": "instant"})
	x, o := open(f.front), openOffice(f.front)
	before := f.front.balanceOf(t, "NGN")
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		f.trouble(seed)
	}()
	var all sync.WaitGroup
	all.Go(func() { o.business(stop) })
	x.business(stop)
	all.Wait()
	f.front.settleDown()
	if code, report := f.front.audit(25); code != 0 {
		t.Errorf("the audit ended with %d:\n%s", code, report)
	}
	x.compareBeliefs(t)
	o.compare(t, before)
	x.repeatAll(t)
	f.hasNoticed(t)
	t.Logf("%d payments, %d payouts", len(x.beliefs), len(o.payouts))
}

// hasNoticed looks for what operators are told of such trouble.
func (f *fleet) hasNoticed(t *testing.T) {
	t.Helper()
	frozen, others := f.nodes[1].log.String(), f.nodes[0].log.String()+f.nodes[2].log.String()
	_, afterCut, cut := strings.Cut(f.nodes[2].log.String(), "rate limits are not shared")
	for what, noticed := range map[string]bool{
		"the frozen node begins anew":                 strings.Contains(frozen, "begins anew"),
		"the others take over from it":                strings.Contains(others, "a node is dead"),
		"a node limits alone while Redis is cut off":  cut,
		"limits are shared again when Redis is there": strings.Contains(afterCut, "rate limits are shared"),
	} {
		if !noticed {
			t.Errorf("no log says that %s", what)
		}
	}
}

// lateSending stops a node just before it tells the bank of a refund, until another one
// has taken it for dead and sent the refund itself; then it goes on.
func lateSending(t *testing.T, flaw string) *fleet {
	t.Helper()
	f := newFleet(t, flaw)
	late, other := f.nodes[0], f.nodes[1]
	late.kill()
	file := filepath.Join(t.TempDir(), "stop")
	late.env = []string{"JUICER_STOP_AT=before act", "JUICER_STOP_IF=" + file}
	late.start("")
	other.personality("instant")
	session := other.must("POST", "/payment-sessions", order("late")).Data.ID
	other.must("POST", "/payment-sessions/"+session, map[string]any{"card": other.card(cardsOf[0])})
	other.personality("forgetful") // it executes a reference again that it gets again
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = late.send("POST", "/payments/"+session+"/refunds", "late-refund", map[string]any{"amount": 100000})
	}()
	f.eventually("the other nodes bury it", func() bool {
		return strings.Contains(other.log.String()+f.nodes[2].log.String(), "a node is dead")
	})
	other.settleDown()
	f.eventually("another node has sent the refund", func() bool {
		list, err := other.read("/payments/" + session + "/refunds")
		return err == nil && strings.Contains(string(list), `"state":"succeeded"`)
	})
	late.signal(syscall.SIGCONT)
	<-gone
	f.eventually("the late node begins anew", func() bool { return strings.Contains(late.log.String(), "begins anew") })
	f.eventually("the late node has come to its sending", func() bool {
		books, err := other.read("/sandbox/rail-books")
		return err == nil && strings.Count(string(books), `"kind":"refund"`) > 1 || strings.Contains(late.log.String(), "not sent")
	})
	other.settleDown()
	return f
}

func (f *fleet) eventually(what string, happened func() bool) {
	f.t.Helper()
	for until := time.Now().Add(2 * frozenFor); !happened(); time.Sleep(pause) {
		if time.Now().After(until) {
			f.t.Fatalf("in vain waited until %s", what)
		}
	}
}

func TestANodeThatWakesUpLate(t *testing.T) {
	for _, c := range []struct {
		says, flaw string
		code       int
		finding    string
	}{
		{"sends nothing that others may have sent", "", 0, `"clean":true`},
		{"doubles a refund if the fence is taken away, and the audit is red", "send-fenced", 2, `"kind":"doubled"`},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			f := lateSending(t, c.flaw)
			if code, report := f.nodes[1].audit(10); code != c.code || !strings.Contains(report, c.finding) {
				t.Errorf("the audit ended with %d, want %d and %s:\n%.3000s", code, c.code, c.finding, report)
			}
		})
	}
}
