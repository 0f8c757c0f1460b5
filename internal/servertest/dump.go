package servertest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
)

// Dump is everything that a database holds, as SQL text: one moment of it, also while
// others write.
func Dump(url string) ([]byte, error) {
	return client(nil, "pg_dump", "--no-password", "--dbname="+url)
}

// Copy copies everything that one database holds into another one, which is empty.
func Copy(from, to string) error {
	text, err := Dump(from)
	if err != nil {
		return err
	}
	_, err = client(text, "psql", "--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+to)
	return err
}

// client runs one of PostgreSQL's programs and gives what it printed. Bytes are written
// as text as far as they are text, so that a search finds what stands in them.
func client(input []byte, name string, args ...string) ([]byte, error) {
	program, err := Binary(name)
	if err != nil {
		return nil, err
	}
	var out, errs bytes.Buffer
	c := exec.Command(program, args...) //nolint:noctx // it ends by itself
	c.Env = append(os.Environ(), "PGOPTIONS=-c bytea_output=escape")
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &out, &errs
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, errs.Bytes())
	}
	return out.Bytes(), nil
}
