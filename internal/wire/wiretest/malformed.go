// Package wiretest holds what tests of several packages send: bodies that are
// not JSON objects.
package wiretest

import (
	"fmt"
	"strings"
)

// Case is a body that must be answered with malformed_json.
type Case struct {
	Name string // unique
	Body []byte
}

// Malformed lists more than 200 bodies of all kinds, the same at every call.
func Malformed() []Case {
	var all cases
	all.truncated()
	all.values()
	all.punctuation()
	all.texts()
	all.numbers()
	all.duplicates()
	all.depth()
	all.foreign()
	return all
}

type cases []Case

func (c *cases) add(name, body string) { *c = append(*c, Case{name, []byte(body)}) }

// inside adds the text as a value in three places.
func (c *cases) inside(name, text string) {
	c.add(name+" as a member", `{"amount":`+text+`}`)
	c.add(name+" as an entry", `{"items":[`+text+`]}`)
	c.add(name+" behind good members", `{"reference":"ord_1","amount":1,"metadata":{"x":`+text+`}}`)
}

// session is a small whole body, every proper beginning of which is malformed.
const session = `{"amount":250000,"currency":"NGN","items":[{"n":"\u00e9"},null,true],"x":-1.5e3}`

func (c *cases) truncated() {
	for n := 1; n < len(session); n++ {
		c.add(fmt.Sprintf("a body cut off after %d bytes", n), session[:n])
	}
}

func (c *cases) values() {
	for _, v := range []string{
		`"text"`, `""`, `12`, `0`, `-1`, `1.5`, `true`, `false`, `[1]`, `[{}]`, `[[]]`, `[null]`, `["a"]`, `[{"amount":1}]`,
	} {
		c.add("no object but "+v, v)
		c.add("no object but, between blanks, "+v, " \r\n\t"+v+"\n")
	}
}

func (c *cases) punctuation() {
	for _, body := range []string{
		`}`, `]`, `,`, `:`, `{]`, `[}`, `{,}`, `{:}`, `{"a":1,}`, `{,"a":1}`, `{"a":1,,"b":2}`, `{"a"}`, `{"a",}`, `{"a":}`, `{"a"::1}`,
		`{"a" 1}`, `{"a"=1}`, `{"a":1 "b":2}`, `{"a":1;"b":2}`, `{"a":1}}`, `{"a":1}]`, `{"a":1},`, `{"a":1}{}`, `{}{}`, `{} x`, `{}null`,
		`[]{}`, `null{}`, `[],`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[1}`, `{"a":{]}`, `{"a":(1)}`, `{"a":1)`, `({"a":1})`,
	} {
		c.add("misplaced punctuation "+body, body)
	}
	for _, name := range []string{`a`, `'a'`, `1`, `null`, `true`, `{}`, `[]`, "`a`", `$`, `_`} {
		c.add("the member name "+name, `{`+name+`:1}`)
	}
}

func (c *cases) texts() {
	for _, bad := range []struct{ name, text string }{
		{"a text without an end", `"abc`}, {"a text in single quotes", `'abc'`}, {"a bare word", `abc`},
		{"an unknown escape", `"\x41"`}, {"an escaped apostrophe", `"\'"`}, {"a short unicode escape", `"\u12"`},
		{"a unicode escape without hex digits", `"\u12G4"`}, {"a braced unicode escape", `"\u{1F393}"`}, {"an upper-case escape", `"\N"`},
		{"a lone high surrogate", `"\ud800"`}, {"a lone low surrogate", `"\udc00"`}, {"surrogates in the wrong order", `"\udc00\ud800"`},
		{"a high surrogate before a letter", `"\ud83dx"`}, {"a high surrogate before another escape", `"\uD83D\u0041"`},
		{"two high surrogates", `"\ud83d\ud83d"`}, {"a raw newline", "\"a\nb\""}, {"a raw tab", "\"a\tb\""}, {"a raw NUL", "\"a\x00b\""},
		{"a raw escape character", "\"\x1b[0m\""}, {"a byte that is never UTF-8", "\"\xff\""}, {"a continuation byte alone", "\"\x80\""},
		{"a sequence cut short", "\"\xc3\""}, {"an overlong slash", "\"\xc0\xaf\""}, {"an overlong NUL", "\"\xc0\x80\""},
		{"a surrogate in UTF-8", "\"\xed\xa0\x80\""}, {"a character beyond Unicode", "\"\xf4\x90\x80\x80\""}, {"Latin-1 text", "\"Zo\xeb\""},
	} {
		c.inside(bad.name, bad.text)
	}
	c.add("a member name with a lone surrogate", `{"\ud800":1}`)
	c.add("a member name that is not UTF-8", "{\"\xff\":1}")
	c.add("a member name with a raw newline", "{\"a\n\":1}")
}

