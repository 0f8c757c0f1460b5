// Package browsertest_test drives the pages of the API in a real Chromium.
package browsertest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

const browserTime = 30 * time.Second // a hung browser must not hang the suite

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
