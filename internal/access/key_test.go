package access

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/problem"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) *time.Time { t := noon.Add(d); return &t }

const (
	hour = time.Hour
	day  = 24 * time.Hour
	tick = time.Microsecond
)

func TestStates(t *testing.T) {
	cases := []struct {
		claim string
		key   Key
		after time.Duration
		want  State
	}{
		{"a key without an end is active", Key{}, 1000 * day, Active},
		{"a key works until the moment it expires", Key{ExpiresAt: at(day)}, day - tick, Active},
		{"and not at that moment", Key{ExpiresAt: at(day)}, day, Expired},
		{"a replaced key is rotating", Key{RotatedAt: at(0)}, 0, Rotating},
		{"for 7 days at most", Key{RotatedAt: at(0)}, 7*day - tick, Rotating},
		{"then it is expired", Key{RotatedAt: at(0)}, 7 * day, Expired},
		{"once the new key was used, for 24 h", Key{RotatedAt: at(0), ReplacementUsedAt: at(hour)}, day + hour - tick, Rotating},
		{"then it is expired as well", Key{RotatedAt: at(0), ReplacementUsedAt: at(hour)}, day + hour, Expired},
		{"a late first use does not reach past the 7 days", Key{RotatedAt: at(0), ReplacementUsedAt: at(6*day + 12*hour)}, 7 * day, Expired},
		{"its own date comes first if it is earlier", Key{RotatedAt: at(0), ExpiresAt: at(hour)}, hour, Expired},
		{"a stored end of the overlap counts", Key{RotatedAt: at(0), OverlapEndsAt: at(hour)}, hour, Expired},
		{"a key is active until it is revoked", Key{RevokedAt: at(hour)}, hour - tick, Active},
		{"a revoked key is revoked", Key{RevokedAt: at(0)}, 0, Revoked},
		{"and stays so past its end", Key{RevokedAt: at(0), ExpiresAt: at(hour)}, day, Revoked},
		{"also while rotating", Key{RevokedAt: at(hour), RotatedAt: at(0)}, 2 * hour, Revoked},
	}
	for _, c := range cases {
		t.Run(c.claim, func(t *testing.T) {
			if got := c.key.StateAt(noon.Add(c.after)); got != c.want {
				t.Errorf("%+v is %s after %v, want %s", c.key, got, c.after, c.want)
			}
		})
	}
}

func TestRotate(t *testing.T) {
	first := Key{
		ID: "a", Business: "b", Name: "payouts job", Description: "Nightly payouts", Scopes: []string{"payouts:write"}, Status: Active,
		Hash: "h", Prefix: "p", Last4: "l", CreatedAt: noon, Lifetime: 30 * day, ExpiresAt: at(30 * day), LastUsedAt: at(hour),
	}
	now := noon.Add(10 * day)
	old, next, err := first.Rotate(now)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the new key has the same name, scopes and lifetime, from now on", func(t *testing.T) {
		want := Key{
			Business: "b", Name: "payouts job", Description: "Nightly payouts", Scopes: []string{"payouts:write"}, Status: Active,
			CreatedAt: now, Lifetime: 30 * day, ExpiresAt: at(40 * day), Replaces: "a",
		}
		if diff := cmp.Diff(want, next); diff != "" {
			t.Errorf("new key (-want +got):\n%s", diff)
		}
	})
	t.Run("the old key is rotating and ends after 7 days", func(t *testing.T) {
		if old.Status != Rotating || old.StateAt(now) != Rotating || !old.OverlapEndsAt.Equal(now.Add(7*day)) {
			t.Errorf("got %+v", old)
		}
	})
	t.Run("the first use of the new one brings the end to 24 h, a second one changes nothing", func(t *testing.T) {
		used := old.ReplacementUsed(now.Add(hour)).ReplacementUsed(now.Add(2 * hour))
		if !used.OverlapEndsAt.Equal(now.Add(25*hour)) || !used.ReplacementUsedAt.Equal(now.Add(hour)) {
			t.Errorf("ends %v", used.OverlapEndsAt)
		}
	})
	t.Run("a use means nothing to a key that was not rotated", func(t *testing.T) {
		if diff := cmp.Diff(first, first.ReplacementUsed(now)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a key without an end is replaced by one without an end", func(t *testing.T) {
		_, next, err := Key{}.Rotate(now)
		if err != nil || next.ExpiresAt != nil || next.EndsAt() != nil {
			t.Errorf("ends %v, %v", next.ExpiresAt, err)
		}
	})
	for state, k := range map[State]Key{Rotating: old, Expired: {ExpiresAt: at(0)}, Revoked: {RevokedAt: at(0)}} {
		t.Run("from "+string(state)+" it is refused", func(t *testing.T) {
			_, _, err := k.Rotate(now.Add(hour))
			wantTransition(t, err, state, Rotating)
		})
	}
}

