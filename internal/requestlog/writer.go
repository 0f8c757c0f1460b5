package requestlog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/store"
)

const (
	waitingMax  = 8192                   // lines in memory; a request waits for room rather than lose its line
	batchMax    = 500                    // lines a transaction writes
	flushEvery  = 100 * time.Millisecond // a line can be read this long after its answer
	writeTryMax = 3
)

// Writer writes lines in batches. A request never waits for the disk because of
// its line; only when the buffer is full it waits for room.
type Writer struct {
	store *store.Store
	log   *slog.Logger
	lines chan *store.Request
	flush chan chan struct{}
	done  chan struct{}
	stop  sync.Once

	open   sync.RWMutex // held by Add while it hands a line over
	closed bool
}

// NewWriter starts a writer; Close ends it without losing a line.
func NewWriter(s *store.Store, log *slog.Logger) *Writer {
	w := &Writer{store: s, log: log, lines: make(chan *store.Request, waitingMax), flush: make(chan chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

// Add hands a line over; after Close it is told to the log instead.
func (w *Writer) Add(r *store.Request) {
	w.open.RLock()
	defer w.open.RUnlock()
	if w.closed {
		w.log.Warn("request log line after the end", "request_id", r.ID)
		return
	}
	w.lines <- r
}

// Flush returns when every line added before is in the store. Reads of the log
// call it, so that a request can always be found as soon as it was answered.
func (w *Writer) Flush(ctx context.Context) {
	answer := make(chan struct{})
	select {
	case w.flush <- answer:
	case <-w.done:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-answer:
	case <-ctx.Done():
	}
}

// Close writes what waits and ends.
func (w *Writer) Close() {
	w.stop.Do(func() {
		w.open.Lock()
		defer w.open.Unlock()
		w.closed = true
		close(w.lines)
	})
	<-w.done
}

func (w *Writer) run() {
	defer close(w.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	var batch []*store.Request
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				w.write(batch)
				return
			}
			batch = append(batch, line)
			if len(batch) >= batchMax {
				batch = w.write(batch)
			}
		case answer := <-w.flush:
			batch = w.write(w.drain(batch))
			close(answer)
		case <-tick.C: // not a wait after the last line: they may never stop coming
			batch = w.write(batch)
		}
	}
}

func (w *Writer) drain(batch []*store.Request) []*store.Request {
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				return batch
			}
			batch = append(batch, line)
		default:
			return batch
		}
	}
}

// write stores a batch and gives the empty buffer back. A batch that cannot be
// written is told to the log: the requests themselves are unharmed.
func (w *Writer) write(batch []*store.Request) []*store.Request {
	if len(batch) == 0 {
		return batch
	}
	var err error
	for range writeTryMax {
		err = w.store.Write(context.Background(), func(tx store.Tx) error {
			for _, line := range batch {
				if err := tx.InsertRequest(line); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			return batch[:0]
		}
	}
	w.log.Error("request log lines lost", "lines", len(batch), "error", err)
	return batch[:0]
}
