package copying

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/world"
)

// MarkerFile lies in a data directory from the beginning of its copy. Servers do not work
// on a directory that has it: a payment made here would be missing there.
const MarkerFile = "copied-to-postgresql.json"

const markerMode = 0o600

// marker is what the file says.
type marker struct {
	Copy       string     `json:"copy"` // an id; "" where there is no marker
	To         string     `json:"to"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

func newID() string { return id.Maker{Now: world.RealNow, Entropy: world.Entropy}.New() }

func readMarker(dir string) (m marker, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, MarkerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err == nil && m.Copy == "" {
		err = errors.New("it names no copy")
	}
	if err != nil {
		return m, fmt.Errorf("read %s: %w", filepath.Join(dir, MarkerFile), err)
	}
	return m, nil
}

// write replaces the marker as a whole, and is on disk when it returns.
func (m marker) write(dir string) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, MarkerFile)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, markerMode)
	if err != nil {
		return fmt.Errorf("mark %s: %w", dir, err)
	}
	_, err = f.Write(append(raw, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("mark %s: %w", dir, err)
	}
	return syncDirectory(dir)
}

func syncDirectory(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Moved says why a data directory must not be worked on: it was copied, or is being
// copied. Its error names the file to delete for those who want to go on with it anyway.
func Moved(dir string) error {
	m, err := readMarker(dir)
	if err != nil || m.Copy == "" {
		return err
	}
	file := filepath.Join(dir, MarkerFile)
	if m.FinishedAt == nil {
		return fmt.Errorf("%s is being copied to %s since %s: finish it with juicer copy, or delete %s to stay with the files (a later copy then needs --restart)",
			dir, m.To, m.StartedAt.Format(time.DateTime), file)
	}
	return fmt.Errorf("%s was copied to %s, finished %s: start with --database instead. To go back to the files, without whatever was paid there since, delete %s",
		dir, m.To, m.FinishedAt.Format(time.DateTime), file)
}
