package world

import "sync"

// Pulse wakes everyone who waits for "something has changed". A waiter takes C
// first, then looks at the state, then waits: so no change is missed.
type Pulse struct {
	mu sync.Mutex
	ch chan struct{}
}

// C is closed at the next Beat.
func (p *Pulse) C() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch == nil {
		p.ch = make(chan struct{})
	}
	return p.ch
}

// Beat wakes all waiters.
func (p *Pulse) Beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch != nil {
		close(p.ch)
		p.ch = nil
	}
}

// Activity counts work that is running now. A piece of work that only waits for
// a moment of the test clock is parked: it does not keep the clock from moving.
type Activity struct {
	mu      sync.Mutex
	running int
	Changed Pulse
}

// Enter counts one more piece of running work.
func (a *Activity) Enter() { a.add(1) }

// Leave ends one.
func (a *Activity) Leave() { a.add(-1) }

// Park stops counting a piece that waits for the test clock. Whoever wakes it
// calls Unpark before it does so, hence nothing looks idle in between.
func (a *Activity) Park() { a.add(-1) }

// Unpark counts a parked piece as running again.
func (a *Activity) Unpark() { a.add(1) }

// Running is the number of pieces under way.
func (a *Activity) Running() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.running
}

func (a *Activity) add(n int) {
	a.mu.Lock()
	a.running += n
	a.mu.Unlock()
	a.Changed.Beat()
}
