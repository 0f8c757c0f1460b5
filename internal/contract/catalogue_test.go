package contract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

// errorCodes are those that the document knows.
func errorCodes(t *testing.T) []string {
	t.Helper()
	schemas := tree(t)["components"].(map[string]any)["schemas"].(map[string]any)
	var out []string
	for _, code := range schemas["ErrorCode"].(map[string]any)["enum"].([]any) {
		out = append(out, code.(string))
	}
	return out
}

// catalogue maps each code of spec/problems.json to its status.
func catalogue(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("../../spec/problems.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Problems []struct {
			Code   string
			Status int
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, p := range file.Problems {
		out[p.Code] = p.Status
	}
	return out
}

func TestResponsesAgreeWithTheCatalogueOfErrors(t *testing.T) {
	statuses := catalogue(t)
	for _, code := range errorCodes(t) {
		if statuses[code] == 0 {
			t.Errorf("%s is in the document, but not in the catalogue", code)
		}
	}
	for template, item := range tree(t)["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			for status, response := range op.(map[string]any)["responses"].(map[string]any) {
				for _, code := range codesOf(t, response.(map[string]any)) {
					if strconv.Itoa(statuses[code]) != status {
						t.Errorf("%s %s: %s stands at %s, the catalogue says %d", method, template, code, status, statuses[code])
					}
				}
			}
		}
	}
}

// codesOf lists the error codes that a response allows.
func codesOf(t *testing.T, response map[string]any) []string {
	t.Helper()
	if ref, ok := response["$ref"].(string); ok {
		response = tree(t)["components"].(map[string]any)["responses"].(map[string]any)[component(ref)].(map[string]any)
	}
	var out []string
	walk(response, "", func(at string, value any) {
		if list, ok := value.([]any); ok && strings.HasSuffix(at, "/code/enum") {
			for _, code := range list {
				out = append(out, code.(string))
			}
		}
	})
	return out
}

// Every golden of a refusal keeps the document and the rules of every reply.
func TestGoldenRefusalsFitTheDocument(t *testing.T) {
	compiler, _ := compilerOf(t)
	schema, err := compiler.Compile(documentURL + "#/components/schemas/Error")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range errorCodes(t) {
		x := golden(t, code)
		for _, breach := range append(schemaBreach(schema, "reply", x.body), replyBreaches(x)...) {
			t.Errorf("%s: %v", code, breach)
		}
	}
}

// golden reads a recorded refusal; the two headers that the listener adds to
// every reply are put in.
func golden(t *testing.T, code string) exchange {
	t.Helper()
	text, err := os.ReadFile("../../spec/vectors/problems/" + code + ".http")
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), nil)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	res.Header.Set("X-Request-Id", e.Error.RequestID)
	res.Header.Set("Juicer-Environment", "test")
	if code == "test_key_in_production" {
		res.Header.Set("Juicer-Environment", "live")
	}
	return exchange{method: "GET", path: "/", status: res.StatusCode, header: res.Header, body: body}
}
