// Package sdkgen writes the dull parts of the SDKs from the contract: the models of
// bodies and answers, a method for each operation, and the codes of errors.
package sdkgen

// Contract is what the SDKs offer, in the order of spec/openapi.yaml.
type Contract struct {
	Resources []*Resource
	Shapes    []*Shape // by name
	Enums     []*Enum  // by name
}

// Resource is a group of operations, such as client.payment_sessions.
type Resource struct {
	Name       string // in snake case
	Doc        string
	Operations []*Operation
}

// Operation is one method of a resource.
type Operation struct {
	Name    string // in snake case
	Method  string // GET ...
	Route   string // "/payments/{id}"
	Doc     string
	Path    []string // parameters in the order of the route
	Query   *Shape   // nil without one
	Body    *Type    // nil without one
	Reply   ReplyKind
	Data    *Type // of one object, or of each item of a page
	BodyOpt bool  // every member of the body may be missing
}

// ReplyKind says what an answer of 2xx is.
type ReplyKind int

// The kinds.
const (
	Object  ReplyKind = iota // {"data": ..., "money"?: ...}, or the object itself
	Page                     // {"data": [...], "pagination": ...}
	Nothing                  // 204
	Text                     // not JSON
)

// Shape is an object with named members.
type Shape struct {
	Name   string
	Doc    string
	Fields []*Field
	Input  bool // nothing but bodies and queries hold it
}

// Field is a member of a shape.
type Field struct {
	Wire     string
	Doc      string
	Type     *Type
	Required bool
}

// Enum is a named set of words.
type Enum struct {
	Name   string
	Doc    string
	Values []string
}

// Kind is the kind of a type.
type Kind int

// The kinds.
const (
	Any Kind = iota
	String
	Integer
	Number
	Boolean
	Literals // some of the words in Type.Words
	Map      // of Elem
	Array    // of Elem
	Named    // a shape or enum
	Union    // one of Options
)

// Type is what a member may hold.
type Type struct {
	Kind     Kind
	Name     string
	Words    []string
	Elem     *Type
	Options  []*Type
	Nullable bool
}
