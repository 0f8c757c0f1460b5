// Package browsertest_test drives the pages of the API in a real Chromium.
package browsertest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/world"
)

const browserTime = 90 * time.Second // a hung browser must not hang the suite

// browser starts a real Chromium. Without one the test fails and says what to
// install: nothing is skipped.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium found; install it: apt-get install chromium")
	}
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true)))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browserTime)
	t.Cleanup(cancel)
	return ctx
}

// shop is the merchant's page that a browser comes back to.
func shop(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>shop</title><p id=back>" + r.URL.Query().Get("status") + " " + r.URL.Query().Get("reference") + "</p>"))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAPayerGoesThrough3DSInABrowser(t *testing.T) {
	e := nodetest.Start(t)
	ctx := browser(t)
	back := shop(t)
	for _, c := range []struct{ button, status, state string }{
		{"approved", "successful", "captured"}, {"rejected", "failed", "failed"},
	} {
		t.Run("the payer's choice "+c.button+" comes back as "+c.status, func(t *testing.T) {
			session := nodetest.Session("3ds-" + c.button)
			session["redirect_url"] = back + "/done?cart=7"
			id := e.Do("POST", "/payment-sessions", session).Text("data.id")
			page := e.Capture(id, "4000000000011504").Text("data.links.redirect_url")
			nodetest.Must(t, chromedp.Do(ctx, chromedp.Navigate(page), chromedp.Click(`button[value="`+choice(t, c.button)+`"]`), chromedp.WaitVisible("#back")))
			text, err := chromedp.Run(ctx, chromedp.Text("#back"))
			nodetest.Must(t, err)
			location, err := chromedp.Run(ctx, chromedp.Location())
			nodetest.Must(t, err)
			if want := c.status + " 3ds-" + c.button; text != want {
				t.Errorf("the shop was told %q, want %q", text, want)
			}
			if !strings.Contains(location, "cart=7") {
				t.Errorf("the shop's own query is gone: %s", location)
			}
			if got := e.State(id); got != c.state {
				t.Errorf("payment is %s, want %s", got, c.state)
			}
		})
	}
	e.Clean()
}

// choice is the value of the button on the bank's page.
func choice(t *testing.T, decision string) string {
	t.Helper()
	return map[string]string{"approved": "approve", "rejected": "reject"}[decision]
}

func TestATestPaymentIsMadeOnItsPage(t *testing.T) {
	e := nodetest.Start(t)
	ctx := browser(t)
	a := e.Do("POST", "/payment-sessions", nodetest.Session("page-1"))
	page, id := a.Text("data.links.payment_url"), a.Text("data.id")
	nodetest.Must(t, chromedp.Do(ctx, chromedp.Navigate(page), chromedp.Click(`button[value="approve"]`)))
	if got := e.Do("GET", "/payments/"+id+"?wait=20", nil).Text("data.state"); got != "captured" {
		t.Fatalf("payment is %s, want captured", got)
	}
	tab, done := chromedp.NewContext(ctx) // the first tab is still on its way back
	defer done()
	nodetest.Must(t, chromedp.Do(tab, chromedp.Navigate(page)))
	status, err := chromedp.Run(tab, chromedp.Text(".state.successful"))
	nodetest.Must(t, err)
	if !strings.Contains(status, "successful") {
		t.Errorf("the page says %q, want a success", status)
	}
}

// by is a session of another method than card.
func by(reference, method, currency string) map[string]any {
	s := nodetest.Session(reference)
	s["payment_method"], s["currency"] = map[string]any{"type": method}, currency
	if method == "interac" {
		customer := s["customer"].(map[string]any)
		customer["phone_number"] = "+14165550123"
		customer["billing_address"] = map[string]any{"line1": "1 King St", "city": "Toronto", "country": "CA", "zip_code": "M5H 1A1"}
	}
	return s
}

func TestAPayerReadsOnThePageWhereToSendTheMoney(t *testing.T) {
	e := nodetest.Start(t)
	ctx := browser(t)
	nodetest.Must(t, chromedp.Do(ctx, chromedp.Navigate("about:blank"))) // the tabs that follow are its
	for _, c := range []struct {
		method, currency, ask string
		shows                 []string
	}{
		{"bank_account", "NGN", "instruct", []string{"Steady Bank", "My business / Ada Obi", "2500.00 NGN"}},
		{"interac", "CAD", "instruct", []string{"2500.00 CAD"}},
		{"crypto_address", "USDT", "TRX", []string{"TRX", "2500.00 USDT"}},
		{"binance_pay", "USDT", "instruct", []string{"2500.00 USDT"}},
	} {
		t.Run(c.method, func(t *testing.T) {
			a := e.Do("POST", "/payment-sessions", by("page-"+c.method, c.method, c.currency))
			page, id := a.Text("data.links.payment_url"), a.Text("data.id")
			press := func(button, state string) {
				t.Helper()
				tab, done := chromedp.NewContext(ctx) // each press is on its way back for a while
				defer done()
				nodetest.Must(t, chromedp.Do(tab, chromedp.Navigate(page), chromedp.Click(`button[value="`+button+`"]`)))
				for e.State(id) != state {
					nodetest.Must(t, world.Sleep(ctx, 10*time.Millisecond))
				}
			}
			read := func(where string) string {
				t.Helper()
				tab, done := chromedp.NewContext(ctx)
				defer done()
				nodetest.Must(t, chromedp.Do(tab, chromedp.Navigate(page)))
				text, err := chromedp.Run(tab, chromedp.Text(where))
				nodetest.Must(t, err)
				if dir := os.Getenv("JUICER_PICTURES"); dir != "" { // for people who want to look at it
					shot, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
					nodetest.Must(t, err)
					nodetest.Must(t, os.WriteFile(filepath.Join(dir, c.method+"-"+e.State(id)+".png"), shot, 0o600))
				}
				return text
			}
			press(c.ask, "awaiting_payment")
			text := read("main")
			for _, want := range append(c.shows, "We are waiting for your payment.", e.Do("GET", "/payments/"+id, nil).Text("data.payment_method.account_number")) {
				if !strings.Contains(text, want) {
					t.Errorf("the page says %q, want %q in it", text, want)
				}
			}
			press("half", "processing")
			if text := read("main"); !strings.Contains(text, "1250.00") || !strings.Contains(text, "Please send the rest") {
				t.Errorf("after half of it the page says %q", text)
			}
			press("all", "settled")
			if text := read(".state.successful"); !strings.Contains(text, "successful") {
				t.Errorf("the page says %q, want a success", text)
			}
		})
	}
	e.Clean()
}

func TestEveryDocURLLeadsToItsSection(t *testing.T) {
	e := nodetest.Start(t)
	ctx := browser(t)
	url := e.Do("GET", "/payments/nothing", nil).Text("error.doc_url")
	nodetest.Must(t, chromedp.Do(ctx, chromedp.Navigate(url)))
	title, err := chromedp.Run(ctx, chromedp.Text(":target"))
	nodetest.Must(t, err)
	if !strings.Contains(title, "not_found") {
		t.Errorf("%s leads to %q, want the section of not_found", url, title)
	}
}
