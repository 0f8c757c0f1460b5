package juicer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	answerBytesMax  = 64 << 20
	idleConnections = 100 // for the one host of a client; net/http keeps two
	answerMarginMS  = 500 // the server shall give up before the client does
)

// wire makes one attempt over HTTP. It repeats nothing and follows no redirect.
type wire struct {
	through  http.RoundTripper
	template *http.Request
	base     *url.URL
	key      []string
}

func newWire(through http.RoundTripper, base *url.URL, key string) *wire {
	if through == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = idleConnections
		through = own
	}
	template := &http.Request{Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: base.Host}
	return &wire{through: through, template: template, base: base, key: []string{key}}
}

// outgoing is what every attempt of a call sends alike.
type outgoing struct {
	method  string
	path    string // escaped, from the root of the API
	query   string
	body    []byte
	key     []string // idempotency key; nil for reads
	options *options
	etag    string // If-None-Match
}

// incoming is what one attempt brought.
type incoming struct {
	reply
	header http.Header
	body   []byte
	cause  error
}

func (in *incoming) requestID() string { return in.header.Get("X-Request-Id") }

// once sends a request and reads the whole answer, or finds out what kept it away.
func (w *wire) once(ctx context.Context, out *outgoing, attempt int, timeout time.Duration) incoming {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var seen sighting
	req := w.request(httptrace.WithClientTrace(limited, seen.trace()), out, attempt, timeout)
	res, err := w.through.RoundTrip(req)
	if err != nil {
		return incoming{reply: reply{event: eventOf(ctx, err, seen.unsent())}, cause: err}
	}
	defer res.Body.Close()
	in := incoming{reply: reply{status: res.StatusCode, headers: res.Header}, header: res.Header}
	if in.body, err = readAll(res); err != nil {
		in.event, in.cause = cutOff(ctx, err), err
	}
	return in
}

// Shared values of headers; nobody changes them.
var (
	jsonType  = []string{"application/json"}
	userAgent = []string{"juicer-go/" + Version}
)

// request is made anew for each attempt. GetBody stays empty and there is always a
// body: with either net/http would send a request with an Idempotency-Key again by
// itself when a connection that it reuses has died.
func (w *wire) request(ctx context.Context, out *outgoing, attempt int, timeout time.Duration) *http.Request {
	req := w.template.WithContext(ctx)
	req.Method = out.method
	req.URL = w.target(out)
	req.Body, req.ContentLength, req.TransferEncoding = sendable(out.body)
	h := make(http.Header, 8)
	h["Authorization"], h["User-Agent"], h["Accept"] = w.key, userAgent, jsonType
	own := []string{strconv.Itoa(attempt), strconv.FormatInt(max(timeout.Milliseconds()-answerMarginMS, 0), 10)}
	h["X-Juicer-Attempt"], h["Juicer-Deadline-Ms"] = own[0:1:1], own[1:2:2]
	if out.body != nil {
		h["Content-Type"] = jsonType
	}
	if out.key != nil {
		h["Idempotency-Key"] = out.key
	}
	if out.etag != "" {
		h["If-None-Match"] = []string{out.etag}
	}
	out.options.headers(h)
	req.Header = h
	return req
}

func (w *wire) target(out *outgoing) *url.URL {
	u := *w.base
	u.Path = w.base.Path + out.path
	if raw, err := url.PathUnescape(u.Path); err == nil && raw != u.Path {
		u.RawPath, u.Path = u.Path, raw
	}
	u.RawQuery = out.query
	return &u
}

// nothing is a body without bytes that net/http does not know to be one.
type nothing struct{}

// Read implements io.Reader.
func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// WriteTo spares net/http a buffer of 32 KiB.
func (nothing) WriteTo(io.Writer) (int64, error) { return 0, nil }

// Close implements io.Closer.
func (nothing) Close() error { return nil }

// asItIs keeps net/http from reading a body of unknown length in a goroutine of its own
// before it sends the headers.
var asItIs = []string{"identity"}

func sendable(body []byte) (io.ReadCloser, int64, []string) {
	if len(body) == 0 {
		return nothing{}, 0, asItIs
	}
	return io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
}

// readAll reads to the end, so that the connection can serve again.
func readAll(res *http.Response) ([]byte, error) {
	if n := res.ContentLength; n >= 0 && n <= answerBytesMax {
		body := make([]byte, n)
		_, err := io.ReadFull(res.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, answerBytesMax+1))
	if err == nil && len(body) > answerBytesMax {
		err = fmt.Errorf("the answer is larger than %d bytes", answerBytesMax)
	}
	return body, err
}

// sighting is how far an attempt came, as net/http tells; other transports tell
// nothing.
type sighting struct{ asked, got atomic.Bool }

func (s *sighting) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.got.Store(true) },
	}
}

// unsent: it is certain that there was no connection to send on.
func (s *sighting) unsent() bool { return s.asked.Load() && !s.got.Load() }

// eventOf names what kept an answer away. Where it is not certain that nothing was
// sent, it passes as sent.
func eventOf(ctx context.Context, err error, unsent bool) event {
	var dial *net.OpError
	unsent = unsent || errors.As(err, &dial) && dial.Op == "dial"
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return cancelledEvent
	case streamRefused(err):
		return notProcessed
	case unsent:
		return connectEvent(err)
	case timedOut(err):
		return readTimeout
	}
	return reset
}

func connectEvent(err error) event {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return dnsNotFound
	case errors.As(err, &dns):
		return dnsTemporary
	case badCertificate(err):
		return tlsCertificate
	case strings.Contains(err.Error(), "TLS handshake timeout"): // an unexported type of net/http
		return tlsTimeout
	case timedOut(err):
		return connectTimeout
	}
	return connectRefused
}

func badCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, syscall.ETIMEDOUT)
}

// streamError has the fields of net/http's own, which copies itself into any struct
// of this form.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

// Error implements error.
func (e streamError) Error() string { return fmt.Sprintf("stream %d: code %d", e.StreamID, e.Code) }

const refusedStream = 7 // of HTTP/2: not processed, safe to send again

// streamRefused: the server says that it did not process the request. Where net/http
// would have sent it again, had it known how, it says so in words alone; of the errors
// that it does so for, a protocol error is the one that promises nothing.
func streamRefused(err error) bool {
	var stream streamError
	if errors.As(err, &stream) {
		return stream.Code == refusedStream
	}
	words := err.Error()
	return strings.HasPrefix(words, "http2: Transport: cannot retry err [") && !strings.Contains(words, "PROTOCOL_ERROR")
}

// cutOff: the headers came, the body did not.
func cutOff(ctx context.Context, err error) event {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return cancelledEvent
	case timedOut(err):
		return readTimeout
	}
	return truncatedBody
}
