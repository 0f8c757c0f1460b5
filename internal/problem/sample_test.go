package problem

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestEverySampleFitsItsRow(t *testing.T) {
	for _, k := range All() {
		t.Run(k.Code, func(t *testing.T) {
			e := Sample(k).BrokeOff(NoWork)
			if strays := e.Strays(); len(strays) > 0 {
				t.Errorf("strays: %v", strays)
			}
			for _, name := range append(slices.Clone(k.Details), k.Fills...) {
				optional := name == AnyName || k == ServerError // resource: only if one exists
				if _, ok := e.Details[name]; !ok && !optional {
					t.Errorf("no %s", name)
				}
			}
			body := string(e.Body(SampleEnvelope(k)))
			if strings.ContainsAny(e.Message(), "{}") {
				t.Errorf("message %q", e.Message())
			}
			if again, err := compact(canonical(json.RawMessage(body))); err != nil || string(again) != body {
				t.Errorf("not canonical: %v\n%s\n%s", err, body, again)
			}
		})
	}
}

func TestAStraySampleIsNoticed(t *testing.T) {
	for name, e := range map[string]*Error{
		"a detail the row does not know": NotFound.With(Details{"id": 1, "resource": "payment", "colour": "red"}),
		"a name without a value":         NotFound.With(Details{"id": 1}),
		"an outcome it cannot have":      NotFound.With(Details{"resource": "payment"}).Told(Succeeded),
	} {
		t.Run(name, func(t *testing.T) {
			if len(e.Strays()) != 1 {
				t.Errorf("strays: %v", e.Strays())
			}
		})
	}
}

func TestGoldensSayTheSameInHeadAndBody(t *testing.T) {
	for _, k := range All() {
		t.Run(k.Code, func(t *testing.T) {
			head, body, found := strings.Cut(string(Golden(k)), "\n\n")
			if !found {
				t.Fatal("no blank line")
			}
			var in struct {
				Error struct {
					Outcome    string
					RetryAfter *int64 `json:"retry_after"`
				}
			}
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(head, "\nJuicer-Outcome: "+in.Error.Outcome) {
				t.Errorf("outcome %s is not in\n%s", in.Error.Outcome, head)
			}
			if (in.Error.RetryAfter != nil) != strings.Contains(head, "\nretry_after: ") {
				t.Errorf("retry_after stands in one of head and body alone:\n%s\n%s", head, body)
			}
		})
	}
}
