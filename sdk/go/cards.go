package juicer

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// Cards encrypts card data, so that it is nowhere in clear outside this process.
type Cards struct{ c *Client }

// Card is a card in clear. Do not log it.
type Card struct {
	Number      string // 12 to 19 digits; blanks and hyphens are allowed
	CVV         string // 3 or 4 digits
	ExpiryMonth int64  // 1 to 12
	ExpiryYear  int64  // 39 or 2039
	Name        string // optional
}

// String hides the card from every kind of printing.
func (Card) String() string { return "[card]" }

// GoString does the same for %#v.
func (Card) GoString() string { return "[card]" }

// Encrypt fetches the key of the environment (with a Cache, once an hour) and encrypts
// the card for PaymentSessions.Capture.
func (s *Cards) Encrypt(ctx context.Context, card Card, options ...Option) (*CaptureCard, error) {
	mode, _, _ := strings.Cut(strings.TrimPrefix(s.c.key, "Bearer "), "_")
	key, err := s.c.PaymentSessions.EncryptionKey(ctx, mode, options...)
	if err != nil {
		return nil, err
	}
	return EncryptCard(key.Data.EncryptionKey, card)
}

// EncryptCard encrypts a card with a key of EncryptionKey.
func EncryptCard(key string, card Card) (*CaptureCard, error) {
	number, err := EncryptField(key, card.Number)
	if err != nil {
		return nil, err
	}
	cvv, err := EncryptField(key, card.CVV)
	if err != nil {
		return nil, err
	}
	return &CaptureCard{CardNumber: number, CVV: cvv, ExpiryMonth: card.ExpiryMonth, ExpiryYear: card.ExpiryYear, Name: card.Name}, nil
}

const (
	ivBytes  = 16
	tagBytes = 16
)

// EncryptField encrypts one value under a fresh IV: AES-256-GCM with the 32 ASCII bytes
// of key, written hex(iv):hex(ciphertext):hex(tag).
func EncryptField(key, plain string) (string, error) {
	iv := make([]byte, ivBytes)
	rand.Read(iv) // never fails
	return seal(key, plain, iv)
}

func seal(key, plain string, iv []byte) (string, error) {
	gcm, err := cardCipher(key)
	if err != nil {
		return "", err
	}
	sealed := gcm.Seal(nil, iv, []byte(plain), nil)
	cut := len(sealed) - tagBytes
	return hex.EncodeToString(iv) + ":" + hex.EncodeToString(sealed[:cut]) + ":" + hex.EncodeToString(sealed[cut:]), nil
}

func cardCipher(key string) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("juicer: an encryption key has 32 characters, this one %d", len(key))
	}
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithNonceSize(block, ivBytes)
}
