package store

import "time"

// RequestFault is a rule of the sandbox for requests.
type RequestFault struct {
	ID        string
	Business  string
	Matcher   string // JSON
	Rule      string // up to four actions
	Matched   int64
	Fired     int64
	Counts    []int64 // how often each action was tried; shorter than the rule until the first match
	CreatedAt time.Time
}

// FaultTrace is an action that a request has met.
type FaultTrace struct {
	ID        string
	Business  string
	RequestID string
	RuleID    string // "" for the header
	Action    string
	Nth       int64 // match of the action
	CreatedAt time.Time
}

var (
	insertRequestFault = query("insert_request_fault")
	requestFaults      = query("request_faults")
	requestFaultsOf    = query("request_faults_of")
	requestFault       = query("request_fault")
	countRequestFault  = query("count_request_fault")
	dropRequestFault   = query("drop_request_fault")
	dropRequestFaults  = query("drop_request_faults")
	clearRequestFaults = query("clear_request_faults")

	insertFaultTrace = query("insert_fault_trace")
	faultTraceAfter  = query("fault_trace_after")
	faultTraceEntry  = query("fault_trace_entry")
	clearFaultTrace  = query("clear_fault_trace")
	forgetFaultTrace = query("forget_fault_trace")
)

// InsertRequestFault writes a rule.
func (t Tx) InsertRequestFault(f RequestFault) error {
	return t.s.Exec(insertRequestFault, One, f.ID, f.Business, f.Matcher, f.Rule, micros(f.CreatedAt))
}

// AllRequestFaults lists the rules of every business, each business's oldest first.
func (v View) AllRequestFaults() ([]RequestFault, error) {
	return many(v, requestFaults, readRequestFault)
}

// RequestFaults lists a business's rules, oldest first.
func (v View) RequestFaults(business string) ([]RequestFault, error) {
	return many(v, requestFaultsOf, readRequestFault, business)
}

// RequestFault reads one; ErrNotFound.
func (v View) RequestFault(business, id string) (RequestFault, error) {
	return one(v, requestFault, readRequestFault, business, id)
}

func readRequestFault(scan Scan) (f RequestFault, err error) {
	var at int64
	var counts string
	if err := scan(&f.ID, &f.Business, &f.Matcher, &f.Rule, &f.Matched, &f.Fired, &counts, &at); err != nil {
		return f, err
	}
	f.CreatedAt = fromMicros(at)
	return f, fromJSON(counts, &f.Counts)
}

// CountRequestFault keeps that a rule has matched once more than f says, how often it
// has fired and its actions were tried; a Conflict of "count_request_fault" means that
// another match was counted meanwhile, or that the rule is gone.
func (t Tx) CountRequestFault(f RequestFault) error {
	return t.s.Exec(countRequestFault, One, f.Fired, toJSON(f.Counts), f.ID, f.Matched)
}

// DropRequestFault deletes one rule; a Conflict of "drop_request_fault" means that there is none.
func (t Tx) DropRequestFault(business, id string) error {
	return t.s.Exec(dropRequestFault, One, business, id)
}

// DropRequestFaults deletes a business's rules.
func (t Tx) DropRequestFaults(business string) error {
	return t.s.Exec(dropRequestFaults, Any, business)
}

// ClearRequestFaults deletes the rules of every business, and what they have done.
func (t Tx) ClearRequestFaults() error {
	if err := t.s.Exec(clearRequestFaults, Any); err != nil {
		return err
	}
	return t.s.Exec(clearFaultTrace, Any)
}

// InsertFaultTrace writes what a request has met.
func (t Tx) InsertFaultTrace(f FaultTrace) error {
	return t.s.Exec(insertFaultTrace, One, f.ID, f.Business, f.RequestID, f.RuleID, f.Action, f.Nth, micros(f.CreatedAt))
}

// FaultTraceAfter lists what a business's requests have met behind pos, oldest first.
func (v View) FaultTraceAfter(business string, pos Position, limit int) ([]FaultTrace, error) {
	return many(v, faultTraceAfter, readFaultTrace, business, micros(pos.At), pos.ID, limit)
}

// FaultTrace reads one entry; ErrNotFound.
func (v View) FaultTrace(id string) (FaultTrace, error) {
	return one(v, faultTraceEntry, readFaultTrace, id)
}

func readFaultTrace(scan Scan) (f FaultTrace, err error) {
	var at int64
	err = scan(&f.ID, &f.Business, &f.RequestID, &f.RuleID, &f.Action, &f.Nth, &at)
	f.CreatedAt = fromMicros(at)
	return f, err
}

// ForgetFaultTrace deletes entries older than a moment, some hundreds at a time; more
// tells that it should be called again.
func (t Tx) ForgetFaultTrace(before time.Time) (more bool, err error) {
	gone, err := many(t.View, forgetFaultTrace, readText, micros(before))
	return len(gone) > 0, err
}
