package scripted

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/world"
)

// BenchmarkExecute is a durable charge at the instant bank.
func BenchmarkExecute(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			bank, err := Open(context.Background(), Config{Path: filepath.Join(b.TempDir(), "bank.db"), Database: servertest.StoreURL(b),
				Clock: world.Real{}, Entropy: rand.Reader, IDs: id.Maker{Now: world.RealNow, Entropy: rand.Reader}})
			if err != nil {
				b.Fatal(err)
			}
			defer bank.Close()
			name := instant
			if _, err := bank.SetRail(context.Background(), railCard, Patch{Personality: &name}); err != nil {
				b.Fatal(err)
			}
			var n atomic.Int64
			b.SetParallelism(callers / 2)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := bank.Execute(context.Background(), charge(fmt.Sprintf("p/%d", n.Add(1)), approvedCard)); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/float64(bank.writer.commits.Load()), "charges/commit")
		})
	}
}
