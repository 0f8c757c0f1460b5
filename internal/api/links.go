package api

import (
	"html/template"
	"net/http"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/wire"
)

// linkRoutes are the routes of payment links.
func linkRoutes() []Route {
	return []Route{
		{Method: post, Path: "/payment-links", Scope: paymentsWrite, handle: createLink},
		{Method: get, Path: "/payment-links", Scope: paymentsRead, Query: true, handle: listLinks},
		{Method: get, Path: "/payment-links/{id}", Scope: paymentsRead, Cache: cacheAsk, ETag: true, handle: getLink},
		{Method: patch, Path: "/payment-links/{id}", Scope: paymentsWrite, handle: switchLink},
	}
}

func createLink(x *exchange) (answer, error) {
	in, err := x.readLink()
	if err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreateLink(x.ctx(), x.call, in))
}

// readLink reads the fields of a new payment link.
func (x *exchange) readLink() (in engine.NewLink, err error) {
	r := wire.Read(x.body)
	in.Amount.Minor = r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	method := chosenMethod(x.body)
	in.Amount.Currency = money.Currency(r.Text("currency", wire.Required, wire.AllowedShowing(money.All, shownCurrencies(method))))
	in.Description = r.Text("description", wire.Required, wire.Length(1, 200))
	r.Object("customer", wire.Required, func(c *wire.Reader) { in.Customer = readLinkCustomer(c) })
	in.Reference = r.Reference("reference", wire.Optional)
	url := wire.Rule(wire.WebURL)
	if x.s.Sandbox == nil {
		url = wire.SecureURL
	}
	in.RedirectURL = r.Text("redirect_url", url)
	r.Object("payment_method", wire.Optional, func(m *wire.Reader) {
		in.Method = wire.OneOf(m, "type", wire.Required, methodNames()...)
	})
	if v := r.Metadata("metadata"); v != nil {
		in.Metadata = v.Canonical()
	}
	return in, r.Err()
}

func readLinkCustomer(r *wire.Reader) (c wire.LinkCustomer) {
	c.FirstName = r.Text("first_name", wire.Required, wire.Length(1, nameMax))
	c.LastName = r.Text("last_name", wire.MaxLength(nameMax))
	c.Email = r.Text("email", wire.Required, wire.Email)
	r.Alias("phone_number", "phone")
	c.PhoneNumber = r.Text("phone_number", wire.Phone)
	r.Object("billing_address", wire.Optional, func(a *wire.Reader) {
		address := readAddress(a, wire.Present, wire.Country, wire.MaxLength(addressMax))
		c.BillingAddress = &address
	})
	c.Type = wire.OneOf(r, "type", wire.Optional, "individual", "business")
	r.Text("ip_address", wire.IP)
	return c
}

func getLink(x *exchange) (answer, error) {
	l, err := x.engine().FindLink(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("payment_link", l.ID)
	return reply(x.engine().LinkReply(l), nil)
}

func switchLink(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	to := wire.OneOf(r, "status", wire.Required, payment.LinkActive, payment.LinkInactive)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().SwitchLink(x.ctx(), x.call, x.param("id"), to))
}

// listLinks is a page, or all of the references asked for.
func listLinks(x *exchange) (answer, error) {
	q := x.query
	if q.Has("references") {
		return x.chosenLinks(q)
	}
	page := q.Page("payment_links", pageSizeDefault)
	state := payment.LinkState(q.Text("status", wire.Allowed(payment.LinkStates...)))
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Links(x.ctx(), x.business(), page, state)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(l *payment.Link) wire.Cursor { return wire.Cursor{CreatedAt: l.CreatedAt, ID: l.ID} })
	return listed(wire.List{Data: x.shownLinks(rows), Pagination: block}), nil
}

func (x *exchange) chosenLinks(q *wire.Query) (answer, error) {
	references := q.List("references")
	for _, name := range []string{"limit", "after", "before", "status"} {
		if q.Has(name) {
			q.Breach(name, "Cannot be combined with references")
		}
	}
	q.Ignore("limit", "after", "before", "status")
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, missing, err := x.engine().ChosenLinks(x.ctx(), x.business(), references)
	if err != nil {
		return answer{}, err
	}
	return listed(wire.Chosen{Data: x.shownLinks(rows), Missing: missing, Pagination: wire.Pagination{Limit: chosenMax}}), nil
}

func (x *exchange) shownLinks(rows []*payment.Link) []wire.Link {
	out := make([]wire.Link, len(rows))
	for i, l := range rows {
		out[i] = x.s.Site.ShownLink(l)
	}
	return out
}

// linkOfPage reads the payment link that a page names; nil if it names none, or a payment.
func (x *exchange) linkOfPage() *payment.Link {
	long, ok := shortID(x)
	if !ok {
		return nil
	}
	l, err := x.engine().AnyLink(x.ctx(), long)
	if err != nil {
		return nil // whatever is wrong, the look for a payment says it
	}
	x.trace.About("payment_link", l.ID)
	return l
}

// openLink sends the payer to the page of the link's session. Without one, the page of the
// link says why, or offers the methods.
func (x *exchange) openLink(l *payment.Link) {
	if x.r.Method == http.MethodHead { // a look, as previews of messages make it, opens nothing
		x.showLink(l)
		return
	}
	call := &engine.Call{RequestID: x.id, Business: l.Business, Trace: x.trace}
	now, p, err := x.engine().OpenLink(x.ctx(), call, l.ID, x.r.URL.Query().Get("method"))
	switch {
	case err != nil:
		x.refuse(x.explain(err))
	case p != nil:
		x.redirectTo(http.StatusFound, x.s.Site.PublicURL+"/pay/"+id.Short(p.ID))
	default:
		x.showLink(now)
	}
}

func (x *exchange) showLink(l *payment.Link) {
	view := payView{Style: template.CSS(payCSS), Amount: l.Amount.String(), Description: l.Fixed.Description, Reference: l.Reference,
		Status: "pending", Text: linkText(l), Test: x.s.Sandbox != nil}
	view.Merchant, _ = x.engine().MerchantName(x.ctx(), l.Business)
	if l.State == payment.LinkActive {
		for _, m := range x.engine().MethodsOfLink(l) {
			view.Choices = append(view.Choices, payLine{methodLabels[m.Name], "?method=" + m.Name})
		}
	}
	x.showView(view)
}

var methodLabels = map[string]string{payment.MethodCard: "Pay by card", payment.MethodBank: "Pay by bank transfer",
	payment.MethodCrypto: "Pay in crypto", payment.MethodInterac: "Pay by Interac", payment.MethodBinancePay: "Pay with Binance Pay"}

// linkText says to the payer how things stand with a link that has no session to show.
func linkText(l *payment.Link) string {
	switch l.State {
	case payment.LinkInactive:
		return "This payment link is not active. Nothing was taken. Ask the shop for a new one."
	case payment.LinkCompleted:
		return "This payment link has been paid already."
	}
	return "Choose how you want to pay."
}
