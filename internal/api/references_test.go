package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestAReferenceNamesOnePayment(t *testing.T) {
	t.Parallel()
	e := start(t)

	t.Run("50 creations at once make one", func(t *testing.T) {
		e := under(t, e)
		var all []<-chan reply
		for range 50 {
			all = append(all, later(e, "POST", "/payment-sessions", nodetest.Session("fifty")))
		}
		ids, made := map[string]bool{}, 0
		for _, c := range all {
			a := got(t, c)
			equal(t, "status", a.Status, http.StatusCreated)
			ids[a.Text("data.id")] = true
			if !replayed(a) {
				made++
			}
		}
		equal(t, "different payments", len(ids), 1)
		equal(t, "answers that made one", made, 1)
	})

	t.Run("a repeat shows the first as it is now, whatever else the body says", func(t *testing.T) {
		e := under(t, e)
		id := e.Paid("now")
		a := e.Do("POST", "/payment-sessions", with(nodetest.Session("now"), "description", "other", "metadata", map[string]any{"x": 1}))
		equal(t, "status", a.Status, http.StatusCreated)
		equal(t, "replayed", replayed(a), true)
		equal(t, "id", a.Text("data.id"), id)
		equal(t, "state", a.Text("data.payment.state"), "captured")
		equal(t, "description", a.Text("data.payment.description"), "Term fee")
		equal(t, "Location", a.Header.Get("Location"), set(e, "POST", "/payment-sessions", nodetest.Session("now")).Header.Get("Location"))
	})

	t.Run("other money is refused and named", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("money")
		for _, c := range []struct {
			body    map[string]any
			differs string
		}{
			{with(nodetest.Session("money"), "amount", 1000), "[amount]"},
			{with(nodetest.Session("money"), "currency", "USD"), "[currency]"},
			{with(nodetest.Session("money"), "currency", "USD", "amount", 1000), "[amount currency]"},
		} {
			a := e.Do("POST", "/payment-sessions", c.body, "Idempotency-Key", "k-"+c.differs[1:5])
			want(t, a, http.StatusBadRequest, "reference_exists")
			equal(t, "differs", fmt.Sprint(a.At("error.details.differs")), c.differs)
			equal(t, "id", a.Text("error.details.id"), id)
			equal(t, "top-level message", a.Text("message"), "reference_exists")
		}
	})

	t.Run("a refused creation does not hold it", func(t *testing.T) {
		e := under(t, e)
		want(t, e.Do("POST", "/payment-sessions", with(nodetest.Session("refused"), "amount", 50)), http.StatusBadRequest, "invalid_amount")
		a := e.Do("POST", "/payment-sessions", nodetest.Session("refused"))
		equal(t, "status", a.Status, http.StatusCreated)
		equal(t, "replayed", replayed(a), false)
	})

	t.Run("small and capital letters differ", func(t *testing.T) {
		e := under(t, e)
		if e.NewSession("case") == e.NewSession("CASE") {
			t.Error("one payment for two references")
		}
	})

	t.Run("each kind and each business has its own", func(t *testing.T) {
		e := under(t, e)
		id := e.Paid("kind")
		refund := set(e, "POST", "/payments/"+id+"/refunds", map[string]any{"amount": 1, "reference": "kind"})
		equal(t, "reference of the refund", refund.Text("data.reference"), "kind")
		theirs := set(e, "POST", "/payment-sessions", nodetest.Session("kind"), "Authorization", foreignKey(e))
		equal(t, "replayed for a stranger", replayed(theirs), false)
	})
}

func TestAPaymentIsFoundByItsReference(t *testing.T) {
	t.Parallel()
	e := start(t)
	other := e.NewSession("other")
	for _, c := range []struct{ reference, path string }{
		{"plain", "/payments/plain"}, {"a/b?c=d#e%", "/payments/a%2Fb%3Fc=d%23e%25"}, {"..", "/payments/%2E%2E"}, {"stats", "/payments?references=stats"},
		{"550e8400-e29b-41d4-a716-446655440000", "/payments/550e8400-e29b-41d4-a716-446655440000"},
	} {
		t.Run(c.reference, func(t *testing.T) {
			e := under(t, e)
			id := e.NewSession(c.reference)
			a := set(e, "GET", c.path, nil)
			found := a.Text("data.id")
			if list, ok := a.At("data").([]any); ok {
				found = list[0].(map[string]any)["id"].(string)
			}
			equal(t, "id", found, id)
		})
	}
	t.Run("an id wins over a reference of the same form", func(t *testing.T) {
		e := under(t, e)
		e.NewSession(other)
		equal(t, "id", set(e, "GET", "/payments/"+other, nil).Text("data.id"), other)
	})
	t.Run("a path id that is no UUID is not found, nor is a stranger's UUID", func(t *testing.T) {
		e := under(t, e)
		for _, path := range []string{"/payment-sessions/plain", "/payment-sessions/" + noUUID, "/refunds/x", "/keys/x", "/payments/" + noUUID} {
			want(t, e.Do("GET", path, nil), http.StatusNotFound, "not_found")
		}
	})
}

