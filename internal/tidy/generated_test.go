package tidy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// spec runs the generator of the repository's files on the tree at dir.
func spec(t *testing.T, dir string, flags ...string) (output string, clean bool) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"run", "./cmd/spec", "-root", dir}, flags...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	if out, ok := spec(t, ".", "-check"); !ok {
		t.Errorf("run make spec:\n%s", out)
	}
}

func TestAGeneratedFileThatWasEditedIsFound(t *testing.T) {
	dir := t.TempDir()
	if out, ok := spec(t, dir); !ok {
		t.Fatalf("cannot write the files elsewhere:\n%s", out)
	}
	if out, ok := spec(t, dir, "-check"); !ok {
		t.Fatalf("files just written are not current:\n%s", out)
	}
	edited := filepath.Join(dir, "spec", "problems.json")
	if err := os.WriteFile(edited, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, ok := spec(t, dir, "-check"); ok || !strings.Contains(out, "spec/problems.json") {
		t.Errorf("an edited spec/problems.json was not found (clean %v):\n%s", ok, out)
	}
}
