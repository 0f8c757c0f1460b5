package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// progress says on a terminal what is being done; elsewhere it is silent.
type progress struct {
	out   io.Writer // nil: silent
	start time.Time
}

func watch(out io.Writer) *progress {
	p := &progress{start: time.Now()}
	if file, ok := out.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.out = out
		}
	}
	return p
}

const clearLine = "\r\x1b[K"

func (p *progress) now(format string, args ...any) {
	if p.out != nil {
		fmt.Fprintf(p.out, "%s%3.0f s  %s", clearLine, time.Since(p.start).Seconds(), fmt.Sprintf(format, args...))
	}
}

func (p *progress) done() {
	if p.out != nil {
		fmt.Fprint(p.out, clearLine)
	}
}