func TestTheGuardAgainstProbableDuplicates(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	guard := func(seconds int) {
		set(e, "PATCH", "/sandbox/settings", map[string]any{"probable_duplicate_s": map[string]any{"payment_sessions": seconds}})
	}
	n := 0
	create := func(changes ...any) nodetest.Answer {
		n++
		return e.Do("POST", "/payment-sessions", with(nodetest.Session(nodetest.Ref("dup", n)), changes...))
	}
	first := create()
	equal(t, "off by default: two alike", create().Status, http.StatusCreated)
	guard(60)
	e.Advance(41 * second)
	a := create()
	want(t, a, http.StatusConflict, "probable_duplicate")
	equal(t, "age", a.At("error.details.age_seconds"), any(float64(41)))
	equal(t, "allowed on demand", create("allow_duplicate", true).Status, http.StatusCreated)
	equal(t, "another amount", create("amount", 1000).Status, http.StatusCreated)
	equal(t, "another currency", create("currency", "USD").Status, http.StatusCreated)
	customer := with(nodetest.Session("")["customer"].(map[string]any), "email", "bola@example.com")
	equal(t, "another payer", create("customer", customer).Status, http.StatusCreated)
	again := e.Do("POST", "/payment-sessions", nodetest.Session("dup-1"))
	equal(t, "the same reference is a repeat, not a duplicate", again.Text("data.id"), first.Text("data.id"))
	e.Advance(61 * second)
	late := create()
	equal(t, "after the window", late.Status, http.StatusCreated)
	e.Capture(late.Text("data.id"), declined)
	equal(t, "when the earlier one has failed", create().Status, http.StatusCreated)
}

// Capturing and cancelling again shows the present state and does nothing.
func TestNaturalRepeats(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	t.Run("of a capture under way", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("capture")
		first := slowCapture(e, id)
		a := e.Capture(id, twentySeconds)
		equal(t, "status", a.Status, http.StatusOK)
		equal(t, "replayed", replayed(a), true)
		equal(t, "state", a.Text("data.payment.state"), "processing")
		want(t, e.Do("POST", "/payment-sessions/"+id, map[string]any{"card": e.CardWith(twentySeconds, "100", 2, 39)}), http.StatusConflict, "payment_in_progress")
		want(t, e.Capture(id, approved), http.StatusConflict, "payment_in_progress")
		e.Advance(20 * second)
		got(t, first)
		equal(t, "executions at the bank", executions(e, id), 1)
	})
	t.Run("of a capture that waits for the payer", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("otp")
		e.Capture(id, withOTP)
		a := e.Capture(id, withOTP)
		equal(t, "replayed", replayed(a), true)
		equal(t, "auth_type", a.Text("data.auth_type"), "otp")
		want(t, e.Capture(id, approved), http.StatusConflict, "payment_in_progress")
	})
	t.Run("of a cancellation", func(t *testing.T) {
		e := under(t, e)
		id := e.NewSession("cancel")
		one := set(e, "POST", "/payment-sessions/"+id+"/cancel", map[string]any{"reason": "changed"})
		two := set(e, "POST", "/payment-sessions/"+id+"/cancel", nil)
		equal(t, "reason", two.Text("data.payment.cancellation_reason"), "changed")
		equal(t, "replayed", fmt.Sprint(replayed(one), replayed(two)), "false true")
	})
	e.Clean()
}

func TestReferencesAreCheckedAsWritten(t *testing.T) {
	t.Parallel()
	e := start(t)
	for reference, code := range map[string]string{"": "too_short", "with blank": "invalid_characters", "é": "invalid_characters",
		"x234567890123456789012345678901234567890123456789012": "too_long"} {
		a := e.Do("POST", "/payment-sessions", with(nodetest.Session(""), "reference", reference))
		want(t, a, http.StatusUnprocessableEntity, "validation_error")
		list, _ := a.At("error.errors").([]any)
		if !slices.ContainsFunc(list, func(f any) bool { return f.(map[string]any)["code"] == code }) {
			t.Errorf("reference %q: got %s, want %s", reference, a.Body, code)
		}
	}
}
