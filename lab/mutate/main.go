// Command mutate breaks the retry policy of each SDK in every small way it knows, one
// at a time, and asks the tests of that policy whether they notice. What they do not
// notice is a rule that no vector holds.
//
//	go run ./lab/mutate                 all three languages
//	go run ./lab/mutate -language go    one
//	go run ./lab/mutate -json           one JSON object a language
//
// Exit codes: 0 enough were noticed, 1 too few, 2 bad flags or the tests do not even pass.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// wanted is the part of the mutants that the tests must notice, those aside that are
// explained.
const wanted = 0.95

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(errs)
	root := flags.String("root", ".", "the root of the repository")
	only := flags.String("language", "", "go, node or python; all of them without it")
	asJSON := flags.Bool("json", false, "print one JSON object for each language")
	workers := flags.Int("workers", runtime.NumCPU(), "mutants tried at once")
	if flags.Parse(args) != nil {
		return 2
	}
	code := 0
	for _, l := range languages(*only) {
		r, err := try(ctx, *root, l, *workers, errs)
		if err != nil {
			fmt.Fprintf(errs, "mutate: %s: %v\n", l.Name, err)
			return 2
		}
		if *asJSON {
			line, _ := json.Marshal(r) // a report holds words and numbers
			fmt.Fprintln(out, string(line))
		} else {
			r.print(out)
		}
		if r.Rate < wanted {
			code = 1
		}
	}
	return code
}

// report is what became of the mutants of a language.
type report struct {
	Language  string   `json:"language"`
	Mutants   int      `json:"mutants"`
	Noticed   int      `json:"noticed"`
	Rate      float64  `json:"rate"` // of those that are not explained
	Explained int      `json:"explained"`
	Survivors []string `json:"survivors"`
}

func (r *report) print(out io.Writer) {
	fmt.Fprintf(out, "%s: %d mutants, %d noticed (%.1f %%), %d explained as equal\n", r.Language, r.Mutants, r.Noticed, 100*r.Rate, r.Explained)
	if len(r.Survivors) > 0 {
		fmt.Fprintf(out, "  not noticed:\n    %s\n", strings.Join(r.Survivors, "\n    "))
	}
}
