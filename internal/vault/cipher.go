package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	keyChars       = 32 // hex characters, used as 32 ASCII bytes: AES-256
	ivBytes        = 16 // documented form; GCM's usual 12 is refused
	tagBytes       = 16
	sealedCharsMax = 1024 // a card number needs about 100
)

// ErrEncryptionKey is given for a key that is not 32 hex characters.
var ErrEncryptionKey = errors.New("encryption key is not 32 hexadecimal characters")

// errSealed tells only that a text does not decrypt: why would help an attacker
// more than a caller.
var errSealed = errors.New("sealed text does not decrypt")

// NewEncryptionKey makes the text of a fresh key: 32 lower-case hex characters.
func NewEncryptionKey(entropy io.Reader) (string, error) {
	raw := make([]byte, keyChars/2)
	if _, err := io.ReadFull(entropy, raw); err != nil {
		return "", fmt.Errorf("make encryption key: %w", err)
	}
	return hex.EncodeToString(raw), nil
}

// Seal encrypts one value as a client does:
// hex(iv):hex(ciphertext):hex(tag) in lower case. iv is 16 bytes that were never
// used with this key before.
func Seal(plain, key string, iv []byte) (string, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	if len(iv) != ivBytes {
		return "", fmt.Errorf("iv has %d bytes, not %d", len(iv), ivBytes)
	}
	out := gcm.Seal(nil, iv, []byte(plain), nil)
	text, tag := out[:len(plain)], out[len(plain):]
	return hex.EncodeToString(iv) + ":" + hex.EncodeToString(text) + ":" + hex.EncodeToString(tag), nil
}

// open reverses Seal with one key, or gives errSealed.
func open(sealed string, gcm cipher.AEAD) (string, error) {
	iv, ciphertext, err := split(sealed)
	if err != nil {
		return "", err
	}
	plain, err := gcm.Open(nil, iv, ciphertext, nil)
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}

// split gives the IV and the ciphertext with its tag behind it, as GCM wants it.
func split(sealed string) (iv, ciphertext []byte, err error) {
	parts := strings.Split(sealed, ":")
	if len(sealed) > sealedCharsMax || len(parts) != 3 || len(parts[0]) != 2*ivBytes || len(parts[2]) != 2*tagBytes {
		return nil, nil, errSealed
	}
	iv, errIV := hex.DecodeString(parts[0])
	ciphertext, errText := hex.DecodeString(parts[1])
	tag, errTag := hex.DecodeString(parts[2])
	if errIV != nil || errText != nil || errTag != nil {
		return nil, nil, errSealed
	}
	return iv, append(ciphertext, tag...), nil
}

func newGCM(key string) (cipher.AEAD, error) {
	if _, err := hex.DecodeString(key); err != nil || len(key) != keyChars {
		return nil, ErrEncryptionKey
	}
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		return nil, fmt.Errorf("card cipher: %w", err)
	}
	return cipher.NewGCMWithNonceSize(block, ivBytes)
}
