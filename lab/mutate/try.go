package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// explained lists mutants that behave like the original, one a line, each followed by
// " -- " and why.
//
//go:embed explained.txt
var explained string

func reasons() map[string]bool {
	why := map[string]bool{}
	lines := bufio.NewScanner(strings.NewReader(explained))
	for lines.Scan() {
		if name, reason, ok := strings.Cut(lines.Text(), " -- "); ok && reason != "" && !strings.HasPrefix(name, "#") {
			why[strings.TrimSpace(name)] = true
		}
	}
	return why
}

// patience is how long a mutant may take: one that never ends is noticed.
const patience = 60 * time.Second

// try makes the mutants of a language and runs its tests on each.
func try(ctx context.Context, root string, l language, workers int, progress io.Writer) (*report, error) {
	shops := make([]string, workers)
	for i := range shops {
		dir, err := os.MkdirTemp("", "juicer-mutate-"+l.Name)
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if err := copyShop(root, dir, l); err != nil {
			return nil, fmt.Errorf("copy sdk/%s: %w", l.Name, err)
		}
		shops[i] = dir
	}
	if out, err := passes(ctx, shops[0], l); err != nil {
		return nil, fmt.Errorf("the tests fail without any mutant: %w\n%s", err, out)
	}
	all, err := everyMutant(root, l)
	if err == nil {
		err = stale(l, all)
	}
	if err != nil {
		return nil, err
	}
	return judge(ctx, l, shops, all, progress)
}

// stale refuses explanations of mutants that the language does not have any more.
func stale(l language, all []mutant) error {
	for name := range reasons() {
		file, _, _ := strings.Cut(name, ": ")
		is := func(m mutant) bool { return m.String() == name }
		if slices.Contains(l.Files, file) && !slices.ContainsFunc(all, is) {
			return fmt.Errorf("explained.txt explains a mutant that is not there: %s", name)
		}
	}
	return nil
}

func everyMutant(root string, l language) (all []mutant, err error) {
	for _, file := range l.Files {
		source, err := os.ReadFile(filepath.Join(root, "sdk", l.Name, file))
		if err != nil {
			return nil, err
		}
		all = append(all, mutantsOf(l, file, string(source))...)
	}
	return all, nil
}

// judge tries the mutants in the shops side by side.
func judge(ctx context.Context, l language, shops []string, all []mutant, progress io.Writer) (*report, error) {
	r := &report{Language: l.Name, Mutants: len(all)}
	why := reasons()
	var mu sync.Mutex
	next, done, excused := 0, 0, 0
	work := func(shop string) error {
		for {
			mu.Lock()
			n := next
			next++
			mu.Unlock()
			if n >= len(all) || ctx.Err() != nil {
				return ctx.Err()
			}
			noticed, err := tryOne(ctx, shop, l, all[n])
			if err != nil {
				return err
			}
			mu.Lock()
			done++
			switch name := all[n].String(); {
			case noticed:
				r.Noticed++
			case why[name]:
				excused++
			default:
				r.Survivors = append(r.Survivors, fmt.Sprintf("line %d %s", all[n].line, name))
			}
			fmt.Fprintf(progress, "\r%s: %d of %d tried, %d noticed ", l.Name, done, len(all), r.Noticed)
			mu.Unlock()
		}
	}
	err := inEach(shops, work)
	fmt.Fprintln(progress)
	slices.Sort(r.Survivors)
	r.Explained = excused
	if r.Mutants > excused {
		r.Rate = float64(r.Noticed) / float64(r.Mutants-excused)
	}
	return r, err
}

func inEach(shops []string, work func(string) error) error {
	errs := make([]error, len(shops))
	var all sync.WaitGroup
	for i, shop := range shops {
		all.Go(func() { errs[i] = work(shop) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// tryOne puts the mutant in its place, runs the tests, and puts the original back.
func tryOne(ctx context.Context, shop string, l language, m mutant) (noticed bool, err error) {
	path := filepath.Join(shop, "sdk", l.Name, m.file)
	source, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(path, []byte(m.apply(string(source))), 0o600); err != nil {
		return false, err
	}
	_, failed := passes(ctx, shop, l)
	return failed != nil, os.WriteFile(path, source, 0o600)
}

// passes runs the tests of the policy.
func passes(ctx context.Context, shop string, l language) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", filepath.Join(shop, "scripts", "sdk-"+l.Name+".sh"), "policy")
	c.Dir, c.WaitDelay = shop, time.Second
	out, err := c.CombinedOutput()
	return string(out), err
}

// heavy folders are shared by all copies: nothing writes to them.
var heavy = []string{"node_modules", ".venv"}

// copyShop copies what the tests of the policy need.
func copyShop(root, shop string, l language) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	for _, part := range []string{"scripts", "spec", filepath.Join("sdk", l.Name)} {
		err := filepath.WalkDir(filepath.Join(root, part), func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			return place(p, filepath.Join(shop, rel), d)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func place(from, to string, d fs.DirEntry) error {
	switch {
	case slices.Contains(heavy, d.Name()):
		if err := os.Symlink(from, to); err != nil || !d.IsDir() {
			return err
		}
		return fs.SkipDir
	case d.IsDir():
		return os.MkdirAll(to, 0o750)
	case !d.Type().IsRegular():
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := d.Info()
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm())
}
