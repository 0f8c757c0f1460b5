package scripted

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/juicer-pay/juicer/internal/rail"
)

// The bank that gives out account numbers, and the digits by which they are known.
const (
	issuingBankCode = "999001"
	issuingBankName = "Steady Bank"
	issuedRange     = 100_000_000 // numbers are 99 and eight digits
)

// OpenAccount implements rail.Accounts. The number follows from the reference, so that
// asking again needs no memory.
func (b *Bank) OpenAccount(_ context.Context, o rail.AccountOrder) (rail.Account, error) {
	sum := sha256.Sum256([]byte("account:" + o.Ref))
	return rail.Account{Number: fmt.Sprintf("99%08d", binary.BigEndian.Uint64(sum[:8])%issuedRange),
		BankCode: issuingBankCode, BankName: issuingBankName}, nil
}
