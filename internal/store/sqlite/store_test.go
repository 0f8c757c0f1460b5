package sqlite

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/store/storetest"
)

func TestStore(t *testing.T) {
	files := &files{empty: emptyFile(t), path: map[*testing.T]string{}}
	storetest.Run(t, func(t *testing.T) store.Driver { return open(t, files.of(t)) })
}

func open(t *testing.T, path string) *Driver {
	t.Helper()
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// emptyFile is a database file whose schema is up to date and which is closed.
func emptyFile(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "empty.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// files gives each test one database file of its own. They begin as copies, since
// making the schema anew takes longer than most of the tests.
type files struct {
	empty []byte
	mu    sync.Mutex
	path  map[*testing.T]string
}

func (f *files) of(t *testing.T) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path[t] == "" {
		f.path[t] = filepath.Join(t.TempDir(), "test.db")
		if err := os.WriteFile(f.path[t], f.empty, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f.path[t]
}
