package api

import (
	"maps"
	"net/http"
	"time"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/world"
)

// payChoices are the buttons of the test page, each of which pays with a test card.
var payChoices = []struct{ value, label, number string }{
	{"approve", "Pay with an approved card", "4000000000011009"},
	{"3ds", "Pay with a card that asks its bank (3DS)", "4000000000011504"},
	{"funds", "Pay with a card without funds", "4000000000012015"},
	{"decline", "Pay with a declined card", "4000000000012023"},
	{"lost", "Pay and lose the bank's reply", "4000000000013013"},
}

const (
	payFormBytesMax = 4 << 10
	payPatience     = 5 * time.Second
	testCVV         = "100"
	testExpiryYear  = 2039
)

// simulate pays a test session from its page. It is open to anybody who has the
// link, as the page is, and exists in the test environment only.
func simulate(x *exchange) {
	p := x.paymentOfLink()
	if p == nil {
		return
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, payFormBytesMax)
	if err := x.act(p, x.r.PostFormValue("choice")); err != nil {
		x.refuse(x.explain(err))
		return
	}
	x.redirectTo(http.StatusSeeOther, x.s.Site.PublicURL+"/pay/"+id.Short(p.ID))
}

// payWith captures with a test card; a session that is already completed is shown
// as it is.
func (x *exchange) payWith(business, payment, number string) error {
	card, err := x.sealTestCard(number)
	if err != nil {
		return err
	}
	call := &engine.Call{RequestID: x.id, Business: business, Trace: x.trace, Deadline: world.RealNow().Add(payPatience)}
	_, err = x.engine().Capture(x.ctx(), call, payment, engine.Capture{Card: card})
	if problem.PaymentSessionCompleted.Is(err) || problem.PaymentInProgress.Is(err) || problem.PaymentSessionExpired.Is(err) {
		return nil
	}
	return err
}

func (x *exchange) sealTestCard(number string) (*vault.SealedCard, error) {
	sealed := &vault.SealedCard{ExpiryMonth: 1, ExpiryYear: testExpiryYear}
	for _, part := range []struct {
		plain string
		into  *vault.SealedText
	}{{number, &sealed.Number}, {testCVV, &sealed.CVV}} {
		iv := make([]byte, 16)
		if _, err := x.s.IDs.Entropy.Read(iv); err != nil {
			return nil, err
		}
		text, err := vault.Seal(part.plain, x.engine().EncryptionKey(), iv)
		if err != nil {
			return nil, err
		}
		*part.into = vault.Sealed(text)
	}
	return sealed, nil
}

// issuerPage is the website of the card's bank; it is the bank's own.
func issuerPage(x *exchange) {
	w := &statusKeeper{ResponseWriter: x.w}
	maps.Copy(w.Header(), x.common())
	x.s.Sandbox.Bank.Pages().ServeHTTP(w, x.r)
	x.result.status = w.status
}

// statusKeeper remembers the status for the log.
type statusKeeper struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusKeeper) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}
