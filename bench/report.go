package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report is all of a run; its JSON is what --json writes.
type report struct {
	When       time.Time `json:"when"`
	Seconds    float64   `json:"seconds"`
	Commit     string    `json:"commit"` // of the tree around the bench
	Machine    machine   `json:"machine"`
	Settings   settings  `json:"settings"`
	Statements []string  `json:"statements"` // of one capture, as replayed
	PostgreSQL *cluster  `json:"postgresql,omitempty"`
	Figures    []*figure `json:"figures"`
	Audits     []verdict `json:"audits"`
}

// settings are what the run was told.
type settings struct {
	Stores      []string `json:"stores"`
	Callers     []int    `json:"callers"`
	Rounds      int      `json:"rounds"`
	RoundTimeS  float64  `json:"round_time_s"`
	Seed        int64    `json:"seed"`
	Personality string   `json:"personality"`
	Limits      string   `json:"limits"`
	ReadBytes   int      `json:"read_bytes"` // of a payment as read
	Binary      string   `json:"binary"`     // "" for one built from the commit
	Against     string   `json:"against"`    // "" for none
}

func settingsOf(o options) settings {
	return settings{Stores: o.Store, Callers: o.Callers, Rounds: o.Rounds, RoundTimeS: o.RoundTime.Seconds(), Seed: o.Seed, Personality: o.Personality,
		Limits: "off", Binary: o.Juicer, Against: o.Against}
}

func (r *report) save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func (r *report) print(out io.Writer) {
	m := r.Machine
	fmt.Fprintf(out, "%s, %s, %.0f s\n", r.When.Format("2006-01-02 15:04 MST"), r.subject(), r.Seconds)
	fmt.Fprintf(out, "%s, %d cores (%s), %d MiB, %s, %s, %s; a flush to disk takes %s ms; load at the start %s\n",
		m.System, m.Cores, m.Processor, m.MemoryMiB, m.Kernel, m.Go, m.FileSystem, short(m.FlushMS), m.Load)
	fmt.Fprintf(out, "bank: %s; limits off; SQLite: synchronous=FULL; seed %d; median (min..max) of %d rounds of %s s\n",
		r.Settings.Personality, r.Settings.Seed, r.Settings.Rounds, short(r.Settings.RoundTimeS))
	if p := r.PostgreSQL; p != nil {
		fmt.Fprintln(out, p)
	}
	r.section(out, "Durable captures per second", captures)
	r.section(out, "In relation", captures+" ratio")
	r.section(out, "Time of a capture, ms: half are faster than", captures+" p50")
	r.section(out, "Time of a capture, ms: 99 % are faster than", captures+" p99")
	r.section(out, "CPU of a capture, ms", captures+" CPU", captures+" CPU ratio")
	r.section(out, "Allocations", captures+" allocations", captures+" allocations ratio", creates+" allocations", payments+" allocations")
	r.section(out, "Memory allocated, KiB", captures+" allocated", creates+" allocated", payments+" allocated")
	r.section(out, "Sessions made and payments read per second", creates, creates+" ratio", payments, payments+" ratio")
	r.section(out, "Their time, ms: half are faster than", creates+" p50", payments+" p50")
	r.section(out, "Their time, ms: 99 % are faster than", creates+" p99", payments+" p99")
	r.section(out, "Their CPU, ms", creates+" CPU", creates+" CPU ratio", payments+" CPU", payments+" CPU ratio")
	r.section(out, "The process", "start", "resident memory", "size of the binary")
	fmt.Fprintln(out)
	for _, v := range r.Audits {
		fmt.Fprintf(out, "audit of %s: clean, %d payments, %d captures, %d executions at the bank\n", v.Way, v.Payments, v.Paid, v.Executions)
	}
	if r.PostgreSQL != nil {
		fmt.Fprintln(out, "\n"+pgbenchDiffers)
	}
}

// subject is what was measured: the commit is that of the tree around, not of a
// binary that was brought along.
func (r *report) subject() string {
	s := "juicer built from commit " + r.Commit
	if r.Settings.Binary != "" {
		s = "juicer " + r.Settings.Binary + ", bench of commit " + r.Commit
	}
	if r.Settings.Against != "" {
		s += ", against " + r.Settings.Against
	}
	return s
}

// section prints figures as a table: a line for each way, a column for each
// number of callers.
func (r *report) section(out io.Writer, title string, names ...string) {
	if !slices.ContainsFunc(r.Figures, func(f *figure) bool { return slices.Contains(names, f.Name) }) {
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\n%s\t%s\n", strings.ToUpper(title), r.heads(names[0]))
	for _, name := range names {
		for _, way := range r.ways(name) {
			fmt.Fprintln(table, label(name, way, len(names) > 1)+"\t"+r.cells(name, way))
		}
	}
	_ = table.Flush() // to a terminal that has gone nothing can be said
}

// label is the head of a line; a section of several figures names them.
func label(name, way string, several bool) string {
	switch {
	case way == "":
		return name
	case several:
		return strings.TrimSuffix(strings.Fields(name)[0], ",") + ", " + way
	}
	return way
}

func (r *report) heads(name string) string {
	if !r.byCallers(name) {
		return ""
	}
	var heads []string
	for _, n := range r.Settings.Callers {
		heads = append(heads, fmt.Sprintf("%d at once", n))
	}
	return strings.Join(heads, "\t")
}

func (r *report) byCallers(name string) bool {
	for _, f := range r.Figures {
		if f.Name == name {
			return f.Callers > 0
		}
	}
	return false
}

func (r *report) ways(name string) (out []string) {
	seen := map[string]bool{}
	for _, f := range r.Figures {
		if f.Name == name && !seen[f.Way] {
			seen[f.Way] = true
			out = append(out, f.Way)
		}
	}
	return out
}

func (r *report) cells(name, way string) string {
	var cells []string
	for _, f := range r.Figures {
		if f.Name == name && f.Way == way {
			cell := f.String()
			if f.Callers == 0 {
				cell += " " + f.Unit
			}
			cells = append(cells, cell)
		}
	}
	return strings.Join(cells, "\t")
}
