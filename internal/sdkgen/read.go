package sdkgen

import (
	"fmt"
	"slices"
	"strings"
)

// reader turns the trees of openapi.yaml into a Contract.
type reader struct {
	root, schemas *tree
	shapes        map[string]*Shape
	enums         map[string]*Enum
}

// Read reads spec/openapi.yaml.
func Read(openapi []byte) (*Contract, error) {
	root, err := parse(openapi)
	if err != nil {
		return nil, err
	}
	r := &reader{root: root, schemas: root.at("components").at("schemas"), shapes: map[string]*Shape{}, enums: map[string]*Enum{}}
	c := &Contract{}
	if c.Resources, err = r.resources(); err != nil {
		return nil, err
	}
	for _, s := range r.shapes {
		c.Shapes = append(c.Shapes, s)
	}
	for _, e := range r.enums {
		c.Enums = append(c.Enums, e)
	}
	slices.SortFunc(c.Shapes, func(a, b *Shape) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(c.Enums, func(a, b *Enum) int { return strings.Compare(a.Name, b.Name) })
	r.markInputs(c)
	return c, nil
}

// place is where an operation stands in the contract.
type place struct {
	method, route string
	tree          *tree
}

func (r *reader) places() map[string]place {
	found := map[string]place{}
	paths := r.root.at("paths")
	for _, route := range paths.names {
		item := paths.at(route)
		for _, method := range item.names {
			op := item.at(method)
			found[op.text("operationId")] = place{strings.ToUpper(method), route, op}
		}
	}
	return found
}

func (r *reader) resources() ([]*Resource, error) {
	var all []*Resource
	places := r.places()
	for _, m := range methods {
		at, ok := places[m.operation]
		if !ok {
			return nil, fmt.Errorf("operation %s is not in the contract", m.operation)
		}
		if len(all) == 0 || all[len(all)-1].Name != m.resource {
			all = append(all, &Resource{Name: m.resource, Doc: docs[m.resource]})
		}
		ops, err := r.operations(m.resource, m.method, at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.operation, err)
		}
		last := all[len(all)-1]
		last.Operations = append(last.Operations, ops...)
	}
	_, err := r.typed("BatchAnswer", r.schemas.at("BatchReply").at("properties").at("data").at("items"))
	return all, err
}

// operations are the method of an operation, and a second one if it can answer in CSV.
func (r *reader) operations(resource, name string, at place) ([]*Operation, error) {
	op := &Operation{Name: name, Method: at.method, Route: at.route, Doc: at.tree.text("summary")}
	for _, part := range strings.Split(at.route, "/") {
		if strings.HasPrefix(part, "{") {
			op.Path = append(op.Path, strings.Trim(part, "{}"))
		}
	}
	if err := r.query(op, resource, at.tree); err != nil {
		return nil, err
	}
	if err := r.body(op, at.tree); err != nil {
		return nil, err
	}
	content, err := r.reply(op, at.tree)
	if err != nil || !content.has("text/csv") {
		return []*Operation{op}, err
	}
	csv := *op
	csv.Name, csv.Doc, csv.Reply, csv.Data = name+"_csv", op.Doc+", as CSV", Text, nil
	return []*Operation{op, &csv}, nil
}

func (r *reader) query(op *Operation, resource string, at *tree) error {
	shape := &Shape{Name: camel(resource) + camel(op.Name) + "Query", Doc: "What " + op.Method + " " + op.Route + " can be narrowed by."}
	for _, item := range at.list("parameters") {
		p, _ := item.(*tree)
		if name := p.refName(); name != "" {
			p = r.root.at("components").at("parameters").at(name)
		}
		if p.text("in") != "query" || p.text("name") == "format" {
			continue
		}
		t, err := r.typed(shape.Name+camel(p.text("name")), p.at("schema"))
		if err != nil {
			return err
		}
		shape.Fields = append(shape.Fields, &Field{Wire: p.text("name"), Doc: p.text("description"), Type: t, Required: p.member["required"] == true})
	}
	if len(shape.Fields) > 0 {
		op.Query, r.shapes[shape.Name] = shape, shape
	}
	return nil
}

func (r *reader) body(op *Operation, at *tree) error {
	schema := at.at("requestBody").at("content").at("application/json").at("schema")
	if len(schema.names) == 0 || schema.refName() == "Empty" {
		return nil
	}
	t, err := r.typed(schema.refName(), schema)
	if err != nil {
		return err
	}
	op.Body = t
	if s := r.shapes[t.Name]; s != nil {
		op.BodyOpt = !slices.ContainsFunc(s.Fields, func(f *Field) bool { return f.Required })
	}
	return nil
}

// reply reads the answer of class 2xx.
func (r *reader) reply(op *Operation, at *tree) (content *tree, err error) {
	responses := at.at("responses")
	for _, status := range responses.names {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		answer := responses.at(status)
		if name := answer.refName(); name != "" {
			answer = r.root.at("components").at("responses").at(name)
		}
		content = answer.at("content")
		if status == "204" {
			op.Reply = Nothing
			return content, nil
		}
		schema := content.at("application/json").at("schema")
		return content, r.data(op, schema.refName(), r.resolved(schema))
	}
	return nil, fmt.Errorf("no answer of class 2xx")
}

// data finds what the SDK hands out of an answer.
func (r *reader) data(op *Operation, name string, reply *tree) (err error) {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "Reply"), "List")
	data := reply.at("properties").at("data")
	switch {
	case !reply.at("properties").has("data"):
		op.Data, err = r.typed(name, reply)
	case reply.at("properties").has("pagination"):
		op.Reply = Page
		op.Data, err = r.typed(name, data.at("items"))
	case data.text("type") == "array":
		op.Data, err = r.typed(name, data.at("items"))
		op.Data = &Type{Kind: Array, Elem: op.Data}
	default:
		op.Data, err = r.typed(name, data)
	}
	return err
}
