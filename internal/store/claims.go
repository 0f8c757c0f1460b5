package store

import (
	"database/sql"
	"time"
)

// Claim is what is kept of an Idempotency-Key.
type Claim struct {
	Business    string
	Key         string
	Fingerprint string
	Fields      string // canonical fields, secrets replaced by keyed hashes
	Method      string
	Path        string
	Scope       string // what a caller needs to be shown the stored reply
	Completed   bool
	Owner       string // process that runs it; "" after it broke off in order
	RequestIDs  []string
	ObjectType  string
	ObjectID    string
	Status      int
	Outcome     string
	Body        string
	CreatedAt   time.Time
	CompletedAt *time.Time
}

var (
	claimKey    = query("claim_key")
	takeOverKey = query("take_over_key")
	completeKey = query("complete_key")
	releaseKey  = query("release_key")
	keyByName   = query("key_by_name")
	forgetKeys  = query("forget_keys")
	noteReplay  = query("note_replay")
	forgetKey   = query("forget_key")
)

// InsertClaim claims a key; a Conflict of "claim_key" means that it is taken.
func (t Tx) InsertClaim(c *Claim) error {
	state := "in_progress"
	if c.Completed {
		state = "completed"
	}
	return t.s.Exec(claimKey, One, c.Business, c.Key, c.Fingerprint, c.Fields, c.Method, c.Path, c.Scope, state, c.Owner,
		toJSON(c.RequestIDs), c.ObjectType, c.ObjectID, c.Status, c.Outcome, c.Body, micros(c.CreatedAt), microsOrNull(c.CompletedAt))
}

// TakeOverClaim makes owner the one who continues what the earlier owner left.
func (t Tx) TakeOverClaim(c *Claim, owner string, requestIDs []string) error {
	return t.s.Exec(takeOverKey, One, owner, toJSON(requestIDs), c.Business, c.Key, c.Owner)
}

// CompleteClaim stores the reply; done already: no change.
func (t Tx) CompleteClaim(c *Claim) error {
	return t.s.Exec(completeKey, Any, c.Status, c.Outcome, c.Body, c.ObjectType, c.ObjectID, microsOrNull(c.CompletedAt), c.Business, c.Key)
}

// NoteReplay adds the ids of requests that were answered with the stored reply;
// if another request is noted at this moment, that one wins.
func (t Tx) NoteReplay(c *Claim, requestIDs []string) error {
	return t.s.Exec(noteReplay, Any, toJSON(requestIDs), c.Business, c.Key, toJSON(c.RequestIDs))
}

// ReleaseClaim says that owner no longer runs it, so that a repeat may go on.
func (t Tx) ReleaseClaim(business, key, owner string) error {
	return t.s.Exec(releaseKey, Any, business, key, owner)
}

// Claim reads one; ErrNotFound.
func (v View) Claim(business, key string) (*Claim, error) {
	return one(v, keyByName, readClaim, business, key)
}

// ForgetClaims deletes those created before a moment, some hundreds at a time; more
// tells that it should be called again.
func (t Tx) ForgetClaims(before time.Time) (more bool, err error) {
	gone, err := many(t.View, forgetKeys, readText, micros(before))
	return len(gone) > 0, err
}

// ForgetClaim deletes one if it was created before a moment.
func (t Tx) ForgetClaim(business, key string, before time.Time) error {
	return t.s.Exec(forgetKey, Any, business, key, micros(before))
}

func readClaim(scan Scan) (*Claim, error) {
	var c Claim
	var state, ids string
	var created int64
	var completed sql.NullInt64
	err := scan(&c.Business, &c.Key, &c.Fingerprint, &c.Fields, &c.Method, &c.Path, &c.Scope, &state, &c.Owner, &ids,
		&c.ObjectType, &c.ObjectID, &c.Status, &c.Outcome, &c.Body, &created, &completed)
	if err != nil {
		return nil, err
	}
	c.Completed, c.CreatedAt, c.CompletedAt = state == "completed", fromMicros(created), fromNullable(completed)
	return &c, fromJSON(ids, &c.RequestIDs)
}
