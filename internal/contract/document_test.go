package contract

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

const published = "../../spec/openapi.yaml"

var loaded = sync.OnceValues(func() (*Contract, error) { return Load(published) })

// load compiles the published document once for all tests.
func load(t *testing.T) *Contract {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var parsed = sync.OnceValues(func() (map[string]any, error) {
	text, err := os.ReadFile(published)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	err = yaml.Unmarshal(text, &out)
	return out, err
})

// tree is the published document as plain JSON values; tests only read it.
func tree(t *testing.T) map[string]any {
	t.Helper()
	out, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// walk calls visit for every value with its JSON pointer.
func walk(value any, at string, visit func(at string, value any)) {
	visit(at, value)
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			walk(member, at+strings.TrimPrefix(pointer(name), "#"), visit)
		}
	case []any:
		for _, member := range v {
			walk(member, at+"/-", visit)
		}
	}
}

func TestTheDocumentIsWhole(t *testing.T) {
	doc := tree(t)
	defined, used := map[string]bool{}, map[string]bool{}
	for kind, entries := range doc["components"].(map[string]any) {
		for name := range entries.(map[string]any) {
			defined[pointer("components", kind, name)] = true
		}
	}
	walk(doc, "", func(at string, value any) {
		if m, ok := value.(map[string]any); ok {
			if ref, ok := m["$ref"].(string); ok {
				used[ref] = true
			}
		}
	})
	t.Run("every reference leads to a component", func(t *testing.T) {
		for ref := range used {
			if !defined[ref] {
				t.Errorf("%s is not defined", ref)
			}
		}
	})
	t.Run("every component is used", func(t *testing.T) {
		for ref := range defined {
			if !used[ref] && !strings.HasPrefix(ref, "#/components/securitySchemes/") {
				t.Errorf("%s is never used", ref)
			}
		}
	})
	t.Run("nothing points outside the repository", func(t *testing.T) {
		outside := regexp.MustCompile(`https?://[^\s"')]+`)
		walk(doc, "", func(at string, value any) {
			text, _ := value.(string)
			for _, link := range outside.FindAllString(text, -1) {
				if !strings.HasPrefix(link, "https://sandbox.juicer.example/") && !strings.HasPrefix(link, "http://127.0.0.1:") {
					t.Errorf("%s: %s", at, link)
				}
			}
		})
	})
}

func TestOperationsAreDescribed(t *testing.T) {
	doc := tree(t)
	tags := map[string]bool{}
	for _, tag := range doc["tags"].([]any) {
		tags[tag.(map[string]any)["name"].(string)] = true
	}
	ids := map[string]string{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			at, o := method+" "+path, op.(map[string]any)
			id, _ := o["operationId"].(string)
			if id == "" || ids[id] != "" {
				t.Errorf("%s: operationId %q is empty or also that of %s", at, id, ids[id])
			}
			ids[id] = at
			if o["summary"] == nil {
				t.Errorf("%s has no summary", at)
			}
			for _, tag := range o["tags"].([]any) {
				if !tags[tag.(string)] {
					t.Errorf("%s: tag %v is not declared", at, tag)
				}
			}
		}
	}
	if got := len(load(t).Operations()); got != len(ids) {
		t.Errorf("Operations lists %d, the document has %d", got, len(ids))
	}
}

// compilerOf is ready to compile parts of the document, which it returns too.
func compilerOf(t *testing.T) (*jsonschema.Compiler, any) {
	t.Helper()
	plain, err := json.Marshal(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	resource, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(documentURL, resource); err != nil {
		t.Fatal(err)
	}
	return compiler, resource
}

func TestExamplesFitTheirSchemas(t *testing.T) {
	compiler, resource := compilerOf(t)
	examples := resource.(map[string]any)["components"].(map[string]any)["examples"].(map[string]any)
	shown := 0
	walk(resource, "", func(at string, value any) {
		media, _ := value.(map[string]any)
		named, ok := media["examples"].(map[string]any)
		if !ok || media["schema"] == nil {
			return
		}
		schema, err := compiler.Compile(documentURL + "#" + at + "/schema")
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range named {
			name := component(example.(map[string]any)["$ref"].(string))
			if err := schema.Validate(examples[name].(map[string]any)["value"]); err != nil {
				t.Errorf("example %s at %s: %v", name, at, err)
			}
			shown++
		}
	})
	if shown < len(examples) {
		t.Errorf("%d of %d examples are shown somewhere", shown, len(examples))
	}
}
