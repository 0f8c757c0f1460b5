package sqlite

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
)

func TestAWriteThatTheEndingWriterCameToIsNotCalledRefused(t *testing.T) {
	for range 300 { // a select between two open doors chooses by chance
		d := &Driver{queue: make(chan *order), closing: make(chan struct{}), done: make(chan struct{})}
		go func() {
			o := <-d.queue
			close(o.done) // committed
			close(d.done) // and that was the last
		}()
		if err := d.Write(t.Context(), func(store.Session) error { return nil }); err != nil {
			t.Fatalf("a committed write returned %v, want no error", err)
		}
	}
}
