package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/world"
)

const (
	userAgent      = "Juicer-Webhooks/1"
	answerReadMax  = 64 << 10 // bytes
	answerKeptMax  = 1 << 10  // bytes
	headerBytesMax = 64 << 10
	idleMax        = 4 * time.Second // of a kept connection; many receivers close theirs after 5
	idlePerHost    = 8
	errorTextMax   = 200
)

// Message is one attempt as it goes out.
type Message struct {
	URL      string
	ID       string // of the event
	At       time.Time
	Secrets  []string // newest first
	Body     []byte
	Sequence int64
	Previous int64
	Attempt  int64
}

// Answer is what came back.
type Answer struct {
	Status   int // 0: no whole answer
	Excerpt  string
	Error    string // why there was none, or ""
	Duration time.Duration
}

// Accepted reports whether the receiver has taken the event.
func (a Answer) Accepted() bool { return a.Error == "" && a.Status >= 200 && a.Status < 300 }

// Sender makes attempts. Safe for concurrent use.
type Sender struct {
	guarded *http.Client // reaches public addresses only
	open    *http.Client
}

// NewSender makes one.
func NewSender() *Sender {
	return &Sender{guarded: client(&net.Dialer{Control: guard}), open: client(&net.Dialer{})}
}

func client(d *net.Dialer) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		// No proxy: it would hide the address that is connected to.
		Transport: &http.Transport{DialContext: d.DialContext, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: idlePerHost, IdleConnTimeout: idleMax,
			MaxResponseHeaderBytes: headerBytesMax, DisableCompression: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
	}
}

// Close ends kept connections.
func (s *Sender) Close() {
	s.guarded.CloseIdleConnections()
	s.open.CloseIdleConnections()
}

// Rules say how an attempt may be made.
type Rules struct {
	Private bool          // any address may be reached, with http too
	Timeout time.Duration // of real time, for the whole exchange
}

// Send makes one attempt. The whole exchange must be done in the time given.
func (s *Sender) Send(ctx context.Context, m Message, r Rules) Answer {
	began := world.RealNow()
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	a, err := s.exchange(ctx, m, r)
	a.Duration = world.RealNow().Sub(began)
	if err != nil {
		a.Status, a.Error = 0, explain(err)
	}
	return a
}

func (s *Sender) exchange(ctx context.Context, m Message, r Rules) (Answer, error) {
	req, err := request(ctx, m)
	if err != nil {
		return Answer{}, err
	}
	by := s.guarded
	if r.Private {
		by = s.open
	} else if req.URL.Scheme != "https" {
		return Answer{}, errors.New("only https may be used")
	}
	res, err := by.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerReadMax))
	return Answer{Status: res.StatusCode, Excerpt: excerpt(body)}, err
}

// request is the attempt as HTTP; its headers are the contract's.
func request(ctx context.Context, m Message) (*http.Request, error) {
	signed, err := Sign(m.Secrets, m.ID, m.At, m.Body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, err
	}
	req.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {userAgent}, "Webhook-Id": {m.ID},
		"Webhook-Timestamp": {strconv.FormatInt(m.At.Unix(), 10)}, "Webhook-Signature": {signed},
		"Juicer-Sequence": {strconv.FormatInt(m.Sequence, 10)}, "Juicer-Previous-Sequence": {strconv.FormatInt(m.Previous, 10)},
		"Juicer-Attempt": {strconv.FormatInt(m.Attempt, 10)},
	}
	return req, nil
}

// excerpt is the beginning of an answer as text.
func excerpt(body []byte) string {
	if len(body) > answerKeptMax {
		body = body[:answerKeptMax]
		for len(body) > 0 && !utf8.RuneStart(body[len(body)-1]) {
			body = body[:len(body)-1]
		}
		if n := len(body); n > 0 && body[n-1] >= utf8.RuneSelf {
			body = body[:n-1]
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(body), "\uFFFD"), "\x00", "\uFFFD")
}

// explain is an error in words for the owner of the endpoint, without the URL.
func explain(err error) string {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timed out"
	case errors.Is(err, ErrForbidden):
		return ErrForbidden.Error()
	}
	text := err.Error()
	if len(text) > errorTextMax {
		text = text[:errorTextMax]
	}
	return excerpt([]byte(text))
}
