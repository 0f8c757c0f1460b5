package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	juicer "github.com/juicer-pay/juicer/sdk/go"
)

// remote is the flags of commands that call a running server.
type remote struct {
	Target string `help:"URL of the API." default:"http://127.0.0.1:8080"`
	Key    string `help:"API key; better from the environment (JUICER_KEY)." required:""`
}

// cardCmd prints an encrypted card.
type cardCmd struct {
	remote
	Number string `arg:"" help:"Card number, e.g. 4000000000011009 (approved). GET /sandbox/catalogue lists all."`
	CVV    string `help:"Security code." default:"100"`
	Expiry string `help:"MM/YY." default:"01/39"`
}

// Run implements the command.
func (c *cardCmd) Run(t *terminal) error {
	card, err := c.remote.card(t.ctx, c.Number, c.CVV, c.Expiry)
	if err != nil {
		return err
	}
	line, err := json.Marshal(card)
	if err == nil {
		fmt.Fprintln(t.out, string(line))
	}
	return err
}

const callTime = 30 * time.Second

// client talks to the server.
func (r remote) client() (*juicer.Client, error) {
	return juicer.New(juicer.Config{BaseURL: r.Target, APIKey: r.Key})
}

// card encrypts as documented, with the key that the server gives out.
func (r remote) card(ctx context.Context, number, cvv, expiry string) (*juicer.CaptureCard, error) {
	if bare := strings.NewReplacer(" ", "", "-", "").Replace(number); strings.Trim(bare, "0123456789") != "" || len(bare) < 12 || len(bare) > 19 {
		return nil, errors.New("a card number has 12 to 19 digits, e.g. 4000000000011009")
	}
	var month, year int64
	if _, err := fmt.Sscanf(expiry, "%d/%d", &month, &year); err != nil {
		return nil, fmt.Errorf("--expiry must be MM/YY, e.g. 01/39")
	}
	client, err := r.client()
	if err != nil {
		return nil, err
	}
	sealed, err := client.Cards.Encrypt(ctx, juicer.Card{Number: number, CVV: cvv, ExpiryMonth: month, ExpiryYear: year}, juicer.WithTimeout(callTime))
	if err != nil {
		return nil, fmt.Errorf("fetch the encryption key: %w", refusal(err))
	}
	return sealed, nil
}

// call sends a request and gives back the body of the answer, also of a refusal. The
// error of a refusal has its code and its request id.
func (r remote) call(ctx context.Context, method, path string, body json.RawMessage, options ...juicer.Option) ([]byte, error) {
	client, err := r.client()
	if err != nil {
		return nil, err
	}
	var sent any
	if body != nil {
		sent = body
	}
	reply, err := client.Do(ctx, method, path, nil, nil, sent, append(options, juicer.WithTimeout(callTime))...)
	if err == nil {
		return reply.Raw, nil
	}
	var failed *juicer.JuicerError
	if errors.As(err, &failed) {
		return failed.Body, refusal(err)
	}
	return nil, err
}

// refusal is an error answer in one line; other errors stay as they are.
func refusal(err error) error {
	var answer *juicer.APIError
	switch {
	case !errors.As(err, &answer):
		return err
	case answer.Code == "":
		return errors.New("the answer is not one of Juicer: is --target right?")
	}
	return fmt.Errorf("%s: %s (request %s, see %s)", answer.Code, answer.Message, answer.RequestID(), answer.DocURL)
}
