package problem

import (
	"testing"
	"time"
)

func ms(r Retry) int64 {
	if r.AfterMS == nil {
		return -1
	}
	return *r.AfterMS
}

func way(r Retry) With {
	if r.With == nil {
		return ""
	}
	return *r.With
}

func TestBrokenRequestsSayWhatTheyHadBegun(t *testing.T) {
	for name, c := range map[string]struct {
		work    Work
		outcome Outcome
		with    With
		ms      int64
	}{
		"no work":                            {NoWork, NotAttempted, SameKey, 1000},
		"work that a key or reference tells": {RepeatableWork, Unknown, SameKey, 1000},
		"work that nothing tells":            {UnkeyedWork, Unknown, AfterVerify, 2000},
		"an undefined case":                  {Work(9), Unknown, AfterVerify, 2000},
	} {
		t.Run(name, func(t *testing.T) {
			for _, k := range []*Kind{ServerError, StorageUnavailable, RequestTimeout} {
				e := k.With(nil).BrokeOff(c.work)
				if e.Outcome() != c.outcome || way(e.Retry()) != c.with || ms(e.Retry()) != c.ms {
					t.Errorf("%s: got %s, %s after %d", k.Code, e.Outcome(), way(e.Retry()), ms(e.Retry()))
				}
			}
		})
	}
	t.Run("other errors know by themselves", func(t *testing.T) {
		if e := RailUnavailable.With(nil); e.BrokeOff(UnkeyedWork) != e {
			t.Error("changed")
		}
	})
	t.Run("what was told before stands", func(t *testing.T) {
		e := ServerError.With(nil).Told(NotAttempted).BrokeOff(UnkeyedWork)
		if e.Outcome() != NotAttempted {
			t.Errorf("got %s", e.Outcome())
		}
	})
	t.Run("the row itself assumes the worst", func(t *testing.T) {
		if e := ServerError.With(nil); e.Outcome() != Unknown || way(e.Retry()) != AfterVerify {
			t.Errorf("got %s, %s", e.Outcome(), way(e.Retry()))
		}
	})
}

func TestDetailsDecideWhereTheRowSaysSo(t *testing.T) {
	later := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var never *time.Time
	for name, c := range map[string]struct {
		err     *Error
		outcome Outcome
		with    With
	}{
		"a captured session has succeeded":         {PaymentSessionCompleted.With(Details{"status": "captured"}), Succeeded, ""},
		"a failed session allows another":          {PaymentSessionCompleted.With(Details{"status": "failed"}), Refused, NewKey},
		"a cancelled session allows another":       {PaymentSessionCompleted.With(Details{"status": "cancelled"}), Refused, NewKey},
		"a rail that is down comes back":           {RailUnavailable.With(Details{"reason": "down"}), NotAttempted, SameKey},
		"a rail without a provider does not":       {RailUnavailable.With(Details{"reason": "not_configured"}), NotAttempted, ""},
		"a limit that resets may be tried again":   {LimitExceeded.With(Details{"resets_at": later}), Refused, NewKey},
		"a limit that never resets may not":        {LimitExceeded.With(Details{"resets_at": nil}), Refused, ""},
		"a limit with an empty time neither":       {LimitExceeded.With(Details{"resets_at": never}), Refused, ""},
		"what was told wins over what was guessed": {PaymentSessionCompleted.With(Details{"status": "captured"}).Told(Refused), Refused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.err.Outcome() != c.outcome || way(c.err.Retry()) != c.with {
				t.Errorf("got %s, %q", c.err.Outcome(), way(c.err.Retry()))
			}
		})
	}
}

func TestWaitUntilIsNeverEarly(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		at   time.Time
		want int64
	}{
		"whole milliseconds stay":      {now.Add(1500 * time.Millisecond), 1500},
		"a part of one counts as one":  {now.Add(time.Microsecond), 1},
		"what is past waits no longer": {now.Add(-time.Hour), 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ms(WaitUntil(NewKey, now, c.at)); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
