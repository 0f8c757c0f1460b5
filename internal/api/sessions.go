package api

import (
	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/wire"
)

func createSession(x *exchange) (answer, error) {
	in, err := x.readCreate()
	if err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreateSession(x.ctx(), x.call, in))
}

// readCreate reads the fields of a new session.
func (x *exchange) readCreate() (in engine.Create, err error) {
	r := wire.Read(x.body)
	in.Amount.Minor = r.Int("amount", wire.Required, wire.Positive, wire.AtMost(money.Max))
	in.Method = chosenMethod(x.body)
	in.Amount.Currency = money.Currency(r.Text("currency", wire.Required, wire.AllowedShowing(money.All, shownCurrencies(in.Method))))
	r.Object("customer", wire.Required, func(c *wire.Reader) { in.Customer = readCustomer(c, in.Method) })
	in.Description = r.Text("description", wire.Required, wire.Length(1, 200))
	in.Reference = r.Reference("reference", wire.Required)
	r.Object("payment_method", wire.Required, func(m *wire.Reader) { readMethod(m, &in) })
	in.Order = readOrder(r, x.body)
	if v := r.Metadata("metadata"); v != nil {
		in.Metadata = v.Canonical()
	}
	url := wire.Rule(wire.WebURL)
	if x.s.Sandbox == nil {
		url = wire.SecureURL
	}
	in.RedirectURL = r.Text("redirect_url", url)
	in.AllowDuplicate = r.Bool("allow_duplicate", wire.Optional)
	wire.OneOf(r, "direction", wire.Optional, "incoming")
	r.Ignore("settlement_target")
	return in, r.Err()
}

// chosenMethod looks the method up before the fields are read, because other
// fields' rules depend on it; "" for none that we know.
func chosenMethod(body *wire.Value) string {
	name, _ := body.Get("payment_method").Get("type").Text()
	if _, known := payment.MethodByName(name); !known {
		return ""
	}
	return name
}

func shownCurrencies(method string) []money.Currency {
	if m, known := payment.MethodByName(method); known {
		return m.Currencies
	}
	return money.All
}

func readMethod(r *wire.Reader, in *engine.Create) {
	if wire.OneOf(r, "type", wire.Required, methodNames()...) == payment.MethodCrypto {
		need := wire.Optional
		if r.Has("chain") || r.Has("currency") {
			need = wire.Required // the address at once, or later
		}
		in.Chain = wire.OneOf(r, "chain", need, chains...)
		in.Token = wire.OneOf(r, "currency", need, money.USDT, money.USDC)
	}
}

func methodNames() []string {
	names := make([]string, len(payment.Methods))
	for i, m := range payment.Methods {
		names[i] = m.Name
	}
	return names
}

// chains are those on which the money of crypto sessions can come.
var chains = []string{"ETH", "MATIC", "AVAXC", "TRX"}

const (
	nameMax    = 100
	addressMax = 200
)

func readCustomer(r *wire.Reader, method string) wire.Customer {
	mayBeEmpty := wire.Present
	if method == payment.MethodCard {
		mayBeEmpty = wire.Required
	}
	c := wire.Customer{
		FirstName: r.Text("first_name", wire.Required, wire.Length(1, nameMax)),
		LastName:  r.Text("last_name", mayBeEmpty, wire.MaxLength(nameMax)),
		Email:     r.Text("email", wire.Required, wire.Email),
	}
	r.Alias("phone_number", "phone")
	phone, country, code := wire.Rule(wire.Phone), wire.Rule(wire.Country), wire.MaxLength(addressMax)
	if method == payment.MethodInterac {
		phone, country, code = wire.NorthAmerican, wire.Allowed("CA"), wire.Canadian
	}
	c.PhoneNumber = r.Text("phone_number", wire.Required, phone)
	r.Object("billing_address", wire.Required, func(a *wire.Reader) { c.BillingAddress = readAddress(a, mayBeEmpty, country, code) })
	if c.Type = wire.OneOf(r, "type", wire.Optional, "individual", "business"); c.Type == "" {
		c.Type = "individual"
	}
	r.Text("ip_address", wire.IP)
	return c
}

func readAddress(r *wire.Reader, mayBeEmpty wire.Need, country, code wire.Rule) wire.Address {
	return wire.Address{
		Line1:   r.Text("line1", mayBeEmpty, wire.MaxLength(addressMax)),
		City:    r.Text("city", mayBeEmpty, wire.MaxLength(addressMax)),
		ZipCode: r.Text("zip_code", mayBeEmpty, code),
		Country: r.Text("country", wire.Required, country),
		State:   wire.OrNull(r.Text("state", wire.MaxLength(nameMax))),
		Line2:   wire.OrNull(r.Text("line2", wire.MaxLength(nameMax))),
	}
}

// readOrder reads the order from its place or from metadata.order.
func readOrder(r *wire.Reader, body *wire.Value) []byte {
	var order wire.Order
	read := func(o *wire.Reader) { order = readOrderFields(o) }
	inside := body.Get("metadata").Get("order")
	switch {
	case body.Get("order").Kind() == wire.KindNull && inside.Kind() == wire.KindObject:
		r.Has("order") // known, though its content stands elsewhere
		r.Within("metadata.order", inside, read)
	default:
		r.Object("order", wire.Required, read)
	}
	return wire.Marshal(order)
}

