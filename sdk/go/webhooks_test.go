package juicer

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// webhookVectors is spec/vectors/webhook-checksum.json.
type webhookVectors struct {
	Vectors []struct {
		Name       string          `json:"name"`
		BusinessID string          `json:"business_id"`
		Event      string          `json:"event"`
		Data       json.RawMessage `json:"data"`
		Canonical  string          `json:"canonical_data"`
		Checksum   string          `json:"checksum"`
		Body       string          `json:"body"`
		ID         string          `json:"webhook_id"`
		Timestamp  int64           `json:"webhook_timestamp"`
		Secret     string          `json:"webhook_secret"`
		Signature  string          `json:"webhook_signature"`
	} `json:"vectors"`
	Rotation struct {
		ID        string   `json:"webhook_id"`
		Timestamp int64    `json:"webhook_timestamp"`
		Body      string   `json:"body"`
		Secrets   []string `json:"secrets"`
		Signature string   `json:"webhook_signature"`
	} `json:"rotation"`
	Reject []struct {
		Name       string `json:"name"`
		BusinessID string `json:"business_id"`
		Body       string `json:"body"`
	} `json:"reject"`
}

func readWebhookVectors(t *testing.T) webhookVectors {
	t.Helper()
	var v webhookVectors
	if err := json.Unmarshal(vectorFile(t, "webhook-checksum.json"), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Vectors) < 15 || len(v.Reject) < 8 {
		t.Fatalf("%d vectors, %d bodies to refuse", len(v.Vectors), len(v.Reject))
	}
	return v
}

func signedHeader(id string, at int64, signature string) http.Header {
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", strconv.FormatInt(at, 10))
	h.Set("webhook-signature", signature)
	return h
}

func TestEveryWebhookVectorAgrees(t *testing.T) {
	for _, v := range readWebhookVectors(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			canonical, err := CanonicalJSON(v.Data)
			equal(t, "error", err, nil)
			equal(t, "canonical data", string(canonical), v.Canonical)
			sum, err := WebhookChecksum(v.BusinessID, v.Event, v.Data)
			equal(t, "error", err, nil)
			equal(t, "checksum", sum, v.Checksum)
			now := func() time.Time { return time.Unix(v.Timestamp, 0) }
			h := signedHeader(v.ID, v.Timestamp, v.Signature)
			for name, w := range map[string]Webhook{"both": {Secret: v.Secret, BusinessID: v.BusinessID, Now: now}, "signature": {Secret: v.Secret, Now: now}, "checksum": {BusinessID: v.BusinessID}} {
				if w.Secret != "" && v.Signature == "" {
					continue // vectors of the checksum alone
				}
				e, err := w.Verify([]byte(v.Body), h)
				if err != nil || e.Event != v.Event || string(e.Data) == "" {
					t.Errorf("%s: %v %+v", name, err, e)
				}
			}
		})
	}
}

func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	v := readWebhookVectors(t)
	for _, r := range v.Reject {
		if _, err := (Webhook{BusinessID: r.BusinessID}).Verify([]byte(r.Body), http.Header{}); err == nil {
			t.Errorf("%s was accepted", r.Name)
		}
	}
	good := v.Vectors[0]
	at := time.Unix(good.Timestamp, 0)
	for name, c := range map[string]struct {
		w    Webhook
		h    http.Header
		body string
		want error
	}{
		"too old":           {Webhook{Secret: good.Secret, Now: func() time.Time { return at.Add(301 * time.Second) }}, signedHeader(good.ID, good.Timestamp, good.Signature), good.Body, ErrWebhookTime},
		"from the future":   {Webhook{Secret: good.Secret, Now: func() time.Time { return at.Add(-301 * time.Second) }}, signedHeader(good.ID, good.Timestamp, good.Signature), good.Body, ErrWebhookTime},
		"another id":        {Webhook{Secret: good.Secret, Now: func() time.Time { return at }}, signedHeader("evt_x", good.Timestamp, good.Signature), good.Body, ErrWebhookSignature},
		"no signature":      {Webhook{Secret: good.Secret, Now: func() time.Time { return at }}, http.Header{}, good.Body, ErrWebhookSignature},
		"version 2":         {Webhook{Secret: good.Secret, Now: func() time.Time { return at }}, signedHeader(good.ID, good.Timestamp, strings.Replace(good.Signature, "v1", "v2", 1)), good.Body, ErrWebhookSignature},
		"a byte changed":    {Webhook{Secret: good.Secret, Now: func() time.Time { return at }}, signedHeader(good.ID, good.Timestamp, good.Signature), strings.Replace(good.Body, "10000", "10001", 1), ErrWebhookSignature},
		"names in capitals": {Webhook{BusinessID: good.BusinessID}, http.Header{}, strings.Replace(good.Body, `"data"`, `"Data"`, 1), ErrWebhookBody},
		"no JSON":           {Webhook{BusinessID: good.BusinessID}, http.Header{}, good.Body + "x", ErrWebhookBody},
	} {
		if _, err := c.w.Verify([]byte(c.body), c.h); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := (Webhook{}).Verify([]byte(good.Body), http.Header{}); err == nil {
		t.Error("without a secret everything is accepted")
	}
}

func TestAnotherSendersOrderIsAccepted(t *testing.T) {
	sum, err := WebhookChecksum("biz", "e", []byte(`{"a":1,"b":"ü"}`))
	equal(t, "error", err, nil)
	body := `{"event":"e","data":{"b" : "\u00fc", "a":1},"checksum":"` + strings.ToLower(sum) + `","version":2}`
	if _, err := (Webhook{BusinessID: "biz"}).Verify([]byte(body), http.Header{}); err != nil {
		t.Error(err)
	}
}

func TestWhileASecretIsRotatedBothFit(t *testing.T) {
	r := readWebhookVectors(t).Rotation
	for _, secret := range r.Secrets {
		w := Webhook{Secret: secret, Now: func() time.Time { return time.Unix(r.Timestamp, 0) }}
		if _, err := w.Verify([]byte(r.Body), signedHeader(r.ID, r.Timestamp, r.Signature)); err != nil {
			t.Errorf("%s: %v", secret, err)
		}
	}
}
