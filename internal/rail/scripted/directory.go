package scripted

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/juicer-pay/juicer/internal/rail"
)

// The endings of account numbers that decide how a bank answers when it is asked whose
// an account is.
const (
	endsImpossible = "9161"
	endsUnknown    = "9162"
	endsAway       = "9163"
	endsLate       = "9164"
	lateBy         = 10 * time.Second
)

// HolderEnding is an ending of an account number and what a bank answers about it.
type HolderEnding struct {
	Ending string `json:"ending"`
	Effect string `json:"effect"`
}

// holderEndings lists them for people who look.
func holderEndings() []HolderEnding {
	return []HolderEnding{
		{endsImpossible, "invalid_account_number"}, {endsUnknown, "account_not_found"}, {endsAway, "bank_not_available"},
		{endsLate, "the right answer after 10 s"},
	}
}

// adaNumber is the account of the examples, at every bank.
const (
	adaNumber = "0690000031"
	adaName   = "ADA OBI"
)

// holders are the names that accounts are held in.
var holders = [...]string{
	"CHIDI OKE", "AMINA BELLO", "TUNDE ADEYEMI", "NGOZI EZE", "IBRAHIM MUSA", "FUNKE ALABI", "EMEKA NWOSU", "ZAINAB YUSUF",
	"SEGUN BAKARE", "ADAEZE OKAFOR", "YAKUBU DANJUMA", "BISI OGUNLEYE", "KELECHI IGWE", "HALIMA SANI", "FEMI AKANDE", "UCHE MADU",
}

// Banks implements rail.Directory.
func (b *Bank) Banks(context.Context) ([]rail.Bank, error) {
	var out []rail.Bank
	for _, p := range personalities() {
		if p.BankCode != "" {
			out = append(out, rail.Bank{ID: bankID(p.BankCode), Code: p.BankCode, Name: p.BankName})
		}
	}
	slices.SortFunc(out, func(x, y rail.Bank) int { return strings.Compare(x.Code, y.Code) })
	return out, nil
}

// bankID follows from the code, so that every sandbox gives a bank the same id.
func bankID(code string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("juicer:bank:"+code)).String()
}

// HolderOf implements rail.Directory. What takes its time takes it by the bank's clock.
func (b *Bank) HolderOf(ctx context.Context, bankCode, number string) (string, error) {
	at := slices.IndexFunc(personalities(), func(p Personality) bool { return p.BankCode == bankCode && bankCode != "" })
	if at < 0 {
		return "", rail.ErrNoBank
	}
	now := b.cfg.Clock.Now()
	if personalities()[at].open(now).After(now) {
		return "", rail.ErrUnreachable
	}
	switch {
	case strings.HasSuffix(number, endsImpossible):
		return "", rail.ErrNoSuchNumber
	case strings.HasSuffix(number, endsUnknown):
		return "", rail.ErrNoAccount
	case strings.HasSuffix(number, endsAway):
		return "", rail.ErrUnreachable
	case strings.HasSuffix(number, endsLate):
		if err := b.cfg.Clock.Until(ctx, now.Add(lateBy)); err != nil {
			return "", fmt.Errorf("wait for bank %s: %w", bankCode, err)
		}
	}
	return holderOf(bankCode, number), nil
}

// holderOf is the name that a bank has for an account, always the same one.
func holderOf(bankCode, number string) string {
	if number == adaNumber {
		return adaName
	}
	sum := sha256.Sum256([]byte(bankCode + number))
	return holders[binary.BigEndian.Uint64(sum[:8])%uint64(len(holders))]
}
