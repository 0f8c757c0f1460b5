// Package wire holds the documented JSON shapes: strict reading of bodies and
// query strings, rules about single fields, canonical JSON, timestamps and
// pages. It decides nothing that needs more than the request itself.
package wire

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/juicer-pay/juicer/internal/problem"
)

// What malformed_json says in details.reason.
const (
	reasonByteOrderMark = "The body starts with a byte order mark"
	reasonCharacter     = "A character is not allowed here"
	reasonControl       = "A control character is not allowed here"
	reasonDeep          = "The body is nested too deep"
	reasonDuplicate     = "An object has two members of the same name"
	reasonEnds          = "The body ends too early"
	reasonEntries       = "The body has too many values"
	reasonEscape        = "An escape sequence is not valid"
	reasonName          = "The name of a member must be a string"
	reasonNotObject     = "The body must be a JSON object"
	reasonSurrogate     = "A surrogate stands alone"
	reasonTrailing      = "Something follows the JSON object"
	reasonUTF8          = "The body is not valid UTF-8"
)

// Parse reads a request body. An empty body, null and [] are {}. It raises problem.MalformedJSON with details position (the byte offset,
// from 0) and reason (a sentence for people).
func Parse(body []byte) (*Value, error) {
	blank := len(body) - len(bytes.TrimLeft(body, " \t\r\n"))
	if blank == len(body) {
		return NewObject(), nil
	}
	p := parser{
		body: body, text: string(body), dec: jsontext.NewDecoder(bytes.NewBuffer(body)),
		list: make([]Value, 0, usualMembers), names: make([]string, 0, usualMembers),
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if at := p.next(); at < len(body) {
		return nil, malformed(at, reasonTrailing)
	}
	switch {
	case v.kind == KindNull, v.isEmptyList():
		return &Value{kind: KindObject, start: v.start, end: v.end}, nil
	case v.kind != KindObject:
		return nil, malformed(blank, reasonNotObject)
	}
	return &v, nil
}

// usualMembers is how many members are open at once in most bodies.
const usualMembers = 16

func malformed(position int, reason string) error {
	return problem.MalformedJSON.With(problem.Details{"position": position, "reason": reason})
}

// parser builds the tree. Children are gathered on two stacks and copied out
// at their exact number, so that a hostile body costs no more than its values.
type parser struct {
	body  []byte
	text  string // the body once more: texts and numbers are slices of it
	dec   *jsontext.Decoder
	depth int
	count int // values so far
	list  []Value
	names []string
}

func (p *parser) value() (Value, error) {
	switch p.dec.PeekKind() {
	case '{':
		return p.container(KindObject)
	case '[':
		return p.container(KindList)
	default:
		return p.scalar()
	}
}

func (p *parser) scalar() (Value, error) {
	raw, err := p.dec.ReadValue()
	if err != nil {
		return Value{}, p.explain(err)
	}
	end := int(p.dec.InputOffset())
	v := Value{start: int32(end - len(raw)), end: int32(end)}
	switch raw[0] {
	case 'n':
	case 't', 'f':
		v.kind, v.yes = KindBool, raw[0] == 't'
	case '"':
		v.kind, v.text = KindText, p.unquote(raw, end)
	default:
		v.kind, v.text = KindNumber, p.text[v.start:end]
	}
	return v, nil
}

// unquote decodes the string raw, which ends at the offset end of the body.
func (p *parser) unquote(raw []byte, end int) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return p.text[end-len(raw)+1 : end-1]
	}
	plain, _ := jsontext.AppendUnquote(nil, raw) // the decoder has checked it
	return string(plain)
}

func (p *parser) container(kind Kind) (Value, error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return Value{}, p.explain(err)
	}
	v := Value{kind: kind, start: int32(p.dec.InputOffset()) - 1}
	if p.depth++; p.depth > depthMax {
		return Value{}, malformed(int(v.start), reasonDeep)
	}
	values, names := len(p.list), len(p.names)
	for !closed(p.dec.PeekKind()) {
		if err := p.entry(kind); err != nil {
			return Value{}, err
		}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return Value{}, p.explain(err)
	}
	p.depth--
	v.end = int32(p.dec.InputOffset())
	v.list = append(v.list, p.list[values:]...)
	v.names = append(v.names, p.names[names:]...)
	clear(p.list[values:]) // so that the stack keeps nothing alive
	p.list, p.names = p.list[:values], p.names[:names]
	return v, nil
}

func closed(k jsontext.Kind) bool { return k == '}' || k == ']' }

// entry reads one list entry, or one member with its name, onto the stacks.
func (p *parser) entry(kind Kind) error {
	if kind == KindObject {
		raw, err := p.dec.ReadValue()
		if err != nil {
			return p.explain(err)
		}
		p.names = append(p.names, p.unquote(raw, int(p.dec.InputOffset())))
	}
	if p.count++; p.count > valuesMax {
		return malformed(p.next(), reasonEntries)
	}
	v, err := p.value()
	if err == nil {
		p.list = append(p.list, v)
	}
	return err
}

// next is the offset of the first byte behind the last token that is not blank.
func (p *parser) next() int {
	at := int(p.dec.InputOffset())
	rest := p.body[at:]
	return at + len(rest) - len(bytes.TrimLeft(rest, " \t\r\n"))
}

// explain turns the decoder's error into ours; its texts are not for callers.
func (p *parser) explain(err error) error {
	at := p.next()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at = min(int(syntax.ByteOffset), len(p.body))
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformed(at, reasonDuplicate)
	case errors.Is(err, jsontext.ErrNonStringName):
		return malformed(at, reasonName)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), at == len(p.body):
		return malformed(at, reasonEnds)
	}
	return malformed(at, complaint(p.body[at:]))
}

// complaint says what is wrong with the bytes at the place of an error.
func complaint(rest []byte) string {
	r, size := utf8.DecodeRune(rest)
	switch {
	case bytes.HasPrefix(rest, []byte("\uFEFF")):
		return reasonByteOrderMark
	case r == utf8.RuneError && size == 1:
		return reasonUTF8
	case r < ' ':
		return reasonControl
	case len(rest) > 3 && r == '\\' && rest[1] == 'u' && rest[2]|0x20 == 'd' && rest[3] >= '8':
		return reasonSurrogate
	case r == '\\':
		return reasonEscape
	}
	return reasonCharacter
}
