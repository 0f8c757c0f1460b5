package wire

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Raw is canonical JSON that was made earlier (stored metadata, a stored reply)
// and is embedded as it is. Empty is null.
type Raw []byte

// MarshalJSON gives the bytes.
func (r Raw) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// Marshal writes our own replies: compact, map keys in byte order, nothing
// escaped that need not be, nil slices as [] and nil maps as {}, times as Time
// writes them. Members of structs stand in the order of declaration, which
// Sorted proves to be byte order.
//
// It panics if v holds what JSON cannot say. Types that pass Sorted never do,
// and there is no reply to send instead of one that cannot be written.
func Marshal(v any) []byte {
	out, err := json.Marshal(v, replies())
	if err != nil {
		panic(fmt.Sprintf("wire: marshal %T: %v", v, err))
	}
	return out
}

func replies() json.Options {
	return json.JoinOptions(
		json.Deterministic(true),
		jsonv1.OmitEmptyWithLegacySemantics(true), // omitempty leaves out 0 and false, as Go programmers expect
		jsontext.AllowInvalidUTF8(true),           // replaced, not refused: a reply is owed
		json.WithMarshalers(json.MarshalToFunc(func(out *jsontext.Encoder, t time.Time) error {
			return out.WriteToken(jsontext.String(stamp(t)))
		})),
	)
}

// Sorted reports the first reason why values of type t would not be written
// canonically by Marshal: members not declared in byte order of their JSON
// names, a field without a JSON name, a type JSON has no word for, or a float (no
// reply has one).
// Fields of interface types and types
// that marshal themselves are not looked into.
func Sorted(t reflect.Type) error { return (&inspection{seen: map[reflect.Type]bool{}}).look(t) }

type inspection struct{ seen map[reflect.Type]bool }

func (in *inspection) look(t reflect.Type) error {
	if in.seen[t] || marshalsItself(t) {
		return nil
	}
	in.seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return in.look(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("%s: keys are not texts", t)
		}
		return in.look(t.Elem())
	case reflect.Struct:
		last := ""
		return in.members(t, &last)
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Errorf("%s does not belong in a reply", t)
	}
	return nil
}

// members looks at the fields of a struct; those of embedded structs count as
// its own. last is the name of the member before.
func (in *inspection) members(t reflect.Type, last *string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if err := in.member(t, f, name, last); err != nil {
			return err
		}
	}
	return nil
}

func (in *inspection) member(t reflect.Type, f reflect.StructField, name string, last *string) error {
	switch {
	case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
		return in.members(f.Type, last)
	case name == "-" || !f.IsExported():
		return nil
	case name == "":
		return fmt.Errorf("%s.%s has no JSON name", t, f.Name)
	case name <= *last:
		return fmt.Errorf("%s: %q is declared after %q", t, name, *last)
	}
	*last = name
	if err := in.look(f.Type); err != nil {
		return fmt.Errorf("%s.%s: %w", t, f.Name, err)
	}
	return nil
}

func marshalsItself(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Time]() {
		return true
	}
	for _, by := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.MarshalerTo]()} {
		if t.Implements(by) || reflect.PointerTo(t).Implements(by) {
			return true
		}
	}
	return false
}
