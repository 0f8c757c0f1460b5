package store

import "time"

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
	insertRequest      = query("insert_request")
	requestByID        = query("request_by_id")
	countRequests      = query("count_requests")
	forgetRequests     = query("forget_requests")
	stripRequestBodies = query("strip_request_bodies")
)

// InsertRequest writes a line of the request log. Bytes of the caller that are no text
// are shown as replacement characters, which every database can hold.
func (t Tx) InsertRequest(r *Request) error {
	return t.s.Exec(insertRequest, Any, r.ID, r.Business, micros(r.CreatedAt), r.Method, readable(r.Path), r.Status, r.Code, r.Outcome,
		readable(r.IdempotencyKey), r.ObjectID, r.Head, r.Timeline, readable(r.RequestBody), readable(r.ReplyBody))
}

// Request reads one line by its request id; ErrNotFound.
func (v View) Request(id string) (*Request, error) { return one(v, requestByID, readRequest, id) }

// listing is a list of the request log in both directions.
type listing struct{ older, newer Query }

var (
	requestsAll     = listing{query("requests_older"), query("requests_newer")}
	requestsSought  = listing{query("requests_sought_older"), query("requests_sought_newer")}
	requestsOf      = listing{query("requests_of_object_older"), query("requests_of_object_newer")}
	requestsKeyed   = listing{query("requests_with_key_older"), query("requests_with_key_newer")}
	requestsCoded   = listing{query("requests_with_code_older"), query("requests_with_code_newer")}
	requestsRefused = listing{query("requests_with_status_older"), query("requests_with_status_newer")}
)

// listing is the text that finds what f asks for by the index that leaves the fewest
// lines to look at. A path has none, nor have the usual statuses: they are looked for
// in the whole span.
func (f RequestFilter) listing() listing {
	switch {
	case f == RequestFilter{}:
		return requestsAll
	case f.ObjectID != "":
		return requestsOf
	case f.IdempotencyKey != "":
		return requestsKeyed
	case f.Code != "":
		return requestsCoded
	case f.Status != 0 && f.Status != 200 && f.Status != 201:
		return requestsRefused
	}
	return requestsSought
}

// args are those of the listing, behind the bounds of the page.
func (f RequestFilter) args(limit int, bounds ...any) []any {
	if f == (RequestFilter{}) {
		return append(bounds, limit)
	}
	return append(bounds, f.Status, f.Code, f.Path, f.IdempotencyKey, f.ObjectID, limit)
}

// RequestsOlder reads a page below pos, newest first.
func (v View) RequestsOlder(business string, pos Position, span Span, f RequestFilter, limit int) ([]*Request, error) {
	pos = pos.below(span.To)
	return many(v, f.listing().older, readRequest, f.args(limit, business, micros(pos.At), pos.ID, micros(span.From))...)
}

// RequestsNewer reads a page above pos, oldest first.
func (v View) RequestsNewer(business string, pos Position, span Span, f RequestFilter, limit int) ([]*Request, error) {
	pos = pos.above(span.From)
	return many(v, f.listing().newer, readRequest, f.args(limit, business, micros(pos.At), pos.ID, micros(span.To))...)
}

// CountRequests counts the request log.
func (v View) CountRequests() (int64, error) { return one(v, countRequests, readInt) }

// ForgetRequests deletes lines older than a moment and the bodies of those older
// than another, some hundreds at a time; more tells that it should be called again.
func (t Tx) ForgetRequests(lines, bodies time.Time) (more bool, err error) {
	gone, err := many(t.View, forgetRequests, readText, micros(lines))
	if err != nil {
		return false, err
	}
	stripped, err := many(t.View, stripRequestBodies, readText, micros(bodies))
	return len(gone)+len(stripped) > 0, err
}

func readRequest(scan Scan) (*Request, error) {
	var r Request
	var at int64
	err := scan(&r.ID, &r.Business, &at, &r.Method, &r.Path, &r.Status, &r.Code, &r.Outcome, &r.IdempotencyKey, &r.ObjectID,
		&r.Head, &r.Timeline, &r.RequestBody, &r.ReplyBody)
	r.CreatedAt = fromMicros(at)
	return &r, err
}
