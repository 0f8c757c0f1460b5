// Package contract reads the published OpenAPI document and holds real requests
// and replies against it, together with the rules that a schema cannot say:
// byte order of keys, mirrors between headers and body, form of every refusal.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// Contract is a loaded document. Safe for concurrent use.
type Contract struct {
	routes []*route
}

// Operation is one method on one path of the document.
type Operation struct {
	Method string // upper case
	Path   string // template, as written in the document
	ID     string // operationId
}

// Load reads and compiles the OpenAPI document (YAML or JSON) at path.
func Load(path string) (*Contract, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	return Parse(text)
}

// Parse compiles an OpenAPI document given as YAML or JSON.
func Parse(text []byte) (*Contract, error) {
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	plain, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("contract is not JSON-like: %w", err)
	}
	return compile(plain)
}

// Operations lists what the document offers, by path, then method.
func (c *Contract) Operations() []Operation {
	var out []Operation
	for _, r := range c.routes {
		for method, op := range r.operations {
			out = append(out, Operation{Method: method, Path: r.template, ID: op.id})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Path+" "+out[i].Method < out[j].Path+" "+out[j].Method
	})
	return out
}

// documentURL names the document inside the compiler; nothing is fetched.
const documentURL = "contract:///openapi.json"

func compile(plain []byte) (*Contract, error) {
	var doc document
	if err := json.Unmarshal(plain, &doc); err != nil {
		return nil, fmt.Errorf("contract has another shape than OpenAPI: %w", err)
	}
	resource, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(documentURL, resource); err != nil {
		return nil, fmt.Errorf("register contract: %w", err)
	}
	b := builder{doc: doc, compiler: compiler}
	return b.build()
}

// pointer joins JSON pointer segments under the document, escaping each.
func pointer(segments ...string) string {
	var out strings.Builder
	out.WriteString("#")
	for _, s := range segments {
		out.WriteByte('/')
		out.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(s))
	}
	return out.String()
}
