package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// metrics is what a server shows to its operators.
func metrics(t *testing.T, s *server) string {
	t.Helper()
	res, err := http.Get(s.AdminURL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestServeSharesItsLimitsThroughRedis(t *testing.T) {
	for claim, c := range map[string]struct{ url, shared string }{
		"with a Redis":                    {servertest.Redis(t), "1"},
		"and alone while there is no one": {"unix:///nowhere/redis.sock", "0"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			s := serve(t, t.TempDir(), "--redis", c.url, "--live-addr", "127.0.0.1:0")
			if got := status(t, s); got != http.StatusOK {
				t.Errorf("a request is answered %d, want 200", got)
			}
			for _, env := range []string{"test", "live"} {
				if want := `juicer_ratelimit_shared{env="` + env + `"} ` + c.shared; !strings.Contains(metrics(t, s), want) {
					t.Errorf("the metrics lack %s", want)
				}
			}
		})
	}
}

func TestAWrongRedisURLIsExplainedWithoutItsPassword(t *testing.T) {
	const wrong = "http://user:hunter2@redis.example"
	fromFlag := invoke(t, "serve", "--data", t.TempDir(), "--redis", wrong)
	fromVariable := invoke(t, "serve", "--data", t.TempDir())
	fromVariable.Env = append(fromVariable.Env, "JUICER_REDIS="+wrong)
	for _, c := range []interface{ CombinedOutput() ([]byte, error) }{fromFlag, fromVariable} {
		out, err := c.CombinedOutput()
		text := string(out)
		if err == nil || !strings.Contains(text, "--redis") || !strings.Contains(text, "redis://USER:PASSWORD@HOST:6379/0") || strings.Contains(text, "hunter2") {
			t.Errorf("%v, %s; want the flag, its form, and no password", err, text)
		}
	}
}
