package conformance

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"
)

// The suite stands outside the server, so it has its own clock and dice; they
// are used through these functions only.

func now() time.Time { return time.Now() }

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// randomBytes gives n bytes for an initialisation vector.
func randomBytes(n int) []byte {
	out := make([]byte, n)
	rand.Read(out) // never fails: the runtime ends the process instead
	return out
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// randomText gives n characters of base62.
func randomText(n int) string {
	out := make([]byte, n)
	for i := range out {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(base62))))
		if err != nil {
			panic("conformance: entropy source failed: " + err.Error()) // nothing random can be had
		}
		out[i] = base62[k.Int64()]
	}
	return string(out)
}
