package ratelimit

import (
	"context"
	"fmt"
	"testing"
	"time"
)

var (
	start = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	ctx   = context.Background()
)

const getPayment = "GET /payments/{id}"

func TestIdleKeysAreForgotten(t *testing.T) {
	l := NewLocal(Test())
	most := 0
	for i := range 20 * sweepAtLeast {
		at := start.Add(time.Duration(i) * 10 * time.Millisecond) // a bucket is full again after at most 0.6 s
		l.Allow(ctx, fmt.Sprint("key ", i), getPayment, 1, at)
		most = max(most, l.Len())
	}
	if most > sweepAtLeast+2 {
		t.Errorf("%d buckets were remembered at a time, want at most %d", most, sweepAtLeast)
	}
	t.Run("but not those that have spent", func(t *testing.T) {
		l := NewLocal(Test())
		for range 100 {
			l.Allow(ctx, "busy", getPayment, 1, start)
		}
		for i := range 3 * sweepAtLeast {
			l.Allow(ctx, fmt.Sprint("key ", i), getPayment, 1, start.Add(time.Millisecond))
		}
		if l.Allow(ctx, "busy", getPayment, 1, start.Add(2*time.Millisecond)).Allowed {
			t.Error("a full sweep gave a busy key its quota back")
		}
	})
}

func BenchmarkAllow(b *testing.B) {
	l := NewLocal(Test())
	b.ReportAllocs()
	for i := range b.N {
		l.Allow(ctx, "k", getPayment, 1, start.Add(time.Duration(i)*time.Second))
	}
}
