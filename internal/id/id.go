// Package id makes and reads identifiers: UUID version 7 for objects, req_ and
// evt_ spellings of them, and the 22-character short form used in browser links.
package id

import (
	"encoding/base32"
	"encoding/binary"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Maker makes identifiers from an injected clock and entropy source, so that a
// simulation can make the same ones again. Safe for concurrent use if both are.
type Maker struct {
	Now     func() time.Time
	Entropy io.Reader
}

// New is a UUID version 7. Its sub-millisecond part is a fraction of the clock
// (RFC 9562, method 3), so ids made in one millisecond sort by creation.
func (m Maker) New() string { return m.raw().String() }

// Event is evt_ and the Crockford form of a UUID version 7.
func (m Maker) Event() string { return "evt_" + crockford(m.raw()) }

// Request is req_ and the Crockford form of a UUID version 7.
func (m Maker) Request() string { return "req_" + crockford(m.raw()) }

func (m Maker) raw() uuid.UUID {
	var u uuid.UUID
	if _, err := io.ReadFull(m.Entropy, u[8:]); err != nil {
		panic("id: entropy source failed: " + err.Error()) // no safe answer exists without entropy
	}
	at := m.Now()
	var stamp [8]byte
	binary.BigEndian.PutUint64(stamp[:], uint64(at.UnixMilli()))
	copy(u[:6], stamp[2:])
	fraction := uint16(int64(at.Nanosecond()) % 1e6 * 4096 / 1e6)
	u[6], u[7] = 0x70|byte(fraction>>8), byte(fraction)
	u[8] = 0x80 | u[8]&0x3f
	return u
}

// Valid reports whether s is a UUID in its canonical text form of any version,
// in either case.
func Valid(s string) bool {
	if len(s) != 36 {
		return false
	}
	_, err := uuid.Parse(s)
	return err == nil
}

// Fold is the lower-case form under which ids are stored.
func Fold(s string) string { return strings.ToLower(s) }

var crockfordAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// crockford writes 128 bits as 26 characters, most significant first: the value
// is padded with two zero bits in front, as ULIDs are.
func crockford(u uuid.UUID) string {
	var wide [20]byte // 160 bits = 32 characters; the last 26 hold the 128 bits
	copy(wide[4:], u[:])
	return crockfordAlphabet.EncodeToString(wide[:])[6:]
}

const shortLength = 22

// Short writes a UUID as 22 characters of base62 (0-9A-Za-z).
func Short(s string) string {
	u, err := uuid.Parse(s)
	if err != nil {
		return ""
	}
	return Base62(new(big.Int).SetBytes(u[:]), shortLength)
}

// Long reads what Short wrote; ok is false for anything else.
func Long(short string) (s string, ok bool) {
	if len(short) != shortLength {
		return "", false
	}
	n := new(big.Int)
	for _, c := range []byte(short) {
		d := strings.IndexByte(base62Digits, c)
		if d < 0 {
			return "", false
		}
		n.Add(n.Mul(n, big62), big.NewInt(int64(d)))
	}
	if n.BitLen() > 128 {
		return "", false
	}
	var u uuid.UUID
	n.FillBytes(u[:])
	return u.String(), true
}

const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var big62 = big.NewInt(62)

// Base62 writes n with the alphabet 0-9A-Za-z, most significant digit first,
// left-padded with 0 to width characters.
func Base62(n *big.Int, width int) string {
	out := []byte(strings.Repeat("0", width))
	rest, digit := new(big.Int).Set(n), new(big.Int)
	for i := width - 1; i >= 0 && rest.Sign() > 0; i-- {
		rest.DivMod(rest, big62, digit)
		out[i] = base62Digits[digit.Int64()]
	}
	return string(out)
}

// Named is the identifier of a thing that is the same everywhere and never made, such
// as a currency pair: a UUID version 5 of its name.
func Named(name string) string {
	space := uuid.MustParse("8f6d0a52-2f0c-4a3e-9a37-5b0a3c1c9e11") // chosen once; another one would rename everything
	return uuid.NewSHA1(space, []byte(name)).String()
}
