package problem

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// placeholder takes the blank before it along: a null leaves no gap behind.
var placeholder = regexp.MustCompile(` ?\{[A-Za-z_]+\}`)

// Message is the sentence for the caller: the row's template, or the text chosen
// with Say, filled in. A name without a value stays visible in braces, so that
// tests and readers notice.
func (e *Error) Message() string {
	template := e.Kind.Message
	if e.text != "" {
		template = e.text
	}
	return placeholder.ReplaceAllStringFunc(template, e.fill)
}

func (e *Error) fill(p string) string {
	name := strings.Trim(p, " {}")
	if name == "retry_after" {
		return strings.Replace(p, "{retry_after}", strconv.FormatInt(e.retryAfter(), 10), 1)
	}
	return fillFrom(p, e.Details)
}

// fillFrom replaces one placeholder by the detail of its name; {Name} is the
// detail "name" as a label.
func fillFrom(p string, d Details) string {
	braced := strings.TrimLeft(p, " ")
	name := strings.Trim(braced, "{}")
	v, ok := d[name]
	if !ok {
		if v, ok = d[strings.ToLower(name)]; !ok {
			return p
		}
		v = label(plain(v))
	}
	if text := plain(v); text != "" {
		return strings.Replace(p, braced, text, 1)
	}
	return ""
}

// plain writes a detail for a sentence: texts without quotes, lists with commas,
// times as the API writes them, null as nothing.
func plain(v any) string {
	switch v := canonical(v).(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = plain(v[i])
		}
		return strings.Join(parts, ", ")
	default:
		return fmt.Sprint(v)
	}
}

// label turns a name of the wire into words: payment_session, Payment session.
func label(name string) string {
	words := strings.ReplaceAll(name, "_", " ")
	if words == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

// timestamp is how the API writes times: UTC, six digits of fraction, Z.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}
