package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// session is the body of a payment session that every Juicer accepts, under a
// reference of its own.
func (t *trial) session() object {
	return object{
		"amount": 250000, "currency": "NGN", "description": "Term fee", "reference": t.unique(),
		"customer": object{
			"billing_address": object{"city": "Lagos", "country": "NG", "line1": "5 Marina Road", "state": "Lagos", "zip_code": "100001"},
			"email":           "ada@example.com", "first_name": "Ada", "last_name": "Obi", "phone_number": "+2348031234567",
		},
		"order":          object{"identifier": "INV-7", "items": []object{{"name": "Term fee", "type": "service"}}},
		"payment_method": object{"type": "card"},
	}
}

// set changes the value at a dotted path of an object; nil removes it.
func set(o object, path string, value any) object {
	steps := strings.Split(path, ".")
	in := o
	for _, step := range steps[:len(steps)-1] {
		in = in[step].(object)
	}
	if value == nil {
		delete(in, steps[len(steps)-1])
	} else {
		in[steps[len(steps)-1]] = value
	}
	return o
}

// withNulls puts null in the place of these fields.
func withNulls(o object, names ...string) object {
	for _, name := range names {
		o[name] = nil
	}
	return o
}

// sessionWithAmount is a session whose amount is spelled as text says.
func (t *trial) sessionWithAmount(text string) object {
	return set(t.session(), "amount", json.Number(text))
}

// created makes a payment session and returns its id.
func (t *trial) created() string {
	r := t.post("/payment-sessions", t.session())
	t.status(r, http.StatusCreated)
	return r.text("data.id")
}

// createdAs makes a session with one field changed and returns the reply.
func (t *trial) createdAs(path string, value any) reply {
	r := t.post("/payment-sessions", set(t.session(), path, value))
	t.status(r, http.StatusCreated)
	return r
}

// capture hands card number to the session.
func (t *trial) capture(id, number string, options ...option) reply {
	return t.post("/payment-sessions/"+id, t.card(number), options...)
}

// paid makes a session and captures it with the card, which must answer 200.
func (t *trial) paid(number string, options ...option) (id string, r reply) {
	id = t.created()
	r = t.capture(id, number, options...)
	t.status(r, http.StatusOK)
	return id, r
}

// succeeded makes a captured payment and returns its id.
func (t *trial) succeeded() string {
	id, r := t.paid(cardApproved)
	t.equal(r, "data.status", "captured")
	return id
}

// authorize answers a step.
func (t *trial) authorize(id string, body object, options ...option) reply {
	return t.post("/payment-sessions/"+id+"/authorize", body, options...)
}

// becomes reads the payment until it is in the state or the time is up.
func (t *trial) becomes(id string, within time.Duration, state string) reply {
	until := now().Add(within)
	for {
		path := "/payments/" + id
		if state != "processing" && state != "in_doubt" { // those pass by, so nobody can wait for them
			wait := int(until.Sub(now()).Seconds())
			path += fmt.Sprintf("?wait=%d", min(max(wait, 0), 25))
		}
		r := t.get(path)
		t.status(r, http.StatusOK)
		if r.text("data.state") == state {
			return r
		}
		if now().After(until) || t.ctx.Err() != nil {
			t.failed(&r, "state %s within %s, not %s", state, within, r.text("data.state"))
		}
		sleep(t.ctx, pollInterval)
	}
}

const pollInterval = 300 * time.Millisecond

// resolve ends a payment at the simulated bank.
func (t *trial) resolve(id, outcome string) reply {
	return t.post("/sandbox/payments/"+id+"/resolve", object{"outcome": outcome})
}

// tidy ends what a case left running at the bank; what is final already refuses,
// which is as good.
func (t *trial) tidy(path string) {
	_, _ = t.try("POST", path, object{"outcome": "succeeded"})
}

// clockNow is the time of the test environment.
func (t *trial) clockNow() time.Time {
	r := t.get("/sandbox/clock")
	t.status(r, http.StatusOK)
	at, err := time.Parse(time.RFC3339Nano, r.text("data.now"))
	if err != nil {
		t.failed(&r, "an RFC 3339 time at data.now")
	}
	return at
}
