package problem

import _ "embed"

// Guide is the content of the errors page. Texts may hold code between backticks.
type Guide struct {
	Support    string // how to reach the operator, or ""
	Envelope   []Row
	Types      []Row
	Statuses   []Row
	Boundary   []string
	Outcomes   []Row
	Retries    []Row
	FieldCodes []Row
	Failures   []Row
	Client     []string
	Samples    []CodeSample
	Sections   []Section
}

// Row is one line of a table: as many cells as the table has columns.
type Row []string

// CodeSample is a whole client function in one language.
type CodeSample struct {
	Language string // as people call it
	Tag      string // as highlighters call it
	Needs    string // oldest version
	Code     string
}

var (
	//go:embed example/call.js
	nodeSample string
	//go:embed example/call.py
	pythonSample string
	//go:embed example/call.go.txt
	goSample string
)

func guide(kinds []*Kind, support string) Guide {
	g := Guide{
		Support: support, Envelope: envelopeRows(), Types: typeRows(), Statuses: statusRows(), Boundary: boundary(),
		Outcomes: outcomeRows(), Retries: retryRows(), FieldCodes: fieldRows(), Failures: failureRows(),
		Client: clientRules(), Samples: codeSamples(),
	}
	for _, k := range kinds {
		g.Sections = append(g.Sections, Doc(k))
	}
	return g
}

func codeSamples() []CodeSample {
	return []CodeSample{
		{"Node.js", "js", "Node.js 18 or later", nodeSample},
		{"Python", "python", "Python 3.9 or later", pythonSample},
		{"Go", "go", "Go 1.22 or later", goSample},
	}
}

func outcomeRows() []Row {
	var rows []Row
	for _, o := range []Outcome{NotAttempted, Refused, Pending, Unknown, Succeeded} {
		rows = append(rows, Row{"`" + string(o) + "`", answers()[o]})
	}
	return rows
}

func fieldRows() []Row {
	var rows []Row
	for _, r := range FieldRules() {
		rows = append(rows, Row{"`" + string(r.Code) + "`", r.Message, r.When})
	}
	return rows
}

func failureRows() []Row {
	var rows []Row
	for _, f := range Failures() {
		rows = append(rows, Row{"`" + f.Code + "`", f.Kind, yesNo(f.Retryable), reasonText(f), f.Message, failureAdvice(f)})
	}
	return rows
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func reasonText(f Failure) string {
	switch {
	case f.RailsOwn:
		return "the rail's own"
	case f.Reason == "":
		return "null"
	}
	return "`" + f.Reason + "`"
}

func failureAdvice(f Failure) string {
	if f.Step {
		return "not the request: the payer tries the step again"
	}
	r := f.Retry()
	if !r.Allowed {
		return "not allowed"
	}
	if r.AfterMS == nil {
		return "`new_key`"
	}
	return "`new_key` " + after(r)
}
