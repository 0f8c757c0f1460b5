package scripted

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/juicer-pay/juicer/internal/rail"
)

const (
	noticeRetryFirst = 5 * time.Second // doubled after every refusal, on the bank's clock
	noticeRetryMax   = 10 * time.Minute
	noticeTime       = 10 * time.Second // real time for one delivery
	noticesAtOnce    = 16
)

// notice is a callback on its way to the listener.
type notice struct {
	seq      int64
	id       string
	rail     string
	ref      string
	result   rail.Result
	arrival  *rail.Arrival // money that has come; nil: the notice is about an order
	at       time.Time
	copies   int // deliveries still to make
	attempts int // refused in a row
}

// Listen sets who is told of results that come later. Until then callbacks wait.
func (b *Bank) Listen(l rail.Listener) {
	b.mu.Lock()
	b.listener = l
	b.mu.Unlock()
	b.work.Beat()
}

func (b *Bank) hears() rail.Listener {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.listener
}

// announce stores a notice, due after d, together with what it tells of.
func (t *txn) announce(n *notice, d time.Duration) error {
	result, err := json.Marshal(n.result)
	if err != nil {
		return err
	}
	arrival := []byte{}
	if n.arrival != nil {
		if arrival, err = json.Marshal(n.arrival); err != nil {
			return err
		}
	}
	if err := t.row(nextNumber, []any{"notice"}, &n.seq); err != nil {
		return fmt.Errorf("number a notice: %w", err)
	}
	n.id, n.at = t.bank.cfg.IDs.New(), t.now
	t.scheduled = true
	_, err = t.exec(insertNotice, n.seq, n.id, n.rail, n.ref, string(result), t.now.UnixMicro(), later(t.now, d), n.copies, t.bank.name, string(arrival))
	if err != nil {
		return fmt.Errorf("store a notice: %w", err)
	}
	return nil
}

// deliver tells the listener and records how it took it. A copy may be told
// twice if the process dies in between, and none is lost.
func (b *Bank) deliver(ctx context.Context, n notice) error {
	l := b.hears()
	if l == nil {
		return nil
	}
	heard, cancel := context.WithTimeout(ctx, noticeTime)
	err := l.Notice(heard, rail.Notice{ID: n.id, Ref: n.ref, Result: n.result, Arrival: n.arrival, At: n.at})
	cancel()
	if err != nil {
		b.log.Warn("the bank's notice was not taken", "rail_ref", n.ref, "attempt", n.attempts+1, "error", err)
	}
	return b.writer.do(func(t *txn) error { return t.delivered(n, err == nil) })
}

func (t *txn) delivered(n notice, taken bool) error {
	due, done := t.now.UnixMicro(), int64(0)
	if taken {
		n.copies, n.attempts = n.copies-1, 0
	} else {
		due = later(t.now, min(noticeRetryFirst<<min(n.attempts, 16), noticeRetryMax))
		n.attempts++
	}
	if n.copies == 0 {
		done = t.now.UnixMicro()
	}
	t.scheduled = true
	if _, err := t.exec(saveNotice, due, n.copies, n.attempts, done, n.seq); err != nil {
		return fmt.Errorf("record a delivery: %w", err)
	}
	return nil
}

// dueNotices lists what this node is to deliver now, at most one for each
// instruction so that they stay in order.
func (b *Bank) dueNotices(ctx context.Context, railName string, now time.Time) ([]notice, error) {
	rows, err := b.db.read.rows(ctx, dueNotices, railName, b.name, now.UnixMicro(), noticesAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read due notices: %w", err)
	}
	defer rows.Close()
	var out []notice
	seen := map[string]bool{}
	for rows.Next() {
		n := notice{rail: railName}
		var result, arrival string
		var at int64
		if err := rows.Scan(&n.seq, &n.id, &n.ref, &result, &at, &n.copies, &n.attempts, &arrival); err != nil {
			return nil, fmt.Errorf("read a notice: %w", err)
		}
		if err := json.Unmarshal([]byte(result), &n.result); err != nil {
			return nil, fmt.Errorf("read notice %s: %w", n.id, err)
		}
		if arrival != "" {
			if err := json.Unmarshal([]byte(arrival), &n.arrival); err != nil {
				return nil, fmt.Errorf("read the arrival of notice %s: %w", n.id, err)
			}
		}
		if n.at = fromMicros(at); !seen[n.ref] {
			out = append(out, n)
		}
		seen[n.ref] = true
	}
	return out, rows.Err()
}

// deliverDue delivers a round of due notices together and reports whether there
// were any.
func (b *Bank) deliverDue(ctx context.Context, railName string, now time.Time) (bool, error) {
	if b.hears() == nil {
		return false, nil
	}
	due, err := b.dueNotices(ctx, railName, now)
	if err != nil || len(due) == 0 {
		return false, err
	}
	b.cfg.Activity.Enter()
	defer b.cfg.Activity.Leave()
	var round sync.WaitGroup
	failed := make(chan error, len(due))
	for _, n := range due {
		round.Go(func() {
			if err := b.deliver(ctx, n); err != nil {
				failed <- err
			}
		})
	}
	round.Wait()
	close(failed)
	return true, <-failed
}
