// Package webhook delivers events to the endpoints of businesses: the bytes that are
// sent, how they are signed, when an attempt is repeated, which addresses may be reached,
// and the courier that carries all of it out.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Checksum is the documented checksum of an event: upper-case hex of HMAC-SHA-256 under
// the business id (not the id in our tables) over the event's name, a bar and the
// canonical data.
func Checksum(businessID, event string, data []byte) string {
	mac := hmac.New(sha256.New, []byte(strings.TrimSpace(businessID)))
	mac.Write([]byte(event + "|"))
	mac.Write(data)
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// Body is what is sent, byte for byte: checksum, data, event, in this order. data must be
// canonical; event names hold nothing that JSON would escape.
func Body(businessID, event string, data []byte) []byte {
	out := make([]byte, 0, len(head)+checksumLength+len(middle)+len(data)+len(tail(event)))
	out = append(out, head...)
	out = append(out, Checksum(businessID, event, data)...)
	out = append(out, middle...)
	out = append(out, data...)
	return append(out, tail(event)...)
}

const (
	head           = `{"checksum":"`
	middle         = `","data":`
	checksumLength = 2 * sha256.Size
)

func tail(event string) string { return `,"event":"` + event + `"}` }

// VerifyBody reports whether a body of this form carries the checksum of its own bytes,
// as a receiver finds out: without decoding or encoding anything.
func VerifyBody(businessID string, body []byte) bool {
	text := string(body)
	rest, ok := strings.CutPrefix(text, head)
	if !ok || len(rest) < checksumLength {
		return false
	}
	sum, rest := rest[:checksumLength], rest[checksumLength:]
	rest, ok = strings.CutPrefix(rest, middle)
	at := strings.LastIndex(rest, `,"event":"`)
	if !ok || at < 0 {
		return false
	}
	event, ok := strings.CutSuffix(rest[at+len(`,"event":"`):], `"}`)
	want := Checksum(businessID, event, []byte(rest[:at]))
	return ok && hmac.Equal([]byte(strings.ToUpper(sum)), []byte(want))
}