func TestRevoke(t *testing.T) {
	for state, k := range map[State]Key{Active: {}, Rotating: {RotatedAt: at(0)}} {
		t.Run("ends a key that is "+string(state), func(t *testing.T) {
			got, err := k.Revoke(noon)
			if err != nil || got.StateAt(noon) != Revoked || got.Status != Revoked {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	t.Run("again changes nothing", func(t *testing.T) {
		k := Key{RevokedAt: at(0), Status: Revoked}
		if got, err := k.Revoke(noon.Add(hour)); err != nil || cmp.Diff(k, got) != "" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("is refused for an expired key", func(t *testing.T) {
		_, err := Key{ExpiresAt: at(0)}.Revoke(noon)
		wantTransition(t, err, Expired, Revoked)
	})
}

func wantTransition(t *testing.T, err error, from, to State) {
	t.Helper()
	e, ok := problem.Of(err)
	if !ok || e.Kind != problem.InvalidStatusTransition || e.Details["from"] != string(from) || e.Details["to"] != string(to) {
		t.Errorf("got %v, want invalid_status_transition from %s to %s", err, from, to)
	}
}

// TestKeysOnlyMoveForward: whatever happened to a key, time alone takes it from
// active over rotating to its end, never back.
func TestKeysOnlyMoveForward(t *testing.T) {
	rank := map[State]int{Active: 0, Rotating: 1, Expired: 2, Revoked: 2}
	rapid.Check(t, func(t *rapid.T) {
		offset := func(name string) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(20*day)).Draw(t, name))
		}
		k := Key{ID: "a"}
		now := noon
		if rapid.Bool().Draw(t, "expires") {
			k.Lifetime = offset("lifetime") + tick
			k.ExpiresAt = at(k.Lifetime)
		}
		before := Active
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			now = now.Add(offset("step") / 4)
			state := k.StateAt(now)
			if rank[state] < rank[before] || rank[before] == 2 && state != before {
				t.Fatalf("%s became %s by waiting: %+v", before, state, k)
			}
			switch rapid.IntRange(0, 3).Draw(t, "action") {
			case 0:
				if old, _, err := k.Rotate(now); (err == nil) != (state == Active) {
					t.Fatalf("rotating from %s: %v", state, err)
				} else {
					k = old
				}
			case 1:
				k = k.ReplacementUsed(now)
			case 2:
				if revoked, err := k.Revoke(now); (err == nil) != (state != Expired) {
					t.Fatalf("revoking from %s: %v", state, err)
				} else {
					k = revoked
				}
			}
			before = k.StateAt(now)
			if rank[before] < rank[state] {
				t.Fatalf("%s became %s: %+v", state, before, k)
			}
			if end := k.EndsAt(); end != nil && before != Revoked && (before == Expired) != !now.Before(*end) {
				t.Fatalf("%s although it ends %v, now %v", before, end, now)
			}
		}
	})
}

func TestUseIsRecordedOncePerMinute(t *testing.T) {
	for _, c := range []struct {
		last *time.Time
		now  time.Duration
		want bool
	}{
		{nil, 0, true}, {at(0), 59 * time.Second, false}, {at(0), time.Minute, true}, {at(59 * time.Second), time.Minute, true}, {at(time.Hour), 0, false},
	} {
		if got := (Key{LastUsedAt: c.last}).UseIsNews(noon.Add(c.now)); got != c.want {
			t.Errorf("last use %v, now %v: news %v, want %v", c.last, c.now, got, c.want)
		}
	}
}
