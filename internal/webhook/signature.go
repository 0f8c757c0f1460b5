package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	secretBytes  = 32
	secretPrefix = "whsec_"
	signVersion  = "v1,"
	// Tolerance is how far a receiver lets the timestamp be off.
	Tolerance = 5 * time.Minute
)

// ErrSecret is given for a text that is no secret of an endpoint.
var ErrSecret = errors.New("a webhook secret is whsec_ and base64")

// NewSecret makes the secret of an endpoint.
func NewSecret(entropy io.Reader) (string, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(entropy, raw); err != nil {
		return "", fmt.Errorf("make a webhook secret: %w", err)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(raw), nil
}

// Sign is the webhook-signature header: one Standard Webhooks signature for each secret,
// newest first.
func Sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	parts := make([]string, len(secrets))
	for i, secret := range secrets {
		sum, err := signature(secret, id, at.Unix(), body)
		if err != nil {
			return "", err
		}
		parts[i] = signVersion + base64.StdEncoding.EncodeToString(sum)
	}
	return strings.Join(parts, " "), nil
}

func signature(secret, id string, unix int64, body []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !ok {
		return nil, ErrSecret
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(unix, 10) + "."))
	mac.Write(body)
	return mac.Sum(nil), nil
}

// Verify reports why a receiver that knows one secret must refuse the headers and body;
// nil if it may take them.
func Verify(secret, id, timestamp, header string, body []byte, now time.Time) error {
	unix, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("webhook-timestamp %q is no number", timestamp)
	}
	if off := now.Sub(time.Unix(unix, 0)).Abs(); off > Tolerance {
		return fmt.Errorf("webhook-timestamp is %s off", off)
	}
	want, err := signature(secret, id, unix, body)
	if err != nil {
		return err
	}
	for _, part := range strings.Fields(header) {
		text, ok := strings.CutPrefix(part, signVersion)
		got, err := base64.StdEncoding.DecodeString(text)
		if ok && err == nil && hmac.Equal(got, want) {
			return nil
		}
	}
	return errors.New("no signature fits")
}
