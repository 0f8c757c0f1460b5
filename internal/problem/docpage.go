package problem

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	htmltemplate "html/template"
	"io"
	"strings"
	texttemplate "text/template"
)

var (
	//go:embed page/errors.html.tmpl
	htmlSource string
	//go:embed page/errors.md.tmpl
	markdownSource string
	//go:embed page/errors.css
	style string
)

var htmlPage = htmltemplate.Must(htmltemplate.New("errors").Funcs(htmltemplate.FuncMap{
	"style": func() htmltemplate.CSS { return htmltemplate.CSS(style) },
	"table": func(rows []Row, head ...string) any { return struct{ Head, Rows any }{head, rows} },
	"text":  inline,
}).Parse(htmlSource))

var markdownPage = texttemplate.Must(texttemplate.New("errors").Funcs(texttemplate.FuncMap{
	"cell": func(s string) string { return strings.ReplaceAll(s, "|", `\|`) },
	"inc":  func(i int) int { return i + 1 },
	"join": strings.Join,
}).Parse(markdownSource))

// WriteHTML writes the errors page that doc_url points to: complete, without
// scripts or anything from outside. supportContact may be empty.
func WriteHTML(w io.Writer, supportContact string) error {
	if err := htmlPage.Execute(w, guide(All(), supportContact)); err != nil {
		return fmt.Errorf("write the errors page: %w", err)
	}
	return nil
}

// StyleSource allows the page's only style in a Content-Security-Policy:
// style-src 'sha256-...'.
func StyleSource() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func markdown(kinds []*Kind) ([]byte, error) {
	var out strings.Builder
	if err := markdownPage.Execute(&out, guide(kinds, "")); err != nil {
		return nil, fmt.Errorf("write docs/errors.md: %w", err)
	}
	return []byte(out.String()), nil
}

// inline turns the two marks of our texts, `code` and **strong**, into HTML.
func inline(s string) htmltemplate.HTML {
	var out strings.Builder
	for i, part := range strings.Split(htmltemplate.HTMLEscapeString(s), "`") {
		if i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		out.WriteString(part)
	}
	for i, part := range strings.Split(out.String(), "**") {
		if i == 0 {
			out.Reset()
		} else if i%2 == 1 {
			out.WriteString("<strong>")
		} else {
			out.WriteString("</strong>")
		}
		out.WriteString(part)
	}
	return htmltemplate.HTML(out.String())
}
