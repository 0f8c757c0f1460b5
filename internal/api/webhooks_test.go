package api_test

import (
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/world"
)

func businessID(e *nodetest.Env) string {
	return e.Do("GET", "/accounts/settings", nil).Text("data.business_id")
}

func TestAPaymentIsToldToItsEndpoint(t *testing.T) {
	t.Parallel()
	e := start(t)
	shop := nodetest.NewReceiver(t, nil)
	id, secret := e.Endpoint(shop.URL + "/hooks")
	e.Paid("ord-1")
	e.Settle()
	got := shop.Got()
	if len(got) != 1 {
		t.Fatalf("got %d webhooks, want 1: %s", len(got), e.Log)
	}
	h := got[0]
	equal(t, "event", h.Event(), "payment.session.succeeded")
	equal(t, "sequence", h.Number("Juicer-Sequence"), int64(1))
	equal(t, "previous", h.Number("Juicer-Previous-Sequence"), int64(0))
	equal(t, "attempt", h.Number("Juicer-Attempt"), int64(1))
	nodetest.Must(t, webhook.Verify(secret, h.ID(), h.Header.Get("webhook-timestamp"), h.Header.Get("webhook-signature"), h.Body, world.RealNow()))
	if !webhook.VerifyBody(businessID(e), h.Body) {
		t.Errorf("the checksum does not fit: %s", h.Body)
	}
	a := e.Do("GET", "/webhook-endpoints/"+id+"/deliveries", nil)
	equal(t, "status", a.Status, http.StatusOK)
	t.Logf("%s", a.Body)
	t.Logf("%s", e.Do("GET", "/events", nil).Body)
}
