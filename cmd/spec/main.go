// Command spec writes the files of the repository that follow from the code:
// the catalogue of errors for SDKs, its documentation and its sample answers.
//
//	go run ./cmd/spec         write them
//	go run ./cmd/spec -check  name those that are not current, exit 1 if any
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/sdkgen"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run gives the exit code: 0 done or current, 1 not current or failed, 2 bad flags.
func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("spec", flag.ContinueOnError)
	flags.SetOutput(errs)
	root := flags.String("root", ".", "the root of the repository")
	check := flags.Bool("check", false, "change nothing; name the files that are not current")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	files, err := problem.Files(problem.All())
	if err != nil {
		fmt.Fprintln(errs, "spec:", err)
		return 1
	}
	generated, err := sdkgen.Files()
	if err != nil {
		fmt.Fprintln(errs, "spec:", err)
		return 1
	}
	for _, f := range generated {
		files = append(files, problem.File(f))
	}
	tree := tree{root: *root, files: files}
	stale, err := tree.stale()
	if err == nil && !*check {
		stale, err = nil, tree.write(stale)
	}
	if err != nil {
		fmt.Fprintln(errs, "spec:", err)
		return 1
	}
	for _, path := range stale {
		fmt.Fprintln(out, path+" is not current: run make spec")
	}
	if len(stale) > 0 {
		return 1
	}
	return 0
}
