package wire

import (
	"slices"
	"strings"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/payment"
)

// Deposit is a deposit as every endpoint and its event show it.
type Deposit struct {
	Amount        int64         `json:"amount"`
	Beneficiary   DepositPlace  `json:"beneficiary"`
	CreatedAt     Time          `json:"created_at"`
	Currency      string        `json:"currency"`
	CustomerID    *string       `json:"customer_id"`
	Description   *string       `json:"description"`
	ID            string        `json:"id"`
	OccurredAt    Time          `json:"occurred_at"`
	PaymentMethod DepositPlace  `json:"payment_method"`
	Reference     string        `json:"reference"`
	Sender        DepositSender `json:"sender"`
	SenderName    *string       `json:"sender_name"`
	Status        string        `json:"status"`
	Type          string        `json:"type"`
	WalletID      *string       `json:"wallet_id"`
}

// DepositPlace is where the money came to.
type DepositPlace struct {
	AccountNumber string `json:"account_number,omitzero"`
	Address       string `json:"address,omitzero"`
	BankCode      string `json:"bank_code,omitzero"`
	BankName      string `json:"bank_name,omitzero"`
	Chain         string `json:"chain,omitzero"`
	Email         string `json:"email,omitzero"`
	Type          string `json:"type,omitzero"`
}

// DepositSender is who sent the money.
type DepositSender struct {
	Details DepositSenderDetails `json:"details"`
}

// DepositSenderDetails are null where the rail does not tell.
type DepositSenderDetails struct {
	AccountName   *string `json:"account_name"`
	AccountNumber *string `json:"account_number"`
	BankName      *string `json:"bank_name"`
}

// depositStatus is the outward word of each state.
var depositStatus = map[deposit.State]string{
	deposit.Pending: "pending", deposit.Held: "pending", deposit.Settled: "settled", deposit.Returning: "pending", deposit.Returned: "returned",
}

// DepositStatuses are the values of the status filter of GET /deposits.
var DepositStatuses = []string{"pending", "settled", "returned"}

// DepositStatesOf gives the states of listed deposits that a status stands for.
func DepositStatesOf(status string) (out [2]deposit.State) {
	listed := []deposit.State{deposit.Pending, deposit.Settled, deposit.Returning, deposit.Returned}
	fitting := slices.DeleteFunc(listed, func(s deposit.State) bool { return depositStatus[s] != status })
	copy(out[:], fitting)
	return out
}

// DepositView is d as every endpoint shows it.
func DepositView(d *deposit.Deposit) Deposit {
	k := d.Details
	return Deposit{Amount: d.Amount.Minor, Beneficiary: depositPlace(k), CreatedAt: At(d.CreatedAt), Currency: string(d.Amount.Currency),
		CustomerID: orNull(d.CustomerID), Description: orNull(k.Narration), ID: d.ID, OccurredAt: At(d.OccurredAt),
		PaymentMethod: depositMethod(k), Reference: d.Reference, SenderName: orNull(k.SenderName),
		Sender: DepositSender{DepositSenderDetails{AccountName: orNull(k.SenderName), AccountNumber: orNull(k.SenderAccount), BankName: orNull(k.SenderBank)}},
		Status: depositStatus[d.State], Type: "credit", WalletID: orNull(d.WalletID)}
}

func depositPlace(k deposit.Details) DepositPlace {
	switch k.Method {
	case payment.MethodCrypto:
		return DepositPlace{Address: k.Number, Chain: k.Chain}
	case payment.MethodInterac:
		if strings.Contains(k.Number, "@") {
			return DepositPlace{Email: k.Number}
		}
	}
	return DepositPlace{AccountNumber: k.Number, BankCode: k.BankCode, BankName: k.BankName}
}

// depositMethod is the place as a payment method: without the bank.
func depositMethod(k deposit.Details) DepositPlace {
	out := depositPlace(k)
	out.BankCode, out.BankName, out.Type = "", "", k.Method
	return out
}

// DepositEventData is a deposit as deposit.received carries it.
func DepositEventData(d *deposit.Deposit) []byte { return told(DepositView(d), nil) }
