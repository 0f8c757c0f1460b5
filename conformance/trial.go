package conformance

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Case is one sentence of the contract with the trial that tests it.
type Case struct {
	ID       string // "topic/name"
	Sentence string // what the contract promises, in our words

	run   func(*trial)
	clock bool // moves the test clock or disturbs everybody: runs alone, and only if allowed
	last  bool // looks at the whole environment: runs alone at the end
}

// Topic is the front part of the id.
func (c Case) Topic() string { return c.ID[:strings.IndexByte(c.ID, '/')] }

// trial is one case being run. Its first failed expectation ends it.
type trial struct {
	ctx  context.Context
	env  *environment
	id   string
	key  string // API key of the case's topic
	mu   sync.Mutex
	fail *Failure
	left string // why the case does not apply to this target
}

// begin runs the case in a goroutine of its own, so that an expectation deep
// inside can end it.
func begin(ctx context.Context, env *environment, c Case) *trial {
	t := &trial{ctx: ctx, env: env, id: c.ID, key: env.keyFor(ctx, c.Topic())}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer t.survive()
		c.run(t)
	}()
	<-done
	return t
}

// survive turns a panic into a failed case: a target may answer anything, and
// one strange reply must not end the run.
func (t *trial) survive() {
	if p := recover(); p != nil {
		t.fail = &Failure{Expected: fmt.Sprintf("replies that the case can read: %v", p)}
	}
}

// failed records why the case fails and ends it. r is the reply at fault, nil
// if there is none.
func (t *trial) failed(r *reply, expected string, args ...any) {
	f := &Failure{Expected: fmt.Sprintf(expected, args...)}
	if r != nil {
		f.Request, f.Status, f.Body, f.RequestID = r.request.describe(), r.status, r.excerpt(), r.requestID()
	}
	t.mu.Lock()
	if t.fail == nil {
		t.fail = f
	}
	t.mu.Unlock()
	runtime.Goexit()
}

// leave ends the case without a verdict.
func (t *trial) leave(why string) {
	t.left = why
	runtime.Goexit()
}

// try sends a request and returns what came, lost connections included.
func (t *trial) try(method, path string, body any, options ...option) (reply, error) {
	return t.env.client.send(t.ctx, newRequest(method, path, body, append([]option{withKey(t.key)}, options...)))
}

// call sends a request that must be answered.
func (t *trial) call(method, path string, body any, options ...option) reply {
	r, err := t.try(method, path, body, options...)
	if err != nil {
		t.failed(&r, "an answer, not: %v", err)
	}
	return r
}

func (t *trial) get(path string, options ...option) reply {
	return t.call("GET", path, nil, options...)
}

func (t *trial) post(path string, body any, options ...option) reply {
	return t.call("POST", path, body, options...)
}

func (t *trial) patch(path string, body any, options ...option) reply {
	return t.call("PATCH", path, body, options...)
}

func (t *trial) delete(path string, options ...option) reply {
	return t.call("DELETE", path, nil, options...)
}

// unique is a text that no other case and no other run uses: fit for
// references, idempotency keys and names of at most 20 characters.
func (t *trial) unique() string { return t.env.unique() }
