package store

import (
	"database/sql"
	"time"

	"github.com/juicer-pay/juicer/internal/world"
)

// Event is something that happened, as webhooks and GET /events will tell it.
type Event struct {
	ID        string
	Business  string
	Event     string
	Object    string
	Data      string // canonical JSON
	CreatedAt time.Time
	Sequence  int64 // its number among the business's events; 0 until it is given
}

var (
	insertEvent           = query("insert_event")
	eventsOf              = query("events_of")
	countEvents           = query("count_events")
	unnumberedEvents      = query("unnumbered_events")
	oldestUnnumberedEvent = query("oldest_unnumbered_event")
	numberEvent           = query("number_event")
	eventsAfter           = query("events_after")
	eventByID             = query("event_by_id")
	firstEventSince       = query("first_event_since")
	forgetEvents          = query("forget_events")
	forgetDeliveries      = query("forget_deliveries")
	openStream            = query("open_stream")
	streamOf              = query("stream_of")
	advanceStream         = query("advance_stream")
	resizeStream          = query("resize_stream")
)

// InsertEvent writes an event in the transaction of what it tells. It gets its number
// after the commit.
func (t Tx) InsertEvent(e Event) error {
	return t.s.Exec(insertEvent, One, e.ID, e.Business, e.Event, e.Object, e.Data, micros(e.CreatedAt), micros(world.RealNow()))
}

// EventsOf reads the events of one object, oldest first.
func (v View) EventsOf(object string) ([]Event, error) { return many(v, eventsOf, readEvent, object) }

// CountEvents counts all events.
func (v View) CountEvents() (int64, error) { return one(v, countEvents, readInt) }

// Unnumbered reads events without a number in the order in which they were written,
// without their data.
func (v View) Unnumbered(limit int) ([]Event, error) {
	return many(v, unnumberedEvents, readEvent, limit)
}

// OldestUnnumbered is the real time at which the first event without a number was
// written; false: there is none.
func (v View) OldestUnnumbered() (time.Time, bool, error) {
	return v.earliest(oldestUnnumberedEvent)
}

// NumberEvent gives an event its number; a Conflict of "number_event" means that it
// has one, or is gone.
func (t Tx) NumberEvent(id string, sequence int64) error {
	return t.s.Exec(numberEvent, One, sequence, id)
}

// EventsAfter reads numbered events above a number, lowest first; event "" is all.
func (v View) EventsAfter(business string, after int64, event string, limit int) ([]Event, error) {
	return many(v, eventsAfter, readEvent, business, after, event, limit)
}

// Event reads one by its id; ErrNotFound.
func (v View) Event(id string) (Event, error) { return one(v, eventByID, readEvent, id) }

// FirstSince is the lowest number among the events made since a moment; 0 if there are none.
func (v View) FirstSince(business string, since time.Time) (int64, error) {
	n, err := one(v, firstEventSince, readInt, business, micros(since))
	if IsMissing(err) {
		return 0, nil
	}
	return n, err
}

// ForgetEvents deletes a business's events below a number, with their deliveries.
func (t Tx) ForgetEvents(business string, below int64) error {
	if err := t.s.Exec(forgetDeliveries, Any, business, below); err != nil {
		return err
	}
	return t.s.Exec(forgetEvents, Any, business, below)
}

// Stream is what is counted for a business: the number of its last event, and its
// endpoints.
type Stream struct {
	LastSequence int64
	Endpoints    int64
}

// OpenStream begins to count for a business; begun already: no change.
func (t Tx) OpenStream(business string) error { return t.s.Exec(openStream, Any, business) }

// Stream reads what is counted; zeros before it was begun.
func (v View) Stream(business string) (Stream, error) {
	s, err := one(v, streamOf, func(scan Scan) (s Stream, err error) { return s, scan(&s.LastSequence, &s.Endpoints) }, business)
	if IsMissing(err) {
		return Stream{}, nil
	}
	return s, err
}

// AdvanceStream takes the numbers behind from up to to; a Conflict of "advance_stream"
// means that somebody else has taken some of them. It is known at once: what follows
// writes under these numbers.
func (t Tx) AdvanceStream(business string, from, to int64) error {
	taken, err := many(t.View, advanceStream, readInt, to, business, from)
	if err == nil && len(taken) == 0 {
		return &Conflict{Query: advanceStream.Name}
	}
	return err
}

// ResizeStream changes the number of endpoints; a Conflict of "resize_stream" means
// that there were not as many.
func (t Tx) ResizeStream(business string, from, to int64) error {
	return t.s.Exec(resizeStream, One, to, business, from)
}

func readEvent(scan Scan) (e Event, err error) {
	var at int64
	err = scan(&e.ID, &e.Business, &e.Event, &e.Object, &e.Data, &at, &e.Sequence)
	e.CreatedAt = fromMicros(at)
	return e, err
}

// earliest runs a query for the least of some times.
func (v View) earliest(q Query, args ...any) (time.Time, bool, error) {
	n, err := one(v, q, func(scan Scan) (n sql.NullInt64, err error) { return n, scan(&n) }, args...)
	if err != nil || !n.Valid {
		return time.Time{}, false, err
	}
	return fromMicros(n.Int64), true, nil
}
