// Package tidy holds the tests about the repository itself: which package may
// import which, what has one home, which pointers in the documents must hold.
// A rule that no test checks is a wish.
//
// Each Rule reads a Tree and returns what it found. The tests run every rule on
// this repository, where it must find nothing, and on small planted trees, where
// it must find the fault.
package tidy

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Finding is one breach of a rule.
type Finding struct {
	Path string // slash-separated, relative to the root
	Line int    // counts from 1; 0 where the whole file or folder is meant
	Text string // what is wrong and what to do instead
}

func (f Finding) String() string {
	if f.Line == 0 {
		return f.Path + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text)
}

// Rule is one thing that must hold of the whole repository.
type Rule struct {
	Name  string // a sentence
	Check func(*Tree) []Finding
}

// Rules lists every rule there is.
func Rules() []Rule {
	return slices.Concat(goRules(), documentRules(), storeRules())
}

func goRules() []Rule {
	return []Rule{
		{"every Go file parses", parses},
		{"imports point down", importsPointDown},
		{"rules of money know no context, clock, database or network", rulesArePure},
		{"row 0 needs the standard library and uuid alone", rowZeroIsBare},
		{"only problem names a status of 400 or above", onlyProblemNamesAStatus},
		{"only problem spells the codes of errors", codesHaveOneHome},
		{"only world reads the clock or rolls dice", onlyWorldKnowsTime},
		{"no package keeps mutable state", noMutableState},
		{"panics are caught at the edges alone", panicsEndAtTheEdge},
		{"packages are named after the trade", noJunkDrawers},
		{"every package says what it is for", packagesAreDescribed},
		{"wire structs stand in byte order", wireIsSorted},
		{"functions and files stay small", staysSmall},
		{"tests neither skip nor sleep", testsNeitherSkipNorSleep},
	}
}

func documentRules() []Rule {
	return []Rule{
		{"no file names a machine, a registry or an unowned task", forbiddenWords},
		{"where.md points at what exists", whereHolds},
		{"links between documents resolve", linksResolve},
		{"documents that are named exist", namedDocumentsExist},
		{"curl examples in the README are marked for execution", curlIsRun},
		{"pinned modules stay pinned", pinsHold},
		{"every direct dependency has its reason", dependenciesHaveReasons},
		{"shell scripts stop at the first error", scriptsAreStrict},
	}
}

func storeRules() []Rule {
	return []Rule{
		{"every named query is used, and every used one exists", queriesMatch},
		{"SQL names its columns and guards its changes", sqlIsExplicit},
		{"what has a version is changed at that version", statesAreGuarded},
		{"a query for one store alone says why", queriesAreShared},
	}
}

// Tree is the files of a repository, without what .gitignore leaves out.
type Tree struct {
	files  map[string][]byte
	modes  map[string]fs.FileMode
	fset   *token.FileSet
	gopher []*goFile
}

// Load reads a whole tree into memory. It walks the folders itself, so that the
// test cache notices a file that git has not been told about yet.
func Load(fsys fs.FS) (*Tree, error) {
	t := &Tree{files: map[string][]byte{}, modes: map[string]fs.FileMode{}}
	ignored, err := readIgnore(fsys)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // a temporary file of an editor or a test, gone meanwhile
		case err != nil:
			return err
		case p != "." && ignored(p, d.IsDir()) && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular() || ignored(p, false):
			return nil
		}
		return t.add(fsys, p)
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	t.parse()
	return t, nil
}

func (t *Tree) add(fsys fs.FS, p string) error {
	text, err := fs.ReadFile(fsys, p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return err
	}
	t.files[p], t.modes[p] = text, info.Mode()
	return nil
}

// readIgnore understands the plain half of .gitignore: folders ("bin/", "/data/")
// and file patterns ("*.test").
func readIgnore(fsys fs.FS) (func(p string, dir bool) bool, error) {
	text, err := fs.ReadFile(fsys, ".gitignore")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	patterns := strings.Fields(string(text))
	return func(p string, dir bool) bool {
		if path.Base(p) == ".git" { // a folder, or a file in a linked work tree
			return true
		}
		return slices.ContainsFunc(patterns, func(pattern string) bool { return ignores(pattern, p, dir) })
	}, nil
}

func ignores(pattern, p string, dir bool) bool {
	if name, folder := strings.CutSuffix(pattern, "/"); folder {
		if !dir {
			return false
		}
		pattern = name
	}
	if rooted, ok := strings.CutPrefix(pattern, "/"); ok {
		return match(rooted, p)
	}
	return match(pattern, path.Base(p))
}

// match is path.Match; a bad pattern matches nothing.
func match(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// paths lists the files under a folder ("" for all) with one of the endings, in order.
func (t *Tree) paths(folder string, endings ...string) []string {
	var out []string
	for p := range t.files {
		if folder != "" && p != folder && !strings.HasPrefix(p, folder+"/") {
			continue
		}
		if len(endings) == 0 || slices.Contains(endings, path.Ext(p)) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// exists reports whether p is a file or a folder that holds one.
func (t *Tree) exists(p string) bool {
	p = path.Clean(p)
	if _, ok := t.files[p]; ok || p == "." {
		return true
	}
	for name := range t.files {
		if strings.HasPrefix(name, p+"/") {
			return true
		}
	}
	return false
}

// lines calls do with every line of a file and its number.
func (t *Tree) lines(p string, do func(number int, line string)) {
	scan := bufio.NewScanner(bytes.NewReader(t.files[p]))
	scan.Buffer(nil, len(t.files[p])+1)
	for n := 1; scan.Scan(); n++ {
		do(n, scan.Text())
	}
}

func sorted(found []Finding) []Finding {
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return found
}
