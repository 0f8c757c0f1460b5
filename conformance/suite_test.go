package conformance

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// target serves handle, but answers the first question of a run (the encryption
// key) well, so that the run begins.
func target(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/payment-sessions/encryption-keys/test" {
			io.WriteString(w, `{"data":{"encryption_key":"0123456789abcdef0123456789abcdef"}}`)
			return
		}
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func runAgainst(t *testing.T, cfg Config) Report {
	t.Helper()
	cfg.Key, cfg.Parallel = withChecksum("test_"+strings.Repeat("0", 30)), 64
	report, err := Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func passed(r Report) []string {
	var out []string
	for _, res := range r.Results {
		if res.Verdict == Pass {
			out = append(out, res.ID)
		}
	}
	return out
}

// wrongServers are targets that keep no sentence of the contract; passing names
// the cases that a reader would grant them all the same.
var wrongServers = []struct {
	name    string
	handle  http.HandlerFunc
	passing []string
}{
	{
		"agrees to everything",
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{}`) },
		[]string{
			"routes/no-redirect", "routes/no-cors", "limits/sandbox", "auth/spellings",
			"replies/not-stored", "replies/etag", "replies/challenge", "replies/allow", "replies/location", "replies/limits",
			"replies/retry-after", "replies/outcome", "replies/compact", "replies/key-order", "replies/no-fractions", "replies/one-envelope",
			"replies/mirrors", "replies/same-request-id", "replies/doc-url", "replies/success-top-level", "replies/no-500",
		},
	},
	{
		"fails at everything",
		func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); io.WriteString(w, "<h1>Oops</h1>") },
		[]string{
			"routes/no-redirect", "routes/no-cors", "replies/etag", "replies/challenge", "replies/allow", "replies/location",
			"replies/limits", "replies/retry-after", "replies/outcome", "replies/compact", "replies/key-order", "replies/no-fractions",
			"replies/success-top-level",
		},
	},
	{
		"hangs up",
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		[]string{
			"replies/not-stored", "replies/etag", "replies/challenge", "replies/allow", "replies/location", "replies/limits", "replies/retry-after",
			"replies/outcome", "replies/compact", "replies/key-order", "replies/no-fractions", "replies/one-envelope", "replies/mirrors",
			"replies/same-request-id", "replies/doc-url", "replies/success-top-level", "replies/no-500",
		},
	},
}

func TestWrongServersFailTheSuite(t *testing.T) {
	for _, wrong := range wrongServers {
		t.Run(wrong.name, func(t *testing.T) {
			report := runAgainst(t, Config{Target: target(t, wrong.handle), MoveClock: true})
			if report.OK() || report.Failed < 200 {
				t.Errorf("only %d of %d cases failed", report.Failed, len(report.Results))
			}
			for _, id := range passed(report) {
				if !slices.Contains(wrong.passing, id) {
					t.Errorf("%s passes", id)
				}
			}
			for _, res := range report.Results {
				if res.Verdict == Fail && (res.Failure == nil || res.Failure.Expected == "") {
					t.Errorf("%s fails without saying what it expected", res.ID)
				}
			}
		})
	}
}

func TestCasesAreWellNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if seen[c.ID] {
			t.Errorf("%s stands twice", c.ID)
		}
		seen[c.ID] = true
		if !strings.Contains(c.ID, "/") || c.Sentence == "" || c.run == nil {
			t.Errorf("%q is not a whole case", c.ID)
		}
		if name := "conform " + c.Topic(); len(name) > 20 {
			t.Errorf("the key of topic %s cannot be named %q", c.Topic(), name)
		}
	}
}

func TestARunThatCannotBeginIsAnError(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) }))
	defer refusing.Close()
	for name, cfg := range map[string]Config{
		"no target":            {Key: "k"},
		"a relative target":    {Key: "k", Target: "localhost:8080"},
		"no key":               {Target: refusing.URL},
		"nobody listens":       {Key: "k", Target: closed.URL},
		"the key is not taken": {Key: "k", Target: refusing.URL},
	} {
		if report, err := Run(context.Background(), cfg); err == nil {
			t.Errorf("%s: no error, %d results", name, len(report.Results))
		}
	}
}

func TestOnlyTheChosenCasesRun(t *testing.T) {
	url := target(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) })
	report := runAgainst(t, Config{Target: url, Only: []string{"cancel", "routes/head"}})
	var ids []string
	for _, res := range report.Results {
		if res.Topic != "cancel" && res.ID != "routes/head" {
			t.Errorf("%s ran", res.ID)
		}
		ids = append(ids, res.ID)
	}
	if !slices.Contains(ids, "routes/head") || len(ids) < 3 {
		t.Errorf("ran: %v", ids)
	}
}

func TestTheClockIsLeftAloneUnlessAllowed(t *testing.T) {
	moved := false
	url := target(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sandbox/clock" && r.Method == "POST" {
			moved = true
		}
		w.WriteHeader(500)
	})
	report := runAgainst(t, Config{Target: url, Only: []string{"clock"}})
	if moved || report.LeftOut == 0 || report.Failed != 0 || report.OK() {
		t.Errorf("moved %t, %d left out, %d failed", moved, report.LeftOut, report.Failed)
	}
}
