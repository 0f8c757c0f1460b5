package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/sandbox"
	"github.com/juicer-pay/juicer/internal/world"
)

// fault is an error that is not one: the request ends here, and the fault writes
// or withholds the answer.
type fault struct{ sandbox.Fired }

// Error implements error.
func (f fault) Error() string { return "fault: " + f.String() }

// checkFaults reads Juicer-Fault and does what acts before anything has run.
func (x *exchange) checkFaults() error {
	if x.s.Sandbox == nil || x.route.Free {
		return nil
	}
	header, err := x.headerFaults()
	if err != nil {
		return err
	}
	x.faults, err = x.engine().MeetFaults(x.ctx(), x.business(), x.id, x.seen(), header)
	if err != nil {
		return err
	}
	for _, f := range x.faults {
		x.trace.Step("fault", f.String()+" (match "+strconv.FormatInt(f.Match, 10)+")")
	}
	return x.before()
}

// headerFaults are those of the header that fire now.
func (x *exchange) headerFaults() ([]sandbox.Fired, error) {
	text := strings.Join(x.r.Header.Values(sandbox.FaultHeader), ",")
	if text == "" {
		return nil, nil
	}
	rules, err := sandbox.ParseFault(text)
	if err != nil {
		return nil, err
	}
	return x.s.Sandbox.Faults.Fire(sandbox.Request{Business: x.business(), Method: x.r.Method, Path: x.path,
		IdempotencyKey: x.r.Header.Get("Idempotency-Key"), BodyHash: x.bodyHash()}, rules), nil
}

// seen is the request as the rules of /sandbox/faults look at it.
func (x *exchange) seen() sandbox.Seen {
	return sandbox.Seen{Method: x.r.Method, Path: x.path, KeyID: x.key.ID, IdempotencyKey: x.r.Header.Get("Idempotency-Key"),
		Reference: x.bodyReference}
}

// bodyReference is the reference in the body, "" without one.
func (x *exchange) bodyReference() string {
	raw, err := x.readBody(x.bodyLimit())
	if err != nil {
		return "" // it is refused in its turn
	}
	var body struct {
		Reference string `json:"reference"`
	}
	_ = json.Unmarshal(raw, &body) // what is no JSON has no reference
	return body.Reference
}

// bodyHash recognises a repeated request without a key.
func (x *exchange) bodyHash() string {
	if x.r.Header.Get("Idempotency-Key") != "" || !writes(x.r.Method) {
		return ""
	}
	raw, _ := x.readBody(x.bodyLimit()) // a body that cannot be read is refused in its turn
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// before runs the actions that act before anything has run; an action that ends
// the request comes back as an error.
func (x *exchange) before() error {
	for _, f := range x.faults {
		if f.At != sandbox.Before {
			continue
		}
		switch f.Action {
		case sandbox.Delay:
			x.pause(f.N)
		case sandbox.Drop, sandbox.Hang:
			return fault{f}
		default:
			if _, _, isPage := f.Page(); isPage {
				return fault{f}
			}
			return f.Problem(problem.NoWork)
		}
	}
	return nil
}

// pause waits in real time, outside the time limit of the request, which starts
// again after it. It ends when the caller has gone.
func (x *exchange) pause(ms int64) {
	_ = world.Sleep(x.client, time.Duration(ms)*time.Millisecond) // an absent caller is noticed by the next step
	x.limitTime()
}

// strike does what a fault does that ends the request before it began.
func (x *exchange) strike(f fault) {
	switch f.Action {
	case sandbox.Hang:
		x.pause(f.N)
		x.reset()
	case sandbox.Drop:
		x.reset()
	default:
		status, html, _ := f.Page()
		x.result = outcome{status: status, body: []byte(html)}
		x.emit(status, http.Header{"Content-Type": {"text/html"}}, []byte(html))
	}
}

// spoil does what acts when the answer would be written; true: it was dealt with.
func (x *exchange) spoil(status int, h http.Header, body []byte) bool {
	for _, f := range x.faults {
		if f.At != sandbox.AfterCommit {
			continue
		}
		switch f.Action {
		case sandbox.Delay:
			x.pause(f.N)
		case sandbox.Drop:
			x.reset()
			return true
		case sandbox.Hang:
			x.pause(f.N)
			x.reset()
			return true
		case sandbox.Truncate:
			x.truncate(status, h, body, int(f.N))
			return true
		case sandbox.Garbage:
			h.Set("Content-Type", "application/json; charset=utf-8")
			x.emit(http.StatusOK, h, []byte(`{"data": <<< not JSON`))
			return true
		case sandbox.Fail:
			return x.lie(f)
		}
	}
	return false
}

// lie answers with an error although the work is done.
func (x *exchange) lie(f sandbox.Fired) bool {
	if x.result.status >= 300 {
		return false // it failed by itself: nothing to lie about
	}
	x.faults = nil
	work := problem.RepeatableWork
	if x.keyText == "" && !x.named() {
		work = problem.UnkeyedWork
	}
	if !writes(x.r.Method) {
		work = problem.NoWork
	}
	x.call = nil // nothing more is kept under the key
	x.refuse(f.Problem(work))
	return true
}

// truncate sends whole headers and the beginning of the body, then ends the
// connection.
func (x *exchange) truncate(status int, h http.Header, body []byte, n int) {
	h.Set("Content-Length", strconv.Itoa(len(body)))
	out := x.w.Header()
	for name, values := range h {
		out[name] = values
	}
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body[:min(n, len(body))])
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// reset ends the connection without a byte.
func (x *exchange) reset() {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the stream is reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // RST instead of an orderly end
	}
	_ = conn.Close()
}
