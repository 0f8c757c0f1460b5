package conformance

import (
	"net/http"
	"strings"
)

func cancelCases() []Case {
	return []Case{
		{ID: "cancel/created", Sentence: "a session on which nothing was paid is cancelled, by the merchant unless a reason is given", run: cancelCreated},
		{ID: "cancel/again", Sentence: "cancelling again returns the same state", run: cancelAgain},
		{ID: "cancel/authenticating", Sentence: "a session that waits for a step is cancelled", run: cancelAuthenticating},
		{ID: "cancel/completed", Sentence: "capture and authorise on a cancelled session are 400 payment_session_completed", run: captureCancelled},
		{ID: "cancel/reason", Sentence: "a reason has at most 200 characters", run: cancelReason},
		{ID: "cancel/read", Sentence: "a cancelled session stays readable", run: readCancelled},
	}
}

func (t *trial) cancelled(r reply, reason string) {
	t.status(r, http.StatusOK)
	for path, want := range map[string]any{
		"data.status": "cancelled", "data.message": "Cancelled", "data.payment.state": "cancelled", "data.payment.status": "cancelled",
		"data.payment.cancellation_reason": reason, "data.payment.amount_paid": 0,
	} {
		t.equal(r, path, want)
	}
	t.money(r, "refused", "no")
}

func cancelCreated(t *trial) {
	t.cancelled(t.post("/payment-sessions/"+t.created()+"/cancel", nil), "merchant")
	t.cancelled(t.post("/payment-sessions/"+t.created()+"/cancel", object{"reason": "Out of stock"}), "Out of stock")
}

func cancelAgain(t *trial) {
	id := t.created()
	first := t.post("/payment-sessions/"+id+"/cancel", object{"reason": "Out of stock"})
	t.replayed(first, false)
	again := t.post("/payment-sessions/"+id+"/cancel", nil)
	t.cancelled(again, "Out of stock")
	t.replayed(again, true)
}

func cancelAuthenticating(t *trial) {
	id := t.asked(cardOTP, "otp")
	t.cancelled(t.post("/payment-sessions/"+id+"/cancel", nil), "merchant")
	t.refused(t.authorize(id, object{"otp": goodOTP}), http.StatusBadRequest, "payment_session_completed")
	t.equal(t.get("/payments/"+id), "data.amount_paid", 0)
}

func captureCancelled(t *trial) {
	id := t.created()
	t.cancelled(t.post("/payment-sessions/"+id+"/cancel", nil), "merchant")
	for _, r := range []reply{t.capture(id, cardApproved), t.authorize(id, object{"otp": goodOTP})} {
		t.refused(r, http.StatusBadRequest, "payment_session_completed")
		t.outcome(r, "refused", "new_key")
		t.equal(r, "error.details.payment.state", "cancelled")
	}
}

func cancelReason(t *trial) {
	id := t.created()
	t.fields(t.post("/payment-sessions/"+id+"/cancel", object{"reason": strings.Repeat("x", 201)}), "reason too_long")
	t.fields(t.post("/payment-sessions/"+id+"/cancel", object{"reason": 7}), "reason invalid_type")
	t.cancelled(t.post("/payment-sessions/"+id+"/cancel", object{"reason": strings.Repeat("x", 200)}), strings.Repeat("x", 200))
}

func readCancelled(t *trial) {
	id := t.created()
	t.cancelled(t.post("/payment-sessions/"+id+"/cancel", nil), "merchant")
	session, payment := t.get("/payment-sessions/"+id), t.get("/payments/"+id)
	t.equal(session, "data.status", "cancelled")
	t.equal(payment, "data.status", "cancelled")
	t.equal(payment, "data.cancellation_reason", "merchant")
	t.money(payment, "refused", "no")
}
