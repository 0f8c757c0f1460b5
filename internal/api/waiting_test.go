package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// The bank takes 40 s, the caller waits less: the answer says "processing", and
// the money goes on without the caller.
func TestADeadlineIsKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setting any
		header  string
	}{"by header": {nil, "500"}, "too small a one counts as 500 ms": {nil, "-1"}, "by setting": {500, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := frozen(start(t))
			if c.setting != nil {
				set(e, "PATCH", "/sandbox/settings", map[string]any{"deadline_ms": c.setting})
			}
			id := e.NewSession("slow")
			a := e.Capture(id, fortySeconds, "Juicer-Deadline-Ms", c.header, "Idempotency-Key", "slow")
			equal(t, "status", a.Status, http.StatusOK)
			for at, want := range map[string]any{"data.status": "processing", "data.message": "Processing", "data.payment.state": "processing",
				"money.outcome": "pending", "money.retry.after_ms": float64(2000), "money.retry.allowed": false} {
				equal(t, at, a.At(at), want)
			}
			e.Advance(39 * second)
			equal(t, "state after 39 s", e.State(id), "processing")
			e.Advance(second)
			equal(t, "state after 40 s", e.State(id), "captured")
			again := e.Capture(id, fortySeconds, "Idempotency-Key", "slow")
			equal(t, "the repeat is what was said then", again.Text("data.status"), "processing")
			equal(t, "executions at the bank", executions(e, id), 1)
			e.Clean()
		})
	}
}

func TestDeadlinesAreIntegers(t *testing.T) {
	t.Parallel()
	e := start(t)
	for value, ok := range map[string]bool{"1000": true, "0": true, "-5": true, "99999999999999999999999": true, "1.5": false, "soon": false, "1e3": false} {
		a := e.Do("POST", "/payment-sessions", nodetest.Session("d"+strings.NewReplacer(".", "", "-", "n").Replace(value)), "Juicer-Deadline-Ms", value)
		if ok {
			equal(t, value, a.Status, http.StatusCreated)
			continue
		}
		want(t, a, http.StatusBadRequest, "invalid_request")
		equal(t, value, fmt.Sprint(a.At("error.details.Juicer-Deadline-Ms")), "[Must be an integer]")
	}
}

// A caller that has gone away changes nothing about the money.
func TestACallerMayHangUp(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	id := e.NewSession("gone")
	body, err := json.Marshal(map[string]any{"card": e.Card(twentySeconds)})
	nodetest.Must(t, err)
	ctx, hangUp := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", e.URL+"/payment-sessions/"+id, strings.NewReader(string(body)))
	nodetest.Must(t, err)
	r.Header.Set("Authorization", e.Key)
	r.Header.Set("Idempotency-Key", "gone")
	ended := make(chan error, 1)
	go func() {
		res, err := e.HTTP.Do(r)
		if err == nil {
			res.Body.Close()
		}
		ended <- err
	}()
	until(t, "the capture is under way", func() bool { return e.State(id) == "processing" })
	hangUp()
	if err := <-ended; err == nil {
		t.Fatal("the caller got an answer")
	}
	e.Advance(20 * second)
	equal(t, "state", e.State(id), "captured")
	a := e.Do("POST", "/payment-sessions/"+id, body, "Idempotency-Key", "gone")
	equal(t, "the repeat is answered", a.Status, http.StatusOK)
	equal(t, "executions at the bank", executions(e, id), 1)
	e.Clean()
}

func TestReadsMayWaitForTheEnd(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	for _, path := range []string{"/payments/", "/payment-sessions/"} {
		t.Run(path, func(t *testing.T) {
			e := under(t, e)
			id := e.NewSession("wait" + path)
			e.Capture(id, lateSuccess)
			var polls []<-chan reply
			for range 3 {
				polls = append(polls, later(e, "GET", path+id+"?wait=25", nil))
			}
			e.Advance(minute)
			for _, p := range polls {
				equal(t, "outcome", got(t, p).Text("money.outcome"), "succeeded")
			}
			equal(t, "what is final does not wait", set(e, "GET", path+id+"?wait=25", nil).Text("money.outcome"), "succeeded")
		})
	}
	t.Run("/refunds/", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("wait-refund")
		e.Capture(id, refundSlow)
		r := refund(e, id, 1000).Text("data.id")
		poll := later(e, "GET", "/refunds/"+r+"?wait=25", nil)
		e.Advance(hour)
		equal(t, "outcome", got(t, poll).Text("money.outcome"), "succeeded")
	})
	t.Run("until the time is up", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("wait-over")
		for _, wait := range []string{"0", "1"} {
			a := e.Do("GET", "/payments/"+id+"?wait="+wait, nil)
			equal(t, "status", a.Status, http.StatusOK)
			equal(t, "state", a.Text("data.state"), "created")
		}
	})
	t.Run("but not for ever, and not elsewhere", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("wait-bad")
		for _, path := range []string{"/payments/" + id + "?wait=26", "/payments/" + id + "?wait=-1", "/payments/" + id + "?wait=x", "/payments?wait=1", "/keys/" + id + "?wait=1"} {
			want(t, e.Do("GET", path, nil), http.StatusBadRequest, "invalid_request")
		}
		want(t, e.Do("GET", "/payments/none?wait=25", nil), http.StatusNotFound, "not_found")
	})
}

// A server that is about to stop takes no more work and finishes what it has.
func TestStoppingFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	id := e.NewSession("stopping")
	first := slowCapture(e, id)
	e.API.Stop()
	for _, path := range []string{"/payments", "/payments/" + id, "/sandbox/clock"} {
		a := e.Do("GET", path, nil)
		want(t, a, http.StatusServiceUnavailable, "overloaded")
		equal(t, "reason", a.Text("error.details.reason"), "stopping")
		equal(t, "Retry-After", a.Header.Get("Retry-After"), "1")
	}
	_, err := e.API.Sandbox.Driver.Advance(t.Context(), e.Engine.Clock.Now().Add(20*time.Second))
	nodetest.Must(t, err)
	equal(t, "the capture is answered", got(t, first).Text("data.payment.state"), "captured")
}
