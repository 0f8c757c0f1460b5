// Command hooks delivers many webhooks to receivers that fail, hang, reset and are slow,
// on the test clock, and reports attempts, lateness and what was lost, which must be
// nothing.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	c := plan{}
	flag.IntVar(&c.Deliveries, "n", 100_000, "deliveries, over all receivers")
	flag.IntVar(&c.Receivers, "receivers", 20, "receivers, each of which gets every event (at most 20)")
	flag.Uint64Var(&c.Seed, "seed", 1, "of the receivers' moods")
	flag.IntVar(&c.TimeoutMS, "timeout-ms", 150, "what a receiver may take")
	flag.StringVar(&c.Database, "database", "", "PostgreSQL database to use instead of a file")
	asJSON := flag.Bool("json", false, "print the report as JSON")
	flag.Parse()
	r, err := c.run(context.Background(), os.Stderr)
	if err == nil {
		err = r.print(os.Stdout, *asJSON)
	}
	if err == nil && r.Lost > 0 {
		err = fmt.Errorf("%d deliveries are lost", r.Lost)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hooks:", err)
		os.Exit(1)
	}
}

// report is what a run has shown.
type report struct {
	Deliveries int            `json:"deliveries"`
	Lost       int            `json:"lost"`
	Seed       uint64         `json:"seed"`
	Attempts   map[string]int `json:"attempts"` // deliveries by the number of attempts they took
	Moods      map[string]int `json:"moods"`    // what the receivers did
	Requests   int            `json:"requests"`
	Repeated   int            `json:"repeated"`     // accepted more than once
	LateMS     []int64        `json:"late_ms"`      // test clock, p50, p99, largest
	RealMS     int64          `json:"real_ms"`      // for the whole run
	PerSecond  int64          `json:"per_second"`   // requests in real time
	Gaps       int            `json:"gaps"`         // numbers missing or out of order in /events
	BySequence int            `json:"out_of_order"` // first attempts that arrived before an earlier number's
}

func (r report) print(w io.Writer, asJSON bool) error {
	if asJSON {
		raw, err := json.MarshalIndent(r, "", "  ")
		fmt.Fprintln(w, string(raw))
		return err
	}
	fmt.Fprintf(w, "deliveries %d, lost %d, accepted more than once %d, gaps in the numbers %d (seed %d)\n", r.Deliveries, r.Lost, r.Repeated, r.Gaps, r.Seed)
	fmt.Fprintf(w, "requests %d in %d ms, %d/s; %v\n", r.Requests, r.RealMS, r.PerSecond, r.Moods)
	fmt.Fprintf(w, "late by the test clock: p50 %d ms, p99 %d ms, largest %d ms\n", r.LateMS[0], r.LateMS[1], r.LateMS[2])
	for n := 1; n <= 14; n++ {
		if k := r.Attempts[fmt.Sprint(n)]; k > 0 {
			fmt.Fprintf(w, "  %2d attempts  %d\n", n, k)
		}
	}
	return nil
}
