package conformance

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Config says what to run against what.
type Config struct {
	// Target is the base URL of a test environment, for example
	// http://127.0.0.1:8080. A path in it is kept.
	Target string

	// Key is an API key of that environment with the scope *. The run makes
	// further keys with it, because limits count per key, and revokes them.
	Key string

	// Only chooses cases: each entry is an id ("capture/approved") or the topic
	// at its front ("capture"). Empty: all.
	Only []string

	// MoveClock allows the run to disturb the whole test environment: to move its
	// clock forward by weeks, which expires and settles everything else that lives
	// there, and to change a setting or a rail for a moment. Without it the cases
	// that need this are left out and counted as such.
	MoveClock bool

	// Parallel is the number of cases run at the same time; 0 means 8. Many
	// cases wait for a slow bank, so a higher number shortens the run.
	Parallel int

	// Out takes the report at the end: a table for people, or with JSON true
	// one JSON object. Nil: none is written; Run returns it anyway.
	Out  io.Writer
	JSON bool

	// Progress takes one line per finished case. Pass os.Stderr when it is a
	// terminal, else nil.
	Progress io.Writer
}

const defaultParallel = 8

func (c Config) checked() (Config, error) {
	u, err := url.Parse(c.Target)
	if err != nil {
		return c, fmt.Errorf("target: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return c, fmt.Errorf("target %q is not an absolute http(s) URL", c.Target)
	}
	if c.Key == "" {
		return c, errors.New("a key is needed")
	}
	c.Target = strings.TrimRight(c.Target, "/")
	if c.Parallel <= 0 {
		c.Parallel = defaultParallel
	}
	return c, nil
}

// chosen reports whether Only picks the case id.
func (c Config) chosen(id string) bool {
	if len(c.Only) == 0 {
		return true
	}
	for _, o := range c.Only {
		if id == o || strings.HasPrefix(id, strings.TrimSuffix(o, "/")+"/") {
			return true
		}
	}
	return false
}
