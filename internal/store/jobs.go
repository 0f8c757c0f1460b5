package store

import "time"

// Job says that something is due about an object; its state tells what.
type Job struct {
	ObjectType string
	ObjectID   string
	Business   string
	DueAt      time.Time
	Fence      int64 // grows with every lease; a holder of an older one is too late
	Attempts   int64
}

var (
	scheduleJob = query("schedule_job")
	dropJob     = query("drop_job")
	leaseJobs   = query("lease_jobs")
	postponeJob = query("postpone_job")
	finishJob   = query("finish_job")
	nextJob     = query("next_job")
	countDue    = query("count_due_jobs")
	hastenJobs  = query("hasten_jobs")
	freeJobs    = query("free_jobs")
)

// Schedule sets the object's next due moment; a lease on it becomes worthless.
func (t Tx) Schedule(objectType, objectID, business string, due time.Time) error {
	return t.ScheduleOn("", objectType, objectID, business, due)
}

// ScheduleOn is Schedule for work that a node is to do itself while it lives.
func (t Tx) ScheduleOn(node, objectType, objectID, business string, due time.Time) error {
	return t.s.Exec(scheduleJob, Any, objectType, objectID, business, micros(due), node)
}

// Unschedule says that nothing more is due about the object.
func (t Tx) Unschedule(objectType, objectID string) error {
	return t.s.Exec(dropJob, Any, objectType, objectID)
}

// LeaseJobs takes up to limit due jobs for owner until a moment of real time; none
// that another node which lives is to do.
func (t Tx) LeaseJobs(owner string, until, now, realNow time.Time, limit int) ([]Job, error) {
	return many(t.View, leaseJobs, readJob, micros(now), micros(realNow), owner, limit, micros(until))
}

// Postpone gives a lease back with a later due moment; a Conflict of
// "postpone_job" means that the lease was lost.
func (t Tx) Postpone(j Job, due time.Time) error {
	return t.s.Exec(postponeJob, One, micros(due), j.ObjectType, j.ObjectID, j.Fence)
}

// Finish drops a leased job; a Conflict of "finish_job" means that the lease was lost.
func (t Tx) Finish(j Job) error {
	return t.s.Exec(finishJob, One, j.ObjectType, j.ObjectID, j.Fence)
}

// NextJob is the earliest due moment of jobs that nobody holds.
func (v View) NextJob(realNow time.Time) (time.Time, bool, error) {
	return v.earliest(nextJob, micros(realNow))
}

// CountDueJobs counts jobs due at now, held ones included.
func (v View) CountDueJobs(now time.Time) (int64, error) {
	return one(v, countDue, readInt, micros(now))
}

// HastenJobs gives the leases of dead nodes back, those of deliveries too, and makes everything due now whose
// instruction has no outcome and was sent by one: whoever waited for the rail is gone.
func (t Tx) HastenJobs(now time.Time) error {
	for _, free := range []Query{freeJobs, freeDeliveries} {
		if err := t.s.Exec(free, Any); err != nil {
			return err
		}
	}
	return t.s.Exec(hastenJobs, Any, micros(now))
}

func readJob(scan Scan) (j Job, err error) {
	var due int64
	err = scan(&j.ObjectType, &j.ObjectID, &j.Business, &due, &j.Fence, &j.Attempts)
	j.DueAt = fromMicros(due)
	return j, err
}
