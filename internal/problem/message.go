package problem

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var placeholder = regexp.MustCompile(`\{[A-Za-z_]+\}`)

// Message is the sentence for the caller: the row's template, or the text chosen
// with Say, filled in. A name without a value stays visible in braces, so that
// tests and readers notice.
func (e *Error) Message() string {
	template := e.Kind.Message
	if e.text != "" {
		template = e.text
	}
	filled := placeholder.ReplaceAllStringFunc(template, func(p string) string {
		return e.fill(p, p[1:len(p)-1])
	})
	return strings.ReplaceAll(filled, "  ", " ") // a null leaves no gap: "The limit is used up."
}

func (e *Error) fill(braced, name string) string {
	if name == "retry_after" {
		return strconv.FormatInt(e.retryAfter(), 10)
	}
	if v, ok := e.Details[name]; ok {
		return plain(v)
	}
	lower := strings.ToLower(name)
	if v, ok := e.Details[lower]; ok && lower != name {
		return label(plain(v))
	}
	return braced
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
	return strings.ToUpper(words[:1]) + words[1:]
}

// timestamp is how the API writes times: UTC, six digits of fraction, Z.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}
