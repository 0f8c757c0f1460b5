package wire

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Canonical is v as canonical JSON: compact, members in
// byte order of their names at every level, everything unescaped that may be.
// Numbers stay as given.
func (v *Value) Canonical() []byte { return canonical{}.value(nil, v) }

// Fingerprint is Canonical with every spelling of a whole number made equal
// (1500.0 and 1.5e3 become 1500), so that bodies which say the same compare
// equal. It is no less readable by Parse.
func (v *Value) Fingerprint() []byte { return canonical{normal: true}.value(nil, v) }

// MarshalJSON embeds v canonically.
func (v *Value) MarshalJSON() ([]byte, error) { return v.Canonical(), nil }

// canonical writes values; normal says whether whole numbers are made equal.
type canonical struct{ normal bool }

func (c canonical) value(dst []byte, v *Value) []byte {
	switch v.Kind() {
	case KindBool:
		return strconv.AppendBool(dst, v.yes)
	case KindNumber:
		if c.normal {
			return normal(dst, v.text)
		}
		return append(dst, v.text...)
	case KindText:
		return appendText(dst, v.text)
	case KindList:
		return c.list(dst, v)
	case KindObject:
		return c.object(dst, v)
	}
	return append(dst, "null"...)
}

func (c canonical) list(dst []byte, v *Value) []byte {
	dst = append(dst, '[')
	for i := range v.list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = c.value(dst, &v.list[i])
	}
	return append(dst, ']')
}

func (c canonical) object(dst []byte, v *Value) []byte {
	dst = append(dst, '{')
	for n, i := range v.order() {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, v.names[i]), ':')
		dst = c.value(dst, &v.list[i])
	}
	return append(dst, '}')
}

// order lists the members of an object by name.
func (v *Value) order() []int {
	order := make([]int, len(v.names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(v.names[i], v.names[j]) })
	return order
}

// appendText writes a JSON string with the escapes of canonical JSON and no others.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		if s[i] >= ' ' && s[i] != '"' && s[i] != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = appendEscape(dst, s[i])
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}

func appendEscape(dst []byte, b byte) []byte {
	if i := strings.IndexByte("\"\\\b\f\n\r\t", b); i >= 0 {
		return append(dst, '\\', `"\bfnrt`[i])
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&0xf])
}

// Differs lists the paths (amount, beneficiary.id, items[2].amount) at which two
// bodies with different fingerprints differ, sorted, at most differsMax of them.
// A path is cut off at pathBytesMax bytes.
func Differs(a, b *Value) []string {
	var d differences
	d.compare("", a, b)
	sort.Strings(d)
	return slices.Compact(d)
}

type differences []string

func (d *differences) compare(path string, a, b *Value) {
	switch {
	case len(*d) >= differsMax:
	case (a == nil) != (b == nil) || a.Kind() != b.Kind():
		*d = append(*d, path)
	case a.Kind() == KindObject:
		d.members(path, a, b)
	case a.Kind() == KindList:
		d.entries(path, a, b)
	case string(a.Fingerprint()) != string(b.Fingerprint()):
		*d = append(*d, path)
	}
}

// members walks both objects in byte order of the names at once.
func (d *differences) members(path string, a, b *Value) {
	left, right := a.order(), b.order()
	for len(left)+len(right) > 0 {
		var x, y *Value
		var name string
		switch compareNext(a, b, left, right) {
		case -1:
			name, x, left = a.names[left[0]], &a.list[left[0]], left[1:]
		case 1:
			name, y, right = b.names[right[0]], &b.list[right[0]], right[1:]
		default:
			name, x, y = a.names[left[0]], &a.list[left[0]], &b.list[right[0]]
			left, right = left[1:], right[1:]
		}
		d.compare(join(path, name), x, y)
	}
}

// compareNext says which object has the smaller next name; 0 is both.
func compareNext(a, b *Value, left, right []int) int {
	switch {
	case len(right) == 0:
		return -1
	case len(left) == 0:
		return 1
	}
	return strings.Compare(a.names[left[0]], b.names[right[0]])
}

func (d *differences) entries(path string, a, b *Value) {
	for i := range max(len(a.list), len(b.list)) {
		var x, y *Value
		if i < len(a.list) {
			x = &a.list[i]
		}
		if i < len(b.list) {
			y = &b.list[i]
		}
		d.compare(entry(path, i), x, y)
	}
}

// join is the path of a member. Paths stay short at every step: a caller's long
// names must not be copied once for every member below them.
func join(path, name string) string {
	if path == "" {
		return short(name)
	}
	return short(path + "." + short(name))
}

func entry(path string, i int) string { return short(path + "[" + strconv.Itoa(i) + "]") }

// short cuts a path off between two characters.
func short(path string) string {
	if len(path) <= pathBytesMax {
		return path
	}
	end := pathBytesMax
	for !utf8.RuneStart(path[end]) {
		end--
	}
	return path[:end] + "…"
}
