package wire

import (
	"math"
	"strconv"
	"strings"

	"github.com/juicer-pay/juicer/internal/problem"
)

// Text reads a string. U+0000, U+2028 and U+2029 are refused everywhere.
func (r *Reader) Text(name string, rules ...Rule) string {
	f := r.find(name)
	need := needOf(rules)
	if f.v == nil {
		if need != Optional {
			f.breach(breach{code: problem.FieldRequired})
		}
		return ""
	}
	if need != Required && f.v.isEmptyText() {
		return ""
	}
	s, _ := f.text(rules)
	return s
}

// text reads a text that must not be empty.
func (f field) text(rules []Rule) (s string, ok bool) {
	s, ok = f.v.Text()
	switch {
	case !ok:
		f.notA("string")
		return "", false
	case s == "":
		f.breach(emptiness(rules))
		return "", false
	case strings.ContainsAny(s, "\x00\u2028\u2029"):
		f.breach(breach{code: problem.FieldUnsupportedCharacter})
		return "", false
	case !f.judge(input{text: s}, rules):
		return "", false
	}
	return s, true
}

// emptiness is what "" breaks: the least length, if the contract names one.
func emptiness(rules []Rule) breach {
	for _, rule := range rules {
		if l, ok := rule.(length); ok && l.least > 0 {
			return l.check(input{})
		}
	}
	return breach{code: problem.FieldRequired}
}

// OneOf reads a text out of a list.
func OneOf[T ~string](r *Reader, name string, need Need, list ...T) T {
	return T(r.Text(name, need, Allowed(list...)))
}

// Reference reads a reference of 1.5: 1..50 printable characters without blanks.
func (r *Reader) Reference(name string, need Need) string {
	return r.Text(name, need, Length(1, ReferenceMax), Printable)
}

// Bool reads a boolean.
func (r *Reader) Bool(name string, need Need) bool {
	f := r.open(name, need)
	if f.v == nil {
		return false
	}
	yes, ok := f.v.Bool()
	if !ok {
		f.notA("boolean")
	}
	return yes
}

// Time reads a timestamp; absence is the zero Time.
func (r *Reader) Time(name string, rules ...Rule) Time {
	f := r.open(name, needOf(rules))
	if f.v == nil {
		return Time{}
	}
	s, ok := f.v.Text()
	if !ok {
		f.notA("string")
		return Time{}
	}
	t, err := ParseTime(s)
	if err != nil {
		f.breach(broken(problem.FieldInvalidFormat, "hint", "an RFC 3339 time such as 2026-11-22T09:30:00Z"))
		return Time{}
	}
	if !f.judge(input{time: t}, rules) {
		return Time{}
	}
	return t
}

// Int reads an integer in any whole spelling. Fractions are must_be_integer
// before any other rule; numbers beyond int64 are too_large or too_small.
func (r *Reader) Int(name string, rules ...Rule) int64 {
	f := r.open(name, needOf(rules))
	if f.v == nil {
		return 0
	}
	in, ok := f.integer(has(rules, OrDigits))
	if !ok || !f.judge(in, rules) {
		return 0
	}
	switch in.over { // no rule had a limit to name
	case tooGreat:
		f.breach(broken(problem.FieldTooLarge, "limit", int64(math.MaxInt64)))
	case tooSmall:
		f.breach(broken(problem.FieldTooSmall, "limit", int64(math.MinInt64)))
	}
	return in.n
}

