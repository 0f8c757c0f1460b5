package wire

import (
	"strconv"

	"github.com/juicer-pay/juicer/internal/rail"
)

// Rail is how a simulated rail behaves.
type Rail struct {
	DownUntil   *Time  `json:"down_until"`
	Personality string `json:"personality"`
	Rail        string `json:"rail"`
	Seed        int64  `json:"seed"`
}

// BookEntry is one line of the bank's books.
type BookEntry struct {
	Amount            int64   `json:"amount"`
	At                Time    `json:"at"`
	BalanceAfter      int64   `json:"balance_after"`
	BankCode          *string `json:"bank_code"`
	Counterparty      string  `json:"counterparty"`
	Currency          string  `json:"currency"`
	Direction         string  `json:"direction"`
	Entry             int64   `json:"entry"`
	Kind              string  `json:"kind"`
	ProviderReference string  `json:"provider_reference"`
	Rail              string  `json:"rail"`
	RailReference     string  `json:"rail_reference"`
}

// Books is a page of the bank's books, oldest entry first; rows may hold one more
// than the page.
func Books(rows []rail.Entry, limit int) List {
	block := Pagination{Limit: limit}
	if len(rows) > limit {
		rows = rows[:limit]
		after := strconv.FormatInt(rows[limit-1].Number, 10)
		block.After = &after
	}
	out := make([]BookEntry, len(rows))
	for i, r := range rows {
		out[i] = BookEntry{Amount: r.Amount, At: At(r.At), BalanceAfter: r.BalanceAfter, BankCode: orNull(r.BankCode),
			Counterparty: r.Counterparty, Currency: r.Currency, Direction: r.Direction, Entry: r.Number, Kind: r.Kind,
			ProviderReference: r.Provider, Rail: r.Rail, RailReference: r.Ref}
	}
	return List{Data: out, Pagination: block}
}

// Clock is the test clock.
type Clock struct {
	Frozen   bool   `json:"frozen"`
	Idle     bool   `json:"idle"`
	Now      Time   `json:"now"`
	OffsetMS int64  `json:"offset_ms"`
	Queues   Queues `json:"queues"`
}

// Queues is what the test environment still has to do.
type Queues struct {
	InFlight    int64 `json:"in_flight"`
	Rail        int64 `json:"rail"`
	TimersDue   int64 `json:"timers_due"`
	WebhooksDue int64 `json:"webhooks_due"`
}

// Settings are those of the sandbox.
type Settings struct {
	AccountDelayMS          int64            `json:"account_delay_ms"`
	DeadlineMS              int64            `json:"deadline_ms"`
	KYC                     string           `json:"kyc"`
	Limits                  string           `json:"limits"`
	ProbableDuplicateS      map[string]int64 `json:"probable_duplicate_s"`
	Rates                   string           `json:"rates"`
	SettlementDelayS        int64            `json:"settlement_delay_s"`
	SuccessEvents           bool             `json:"success_events"`
	WebhookPrivateAddresses bool             `json:"webhook_private_addresses"`
	WebhookTimeoutMS        int64            `json:"webhook_timeout_ms"`
}

// Transfer is what the simulated bank says of money that came from outside.
type Transfer struct {
	AccountNumber string `json:"account_number,omitzero"`
	Address       string `json:"address,omitzero"`
	Amount        int64  `json:"amount"`
	At            Time   `json:"at"`
	Chain         string `json:"chain,omitzero"`
	Confirmations *int64 `json:"confirmations,omitzero"`
	Needed        *int64 `json:"confirmations_needed,omitzero"`
	Currency      string `json:"currency"`
	Email         string `json:"email,omitzero"`
	ID            string `json:"id"`
	PaymentID     string `json:"payment_id,omitzero"`
	Rail          string `json:"rail"`
	Reference     string `json:"reference"`
	SenderName    string `json:"sender_name,omitzero"`
	TxHash        string `json:"tx_hash,omitzero"`
}
