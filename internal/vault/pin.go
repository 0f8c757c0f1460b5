package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A PIN has so few digits that a hash alone keeps nobody from trying all of them: it is
// keyed with the server secret first, and then made slow.
const (
	forPIN Purpose = "payout-pin"

	pinVersion   = "argon2id-1"
	pinSaltBytes = 16
	pinHashBytes = 32
	pinPasses    = 3
	pinMemoryKiB = 32 << 10
	pinLanes     = 1
)

var errPINHash = errors.New("a kept PIN hash has another form than ours")

// HashPIN is what is kept of a PIN.
func (s Secret) HashPIN(pin string, entropy io.Reader) (string, error) {
	salt := make([]byte, pinSaltBytes)
	if _, err := io.ReadFull(entropy, salt); err != nil {
		return "", fmt.Errorf("hash a PIN: %w", err)
	}
	enc := base64.RawStdEncoding
	return pinVersion + "$" + enc.EncodeToString(salt) + "$" + enc.EncodeToString(s.slowPIN(pin, salt)), nil
}

// CheckPIN reports whether a PIN is the one of which HashPIN made kept.
func (s Secret) CheckPIN(kept, pin string) (bool, error) {
	parts := strings.Split(kept, "$")
	if len(parts) != 3 || parts[0] != pinVersion {
		return false, errPINHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[1])
	if err != nil {
		return false, errPINHash
	}
	hash, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil {
		return false, errPINHash
	}
	return subtle.ConstantTimeCompare(hash, s.slowPIN(pin, salt)) == 1, nil
}

func (s Secret) slowPIN(pin string, salt []byte) []byte {
	mac := hmac.New(sha256.New, s.Subkey(forPIN))
	mac.Write([]byte(pin))
	return argon2.IDKey(mac.Sum(nil), salt, pinPasses, pinMemoryKiB, pinLanes, pinHashBytes)
}
