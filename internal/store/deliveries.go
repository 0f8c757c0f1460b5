package store

import (
	"database/sql"
	"time"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID        string
	Business  string
	Endpoint  string
	EventID   string
	Event     string
	Sequence  int64
	Previous  int64      // number of the event before it that was due for this endpoint
	Status    string     // pending, delivered, failed
	Attempts  []Attempt  // what became of each, oldest first
	Sent      int64      // attempts in all
	Tries     int64      // those of the schedule
	FirstAt   *time.Time // of the first attempt
	DueAt     *time.Time // nil: nothing is to be done
	Extra     bool       // the next attempt is a resend
	Back      string     // what it is again if the resend fails; "" for the schedule
	BackAt    *time.Time // when the schedule goes on then
	Fault     string     // sandbox: what has put it off; ""
	Fence     int64      // grows with every lease; a holder of an older one is too late
	Paused    bool       // its endpoint is paused
	CreatedAt time.Time
}

// Attempt is one try to deliver.
type Attempt struct {
	At         time.Time `json:"at"`
	DurationMS int64     `json:"duration_ms"`
	Error      string    `json:"error"`
	Number     int64     `json:"number"`
	Excerpt    string    `json:"response_excerpt"`
	Status     int       `json:"status"` // 0: no answer
}

// DeliveryFilter narrows a list of deliveries; zero fields fit everything.
type DeliveryFilter struct {
	Status string // pending, delivered, failed, held
	Event  string
}

// Resend chooses the deliveries of an endpoint that are to be sent again.
type Resend struct {
	Endpoint string
	After    int64  // number of an event
	Event    string // "" for all
	Status   string // failed, all
	Limit    int
}

var (
	insertDelivery        = query("insert_delivery")
	deliveryByID          = query("delivery_by_id")
	deliveriesOfEvent     = query("deliveries_of_event")
	deliveriesOlder       = query("deliveries_older")
	deliveriesNewer       = query("deliveries_newer")
	deliveriesDue         = query("deliveries_due")
	countLeasedDeliveries = query("count_leased_deliveries")
	leaseDelivery         = query("lease_delivery")
	finishDelivery        = query("finish_delivery")
	freeDeliveries        = query("free_deliveries")
	releaseReordered      = query("release_reordered")
	resendDelivery        = query("resend_delivery")
	resendDeliveries      = query("resend_deliveries")
	releaseHeld           = query("release_held")
	dropOldDeliveries     = query("drop_old_deliveries")
	dropWaitingDeliveries = query("drop_waiting_deliveries")
	countHeldDeliveries   = query("count_held_deliveries")
	nextDelivery          = query("next_delivery")
	countDueDeliveries    = query("count_due_deliveries")
	countDeliveries       = query("count_deliveries")
	undeliveredAfter      = query("undelivered_after")
)

// InsertDelivery writes a new delivery.
func (t Tx) InsertDelivery(d *Delivery) error {
	return t.s.Exec(insertDelivery, One, d.ID, d.Business, d.Endpoint, d.EventID, d.Event, d.Sequence, d.Previous, d.Status, toJSON(d.Attempts),
		d.Sent, d.Tries, microsOrNull(d.FirstAt), microsOrNull(d.DueAt), bit(d.Extra), d.Back, microsOrNull(d.BackAt), d.Fault, micros(d.CreatedAt))
}

// Delivery reads one; ErrNotFound.
func (v View) Delivery(id string) (*Delivery, error) { return one(v, deliveryByID, readDelivery, id) }

// DeliveriesOf reads those of an event.
func (v View) DeliveriesOf(eventID string) ([]*Delivery, error) {
	return many(v, deliveriesOfEvent, readDelivery, eventID)
}

// DeliveriesOlder reads a page of an endpoint's below pos, newest first.
func (v View) DeliveriesOlder(endpoint string, pos Position, f DeliveryFilter, limit int) ([]*Delivery, error) {
	return many(v, deliveriesOlder, readDelivery, endpoint, micros(pos.At), pos.ID, f.Status, f.Event, limit)
}

// DeliveriesNewer reads a page of an endpoint's above pos, oldest first.
func (v View) DeliveriesNewer(endpoint string, pos Position, f DeliveryFilter, limit int) ([]*Delivery, error) {
	return many(v, deliveriesNewer, readDelivery, endpoint, micros(pos.At), pos.ID, f.Status, f.Event, limit)
}

// DueDeliveries reads those of an endpoint that are due and that nobody holds, in the
// order in which they are to start.
func (v View) DueDeliveries(endpoint string, now, realNow time.Time, limit int) ([]*Delivery, error) {
	return many(v, deliveriesDue, readDelivery, endpoint, micros(now), micros(realNow), limit)
}

