package contract

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Transport is an http.RoundTripper that holds every exchange of a client
// against the contract. It reads replies whole and hands on what it read.
type Transport struct {
	Contract *Contract
	Base     http.RoundTripper // nil: http.DefaultTransport
	Report   func(error)       // told of every breach; called on the client's goroutine

	// Skip, if set, exempts requests, for example pages of the simulated bank.
	Skip func(*http.Request) bool
}

// RoundTrip implements http.RoundTripper. A reply that cannot be read to its
// end is handed on with the error and not checked: a cut reply is no breach.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := recorded(req)
	if err != nil {
		return nil, err
	}
	res, err := t.base().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), errorReader{err}))
	if err == nil && (t.Skip == nil || !t.Skip(req)) {
		t.check(req, sent, res, body)
	}
	return res, nil
}

// unpacked undoes a compression that the client asked for by hand; http.Transport
// undoes its own.
func unpacked(res *http.Response, body []byte) ([]byte, error) {
	if res.Header.Get("Content-Encoding") != "gzip" {
		return body, nil
	}
	gz, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(gz)
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

// recorded reads the request's body and puts it back.
func recorded(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	sent, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	req.Body = io.NopCloser(bytes.NewReader(sent))
	return sent, nil
}

func (t *Transport) check(req *http.Request, sent []byte, res *http.Response, body []byte) {
	faulty := req.Header.Get("Juicer-Fault") != ""
	plain, err := unpacked(res, body)
	if faulty && !json.Valid(plain) {
		return // a proxy's page or garbage was asked for
	}
	if err == nil {
		err = t.Contract.check(exchange{
			method: req.Method, path: req.URL.RequestURI(), requestBody: sent,
			status: res.StatusCode, header: res.Header, body: plain, faulty: faulty,
		})
	}
	if err != nil {
		t.Report(err)
	}
}

// errorReader ends a stream with err, or with io.EOF if there was none.
type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return 0, io.EOF
}
