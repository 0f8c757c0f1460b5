// Command errors provokes each kind of failure in a test environment, and shows what a
// program learns from it and does about it. It needs JUICER_BASE_URL and
// JUICER_API_KEY, a key of the test environment; the header Juicer-Fault, which live
// ignores, makes the server fail.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	juicer "github.com/juicer-pay/juicer/sdk/go"
)

// sample is what the cases need.
type sample struct {
	ctx       context.Context
	client    *juicer.Client
	reference string
}

func main() {
	client, err := juicer.New(juicer.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := sample{ctx: context.Background(), client: client, reference: "errors-1"}
	if len(os.Args) > 1 {
		s.reference = os.Args[1]
	}
	s.timeout()
	s.rateLimit()
	s.serverError()
	s.validation()
	s.authentication()
	s.decline()
	s.unknownOutcome()
}

// fails makes the server fail at this call.
func fails(how string) juicer.Option { return juicer.WithHeader("Juicer-Fault", how) }

func (s sample) session(name string) *juicer.CreatePaymentSession {
	return &juicer.CreatePaymentSession{
		Amount: 250000, Currency: juicer.CurrencyNGN, Reference: s.reference + "-" + name, Description: "Term fee",
		PaymentMethod: juicer.CreatePaymentSessionPaymentMethod{Type: "card"},
		Order:         &juicer.Order{Identifier: "INV-7", Items: []juicer.OrderItem{{Name: "Term fee", Type: "service"}}},
		Customer: juicer.CustomerInput{FirstName: "Ada", LastName: "Obi", Email: "ada@example.com", PhoneNumber: "+2348031234567",
			BillingAddress: juicer.CustomerInputBillingAddress{Line1: "5 Marina Road", City: "Lagos", Country: "NG", ZipCode: "100001"}},
	}
}

// timeout: no answer in time. A write may have been carried out, so it is sent again
// with the key of the error, never with a new one.
func (s sample) timeout() {
	_, err := s.client.PaymentSessions.Create(s.ctx, s.session("timeout"), fails("delay=3000;times=1"), juicer.WithTimeout(time.Second))
	var late *juicer.TimeoutError
	if !errors.As(err, &late) {
		log.Fatalf("time-out: %v", err)
	}
	fmt.Printf("time-out: no answer after %s, outcome %s\n", late.Total.Round(time.Second), late.Outcome)
	again, err := s.client.PaymentSessions.Create(s.ctx, s.session("timeout"), juicer.WithIdempotencyKey(late.Key))
	if err != nil {
		log.Fatalf("time-out, again: %v", err)
	}
	fmt.Printf("time-out: the same key again: %d, %s\n", again.Status, again.Data.Status)
}

// rateLimit: short waits are kept by the client itself; a long one is told.
func (s sample) rateLimit() {
	stats, err := s.client.Payments.Stats(s.ctx, fails("status=429;retry-after=1;times=1"))
	if err != nil {
		log.Fatalf("rate limit: %v", err)
	}
	fmt.Printf("rate limit: %d requests, the first waited %s or a little more\n", len(stats.Attempts), stats.Attempts[0].Wait.Truncate(time.Second))
	_, err = s.client.Payments.Stats(s.ctx, fails("status=429;retry-after=120"))
	var limited *juicer.RateLimitError
	if !errors.As(err, &limited) {
		log.Fatalf("rate limit: %v", err)
	}
	fmt.Printf("rate limit: %s, come back in %s\n", limited.Code, limited.RetryAfter)
}

// serverError: the client has tried again by itself. Log the request ids, and send it
// again later with the same key.
func (s sample) serverError() {
	_, err := s.client.PaymentSessions.Create(s.ctx, s.session("5xx"), fails("status=500"))
	var broken *juicer.ServerError
	if !errors.As(err, &broken) {
		log.Fatalf("server error: %v", err)
	}
	fmt.Printf("server error: %d %s after %d requests, outcome %s, %d request ids for support\n", broken.Status, broken.Code, len(broken.Attempts), broken.Outcome, len(broken.RequestIDs()))
}

// validation: all bad fields at once.
func (s sample) validation() {
	bad := s.session("validation")
	bad.Amount, bad.Currency, bad.Customer.Email = -5, "XYZ", "ada"
	_, err := s.client.PaymentSessions.Create(s.ctx, bad)
	var invalid *juicer.ValidationError
	if !errors.As(err, &invalid) {
		log.Fatalf("validation: %v", err)
	}
	for _, f := range invalid.Fields {
		fmt.Printf("validation: %s: %s\n", f.Field, f.Message)
	}
}

// authentication: five causes, and what to do about each.
func (s sample) authentication() {
	for _, c := range []struct{ key, fault string }{
		{"test_not-a-key", ""},
		{"", "error=missing_api_key"},
		{"", "error=expired_api_key"},
		{"", "error=test_key_in_production"},
		{"live_0000000000000000000000000000004DY1fB", ""},
	} {
		client, err := juicer.New(juicer.Config{APIKey: c.key}) // "" is JUICER_API_KEY
		if err != nil {
			log.Fatal(err)
		}
		var options []juicer.Option
		if c.fault != "" {
			options = append(options, fails(c.fault))
		}
		_, err = client.Payments.Stats(s.ctx, options...)
		var refused *juicer.AuthenticationError
		if !errors.As(err, &refused) {
			log.Fatalf("authentication: %v", err)
		}
		fmt.Printf("authentication: %s: %s\n", refused.Code, cure(refused.Code))
	}
}

func cure(code string) string {
	return map[string]string{
		juicer.CodeInvalidAPIKey:       "copy the key again",
		juicer.CodeMissingAPIKey:       "set JUICER_API_KEY",
		juicer.CodeExpiredAPIKey:       "make a new key, and rotate in time",
		juicer.CodeTestKeyInProduction: "use a live key, or the test server",
		juicer.CodeProductionKeyInTest: "use a test key, or the live server",
	}[code]
}

// decline: an answer of 200 is not yet a payment.
func (s sample) decline() {
	session, err := s.client.PaymentSessions.Create(s.ctx, s.session("decline"))
	if err != nil {
		log.Fatalf("decline: %v", err)
	}
	card, err := s.client.Cards.Encrypt(s.ctx, juicer.Card{Number: "4000000000012015", CVV: "100", ExpiryMonth: 1, ExpiryYear: 39})
	if err != nil {
		log.Fatalf("decline: %v", err)
	}
	paid, err := s.client.PaymentSessions.Capture(s.ctx, session.Data.ID, &juicer.Capture{Card: card})
	if err != nil {
		log.Fatalf("decline: %v", err)
	}
	fmt.Printf("decline: status %d, succeeded %v, %s: %s\n", paid.Status, paid.Succeeded(), paid.Failure().Code, paid.Failure().Message)
	_, err = s.client.PaymentSessions.Capture(s.ctx, session.Data.ID, &juicer.Capture{Card: card})
	var over *juicer.InvalidRequestError
	if errors.As(err, &over) {
		fmt.Printf("decline: the same session again: %s, outcome %s\n", over.Code, over.Outcome)
	}
}

// unknownOutcome: every answer is lost. The key tells what became of it; until then
// nothing else is tried.
func (s sample) unknownOutcome() {
	_, err := s.client.PaymentSessions.Create(s.ctx, s.session("unknown"), fails("drop=after-commit"))
	var lost *juicer.TransportError
	if !errors.As(err, &lost) {
		log.Fatalf("unknown outcome: %v", err)
	}
	fmt.Printf("unknown outcome: %s after %d requests\n", lost.Outcome, len(lost.Attempts))
	found, err := s.client.Resume(s.ctx, lost.Key)
	if err != nil {
		log.Fatalf("unknown outcome: %v", err)
	}
	fmt.Printf("unknown outcome: the key is %s, it made a %s\n", found.Data.State, found.Data.Resource.Type)
	payment, err := s.client.Payments.Get(s.ctx, s.reference+"-unknown", nil)
	if err != nil {
		log.Fatalf("unknown outcome: %v", err)
	}
	fmt.Printf("unknown outcome: verified by reference: %s\n", payment.Data.State)
}
