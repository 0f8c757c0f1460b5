package wire

import (
	"regexp"
	"strconv"
	"strings"
)

// What webhooks carry must come out the same from every receiver that sorts and encodes it
// again, in whatever language: no empty objects, no fractions, no keys that some language
// takes for a number, no characters that some encoder escapes.

var carriedKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_. -]{0,63}$`)

// carriedMax is the largest integer that every language reads exactly.
const carriedMax = 1<<53 - 1

// uncarried are the characters that no text in a webhook may hold.
const uncarried = "\u2028\u2029\x00"

// PrunedMetadata is what of stored metadata travels in webhooks, as canonical JSON (nil:
// nothing), and how many members were left out; a member left out with everything in it
// counts once.
func PrunedMetadata(stored []byte) (sent Raw, omitted int64) {
	v, err := Parse(stored)
	if err != nil {
		return nil, 0 // it was written by us
	}
	var p pruning
	kept := p.members(v)
	if kept == nil {
		return nil, p.omitted
	}
	return Raw(kept.Canonical()), p.omitted
}

// withoutEmpty is a value of our own, an object without the empty objects in it; nil if nothing is left.
func withoutEmpty(raw []byte) Raw {
	if len(raw) == 0 || raw[0] != '{' {
		return Raw(raw)
	}
	v, err := Parse(raw)
	if err != nil {
		return Raw(raw)
	}
	if kept := new(pruning).members(v); kept != nil {
		return Raw(kept.Canonical())
	}
	return nil
}

// pruning counts the members that are left out.
type pruning struct{ omitted int64 }

// members is an object without what must not travel; nil if nothing is left of it.
func (p *pruning) members(v *Value) *Value {
	out := &Value{kind: KindObject}
	for i := range v.list {
		before := p.omitted
		kept := (*Value)(nil)
		if carriedKey.MatchString(v.names[i]) {
			kept = p.value(&v.list[i])
		}
		if kept == nil {
			p.omitted = before + 1 // with everything in it
			continue
		}
		out.names, out.list = append(out.names, v.names[i]), append(out.list, *kept)
	}
	if len(out.list) == 0 {
		return nil
	}
	return out
}

// value is v as it travels; nil if it must not.
func (p *pruning) value(v *Value) *Value {
	switch v.Kind() {
	case KindNumber:
		n, whole := v.Int()
		if !whole || n < -carriedMax || n > carriedMax {
			return nil
		}
		return &Value{kind: KindNumber, text: strconv.FormatInt(n, 10)}
	case KindText:
		if strings.ContainsAny(v.text, uncarried) {
			return nil
		}
	case KindObject:
		return p.members(v)
	case KindList:
		return p.entries(v)
	}
	return v
}

// entries is a list if all of its entries travel: to leave one out would make another list.
func (p *pruning) entries(v *Value) *Value {
	out := &Value{kind: KindList}
	for i := range v.list {
		kept := p.value(&v.list[i])
		if kept == nil {
			return nil
		}
		out.list = append(out.list, *kept)
	}
	return out
}
