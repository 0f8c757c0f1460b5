package browsertest_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

func TestAPayerOpensAPaymentLinkChoosesAMethodAndPays(t *testing.T) {
	e := nodetest.Start(t)
	ctx := browser(t)
	l := e.Do("POST", "/payment-links", map[string]any{"amount": 250000, "currency": "NGN", "description": "Term fee", "reference": "fee-1",
		"customer": map[string]any{"email": "ada@example.com", "first_name": "Ada"}})
	nodetest.Must(t, chromedp.Do(ctx, chromedp.Navigate(l.Text("data.url")), chromedp.WaitVisible(`a[href="?method=card"]`)))
	nodetest.Must(t, chromedp.Do(ctx, chromedp.Click(`a[href="?method=card"]`), chromedp.WaitVisible(`button[value="approve"]`)))
	nodetest.Must(t, chromedp.Do(ctx, chromedp.Click(`button[value="approve"]`)))
	if got := e.Do("GET", "/payments/fee-1?wait=20", nil).Text("data.state"); got != "captured" {
		t.Fatalf("payment is %s, want captured", got)
	}
	if got := e.Do("GET", "/payment-links/"+l.Text("data.id"), nil).Text("data.status"); got != "completed" {
		t.Errorf("the link is %s, want completed", got)
	}
	tab, done := chromedp.NewContext(ctx) // the first tab is still on its way back
	defer done()
	nodetest.Must(t, chromedp.Do(tab, chromedp.Navigate(l.Text("data.url"))))
	status, err := chromedp.Run(tab, chromedp.Text(".state.successful"))
	nodetest.Must(t, err)
	if !strings.Contains(status, "successful") {
		t.Errorf("the page of a paid link says %q, want a success", status)
	}
}
