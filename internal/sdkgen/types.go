package sdkgen

import (
	"fmt"
	"slices"
	"strings"
)

// resolved follows $ref and lays the parts of allOf over each other.
func (r *reader) resolved(schema *tree) *tree {
	if name := schema.refName(); name != "" {
		return merge(r.resolved(r.schemas.at(name)), without(schema, "$ref"))
	}
	if !schema.has("allOf") {
		return schema
	}
	out := newTree()
	for _, part := range schema.list("allOf") {
		if p, ok := part.(*tree); ok && !p.has("if") {
			out = merge(out, r.resolved(p))
		}
	}
	return merge(out, without(schema, "allOf"))
}

func without(t *tree, name string) *tree {
	out := newTree()
	for _, n := range t.names {
		if n != name {
			out.set(n, t.member[n])
		}
	}
	return out
}

// shared is the schema that an allOf only refines, "" if it adds members.
func (r *reader) shared(schema *tree) string {
	base := ""
	for _, part := range schema.list("allOf") {
		p, _ := part.(*tree)
		if name := p.refName(); name != "" && base == "" {
			base = name
		}
	}
	if base == "" {
		return ""
	}
	have := r.resolved(r.schemas.at(base)).at("properties")
	for _, name := range r.resolved(schema).at("properties").names {
		if !have.has(name) {
			return ""
		}
	}
	return base
}

// publicName drops the ending of a schema that only others are made of.
func publicName(name string) string {
	for _, ending := range []string{"Fields", "Read"} {
		if short := strings.TrimSuffix(name, ending); short != name && short != "" {
			return short
		}
	}
	return name
}

// typed finds the type of a schema. Objects without a name of their own get name.
func (r *reader) typed(name string, schema *tree) (*Type, error) {
	if ref := schema.refName(); ref != "" {
		return r.typed(publicName(ref), r.schemas.at(ref))
	}
	if base := r.shared(schema); base != "" && publicName(base) != base {
		return r.object(publicName(base), r.resolved(r.schemas.at(base)))
	}
	schema = r.resolved(schema)
	kinds, null := kindsOf(schema)
	t, err := r.bare(name, schema, kinds)
	if t != nil && null {
		copied := *t
		copied.Nullable = true
		return &copied, err
	}
	return t, err
}

// kindsOf reads `type`, which may be a list with null in it.
func kindsOf(schema *tree) (kinds []string, null bool) {
	if one := schema.text("type"); one != "" {
		kinds = []string{one}
	}
	words, _ := schema.words("type")
	kinds = append(kinds, words...)
	rest := slices.DeleteFunc(kinds, func(k string) bool { return k == "null" })
	return rest, len(rest) != len(kinds) || schema.text("type") == "null"
}

func (r *reader) bare(name string, schema *tree, kinds []string) (*Type, error) {
	switch {
	case schema.has("enum"):
		return r.enum(name, schema), nil
	case schema.has("const"):
		return constant(schema), nil
	case len(schema.at("properties").names) > 0:
		return r.object(name, schema)
	case schema.has("anyOf") || schema.has("oneOf"):
		return r.union(name, append(schema.list("anyOf"), schema.list("oneOf")...))
	case len(kinds) != 1:
		return &Type{Kind: Any}, nil
	case kinds[0] == "array":
		elem, err := r.typed(singular(name), schema.at("items"))
		return &Type{Kind: Array, Elem: elem}, err
	case kinds[0] == "object":
		return r.mapped(name, schema)
	}
	simple := map[string]Kind{"string": String, "integer": Integer, "number": Number, "boolean": Boolean}
	kind, ok := simple[kinds[0]]
	if !ok {
		return nil, fmt.Errorf("%s has the unknown type %s", name, kinds[0])
	}
	return &Type{Kind: kind}, nil
}

func (r *reader) mapped(name string, schema *tree) (*Type, error) {
	if values := schema.at("additionalProperties"); len(values.names) > 0 {
		elem, err := r.typed(name+"Value", values)
		return &Type{Kind: Map, Elem: elem}, err
	}
	return &Type{Kind: Map, Elem: &Type{Kind: Any}}, nil
}

// enum is a named one where the schema has a name of its own.
func (r *reader) enum(name string, schema *tree) *Type {
	words, null := schema.words("enum")
	if !r.schemas.has(name) {
		return &Type{Kind: Literals, Words: words, Nullable: null}
	}
	r.enums[name] = &Enum{Name: name, Doc: schema.text("description"), Values: words}
	return &Type{Kind: Named, Name: name, Nullable: null}
}

func constant(schema *tree) *Type {
	switch v := schema.member["const"].(type) {
	case bool:
		return &Type{Kind: Boolean}
	case string:
		if schema.text("type") == "integer" || strings.Trim(v, "0123456789") == "" {
			return &Type{Kind: Integer}
		}
		return &Type{Kind: Literals, Words: []string{v}}
	}
	return &Type{Kind: Any, Nullable: true}
}

// union is one of several types; with null among them, it is nullable.
func (r *reader) union(name string, parts []any) (*Type, error) {
	t := &Type{Kind: Union}
	var some []*tree
	for _, part := range parts {
		p, _ := part.(*tree)
		switch {
		case p.text("type") == "null":
			t.Nullable = true
		case len(p.names) == 1 && p.has("required"):
			return &Type{Kind: Map, Elem: &Type{Kind: Any}}, nil // says only what must be there
		default:
			some = append(some, p)
		}
	}
	for i, p := range some {
		own := name
		if len(some) > 1 {
			own = fmt.Sprintf("%s%d", name, i+1)
		}
		option, err := r.typed(own, p)
		if err != nil {
			return nil, err
		}
		t.Options = append(t.Options, option)
	}
	if len(t.Options) == 1 {
		only := *t.Options[0]
		only.Nullable = only.Nullable || t.Nullable
		return &only, nil
	}
	return t, nil
}

func (r *reader) object(name string, schema *tree) (*Type, error) {
	t := &Type{Kind: Named, Name: name}
	if r.shapes[name] != nil {
		return t, nil
	}
	s := &Shape{Name: name, Doc: schema.text("description")}
	r.shapes[name] = s
	required, _ := schema.words("required")
	properties := schema.at("properties")
	for _, wire := range properties.names {
		member := properties.at(wire)
		ft, err := r.typed(name+camel(wire), member)
		if err != nil {
			return nil, err
		}
		s.Fields = append(s.Fields, &Field{Wire: wire, Doc: member.text("description"), Type: ft, Required: slices.Contains(required, wire)})
	}
	return t, nil
}

// markInputs marks the shapes that no answer holds.
func (r *reader) markInputs(c *Contract) {
	answered := map[string]bool{"BatchAnswer": true}
	r.reach(&Type{Kind: Named, Name: "BatchAnswer"}, answered)
	for _, res := range c.Resources {
		for _, op := range res.Operations {
			if op.Data != nil {
				r.reach(op.Data, answered)
			}
		}
	}
	for _, s := range c.Shapes {
		s.Input = !answered[s.Name]
	}
}

func (r *reader) reach(t *Type, seen map[string]bool) {
	if t == nil {
		return
	}
	r.reach(t.Elem, seen)
	for _, o := range t.Options {
		r.reach(o, seen)
	}
	s := r.shapes[t.Name]
	if s == nil || seen[s.Name] && s.Name != "BatchAnswer" {
		return
	}
	seen[s.Name] = true
	for _, f := range s.Fields {
		r.reach(f.Type, seen)
	}
}
