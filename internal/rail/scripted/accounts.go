package scripted

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/juicer-pay/juicer/internal/rail"
)

// The bank that gives out account numbers, and the digits by which they are known.
const (
	issuingBankCode = "999001"
	issuingBankName = "Steady Bank"
	issuedRange     = 100_000_000 // numbers are 99 and eight digits
	numberTriesMax  = 16          // until one is free
)

// The kinds of the rows of instructions that no instruction stands behind.
const (
	kindAccount  rail.Kind = "account"  // counts the money on an account that was opened
	kindTransfer rail.Kind = "transfer" // money that came from outside
)

// account is one that the bank has opened.
type account struct {
	Ref, Rail, Number, Name, Currency, Chain, BankCode, BankName string
	Opened                                                       int64
}

// OpenAccount implements rail.Accounts. The account is in the bank's books when it
// returns; rail.ErrUnreachable while the rail is down.
func (b *Bank) OpenAccount(_ context.Context, o rail.AccountOrder) (rail.Account, error) {
	var a *account
	err := b.writer.do(func(t *txn) (err error) {
		a, err = t.open(o)
		return err
	})
	if err != nil {
		return rail.Account{}, fmt.Errorf("the bank opens an account for %s: %w", o.Ref, err)
	}
	return rail.Account{Number: a.Number, BankCode: a.BankCode, BankName: a.BankName}, nil
}

func (t *txn) open(o rail.AccountOrder) (*account, error) {
	set, err := t.setting(o.Rail)
	if err != nil {
		return nil, err
	}
	if t.bank.isDown(set, t.now) {
		return nil, rail.ErrUnreachable
	}
	if a, err := t.account(accountByRef, o.Ref); a != nil || err != nil {
		return a, err
	}
	a := &account{Ref: o.Ref, Rail: o.Rail, Name: o.Name, Currency: o.Currency, Chain: o.Chain, Opened: t.now.UnixMicro()}
	if a.banked() {
		a.BankCode, a.BankName = issuingBankCode, issuingBankName
	}
	if a.Number, err = t.freeNumber(a, o.Number); err != nil {
		return nil, err
	}
	if _, err := t.exec(insertAccount, a.Ref, a.Rail, a.Number, a.Name, a.Currency, a.Chain, a.BankCode, a.BankName, a.Opened); err != nil {
		return nil, fmt.Errorf("write an account: %w", err)
	}
	return a, t.put(&instruction{Ref: a.Ref, Root: a.Ref, Rail: a.Rail, Kind: kindAccount, Currency: a.Currency, Masked: a.Number,
		Provider: providerRef(a.Rail, a.Ref), Last: a.Ref, outcome: approved(), Told: true, Created: a.Opened})
}

// banked reports whether a bank of the list stands behind the account.
func (a *account) banked() bool {
	return a.Rail == railNuban || a.Rail == railACH || a.Rail == railWire
}

// freeNumber is the wanted number, or one that nobody has. It follows from the
// reference, so that the same books give the same numbers.
func (t *txn) freeNumber(a *account, wanted string) (string, error) {
	if wanted != "" {
		there, err := t.account(accountByNumber, wanted)
		if err == nil && there != nil {
			err = ErrOtherFields
		}
		return wanted, err
	}
	for try := range numberTriesMax {
		number := a.numbered(try)
		there, err := t.account(accountByNumber, number)
		if err != nil || there == nil {
			return number, err
		}
	}
	return "", errors.New("the bank has run out of numbers")
}

func (a *account) numbered(try int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "account:%s:%d", a.Ref, try))
	n := new(big.Int).SetBytes(sum[:])
	switch {
	case a.banked():
		return fmt.Sprintf("99%08d", n.Mod(n, big.NewInt(issuedRange)))
	case a.Chain == chainTron:
		return "T" + base58(n)[:33]
	case a.Chain != "":
		return "0x" + hex.EncodeToString(sum[:20])
	}
	return a.Rail + "-" + hex.EncodeToString(sum[:12])
}

const (
	chainTron      = "TRX"
	base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
)

// base58 writes a number of 256 bits with 44 digits.
func base58(n *big.Int) string {
	var out strings.Builder
	rest, digit, base := new(big.Int).Set(n), new(big.Int), big.NewInt(58)
	for range 44 {
		rest.DivMod(rest, base, digit)
		out.WriteByte(base58Alphabet[digit.Int64()])
	}
	return out.String()
}

// account reads one; nil if there is none.
func (t *txn) account(q query, key string) (*account, error) {
	var a account
	err := t.row(q, []any{key}, &a.Ref, &a.Rail, &a.Number, &a.Name, &a.Currency, &a.Chain, &a.BankCode, &a.BankName, &a.Opened)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read an account: %w", err)
	}
	return &a, nil
}
