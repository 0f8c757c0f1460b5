package contract

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// document is the part of OpenAPI 3.1 that the checks need.
type document struct {
	Paths      map[string]map[string]operationDoc `json:"paths"`
	Components struct {
		Parameters map[string]parameterDoc `json:"parameters"`
		Headers    map[string]headerDoc    `json:"headers"`
		Responses  map[string]responseDoc  `json:"responses"`
	} `json:"components"`
}

type operationDoc struct {
	ID          string                 `json:"operationId"`
	Parameters  []parameterDoc         `json:"parameters"`
	RequestBody *bodyDoc               `json:"requestBody"`
	Responses   map[string]responseDoc `json:"responses"`
}

type parameterDoc struct {
	Ref  string `json:"$ref"`
	Name string `json:"name"`
	In   string `json:"in"`
}

type headerDoc struct {
	Ref      string `json:"$ref"`
	Required bool   `json:"required"`
}

type bodyDoc struct {
	Content map[string]struct{} `json:"content"`
}

type responseDoc struct {
	Ref     string               `json:"$ref"`
	Headers map[string]headerDoc `json:"headers"`
	Content map[string]struct{}  `json:"content"`
}

// builder turns the document into compiled routes.
type builder struct {
	doc      document
	compiler *jsonschema.Compiler
}

func (b *builder) build() (*Contract, error) {
	c := &Contract{}
	for template, item := range b.doc.Paths {
		r := &route{template: template, segments: strings.Split(template, "/"), operations: map[string]*operation{}}
		for method, doc := range item {
			op, err := b.operation(template, method, doc)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, template, err)
			}
			r.operations[strings.ToUpper(method)] = op
		}
		c.routes = append(c.routes, r)
	}
	sortByPrecision(c.routes)
	return c, nil
}

func (b *builder) operation(template, method string, doc operationDoc) (*operation, error) {
	op := &operation{id: doc.ID, query: map[string]bool{}, replies: map[string]*reply{}}
	for _, p := range doc.Parameters {
		if p.Ref != "" {
			p = b.doc.Components.Parameters[component(p.Ref)]
		}
		if p.Name == "" {
			return nil, fmt.Errorf("a parameter does not resolve")
		}
		if p.In == "query" {
			op.query[p.Name] = true
		}
	}
	if doc.RequestBody != nil {
		schema, err := b.schema("paths", template, method, "requestBody", "content", "application/json", "schema")
		if err != nil {
			return nil, err
		}
		op.request = schema
	}
	for status, r := range doc.Responses {
		built, err := b.reply(r, "paths", template, method, "responses", status)
		if err != nil {
			return nil, fmt.Errorf("response %s: %w", status, err)
		}
		op.replies[status] = built
	}
	return op, nil
}

func (b *builder) reply(doc responseDoc, at ...string) (*reply, error) {
	if doc.Ref != "" {
		name := component(doc.Ref)
		target, ok := b.doc.Components.Responses[name]
		if !ok {
			return nil, fmt.Errorf("%s does not resolve", doc.Ref)
		}
		doc, at = target, []string{"components", "responses", name}
	}
	out := &reply{bodies: map[string]*jsonschema.Schema{}, headers: map[string]headerRule{}}
	for media := range doc.Content {
		schema, err := b.schema(append(append([]string{}, at...), "content", media, "schema")...)
		if err != nil {
			return nil, err
		}
		out.bodies[media] = schema
	}
	for name, h := range doc.Headers {
		rule, err := b.header(h, append(append([]string{}, at...), "headers", name)...)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		out.headers[http.CanonicalHeaderKey(name)] = rule
	}
	return out, nil
}

func (b *builder) header(doc headerDoc, at ...string) (headerRule, error) {
	if doc.Ref != "" {
		name := component(doc.Ref)
		target, ok := b.doc.Components.Headers[name]
		if !ok {
			return headerRule{}, fmt.Errorf("%s does not resolve", doc.Ref)
		}
		doc, at = target, []string{"components", "headers", name}
	}
	schema, err := b.schema(append(at, "schema")...)
	return headerRule{required: doc.Required, schema: schema}, err
}

func (b *builder) schema(at ...string) (*jsonschema.Schema, error) {
	return b.compiler.Compile(documentURL + pointer(at...))
}

// component is the name at the end of a reference into the components.
func component(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }
