package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// issuer is a payer before the page of the card's bank.
type issuer struct {
	e        *nodetest.Env
	id, path string
}

// challenge captures with a card whose bank wants to see the payer.
func challenge(e *nodetest.Env, reference string) issuer { return challengedBy(e, reference, with3DS) }

func challengedBy(e *nodetest.Env, reference, card string) issuer {
	e.T.Helper()
	a := set(e, "POST", "/payment-sessions", with(nodetest.Session(reference), "redirect_url", "https://shop.example/done?cart=7"))
	i := issuer{e: e, id: a.Text("data.id")}
	b := e.Capture(i.id, card)
	page := b.Text("data.links.redirect_url")
	equal(e.T, "auth_type", b.Text("data.auth_type"), "3ds")
	equal(e.T, "state", b.Text("data.payment.state"), "authenticating")
	equal(e.T, "outcome", b.Text("money.outcome"), "pending")
	if !strings.HasPrefix(page, e.URL+"/issuer/") {
		e.T.Fatalf("the bank's page: got %q", page)
	}
	i.path = strings.TrimPrefix(page, e.URL)
	return i
}

// decide presses a button of the page; the answer is where the browser goes.
func (i issuer) decide(button, otp string) nodetest.Answer {
	i.e.T.Helper()
	return i.e.Do("POST", i.path, url.Values{"decision": {button}, "otp": {otp}}.Encode(), "Authorization", "", "Content-Type", "application/x-www-form-urlencoded")
}

// goBack follows the browser from the bank to the shop.
func (i issuer) goBack(a nodetest.Answer) (shop string) {
	i.e.T.Helper()
	back := a.Header.Get("Location")
	if a.Status != http.StatusFound || !strings.HasPrefix(back, i.e.URL+"/payment-sessions/") {
		i.e.T.Fatalf("from the bank: got %d to %q", a.Status, back)
	}
	b := i.e.Do("GET", strings.TrimPrefix(back, i.e.URL), nil, "Authorization", "")
	equal(i.e.T, "back at Juicer", b.Status, http.StatusFound)
	return b.Header.Get("Location")
}

func TestThePayerDecidesOnTheBanksPage(t *testing.T) {
	t.Parallel()
	e := start(t)
	for _, c := range []struct{ name, card, button, otp, state, failure, shop string }{
		{"approves", with3DS, "approve", "", "captured", "", "successful"},
		{"approves with the right password", with3DS, "approve", "123456", "captured", "", "successful"},
		{"rejects", with3DS, "reject", "", "failed", "authentication_rejected", "failed"},
		{"abandons", with3DS, "abandon", "", "authenticating", "", "pending"},
		{"approves, and the bank refuses all the same", rejecting3DS, "approve", "", "failed", "authentication_rejected", "failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := under(t, e)
			page := challengedBy(e, c.name[:6]+c.state+c.otp+c.card[12:], c.card)
			if shown := e.Do("GET", page.path, nil, "Authorization", ""); shown.Status != http.StatusOK || !strings.Contains(string(shown.Body), "<form") {
				t.Errorf("the page: got %d %s", shown.Status, shown.Body)
			}
			shop := page.goBack(page.decide(c.button, c.otp))
			p := set(e, "GET", "/payments/"+page.id, nil)
			equal(t, "state", p.Text("data.state"), c.state)
			equal(t, "failure", p.Text("data.failure.code"), c.failure)
			equal(t, "the shop is told", shop, "https://shop.example/done?cart=7&reference="+p.Text("data.reference")+"&status="+c.shop)
		})
	}
	t.Run("a wrong password can be typed again", func(t *testing.T) {
		e := under(t, e)
		page := challenge(e, "wrong")
		for _, otp := range []string{"000000", "111111"} {
			if a := page.decide("approve", otp); a.Status != http.StatusOK {
				t.Errorf("after a wrong password: got %d to %q, want the page again", a.Status, a.Header.Get("Location"))
			}
		}
		page.goBack(page.decide("approve", "123456"))
		equal(t, "state", e.State(page.id), "captured")
	})
	t.Run("what the browser says on its way back is not believed", func(t *testing.T) {
		e := under(t, e)
		page := challenge(e, "liar")
		pay := set(e, "GET", "/payment-sessions/"+page.id, nil)
		back := page.decide("abandon", "").Header.Get("Location")
		at, err := url.Parse(back)
		nodetest.Must(t, err)
		at.RawQuery = url.Values{"status": {"successful"}, "order_payment_reference": {"x"}}.Encode()
		a := e.Do("GET", at.RequestURI(), nil, "Authorization", "")
		equal(t, "back at Juicer", a.Status, http.StatusFound)
		equal(t, "state", e.State(page.id), pay.Text("data.payment.state"))
		if to := a.Header.Get("Location"); !strings.Contains(to, "status=pending") {
			t.Errorf("the shop: got %s, want it pending", to)
		}
	})
	t.Run("by a call of the sandbox", func(t *testing.T) {
		e := under(t, e)
		for result, state := range map[string]string{"approved": "captured", "rejected": "failed", "abandoned": "authenticating"} {
			page := challenge(e, "call-"+result)
			a := set(e, "POST", "/sandbox/payments/"+page.id+"/authenticate", map[string]any{"result": result})
			equal(t, result, a.Text("data.state"), state)
		}
		want(t, e.Do("POST", "/sandbox/payments/"+e.NewSession("call")+"/authenticate", map[string]any{"result": "approved"}), http.StatusBadRequest, "invalid_status_transition")
	})
	e.Clean()
}

