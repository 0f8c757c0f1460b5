package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/vault"
	"github.com/juicer-pay/juicer/internal/world"
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

// sealed is the card object of a capture.
type sealed struct {
	CardNumber  string `json:"card_number"`
	CVV         string `json:"cvv"`
	ExpiryMonth int    `json:"expiry_month"`
	ExpiryYear  int    `json:"expiry_year"`
}

const callTime = 30 * time.Second

// card fetches the encryption key and encrypts as documented.
func (r remote) card(ctx context.Context, number, cvv, expiry string) (sealed, error) {
	if bare := strings.NewReplacer(" ", "", "-", "").Replace(number); strings.Trim(bare, "0123456789") != "" || len(bare) < 12 || len(bare) > 19 {
		return sealed{}, errors.New("a card number has 12 to 19 digits, e.g. 4000000000011009")
	}
	var month, year int
	if _, err := fmt.Sscanf(expiry, "%d/%d", &month, &year); err != nil {
		return sealed{}, fmt.Errorf("--expiry must be MM/YY, e.g. 01/39")
	}
	var key struct {
		Data struct {
			EncryptionKey string `json:"encryption_key"`
		} `json:"data"`
	}
	mode, _, _ := strings.Cut(r.Key, "_")
	body, err := r.call(ctx, http.MethodGet, "/payment-sessions/encryption-keys/"+mode, nil)
	if err == nil {
		err = json.Unmarshal(body, &key)
	}
	if err != nil {
		return sealed{}, fmt.Errorf("fetch the encryption key: %w", err)
	}
	out := sealed{ExpiryMonth: month, ExpiryYear: year}
	for _, part := range []struct {
		plain string
		into  *string
	}{{number, &out.CardNumber}, {cvv, &out.CVV}} {
		if *part.into, err = encrypt(part.plain, key.Data.EncryptionKey); err != nil {
			return out, err
		}
	}
	return out, nil
}

func encrypt(plain, key string) (string, error) {
	iv := make([]byte, 16)
	if _, err := io.ReadFull(world.Entropy, iv); err != nil {
		return "", err
	}
	return vault.Seal(plain, key, iv)
}

// call sends a request; an error answer becomes an error with its code and
// request id.
func (r remote) call(ctx context.Context, method, path string, body []byte, headers ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(r.Target, "/")+path, strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", r.Key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= http.StatusMultipleChoices {
		return out, refusal(out)
	}
	return out, err
}

// refusal is an error answer as an error.
func refusal(body []byte) error {
	var reply struct {
		Error struct {
			Code      string `json:"code"`
			Message   string `json:"message"`
			RequestID string `json:"request_id"`
			DocURL    string `json:"doc_url"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &reply) != nil || reply.Error.Code == "" {
		return errors.New("the answer is not one of Juicer: is --target right?")
	}
	e := reply.Error
	return fmt.Errorf("%s: %s (request %s, see %s)", e.Code, e.Message, e.RequestID, e.DocURL)
}
