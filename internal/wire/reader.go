package wire

import (
	"cmp"
	"slices"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Reader reads the members of one object by name and gathers every breach. Each
// method gives the zero value for a field that is absent or breaks a rule; Err
// tells the two apart for all fields at once. Members that nothing asks for are
// unknown_field.
type Reader struct {
	all    *breaches
	value  *Value
	path   string
	asked  []bool      // by member
	second [][2]string // name, and the other name it may come under
}

// breaches are those of a whole body.
type breaches []located

// located is a breach and where it stands: the byte offset of the value, or of
// the end of the object that lacks it.
type located struct {
	at    int32
	field problem.Field
}

func (b *breaches) add(at int32, path string, why breach) {
	if len(*b) < breachesMax {
		*b = append(*b, located{at, problem.Breach(why.code, path, why.args)})
	}
}

// Read starts reading a body.
func Read(body *Value) *Reader { return newReader(new(breaches), body, "") }

func newReader(all *breaches, v *Value, path string) *Reader {
	return &Reader{all: all, value: v, path: path, asked: make([]bool, v.Len())}
}

// Value is the object being read, for looking ahead.
func (r *Reader) Value() *Value { return r.value }

// Err is nil, or problem.ValidationError with the breaches in body order: fields
// that are there by their place in the body, then what their object lacks, in
// the order in which it was asked for.
func (r *Reader) Err() error {
	r.refuseUnknown()
	if len(*r.all) == 0 {
		return nil
	}
	slices.SortStableFunc(*r.all, func(a, b located) int { return cmp.Compare(a.at, b.at) })
	fields := make([]problem.Field, len(*r.all))
	for i, b := range *r.all {
		fields[i] = b.field
	}
	return problem.Invalid(fields...)
}

func (r *Reader) refuseUnknown() {
	for i := range r.asked {
		if !r.asked[i] && len(*r.all) < breachesMax {
			r.all.add(r.value.list[i].start, join(r.path, r.value.names[i]), breach{code: problem.FieldUnknown})
		}
	}
	r.asked = nil // each only once, however often Err is asked
}

// Alias lets a field come under a second name, in every call that follows. Both
// at once must say the same, else the second is a conflict.
func (r *Reader) Alias(name, other string) {
	r.second = append(r.second, [2]string{name, other})
	f, second := r.look(name), r.look(other)
	if f.v != nil && second.v != nil && string(f.v.Fingerprint()) != string(second.v.Fingerprint()) {
		second.breach(broken(problem.FieldConflict, "other", f.path))
	}
}

// Ignore accepts fields of earlier versions of the contract, whatever they hold.
func (r *Reader) Ignore(names ...string) {
	for _, name := range names {
		if i := r.value.member(name); i >= 0 {
			r.ask(i)
		}
	}
}

func (r *Reader) ask(i int) {
	if r.asked != nil {
		r.asked[i] = true
	}
}

// Has reports whether the field is there: not missing, not null, not "".
func (r *Reader) Has(name string) bool {
	f := r.find(name)
	return f.v != nil && !f.v.isEmptyText()
}

// Breach reports that the field breaks a rule that Rules cannot say, such as
// problem.FieldConflict. A field that has a breach already keeps that one.
func (r *Reader) Breach(name string, code problem.FieldCode, args problem.Details) {
	f := r.find(name)
	for _, b := range *r.all {
		if b.field.Field == f.path {
			return
		}
	}
	r.all.add(f.at, f.path, breach{code, args})
}

// field is one member as it was found.
type field struct {
	r    *Reader
	path string
	v    *Value // nil if missing or null
	at   int32
}

func (f field) breach(why breach) { f.r.all.add(f.at, f.path, why) }

func (f field) notA(kind string) { f.breach(broken(problem.FieldInvalidType, "type", kind)) }

// find looks a field up, by either of its names, and marks it as known.
func (r *Reader) find(name string) field {
	f := r.look(name)
	for _, s := range r.second {
		if s[0] != name {
			continue
		}
		if other := r.look(s[1]); f.v == nil && other.v != nil {
			f = other
		}
	}
	return f
}

func (r *Reader) look(name string) field {
	f := field{r: r, path: join(r.path, name)}
	i := r.value.member(name)
	if i < 0 {
		if r.value != nil {
			f.at = r.value.end
		}
		return f
	}
	r.ask(i)
	v := &r.value.list[i]
	if f.at = v.start; v.kind != KindNull {
		f.v = v
	}
	return f
}

func (v *Value) isEmptyText() bool { return v.Kind() == KindText && v.text == "" }

// open finds a field that is not a text: "" is absence if it is optional. It
// reports a required field that is absent.
func (r *Reader) open(name string, need Need) field {
	f := r.find(name)
	if need == Optional && f.v.isEmptyText() {
		f.v = nil
	}
	if f.v == nil && need != Optional {
		f.breach(breach{code: problem.FieldRequired})
	}
	return f
}

// judge reports the first rule that in breaks, if any.
func (f field) judge(in input, rules []Rule) (ok bool) {
	for _, rule := range rules {
		if why := rule.check(in); why.code != "" {
			f.breach(why)
			return false
		}
	}
	return true
}
