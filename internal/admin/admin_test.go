package admin_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/juicer-pay/juicer/internal/admin"
	"github.com/juicer-pay/juicer/internal/problem"
)

// listener runs the operators' listener with one check that ends as err says.
func listener(t *testing.T, err error) string {
	t.Helper()
	r := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "juicer_example_total", Help: "An example."})
	r.MustRegister(c)
	s := httptest.NewServer(admin.New(admin.Config{Metrics: r, OpenAPI: []byte(`{"openapi":"3.1.0"}`),
		Checks: []admin.Check{{Name: "store_test", Look: func(context.Context) error { return err }}},
		Unready: func(w http.ResponseWriter, report []byte) {
			w.WriteHeader(problem.StorageUnavailable.Status)
			_, _ = w.Write(report)
		}}))
	t.Cleanup(s.Close)
	return s.URL
}

func read(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestOperatorsSeeWhetherTheServerLivesAndIsReady(t *testing.T) {
	for _, c := range []struct {
		name, path string
		err        error
		status     int
		says       string
	}{
		{"a process that answers is alive", "/healthz", errors.New("disk full"), http.StatusOK, `"status":"ok"`},
		{"a store that answers is ready", "/readyz", nil, http.StatusOK, `"store_test":"ok"`},
		{"a store that does not is named, without its cause", "/readyz", errors.New("disk full"), problem.StorageUnavailable.Status, `{"checks":{"store_test":"not available"},"status":"not ready"}`},
		{"metrics are those of the registry", "/metrics", nil, http.StatusOK, "juicer_example_total 0"},
		{"the contract is there", "/openapi.json", nil, http.StatusOK, "3.1.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := read(t, listener(t, c.err)+c.path)
			if status != c.status || !strings.Contains(body, c.says) {
				t.Errorf("GET %s: %d %s; want %d and %s", c.path, status, body, c.status, c.says)
			}
		})
	}
}
