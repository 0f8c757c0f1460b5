package nodetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/node"
	"github.com/juicer-pay/juicer/internal/servertest"
)

// To bring the schemas of an environment up to date takes longer than most tests. So
// that happens once in a process, and each test starts on a copy of the outcome.

const privateFile = 0o600

// blank gives an environment that was opened once and never used: a directory, and a
// database if the tests run on PostgreSQL.
func blank(t testing.TB) (dir, database string) {
	t.Helper()
	dir = t.TempDir()
	if servertest.OnPostgres(t) {
		return dir, servertest.PostgresCopy(t, "a blank environment", func(url string) error {
			draft, err := os.MkdirTemp("", "juicer-blank-")
			if err != nil {
				return err
			}
			return errors.Join(openOnce(draft, url), os.RemoveAll(draft))
		})
	}
	files, err := blankFiles()
	Must(t, err)
	for name, content := range files {
		Must(t, os.WriteFile(filepath.Join(dir, name), content, privateFile))
	}
	return dir, ""
}

var blankFiles = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "juicer-blank-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := openOnce(dir, ""); err != nil {
		return nil, err
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, f := range found {
		if files[f.Name()], err = os.ReadFile(filepath.Join(dir, f.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
})

func openOnce(dir, database string) error {
	c, err := config(dir)
	if err != nil {
		return err
	}
	c.Database = database
	n, err := node.Open(context.Background(), c)
	if err != nil {
		return err
	}
	return n.Close()
}
