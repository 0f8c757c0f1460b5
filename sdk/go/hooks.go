package juicer

import (
	"context"
	"log/slog"
	"time"
)

// Hooks are told about calls and attempts, in the goroutine of the call. Each may be
// nil. A context that a hook returns is used for what it announces.
type Hooks struct {
	CallStarts    func(ctx context.Context, call CallInfo) context.Context
	AttemptStarts func(ctx context.Context, try AttemptInfo) context.Context
	AttemptEnds   func(ctx context.Context, try AttemptInfo)
	CallEnds      func(ctx context.Context, call CallInfo)
}

// CallInfo is a call. What is not known at its start is zero there.
type CallInfo struct {
	Method, Route string
	Key           string // idempotency key; "" for reads
	Status        int    // of the last answer; 0: none came
	Code          string // of the error
	Outcome       Outcome
	RequestID     string // of the last answer
	Attempts      int    // requests made; 0: answered by the cache
	Took          time.Duration
	Err           error // nil for an answer of class 2xx
}

// AttemptInfo is one request. The embedded Attempt has no result at the start.
type AttemptInfo struct {
	Attempt
	Method, Route string
	URL           string // without the query
	Address, Port string // of the server
}

func (c *Client) callStarts(ctx context.Context, l *loop) context.Context {
	for _, h := range c.hooks {
		if h.CallStarts != nil {
			ctx = h.CallStarts(ctx, l.info())
		}
	}
	return ctx
}

func (l *loop) info() CallInfo {
	info := CallInfo{Method: l.out.method, Route: l.route}
	if l.out.key != nil {
		info.Key = l.out.key[0]
	}
	return info
}

func (c *Client) callEnds(ctx context.Context, l *loop, a answer, err error, took time.Duration) {
	if len(c.hooks) == 0 {
		return
	}
	info := l.info()
	info.Status, info.Attempts, info.Took, info.Err = a.status, len(a.tries), took, err
	info.Outcome, info.RequestID = knownOutcome(a.header.Get("Juicer-Outcome")), a.requestID()
	if e := base(err); e != nil {
		info.Status, info.Code, info.Outcome, info.RequestID, info.Attempts = e.Status, e.Code, e.Outcome, e.RequestID(), len(e.Attempts)
	}
	for _, h := range c.hooks {
		if h.CallEnds != nil {
			h.CallEnds(ctx, info)
		}
	}
}

func (c *Client) attemptStarts(ctx context.Context, l *loop, number int) context.Context {
	for _, h := range c.hooks {
		if h.AttemptStarts != nil {
			ctx = h.AttemptStarts(ctx, l.tryInfo(Attempt{Number: number, At: time.Now()}))
		}
	}
	return ctx
}

func (c *Client) attemptEnds(ctx context.Context, l *loop, try *Attempt) {
	for _, h := range c.hooks {
		if h.AttemptEnds != nil {
			h.AttemptEnds(ctx, l.tryInfo(*try))
		}
	}
}

func (l *loop) tryInfo(try Attempt) AttemptInfo {
	target := l.client.wire.target(l.out)
	target.RawQuery = ""
	return AttemptInfo{Attempt: try, Method: l.out.method, Route: l.route, URL: target.String(), Address: target.Hostname(), Port: target.Port()}
}

// LogCalls writes one line for each call: information for answers of class 2xx, a
// warning for errors. It never writes bodies, keys of the API, or cards.
func LogCalls(log *slog.Logger) Hooks {
	return Hooks{CallEnds: func(ctx context.Context, c CallInfo) {
		level := slog.LevelInfo
		if c.Err != nil {
			level = slog.LevelWarn
		}
		log.LogAttrs(ctx, level, "juicer call", slog.String("method", c.Method), slog.String("route", c.Route), slog.Int("status", c.Status),
			slog.String("code", c.Code), slog.String("outcome", string(c.Outcome)), slog.String("request_id", c.RequestID),
			slog.String("idempotency_key", c.Key), slog.Int("attempts", c.Attempts), slog.Int64("ms", c.Took.Milliseconds()))
	}}
}
