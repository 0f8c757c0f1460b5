package wire

import (
	"log/slog"
	"strings"
)

// Kind is what a Value is.
type Kind uint8

// The kinds of JSON values.
const (
	KindNull Kind = iota
	KindBool
	KindNumber
	KindText
	KindList
	KindObject
)

// Value is one JSON value as the caller sent it: members in body order, numbers
// in the caller's spelling. It is never changed after Parse, so parts of it may
// be kept and shared. The methods take nil as "absent".
type Value struct {
	kind       Kind
	yes        bool
	start, end int32    // byte offsets in the body: first byte, and one behind the last
	text       string   // decoded text, or the number as written
	list       []Value  // entries, or the values of members
	names      []string // names of the members of list
}

// NewText is a text that did not come from a body. Invalid UTF-8 in s is replaced.
func NewText(s string) *Value {
	return &Value{kind: KindText, text: strings.ToValidUTF8(s, "\uFFFD")}
}

// NewObject is an object without members.
func NewObject() *Value { return &Value{kind: KindObject} }

// Kind is what v is; absent is KindNull.
func (v *Value) Kind() Kind {
	if v == nil {
		return KindNull
	}
	return v.kind
}

// Get is the member called name, or nil.
func (v *Value) Get(name string) *Value {
	if i := v.member(name); i >= 0 {
		return &v.list[i]
	}
	return nil
}

func (v *Value) member(name string) int {
	if v.Kind() != KindObject {
		return -1
	}
	for i, n := range v.names {
		if n == name {
			return i
		}
	}
	return -1
}

// Len is the number of entries or members.
func (v *Value) Len() int {
	if v == nil {
		return 0
	}
	return len(v.list)
}

// At is the entry i of a list, or the value of member i in body order.
func (v *Value) At(i int) *Value { return &v.list[i] }

// Name is the name of member i in body order.
func (v *Value) Name(i int) string { return v.names[i] }

// Text is the content of a text; ok is false for every other kind.
func (v *Value) Text() (s string, ok bool) {
	if v.Kind() != KindText {
		return "", false
	}
	return v.text, true
}

// Bool is the value of a boolean; ok is false for every other kind.
func (v *Value) Bool() (yes, ok bool) {
	if v.Kind() != KindBool {
		return false, false
	}
	return v.yes, true
}

// isEmptyList tells [] apart: some clients cannot write {}.
func (v *Value) isEmptyList() bool { return v.Kind() == KindList && len(v.list) == 0 }

// Rewrite is v with members replaced: f is asked about every member at every
// depth, and about list entries under the name "". It returns its argument for
// "leave it and look inside". v itself stays as it is.
func (v *Value) Rewrite(f func(name string, v *Value) *Value) *Value {
	out := v
	for i := range v.Len() {
		name := ""
		if v.kind == KindObject {
			name = v.names[i]
		}
		old := &v.list[i]
		next := f(name, old)
		if next == old {
			next = old.Rewrite(f)
		}
		if next == old {
			continue
		}
		if out == v {
			c := *v
			c.list = append([]Value(nil), v.list...)
			out = &c
		}
		out.list[i] = *next
	}
	return out
}

// String hides the content: a body may hold card data, and a Value must be safe
// in a log line or an error text.
func (v *Value) String() string {
	return "wire.Value(" + [...]string{"null", "boolean", "number", "text", "list", "object"}[v.Kind()] + ")"
}

// GoString hides the content too.
func (v *Value) GoString() string { return v.String() }

// LogValue hides the content too.
func (v *Value) LogValue() slog.Value { return slog.StringValue(v.String()) }
