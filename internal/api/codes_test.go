package api_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/world"
)

// cause provokes one code. Name is the code, and after a dot which of its causes.
type cause struct {
	name    string
	provoke func(*nodetest.Env) nodetest.Answer
}

func (c cause) code() string {
	code, _, _ := strings.Cut(c.name, ".")
	return code
}

// laterCodes belong to endpoints of later releases.
var laterCodes = map[string]string{
	"bulk_transfer_not_open": "bulk transfers",
	"bulk_transfer_empty":    "bulk transfers",
	"bulk_transfer_full":     "bulk transfers",
}

func allCauses() []cause {
	all := slices.Concat(testCauses(), limitCauses(), liveCauses())
	for _, b := range brokenCauses() {
		all = append(all, b.cause)
	}
	return all
}

func TestEveryCodeOfTheseEndpointsIsProvoked(t *testing.T) {
	provoked := map[string]bool{}
	for _, c := range allCauses() {
		provoked[c.code()] = true
		if _, known := problem.ByCode(c.code()); !known {
			t.Errorf("%s is no code of the catalogue", c.code())
		}
	}
	for _, k := range problem.All() {
		reason, isLater := laterCodes[k.Code]
		switch {
		case isLater && provoked[k.Code]:
			t.Errorf("%s is provoked, although it is said to belong to %s: take it off the list", k.Code, reason)
		case !isLater && !provoked[k.Code]:
			t.Errorf("nothing provokes %s", k.Code)
		}
	}
	for code := range laterCodes {
		if _, known := problem.ByCode(code); !known {
			t.Errorf("%s is no code of the catalogue", code)
		}
	}
}

func TestNoGoldenOfACodeIsLeftOver(t *testing.T) {
	kept := []string{}
	for _, c := range allCauses() {
		kept = append(kept, c.name+".http")
	}
	files, err := os.ReadDir("testdata/codes")
	nodetest.Must(t, err)
	for _, f := range files {
		if !slices.Contains(kept, f.Name()) {
			t.Errorf("testdata/codes/%s: no test provokes it", f.Name())
		}
	}
}

func TestCodesOfTheTestEnvironment(t *testing.T) {
	t.Parallel()
	provokeAll(t, frozen(start(t)), testCauses())
}

func TestCodesOfTheLimits(t *testing.T) {
	t.Parallel()
	provokeAll(t, start(t, documented), limitCauses())
}

func TestCodesOfTheLiveEnvironment(t *testing.T) {
	t.Parallel()
	provokeAll(t, start(t, nodetest.Live), liveCauses())
}

// Each of these breaks its environment, or keeps it busy.
func TestCodesOfBrokenEnvironments(t *testing.T) {
	t.Parallel()
	for _, c := range brokenCauses() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := start(t, c.options...)
			a := c.provoke(e)
			equal(t, "code", a.Text("error.code"), c.code())
			golden(t, filepath.Join("testdata/codes", c.name+".http"), e, a)
		})
	}
}

func provokeAll(t *testing.T, e *nodetest.Env, causes []cause) {
	for _, c := range causes {
		t.Run(c.name, func(t *testing.T) {
			a := c.provoke(under(t, e))
			equal(t, "code", a.Text("error.code"), c.code())
			golden(t, filepath.Join("testdata/codes", c.name+".http"), e, a)
		})
	}
}

// panicking is an environment whose captures panic right after they committed
// the intent: a bug in the middle of the work.
func panicking(c *node.Config) {
	c.Crash = func(point string) {
		if point == "after intent" {
			panic("planted")
		}
	}
}

// breaking is a cause that needs an environment of its own.
type breaking struct {
	cause
	options []nodetest.Option
}

func brokenCauses() []breaking {
	return []breaking{
		{cause{"server_error.while_working", func(e *nodetest.Env) nodetest.Answer {
			return e.Capture(e.NewSession("panic"), approved, "Idempotency-Key", "k-panic")
		}}, []nodetest.Option{panicking}},
		{cause{"server_error.while_working_without_a_key", func(e *nodetest.Env) nodetest.Answer {
			return e.Capture(e.NewSession("panic"), approved)
		}}, []nodetest.Option{panicking}},
		{cause{"storage_unavailable", withoutStore}, nil},
		{cause{"request_timeout", outOfTime}, nil},
		{cause{"resource_busy", func(e *nodetest.Env) nodetest.Answer {
			frozen(e)
			capturing := slowCapture(e, e.NewSession("busy"))
			defer func() { e.Advance(20 * second); got(e.T, capturing) }()
			return e.Do("POST", "/sandbox/reset", nil)
		}}, nil},
		{cause{"overloaded", func(e *nodetest.Env) nodetest.Answer {
			e.API.Stop()
			return e.Do("GET", "/payments", nil)
		}}, nil},
	}
}

// withoutStore takes the database away.
func withoutStore(e *nodetest.Env) nodetest.Answer {
	nodetest.Must(e.T, e.Engine.Store.Close())
	return e.Do("POST", "/payment-sessions", nodetest.Session("unstored"))
}

// outOfTime gives requests no time at all, as if their 30 seconds had passed.
func outOfTime(e *nodetest.Env) nodetest.Answer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	nodetest.Must(e.T, err)
	over, cancel := context.WithDeadline(context.Background(), world.RealNow())
	server := e.API.HTTP()
	server.BaseContext = func(net.Listener) context.Context { return over }
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	defer func() { _ = server.Close(); <-ended; cancel() }()
	late := *e
	late.URL = "http://" + listener.Addr().String()
	return late.Do("POST", "/payment-sessions", nodetest.Session("late"))
}
