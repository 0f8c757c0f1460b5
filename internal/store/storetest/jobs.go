package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

func jobClaims() []claim {
	return []claim{
		{"the jobs that are due longest are leased first", leaseOrder},
		{"a job that is not due is not leased", notDue},
		{"a leased job is nobody else's until the lease is over", leasedOnce},
		{"many who lease at once share the jobs out", leaseRace},
		{"an older fence cannot postpone", olderFence},
		{"a job that was scheduled anew is out of the hands of who held it", scheduledAnew},
		{"an object has one due moment at most", oneMoment},
		{"a job that was dropped is gone", unscheduled},
		{"the next due moment is that of jobs nobody holds", nextMoment},
		{"due jobs are counted, held ones too", dueCounted},
		{"what waits for a rail can be made due at once", hastened},
	}
}

// schedule makes job-n due so long after noon.
func (s *suite) schedule(n int, after time.Duration) {
	s.Helper()
	s.write(func(tx store.Tx) error { return tx.Schedule("payment", fmt.Sprint("job-", n), ada, at(after)) })
}

// lease takes jobs for an hour of real time that is now.
func (s *suite) lease(owner string, now time.Duration, limit int) (jobs []store.Job) {
	s.Helper()
	s.write(func(tx store.Tx) (err error) {
		jobs, err = tx.LeaseJobs(owner, at(now+time.Hour), at(now), at(now), limit)
		return err
	})
	return jobs
}

// leaseOne is lease for a test with one job, which must be there.
func (s *suite) leaseOne(owner string, now time.Duration) store.Job {
	s.Helper()
	jobs := s.lease(owner, now, 9)
	if len(jobs) != 1 {
		s.Fatalf("leased %v, want one job", ids(jobs))
	}
	return jobs[0]
}

func ids(jobs []store.Job) []string {
	out := []string{}
	for _, j := range jobs {
		out = append(out, j.ObjectID)
	}
	slices.Sort(out)
	return out
}

func leaseOrder(s *suite) {
	for n := range 6 {
		s.schedule(n, time.Duration(-n)*time.Minute) // job-5 is due longest
	}
	same(s, "the first two", ids(s.lease("me", 0, 2)), []string{"job-4", "job-5"})
	same(s, "the next three", ids(s.lease("me", 0, 3)), []string{"job-1", "job-2", "job-3"})
	got := s.lease("me", 0, 3)
	same(s, "the last", got, []store.Job{{ObjectType: "payment", ObjectID: "job-0", Business: ada, DueAt: at(0), Fence: 1, Attempts: 1}})
}

func notDue(s *suite) {
	s.schedule(1, time.Microsecond)
	same(s, "leased before", ids(s.lease("me", 0, 9)), []string{})
	same(s, "leased at its moment", ids(s.lease("me", time.Microsecond, 9)), []string{"job-1"})
}

func leasedOnce(s *suite) {
	s.schedule(1, 0)
	same(s, "leased", ids(s.lease("me", 0, 9)), []string{"job-1"})
	same(s, "by another meanwhile", ids(s.lease("you", 59*time.Minute, 9)), []string{})
	again := s.leaseOne("you", time.Hour+time.Microsecond)
	same(s, "its fence and attempts once the lease is over", []int64{again.Fence, again.Attempts}, []int64{2, 2})
}

func leaseRace(s *suite) {
	const jobs = 60
	for n := range jobs {
		s.schedule(n, 0)
	}
	held := make([][]store.Job, 12)
	for _, err := range atOnce(len(held), func(i int) error {
		return s.store.Write(s.ctx, func(tx store.Tx) (err error) {
			held[i], err = tx.LeaseJobs(fmt.Sprint("owner ", i), at(time.Hour), at(0), at(0), 5)
			return err
		})
	}) {
		s.must(err)
	}
	seen := map[string]int{}
	for _, some := range held {
		for _, j := range some {
			seen[j.ObjectID]++
		}
	}
	same(s, "jobs handed out", len(seen), jobs)
	for id, n := range seen {
		same(s, id+" was handed out", n, 1)
	}
}

func olderFence(s *suite) {
	s.schedule(1, 0)
	first := s.leaseOne("me", 0)
	second := s.leaseOne("you", 2*time.Hour)
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.Postpone(first, at(9*time.Hour)) }), "postpone_job")
	s.write(func(tx store.Tx) error { return tx.Postpone(second, at(3*time.Hour)) })
	same(s, "leased before the new moment", ids(s.lease("me", 3*time.Hour-1000, 1)), []string{})
	third := s.leaseOne("me", 3*time.Hour)
	same(s, "the fence has grown", third.Fence > second.Fence, true)
}

func scheduledAnew(s *suite) {
	s.schedule(1, 0)
	j := s.leaseOne("me", 0)
	s.schedule(1, time.Minute)
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.Postpone(j, at(9*time.Hour)) }), "postpone_job")
	same(s, "attempts count from new", s.leaseOne("you", time.Minute).Attempts, 1)
}

func oneMoment(s *suite) {
	s.schedule(1, 0)
	s.schedule(1, time.Hour)
	same(s, "due at the old moment", ids(s.lease("me", 0, 9)), []string{})
	same(s, "due at the new one", ids(s.lease("me", time.Hour, 9)), []string{"job-1"})
	s.write(func(tx store.Tx) error { return tx.Schedule("refund", "job-1", ada, at(0)) })
	same(s, "another kind of object under the same id", len(s.lease("me", 0, 9)), 1)
}

func unscheduled(s *suite) {
	s.schedule(1, 0)
	j := s.leaseOne("me", 0)
	s.write(func(tx store.Tx) error { return tx.Unschedule("payment", "job-1") })
	s.lost(s.store.Write(s.ctx, func(tx store.Tx) error { return tx.Postpone(j, at(0)) }), "postpone_job")
	same(s, "leased", ids(s.lease("me", 9*time.Hour, 9)), []string{})
}

func (s *suite) next(now time.Duration) *time.Time {
	s.Helper()
	return get(s, func(v store.View) (*time.Time, error) {
		t, some, err := v.NextJob(at(now))
		if !some {
			return nil, err
		}
		return &t, err
	})
}

func nextMoment(s *suite) {
	same(s, "with no job", s.next(0), nil)
	s.schedule(1, 0)
	s.schedule(2, time.Minute)
	same(s, "with two", s.next(0), ptr(at(0)))
	s.lease("me", 0, 1)
	same(s, "while the first is held", s.next(0), ptr(at(time.Minute)))
	same(s, "after its lease", s.next(2*time.Hour), ptr(at(0)))
}

func dueCounted(s *suite) {
	for n := range 4 {
		s.schedule(n, time.Duration(n)*time.Minute)
	}
	s.lease("me", 0, 1)
	same(s, "due", get(s, func(v store.View) (int64, error) { return v.CountDueJobs(at(2 * time.Minute)) }), 3)
}

func hastened(s *suite) {
	for n := range 3 {
		s.schedule(n, time.Hour)
	}
	s.schedule(3, -time.Hour)
	s.addInstructions(openInstruction("job-1", 1), fullInstruction("job-2", 1), openInstruction("job-3", 1))
	s.write(func(tx store.Tx) error { return tx.HastenJobs(at(0)) })
	jobs := s.lease("me", 0, 9)
	same(s, "due now", ids(jobs), []string{"job-1", "job-3"})
	for _, j := range jobs {
		if j.ObjectID == "job-3" {
			same(s, "what was due before stays so", j.DueAt, at(-time.Hour))
		}
	}
}
