package tidy

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

const root = "../.."

func load(t *testing.T, fsys fs.FS) *Tree {
	t.Helper()
	tree, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestThisRepositoryIsTidy(t *testing.T) {
	tree := load(t, os.DirFS(root))
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			for _, f := range sorted(rule.Check(tree)) {
				t.Error(f)
			}
		})
	}
}

// planted is a small repository. With want it has a fault, and exactly one
// finding must hold that text; without, it shows what the rule allows.
type planted struct {
	what  string // a sentence
	files map[string]string
	want  string
}

func TestEveryRuleFindsItsFault(t *testing.T) {
	all := faults()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			red := 0
			for _, p := range all[rule.Name] {
				if p.want != "" {
					red++
				}
				t.Run(p.what, func(t *testing.T) { try(t, rule, p) })
			}
			if red == 0 {
				t.Errorf("nothing shows that %q can fail: plant a fault", rule.Name)
			}
			delete(all, rule.Name)
		})
	}
	for name := range all {
		t.Errorf("faults are planted for %q, which is no rule", name)
	}
}

func try(t *testing.T, rule Rule, p planted) {
	found := sorted(rule.Check(load(t, tree(p.files))))
	switch {
	case p.want == "" && len(found) > 0:
		t.Errorf("found %v, want nothing", found)
	case p.want != "" && len(found) != 1:
		t.Errorf("found %v, want one finding with %q", found, p.want)
	case p.want != "" && !strings.Contains(found[0].String(), p.want):
		t.Errorf("found %q, want %q in it", found[0], p.want)
	}
}

// tree makes files; a path that starts with "+x " is executable.
func tree(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for p, text := range files {
		mode := fs.FileMode(0o644)
		if name, ok := strings.CutPrefix(p, "+x "); ok {
			p, mode = name, 0o755
		}
		out[p] = &fstest.MapFile{Data: []byte(text), Mode: mode}
	}
	return out
}

func TestATreeLeavesOutWhatGitIgnores(t *testing.T) {
	got := load(t, tree(map[string]string{
		".gitignore": "/data/\nnode_modules/\n*.test\n",
		".git/HEAD":  "ref", "data/test.db": "x", "sdk/node_modules/a.js": "x", "a.test": "x",
		"docs/data/kept.md": "x",
	}))
	if names := strings.Join(got.paths(""), " "); names != ".gitignore docs/data/kept.md" {
		t.Errorf("the tree holds %s", names)
	}
}
