package webhook_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juicer-pay/juicer/internal/webhook"
)

// The documented times after the first attempt.
var documented = []string{"0s", "10s", "40s", "1m40s", "6m40s", "21m40s", "51m40s", "1h51m40s", "3h51m40s", "7h51m40s", "13h51m40s", "21h51m40s", "33h51m40s", "45h51m40s"}

var first = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

func TestAttemptsComeWhenTheContractSays(t *testing.T) {
	equal(t, "attempts", webhook.AttemptsMax(), int64(len(documented)))
	for n := 1; n < len(documented); n++ {
		due, more := webhook.Next(int64(n), first, first, 0.5)
		want, err := time.ParseDuration(documented[n])
		must(t, err)
		if !more || due.Sub(first) != want {
			t.Errorf("attempt %d: got %s after the first, want %s", n+1, due.Sub(first), want)
		}
	}
	if _, more := webhook.Next(webhook.AttemptsMax(), first, first, 0.5); more {
		t.Error("there is an attempt after the last")
	}
}

func TestVariationsStayWithinATenthOfTheirInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, webhook.AttemptsMax()-1).Draw(t, "tries")
		chance := rapid.Float64Range(0, 1).Draw(t, "chance")
		due, _ := webhook.Next(n, first, first, chance)
		here, _ := time.ParseDuration(documented[n])
		before, _ := time.ParseDuration(documented[n-1])
		off := (due.Sub(first) - here).Abs()
		if off > (here-before)/10 {
			t.Fatalf("attempt %d is %s off, more than a tenth of %s", n+1, off, here-before)
		}
		if due.Sub(first) > 48*time.Hour {
			t.Fatalf("attempt %d is %s after the first", n+1, due.Sub(first))
		}
	})
}

func TestAttemptsThatWereMissedWhileTheServerWasAwayDoNotComeAtOnce(t *testing.T) {
	now := first.Add(10 * time.Hour)
	due, more := webhook.Next(2, first, now, 0.5)
	if !more || due != now.Add(10*time.Second) {
		t.Errorf("got %s, want 10 s from now (%s)", due, now)
	}
	due, _ = webhook.Next(1, first, first.Add(11*time.Second), 0.5) // a receiver that took its 10 s
	equal(t, "after a slow attempt", due, first.Add(10*time.Second))
}
