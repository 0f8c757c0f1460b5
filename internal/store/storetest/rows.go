package storetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/juicer-pay/juicer/internal/deposit"
	"github.com/juicer-pay/juicer/internal/ledger"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/payment"
	"github.com/juicer-pay/juicer/internal/rail"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wallet"
)

const (
	ada  = "01a20000-0000-7000-8000-0000000000aa" // a business
	bola = "01a20000-0000-7000-8000-0000000000bb" // another one
)

// noon is when the rows of these tests are made, with a fraction that shows
// whether a database cuts it.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)

func at(d time.Duration) time.Time { return noon.Add(d) }

func ptr[T any](v T) *T { return &v }

// number is an id that sorts by n.
func number(n int) string { return fmt.Sprintf("01a20297-4dc0-7000-8000-%012d", n) }

// fullPayment has a value in every field.
func fullPayment(n int) *payment.Payment {
	return &payment.Payment{
		ID: number(n), Business: ada, Reference: fmt.Sprint("ord_", n), Amount: money.Of(250000, money.NGN), Method: payment.MethodCard,
		State: payment.Processing, Version: 7, CustomerID: "c-1", CorrelationID: "k-1",
		Fixed: payment.Fixed{Description: "Term fee “JSS2”", RedirectURL: "https://shop.example/back",
			Customer: json.RawMessage(`{"email":"ada@example.com"}`), Order: json.RawMessage(`{"identifier":"INV-7"}`), Metadata: json.RawMessage(`{"class":"JSS2"}`)},
		Course: payment.Course{
			Card:     &payment.Card{MethodID: "m", Masked: "401200******0026", ExpiryMonth: 1, ExpiryYear: 2039, Fingerprint: "f"},
			AuthType: "3ds", PageURL: "https://bank.example/p", Failure: &payment.Failure{Code: "card_declined", Reason: "05", AttemptsLeft: 2},
			Provider: "card-1", CancellationReason: "no", Giving: payment.Cancel, Challenged: "x/1", Executed: "x/2", Attempted: 100,
		},
		AmountPaid: 4, AmountRefunded: 3, Unsettled: 2, Steps: 5,
		CreatedAt: at(0), UpdatedAt: at(time.Second), ExpiresAt: at(12 * time.Hour),
	}
}

// newPayment is a fresh payment created so long after noon.
func newPayment(n int, after time.Duration) *payment.Payment {
	p := fullPayment(n)
	p.State, p.Version, p.Course, p.CreatedAt = payment.Created, 0, payment.Course{}, at(after)
	return p
}

// fullRefund has a value in every field.
func fullRefund(n int) *payment.Refund {
	return &payment.Refund{
		ID: number(n), Business: ada, PaymentID: number(1), Reference: fmt.Sprint("rf_", n), Amount: money.Of(50000, money.NGN),
		Reason: "One book missing", State: payment.RefundProcessing, Source: payment.FromWallet,
		Failure: &payment.Failure{Code: "account_closed", Reason: "46"}, Steps: 1, Version: 3, CreatedAt: at(0), UpdatedAt: at(time.Minute),
	}
}

// fullInstruction has a value in every field.
func fullInstruction(object string, step int) *store.Instruction {
	return &store.Instruction{
		Ref: fmt.Sprintf("%s/%d", object, step), Business: ada, ObjectType: "payment", ObjectID: object, Rail: "card", Kind: rail.Charge,
		Target: "t/1", Amount: money.Of(100, money.NGN), Answer: "accepted", Provider: "card-1", Sends: 2, Asks: 3, Node: "host-1",
		SentAt: at(time.Duration(step) * time.Second), DoubtAt: ptr(at(time.Minute)), ClosedAt: ptr(at(time.Hour)),
	}
}

// openInstruction is one without an outcome.
func openInstruction(object string, step int) *store.Instruction {
	i := fullInstruction(object, step)
	i.DoubtAt, i.ClosedAt, i.Answer = nil, nil, ""
	return i
}

// fullDeposit has a value in every field.
func fullDeposit(n int) *deposit.Deposit {
	return &deposit.Deposit{
		ID: number(n), Business: ada, Rail: "nuban", Reference: fmt.Sprint("99900126112209310800000000000", n), PaymentID: number(1),
		WalletID: "w-1", CustomerID: "c-1", Amount: money.Of(500000, money.NGN), State: deposit.Settled, Listed: true,
		Details: deposit.Details{Method: payment.MethodBank, Number: "9900000425", BankCode: "999001", BankName: "Steady Bank", Chain: "TRX",
			Narration: "Fees “JSS2”", SenderName: "CHIDI OKE", SenderAccount: "0123456789", SenderBank: "Slow Bank"},
		Steps: 2, Version: 3, OccurredAt: at(-2 * time.Second), CreatedAt: at(0), UpdatedAt: at(time.Second),
	}
}

