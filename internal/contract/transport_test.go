package contract

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve answers everything with x, and returns what Transport reports of one
// request to path.
func serve(t *testing.T, x exchange, prepare func(*http.Request)) []error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range x.header {
			w.Header()[name] = values
		}
		w.WriteHeader(x.status)
		if _, err := w.Write(x.body); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	var reported []error
	client := http.Client{Transport: &Transport{Contract: load(t), Report: func(err error) { reported = append(reported, err) }}}
	req, err := http.NewRequest(x.method, server.URL+x.path, strings.NewReader(`{"reason":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(req)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != string(x.body) {
		t.Errorf("the client got %q, the server sent %q", body, x.body)
	}
	return reported
}

func zipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	if _, err := gz.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTransportReportsBreachesAndOnlyThose(t *testing.T) {
	t.Run("a right reply is not reported", func(t *testing.T) {
		if got := serve(t, right(t, "payment"), nil); len(got) != 0 {
			t.Error(got)
		}
	})
	t.Run("a spoilt reply is reported", func(t *testing.T) {
		x := right(t, "payment")
		x.header.Del("X-Request-Id")
		if got := serve(t, x, nil); len(got) != 1 {
			t.Errorf("reports: %v", got)
		}
	})
	t.Run("a fault may bring any refusal", func(t *testing.T) {
		x := right(t, "validation")
		x.method, x.path = "GET", "/payments"
		if got := serve(t, x, func(r *http.Request) { r.Header.Set("Juicer-Fault", "status=422") }); len(got) != 0 {
			t.Error(got)
		}
		if got := serve(t, x, nil); len(got) != 1 {
			t.Errorf("without the fault: %v", got)
		}
	})
	t.Run("a compressed reply is unpacked", func(t *testing.T) {
		x := right(t, "payment")
		x.body = zipped(t, x.body)
		x.header.Set("Content-Encoding", "gzip")
		byHand := func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") }
		if got := serve(t, x, byHand); len(got) != 0 {
			t.Error(got)
		}
		x.body = zipped(t, []byte(`{"data":{}}`))
		if got := serve(t, x, byHand); len(got) != 1 {
			t.Errorf("reports: %v", got)
		}
	})
	t.Run("a fault's garbage is not checked", func(t *testing.T) {
		x := right(t, "payment")
		x.body = []byte("<<<")
		if got := serve(t, x, func(r *http.Request) { r.Header.Set("Juicer-Fault", "garbage") }); len(got) != 0 {
			t.Error(got)
		}
	})
}
