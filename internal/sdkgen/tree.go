package sdkgen

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// tree is an object of the contract with its members in their order.
type tree struct {
	names  []string
	member map[string]any // tree, []any, string, bool or nil
}

func newTree() *tree { return &tree{member: map[string]any{}} }

func (t *tree) set(name string, value any) {
	if _, there := t.member[name]; !there {
		t.names = append(t.names, name)
	}
	t.member[name] = value
}

func (t *tree) has(name string) bool { _, ok := t.member[name]; return ok }

// at is the object under a name; an empty one if there is none.
func (t *tree) at(name string) *tree {
	if sub, ok := t.member[name].(*tree); ok {
		return sub
	}
	return newTree()
}

func (t *tree) text(name string) string { s, _ := t.member[name].(string); return s }

func (t *tree) list(name string) []any { l, _ := t.member[name].([]any); return l }

// words are the texts of a list; nulls are left out and reported.
func (t *tree) words(name string) (words []string, null bool) {
	for _, item := range t.list(name) {
		if s, ok := item.(string); ok {
			words = append(words, s)
		} else {
			null = null || item == nil
		}
	}
	return words, null
}

// parse reads YAML into trees.
func parse(raw []byte) (*tree, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	root, ok := plain(doc.Content[0]).(*tree)
	if !ok {
		return nil, fmt.Errorf("the contract is no object")
	}
	return root, nil
}

func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		t := newTree()
		for i := 0; i < len(n.Content); i += 2 {
			t.set(n.Content[i].Value, plain(n.Content[i+1]))
		}
		return t
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			list = append(list, plain(c))
		}
		return list
	case yaml.AliasNode:
		return plain(n.Alias)
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	}
	return n.Value
}

// merge lays one object over another, deep.
func merge(under, over *tree) *tree {
	out := newTree()
	for _, name := range under.names {
		out.set(name, under.member[name])
	}
	for _, name := range over.names {
		below, isTree := out.member[name].(*tree)
		above, alsoTree := over.member[name].(*tree)
		switch {
		case isTree && alsoTree:
			out.set(name, merge(below, above))
		case name == "required" && out.has(name):
			out.set(name, append(append([]any{}, out.list(name)...), over.list(name)...))
		default:
			out.set(name, over.member[name])
		}
	}
	return out
}

// refName is the last part of a $ref, "" if there is none.
func (t *tree) refName() string {
	ref := t.text("$ref")
	return ref[strings.LastIndex(ref, "/")+1:]
}
