package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func specIn(root string, flags ...string) (code int, out string) {
	var text bytes.Buffer
	code = run(append([]string{"-root", root}, flags...), &text, &text)
	return code, text.String()
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	if code, out := specIn("../..", "-check"); code != 0 {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

func TestCheckNamesWhatIsNotCurrent(t *testing.T) {
	for name, c := range map[string]struct {
		path  string
		plant func(t *testing.T, file string)
	}{
		"a golden that was edited":   {"spec/vectors/problems/not_found.http", edit},
		"documentation by hand":      {"docs/errors.md", edit},
		"a contract file by hand":    {"spec/problems.json", edit},
		"a golden that is missing":   {"spec/vectors/problems/not_found.http", remove},
		"a golden of no code at all": {"spec/vectors/problems/no_such_code.http", edit},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if code, out := specIn(root); code != 0 {
				t.Fatalf("writing gives %d: %s", code, out)
			}
			if code, out := specIn(root, "-check"); code != 0 || out != "" {
				t.Fatalf("what was just written gives %d: %s", code, out)
			}
			c.plant(t, filepath.Join(root, filepath.FromSlash(c.path)))
			code, out := specIn(root, "-check")
			if code != 1 || !strings.HasPrefix(out, c.path+" is not current") || strings.Count(out, "\n") != 1 {
				t.Errorf("exit %d: %s", code, out)
			}
			if code, out := specIn(root); code != 0 {
				t.Errorf("repairing gives %d: %s", code, out)
			}
			if code, out := specIn(root, "-check"); code != 0 {
				t.Errorf("what was repaired gives %d: %s", code, out)
			}
		})
	}
}

func edit(t *testing.T, file string) {
	t.Helper()
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(old, "by hand"...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	if code, _ := specIn(".", "-no-such-flag"); code != 2 {
		t.Errorf("exit %d", code)
	}
}

func TestAnUnwritableTreeIsSaid(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "spec"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := specIn(root); code != 1 || !strings.Contains(out, "spec") {
		t.Errorf("exit %d: %s", code, out)
	}
}
