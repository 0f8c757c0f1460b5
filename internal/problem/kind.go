package problem

import (
	"slices"
	"strings"
)

// The values of error.type.
const (
	TypeInvalidRequest = "invalid_request_error"
	TypeAuthentication = "authentication_error"
	TypePermission     = "permission_error"
	TypeIdempotency    = "idempotency_error"
	TypeRateLimit      = "rate_limit_error"
	TypeAPI            = "api_error"
)

// AnyName as the only entry of Kind.Details says that the names come from the
// request: invalid_request names the parameter that was wrong.
const AnyName = "*"

// Kind is one row of the catalogue: the definition of an error, from which
// answers, documentation, OpenAPI and SDK classes are derived.
type Kind struct {
	Code     string
	Status   int
	Type     string    // error.type, one of the Type constants
	Outcome  Outcome   // what the refused request did
	Outcomes []Outcome // what else it may have done: said by Told, BrokeOff or the details
	Retry    Retry
	Message  string   // template; {name} is filled from the details and fills, {Name} with a capital and blanks
	Details  []string // names that error.details may carry, in byte order; others never leave
	Fills    []string // names that fill the message and are not shown in error.details
	Bare     bool     // top-level message is the bare code
	Says     string   // one sentence for the documentation: what it means and what to do next
	When     string   // given when, as the head of a table cell
	Sandbox  string   // how to see it in the test environment
	Decided  string   // packages that raise it, under internal/

	// judge looks at the details where the row's outcome and advice hang on them;
	// false leaves the row as it is.
	judge func(Details) (Outcome, Retry, bool)
}

// With raises the kind with its details.
func (k *Kind) With(d Details) *Error { return &Error{Kind: k, Details: d} }

// Is reports whether err carries this kind.
func (k *Kind) Is(err error) bool {
	e, ok := Of(err)
	return ok && e.Kind == k
}

// shows reports whether error.details may carry name.
func (k *Kind) shows(name string) bool {
	return slices.Contains(k.Details, name) || slices.Contains(k.Details, AnyName)
}

// Strays lists what does not fit the row: details it does not know, names of its
// message without a value, an outcome it cannot have. Empty for a well-raised
// error; tests of every package may ask.
func (e *Error) Strays() []string {
	var strays []string
	for name := range e.Details {
		if !e.Kind.shows(name) && !slices.Contains(e.Kind.Fills, name) {
			strays = append(strays, "detail "+name)
		}
	}
	for _, p := range placeholder.FindAllString(e.Kind.Message, -1) {
		if e.text == "" && e.fill(p) == p {
			strays = append(strays, "no value for"+p)
		}
	}
	if o := e.Outcome(); o != e.Kind.Outcome && !slices.Contains(e.Kind.Outcomes, o) {
		strays = append(strays, "outcome "+string(o))
	}
	slices.Sort(strays)
	return strays
}

// knows reports whether the placeholder p of a message has somewhere to come from.
func (k *Kind) knows(p string) bool {
	name := strings.ToLower(strings.Trim(p, " {}"))
	return slices.Contains(k.Details, name) || slices.Contains(k.Fills, name) || name == "retry_after"
}
