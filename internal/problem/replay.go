package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// KeptUnderKey reports whether the refusal is stored under an Idempotency-Key: a
// 400 that says for good whether money moved. Everything else
// leaves the key free.
func (e *Error) KeptUnderKey() bool {
	return e.Kind.Status == 400 && (e.Outcome() == Refused || e.Outcome() == Succeeded)
}

// Restamp gives a stored error body the id of the request it is sent to now, so
// that error.request_id always equals X-Request-Id.
func Restamp(body []byte, requestID string) ([]byte, error) {
	var whole map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&whole); err != nil {
		return nil, fmt.Errorf("read a stored refusal: %w", err)
	}
	inner, ok := whole["error"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a stored refusal has no error object")
	}
	inner["request_id"] = requestID
	return compact(whole)
}

// CodeOf is error.code of a stored refusal, "" if it cannot be read.
func CodeOf(body []byte) string {
	var whole struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &whole) != nil {
		return ""
	}
	return whole.Error.Code
}
