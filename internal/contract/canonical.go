package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// canonicalBreaches: JSON is compact, without a trailing newline, each object's
// keys in byte order and unique, and no fraction outside what callers stored.
func canonicalBreaches(body []byte) []error {
	var breaches []error
	if bytes.HasSuffix(body, []byte("\n")) {
		breaches = append(breaches, errors.New("the body ends with a newline"))
	}
	squeezed := jsontext.Value(bytes.Clone(body))
	if err := squeezed.Compact(); err != nil {
		return append(breaches, fmt.Errorf("the body is not JSON: %w", err))
	}
	if !bytes.Equal(squeezed, bytes.TrimSuffix(body, []byte("\n"))) {
		breaches = append(breaches, errors.New("the body is not compact"))
	}
	return append(breaches, tokenBreaches(body)...)
}

// tokenBreaches walks the tokens with one remembered key per open object.
func tokenBreaches(body []byte) []error {
	var breaches []error
	var last []string // by depth: the last key seen, "" before the first
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return breaches
		}
		if err != nil {
			return append(breaches, fmt.Errorf("the body is not JSON: %w", err))
		}
		switch tok.Kind() {
		case '{', '[':
			last = append(last, "")
		case '}', ']':
			last = last[:len(last)-1]
		case '0':
			if strings.ContainsAny(tok.String(), ".eE") && !callersOwn(dec.StackPointer()) {
				breaches = append(breaches, fmt.Errorf("%s: %s is not an integer", dec.StackPointer(), tok))
			}
		case '"':
			name := tok.String()
			if !isKey(dec) {
				continue
			}
			if name < last[len(last)-1] {
				breaches = append(breaches, fmt.Errorf("%s: keys are not in byte order", dec.StackPointer()))
			}
			last[len(last)-1] = name
		}
	}
}

// isKey reports whether the string just read is the name of a member: inside an
// object, every second string from the first on.
func isKey(dec *jsontext.Decoder) bool {
	kind, length := dec.StackIndex(dec.StackDepth())
	return kind == '{' && length%2 == 1
}

// callersOwn: values that a caller stored come back as given.
func callersOwn(at jsontext.Pointer) bool {
	for token := range at.Tokens() {
		if token == "metadata" || token == "request_body" || token == "reply_body" {
			return true
		}
	}
	return false
}
