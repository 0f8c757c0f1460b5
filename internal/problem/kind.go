package problem

// The values of error.type (spec: errors.md 2).
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
	Bare     bool     // top-level message is the bare code (spec: errors.md 1)
	Says     string   // one sentence for the documentation: what it means and what to do next
	When     string   // given when, as the head of a table cell
	Sandbox  string   // how to see it in the test environment
	Decided  string   // packages that raise it

	// judge looks at the details where the row's outcome or advice hangs on them.
	judge func(Details) (Outcome, Retry)
}

// With raises the kind with its details.
func (k *Kind) With(d Details) *Error { return &Error{Kind: k, Details: d} }

// Is reports whether err carries this kind.
func (k *Kind) Is(err error) bool {
	e, ok := Of(err)
	return ok && e.Kind == k
}
