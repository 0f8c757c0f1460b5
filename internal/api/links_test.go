package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
)

// linkOf is a good POST /payment-links.
func linkOf(reference string, more ...any) map[string]any {
	return with(body("amount", 250000, "currency", "NGN", "customer", body("email", "ada@example.com", "first_name", "Ada"),
		"description", "Term fee", "reference", reference), more...)
}

// opened opens a page without following it.
func opened(e *nodetest.Env, page string) (status int, to string) {
	e.T.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Get(page)
	nodetest.Must(e.T, err)
	nodetest.Must(e.T, got.Body.Close())
	return got.StatusCode, got.Header.Get("Location")
}

func TestManyOpeningsOfALinkMakeOneSession(t *testing.T) {
	t.Parallel()
	e := start(t)
	made := set(e, "POST", "/payment-links", linkOf("fee-1"))
	page := made.At("data.url").(string)
	if status, _ := opened(e, page); status != http.StatusOK {
		t.Fatalf("a link without a method: %d, want the choice of methods", status)
	}
	var all sync.WaitGroup
	seen := make([]string, 12)
	for i := range seen {
		all.Go(func() { _, seen[i] = opened(e, page+"?method=card") })
	}
	all.Wait()
	for _, to := range seen {
		if to == "" || to != seen[0] {
			t.Fatalf("opened: %q, want one session", seen)
		}
	}
	p := e.Do("GET", "/payments/fee-1", nil)
	if got := e.Do("GET", "/payment-links/"+made.At("data.id").(string), nil).At("data.payment_id"); got != p.At("data.id") {
		t.Errorf("payment_id %v, want %v", got, p.At("data.id"))
	}
}

func TestALinkIsPayableUntilItIsPaid(t *testing.T) {
	t.Parallel()
	e := start(t)
	made := set(e, "POST", "/payment-links", linkOf("fee-1", "payment_method", body("type", "card")))
	page, path := made.At("data.url").(string), made.Header.Get("Location")
	e.Do("HEAD", strings.TrimPrefix(page, e.URL), nil)
	equal(t, "a session after a look at the link", e.Do("GET", "/payments/fee-1", nil).Status, http.StatusNotFound)
	opened(e, page)
	set(e, "POST", "/payment-sessions/"+e.Do("GET", "/payments/fee-1", nil).At("data.id").(string)+"/cancel", nil)
	set(e, "PATCH", path, body("status", "inactive"))
	if status, to := opened(e, page); status != http.StatusOK || to != "" {
		t.Errorf("an inactive link: %d to %q, want its own page", status, to)
	}
	set(e, "PATCH", path, body("status", "active"))
	opened(e, page)
	second := e.Do("GET", "/payments/fee-1-2", nil).At("data.id").(string)
	set(e, "POST", "/payment-sessions/"+second, map[string]any{"card": e.Card("4000000000011009")})
	now := e.Do("GET", path, nil)
	if now.At("data.status") != "completed" || now.At("data.payment_id") != second {
		t.Errorf("a paid link: %s", now.Body)
	}
	refused := e.Do("PATCH", path, body("status", "inactive"))
	if refused.At("error.code") != "invalid_status_transition" {
		t.Errorf("out of completed: %s", refused.Body)
	}
	if _, to := opened(e, page); !strings.Contains(to, "/pay/") {
		t.Errorf("a paid link leads to %q, want the page of its payment", to)
	}
}
