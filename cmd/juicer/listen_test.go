package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/world"
)

// A receiver without a public address gets everything, also what happened while nobody
// listened, signed with the secret that was printed.
func TestListenForwardsWhatWasMissed(t *testing.T) {
	s := serve(t, t.TempDir())
	const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	var refuse atomic.Bool
	refuse.Store(true)
	var got []string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse.Swap(false) {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		if err := webhook.Verify(secret, h.Get("webhook-id"), h.Get("webhook-timestamp"), h.Get("webhook-signature"), body, world.RealNow()); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		got = append(got, h.Get("Juicer-Sequence")+" after "+h.Get("Juicer-Previous-Sequence"))
	}))
	t.Cleanup(shop.Close)
	state := filepath.Join(t.TempDir(), "state.json")
	listen := func() (out, errs string, code int) {
		return output(t, "listen", "--forward-to", shop.URL, "--target", s.TestURL, "--key", s.key, "--secret", secret, "--state", state, "--event", "payment.session.succeeded", "--once", "--json")
	}
	pay := func() {
		t.Helper()
		if out, errs, code := output(t, "pay", "--target", s.TestURL, "--key", s.key); code != 0 {
			t.Fatalf("pay: %d %s %s", code, out, errs)
		}
	}
	pay()
	out, errs, code := listen()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 2 {
		t.Fatalf("listen: %d, printed %q, %s; want a refused and an accepted attempt", code, out, errs)
	}
	var first, second reported
	for i, into := range []*reported{&first, &second} {
		if err := json.Unmarshal([]byte(lines[i]), into); err != nil {
			t.Fatal(err)
		}
	}
	if first.Status != http.StatusBadGateway || second.Status != http.StatusOK || second.Attempt != 2 || first.ID != second.ID {
		t.Errorf("got %+v, then %+v", first, second)
	}
	pay()
	pay()
	if _, errs, code := listen(); code != 0 {
		t.Errorf("listen again: %d %s", code, errs)
	}
	if want := "2 after 0, 3 after 2, 4 after 3"; strings.Join(got, ", ") != want {
		t.Errorf("the receiver got %v, want %s", got, want)
	}
}

func TestListenSaysWhatItLacks(t *testing.T) {
	s := serve(t, t.TempDir())
	state := filepath.Join(t.TempDir(), "state.json")
	weak, _, _ := s.output(t, "keys", "create", "--scope", "webhooks:read", "--quiet")
	for want, args := range map[string][]string{
		"--forward-to must be a URL": {"--forward-to", "localhost:3000", "--key", s.key},
		"webhooks:write":             {"--forward-to", "http://127.0.0.1:1", "--key", strings.TrimSpace(weak)},
		"whsec_":                     {"--forward-to", "http://127.0.0.1:1", "--key", s.key, "--secret", "nonsense"},
	} {
		_, errs, code := output(t, append([]string{"listen", "--target", s.TestURL, "--state", state}, args...)...)
		if code != 1 || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %s; want %q", args, code, errs, want)
		}
	}
}
