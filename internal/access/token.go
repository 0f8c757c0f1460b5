package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math/big"
	"strings"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
)

// Env is an environment that keys belong to.
type Env string

// The environments.
const (
	Test Env = "test"
	Live Env = "live"
)

// The shape of a key: test_ or live_, random characters,
// checksum.
const (
	envChars      = 5 // "test_"
	randomChars   = 30
	checksumChars = 6
	keyChars      = envChars + randomChars + checksumChars

	prefixShown = 12
	lastShown   = 4

	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// The values of details.reason of invalid_api_key.
const (
	malformed     = "malformed"
	wrongChecksum = "checksum"
	unknown       = "unknown"
)

// New makes the text of a key. It is shown to its owner once and kept nowhere.
func New(env Env, entropy io.Reader) (string, error) {
	random, err := randomBase62(entropy, randomChars)
	if err != nil {
		return "", fmt.Errorf("make API key: %w", err)
	}
	body := string(env) + "_" + random
	return body + checksum(body), nil
}

// randomBase62 takes one character per byte and throws away bytes that would make
// some characters likelier than others.
func randomBase62(entropy io.Reader, n int) (string, error) {
	const fair = 256 - 256%len(base62)
	out := make([]byte, 0, n)
	for len(out) < n {
		raw := make([]byte, n-len(out))
		if _, err := io.ReadFull(entropy, raw); err != nil {
			return "", err
		}
		for _, b := range raw {
			if int(b) < fair {
				out = append(out, base62[int(b)%len(base62)])
			}
		}
	}
	return string(out), nil
}

func checksum(body string) string {
	return id.Base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), checksumChars)
}

// Presented is a well-formed key as a request brings it. Printing it shows its
// first characters only.
type Presented struct {
	Env   Env
	plain func() string
}

// Parse reads an Authorization header: the key alone, or after Bearer in any
// case. It raises problem.MissingAPIKey for an empty one, problem.InvalidAPIKey
// with details.reason malformed or checksum.
func Parse(header string) (Presented, error) {
	key, ok := credential(header)
	switch {
	case ok && key == "":
		return Presented{}, problem.MissingAPIKey.With(nil)
	case !ok || !wellFormed(key):
		return Presented{}, invalid(malformed)
	case key[keyChars-checksumChars:] != checksum(key[:keyChars-checksumChars]):
		return Presented{}, invalid(wrongChecksum)
	}
	return Presented{Env: Env(key[:envChars-1]), plain: func() string { return key }}, nil
}

// credential is the header without scheme and blanks; ok is false for a scheme
// other than Bearer.
func credential(header string) (key string, ok bool) {
	const blanks = " \t"
	value := strings.Trim(header, blanks)
	scheme, rest := value, ""
	if i := strings.IndexAny(value, blanks); i >= 0 {
		scheme, rest = value[:i], strings.Trim(value[i:], blanks)
	}
	if strings.EqualFold(scheme, "Bearer") {
		return rest, true
	}
	return value, rest == ""
}

func wellFormed(key string) bool {
	if len(key) != keyChars {
		return false
	}
	if env := key[:envChars]; env != string(Test)+"_" && env != string(Live)+"_" {
		return false
	}
	return strings.Trim(key[envChars:], base62) == ""
}

func invalid(reason string) *problem.Error {
	return problem.InvalidAPIKey.With(problem.Details{"reason": reason})
}

// Prefix is the beginning of the key, which may be stored and shown.
func (p Presented) Prefix() string { return prefix(p.plain()) }

// Hash is what the key is found by.
func (p Presented) Hash(hashKey []byte) string { return Hash(hashKey, p.plain()) }

// Hash is HMAC-SHA-256 of a key's text under the server's key for API keys, in
// hex: the only form in which a key is stored.
func Hash(hashKey []byte, plain string) string {
	mac := hmac.New(sha256.New, hashKey)
	_, _ = io.WriteString(mac, plain) // a hash never fails to write
	return hex.EncodeToString(mac.Sum(nil))
}

func prefix(plain string) string { return plain[:prefixShown] }

// Format implements fmt.Formatter.
func (p Presented) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// String implements fmt.Stringer.
func (p Presented) String() string {
	if p.plain == nil {
		return "[no key]"
	}
	return p.Prefix() + "..."
}

// LogValue implements slog.LogValuer.
func (p Presented) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText implements encoding.TextMarshaler.
func (p Presented) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
