package store

import (
	"database/sql"
	"time"
)

// Endpoint is a URL to which events of a business are sent.
type Endpoint struct {
	ID            string
	Business      string
	URL           string
	Events        []string // names and patterns
	Description   string
	Status        string // active, paused
	Secret        string // sealed under the server secret
	OldSecret     string // the one before, sealed; "" if there is none
	OldUntil      *time.Time
	FailingSince  *time.Time
	LastSuccessAt *time.Time
	LastSequence  int64 // of the last event that was due for it
	Turn          int64 // grows whenever a node takes deliveries
	Edits         int64 // grows whenever its owner changes it, or it is paused
	CreatedAt     time.Time
}

var (
	insertEndpoint      = query("insert_endpoint")
	saveEndpoint        = query("save_endpoint")
	deleteEndpoint      = query("delete_endpoint")
	endpointByID        = query("endpoint_by_id")
	endpointsOf         = query("endpoints_of")
	endpointsWithWork   = query("endpoints_with_work")
	takeTurn            = query("take_turn")
	pointEndpoint       = query("point_endpoint")
	noteEndpointSuccess = query("note_endpoint_success")
	noteEndpointFailure = query("note_endpoint_failure")
	pauseEndpoint       = query("pause_endpoint")
	forgiveEndpoint     = query("forgive_endpoint")
)

// InsertEndpoint writes a new endpoint; a Conflict of "insert_endpoint" means that the
// business has one with this URL.
func (t Tx) InsertEndpoint(e *Endpoint) error {
	return t.s.Exec(insertEndpoint, One, e.ID, e.Business, e.URL, toJSON(e.Events), e.Description, e.Status, e.Secret, e.OldSecret,
		microsOrNull(e.OldUntil), microsOrNull(e.FailingSince), microsOrNull(e.LastSuccessAt), e.LastSequence, e.Turn, e.Edits, micros(e.CreatedAt))
}

// SaveEndpoint changes what its owner may change; a Conflict of "save_endpoint" means
// that somebody was faster.
func (t Tx) SaveEndpoint(e *Endpoint) error {
	return t.s.Exec(saveEndpoint, One, e.URL, toJSON(e.Events), e.Description, e.Status, e.Secret, e.OldSecret, microsOrNull(e.OldUntil), e.ID, e.Edits)
}

// DeleteEndpoint deletes one; a Conflict of "delete_endpoint" means that it is gone.
func (t Tx) DeleteEndpoint(business, id string) error {
	return t.s.Exec(deleteEndpoint, One, business, id)
}

// Endpoint reads one by its id; ErrNotFound.
func (v View) Endpoint(id string) (*Endpoint, error) { return one(v, endpointByID, readEndpoint, id) }

// Endpoints lists a business's, newest first.
func (v View) Endpoints(business string) ([]*Endpoint, error) {
	return many(v, endpointsOf, readEndpoint, business)
}

// EndpointsWithWork lists active endpoints that have a delivery due which nobody holds.
func (v View) EndpointsWithWork(now, realNow time.Time) ([]*Endpoint, error) {
	return many(v, endpointsWithWork, readEndpoint, micros(now), micros(realNow))
}

// TakeTurn lets one node at a time take deliveries of an endpoint; a Conflict of
// "take_turn" means that another one just did, or that it is paused.
func (t Tx) TakeTurn(e *Endpoint) error { return t.s.Exec(takeTurn, One, e.ID, e.Turn) }

// PointEndpoint keeps the number of the last event that was due for an endpoint.
func (t Tx) PointEndpoint(id string, sequence int64) error {
	return t.s.Exec(pointEndpoint, Any, sequence, id)
}

// NoteEndpointSuccess keeps that a delivery was accepted.
func (t Tx) NoteEndpointSuccess(id string, at time.Time) error {
	return t.s.Exec(noteEndpointSuccess, Any, micros(at), id)
}

// NoteEndpointFailure keeps since when every attempt has failed.
func (t Tx) NoteEndpointFailure(id string, at time.Time) error {
	return t.s.Exec(noteEndpointFailure, Any, micros(at), id)
}

// PauseEndpoint pauses an endpoint that has failed since a moment; a Conflict of
// "pause_endpoint" means that it is paused, or has succeeded meanwhile.
func (t Tx) PauseEndpoint(id string, failingSince time.Time) error {
	return t.s.Exec(pauseEndpoint, One, id, micros(failingSince))
}

// ForgiveEndpoint forgets that an endpoint has failed.
func (t Tx) ForgiveEndpoint(id string) error { return t.s.Exec(forgiveEndpoint, Any, id) }

func readEndpoint(scan Scan) (*Endpoint, error) {
	var e Endpoint
	var events string
	var created int64
	var old, failing, success sql.NullInt64
	err := scan(&e.ID, &e.Business, &e.URL, &events, &e.Description, &e.Status, &e.Secret, &e.OldSecret, &old, &failing, &success,
		&e.LastSequence, &e.Turn, &e.Edits, &created)
	if err != nil {
		return nil, err
	}
	e.OldUntil, e.FailingSince, e.LastSuccessAt, e.CreatedAt = fromNullable(old), fromNullable(failing), fromNullable(success), fromMicros(created)
	return &e, fromJSON(events, &e.Events)
}

// WebhookFault is a rule of the sandbox for deliveries.
type WebhookFault struct {
	ID        string
	Business  string
	Matcher   string // JSON
	Rule      string
	Matched   int64
	Fired     int64
	CreatedAt time.Time
}

var (
	insertWebhookFault = query("insert_webhook_fault")
	webhookFaultsOf    = query("webhook_faults_of")
	countWebhookFault  = query("count_webhook_fault")
	dropWebhookFault   = query("drop_webhook_fault")
	dropWebhookFaults  = query("drop_webhook_faults")
)

// InsertWebhookFault writes a rule.
func (t Tx) InsertWebhookFault(f WebhookFault) error {
	return t.s.Exec(insertWebhookFault, One, f.ID, f.Business, f.Matcher, f.Rule, micros(f.CreatedAt))
}

// WebhookFaults lists a business's rules, oldest first.
func (v View) WebhookFaults(business string) ([]WebhookFault, error) {
	return many(v, webhookFaultsOf, func(scan Scan) (f WebhookFault, err error) {
		var at int64
		err = scan(&f.ID, &f.Business, &f.Matcher, &f.Rule, &f.Matched, &f.Fired, &at)
		f.CreatedAt = fromMicros(at)
		return f, err
	}, business)
}

// CountWebhookFault keeps that a rule has matched once more than f says, and maybe fired;
// a Conflict of "count_webhook_fault" means that another match was counted meanwhile.
func (t Tx) CountWebhookFault(f WebhookFault, fired int64) error {
	return t.s.Exec(countWebhookFault, One, f.Matched+1, fired, f.ID, f.Matched)
}

// DropWebhookFault deletes one rule; a Conflict of "drop_webhook_fault" means that there is none.
func (t Tx) DropWebhookFault(business, id string) error {
	return t.s.Exec(dropWebhookFault, One, business, id)
}

// DropWebhookFaults deletes a business's rules.
func (t Tx) DropWebhookFaults(business string) error {
	return t.s.Exec(dropWebhookFaults, Any, business)
}
