package rail

import (
	"context"
	"errors"
)

// Directory is implemented by rails that know which banks there are and can ask one
// whose an account is.
type Directory interface {
	// Banks lists the banks whose accounts the rail reaches, in the order of their codes.
	Banks(ctx context.Context) ([]Bank, error)
	// HolderOf gives the name in which an account is held. It raises ErrNoBank,
	// ErrNoSuchNumber, ErrNoAccount; every other error means that the bank could not be
	// asked. It waits for the bank as long as ctx lasts.
	HolderOf(ctx context.Context, bankCode, number string) (string, error)
}

// Bank is one bank of a directory.
type Bank struct {
	ID   string // a UUID, always the same for a code
	Code string // 3..6 digits
	Name string
}

// The errors of Directory.
var (
	ErrNoBank       = errors.New("no bank has this code")
	ErrNoSuchNumber = errors.New("no account of the bank can have this number")
	ErrNoAccount    = errors.New("the bank has no account with this number")
)
