// Package upgrade runs two releases on one store: the last one that was released goes on
// serving while the present one migrates, and then hands over. Clients must not notice.
package upgrade

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/servertest"
)

const (
	repository   = "../.."
	releasesPath = "docs/decisions/releases.md"
)

// release is a binary of some commit.
type release struct {
	name string
	bin  string
}

// recorded is a row of the table of releases.
var recorded = regexp.MustCompile("(?m)^\\| ([0-9.]+) \\| `([0-9a-f]{40})` \\|")

// lastRecorded is the newest release of the table: its last row.
func lastRecorded(table string) (version, commit string, err error) {
	rows := recorded.FindAllStringSubmatch(table, -1)
	if len(rows) == 0 {
		return "", "", fmt.Errorf("%s names no release", releasesPath)
	}
	last := rows[len(rows)-1]
	return last[1], last[2], nil
}

// present is the binary of the files as they are.
var present = sync.OnceValues(func() (release, error) { return build("the present one", repository) })

// previous is the binary of the last release.
var previous = sync.OnceValues(func() (release, error) {
	table, err := os.ReadFile(filepath.Join(repository, releasesPath))
	if err != nil {
		return release{}, err
	}
	version, commit, err := lastRecorded(string(table))
	if err != nil {
		return release{}, err
	}
	source, err := os.MkdirTemp("", "juicer-release-")
	if err != nil {
		return release{}, err
	}
	defer os.RemoveAll(source)
	if err := checkout(repository, commit, source); err != nil {
		return release{}, err
	}
	return build(version, source)
})

// checkout writes the files of a commit into a directory.
func checkout(clone, commit, into string) error {
	archive := filepath.Join(into, "source.tar")
	for _, c := range [][]string{
		{"git", "-c", "safe.directory=*", "-C", clone, "cat-file", "-e", commit + "^{commit}"},
		{"git", "-c", "safe.directory=*", "-C", clone, "archive", "--output", archive, commit},
		{"tar", "-C", into, "-xf", archive},
	} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("the release at %s cannot be built, because this clone does not hold its commit (%s: %w, %s): fetch the whole history with git fetch --unshallow (or git fetch origin %s), and keep the .git directory beside the files",
				commit, strings.Join(c, " "), err, out, commit)
		}
	}
	return nil
}

// build builds the command with the flags of every other build here, so that what it depends
// on comes out of the cache.
func build(name, source string) (release, error) {
	dir, err := os.MkdirTemp("", "juicer-upgrade-")
	if err != nil {
		return release{}, err
	}
	r := release{name, filepath.Join(dir, "juicer")}
	c := exec.Command("go", "build", "-buildvcs=false", "-o", r.bin, "./cmd/juicer")
	c.Dir = source
	if out, err := c.CombinedOutput(); err != nil {
		return r, fmt.Errorf("build %s: %w: %s", name, err, out)
	}
	return r, nil
}

func need(t *testing.T, of func() (release, error)) release {
	t.Helper()
	r, err := of()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// knowsPostgres asks the binary itself.
func (r release) knowsPostgres(t *testing.T) bool {
	t.Helper()
	c := exec.Command(r.bin, "serve", "--help")
	c.Env = servertest.Environ()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s serve --help: %v, %s", r.name, err, out)
	}
	return strings.Contains(string(out), "--database")
}

func TestTheLastRecordedReleaseIsTaken(t *testing.T) {
	version, commit, err := lastRecorded("| version | commit | date |\n| --- | --- | --- |\n" +
		"| 0.1.0 | `" + strings.Repeat("a", 40) + "` | 2026-11-22 |\n| 0.2.0 | `" + strings.Repeat("b", 40) + "` | 2026-12-01 |\n")
	if err != nil || version != "0.2.0" || commit != strings.Repeat("b", 40) {
		t.Errorf("got %s at %s, %v; want the last row", version, commit, err)
	}
}

func TestACommitThatIsNotInTheCloneIsExplained(t *testing.T) {
	err := checkout(repository, strings.Repeat("0", 39)+"1", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "git fetch --unshallow") {
		t.Errorf("got %v, want what to do", err)
	}
}
