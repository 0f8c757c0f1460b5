package rail

import "context"

// Accounts is implemented by rails that give out account numbers on which money can
// arrive.
type Accounts interface {
	// OpenAccount gives the account that belongs to the order's reference: the same one
	// however often it is asked.
	OpenAccount(ctx context.Context, o AccountOrder) (Account, error)
}

// AccountOrder asks for an account number.
type AccountOrder struct {
	Ref      string
	Rail     string
	Name     string // whose the account is to be
	Currency string
	Chain    string // of an address; "" where there is none
	Number   string // the number it is to have, where the owner brings it: an e-mail; else ""
}

// Account is one that was given out.
type Account struct {
	Number   string // ten digits, an address, an e-mail
	BankCode string // "" where there is no bank
	BankName string
}
