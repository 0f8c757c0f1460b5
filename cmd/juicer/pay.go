package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/world"
	juicer "github.com/juicer-pay/juicer/sdk/go"
)

// payCmd takes a test payment step by step.
type payCmd struct {
	remote
	Number   string `help:"Card number." default:"4000000000011009"`
	Amount   int64  `help:"Amount in minor units." default:"250000"`
	Currency string `help:"Currency." default:"NGN"`
	OTP      string `help:"One-time password, if the card asks for one." default:"123456"`
}

// Run implements the command.
func (c *payCmd) Run(t *terminal) error {
	reference := "try-" + id.Maker{Now: world.RealNow, Entropy: world.Entropy}.Request()[4:]
	session, err := c.step(t, "1. Create a payment session", http.MethodPost, "/payment-sessions", c.session(reference), reference+"-create")
	if err != nil {
		return err
	}
	card, err := c.remote.card(t.ctx, c.Number, "100", "01/39")
	if err != nil {
		return err
	}
	path := "/payment-sessions/" + session.Data.ID
	after, err := c.step(t, "2. Capture it with the encrypted card", http.MethodPost, path, map[string]any{"card": card}, reference+"-capture")
	if err != nil {
		return err
	}
	if after.Data.AuthType != nil && *after.Data.AuthType == "otp" {
		_, err = c.step(t, "3. The bank wants a one-time password", http.MethodPost, path+"/authorize", map[string]any{"otp": c.OTP}, reference+"-otp")
		if err != nil {
			return err
		}
	}
	_, err = c.step(t, "Last: look it up by your own reference", http.MethodGet, "/payments/"+reference, nil, "")
	return err
}

func (c *payCmd) session(reference string) map[string]any {
	return map[string]any{
		"amount": c.Amount, "currency": c.Currency, "description": "Test payment", "reference": reference,
		"customer": map[string]any{"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567",
			"billing_address": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}},
		"order":          map[string]any{"identifier": "INV-7", "items": []any{map[string]any{"name": "Term fee", "type": "service"}}},
		"payment_method": map[string]any{"type": "card"},
	}
}

// payment is what the steps look at.
type paid struct {
	Data struct {
		ID       string  `json:"id"`
		AuthType *string `json:"auth_type"`
	} `json:"data"`
}

// step sends one request and shows both sides of it.
func (c *payCmd) step(t *terminal, title, method, path string, body any, key string) (out paid, err error) {
	var sent json.RawMessage
	var options []juicer.Option
	if body != nil {
		if sent, err = json.Marshal(body); err != nil {
			return out, err
		}
		options = []juicer.Option{juicer.WithIdempotencyKey(key)}
	}
	fmt.Fprintf(t.out, "%s\n%s %s\n", title, method, path)
	show(t, "> ", sent)
	reply, err := c.call(t.ctx, method, path, sent, options...)
	show(t, "< ", reply)
	fmt.Fprintln(t.out)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(reply, &out)
}

func show(t *terminal, mark string, body []byte) {
	var pretty bytes.Buffer
	if len(body) == 0 || json.Indent(&pretty, body, mark, "  ") != nil {
		return
	}
	fmt.Fprintf(t.out, "%s%s\n", mark, pretty.String())
}
