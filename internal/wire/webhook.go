package wire

// Endpoint is a webhook endpoint as every call shows it; Secret only where it is made.
type Endpoint struct {
	CreatedAt     Time     `json:"created_at"`
	Description   *string  `json:"description"`
	Events        []string `json:"events"`
	FailingSince  *Time    `json:"failing_since"`
	ID            string   `json:"id"`
	LastSuccessAt *Time    `json:"last_success_at"`
	Secret        Raw      `json:"secret,omitzero"`
	Status        string   `json:"status"` // active, paused
	URL           string   `json:"url"`
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Attempts      []Attempt `json:"attempts"`
	CreatedAt     Time      `json:"created_at"`
	EndpointID    string    `json:"endpoint_id"`
	Event         string    `json:"event"`
	EventID       string    `json:"event_id"`
	ID            string    `json:"id"`
	NextAttemptAt *Time     `json:"next_attempt_at"`
	Sequence      int64     `json:"sequence"`
	Status        string    `json:"status"` // pending, delivered, failed, held
}

// Attempt is one try to deliver; Status is null if there was no whole answer.
type Attempt struct {
	At              Time    `json:"at"`
	DurationMS      int64   `json:"duration_ms"`
	Error           *string `json:"error"`
	Number          int64   `json:"number"`
	ResponseExcerpt string  `json:"response_excerpt"`
	Status          *int    `json:"status"`
}

// Queued is how many deliveries a resend has queued.
type Queued struct {
	Queued int64 `json:"queued"`
}

// Account is the business with its settings.
type Account struct {
	Address      Raw      `json:"address"` // null if it has none
	BusinessID   *string  `json:"business_id"`
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	PayoutPINSet bool     `json:"payout_pin_set"`
	RequireMFA   bool     `json:"require_mfa"`
	WebhookURLs  []string `json:"webhook_urls"`
}

// BusinessWebhook is the earlier form of the list of endpoints.
type BusinessWebhook struct {
	Logo            *string   `json:"logo"`
	SettlementRules *struct{} `json:"settlement_rules"`
	WebhookURLs     []string  `json:"webhook_urls"`
}

// FaultRule is a rule of the sandbox for deliveries or requests.
type FaultRule struct {
	CreatedAt Time   `json:"created_at"`
	Fired     int64  `json:"fired"`
	ID        string `json:"id"`
	Match     Raw    `json:"match"`
	Matched   int64  `json:"matched"`
	Rule      string `json:"rule"`
}

// FaultTrace is what a request has met of the rules, or of its header.
type FaultTrace struct {
	Action    string  `json:"action"`
	At        Time    `json:"at"`
	ID        string  `json:"id"`
	Match     int64   `json:"match"` // the how-manieth of the rule or header
	RequestID string  `json:"request_id"`
	RuleID    *string `json:"rule_id"` // null: the header
}
