package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Verdict is the result of one case.
type Verdict string

// The verdicts.
const (
	Pass Verdict = "pass"
	Fail Verdict = "fail"
	Left Verdict = "left_out" // not run, or does not apply to this target; Note says why
)

// Result is what one case found.
type Result struct {
	ID         string   `json:"id"`
	Topic      string   `json:"topic"`
	Sentence   string   `json:"sentence"`
	Verdict    Verdict  `json:"verdict"`
	Note       string   `json:"note,omitempty"`
	Failure    *Failure `json:"failure,omitempty"`
	DurationMS int64    `json:"duration_ms"`
}

// Failure is what a case expected and what came instead.
type Failure struct {
	Expected  string `json:"expected"`
	Request   string `json:"request,omitempty"` // method, path and telling headers; never the key
	Status    int    `json:"status,omitempty"`
	Body      string `json:"body,omitempty"` // its beginning
	RequestID string `json:"request_id,omitempty"`
}

// Report is the result of a run, cases in the order of the suite.
type Report struct {
	Target     string    `json:"target"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS int64     `json:"duration_ms"`
	Passed     int       `json:"passed"`
	Failed     int       `json:"failed"`
	LeftOut    int       `json:"left_out"`
	Results    []Result  `json:"results"`
}

// OK reports whether cases ran and none failed.
func (r Report) OK() bool { return r.Failed == 0 && r.Passed > 0 }

func (r *Report) add(results ...Result) {
	for _, res := range results {
		switch res.Verdict {
		case Pass:
			r.Passed++
		case Fail:
			r.Failed++
		case Left:
			r.LeftOut++
		}
		r.Results = append(r.Results, res)
	}
}

// WriteJSON writes the report as one indented JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteTable writes the report for people: one line per case by topic, then
// every failure in full.
func (r Report) WriteTable(w io.Writer) error {
	var out strings.Builder
	topic := ""
	for _, res := range r.Results {
		if res.Topic != topic {
			topic = res.Topic
			fmt.Fprintf(&out, "\n%s\n", topic)
		}
		fmt.Fprintf(&out, "  %-4s  %s%s\n", word(res.Verdict), res.Sentence, note(res))
	}
	for _, res := range r.Results {
		if res.Failure != nil {
			writeFailure(&out, res)
		}
	}
	fmt.Fprintf(&out, "\n%d passed, %d failed, %d left out in %s against %s\n",
		r.Passed, r.Failed, r.LeftOut, time.Duration(r.DurationMS)*time.Millisecond, r.Target)
	_, err := io.WriteString(w, out.String())
	return err
}

func word(v Verdict) string {
	switch v {
	case Pass:
		return "ok"
	case Fail:
		return "FAIL"
	default:
		return "-"
	}
}

func note(res Result) string {
	if res.Note == "" {
		return ""
	}
	return " (" + res.Note + ")"
}

func writeFailure(out *strings.Builder, res Result) {
	f := res.Failure
	fmt.Fprintf(out, "\nFAIL %s\n  %s\n  expected: %s\n", res.ID, res.Sentence, f.Expected)
	if f.Request != "" {
		fmt.Fprintf(out, "  request:  %s\n  came:     %d %s\n", f.Request, f.Status, f.Body)
	}
	if f.RequestID != "" {
		fmt.Fprintf(out, "  look at:  %s\n", f.RequestID)
	}
}
