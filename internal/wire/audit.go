package wire

// Audit is the report of the money audit. Lists are ordered,
// so that the same books give the same digest.
type Audit struct {
	CheckedAt Time           `json:"checked_at"`
	Clean     bool           `json:"clean"`
	Clearing  []Clearing     `json:"clearing"`
	Counts    AuditCounts    `json:"counts"`
	Digest    string         `json:"digest,omitzero"`
	Findings  []Finding      `json:"findings"`
	InFlight  int64          `json:"in_flight"`
	Totals    map[string]int `json:"totals"`
	// Unavailable names what could not be compared, in live without a statement.
	Unavailable []string `json:"unavailable,omitzero"`
}

// Clearing is the balance of a clearing account.
type Clearing struct {
	Account  string `json:"account"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// AuditCounts is what the audit has looked at.
type AuditCounts struct {
	Deliveries int64 `json:"deliveries"`
	Deposits   int64 `json:"deposits"`
	Events     int64 `json:"events"`
	Executions int64 `json:"executions"`
	Expected   int64 `json:"expected"`
	Payments   int64 `json:"payments"`
	Payouts    int64 `json:"payouts"`
	Postings   int64 `json:"postings"`
	Refunds    int64 `json:"refunds"`
	Requests   int64 `json:"requests"`
}

// Finding is one thing that is wrong, or that somebody should know.
type Finding struct {
	Amount       int64   `json:"amount"`
	Currency     *string `json:"currency"` // null: about the books as such
	Detail       string  `json:"detail"`
	ID           *string `json:"id"`
	Kind         string  `json:"kind"`
	LedgerAmount int64   `json:"ledger_amount"`
	RailAmount   int64   `json:"rail_amount"`
	Reference    *string `json:"reference"`
}

// The kinds of finding. The last two are listed and are not faults.
const (
	Lost        = "lost"
	Doubled     = "doubled"
	Orphaned    = "orphaned"
	Unbalanced  = "unbalanced"
	Exception   = "exception"
	Undelivered = "undelivered"
)

// FindingKinds lists them.
var FindingKinds = []string{Lost, Doubled, Orphaned, Unbalanced, Exception, Undelivered}