// CountLeased counts the deliveries of an endpoint that somebody holds.
func (v View) CountLeased(endpoint string, realNow time.Time) (int64, error) {
	return one(v, countLeasedDeliveries, readInt, endpoint, micros(realNow))
}

// LeaseDelivery takes one for owner until a moment of real time and raises its fence; a
// Conflict of "lease_delivery" means that somebody else has.
func (t Tx) LeaseDelivery(d *Delivery, owner string, until time.Time) error {
	return t.s.Exec(leaseDelivery, One, owner, micros(until), d.ID, d.Fence)
}

// FinishDelivery writes what became of a leased delivery; a Conflict of
// "finish_delivery" means that the lease was lost.
func (t Tx) FinishDelivery(d *Delivery) error {
	return t.s.Exec(finishDelivery, One, d.Status, toJSON(d.Attempts), d.Sent, d.Tries, microsOrNull(d.FirstAt), microsOrNull(d.DueAt),
		bit(d.Extra), d.Back, microsOrNull(d.BackAt), d.Fault, d.ID, d.Fence)
}

// ReleaseReordered makes what waits for a later event of the endpoint due at now.
func (t Tx) ReleaseReordered(endpoint string, sent int64, now time.Time) error {
	return t.s.Exec(releaseReordered, Any, micros(now), endpoint, sent)
}

// ResendDelivery makes one attempt due at now, whatever its schedule says; held by
// somebody: no change, for it is being sent.
func (t Tx) ResendDelivery(id string, now, realNow time.Time) error {
	return t.s.Exec(resendDelivery, Any, micros(now), id, micros(realNow))
}

// ResendDeliveries does so for many, lowest number first, and gives their ids.
func (t Tx) ResendDeliveries(r Resend, now, realNow time.Time) ([]string, error) {
	return many(t.View, resendDeliveries, readText, micros(now), r.Endpoint, r.After, r.Event, r.Status, micros(realNow), r.Limit)
}

// ReleaseHeld makes everything that waits for an endpoint due at now.
func (t Tx) ReleaseHeld(endpoint string, now time.Time) error {
	return t.s.Exec(releaseHeld, Any, micros(now), endpoint)
}

// DropOldDeliveries deletes what waits for an endpoint since before a moment.
func (t Tx) DropOldDeliveries(endpoint string, before time.Time) error {
	return t.s.Exec(dropOldDeliveries, Any, endpoint, micros(before))
}

// DropWaitingDeliveries deletes everything that waits for an endpoint.
func (t Tx) DropWaitingDeliveries(endpoint string) error {
	return t.s.Exec(dropWaitingDeliveries, Any, endpoint)
}

// CountHeld counts what waits for an endpoint.
func (v View) CountHeld(endpoint string) (int64, error) {
	return one(v, countHeldDeliveries, readInt, endpoint)
}

// NextDelivery is the earliest due moment among the deliveries to active endpoints that
// nobody holds; false: there is none.
func (v View) NextDelivery(realNow time.Time) (time.Time, bool, error) {
	return v.earliest(nextDelivery, micros(realNow))
}

// CountDueDeliveries counts those due at now to active endpoints, held ones included.
func (v View) CountDueDeliveries(now time.Time) (int64, error) {
	return one(v, countDueDeliveries, readInt, micros(now))
}

// CountDeliveries counts all.
func (v View) CountDeliveries() (int64, error) { return one(v, countDeliveries, readInt) }

// Undelivered is an event that was due at active endpoints, and that none of them has
// accepted.
type Undelivered struct {
	EventID  string
	Event    string
	Sequence int64
}

// UndeliveredAfter reads those due by now, in the order of their events' ids, after one.
func (v View) UndeliveredAfter(eventID string, now time.Time, limit int) ([]Undelivered, error) {
	return many(v, undeliveredAfter, readUndelivered, eventID, micros(now), limit)
}

func readUndelivered(scan Scan) (u Undelivered, err error) {
	err = scan(&u.EventID, &u.Event, &u.Sequence)
	return u, err
}

func bit(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func readDelivery(scan Scan) (*Delivery, error) {
	var d Delivery
	var attempts, endpoint string
	var extra, created int64
	var first, due, back sql.NullInt64
	err := scan(&d.ID, &d.Business, &d.Endpoint, &d.EventID, &d.Event, &d.Sequence, &d.Previous, &d.Status, &attempts, &d.Sent, &d.Tries,
		&first, &due, &extra, &d.Back, &back, &d.Fault, &d.Fence, &created, &endpoint)
	if err != nil {
		return nil, err
	}
	d.FirstAt, d.DueAt, d.BackAt, d.CreatedAt = fromNullable(first), fromNullable(due), fromNullable(back), fromMicros(created)
	d.Extra, d.Paused = extra == 1, endpoint == "paused"
	return &d, fromJSON(attempts, &d.Attempts)
}
