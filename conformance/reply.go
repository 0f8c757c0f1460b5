package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reply is an answer with the request that it belongs to.
type reply struct {
	request request
	status  int
	header  http.Header
	body    []byte
	json    any // nil if the body is not JSON
	took    time.Duration
}

func (r *reply) parse() {
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) == nil {
		r.json = v
	}
}

// requestID is the server's id of the request.
func (r reply) requestID() string { return r.header.Get("X-Request-Id") }

// replayed reports whether the reply says that it repeats an earlier one.
func (r reply) replayed() bool { return r.header.Get("Idempotent-Replayed") == "true" }

// at gives the value at a dotted path such as "data.items.0.name"; ok is false
// if there is none.
func (r reply) at(path string) (value any, ok bool) {
	value = r.json
	for _, step := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			if value, ok = v[step]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// text is the string at path, "" if there is none.
func (r reply) text(path string) string {
	v, _ := r.at(path)
	s, _ := v.(string)
	return s
}

// number is the integer at path; ok is false if there is none.
func (r reply) number(path string) (n int64, ok bool) {
	v, _ := r.at(path)
	j, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := j.Int64()
	return n, err == nil
}

// isTrue reports whether true stands at path.
func (r reply) isTrue(path string) bool {
	v, _ := r.at(path)
	return v == true
}

// list is the array at path, nil if there is none.
func (r reply) list(path string) []any {
	v, _ := r.at(path)
	l, _ := v.([]any)
	return l
}

const excerptLength = 600

// excerpt is the body as a failure shows it.
func (r reply) excerpt() string {
	if len(r.body) > excerptLength {
		return string(r.body[:excerptLength]) + fmt.Sprintf("... (%d bytes)", len(r.body))
	}
	return string(r.body)
}