func (f field) integer(orDigits bool) (in input, ok bool) {
	text := f.v.text
	switch {
	case f.v.kind == KindNumber:
	case f.v.kind == KindText && orDigits && onlyDigits(text):
	default:
		f.notA("integer")
		return input{}, false
	}
	in.n, in.over = takeApart(text).integer()
	if in.over == fraction {
		f.breach(breach{code: problem.FieldMustBeInteger})
		return input{}, false
	}
	return in, true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// ExpiryYear reads the year of a card as 2 or 4 digits, a number or a text of
// digits (39 and 2039 are 2039).
func (r *Reader) ExpiryYear(name string, need Need) int64 {
	f := r.open(name, need)
	if f.v == nil {
		return 0
	}
	in, ok := f.integer(true)
	if !ok {
		return 0
	}
	digits := len(f.v.text)
	if f.v.kind == KindNumber {
		digits = len(strconv.FormatInt(in.n, 10))
	}
	switch {
	case in.over == fits && in.n >= 0 && digits == 2:
		return 2000 + in.n
	case in.over == fits && in.n >= 1000 && digits == 4:
		return in.n
	}
	f.breach(broken(problem.FieldInvalidFormat, "hint", "a year of 2 or 4 digits"))
	return 0
}

// Metadata reads any object of at most MetadataBytesMax bytes when written out;
// nil if absent. Its content is the caller's own.
func (r *Reader) Metadata(name string) *Value {
	f := r.open(name, Optional)
	if f.v == nil || !f.object() {
		return nil
	}
	if f.v.isEmptyList() {
		return NewObject()
	}
	if len(f.v.Canonical()) > MetadataBytesMax {
		f.breach(broken(problem.FieldTooLarge, "limit", strconv.Itoa(MetadataBytesMax)+" bytes"))
		return nil
	}
	return f.v
}

// object reports whether the field is an object or [], which some clients send
// because they cannot write {}.
func (f field) object() bool {
	if f.v.kind == KindObject || f.v.isEmptyList() {
		return true
	}
	f.notA("object")
	return false
}

// Object reads the members of an object with read, and reports whether there is one.
func (r *Reader) Object(name string, need Need, read func(*Reader)) bool {
	f := r.open(name, need)
	if f.v == nil || !f.object() {
		return false
	}
	f.members(read)
	return true
}

func (f field) members(read func(*Reader)) {
	v := f.v
	if v.isEmptyList() {
		v = &Value{kind: KindObject, start: v.start, end: v.end}
	}
	inner := newReader(f.r.all, v, f.path)
	read(inner)
	inner.refuseUnknown()
}

// Within reads some members of an object that may hold others too, such as
// metadata.order. The path is from r's own object.
func (r *Reader) Within(path string, v *Value, read func(*Reader)) {
	inner := newReader(r.all, v, join(r.path, path))
	inner.asked = nil
	read(inner)
}

// Objects reads a list of least..most objects; each is called for every entry.
func (r *Reader) Objects(name string, need Need, least, most int, each func(i int, entry *Reader)) {
	for i, f := range r.entries(name, need, least, most) {
		if f.v != nil && f.object() {
			f.members(func(inner *Reader) { each(i, inner) })
		}
	}
}

// Texts reads a list of least..most texts that keep the rules.
func (r *Reader) Texts(name string, need Need, least, most int, rules ...Rule) []string {
	var list []string
	for _, f := range r.entries(name, need, least, most) {
		if s, ok := f.text(rules); ok {
			list = append(list, s)
		}
	}
	return list
}

// entries finds the entries of a list that has a right number of them.
func (r *Reader) entries(name string, need Need, least, most int) []field {
	f := r.open(name, need)
	switch {
	case f.v == nil:
		return nil
	case f.v.kind != KindList:
		f.notA("array")
		return nil
	case f.v.Len() < least:
		f.breach(broken(problem.FieldTooFewItems, "limit", least))
		return nil
	case f.v.Len() > most:
		f.breach(broken(problem.FieldTooManyItems, "limit", most))
		return nil
	}
	entries := make([]field, f.v.Len())
	for i := range entries {
		v := f.v.At(i)
		entries[i] = field{r: r, path: entry(f.path, i), v: v, at: v.start}
	}
	return entries
}

// TextMetadata reads an object whose values are all texts, of at most most bytes when
// written out; nil if absent.
func (r *Reader) TextMetadata(name string, most int) *Value {
	f := r.open(name, Optional)
	if f.v == nil || !f.object() {
		return nil
	}
	if f.v.isEmptyList() {
		return NewObject()
	}
	for i := range f.v.Len() {
		if v := f.v.At(i); v.Kind() != KindText {
			field{r: r, path: join(f.path, f.v.Name(i)), v: v, at: v.start}.notA("string")
		}
	}
	if len(f.v.Canonical()) > most {
		f.breach(broken(problem.FieldTooLarge, "limit", strconv.Itoa(most)+" bytes"))
	}
	return f.v
}