func TestCancellingDuring3DS(t *testing.T) {
	t.Parallel()
	e := start(t)
	t.Run("the bank takes no approval any more", func(t *testing.T) {
		e := under(t, e)
		page := challenge(e, "cancelled")
		a := set(e, "POST", "/payment-sessions/"+page.id+"/cancel", map[string]any{"reason": "changed"})
		equal(t, "state", a.Text("data.payment.state"), "cancelled")
		equal(t, "reason", a.Text("data.payment.cancellation_reason"), "changed")
		page.decide("approve", "")
		equal(t, "state after the approval", e.State(page.id), "cancelled")
		equal(t, "executions at the bank", executions(e, page.id), 0)
	})
	t.Run("a payer who was faster has paid", func(t *testing.T) {
		e := under(t, e)
		page := challenge(e, "faster")
		page.decide("approve", "")
		until(t, "the bank's callback arrives", func() bool { return e.State(page.id) == "captured" })
		a := e.Do("POST", "/payment-sessions/"+page.id+"/cancel", nil)
		want(t, a, http.StatusBadRequest, "payment_session_completed")
		equal(t, "outcome", a.Text("error.outcome"), "succeeded")
	})
	t.Run("whoever comes first, both books agree", func(t *testing.T) {
		e := under(t, e)
		for n := range 6 {
			page := challenge(e, nodetest.Ref("race", n))
			cancelling := later(e, "POST", "/payment-sessions/"+page.id+"/cancel", nil, "Idempotency-Key", page.id)
			page.decide("approve", "")
			a := got(t, cancelling)
			set(e, "POST", "/sandbox/clock/wait", nil)
			state, taken := e.State(page.id), executions(e, page.id)
			said := a.Text("data.payment.state")
			if a.Status == http.StatusBadRequest {
				said = a.Text("error.details.payment.state")
			}
			switch fmt.Sprint(state, " ", taken) {
			case "cancelled 0", "captured 1":
			default:
				t.Errorf("state %s with %d executions", state, taken)
			}
			if said != state && said != "processing" {
				t.Errorf("the canceller was told %s (%d %s), it is %s", said, a.Status, a.Body, state)
			}
		}
	})
	e.Clean()
}
