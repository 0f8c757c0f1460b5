package scripted

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/rail"
)

// browser is a payer's browser that does not follow redirects.
type browser struct {
	*town
	server *httptest.Server
}

func newBrowser(w *town) *browser {
	s := httptest.NewServer(w.Pages())
	w.Cleanup(s.Close)
	return &browser{w, s}
}

// at is the page under its address on the test server.
func (b *browser) at(page string) string {
	return strings.Replace(page, "http://bank.example", b.server.URL, 1)
}

func (b *browser) ask(r *http.Request, err error) (*http.Response, string) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	res, err := b.server.Client().Transport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return res, string(body)
}

func (b *browser) open(page string) (*http.Response, string) {
	b.Helper()
	return b.ask(http.NewRequestWithContext(b.Context(), http.MethodGet, b.at(page), nil))
}

func (b *browser) press(page, button, otp string) (*http.Response, string) {
	b.Helper()
	form := url.Values{"decision": {button}, "otp": {otp}}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.at(page), strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.ask(r, err)
}

func TestTheIssuersPageDecides(t *testing.T) {
	cases := []struct {
		says, button, otp, reported string
		state                       rail.State
	}{
		{"approve sends the payer back successful", choiceApprove, "", "successful", rail.Approved},
		{"approve with the right password does so too", choiceApprove, " 123456 ", "successful", rail.Approved},
		{"reject sends the payer back failed", choiceReject, "", "failed", rail.Declined},
		{"abandon decides nothing", choiceAbandon, "", "pending", rail.Challenged},
	}
	for _, c := range cases {
		t.Run(c.says, func(t *testing.T) {
			b := newBrowser(newTown(t))
			r := b.must(rail.Challenged, charge("p/1", "4000000000011504"))
			res, _ := b.press(r.URL, c.button, c.otp)
			want := "https://shop.example/3ds?order_payment_reference=" + r.Provider + "&status=" + c.reported + "&x=1"
			if res.StatusCode != http.StatusFound || res.Header.Get("Location") != want {
				t.Errorf("answered %d to %q, want 302 to %q", res.StatusCode, res.Header.Get("Location"), want)
			}
			b.status("p/1", c.state)
			if c.state == rail.Approved {
				b.books("p/1 in execution 100")
				b.told("p/1 approved")
			}
		})
	}
}

func TestTheIssuersPageIsPlainAndSafe(t *testing.T) {
	b := newBrowser(newTown(t))
	r := b.must(rail.Challenged, charge("p/1", "4000000000011504"))
	res, body := b.open(r.URL)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("answered %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	for _, part := range []string{"1.00 NGN", "400000******1504", `<html lang="en">`, `<label for="otp">`, `value="approve"`, `value="reject"`,
		`value="abandon"`, "prefers-color-scheme: dark"} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if strings.Contains(body, "<script") || strings.Contains(body, "4000000000011504") {
		t.Error("the page holds a script or a card number")
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(body)
	if style == nil {
		t.Fatal("the page has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
		!strings.Contains(csp, base64.StdEncoding.EncodeToString(sum[:])) {
		t.Errorf("the policy %q does not allow the style of the page", csp)
	}
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers: %v", res.Header)
	}
}

func TestADecisionIsMadeOnce(t *testing.T) {
	b := newBrowser(newTown(t))
	r := b.must(rail.Challenged, charge("p/1", "4000000000011504"))
	b.press(r.URL, choiceAbandon, "")
	b.press(r.URL, choiceReject, "")
	res, body := b.press(r.URL, choiceApprove, "")
	if res.StatusCode != http.StatusOK || !strings.Contains(body, "no longer valid") || !strings.Contains(body, "https://shop.example/3ds") {
		t.Errorf("a second decision was answered %d %s", res.StatusCode, body)
	}
	b.status("p/1", rail.Declined)
	b.books()
}

func TestAWrongPasswordOnThePage(t *testing.T) {
	b := newBrowser(newTown(t))
	r := b.must(rail.Challenged, charge("p/1", "4000000000011504"))
	res, body := b.press(r.URL, choiceApprove, "000000")
	if res.StatusCode != http.StatusOK || !strings.Contains(body, "Attempts left: 2.") {
		t.Errorf("answered %d %s", res.StatusCode, body)
	}
	b.press(r.URL, choiceApprove, "000000")
	if res, _ = b.press(r.URL, choiceApprove, "000000"); !strings.Contains(res.Header.Get("Location"), "status=failed") {
		t.Errorf("the third wrong password leads to %q", res.Header.Get("Location"))
	}
	b.told("p/1 declined authentication_failed")
	b.books()
}

func TestAVoidClosesThePage(t *testing.T) {
	b := newBrowser(newTown(t))
	r := b.must(rail.Challenged, charge("p/1", "4000000000011504"))
	b.must(rail.Approved, on(rail.Void, "p/2", "p/1", 0))
	if _, body := b.press(r.URL, choiceApprove, ""); !strings.Contains(body, "no longer valid") {
		t.Errorf("the page says %s", body)
	}
	b.books()
	b.told()
}

func TestThePageAndAPasswordRaceForOneExecution(t *testing.T) {
	b := newBrowser(newTown(t))
	r := b.must(rail.Challenged, charge("p/1", "4000000000011504"))
	c := b.send(t.Context(), proof("p/2", "p/1", rail.Proof{OTP: rightOTP}))
	b.press(r.URL, choiceApprove, "")
	if got, err := c.answer(); err != nil || got.State != rail.Approved {
		t.Errorf("answered %+v, %v", got, err)
	}
	if e, err := b.Statement(t.Context(), rail.Filter{}); err != nil || len(e) != 1 {
		t.Errorf("%d executions, %v", len(e), err)
	}
}

func TestUnknownPagesSayNothing(t *testing.T) {
	b := newBrowser(newTown(t))
	b.must(rail.Challenged, charge("p/1", "4000000000011108")) // another chain without a token
	for _, token := range []string{"", "x", strings.Repeat("0", 2*tokenBytes), strings.Repeat("a", 10000), "../../etc"} {
		res, body := b.open("http://bank.example/issuer/" + token)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, "no longer valid") || strings.Contains(body, "NGN") {
			t.Errorf("token %.20q: %d %s", token, res.StatusCode, body)
		}
		if res, _ := b.press("http://bank.example/issuer/"+token, choiceApprove, ""); res.StatusCode != http.StatusOK {
			t.Errorf("token %.20q: pressing answered %d", token, res.StatusCode)
		}
	}
	b.books()
}

func TestTokensDiffer(t *testing.T) {
	w := newTown(t)
	first, second := w.must(rail.Challenged, charge("p/1", "4000000000011504")), w.must(rail.Challenged, charge("p/2", "4000000000011504"))
	if first.URL == second.URL || !strings.HasPrefix(first.URL, "http://bank.example/issuer/") || w.status("p/1", rail.Challenged).URL != first.URL {
		t.Errorf("pages %q and %q", first.URL, second.URL)
	}
}
