package sandbox

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func rules(t testing.TB, header string) []Rule {
	t.Helper()
	r, err := ParseFault(header)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fired is what a request meets, in short; "-" for nothing.
func fired(f []Fired) string {
	parts := []string{}
	for _, x := range f {
		parts = append(parts, string(x.Action))
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, "+")
}

func TestFaultsFire(t *testing.T) {
	cases := []struct{ claim, header, want string }{
		{"without params always", "garbage", "garbage garbage garbage garbage"},
		{"times: the first ones only", "server_error;times=2", "error error - -"},
		{"skip: not the first ones", "drop=before;skip=1", "- drop drop drop"},
		{"times counts after skip", "drop=before;skip=1;times=2", "- drop drop -"},
		{"a delay goes on with the next rule", "delay=5,delay=6;times=1,overloaded;times=2,garbage", "delay+delay+error delay+error delay+garbage delay+garbage"},
		{"an action that ends hides the rest, which waits for its turn", "server_error;times=2,drop=before;times=1", "error error drop -"},
		{"a delay may stand alone", "delay=5;times=1", "delay - - -"},
		{"probability 0 never", "garbage;probability=0", "- - - -"},
		{"probability 1 always", "garbage;probability=1;seed=9", "garbage garbage garbage garbage"},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			m := NewMatcher()
			var got []string
			for range 4 {
				got = append(got, fired(m.Fire(Request{Method: "POST", Path: "/payment-sessions", IdempotencyKey: "k"}, rules(t, c.header))))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s fires %v, want %s", c.header, got, c.want)
			}
		})
	}
}

func TestWhatIsTheSameRequest(t *testing.T) {
	base := Request{Business: "b", Method: "POST", Path: "/payments/1/refunds", IdempotencyKey: "k", BodyHash: "h"}
	change := func(f func(*Request)) Request { r := base; f(&r); return r }
	const header = "server_error;times=1"
	cases := []struct {
		claim string
		next  Request
		same  bool
	}{
		{"the same again", base, true},
		{"another body under the same key", change(func(r *Request) { r.BodyHash = "i" }), true},
		{"another key", change(func(r *Request) { r.IdempotencyKey = "l" }), false},
		{"another method", change(func(r *Request) { r.Method = "PATCH" }), false},
		{"another path", change(func(r *Request) { r.Path = "/payments/2/refunds" }), false},
		{"another business", change(func(r *Request) { r.Business = "c" }), false},
		{"no key", change(func(r *Request) { r.IdempotencyKey = "" }), false},
		{"a body that looks like the key", change(func(r *Request) { r.IdempotencyKey, r.BodyHash = "", "k" }), false},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			m := NewMatcher()
			m.Fire(base, rules(t, header))
			if got := fired(m.Fire(c.next, rules(t, header))) == "-"; got != c.same {
				t.Errorf("taken for the same: %v, want %v", got, c.same)
			}
		})
	}
	t.Run("without keys, the body tells", func(t *testing.T) {
		m := NewMatcher()
		a, b := Request{Method: "POST", Path: "/x", BodyHash: "a"}, Request{Method: "POST", Path: "/x", BodyHash: "b"}
		got := fired(m.Fire(a, rules(t, header))) + fired(m.Fire(b, rules(t, header))) + fired(m.Fire(a, rules(t, header)))
		if got != "errorerror-" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("another header counts for itself", func(t *testing.T) {
		m := NewMatcher()
		m.Fire(base, rules(t, header))
		if got := fired(m.Fire(base, rules(t, "overloaded;times=1"))); got != "error" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("the same header spelled otherwise does not", func(t *testing.T) {
		m := NewMatcher()
		m.Fire(base, rules(t, header))
		if got := fired(m.Fire(base, rules(t, " error = server_error ; times = 1"))); got != "-" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("after a reset everything counts anew", func(t *testing.T) {
		m := NewMatcher()
		m.Fire(base, rules(t, header))
		m.Reset()
		if got := fired(m.Fire(base, rules(t, header))); got != "error" || m.Len() != 1 {
			t.Errorf("got %s, %d counts", got, m.Len())
		}
	})
}

func TestDraw(t *testing.T) {
	// The first 8 bytes of `printf 1:1 | sha256sum`, and so on, by hand.
	for _, c := range []struct {
		seed, n int64
		first   uint64
	}{{1, 1, 0xd6b5915c46057bcb}, {7, 1, 0xd7a0cee7b61eb0e3}, {7, 2, 0x8d8ea3758174b90c}} {
		if got, want := Draw(c.seed, c.n), float64(c.first)/math.Exp2(64); got != want {
			t.Errorf("Draw(%d, %d) = %v, want %v", c.seed, c.n, got, want)
		}
	}
}

func TestProbabilityIsReproducibleAndMeansWhatItSays(t *testing.T) {
	run := func(header string) (pattern string) {
		m := NewMatcher()
		for range 2000 {
			pattern += fired(m.Fire(Request{Path: "/x"}, rules(t, header)))
		}
		return pattern
	}
	const header = "garbage;probability=0.2;seed=7"
	first := run(header)
	if first != run(header) {
		t.Error("the same seed gave other faults")
	}
	if first == run("garbage;probability=0.2;seed=8") {
		t.Error("another seed gave the same faults")
	}
	if n := strings.Count(first, "garbage"); n < 320 || n > 480 { // seven standard deviations around 400
		t.Errorf("%d of 2000 fired, want about 400", n)
	}
	if n := strings.Count(run(header+";times=100"), "garbage"); n > 100 || n < 5 {
		t.Errorf("%d fired, want a fifth of the first 100 matches", n)
	}
}

func TestFiresAtAgreesWithCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t)
		r.Times, r.Skip = rapid.Int64Range(0, 6).Draw(t, "small times"), rapid.Int64Range(0, 6).Draw(t, "small skip")
		m := NewMatcher()
		for n := int64(1); n <= 15; n++ {
			f := m.Fire(Request{}, []Rule{r})
			if (len(f) == 1) != r.FiresAt(n) || len(f) == 1 && f[0].Match != n {
				t.Fatalf("%s at match %d: fired %v, FiresAt says %v", r, n, f, r.FiresAt(n))
			}
		}
	})
}

func TestMatcherIsBounded(t *testing.T) {
	m := NewMatcher()
	r := rules(t, "server_error;times=1")
	constant := Request{Path: "/constant"}
	m.Fire(constant, r)
	for i := range matchesKept + 500 {
		m.Fire(Request{Path: fmt.Sprint("/", i)}, r)
		if i%1000 == 0 {
			if got := fired(m.Fire(constant, r)); got != "-" {
				t.Fatalf("a request that keeps coming was forgotten after %d others", i)
			}
		}
	}
	if m.Len() != matchesKept || len(m.byKey) != matchesKept {
		t.Errorf("%d counts kept, want %d", m.Len(), matchesKept)
	}
	if got := fired(m.Fire(Request{Path: "/0"}, r)); got != "error" {
		t.Error("the request that was met longest ago was not forgotten first")
	}
}

func TestConcurrentRepetitionsAreCountedOnce(t *testing.T) {
	m := NewMatcher()
	r := rules(t, "server_error;times=50")
	var errors atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if len(m.Fire(Request{Path: "/x"}, r)) > 0 {
					errors.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if errors.Load() != 50 {
		t.Errorf("%d fired, want 50", errors.Load())
	}
}
