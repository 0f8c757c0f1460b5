package vault

import (
	"container/list"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Hold keeps cards in memory, and only there, for as long as an instruction may
// have to be sent again. It is bounded: when full, the oldest card goes, and that
// instruction can no longer be repeated, only asked about. Safe for concurrent use.
type Hold struct {
	hidden
	limit int
	now   func() time.Time

	mu    sync.Mutex
	byRef map[string]*list.Element
	order *list.List // of held, oldest first
}

type held struct {
	ref   string
	card  *rail.Card
	until time.Time
}

// NewHold keeps at most limit cards, by the clock now.
func NewHold(limit int, now func() time.Time) *Hold {
	return &Hold{limit: limit, now: now, byRef: map[string]*list.Element{}, order: list.New()}
}

// Put keeps a card for the instruction ref until the given time. A card already
// kept for it is replaced.
func (h *Hold) Put(ref string, card *rail.Card, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(ref)
	for h.order.Len() > 0 && h.over(h.order.Front()) { // the rest goes when its turn comes: Put stays cheap
		h.remove(h.order.Front())
	}
	for h.order.Len() > 0 && h.order.Len() >= h.limit {
		h.remove(h.order.Front())
	}
	if h.limit > 0 {
		h.byRef[ref] = h.order.PushBack(held{ref, card, until})
	}
}

// Peek gives the card kept for ref; nil if there is none any more.
func (h *Hold) Peek(ref string) *rail.Card {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.peek(ref)
}

// Take is Peek and Drop in one step.
func (h *Hold) Take(ref string) *rail.Card {
	h.mu.Lock()
	defer h.mu.Unlock()
	card := h.peek(ref)
	h.drop(ref)
	return card
}

// Drop forgets the card of ref, if there is one.
func (h *Hold) Drop(ref string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(ref)
}

// Sweep forgets all cards whose time is over. A server should call it now and
// then, so that a card does not stay because nobody came after it.
func (h *Hold) Sweep() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for e := h.order.Front(); e != nil; {
		next := e.Next()
		if h.over(e) {
			h.remove(e)
		}
		e = next
	}
}

// Len is the number of cards kept.
func (h *Hold) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.order.Len()
}

func (h *Hold) peek(ref string) *rail.Card {
	e, ok := h.byRef[ref]
	if !ok {
		return nil
	}
	if h.over(e) {
		h.remove(e)
		return nil
	}
	return e.Value.(held).card
}

func (h *Hold) drop(ref string) {
	if e, ok := h.byRef[ref]; ok {
		h.remove(e)
	}
}

func (h *Hold) remove(e *list.Element) {
	delete(h.byRef, h.order.Remove(e).(held).ref)
}

func (h *Hold) over(e *list.Element) bool { return !h.now().Before(e.Value.(held).until) }
