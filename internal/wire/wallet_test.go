package wire

import (
	"bytes"
	"encoding/csv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/wallet"
)

// The examples of the contract, byte for byte.
const (
	customerExample = `{"data":{"billing_address":{"city":"Lagos","country":"NG","line1":"5 Marina Road","line2":null,"state":"Lagos","zip_code":"100001"},` +
		`"created_at":"2026-11-22T09:30:07.000000Z","email":"ada@example.com","first_name":"Ada","id":"01a20297-6918-7e00-aeaf-3b4857ee05cd","last_name":"Obi",` +
		`"metadata":{},"phone_number":"+2348031234567","status":"active","type":"individual","updated_at":"2026-11-22T09:30:07.000000Z"}}`
	walletExample = `{"data":{"account_id":"01a20298-2880-713d-a3b7-835ec3baea9e","balance":{"amount":0,"currency":"NGN"},"balance_held":{"amount":0,"currency":"NGN"},` +
		`"balance_pending":{"amount":0,"currency":"NGN"},"created_at":"2026-11-22T09:30:49.000000Z","currency":"NGN","customer_id":"01a20297-6918-7e00-aeaf-3b4857ee05cd",` +
		`"events":[{"action":"created","id":"01a20299-70a0-7b77-b8c5-44a262c33a4f","inserted_at":"2026-11-22T09:30:49.000000Z","reason":null,` +
		`"wallet_id":"01a20298-0d28-70a0-aac4-0c74f646e1f4"}],"id":"01a20298-0d28-70a0-aac4-0c74f646e1f4","owner":"customer","payment_methods":[],"status":"active",` +
		`"updated_at":"2026-11-22T09:30:49.000000Z"}}`
	walletMethodsExample = `{"data":[{"account_name":"Ada Obi","account_number":"9900000425","account_type":"savings","address":null,"bank_address":null,"bank_code":"999001",` +
		`"bank_name":"Steady Bank","id":"01a20297-9fc8-7fae-878e-63c412bd4ace","type":"bank_account"}]}`
	walletTransactionExample = `{"data":{"amount":50000,"balance_after":50000,"created_at":"2026-11-22T09:31:03.000000Z","currency":"NGN","description":"Bonus",` +
		`"id":"01a20298-43d8-792b-b807-d415ca02135e","reference":null,"transaction_id":"01a20298-43d8-792b-b807-d415ca02135e","type":"credit",` +
		`"wallet_id":"01a20298-0d28-70a0-aac4-0c74f646e1f4"},"money":{"outcome":"succeeded","retry":{"after_ms":null,"allowed":false,"with":null},` +
		`"status_url":"https://sandbox.juicer.example/wallets/transactions/01a20298-43d8-792b-b807-d415ca02135e"}}`
)

func morning(minute, second int) time.Time {
	return time.Date(2026, 11, 22, 9, minute, second, 0, time.UTC)
}

func TestCustomersAndWalletsLookLikeTheExamples(t *testing.T) {
	state := "Lagos"
	ada := &party.Customer{ID: "01a20297-6918-7e00-aeaf-3b4857ee05cd", Status: party.Active, CreatedAt: morning(30, 7), UpdatedAt: morning(30, 7),
		Profile: party.Profile{Email: "ada@example.com", FirstName: "Ada", LastName: "Obi", PhoneNumber: "+2348031234567", Type: party.Individual,
			Address: party.Address{City: "Lagos", Country: "NG", Line1: "5 Marina Road", State: &state, ZipCode: "100001"}}}
	w := wallet.Wallet{ID: "01a20298-0d28-70a0-aac4-0c74f646e1f4", CustomerID: ada.ID, AccountID: "01a20298-2880-713d-a3b7-835ec3baea9e",
		Currency: money.NGN, Status: wallet.Active, CreatedAt: morning(30, 49), UpdatedAt: morning(30, 49)}
	opened := []wallet.Happening{{ID: "01a20299-70a0-7b77-b8c5-44a262c33a4f", Action: wallet.Created, At: morning(30, 49)}}
	numbers := []wallet.Account{{ID: "x"}, {ID: "01a20297-9fc8-7fae-878e-63c412bd4ace", Name: "Ada Obi", Number: "9900000425", BankCode: "999001",
		BankName: "Steady Bank", Type: wallet.BankAccount}}
	bonus := wallet.Transaction{ID: "01a20298-43d8-792b-b807-d415ca02135e", Wallet: w.ID, Type: wallet.Credit, Amount: money.Of(50_000, money.NGN),
		Description: "Bonus", BalanceAfter: 50_000, CreatedAt: morning(31, 3)}
	site := Site{PublicURL: "https://sandbox.juicer.example", Mode: "test"}
	for name, c := range map[string]struct {
		view any
		want string
	}{
		"customer":    {Data{Data: CustomerView(ada)}, customerExample},
		"wallet":      {Data{Data: WalletView(w, Holdings{}, opened, nil)}, walletExample},
		"numbers":     {Data{Data: WalletAccounts(numbers)}, walletMethodsExample},
		"transaction": {About{Data: WalletTransactionView(bonus), Money: site.WalletTransactionMoney(bonus)}, walletTransactionExample},
	} {
		if diff := cmp.Diff(c.want, string(Marshal(c.view))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTextsInCSVComeBackAsTheyWereGiven(t *testing.T) {
	var out bytes.Buffer
	reference := "=1+1,\"a\""
	table, err := NewStatementCSV(&out, At(morning(0, 0)), money.Of(5, money.NGN))
	if err == nil {
		err = table.Line(StatementLine{Amount: -12_345, At: At(morning(1, 0)), BalanceAfter: -7, EntryID: "e", Kind: "wallet.debit", ObjectID: "o", Reference: &reference})
	}
	if err == nil {
		err = table.Close(At(morning(2, 0)), money.Of(-7, money.NGN))
	}
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	want := [][]string{
		statementColumns,
		{"2026-11-22T09:00:00.000000Z", "opening_balance", "", "", "", "", "0.05", "NGN", ""},
		{"2026-11-22T09:01:00.000000Z", "wallet.debit", "o", reference, "", "-123.45", "-0.07", "NGN", "e"},
		{"2026-11-22T09:02:00.000000Z", "closing_balance", "", "", "", "", "-0.07", "NGN", ""},
	}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
