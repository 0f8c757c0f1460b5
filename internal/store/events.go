package store

import "time"

// Event is something that happened, as webhooks and GET /events will tell it.
type Event struct {
	ID        string
	Business  string
	Event     string
	Object    string
	Data      string // canonical JSON
	CreatedAt time.Time
}

// Request is one line of the request log. Timeline and bodies are read by
// Request only, not by lists.
type Request struct {
	ID             string
	Business       string
	CreatedAt      time.Time
	Method         string
	Path           string
	Status         int
	Code           string
	Outcome        string
	IdempotencyKey string
	ObjectID       string
	Head           string // the rest of the list item as JSON
	Timeline       string
	RequestBody    string
	ReplyBody      string
}

// RequestFilter narrows the request log; zero fields fit everything.
type RequestFilter struct {
	Status         int
	Code           string
	Path           string
	IdempotencyKey string
	ObjectID       string
}

var (
	insertEvent        = query("insert_event")
	eventsOf           = query("events_of")
	countEvents        = query("count_events")
	insertRequest      = query("insert_request")
	requestByID        = query("request_by_id")
	requestsOlder      = query("requests_older")
	requestsNewer      = query("requests_newer")
	countRequests      = query("count_requests")
	forgetRequests     = query("forget_requests")
	stripRequestBodies = query("strip_request_bodies")
)

// InsertEvent writes an event in the transaction of what it tells.
func (t Tx) InsertEvent(e Event) error {
	return t.s.Exec(insertEvent, One, e.ID, e.Business, e.Event, e.Object, e.Data, micros(e.CreatedAt))
}

// EventsOf reads the events of one object, oldest first.
func (v View) EventsOf(object string) ([]Event, error) {
	return many(v, eventsOf, func(scan Scan) (e Event, err error) {
		var at int64
		err = scan(&e.ID, &e.Business, &e.Event, &e.Object, &e.Data, &at)
		e.CreatedAt = fromMicros(at)
		return e, err
	}, object)
}

// CountEvents counts all events.
func (v View) CountEvents() (int64, error) { return one(v, countEvents, readInt) }

// InsertRequest writes a line of the request log. Bytes of the caller that are no text
// are shown as replacement characters, which every database can hold.
func (t Tx) InsertRequest(r *Request) error {
	return t.s.Exec(insertRequest, Any, r.ID, r.Business, micros(r.CreatedAt), r.Method, readable(r.Path), r.Status, r.Code, r.Outcome,
		readable(r.IdempotencyKey), r.ObjectID, r.Head, r.Timeline, readable(r.RequestBody), readable(r.ReplyBody))
}

// Request reads one line by its request id; ErrNotFound.
func (v View) Request(id string) (*Request, error) { return one(v, requestByID, readRequest, id) }

// RequestsOlder reads a page below pos, newest first.
func (v View) RequestsOlder(business string, pos Position, span Span, f RequestFilter, limit int) ([]*Request, error) {
	return many(v, requestsOlder, readRequest, business, micros(pos.At), pos.ID, micros(span.From), micros(span.To),
		f.Status, f.Code, f.Path, f.IdempotencyKey, f.ObjectID, limit)
}

// RequestsNewer reads a page above pos, oldest first.
func (v View) RequestsNewer(business string, pos Position, span Span, f RequestFilter, limit int) ([]*Request, error) {
	return many(v, requestsNewer, readRequest, business, micros(pos.At), pos.ID, micros(span.From), micros(span.To),
		f.Status, f.Code, f.Path, f.IdempotencyKey, f.ObjectID, limit)
}

// CountRequests counts the request log.
func (v View) CountRequests() (int64, error) { return one(v, countRequests, readInt) }

// ForgetRequests deletes lines older than a moment and the bodies of those older
// than another.
func (t Tx) ForgetRequests(lines, bodies time.Time) error {
	if err := t.s.Exec(forgetRequests, Any, micros(lines)); err != nil {
		return err
	}
	return t.s.Exec(stripRequestBodies, Any, micros(bodies))
}

func readRequest(scan Scan) (*Request, error) {
	var r Request
	var at int64
	err := scan(&r.ID, &r.Business, &at, &r.Method, &r.Path, &r.Status, &r.Code, &r.Outcome, &r.IdempotencyKey, &r.ObjectID,
		&r.Head, &r.Timeline, &r.RequestBody, &r.ReplyBody)
	r.CreatedAt = fromMicros(at)
	return &r, err
}
