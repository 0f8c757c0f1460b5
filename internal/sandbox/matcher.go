package sandbox

import (
	"container/list"
	"crypto/sha256"
	"fmt"
	"strconv"
	"sync"
)

const matchesKept = 10_000 // rules per request that are counted at a time

// Request is what a header rule recognises a repeated request by.
type Request struct {
	Business       string
	Method         string
	Path           string // without /v1
	IdempotencyKey string // or ""
	BodyHash       string // counts only without an IdempotencyKey
}

// Fired is a rule that fires, and at which of its matches.
type Fired struct {
	Rule
	Match int64 // counts from 1
}

// Matcher counts how often a request has met a header rule. Beyond 10,000 counts
// the one that was met longest ago starts again. Safe for concurrent use.
type Matcher struct {
	mu    sync.Mutex
	byKey map[matchKey]*list.Element
	order *list.List // of *matchCount, last met at the back
}

type matchKey [sha256.Size]byte

type matchCount struct {
	key matchKey
	n   int64
}

// NewMatcher has counted nothing yet.
func NewMatcher() *Matcher {
	return &Matcher{byKey: map[matchKey]*list.Element{}, order: list.New()}
}

// Fire counts a match of the rules and gives those that fire, in order: any
// number of delays and at most one action that ends the request. Rules behind
// that one are not tried, hence not counted, so that "error=server_error;times=2,
// drop=before;times=1" gives two errors, then a reset, then the real answer.
func (m *Matcher) Fire(req Request, rules []Rule) []Fired {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Fired
	for i, r := range rules {
		n := m.count(keyOf(req, i, r))
		if !r.FiresAt(n) {
			continue
		}
		out = append(out, Fired{Rule: r, Match: n})
		if r.Action.Ends() {
			break
		}
	}
	return out
}

// Reset forgets all counts.
func (m *Matcher) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.byKey)
	m.order.Init()
}

// Len is the number of counts kept.
func (m *Matcher) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.order.Len()
}

func (m *Matcher) count(k matchKey) int64 {
	e, known := m.byKey[k]
	if !known {
		if m.order.Len() >= matchesKept {
			delete(m.byKey, m.order.Remove(m.order.Front()).(*matchCount).key)
		}
		e = m.order.PushBack(&matchCount{key: k})
		m.byKey[k] = e
	}
	m.order.MoveToBack(e)
	c := e.Value.(*matchCount)
	c.n++
	return c.n
}

// keyOf is of one size however long the request's parts are. Another rule text,
// or the same one in another place of the header, counts for itself.
func keyOf(req Request, place int, r Rule) matchKey {
	same := "key:" + req.IdempotencyKey
	if req.IdempotencyKey == "" {
		same = "body:" + req.BodyHash
	}
	h := sha256.New()
	for _, part := range []string{req.Business, req.Method, req.Path, same, strconv.Itoa(place), r.String()} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return matchKey(h.Sum(nil))
}
