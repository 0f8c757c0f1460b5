// Package spec holds the contract for any language, as files.
package spec

import (
	_ "embed" // openapi.yaml
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI is openapi.yaml as JSON.
func OpenAPI() ([]byte, error) {
	var doc any
	if err := yaml.Unmarshal(openAPI, &doc); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write openapi.json: %w", err)
	}
	return out, nil
}

// Source is openapi.yaml as it lies in the repository.
func Source() []byte { return openAPI }
