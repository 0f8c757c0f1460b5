package wire_test

import (
	"testing"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/wire"
	"github.com/juicer-pay/juicer/internal/wire/wiretest"
)

func TestEveryMalformedBodyIsRefusedWithItsPlace(t *testing.T) {
	all := wiretest.Malformed()
	if len(all) < 200 {
		t.Fatalf("%d malformed bodies, want at least 200", len(all))
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.Name] {
			t.Errorf("two bodies are called %q", c.Name)
		}
		seen[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			v, err := wire.Parse(c.Body)
			e, ok := problem.Of(err)
			if !ok || e.Kind != problem.MalformedJSON {
				t.Fatalf("Parse(%.60q) = %v, %v; want malformed_json", c.Body, v, err)
			}
			at, _ := e.Details["position"].(int)
			if at < 0 || at > len(c.Body) {
				t.Errorf("position %v of a body of %d bytes", e.Details["position"], len(c.Body))
			}
			if reason, _ := e.Details["reason"].(string); reason == "" {
				t.Errorf("no reason in %v", e.Details)
			}
		})
	}
}