func readOrderFields(r *wire.Reader) (o wire.Order) {
	o.Identifier = r.Text("identifier", wire.Required, wire.Length(1, 100))
	r.Objects("items", wire.Required, 1, 100, func(_ int, item *wire.Reader) {
		o.Items = append(o.Items, wire.OrderItem{
			Name: item.Text("name", wire.Required, wire.Length(1, 200)),
			Type: wire.OneOf(item, "type", wire.Required, "digital", "physical", "service"),
		})
	})
	return o
}

func getSession(x *exchange) (answer, error) {
	return x.lookAtPayment(func() (*payment.Payment, error) {
		return x.engine().FindPayment(x.ctx(), x.business(), x.param("id"))
	}, x.engine().SessionReply)
}

func encryptionKey(x *exchange) (answer, error) {
	if mode := x.param("mode"); mode != x.s.Site.Mode {
		return answer{}, problem.InvalidMode.With(problem.Details{"allowed": []string{x.s.Site.Mode}, "environment": x.s.Site.Mode})
	}
	return data(map[string]string{"encryption_key": x.engine().EncryptionKey()}), nil
}

// capture reads the fields of a capture. Which of them belong to the session's
// method is known only with the session.
func capture(x *exchange) (answer, error) {
	session, err := x.engine().FindPayment(x.ctx(), x.business(), x.param("id"))
	known := err == nil
	r := wire.Read(x.body)
	var in engine.Capture
	r.Object("card", wire.Optional, func(c *wire.Reader) { in.Card = readCard(c) })
	in.Amount = r.Int("amount", wire.Positive)
	r.Object("crypto_address", wire.Optional, func(c *wire.Reader) {
		in.Chain = wire.OneOf(c, "chain", wire.Required, chains...)
		in.Token = wire.OneOf(c, "currency", wire.Required, money.USDT, money.USDC)
	})
	if needs := neededField(session); known && needs != "" && !r.Has("card") && !r.Has("crypto_address") {
		r.Object(needs, wire.Required, func(*wire.Reader) {})
	}
	if bad := r.Err(); bad != nil {
		return answer{}, bad
	}
	if err != nil {
		return answer{}, err
	}
	in.Session = session
	return reply(x.engine().Capture(x.ctx(), x.call, x.param("id"), in))
}

// neededField is the field without which a session is not captured; "" for none.
func neededField(session *payment.Payment) string {
	switch {
	case session == nil, session.State.Completed():
		return ""
	case session.Method == payment.MethodCard:
		return "card"
	case session.Method == payment.MethodCrypto:
		return "crypto_address"
	}
	return ""
}

func readCard(r *wire.Reader) *vault.SealedCard {
	return &vault.SealedCard{
		Number:      vault.Sealed(r.Text("card_number", wire.Required)),
		CVV:         vault.Sealed(r.Text("cvv", wire.Required)),
		ExpiryMonth: int(r.Int("expiry_month", wire.Required, wire.OrDigits, wire.AtLeast(1), wire.AtMost(12))),
		ExpiryYear:  int(r.ExpiryYear("expiry_year", wire.Required)),
		Name:        r.Text("name", wire.MaxLength(nameMax)),
	}
}

// proofFields are the fields of authorise, of which exactly one is sent.
var proofFields = []string{"otp", "pin", "card_enroll", "cvv", "avs"}

func authorize(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	kind, proof := readProof(r)
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().Authorize(x.ctx(), x.call, x.param("id"), kind, proof))
}

func readProof(r *wire.Reader) (kind string, p rail.Proof) {
	for _, name := range proofFields {
		switch {
		case !r.Has(name):
		case kind == "":
			kind = name
		default:
			r.Breach(name, problem.FieldConflict, problem.Details{"other": kind})
		}
	}
	need := wire.Need(wire.Optional)
	if kind == "" {
		need = wire.Required // reported on otp
	}
	p.OTP = r.Text("otp", need, wire.Digits(5, 6))
	p.PIN = r.Text("pin", wire.Digits(4, 4))
	p.Enrol = r.Text("card_enroll", wire.Length(1, 200))
	p.CVV = r.Text("cvv", wire.Digits(3, 4))
	r.Object("avs", wire.Optional, func(a *wire.Reader) { p.Address = readProofAddress(a) })
	return kind, p
}

func readProofAddress(r *wire.Reader) *rail.Address {
	return &rail.Address{
		Line1: r.Text("line1", wire.Required, wire.MaxLength(addressMax)), Line2: r.Text("line2", wire.MaxLength(addressMax)),
		City: r.Text("city", wire.Required, wire.MaxLength(addressMax)), State: r.Text("state", wire.MaxLength(nameMax)),
		Country: r.Text("country", wire.Required, wire.Country), ZipCode: r.Text("zip_code", wire.Required, wire.MaxLength(addressMax)),
	}
}

func cancel(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	reason := r.Text("reason", wire.MaxLength(200))
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().Cancel(x.ctx(), x.call, x.param("id"), reason))
}

// shortID reads the short form of an id in a browser link.
func shortID(x *exchange) (string, bool) { return id.Long(x.param("id")) }
