package problem

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// pageRead is the errors page, read strictly: every element closed, in order.
type pageRead struct {
	text  string
	ids   map[string]int
	links []string
	tags  map[string]int
	style string
}

func readPage(t *testing.T, support string) pageRead {
	t.Helper()
	var out bytes.Buffer
	if err := WriteHTML(&out, support); err != nil {
		t.Fatal(err)
	}
	p := pageRead{text: out.String(), ids: map[string]int{}, tags: map[string]int{}}
	in := xml.NewDecoder(&out)
	for last := ""; ; {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			last = v.Name.Local
			p.tags[last]++
			for _, a := range v.Attr {
				switch a.Name.Local {
				case "id":
					p.ids[a.Value]++
				case "href", "src":
					p.links = append(p.links, a.Value)
				}
			}
		case xml.CharData:
			if last == "style" && p.style == "" {
				p.style = string(v)
			}
		}
	}
}

func TestThePageHasAnAnchorForEveryDocURL(t *testing.T) {
	p := readPage(t, "")
	for _, k := range All() {
		if p.ids[k.Code] != 1 {
			t.Errorf("%d elements with id %s", p.ids[k.Code], k.Code)
		}
	}
	for _, link := range p.links {
		if id, local := strings.CutPrefix(link, "#"); !local || p.ids[id] != 1 {
			t.Errorf("link %s leads nowhere on the page", link)
		}
	}
}

func TestThePageNeedsNothingButItself(t *testing.T) {
	p := readPage(t, "")
	for _, tag := range []string{"script", "img", "link", "iframe"} {
		if p.tags[tag] > 0 {
			t.Errorf("the page has %s", tag)
		}
	}
	if p.style != style || !strings.HasPrefix(StyleSource(), "'sha256-") {
		t.Error("the style on the page is not the one whose hash StyleSource names")
	}
	if strings.Contains(p.text, "style=\"") || strings.Contains(p.text, "onclick") {
		t.Error("a style attribute or handler, which the page's policy forbids")
	}
}

func TestThePageShowsExamplesInThreeLanguages(t *testing.T) {
	p := readPage(t, "")
	for _, part := range []string{"async function call(", "def call(base, key", "func call(ctx context.Context"} {
		if !strings.Contains(p.text, part) {
			t.Errorf("no %s", part)
		}
	}
}

func TestThePageNamesTheSupportContact(t *testing.T) {
	if p := readPage(t, `ops <a@b.example>`); !strings.Contains(p.text, "ops &lt;a@b.example&gt;") {
		t.Error("not shown, or not escaped")
	}
	if p := readPage(t, ""); strings.Contains(p.text, "class=\"support\"") {
		t.Error("an empty contact is shown")
	}
}

func TestInlineMarks(t *testing.T) {
	for in, want := range map[string]string{
		"a `b` c":           "a <code>b</code> c",
		"**look** at `<x>`": "<strong>look</strong> at <code>&lt;x&gt;</code>",
		"plain & simple":    "plain &amp; simple",
	} {
		if got := string(inline(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
