package wire

// RequestHead is what a line of the request log keeps beside its columns.
type RequestHead struct {
	Attempt         *int64     `json:"attempt"`
	ClientRequestID *string    `json:"client_request_id"`
	DurationMS      int64      `json:"duration_ms"`
	IP              string     `json:"ip"`
	Key             RequestKey `json:"key"`
	Replayed        bool       `json:"replayed"`
	ResourceType    string     `json:"resource_type"`
}

// RequestKey names the API key of a request.
type RequestKey struct {
	ID     string `json:"id"`
	Prefix string `json:"prefix"`
}

// RequestItem is a request as GET /requests lists it.
type RequestItem struct {
	Attempt         *int64           `json:"attempt"`
	ClientRequestID *string          `json:"client_request_id"`
	Code            *string          `json:"code"`
	CreatedAt       Time             `json:"created_at"`
	DurationMS      int64            `json:"duration_ms"`
	ID              string           `json:"id"`
	IdempotencyKey  *string          `json:"idempotency_key"`
	IP              string           `json:"ip"`
	Key             RequestKey       `json:"key"`
	Method          string           `json:"method"`
	Outcome         *string          `json:"outcome"`
	Path            string           `json:"path"`
	Replayed        bool             `json:"replayed"`
	Resource        *RequestResource `json:"resource"`
	Status          int              `json:"status"`
}

// RequestDetail is one request with its timeline; bodies in the test environment
// only.
type RequestDetail struct {
	Attempt         *int64           `json:"attempt"`
	ClientRequestID *string          `json:"client_request_id"`
	Code            *string          `json:"code"`
	CreatedAt       Time             `json:"created_at"`
	DurationMS      int64            `json:"duration_ms"`
	ID              string           `json:"id"`
	IdempotencyKey  *string          `json:"idempotency_key"`
	IP              string           `json:"ip"`
	Key             RequestKey       `json:"key"`
	Method          string           `json:"method"`
	Outcome         *string          `json:"outcome"`
	Path            string           `json:"path"`
	RailAttempts    Raw              `json:"rail_attempts"`
	Replayed        bool             `json:"replayed"`
	ReplyBody       *string          `json:"reply_body"`
	RequestBody     *string          `json:"request_body"`
	Resource        *RequestResource `json:"resource"`
	Status          int              `json:"status"`
	Steps           Raw              `json:"steps"`
	Webhooks        Raw              `json:"webhooks"`
}

// RequestResource is what a request was about.
type RequestResource struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// RequestWebhook is one delivery that a request has caused; DeliveryID is null while no
// endpoint is due to get the event.
type RequestWebhook struct {
	DeliveryID *string `json:"delivery_id"`
	Event      string  `json:"event"`
	Status     string  `json:"status"`
}

// BatchItem is the answer to one item of a batch.
type BatchItem struct {
	Body    Raw               `json:"body"`
	Headers map[string]string `json:"headers"`
	ID      string            `json:"id"`
	Status  int               `json:"status"`
}