// fullCustomer has a value in every field.
func fullCustomer(n int, email string) *party.Customer {
	return &party.Customer{ID: number(n), Business: ada, Status: party.PendingKYC, Version: 3, CreatedAt: at(0), UpdatedAt: at(time.Second),
		Profile: party.Profile{Address: party.Address{City: "Lagos", Country: "NG", Line1: "5 Marina Road", Line2: ptr("Flat 2"), State: ptr("Lagos"),
			ZipCode: "100001"}, Email: email, FirstName: "Ada", LastName: "Obi", Metadata: json.RawMessage(`{"a":"“b”"}`), PhoneNumber: "+2348031234567",
			Type: party.Individual}}
}

// fullBeneficiary has a value in every field.
func fullBeneficiary(n int) *party.Beneficiary {
	home := &party.Address{City: "Austin", Country: "US", Line1: "1 Main St", Line2: ptr("Flat 2"), State: ptr("TX"), ZipCode: "73301"}
	return &party.Beneficiary{ID: number(n), Business: ada, Type: party.ToBank, Currency: money.NGN, Answer: "sealed", Status: party.BeneficiaryActive, CreatedAt: at(0),
		Details: party.Details{AccountName: "ADA “OBI”", AccountNumber: fmt.Sprintf("%010d", n), BankCode: "999001", BankName: "Steady Bank", BankID: "b", Rail: party.Nuban,
			RoutingNumber: "021000021", SortCode: "s", BIC: "b", Address: home, BankAddress: home, Chain: "ETH", CryptoAddress: "0x1", RecipientType: "personal",
			FirstName: "Ada", LastName: "Obi", Email: "ada@example.com", PhoneNumber: "+14165550123", AutoDeposit: true, SecurityQuestion: "Who?",
			Metadata: json.RawMessage(`{"a":1}`)}}
}

// fullWallet has a value in every field.
func fullWallet(n int) wallet.Wallet {
	return wallet.Wallet{ID: number(n), Business: ada, Owner: "c-1", CustomerID: "c-1", AccountID: "a-1", Currency: money.NGN,
		Status: wallet.Frozen, Version: 3, CreatedAt: at(0), UpdatedAt: at(time.Second)}
}

// fullAccount is an account that has no number yet, with a value in every other field.
func fullAccount(n int) wallet.Account {
	return wallet.Account{ID: number(90 + n), Wallet: number(n), Business: ada, Type: wallet.BankAccount, Name: "Ada Obi", BankCode: "999001",
		BankName: "Steady Bank", CreatedAt: at(0)}
}

// fullMove has a value in every field.
func fullMove(n int) wallet.Transaction {
	return wallet.Transaction{ID: number(n), Business: ada, Wallet: number(1), Reference: fmt.Sprint("mv_", n), Type: wallet.Credit,
		Amount: money.Of(50000, money.NGN), Description: "Bonus", BalanceAfter: 60000, CreatedAt: at(time.Duration(n) * time.Second)}
}

// entry is a balanced movement.
func entry(n int, from, to ledger.Account, amount int64) ledger.Entry {
	return ledger.Entry{ID: number(n), Business: ada, At: at(time.Duration(n) * time.Second), Kind: "capture.sent", Object: number(1),
		RailRef: number(1) + "/1", Postings: ledger.Move(from, to, money.Of(amount, money.NGN))}
}

// fullClaim has a value in every field.
func fullClaim(key string) *store.Claim {
	return &store.Claim{
		Business: ada, Key: key, Fingerprint: "abc", Fields: `{"amount":1}`, Method: "POST", Path: "/payment-sessions", Scope: "payments:write",
		Completed: true, Owner: "host-1", RequestIDs: []string{"req_1", "req_2"}, ObjectType: "payment", ObjectID: number(1),
		Status: 201, Outcome: "pending", Body: `{"data":{}}`, CreatedAt: at(0), CompletedAt: ptr(at(time.Second)),
	}
}

// openClaim is one whose request is still running.
func openClaim(key string) *store.Claim {
	c := fullClaim(key)
	c.Completed, c.CompletedAt, c.Status, c.Outcome, c.Body = false, nil, 0, "", ""
	return c
}

// fullRequest has a value in every field.
func fullRequest(n int) *store.Request {
	return &store.Request{
		ID: fmt.Sprintf("req_%026d", n), Business: ada, CreatedAt: at(time.Duration(n) * time.Second), Method: "POST", Path: "/payment-sessions",
		Status: 201, Code: "c", Outcome: "pending", IdempotencyKey: "k", ObjectID: number(1), Head: `{"h":1}`, Timeline: `{"t":1}`,
		RequestBody: `{"a":1}`, ReplyBody: `{"b":1}`,
	}
}
