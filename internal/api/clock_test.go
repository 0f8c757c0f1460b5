package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/world"
)

func clockTime(t testing.TB, a nodetest.Answer) time.Time {
	t.Helper()
	now, err := time.Parse(time.RFC3339Nano, a.Text("data.now"))
	nodetest.Must(t, err)
	return now
}

func TestTheClockIsMovedByHand(t *testing.T) {
	t.Parallel()
	e := start(t)
	clock := func(body map[string]any) nodetest.Answer {
		t.Helper()
		return set(e, "POST", "/sandbox/clock", body)
	}
	t.Run("it runs with real time at first", func(t *testing.T) {
		a := set(under(t, e), "GET", "/sandbox/clock", nil)
		equal(t, "frozen and moved", fmt.Sprint(a.At("data.frozen"), a.At("data.offset_ms")), "false 0")
	})
	t.Run("frozen it stands", func(t *testing.T) {
		one := clock(map[string]any{"frozen": true})
		two := set(under(t, e), "GET", "/sandbox/clock", nil)
		equal(t, "now", two.Text("data.now"), one.Text("data.now"))
		id := e.NewSession("stamp")
		equal(t, "timestamps stand with it", set(e, "GET", "/payments/"+id, nil).Text("data.date"), one.Text("data.now"))
	})
	t.Run("advanced it goes that far", func(t *testing.T) {
		before := clockTime(t, set(e, "GET", "/sandbox/clock", nil))
		a := clock(map[string]any{"advance_ms": 90 * second})
		equal(t, "moved by", clockTime(t, a).Sub(before), 90*time.Second)
		equal(t, "idle", a.At("data.idle"), any(true))
	})
	t.Run("set it goes there", func(t *testing.T) {
		to := clockTime(t, set(e, "GET", "/sandbox/clock", nil)).Add(time.Hour)
		a := clock(map[string]any{"set": to.In(time.FixedZone("", 3600)).Format(time.RFC3339Nano)})
		equal(t, "now", clockTime(t, a), to)
	})
	t.Run("never back, and not for ever on", func(t *testing.T) {
		e := under(t, e)
		now := clockTime(t, set(e, "GET", "/sandbox/clock", nil))
		for field, bodies := range map[string][]map[string]any{
			"past_date":       {{"set": now.Format(time.RFC3339Nano)}, {"set": "2020-01-01T00:00:00Z"}},
			"too_large":       {{"advance_ms": 34560000001}, {"set": "2999-01-01T00:00:00Z"}},
			"too_small":       {{"advance_ms": 0}, {"advance_ms": -1}},
			"must_be_integer": {{"advance_ms": 1.5}}, "conflict": {{"advance_ms": 1, "set": now.Add(time.Hour).Format(time.RFC3339)}},
			"invalid_type": {{"frozen": "yes"}}, "unknown_field": {{"back_ms": 1}},
		} {
			for _, body := range bodies {
				a := e.Do("POST", "/sandbox/clock", body)
				want(t, a, http.StatusUnprocessableEntity, "validation_error")
				equal(t, fmt.Sprint(body), a.At("error.errors").([]any)[0].(map[string]any)["code"], any(field))
			}
		}
		equal(t, "now", clockTime(t, set(e, "GET", "/sandbox/clock", nil)), now)
	})
	t.Run("thawed it runs on from where it was", func(t *testing.T) {
		before := clockTime(t, set(e, "GET", "/sandbox/clock", nil))
		a := clock(map[string]any{"frozen": false})
		if now := clockTime(t, a); now.Before(before) || now.Before(world.RealNow().Add(time.Hour)) {
			t.Errorf("now: got %v, want it after %v and more than an hour ahead", now, before)
		}
	})
}

