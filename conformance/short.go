package conformance

import (
	"math/big"
	"strings"
)

const shortLength = 22

// shortID writes a UUID as 22 characters of base62, as browser links do.
func shortID(uuid string) string {
	n, ok := new(big.Int).SetString(strings.ReplaceAll(uuid, "-", ""), 16)
	if !ok {
		return ""
	}
	digits := make([]byte, shortLength)
	rest, base := new(big.Int), big.NewInt(int64(len(base62)))
	for i := shortLength - 1; i >= 0; i-- {
		n.DivMod(n, base, rest)
		digits[i] = base62[rest.Int64()]
	}
	return string(digits)
}