func (c *cases) numbers() {
	for _, n := range []string{
		`01`, `-01`, `00`, `+1`, `.5`, `1.`, `-`, `--1`, `1e`, `1e+`, `1.e1`, `1e1.5`, `0x10`, `1_000`, `1,000.00`, `NaN`, `Infinity`, `-Infinity`,
		`1n`, `1f`, `1..2`, `1 000`, `٣`, `½`, `1e１`, `$10`, `10%`,
	} {
		c.inside("the number "+n, n)
	}
	for _, word := range []string{`True`, `FALSE`, `Null`, `nil`, `None`, `undefined`, `tru`, `truee`, `nul`, `yes`} {
		c.add("the word "+word, `{"allow_duplicate":`+word+`}`)
	}
}

func (c *cases) duplicates() {
	c.add("a member twice", `{"amount":1,"amount":2}`)
	c.add("a member twice with the same value", `{"amount":1,"amount":1}`)
	c.add("a member twice, once with an escape", `{"amount":1,"\u0061mount":2}`)
	c.add("a member twice, null first", `{"amount":null,"amount":2}`)
	c.add("a member twice inside an object", `{"customer":{"email":"a@b.c","email":"a@b.c"}}`)
	c.add("a member twice inside a list", `{"items":[{"type":"digital","type":"digital"}]}`)
	c.add("a member twice inside metadata", `{"metadata":{"a":1,"b":2,"a":3}}`)
	c.add("an empty name twice", `{"":1,"":2}`)
	c.add("a member twice among hundreds", `{`+many(300)+`,"m7":1}`)
}

func many(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"m%d":%d`, i, i)
	}
	return strings.Join(members, ",")
}

func (c *cases) depth() {
	for _, n := range []int{33, 34, 100, 1_000, 9_999, 10_001, 100_000} {
		c.add(fmt.Sprintf("%d objects inside one another", n), strings.Repeat(`{"a":`, n)+`1`+strings.Repeat(`}`, n))
		c.add(fmt.Sprintf("%d lists inside one another", n-1), `{"a":`+strings.Repeat(`[`, n-1)+strings.Repeat(`]`, n-1)+`}`)
		c.add(fmt.Sprintf("%d lists that never end", n), strings.Repeat(`[`, n))
	}
}

func (c *cases) foreign() {
	for _, bad := range []struct{ name, body string }{
		{"a byte order mark before an object", "\xef\xbb\xbf{}"}, {"a byte order mark alone", "\xef\xbb\xbf"},
		{"UTF-16 with its mark", "\xff\xfe{\x00}\x00"}, {"UTF-16 without its mark", "{\x00}\x00"}, {"UTF-32", "{\x00\x00\x00}\x00\x00\x00"},
		{"NUL bytes", "\x00\x00\x00\x00"}, {"an object and a NUL", "{}\x00"}, {"random bytes", "\x8f\x01\xc4\xd3\x99\x7e\x12\xe8"},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"}, {"a picture", "\x89PNG\r\n\x1a\n"}, {"a form", "amount=1&currency=NGN"},
		{"XML", `<?xml version="1.0"?><amount>1</amount>`}, {"HTML", `<!doctype html><title>Bad gateway</title>`}, {"YAML", "amount: 1\ncurrency: NGN\n"},
		{"a line comment", "{\"a\":1} // done"}, {"a block comment", `{/* amount */"a":1}`}, {"a hash comment", "# body\n{}"},
		{"two lines of JSON", "{\"a\":1}\n{\"a\":2}\n"}, {"JSONP", `callback({"a":1})`}, {"a guard against inclusion", ")]}',\n{}"},
		{"a text that holds JSON, cut off", `"{\"amount\":1}`}, {"a form feed between members", "{\"a\":1,\f\"b\":2}"},
		{"a vertical tab before the object", "\v{}"}, {"a no-break space before the object", "\u00a0{}"}, {"a line separator behind the object", "{}\u2028"},
		{"quotes of a word processor", "{\u201camount\u201d:1}"}, {"full-width braces", "\uff5b\uff5d"}, {"MessagePack", "\x81\xa6amount\x01"},
		{"an SQL statement", `'; DROP TABLE payments; --`}, {"a template", `{{ amount }}`}, {"a shell variable", `{"amount":$AMOUNT}`},
		{"multipart", "--x\r\nContent-Disposition: form-data; name=\"amount\"\r\n\r\n1\r\n--x--\r\n"},
	} {
		c.add(bad.name, bad.body)
	}
}
