package vault

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

type handClock struct{ at time.Time }

func (c *handClock) now() time.Time { return c.at }

func holdCard() *rail.Card {
	return rail.NewCard(1, 2039, "", func() (string, string) { return approved, "100" })
}

func TestHold(t *testing.T) {
	clock := &handClock{noon}
	h := NewHold(3, clock.now)
	later := noon.Add(time.Minute)

	t.Run("gives the card kept for a reference, again and again", func(t *testing.T) {
		c := holdCard()
		h.Put("p/1", c, later)
		first, second := h.Peek("p/1"), h.Peek("p/1")
		if first != c || second != c || h.Peek("p/2") != nil {
			t.Error("peek does not give what was put")
		}
	})
	t.Run("take gives it once", func(t *testing.T) {
		if h.Take("p/1") == nil || h.Take("p/1") != nil || h.Len() != 0 {
			t.Error("take does not take")
		}
	})
	t.Run("forgets it when its time is over", func(t *testing.T) {
		h.Put("p/1", holdCard(), later)
		clock.at = later.Add(-time.Microsecond)
		if h.Peek("p/1") == nil {
			t.Error("forgotten early")
		}
		clock.at = later
		if h.Peek("p/1") != nil || h.Len() != 0 {
			t.Error("still there")
		}
		clock.at = noon
	})
	t.Run("when full the oldest goes", func(t *testing.T) {
		for i := range 5 {
			h.Put(fmt.Sprintf("q/%d", i), holdCard(), later)
		}
		if h.Len() != 3 || h.Peek("q/1") != nil || h.Peek("q/2") == nil || h.Peek("q/4") == nil {
			t.Errorf("%d kept, or not the newest 3", h.Len())
		}
	})
	t.Run("a replaced card counts once and becomes the newest", func(t *testing.T) {
		h.Put("q/2", holdCard(), later)
		h.Put("q/5", holdCard(), later)
		if h.Len() != 3 || h.Peek("q/3") != nil || h.Peek("q/2") == nil {
			t.Error("the replaced card was counted as old")
		}
	})
	t.Run("drop forgets at once", func(t *testing.T) {
		h.Drop("q/2")
		h.Drop("never put")
		if h.Peek("q/2") != nil || h.Len() != 2 {
			t.Error("dropped card is still there")
		}
	})
	t.Run("sweep forgets what is over, wherever it stands", func(t *testing.T) {
		h.Put("q/6", holdCard(), noon.Add(time.Second))
		clock.at = noon.Add(time.Second)
		if h.Sweep(); h.Len() != 2 {
			t.Errorf("%d kept, want 2", h.Len())
		}
	})
	t.Run("a limit of 0 keeps nothing", func(t *testing.T) {
		none := NewHold(0, clock.now)
		if none.Put("p/1", holdCard(), later); none.Len() != 0 {
			t.Error("kept a card")
		}
	})
}

func TestHoldStaysBoundedUnderConcurrentUse(t *testing.T) {
	h := NewHold(10, func() time.Time { return noon })
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 200 {
				ref := fmt.Sprintf("%d/%d", w, i%20)
				h.Put(ref, holdCard(), noon.Add(time.Second))
				h.Peek(ref)
				if i%3 == 0 {
					h.Take(ref)
				}
			}
		})
	}
	wg.Wait()
	if h.Len() > 10 || h.Len() != len(h.byRef) {
		t.Errorf("%d kept in order, %d by reference; want the same, at most 10", h.Len(), len(h.byRef))
	}
}
