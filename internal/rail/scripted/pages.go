package scripted

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // page.html and page.css
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/rail"
)

const (
	pagePath         = "/issuer/"
	pageFormBytesMax = 4 << 10
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

func (b *Bank) pageURL(token string) string { return b.cfg.PublicURL + pagePath + token }

// page is what the template shows.
type page struct {
	Style        template.CSS
	Waiting      bool // for the payer's decision
	Amount, Card string
	Wrong        bool
	AttemptsLeft int
	Back         string // where the payer goes on; ""
}

// issuer is the website of the card's bank.
type issuer struct {
	bank *Bank
	tmpl *template.Template
	csp  string
}

// Pages is the website of the card's bank, at /issuer/{token}: the payer
// approves, rejects or abandons, and is sent back with a 302 to the ReturnURL
// with order_payment_reference and status added. Every other answer is a page
// with status 200. The bank's Activity counts it while it works.
func (b *Bank) Pages() http.Handler {
	sum := sha256.Sum256([]byte(pageCSS))
	return &issuer{
		bank: b,
		tmpl: template.Must(template.New("page").Parse(pageHTML)),
		// No form-action: browsers apply it to the redirects after the form, and
		// those lead to a shop that the bank does not know beforehand.
		csp: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; frame-ancestors 'none'",
	}
}

// ServeHTTP implements http.Handler.
func (s *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.bank.cfg.Activity.Enter()
	defer s.bank.cfg.Activity.Leave()
	_, token, _ := strings.Cut(r.URL.Path, pagePath)
	root, err := s.bank.byToken(r.Context(), token)
	if err != nil {
		s.bank.log.Error("the issuer's page could not be read", "error", err)
		root = nil
	}
	if r.Method == http.MethodPost && root != nil {
		s.decide(w, r, root)
		return
	}
	s.show(w, pageOf(root))
}

func (b *Bank) byToken(ctx context.Context, token string) (*instruction, error) {
	if len(token) != 2*tokenBytes {
		return nil, nil
	}
	return found(b.db.read.row(ctx, instructionByTok, token))
}

// pageOf is the page for a chain: a form while it waits, else the way back.
func pageOf(root *instruction) page {
	if root == nil {
		return page{}
	}
	p := page{Amount: money.Of(root.Amount, money.Currency(root.Currency)).String(), Card: root.Masked,
		Waiting: root.State == rail.Challenged && root.Challenge == rail.ThreeDS, Wrong: root.Failure != "", AttemptsLeft: root.AttemptsLeft}
	if !p.Waiting {
		p.Back = wayBack(root)
	}
	return p
}

// decide does what the payer chose. A wrong one-time password shows the page
// again; a decision that comes too late changes nothing.
func (s *issuer) decide(w http.ResponseWriter, r *http.Request, root *instruction) {
	r.Body = http.MaxBytesReader(w, r.Body, pageFormBytesMax)
	choice, otp := r.PostFormValue("decision"), strings.TrimSpace(r.PostFormValue("otp"))
	after, err := s.bank.onPage(root.Ref, choice, otp)
	switch {
	case err != nil && !errors.Is(err, ErrWrongState):
		s.bank.log.Error("a payer's decision was not recorded", "rail_ref", root.Ref, "error", err)
		s.show(w, pageOf(root))
	case err != nil, after.ReturnURL == "", after.State == rail.Challenged && choice != choiceAbandon:
		s.show(w, pageOf(after))
	default:
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		http.Redirect(w, r, wayBack(after), http.StatusFound)
	}
}

// The values of the form's buttons.
const (
	choiceApprove = "approve"
	choiceReject  = "reject"
	choiceAbandon = "abandon"
)

// onPage records a decision and gives the chain after it, also with
// ErrWrongState.
func (b *Bank) onPage(ref, choice, otp string) (after *instruction, err error) {
	_, err = b.byHand(ref, func(t *txn, _, root *instruction) error {
		after = root
		switch choice {
		case choiceApprove:
			if otp == "" {
				return t.decide(root, Approve)
			}
			return t.answerOnPage(root, otp)
		case choiceReject:
			return t.decide(root, Reject)
		case choiceAbandon:
			return t.decide(root, Abandon)
		}
		return ErrWrongState
	})
	return after, err
}

// answerOnPage takes a one-time password that the payer typed on the page.
func (t *txn) answerOnPage(root *instruction, otp string) error {
	if root.State != rail.Challenged || root.Challenge != rail.ThreeDS {
		return ErrWrongState
	}
	o := t.bank.cards.byName[root.Behaviour].answered(root.outcome, &rail.Proof{OTP: otp})
	if o.State != rail.Challenged {
		return t.end(root, root, o)
	}
	root.outcome = o
	return t.put(root)
}

// wayBack is the shop's address with what the payer's browser reports; "" if
// there is none. Nobody trusts the report: the shop asks the bank.
func wayBack(root *instruction) string {
	u, err := url.Parse(root.ReturnURL)
	if err != nil || root.ReturnURL == "" {
		return ""
	}
	q := u.Query()
	q.Set("order_payment_reference", root.Provider)
	q.Set("status", reported(root.State))
	u.RawQuery = q.Encode()
	return u.String()
}

func reported(s rail.State) string {
	switch s {
	case rail.Approved:
		return "successful"
	case rail.Declined:
		return "failed"
	}
	return "pending"
}

// show writes a page. The style is in the page and allowed by its hash.
func (s *issuer) show(w http.ResponseWriter, p page) {
	p.Style = template.CSS(pageCSS)
	var out bytes.Buffer
	if err := s.tmpl.Execute(&out, p); err != nil {
		s.bank.log.Error("the issuer's page could not be written", "error", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.csp)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(out.Bytes()) // a payer who has gone needs no page
}
