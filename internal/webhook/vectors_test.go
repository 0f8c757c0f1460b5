package webhook_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/wire"
)

type vectorFile struct {
	Vectors []struct {
		Name, Event, Checksum, Body, Secret string
		BusinessID                          string          `json:"business_id"`
		Canonical                           string          `json:"canonical_data"`
		Data                                json.RawMessage `json:"data"`
		Emitted                             bool
		ID                                  string `json:"webhook_id"`
		Timestamp                           int64  `json:"webhook_timestamp"`
		Signature                           string `json:"webhook_signature"`
	}
	Rotation struct {
		ID        string `json:"webhook_id"`
		Timestamp int64  `json:"webhook_timestamp"`
		Signature string `json:"webhook_signature"`
		Body      string
		Secrets   []string
	}
	Reject []struct {
		Name, Why, Body string
		BusinessID      string `json:"business_id"`
	}
	Metadata []struct {
		Name, Stored string
		Sent         *string
		Omitted      int64 `json:"metadata_omitted"`
	}
}

func vectors(t *testing.T) (f vectorFile) {
	t.Helper()
	raw, err := os.ReadFile("../../spec/vectors/webhook-checksum.json")
	must(t, err)
	must(t, json.Unmarshal(raw, &f))
	if len(f.Vectors) != 15 || len(f.Reject) != 8 || len(f.Metadata) != 13 {
		t.Fatalf("the file holds %d vectors, %d bodies to refuse and %d metadata cases, want 15, 8 and 13", len(f.Vectors), len(f.Reject), len(f.Metadata))
	}
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestTheVectorsAgree(t *testing.T) {
	for _, v := range vectors(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			data, err := wire.Parse(v.Data)
			must(t, err)
			equal(t, "canonical data", string(data.Canonical()), v.Canonical)
			equal(t, "checksum", webhook.Checksum(v.BusinessID, v.Event, []byte(v.Canonical)), v.Checksum)
			body := webhook.Body(v.BusinessID, v.Event, []byte(v.Canonical))
			equal(t, "body", string(body), v.Body)
			equal(t, "the receiver's own look", webhook.VerifyBody(v.BusinessID, body), true)
			if v.Secret == "" {
				return
			}
			signed, err := webhook.Sign([]string{v.Secret}, v.ID, time.Unix(v.Timestamp, 0), body)
			must(t, err)
			equal(t, "signature", signed, v.Signature)
		})
	}
}

func TestWhileASecretOverlapsEitherVerifies(t *testing.T) {
	r := vectors(t).Rotation
	at := time.Unix(r.Timestamp, 0)
	signed, err := webhook.Sign(r.Secrets, r.ID, at, []byte(r.Body))
	must(t, err)
	equal(t, "signature", signed, r.Signature)
	stamp := "1795339801"
	for _, secret := range r.Secrets {
		must(t, webhook.Verify(secret, r.ID, stamp, signed, []byte(r.Body), at))
	}
	for why, err := range map[string]error{
		"another body":    webhook.Verify(r.Secrets[0], r.ID, stamp, signed, []byte(r.Body+" "), at),
		"another id":      webhook.Verify(r.Secrets[0], "evt_2", stamp, signed, []byte(r.Body), at),
		"another secret":  webhook.Verify("whsec_AAAA", r.ID, stamp, signed, []byte(r.Body), at),
		"too old":         webhook.Verify(r.Secrets[0], r.ID, stamp, signed, []byte(r.Body), at.Add(webhook.Tolerance+time.Second)),
		"from the future": webhook.Verify(r.Secrets[0], r.ID, stamp, signed, []byte(r.Body), at.Add(-webhook.Tolerance-time.Second)),
		"no timestamp":    webhook.Verify(r.Secrets[0], r.ID, "", signed, []byte(r.Body), at),
	} {
		if err == nil {
			t.Errorf("%s is verified", why)
		}
	}
}

func TestForgedBodiesAreRefused(t *testing.T) {
	for _, v := range vectors(t).Reject {
		if webhook.VerifyBody(v.BusinessID, []byte(v.Body)) {
			t.Errorf("%s (%s) is taken", v.Name, v.Why)
		}
	}
}

func TestMetadataTravelsPruned(t *testing.T) {
	for _, v := range vectors(t).Metadata {
		t.Run(v.Name, func(t *testing.T) {
			sent, omitted := wire.PrunedMetadata([]byte(v.Stored))
			want := ""
			if v.Sent != nil {
				want = *v.Sent
			}
			equal(t, "sent", string(sent), want)
			equal(t, "omitted", omitted, v.Omitted)
		})
	}
}

// The secret of an endpoint is whsec_ and 32 bytes.
func TestSecrets(t *testing.T) {
	secret, err := webhook.NewSecret(strings.NewReader(strings.Repeat("x", 40)))
	must(t, err)
	equal(t, "length", len(secret), len("whsec_")+44)
	if _, err := webhook.NewSecret(strings.NewReader("short")); err == nil {
		t.Error("a secret is made without entropy")
	}
}
