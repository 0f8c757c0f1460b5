package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/juicer-pay/juicer/internal/copying"
)

// progress says on a terminal what is being done; elsewhere it is silent.
type progress struct {
	out   io.Writer // nil: silent
	start time.Time
	table string
	began time.Time // of the table
	first int64     // rows that were there then
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

// copied shows how far a copy is.
func (p *progress) copied(now copying.Progress) {
	if p.out == nil {
		return
	}
	doing := "copying"
	if now.Comparing {
		doing = "comparing"
	}
	if table := doing + " " + now.Record + " " + now.Table; table != p.table {
		p.table, p.began, p.first = table, time.Now(), now.Done
	}
	rate := float64(now.Done-p.first) / max(time.Since(p.began).Seconds(), 0.001)
	fmt.Fprintf(p.out, "%s%4.0f s  %s  %d of %d rows, %.0f rows/s", clearLine, time.Since(p.start).Seconds(), p.table, now.Done, now.Of, rate)
}

// exported shows how far an export is.
func (p *progress) exported(done, all int64) {
	if p.out != nil {
		fmt.Fprintf(p.out, "%s%4.0f s  %d of %d postings", clearLine, time.Since(p.start).Seconds(), done, all)
	}
}

func (p *progress) done() {
	if p.out != nil {
		fmt.Fprint(p.out, clearLine)
	}
}
