package juicer

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// pacer holds calls back that would be over a limit, as far as the RateLimit headers
// of earlier answers tell. A nil pacer holds nothing.
type pacer struct {
	mu     sync.Mutex
	limits map[string]*limit
}

// limit is one of the server's limits as it was told last.
type limit struct {
	left  int64     // requests that are still free
	renew time.Time // when there are free ones again
}

// scopes are the limits that a call counts against: the key's, and its endpoint's.
func scopes(method, route string) [2]string {
	return [2]string{"key", "endpoint " + method + " " + route}
}

// learn takes in what an answer says.
func (p *pacer) learn(method, route string, header http.Header, now time.Time) {
	if p == nil {
		return
	}
	entries := parseRateLimit(joined(header, "Ratelimit"))
	if entries == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limits == nil {
		p.limits = map[string]*limit{}
	}
	names := scopes(method, route)
	for _, e := range entries {
		name := names[1] + " " + e.name
		if strings.HasPrefix(e.name, "key") {
			name = names[0]
		}
		p.limits[strings.TrimSuffix(name, " endpoint")] = &limit{left: e.remaining, renew: now.Add(time.Duration(e.resetMS) * time.Millisecond)}
	}
}

// hold waits until the call is under all limits, or gives back the context's error. A
// wait that would not end within the time for the call is not begun.
func (p *pacer) hold(ctx context.Context, method, route string, within time.Duration) error {
	if p == nil {
		return nil
	}
	until := time.Now().Add(within)
	for {
		now := time.Now()
		wait := p.take(scopes(method, route), now)
		if wait <= 0 {
			return nil
		}
		if now.Add(wait).After(until) {
			return context.DeadlineExceeded
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// take books a request against its limits, or says how long none is free.
func (p *pacer) take(names [2]string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var open []*limit
	for _, name := range names {
		l := p.limits[name]
		if l == nil || !now.Before(l.renew) {
			continue
		}
		if l.left == 0 {
			return l.renew.Sub(now)
		}
		open = append(open, l)
	}
	for _, l := range open {
		l.left--
	}
	return 0
}
