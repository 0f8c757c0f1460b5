package webhook_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/webhook"
	"github.com/juicer-pay/juicer/internal/world"
)

func TestWhichAddressesArePublic(t *testing.T) {
	for _, text := range []string{"8.8.8.8", "1.1.1.1", "102.89.23.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"} {
		if !webhook.Public(netip.MustParseAddr(text)) {
			t.Errorf("%s is refused", text)
		}
	}
	for _, text := range []string{
		"127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3",
		"100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "fc00::1", "fd12::1", "fe80::1", "ff02::1", "64:ff9b::a00:1",
		"2001::1", "2001:db8::1", "2002:a00:1::", "100::1", "3fff::1",
	} {
		if webhook.Public(netip.MustParseAddr(text)) {
			t.Errorf("%s counts as public", text)
		}
	}
}

func TestWhichHostsAreRefused(t *testing.T) {
	for _, host := range []string{"localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "[::1]"} {
		if err := webhook.CheckHost(t.Context(), strings.Trim(host, "[]")); !errors.Is(err, webhook.ErrForbidden) {
			t.Errorf("%s: got %v, want it forbidden", host, err)
		}
	}
	if err := webhook.CheckHost(t.Context(), "8.8.8.8"); err != nil {
		t.Errorf("8.8.8.8: got %v", err)
	}
}

func TestWhichURLsAreTaken(t *testing.T) {
	for _, text := range []string{"https://shop.example/hooks", "http://127.0.0.1:8080/x?y=z", "https://[2606:4700::1]/", "https://shop.example"} {
		if _, ok := webhook.ParseURL(text); !ok {
			t.Errorf("%s is refused", text)
		}
	}
	for _, text := range []string{"", "shop.example", "/hooks", "ftp://shop.example", "https://", "https://u:p@shop.example", "https://u@shop.example",
		"https://shop.example/#x", "https://shop.example/#", "https://shop.example/a b", "https://shop.example/\n", "mailto:a@b.c", "https://shop.example/" + strings.Repeat("x", 2048)} {
		if _, ok := webhook.ParseURL(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
}

const secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func send(t *testing.T, url string, r webhook.Rules) webhook.Answer {
	t.Helper()
	s := webhook.NewSender()
	t.Cleanup(s.Close)
	return s.Send(t.Context(), webhook.Message{URL: url, ID: "evt_1", At: world.RealNow(), Secrets: []string{secret}, Body: []byte("{}"), Sequence: 1, Attempt: 1}, r)
}

var open = webhook.Rules{Private: true, Timeout: 5 * time.Second}

// A name that was public at registration may lead inside later: what counts is the
// address that is connected to.
func TestTheAddressConnectedToIsLookedAt(t *testing.T) {
	reached := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(inside.Close)
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	must(t, err)
	for _, url := range []string{inside.URL, "https://localhost:" + port} {
		a := send(t, url, webhook.Rules{Timeout: 5 * time.Second})
		if a.Accepted() || reached || a.Error != webhook.ErrForbidden.Error() {
			t.Errorf("%s: got %+v, reached %v; want it refused before it is reached", url, a, reached)
		}
	}
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(plain.Close)
	if a := send(t, plain.URL, webhook.Rules{Timeout: 5 * time.Second}); a.Accepted() || reached {
		t.Errorf("http is used where only https may be: %+v", a)
	}
	if a := send(t, plain.URL, open); !a.Accepted() || !reached {
		t.Errorf("where private addresses are allowed: got %+v", a)
	}
}

func TestOnlyAWholeAnswerOfTheRightKindIsSuccess(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(elsewhere.Close)
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		success bool
		status  int
		error   string
	}{
		"200":          {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }, true, 200, ""},
		"204":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, true, 204, ""},
		"a redirect":   {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }, false, 302, ""},
		"500":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, false, 500, ""},
		"a reset":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, 0, "EOF"},
		"a cut answer": {cut, false, 0, "unexpected EOF"},
		"no answer":    {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, false, 0, "timed out"},
		"a slow body":  {slow, false, 0, "timed out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := httptest.NewServer(c.answer)
			t.Cleanup(shop.Close)
			a := send(t, shop.URL, webhook.Rules{Private: true, Timeout: 300 * time.Millisecond})
			if a.Accepted() != c.success || a.Status != c.status || !strings.HasPrefix(a.Error, c.error) || c.error == "" && a.Error != "" {
				t.Errorf("got %+v, want success %v, status %d, error %q", a, c.success, c.status, c.error)
			}
		})
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, "half")
}

func slow(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for r.Context().Err() == nil {
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		_ = world.Sleep(r.Context(), 20*time.Millisecond)
	}
}

func TestAnswersAreReadAndKeptWithinBounds(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("€", 1000)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	a := send(t, endless.URL, open)
	if !a.Accepted() || len(a.Excerpt) == 0 || len(a.Excerpt) > 1024 || strings.Trim(a.Excerpt, "€") != "" {
		t.Errorf("got %d bytes %q and %q, want 1 KiB of whole characters", len(a.Excerpt), a.Excerpt, a.Error)
	}
}

func TestWhatIsSent(t *testing.T) {
	var got http.Header
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	t.Cleanup(shop.Close)
	s := webhook.NewSender()
	t.Cleanup(s.Close)
	s.Send(context.Background(), webhook.Message{URL: shop.URL, ID: "evt_1", At: time.Unix(1795339801, 0), Secrets: []string{secret}, Body: []byte("{}"),
		Sequence: 7, Previous: 5, Attempt: 3}, open)
	for name, want := range map[string]string{"Content-Type": "application/json", "User-Agent": "Juicer-Webhooks/1", "webhook-id": "evt_1",
		"webhook-timestamp": "1795339801", "Juicer-Sequence": "7", "Juicer-Previous-Sequence": "5", "Juicer-Attempt": "3"} {
		equal(t, name, got.Get(name), want)
	}
	if got.Get("webhook-signature") == "" {
		t.Error("there is no signature")
	}
}
