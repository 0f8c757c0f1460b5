package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// Receivers that fail, hang, reset and are slow get everything in the end. A run of full
// size is go run ./lab/hooks.
func TestNothingIsLostOnTheWayToFlakyReceivers(t *testing.T) {
	p := plan{Deliveries: 600, Receivers: 3, TimeoutMS: 100, Seed: 7, Database: servertest.StoreURL(t)}
	r, err := p.run(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.print(&out, false); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	if r.Lost != 0 || r.Gaps != 0 || r.Deliveries != 600 {
		t.Errorf("%d deliveries, %d lost, %d gaps; want 600, 0, 0", r.Deliveries, r.Lost, r.Gaps)
	}
	for _, m := range moodsOf {
		if r.Moods[m.name] == 0 {
			t.Errorf("no receiver %s: the run shows nothing of it", m.name)
		}
	}
	if r.Requests <= r.Deliveries || !strings.Contains(out.String(), "lost 0") {
		t.Errorf("nothing was repeated: %s", out.String())
	}
}
