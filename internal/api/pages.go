package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // pay.html and pay.css
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"runtime/debug"

	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/requestlog"
	"github.com/juicer-pay/juicer/internal/wire"
)

//go:embed pay.html
var payHTML string

//go:embed pay.css
var payCSS string

var payTemplate = template.Must(template.New("pay").Parse(payHTML))

// pageSafely answers with a page; what goes wrong becomes a refusal like any
// other.
func (x *exchange) pageSafely() {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			x.s.Log.Error("panic", "request_id", x.id, "panic", requestlog.Scrub(fmt.Sprint(p)), "stack", string(debug.Stack()))
			x.refuse(problem.ServerError.With(nil).BrokeOff(problem.NoWork))
		}
	}()
	x.route.Page(x)
}

// html sends a page that may load nothing but its own style.
func (x *exchange) html(style string, body []byte) {
	h := x.common()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+style+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", cacheNot)
	x.result = outcome{status: wire.OK}
	x.emit(wire.OK, h, body)
}

func sourceOf(css string) string {
	sum := sha256.Sum256([]byte(css))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// errorsPage is what every doc_url points to.
func errorsPage(x *exchange) {
	var out bytes.Buffer
	if err := problem.WriteHTML(&out, x.s.Support); err != nil {
		x.refuse(problem.From(err).BrokeOff(problem.NoWork))
		return
	}
	x.html(problem.StyleSource(), out.Bytes())
}

func openAPI(x *exchange) {
	h := x.common()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", cacheHour)
	x.result = outcome{status: wire.OK}
	if !x.unchanged(h, x.s.OpenAPI) {
		x.emit(wire.OK, h, x.s.OpenAPI)
	}
}

// paymentOfLink reads the payment a browser link names; it answers itself if
// there is none.
func (x *exchange) paymentOfLink() *payment.Payment {
	long, ok := shortID(x)
	var p *payment.Payment
	err := error(problem.NotFound.With(problem.Details{"id": x.param("id"), "resource": "payment"}))
	if ok {
		p, err = x.engine().AnyPayment(x.ctx(), long)
	}
	if err != nil {
		x.refuse(x.explain(err))
		return nil
	}
	x.trace.About("payment", p.ID)
	return p
}

// backFromBank is where the bank sends the payer's browser. What the query says is
// not trusted: the rail is asked.
func backFromBank(x *exchange) {
	p := x.paymentOfLink()
	if p == nil {
		return
	}
	p, err := x.engine().Returned(x.ctx(), p)
	if err != nil {
		x.refuse(x.explain(err))
		return
	}
	if p.Fixed.RedirectURL == "" {
		x.showPay(p)
		return
	}
	x.redirectTo(http.StatusFound, backTo(p))
}

func (x *exchange) redirectTo(status int, to string) {
	h := x.common()
	h.Set("Location", to)
	h.Set("Cache-Control", cacheNot)
	h.Set("Referrer-Policy", "no-referrer")
	x.result = outcome{status: status}
	x.emit(status, h, nil)
}

// backTo is the merchant's page with reference and status added.
func backTo(p *payment.Payment) string {
	u, err := url.Parse(p.Fixed.RedirectURL)
	if err != nil {
		return p.Fixed.RedirectURL
	}
	q := u.Query()
	q.Set("reference", p.Reference)
	q.Set("status", browserStatus(p.State))
	u.RawQuery = q.Encode()
	return u.String()
}

func browserStatus(s payment.State) string {
	switch {
	case s.Paid():
		return "successful"
	case s.Completed():
		return "failed"
	default:
		return "pending"
	}
}

// payView is what pay.html shows.
type payView struct {
	Style                                          template.CSS
	Amount, Description, Merchant, Reference, Text string
	Status                                         string
	BankPage                                       string
	Instructions                                   []payLine
	Choices                                        []payLine // addresses by what they are called
	Buttons                                        []payButton
	Test                                           bool
	Back                                           string
}

type payButton struct{ Value, Label string }

// payLine is one thing that the payer needs to know to pay.
type payLine struct{ Label, Value string }

// payPage is the page of a session, or opens a payment link.
func payPage(x *exchange) {
	if l := x.linkOfPage(); l != nil {
		x.openLink(l)
		return
	}
	if p := x.paymentOfLink(); p != nil {
		x.showPay(p)
	}
}

func (x *exchange) showPay(p *payment.Payment) {
	view := payView{Style: template.CSS(payCSS), Amount: p.Amount.String(), Description: p.Fixed.Description, Reference: p.Reference,
		Status: browserStatus(p.State), Text: payText(p), Test: x.s.Sandbox != nil}
	view.Merchant, _ = x.engine().MerchantName(x.ctx(), p.Business)
	if p.State == payment.Authenticating {
		view.BankPage = p.Course.PageURL
	}
	view.Instructions = payLines(p)
	if view.Test {
		view.Buttons = payButtons(p)
	}
	if p.State.Completed() && p.Fixed.RedirectURL != "" {
		view.Back = backTo(p)
	}
	if p.Fixed.Link != "" && p.State.Completed() && !p.State.Paid() {
		view.Choices = []payLine{{"Try again", x.s.Site.LinkPage(p.Fixed.Link)}}
	}
	x.showView(view)
}

func (x *exchange) showView(view payView) {
	var out bytes.Buffer
	if err := payTemplate.Execute(&out, view); err != nil {
		x.refuse(problem.From(err).BrokeOff(problem.NoWork))
		return
	}
	x.html(sourceOf(payCSS), out.Bytes())
}

// payText says to the payer how things stand.
func payText(p *payment.Payment) string {
	switch p.State {
	case payment.Created:
		return "This payment has not been made yet."
	case payment.Authenticating:
		return "Your bank wants to know that it is you."
	case payment.AwaitingPayment:
		return "We are waiting for your payment."
	case payment.Processing, payment.InDoubt:
		if p.Course.Payer != nil {
			return payProgress(p)
		}
		return "Your bank is still working on this payment. Do not pay again: this page will show the result."
	case payment.Captured, payment.Settled:
		return "Thank you. The payment was successful."
	case payment.Expired:
		return "The time for this payment is over. Nothing was taken."
	case payment.Cancelled:
		return "This payment was cancelled. Nothing was taken."
	}
	if p.Course.Failure != nil {
		if row, ok := problem.FailureByCode(p.Course.Failure.Code); ok {
			return row.Message + " Nothing was taken."
		}
	}
	return "The payment failed. Nothing was taken."
}
