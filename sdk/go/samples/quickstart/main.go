// Command quickstart takes a card payment and looks at how it ended. It needs
// JUICER_BASE_URL and JUICER_API_KEY, a key of the test environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	juicer "github.com/juicer-pay/juicer/sdk/go"
)

func main() {
	client, err := juicer.New(juicer.Config{}) // JUICER_BASE_URL, JUICER_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	reference := "quickstart-1"
	if len(os.Args) > 1 {
		reference = os.Args[1]
	}
	for i, number := range []string{"4000000000011009", "4000000000012015"} { // one with money, one without
		pay(client, fmt.Sprintf("%s-%d", reference, i+1), juicer.Card{Number: number, CVV: "100", ExpiryMonth: 1, ExpiryYear: 39})
	}
}

// pay takes one payment and says how it ended.
func pay(client *juicer.Client, reference string, card juicer.Card) {
	paid, err := take(client, reference, card)
	var failed *juicer.JuicerError
	switch {
	case errors.As(err, &failed) && failed.Outcome == juicer.OutcomeUnknown:
		fmt.Printf("%s: nobody knows yet; ask for it later with client.Resume(%q)\n", reference, failed.Key)
	case err != nil:
		fmt.Printf("%s: %v\n", reference, err)
	case paid.Succeeded():
		fmt.Printf("%s: paid %s %d.%02d\n", reference, paid.Data.Payment.Currency, paid.Data.Payment.Amount/100, paid.Data.Payment.Amount%100)
	case paid.Failure() != nil:
		fmt.Printf("%s: not paid: %s: %s\n", reference, paid.Failure().Code, paid.Failure().Message)
	default:
		fmt.Printf("%s: %s\n", reference, paid.Outcome())
	}
}

// take creates a session and captures it with the encrypted card.
func take(client *juicer.Client, reference string, card juicer.Card) (*juicer.Result[juicer.Session], error) {
	ctx := context.Background()
	session, err := client.PaymentSessions.Create(ctx, &juicer.CreatePaymentSession{
		Amount: 250000, Currency: juicer.CurrencyNGN, Reference: reference, Description: "Term fee",
		PaymentMethod: juicer.CreatePaymentSessionPaymentMethod{Type: "card"},
		Order:         &juicer.Order{Identifier: "INV-7", Items: []juicer.OrderItem{{Name: "Term fee", Type: "service"}}},
		Customer: juicer.CustomerInput{FirstName: "Ada", LastName: "Obi", Email: "ada@example.com", PhoneNumber: "+2348031234567",
			BillingAddress: juicer.CustomerInputBillingAddress{Line1: "5 Marina Road", City: "Lagos", Country: "NG", ZipCode: "100001"}},
	}, juicer.WithIdempotencyKey(reference+"-create"))
	if err != nil {
		return nil, err
	}
	sealed, err := client.Cards.Encrypt(ctx, card)
	if err != nil {
		return nil, err
	}
	return client.PaymentSessions.Capture(ctx, session.Data.ID, &juicer.Capture{Card: sealed}, juicer.WithIdempotencyKey(reference+"-capture"))
}
