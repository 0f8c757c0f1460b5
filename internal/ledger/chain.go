package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Link is the hash of a sealed entry: SHA-256 over the hash before it and every
// field of the entry, each with its length in front so that no two entries read
// alike. The first entry of a chain has "" before it.
func Link(before string, e Entry) string {
	h := sha256.New()
	field := func(s string) {
		h.Write(strconv.AppendInt(nil, int64(len(s)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(s))
	}
	for _, s := range []string{before, e.ID, e.Business, strconv.FormatInt(e.At.UnixMicro(), 10), e.Kind, e.Object, e.RailRef} {
		field(s)
	}
	for _, p := range e.Postings {
		field(string(p.Account))
		field(strconv.FormatInt(p.Amount, 10))
		field(string(p.Currency))
	}
	return hex.EncodeToString(h.Sum(nil))
}
