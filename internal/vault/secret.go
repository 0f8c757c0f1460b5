package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

const (
	secretBytesMin = 32
	subkeyBytes    = 32

	atRestVersion = 1 // first byte of whatever SealAtRest makes
)

// Purpose names what a subkey of the server secret is for. Every purpose has its
// own key, so a hash or a ciphertext of one place means nothing in another.
type Purpose string

// The purposes in use. A name that has been used is never given another meaning:
// what was stored under it could no longer be read or compared.
const (
	ForAPIKeys         Purpose = "api-key"
	ForStorage         Purpose = "at-rest"
	forCardFingerprint Purpose = "card-fingerprint"
	forCardNumber      Purpose = "card-number"
	forCardCVV         Purpose = "card-cvv"
	forDigest          Purpose = "request-digest"
)

// ErrShortSecret is given for a server secret that could be guessed.
var ErrShortSecret = fmt.Errorf("server secret is shorter than %d bytes", secretBytesMin)

// ErrNotOurs is given for text that this secret did not seal under this label.
var ErrNotOurs = errors.New("sealed value does not belong to this server secret and label")

// Secret is the server secret, from which every other key is derived.
type Secret struct {
	hidden
	reveal func() []byte
}

// NewSecret takes at least 32 bytes, else ErrShortSecret.
func NewSecret(raw []byte) (Secret, error) {
	if len(raw) < secretBytesMin {
		return Secret{}, ErrShortSecret
	}
	kept := append([]byte(nil), raw...)
	return Secret{reveal: func() []byte { return kept }}, nil
}

// Subkey is the 32-byte key of one purpose: HKDF-SHA-256 of the secret.
func (s Secret) Subkey(p Purpose) []byte {
	key, err := hkdf.Key(sha256.New, s.reveal(), nil, "juicer/"+string(p), subkeyBytes)
	if err != nil {
		panic("vault: derive subkey: " + err.Error()) // only for lengths that secretBytesMin and subkeyBytes rule out
	}
	return key
}

// hasher is a keyed hash of some texts, in hex. ("ab", "c") and ("a", "bc") differ.
type hasher func(parts ...string) string

func (s Secret) hasher(p Purpose) hasher {
	key := s.Subkey(p)
	return func(parts ...string) string {
		mac := hmac.New(sha256.New, key)
		for _, part := range parts {
			_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) // a hash never fails to write
			_, _ = io.WriteString(mac, part)
		}
		return hex.EncodeToString(mac.Sum(nil))
	}
}

// SealAtRest encrypts plain for the database with AES-256-GCM under a random
// nonce. The label says where it is kept ("encryption_keys/<id>"); the same one
// must be given to open it, so rows cannot be swapped.
func (s Secret) SealAtRest(label string, plain []byte, entropy io.Reader) ([]byte, error) {
	gcm, err := s.atRest()
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1+gcm.NonceSize(), 1+gcm.NonceSize()+len(plain)+gcm.Overhead())
	out[0] = atRestVersion
	if _, err := io.ReadFull(entropy, out[1:]); err != nil {
		return nil, fmt.Errorf("seal %s: %w", label, err)
	}
	return gcm.Seal(out, out[1:], plain, []byte(label)), nil
}

// OpenAtRest reads what SealAtRest made, else ErrNotOurs.
func (s Secret) OpenAtRest(label string, sealed []byte) ([]byte, error) {
	gcm, err := s.atRest()
	if err != nil {
		return nil, err
	}
	head := 1 + gcm.NonceSize()
	if len(sealed) < head || sealed[0] != atRestVersion {
		return nil, fmt.Errorf("open %s: %w", label, ErrNotOurs)
	}
	plain, err := gcm.Open(nil, sealed[1:head], sealed[head:], []byte(label))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", label, ErrNotOurs)
	}
	return plain, nil
}

func (s Secret) atRest() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.Subkey(ForStorage))
	if err != nil {
		return nil, fmt.Errorf("storage cipher: %w", err)
	}
	return cipher.NewGCM(block)
}
