package postgres

import (
	"context"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/servertest"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/store/storetest"
)

const schema = "juicer_test"

func TestStore(t *testing.T) {
	databases := &databases{urls: map[*testing.T]string{}}
	storetest.Run(t, func(t *testing.T) store.Driver { return open(t, databases.of(t)) })
}

func open(t *testing.T, url string) *Driver {
	t.Helper()
	d, err := Open(t.Context(), url, schema)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ready is a database whose schema is up to date.
func ready(t *testing.T) string {
	t.Helper()
	return servertest.PostgresCopy(t, schema, func(url string) error {
		d, err := Open(context.Background(), url, schema)
		if err != nil {
			return err
		}
		return d.Close()
	})
}

// databases gives each test one database of its own.
type databases struct {
	mu   sync.Mutex
	urls map[*testing.T]string
}

func (d *databases) of(t *testing.T) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.urls[t] == "" {
		d.urls[t] = ready(t)
	}
	return d.urls[t]
}