// Everything that falls due on the way happens in the order of its time.
func TestADayInOneStep(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	before := clockTime(t, set(e, "GET", "/sandbox/clock", nil))
	slow, late, expired := e.NewSession("slow"), e.NewSession("late"), e.NewSession("unused")
	first := slowCapture(e, slow)
	e.Capture(late, lateSuccess)
	e.Advance(25 * hour)
	equal(t, "the capture that was waited for", got(t, first).Text("data.payment.state"), "captured")
	for id, wanted := range map[string]struct {
		state string
		after time.Duration
	}{slow: {"settled", 24*time.Hour + 20*time.Second}, late: {"settled", 24*time.Hour + time.Minute}, expired: {"expired", 12 * time.Hour}} {
		p := set(e, "GET", "/payments/"+id, nil)
		equal(t, "state", p.Text("data.state"), wanted.state)
		at, err := time.Parse(time.RFC3339Nano, p.Text("data.updated_at"))
		nodetest.Must(t, err)
		equal(t, p.Text("data.reference")+": last change", at.Sub(before), wanted.after)
	}
	e.Clean()
}

func TestWaitingForTheClock(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	idle := set(e, "POST", "/sandbox/clock/wait", map[string]any{"timeout_ms": 25000})
	equal(t, "idle at once", idle.At("data.idle"), any(true))
	id := e.NewSession("busy")
	first := slowCapture(e, id)
	a := set(e, "POST", "/sandbox/clock/wait", nil)
	equal(t, "what only waits for the clock is not running", a.At("data.idle"), any(true))
	set(e, "POST", "/sandbox/clock", map[string]any{"advance_ms": 20 * second, "wait": false})
	equal(t, "the capture", got(t, first).Text("data.payment.state"), "captured")
	equal(t, "idle in the end", set(e, "POST", "/sandbox/clock/wait", nil).At("data.idle"), any(true))
	want(t, e.Do("POST", "/sandbox/clock/wait", map[string]any{"timeout_ms": 25001}), http.StatusUnprocessableEntity, "validation_error")
}

func TestReset(t *testing.T) {
	t.Parallel()
	e := start(t)
	other := e.NewKey("*")
	fill := func() string {
		t.Helper()
		set(e, "POST", "/sandbox/clock", map[string]any{"frozen": true, "advance_ms": hour})
		set(e, "PATCH", "/sandbox/settings", map[string]any{"settlement_delay_s": 5})
		id := e.NewSession("before")
		set(e, "POST", "/payment-sessions/"+id, map[string]any{"card": e.Card(approved)}, "Idempotency-Key", "before")
		e.Advance(minute)
		return id
	}
	id := fill()
	equal(t, "wallet before", available(e, money.NGN), 1_000_250_000)
	equal(t, "status", e.Do("POST", "/sandbox/reset", nil).Status, http.StatusNoContent)
	t.Run("money, requests and the clock begin anew", func(t *testing.T) {
		e := under(t, e)
		equal(t, "payments", len(column(set(e, "GET", "/payments", nil), "id")), 0)
		equal(t, "the bank's entries", executions(e, id), 0)
		equal(t, "wallet", available(e, money.NGN), 1_000_000_000)
		want(t, e.Do("GET", "/idempotency-keys/before", nil), http.StatusNotFound, "not_found")
		clock := set(e, "GET", "/sandbox/clock", nil)
		equal(t, "clock", fmt.Sprint(clock.At("data.frozen"), clock.At("data.offset_ms")), "false 0")
		equal(t, "a reference is free again", replayed(e.Do("POST", "/payment-sessions", nodetest.Session("before"))), false)
		e.Clean()
	})
	t.Run("keys stay, settings do not", func(t *testing.T) {
		e := under(t, e)
		equal(t, "another key", e.Do("GET", "/payments", nil, "Authorization", other).Status, http.StatusOK)
		equal(t, "setting", set(e, "GET", "/sandbox/settings", nil).At("data.settlement_delay_s"), any(float64(86400)))
	})
	t.Run("or as asked for", func(t *testing.T) {
		e := under(t, e)
		fill()
		equal(t, "status", e.Do("POST", "/sandbox/reset", map[string]any{"keep": []string{"settings"}}).Status, http.StatusNoContent)
		equal(t, "setting", set(e, "GET", "/sandbox/settings", nil).At("data.settlement_delay_s"), any(float64(5)))
		want(t, e.Do("GET", "/payments", nil, "Authorization", other), http.StatusUnauthorized, "invalid_api_key")
		a := e.Do("POST", "/sandbox/reset", map[string]any{"keep": []string{"money"}})
		want(t, a, http.StatusUnprocessableEntity, "validation_error")
		equal(t, "field", a.At("error.errors").([]any)[0].(map[string]any)["field"], any("keep[0]"))
	})
}
