package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/juicer-pay/juicer/internal/problem"
)

// tree is the repository at root and the files it should hold.
type tree struct {
	root  string
	files []problem.File
}

func (t tree) at(path string) string { return filepath.Join(t.root, filepath.FromSlash(path)) }

// stale names, from the root, the files that are missing, differ, or stand where
// only generated files may and belong to no code any more.
func (t tree) stale() ([]string, error) {
	var found []string
	wanted := map[string]bool{}
	for _, f := range t.files {
		wanted[f.Path] = true
		have, err := os.ReadFile(t.at(f.Path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read generated file: %w", err)
		}
		if err != nil || !bytes.Equal(have, f.Content) {
			found = append(found, f.Path)
		}
	}
	orphans, err := t.orphans(wanted)
	return append(found, orphans...), err
}

func (t tree) orphans(wanted map[string]bool) ([]string, error) {
	entries, err := os.ReadDir(t.at(problem.GoldenDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list samples: %w", err)
	}
	var found []string
	for _, e := range entries {
		if path := problem.GoldenDir + "/" + e.Name(); !wanted[path] {
			found = append(found, path)
		}
	}
	return found, nil
}

// write makes the stale files current and removes the orphans.
func (t tree) write(stale []string) error {
	content := map[string][]byte{}
	for _, f := range t.files {
		content[f.Path] = f.Content
	}
	for _, path := range stale {
		if err := t.put(path, content); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}

func (t tree) put(path string, content map[string][]byte) error {
	data, ok := content[path]
	if !ok {
		return os.Remove(t.at(path))
	}
	if err := os.MkdirAll(filepath.Dir(t.at(path)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(t.at(path), data, 0o644)
}
