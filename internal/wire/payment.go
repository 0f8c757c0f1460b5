package wire

import (
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/problem"
)

// Payment is the flat payment of GET /payments/{id}, and nested in a session.
type Payment struct {
	Amount             int64         `json:"amount"`
	AmountPaid         int64         `json:"amount_paid"`
	AmountRefunded     int64         `json:"amount_refunded"`
	CancellationReason *string       `json:"cancellation_reason"`
	CorrelationID      string        `json:"correlation_id"`
	Currency           string        `json:"currency"`
	Customer           Raw           `json:"customer"`
	Date               Time          `json:"date"`
	Description        string        `json:"description"`
	Failure            *Failure      `json:"failure"`
	Fee                *Fee          `json:"fee"`
	ID                 string        `json:"id"`
	Metadata           Raw           `json:"metadata"`
	Mode               string        `json:"mode"`
	Order              Raw           `json:"order"`
	Payer              *struct{}     `json:"payer"`
	PaymentMethod      PaymentMethod `json:"payment_method"`
	ProviderID         *string       `json:"provider_id"`
	Reference          string        `json:"reference"`
	State              string        `json:"state"`
	Status             string        `json:"status"`
	Type               string        `json:"type"`
	UpdatedAt          Time          `json:"updated_at"`
}

// Fee is what a movement cost.
type Fee struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// PaymentMethod is the card as it may be shown, or where the payer is to send the
// money; before a capture only its type.
type PaymentMethod struct {
	AccountName   string         `json:"account_name,omitzero"`
	AccountNumber string         `json:"account_number,omitzero"`
	AccountType   string         `json:"account_type,omitzero"`
	Address       string         `json:"address,omitzero"`
	BankCode      string         `json:"bank_code,omitzero"`
	BankName      string         `json:"bank_name,omitzero"`
	CardNumber    string         `json:"card_number,omitzero"`
	Chain         string         `json:"chain,omitzero"`
	Currency      string         `json:"currency,omitzero"`
	ExpiryMonth   int            `json:"expiry_month,omitzero"`
	ExpiryYear    int            `json:"expiry_year,omitzero"`
	ID            *string        `json:"id"`
	Params        *AddressParams `json:"params,omitzero"`
	QRCode        string         `json:"qrcode,omitzero"`
	Type          string         `json:"type"`
}

// AddressParams repeat the address of a crypto payment method.
type AddressParams struct {
	Address  string `json:"address"`
	Chain    string `json:"chain"`
	Currency string `json:"currency"`
}

// Failure is data.failure.
type Failure struct {
	AttemptsLeft *int    `json:"attempts_left,omitzero"`
	Code         string  `json:"code"`
	Message      string  `json:"message"`
	Reason       *string `json:"reason"`
	Retryable    bool    `json:"retryable"`
}

// Session is a payment session with its payment.
type Session struct {
	AuthType      *string           `json:"auth_type"`
	Configuration *struct{}         `json:"configuration"`
	ExpiresAt     Time              `json:"expires_at"`
	Failure       *Failure          `json:"failure"`
	ID            string            `json:"id"`
	Links         map[string]string `json:"links"`
	Message       string            `json:"message"`
	Payment       Payment           `json:"payment"`
	Status        string            `json:"status"`
}

// Authorized is a session as authorise answers it: with the next page to open.
type Authorized struct {
	AuthType      *string           `json:"auth_type"`
	Configuration *struct{}         `json:"configuration"`
	ExpiresAt     Time              `json:"expires_at"`
	Failure       *Failure          `json:"failure"`
	ID            string            `json:"id"`
	Links         map[string]string `json:"links"`
	Message       string            `json:"message"`
	Payment       Payment           `json:"payment"`
	Status        string            `json:"status"`
	URL           *string           `json:"url"`
}

// Site is what replies need to know of the listener they leave through.
type Site struct {
	PublicURL string
	Mode      string // test, live
	// PayPage is the URL of the hosted page of a payment, or "" where there is none.
	PayPage func(id string) string
}

// FlatPayment is p as GET /payments/{id} shows it.
func (s Site) FlatPayment(p *payment.Payment) Payment {
	return s.payment(p, stateWords[p.State].fetched)
}

func (s Site) payment(p *payment.Payment, status string) Payment {
	return Payment{
		Amount: p.Amount.Minor, AmountPaid: p.AmountPaid, AmountRefunded: p.AmountRefunded,
		CancellationReason: orNull(cancellation(p)), CorrelationID: p.CorrelationID, Currency: string(p.Amount.Currency),
		Customer: Raw(p.Fixed.Customer), Date: At(p.CreatedAt), Description: p.Fixed.Description,
		Failure: failureOf(p), ID: p.ID, Metadata: orEmpty(p.Fixed.Metadata), Mode: s.Mode,
		Order: Raw(p.Fixed.Order), PaymentMethod: method(p), ProviderID: orNull(p.Course.Provider), Reference: p.Reference,
		State: string(p.State), Status: status, Type: "payin", UpdatedAt: At(p.UpdatedAt),
	}
}

// cancellation is why the payment was given up. The reason is kept before the
// bank agrees, and means nothing if the payer was faster.
func cancellation(p *payment.Payment) string {
	switch p.State {
	case payment.Expired:
		return "expired"
	case payment.Cancelled:
		return p.Course.CancellationReason
	}
	return ""
}

