package problem

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The machine-readable catalogue, from which SDKs make their classes.
type contractFile struct {
	Failures   []contractFailure `json:"failures"`
	FieldCodes []contractField   `json:"field_codes"`
	Problems   []contractProblem `json:"problems"`
}

type contractProblem struct {
	Bare     bool      `json:"bare"`
	Code     string    `json:"code"`
	Details  []string  `json:"details"` // ["*"]: the names come from the request
	Fills    []string  `json:"fills"`   // names in message that details do not show
	Message  string    `json:"message"`
	Outcome  Outcome   `json:"outcome"`
	Outcomes []Outcome `json:"outcomes"` // all it can have, the usual one first
	Retry    Retry     `json:"retry"`
	Sandbox  string    `json:"sandbox"`
	Status   int       `json:"status"`
	Type     string    `json:"type"`
	When     string    `json:"when"`
}

type contractFailure struct {
	AttemptsLeft bool    `json:"attempts_left"`
	Code         string  `json:"code"`
	Kind         string  `json:"kind"`
	Message      string  `json:"message"`
	Reason       *string `json:"reason"` // null: none, or the rail's own
	Retry        Retry   `json:"retry"`
	Retryable    bool    `json:"retryable"`
}

type contractField struct {
	Args    []string  `json:"args"`
	Code    FieldCode `json:"code"`
	Message string    `json:"message"`
	When    string    `json:"when"`
}

func contract(kinds []*Kind) ([]byte, error) {
	file := contractFile{}
	for _, k := range kinds {
		file.Problems = append(file.Problems, contractProblem{
			Bare: k.Bare, Code: k.Code, Details: orEmpty(k.Details), Fills: orEmpty(k.Fills), Message: k.Message,
			Outcome: k.Outcome, Outcomes: k.every(), Retry: k.Retry, Sandbox: k.Sandbox, Status: k.Status,
			Type: k.Type, When: k.When,
		})
	}
	for _, f := range Failures() {
		row := contractFailure{
			AttemptsLeft: f.Step, Code: f.Code, Kind: f.Kind, Message: f.Message, Retry: f.Retry(), Retryable: f.Retryable,
		}
		if f.Reason != "" {
			row.Reason = &f.Reason
		}
		file.Failures = append(file.Failures, row)
	}
	for _, r := range FieldRules() {
		file.FieldCodes = append(file.FieldCodes, contractField{orEmpty(r.Args()), r.Code, r.Message, r.When})
	}
	return indented(file)
}

// every outcome of k, the usual one first.
func (k *Kind) every() []Outcome { return append([]Outcome{k.Outcome}, k.Outcomes...) }

func orEmpty(list []string) []string { return append([]string{}, list...) }

func indented(v any) ([]byte, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	if err := to.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the catalogue: %w", err)
	}
	return out.Bytes(), nil
}
