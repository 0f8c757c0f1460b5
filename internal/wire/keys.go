package wire

// KeyStatus is what became of an Idempotency-Key.
type KeyStatus struct {
	AgeSeconds int64        `json:"age_seconds"`
	Attempts   int          `json:"attempts"`
	CreatedAt  Time         `json:"created_at"`
	ExpiresAt  Time         `json:"expires_at"`
	Key        string       `json:"key"`
	Method     string       `json:"method"`
	Outcome    *string      `json:"outcome"`
	Path       string       `json:"path"`
	RequestIDs []string     `json:"request_ids"`
	Resource   *KeyResource `json:"resource"`
	Response   *KeyResponse `json:"response"`
	SpentUntil Time         `json:"spent_until"`
	State      string       `json:"state"` // in_progress, interrupted, completed, spent
}

// KeyResource is what the first request with a key was about.
type KeyResource struct {
	ID    string  `json:"id"`
	State *string `json:"state"`
	Type  string  `json:"type"`
	URL   string  `json:"url"`
}

// KeyResponse is the stored reply.
type KeyResponse struct {
	Body   Raw `json:"body"`
	Status int `json:"status"`
}

// APIKey is a key as every endpoint shows it; Key only where it is made.
type APIKey struct {
	CreatedAt    Time     `json:"created_at"`
	Description  *string  `json:"description"`
	ExpiryDateAt *Time    `json:"expiry_date_at"`
	ID           string   `json:"id"`
	Key          Raw      `json:"key,omitzero"`
	Last4        string   `json:"last4"`
	LastUsedAt   *Time    `json:"last_used_at"`
	Name         string   `json:"name"`
	Prefix       string   `json:"prefix"`
	Replaces     *string  `json:"replaces"`
	Scope        []string `json:"scope"`
	Status       string   `json:"status"`
}
