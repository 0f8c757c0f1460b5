package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/store"
)

func TestAFile(t *testing.T) {
	t.Run("is whole by itself once the store is closed, and held open by nobody", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.db")
		s := store.New(open(t, path))
		save(t, s, "a", "1")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 1 {
			t.Errorf("files after closing: %v (%v), want a.db alone", left, err)
		}
		if held := heldOpen(t, dir); len(held) > 0 {
			t.Errorf("still open after closing: %v", held)
		}
	})
	t.Run("may have any name a path can have", func(t *testing.T) {
		for _, name := range []string{"plain.db", "with blank.db", "what?.db", "50%.db", "a#b.db", "ä&b=c.db"} {
			dir := filepath.Join(t.TempDir(), name)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			s := store.New(open(t, filepath.Join(dir, name)))
			save(t, s, "a", name)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Errorf("the data is not in %s: %v", name, err)
			}
		}
	})
	t.Run("that is no database is refused with its name", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "notes.db")
		if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter to my aunt. ", 400)), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(t.Context(), path)
		if err == nil {
			d.Close()
			t.Fatal("a letter was opened as a database")
		}
		if !strings.Contains(err.Error(), "notes.db") {
			t.Errorf("got error %q, want the name of the file in it", err)
		}
	})
	t.Run("can be written by a second opener while the first works", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		server, tool := store.New(open(t, path)), store.New(open(t, path))
		defer server.Close()
		defer tool.Close()
		for i := range 20 {
			save(t, server, fmt.Sprint("server ", i), "1")
			save(t, tool, fmt.Sprint("tool ", i), "1")
		}
		for _, s := range []*store.Store{server, tool} {
			for i := range 20 {
				for _, who := range []string{"server", "tool"} {
					if got := setting(t, s, fmt.Sprint(who, " ", i)); got != "1" {
						t.Fatalf("%s's write %d: got %q, want it seen by both", who, i, got)
					}
				}
			}
		}
	})
}

func TestABrokenDatabase(t *testing.T) {
	t.Run("is told from a lost race, and the next write works again", func(t *testing.T) {
		s := store.New(open(t, filepath.Join(t.TempDir(), "a.db")))
		defer s.Close()
		b := store.Business{ID: "b", Name: "one"}
		insert := func(tx store.Tx) error { return tx.InsertBusiness(b) }
		if err := s.Write(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		err := s.Write(t.Context(), insert) // no guard of ours: the database itself refuses
		if !errors.Is(err, store.ErrBroken) || store.Lost(err) {
			t.Errorf("got error %v, want %v and no lost race", err, store.ErrBroken)
		}
		save(t, s, "a", "1")
	})
}

func save(t *testing.T, s *store.Store, name, value string) {
	t.Helper()
	if err := s.Write(t.Context(), func(tx store.Tx) error { return tx.SaveSetting(name, value) }); err != nil {
		t.Fatal(err)
	}
}

func setting(t *testing.T, s *store.Store, name string) (value string) {
	t.Helper()
	err := s.Read(t.Context(), func(v store.View) (err error) {
		value, err = v.Setting(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// heldOpen lists the files under dir that this process has open.
func heldOpen(t *testing.T, dir string) (held []string) {
	t.Helper()
	const open = "/proc/self/fd"
	all, err := os.ReadDir(open)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range all {
		if target, err := os.Readlink(filepath.Join(open, fd.Name())); err == nil && strings.HasPrefix(target, dir) {
			held = append(held, target)
		}
	}
	return held
}
