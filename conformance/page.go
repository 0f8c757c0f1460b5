package conformance

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// form is a form of a page, as a browser would send it.
type form struct {
	method, action string
	fields         url.Values // hidden and preset inputs
	buttons        []button
}

type button struct{ name, value, label string }

var (
	formPart   = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputPart  = regexp.MustCompile(`(?is)<input\b([^>]*)>`)
	buttonPart = regexp.MustCompile(`(?is)<button\b([^>]*)>(.*?)</button>`)
	attribute  = regexp.MustCompile(`(?is)([a-z-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)`)
	tagPart    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// forms reads the forms of a page.
func forms(page []byte) []form {
	var out []form
	for _, m := range formPart.FindAllSubmatch(page, -1) {
		attrs := attributes(m[1])
		f := form{method: strings.ToUpper(attrs["method"]), action: attrs["action"], fields: url.Values{}}
		if f.method == "" {
			f.method = http.MethodGet
		}
		for _, in := range inputPart.FindAllSubmatch(m[2], -1) {
			a := attributes(in[1])
			if strings.EqualFold(a["type"], "submit") {
				f.buttons = append(f.buttons, button{a["name"], a["value"], a["value"]})
			} else if a["name"] != "" {
				f.fields.Add(a["name"], a["value"])
			}
		}
		for _, b := range buttonPart.FindAllSubmatch(m[2], -1) {
			a := attributes(b[1])
			label := html.UnescapeString(string(tagPart.ReplaceAll(b[2], nil)))
			f.buttons = append(f.buttons, button{a["name"], a["value"], strings.TrimSpace(label)})
		}
		out = append(out, f)
	}
	return out
}

func attributes(tag []byte) map[string]string {
	out := map[string]string{}
	for _, m := range attribute.FindAllSubmatch(tag, -1) {
		out[strings.ToLower(string(m[1]))] = html.UnescapeString(strings.Trim(string(m[2]), `"'`))
	}
	return out
}

// pathOf is the path and query of a URL on the target, whatever host it names:
// the public address may differ from the one that the run uses.
func pathOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.RequestURI()
}

// browse opens a page as a browser does: without a key.
func (t *trial) browse(method, path string, fields url.Values) reply {
	var body any
	if fields != nil {
		body = raw(fields.Encode())
	}
	foreign := func(r *request) { r.foreign = !ourPage(path) }
	return t.call(method, path, body, withoutKey(), foreign, func(r *request) {
		if fields != nil {
			r.header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	})
}

// ourPage tells the pages that the contract names from those of the bank.
func ourPage(path string) bool {
	return strings.HasPrefix(path, "/pay/") || strings.HasPrefix(path, "/payment-sessions/")
}

// press sends the first form of the page that has a button whose label contains
// word.
func (t *trial) press(page reply, word string) reply {
	for _, f := range forms(page.body) {
		for _, b := range f.buttons {
			if !strings.Contains(strings.ToLower(b.label), word) {
				continue
			}
			if b.name != "" {
				f.fields.Set(b.name, b.value)
			}
			return t.send(page, f)
		}
	}
	t.failed(&page, "a form with a button %q", word)
	return reply{}
}

func (t *trial) send(page reply, f form) reply {
	at, err := url.Parse(page.request.path)
	if err != nil {
		t.failed(&page, "a page at a URL: %v", err)
	}
	to, err := at.Parse(f.action)
	if err != nil {
		t.failed(&page, "a form that leads to a URL: %v", err)
	}
	if f.method == http.MethodGet {
		to.RawQuery = f.fields.Encode()
		return t.browse(f.method, to.RequestURI(), nil)
	}
	return t.browse(f.method, to.RequestURI(), f.fields)
}