func method(p *payment.Payment) PaymentMethod {
	m := PaymentMethod{Type: p.Method}
	if c := p.Course.Card; c != nil {
		m.CardNumber, m.ExpiryMonth, m.ExpiryYear, m.ID = c.Masked, c.ExpiryMonth, c.ExpiryYear, &c.MethodID
	}
	if to := p.Course.Payer; to != nil {
		m.ID = &to.MethodID
		m.place(p, to)
	}
	return m
}

// place says where the payer sends the money.
func (m *PaymentMethod) place(p *payment.Payment, to *payment.Payer) {
	switch p.Method {
	case payment.MethodBank:
		m.AccountName, m.AccountNumber, m.AccountType, m.BankCode, m.BankName = to.Name, to.Number, "savings", to.BankCode, to.BankName
	case payment.MethodCrypto:
		m.Address, m.Chain, m.Currency, m.QRCode = to.Number, to.Chain, string(p.Amount.Currency), to.Number
		m.Params = &AddressParams{Address: m.Address, Chain: m.Chain, Currency: m.Currency}
	}
}

// Session is p as the session endpoints show it.
func (s Site) Session(p *payment.Payment) Session {
	w := stateWords[p.State]
	return Session{
		AuthType: orNull(authType(p)), ExpiresAt: At(p.ExpiresAt), Failure: failureOf(p), ID: p.ID,
		Links: s.links(p), Message: message(p), Payment: s.payment(p, w.nested), Status: w.session,
	}
}

// Authorized is p as authorise shows it.
func (s Site) Authorized(p *payment.Payment) Authorized {
	v := s.Session(p)
	return Authorized{v.AuthType, v.Configuration, v.ExpiresAt, v.Failure, v.ID, v.Links, v.Message, v.Payment, v.Status,
		orNull(v.Links["redirect_url"])}
}

func authType(p *payment.Payment) string {
	if p.State != payment.Authenticating {
		return ""
	}
	return p.Course.AuthType
}

// links: before the capture the hosted page, during 3ds the bank's page.
func (s Site) links(p *payment.Payment) map[string]string {
	switch {
	case p.State == payment.Created && s.PayPage != nil && s.PayPage(p.ID) != "":
		page := s.PayPage(p.ID)
		return map[string]string{"payment_url": page, "redirect_url": page, "url": page}
	case (p.State == payment.AwaitingPayment || p.State == payment.Processing) && p.Course.Payer != nil && s.PayPage != nil:
		return gatewayLinks(p.Method, s.PayPage(p.ID))
	case p.State == payment.Authenticating && p.Course.PageURL != "":
		return map[string]string{"redirect_url": p.Course.PageURL}
	default:
		return map[string]string{}
	}
}

// gatewayLinks are the pages on which a payer pays by a gateway; none by other methods.
func gatewayLinks(method, page string) map[string]string {
	switch {
	case page == "":
	case method == payment.MethodInterac:
		return map[string]string{"redirect_url": page}
	case method == payment.MethodBinancePay:
		return map[string]string{"checkout_url": page, "deeplink": page, "payment_url": page, "qr_url": page}
	}
	return map[string]string{}
}

func message(p *payment.Payment) string {
	if f := p.Course.Failure; f != nil && (p.State == payment.Failed || p.State == payment.Authenticating) {
		return failureOf(p).Message
	}
	if p.State == payment.AwaitingPayment && p.Method == payment.MethodBank {
		return "Waiting for payment resolution"
	}
	return messages[p.State]
}

var messages = map[payment.State]string{
	payment.Created: "Created", payment.Authenticating: "Waiting for payment", payment.AwaitingPayment: "Waiting for payment",
	payment.Processing: "Processing", payment.InDoubt: "Processing", payment.Captured: "Successful payment",
	payment.Settled: "Successful payment", payment.Failed: "Failed", payment.Cancelled: "Cancelled", payment.Expired: "Expired",
}

// PaymentMoney is the money block of a payment.
func (s Site) PaymentMoney(p *payment.Payment) Money {
	return Money{Outcome: p.State.Outcome(), Retry: p.Retry(), StatusURL: s.PublicURL + "/payments/" + p.ID}
}

// failureOf is why the payment failed, with the sums that its message names.
func failureOf(p *payment.Payment) *Failure {
	out := showFailure(p.Course.Failure)
	if out != nil {
		row, _ := problem.FailureByCode(out.Code)
		out.Message = row.Sentence(problem.Details{"amount": p.Amount.String(), "amount_paid": money.Of(p.AmountPaid, p.Amount.Currency).String()})
	}
	return out
}

func showFailure(f *payment.Failure) *Failure {
	if f == nil {
		return nil
	}
	row, _ := problem.FailureByCode(f.Code)
	out := &Failure{Code: f.Code, Message: row.Message, Reason: orNull(f.Reason), Retryable: row.Retryable}
	if f.AttemptsLeft > 0 {
		out.AttemptsLeft = &f.AttemptsLeft
	}
	return out
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(b []byte) Raw {
	if len(b) == 0 {
		return Raw("{}")
	}
	return Raw(b)
}
