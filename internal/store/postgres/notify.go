package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/juicer-pay/juicer/internal/world"
)

const (
	notifyTime  = 2 * time.Second      // for one notification
	notifyPause = 5 * time.Millisecond // between two: what changes meanwhile shares the next one
)

// notifier tells other processes that something was committed. It does so beside the
// transactions and at most once in notifyPause: PostgreSQL makes all commits that
// notify take turns, so a NOTIFY in each would make every payment wait for every other.
type notifier struct {
	mu      sync.Mutex
	waiting map[string]bool // topics to be told
	more    chan struct{}
	stop    context.CancelFunc
	done    chan struct{}
}

func (n *notifier) start(d *Driver) {
	ctx, stop := context.WithCancel(context.Background())
	n.waiting, n.more, n.stop, n.done = map[string]bool{}, make(chan struct{}, 1), stop, make(chan struct{})
	go func() {
		defer close(n.done)
		for {
			select {
			case <-n.more:
			case <-ctx.Done():
				return
			}
			d.notify(n.take())
			_ = world.Sleep(ctx, notifyPause)
		}
	}()
}

func (n *notifier) take() (topics []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for topic := range n.waiting {
		topics = append(topics, topic)
	}
	clear(n.waiting)
	return topics
}

func (n *notifier) close() {
	n.stop()
	<-n.done
}

// Announce implements store.Signals. It never waits.
func (d *Driver) Announce(topic string) {
	d.changes.mu.Lock()
	d.changes.waiting[topic] = true
	d.changes.mu.Unlock()
	select {
	case d.changes.more <- struct{}{}:
	default:
	}
}

// notify is best effort: who does not hear looks by itself after a while.
func (d *Driver) notify(topics []string) {
	ctx, cancel := context.WithTimeout(context.Background(), notifyTime)
	defer cancel()
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	b := &pgx.Batch{}
	for _, topic := range topics {
		b.Queue("SELECT pg_notify($1, $2)", d.channel(), topic)
	}
	_ = conn.SendBatch(ctx, b).Close()
}

// channel is where the processes of one environment meet.
func (d *Driver) channel() string { return d.schema + "_changed" }

// Hear implements store.Signals: it calls told for every topic that any process of
// this store announces, and returns when ctx ends or the connection breaks.
func (d *Driver) Hear(ctx context.Context, told func(topic string)) error {
	conn, err := pgx.ConnectConfig(ctx, d.pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{d.channel()}.Sanitize()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		told(n.Payload)
	}
}
