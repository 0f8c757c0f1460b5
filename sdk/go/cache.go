package juicer

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Cache keeps answers as their Cache-Control allows, asks with their ETag whether they
// still hold, and lets identical reads that are under way share one request. Reference
// data (banks, rates, encryption keys, statistics, pairs) is given out stale, and
// marked so, when the server cannot be asked. One Cache may serve several clients.
type Cache struct {
	limit   int
	mu      sync.Mutex
	kept    map[string]*kept
	flights map[string]*flight
}

// NewCache makes a cache of at most limit answers.
func NewCache(limit int) *Cache {
	return &Cache{limit: max(limit, 1), kept: map[string]*kept{}, flights: map[string]*flight{}}
}

// kept is an answer in the cache.
type kept struct {
	answer answer
	etag   string
	until  time.Time // fresh before
}

// flight is a read under way that others wait for.
type flight struct {
	done   chan struct{}
	answer answer
	err    error
}

// reference is data that is better old than missing.
func reference(route string) bool {
	switch route {
	case "/payment-methods/banks", "/payment-sessions/encryption-keys/{mode}", "/payments/stats",
		"/exchange/rates", "/exchange/pairs", "/exchange/swap-configurations":
		return true
	}
	return false
}

// read answers a GET.
func (c *Cache) read(ctx context.Context, l *loop) (answer, error) {
	name := l.client.key + " " + l.client.base.String() + l.out.path + "?" + l.out.query
	for {
		have, f, leads := c.look(name)
		if have != nil {
			return l.reread(have.answer)
		}
		if leads {
			f.answer, f.err = c.ask(ctx, l, name)
			c.land(name, f)
			return f.answer, f.err
		}
		select {
		case <-ctx.Done():
			l.start = time.Now()
			return answer{}, l.unsent(ctx.Err())
		case <-f.done:
		}
		if !abandoned(f.err) {
			return l.shared(f)
		}
	}
}

// look finds a fresh answer, or the read that is under way, or begins one.
func (c *Cache) look(name string) (have *kept, f *flight, leads bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.kept[name]; k != nil && time.Now().Before(k.until) {
		return k, nil, false
	}
	if f := c.flights[name]; f != nil {
		return nil, f, false
	}
	f = &flight{done: make(chan struct{})}
	c.flights[name] = f
	return nil, f, true
}

func (c *Cache) land(name string, f *flight) {
	c.mu.Lock()
	delete(c.flights, name)
	c.mu.Unlock()
	close(f.done)
}

// abandoned: the one who asked went away, which is no answer for the others.
func abandoned(err error) bool {
	e := base(err)
	return e != nil && (e.Reason == ReasonCancelled || e.Reason == ReasonDeadline)
}

func (l *loop) shared(f *flight) (answer, error) {
	if f.err != nil {
		return answer{}, f.err
	}
	return l.reread(f.answer)
}

// reread gives an answer that was read before to another caller.
func (l *loop) reread(a answer) (answer, error) {
	if l.accept == nil {
		return a, nil
	}
	return a, l.accept(a.body)
}

// ask asks the server, with the ETag of what is kept.
func (c *Cache) ask(ctx context.Context, l *loop, name string) (answer, error) {
	c.mu.Lock()
	old := c.kept[name]
	c.mu.Unlock()
	if old != nil {
		l.out.etag = old.etag
	}
	a, err := l.answer(ctx)
	switch {
	case err == nil && a.status == 304 && old != nil:
		fresh := old.answer
		fresh.tries, fresh.stale = a.tries, false
		c.keep(name, fresh, first(a.header.Get("Cache-Control"), old.answer.header.Get("Cache-Control")), old.etag)
		return l.reread(fresh)
	case err == nil:
		c.keep(name, a, a.header.Get("Cache-Control"), a.header.Get("Etag"))
	case old != nil && reference(l.route) && unreachable(err):
		stale := old.answer
		stale.tries, stale.stale = l.tries, true
		return l.reread(stale)
	}
	return a, err
}

func unreachable(err error) bool {
	var server *ServerError
	var wire *TransportError
	return errors.As(err, &server) || errors.As(err, &wire)
}

// keep stores what may be stored and is of use: fresh for a while, or with an ETag.
func (c *Cache) keep(name string, a answer, control, etag string) {
	age, store := lifetime(control)
	if !store || age == 0 && etag == "" {
		return
	}
	a.tries = nil
	c.mu.Lock()
	defer c.mu.Unlock()
	for other := range c.kept { // any one: the limit guards memory, no more
		if len(c.kept) < c.limit || c.kept[name] != nil {
			break
		}
		delete(c.kept, other)
	}
	c.kept[name] = &kept{answer: a, etag: etag, until: time.Now().Add(age)}
}

// lifetime reads Cache-Control.
func lifetime(control string) (age time.Duration, store bool) {
	store = control != ""
	for _, part := range strings.Split(strings.ToLower(control), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "no-store":
			return 0, false
		case "no-cache":
			return 0, store
		case "max-age":
			seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31)
			if err != nil {
				return 0, false
			}
			age = time.Duration(seconds) * time.Second
		}
	}
	return age, store
}
