package juicer

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// once makes one attempt at a URL with a transport of its own.
func attemptAt(t *testing.T, url string, through *http.Transport) JuicerError {
	t.Helper()
	t.Cleanup(through.CloseIdleConnections)
	c, err := New(Config{BaseURL: url, APIKey: "k", Transport: through, Policy: Policy{MaxAttempts: 1, WriteTimeoutMS: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = post(context.Background(), c)
	if base(err) == nil {
		t.Fatalf("got %v", err)
	}
	return *base(err)
}

// listening answers every connection with do.
func listening(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				do(c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestWhatKeptAnAnswerAway(t *testing.T) {
	silent := listening(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	closing := listening(t, func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)) })
	cutting := listening(t, func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":")
	})
	stuck := listening(t, func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":")
		_, _ = io.Copy(io.Discard, c)
	})
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	lookup := func(err *net.DNSError) *http.Transport {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: err}
		}}
	}
	blackHole := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	for _, c := range []struct {
		name, url string
		through   *http.Transport
		cause     event
		outcome   Outcome
	}{
		{"nobody listens", "http://127.0.0.1:1", &http.Transport{}, connectRefused, OutcomeNotAttempted},
		{"no connection comes about", "http://a.test", blackHole, connectTimeout, OutcomeNotAttempted},
		{"no such host", "http://a.test", lookup(&net.DNSError{IsNotFound: true}), dnsNotFound, OutcomeNotAttempted},
		{"no name server", "http://a.test", lookup(&net.DNSError{IsTemporary: true}), dnsTemporary, OutcomeNotAttempted},
		{"a certificate of its own", secure.URL, &http.Transport{}, tlsCertificate, OutcomeNotAttempted},
		{"no handshake", "https://" + silent, &http.Transport{TLSHandshakeTimeout: 50 * time.Millisecond}, tlsTimeout, OutcomeNotAttempted},
		{"no answer", "http://" + silent, &http.Transport{}, readTimeout, OutcomeUnknown},
		{"closed instead of an answer", "http://" + closing, &http.Transport{}, reset, OutcomeUnknown},
		{"half an answer", "http://" + cutting, &http.Transport{}, truncatedBody, OutcomeUnknown},
		{"half an answer, and silence", "http://" + stuck, &http.Transport{}, readTimeout, OutcomeUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := attemptAt(t, c.url, c.through)
			equal(t, "cause", e.Attempts[0].Cause, string(c.cause))
			equal(t, "outcome", e.Outcome, c.outcome)
		})
	}
}

// refusing speaks as much HTTP/2 as it takes to refuse the first stream.
func refusing(c net.Conn) {
	_, _ = io.CopyN(io.Discard, c, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
	_, _ = c.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}) // SETTINGS
	for {
		var head [9]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
		_, _ = io.CopyN(io.Discard, c, length)
		if head[3] == 1 { // HEADERS: RST_STREAM with REFUSED_STREAM
			answer := []byte{0, 0, 4, 3, 0, head[5], head[6], head[7], head[8], 0, 0, 0, 0}
			binary.BigEndian.PutUint32(answer[9:], refusedStream)
			_, _ = c.Write(answer)
		}
	}
}

func TestAStreamThatHTTP2RefusesWasNotProcessed(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.StartTLS() // for its certificate
	defer server.Close()
	certificate := server.TLS.Certificates[0]
	address := listening(t, func(c net.Conn) {
		secured := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}})
		refusing(secured)
	})
	trusting := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	through := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: trusting, ServerName: "example.com"}}
	e := attemptAt(t, "https://"+address, through)
	equal(t, "cause", e.Attempts[0].Cause, string(notProcessed))
	equal(t, "outcome", e.Outcome, OutcomeNotAttempted)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	strangers := 0
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers++ }))
	defer stranger.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(stranger.URL, status))
		e := attemptAt(t, server.URL, &http.Transport{})
		equal(t, "status", e.Status, status)
		server.Close()
	}
	equal(t, "requests at another host", strangers, 0)
}

func TestALargeAnswerAndAChunkedOne(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"data":{"description":"`)
		w.(http.Flusher).Flush()
		for range 1 << 10 {
			_, _ = io.WriteString(w, "0123456789abcdef")
		}
		_, _ = io.WriteString(w, `"}}`)
	}))
	defer server.Close()
	c, err := New(Config{BaseURL: server.URL + "/base/", APIKey: "k"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.wire.through.(*http.Transport).CloseIdleConnections()
	out, err := c.Payments.Get(context.Background(), "a/b c", nil)
	if err != nil || len(out.Data.Description) != 16<<10 {
		t.Errorf("%v, %d bytes", err, len(out.Data.Description))
	}
}

func TestRealServersFaultsAreUnderstood(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx := s.client(t, func(c *Config) { c.chance = func() float64 { return 0 } }), context.Background()
	for _, fault := range []string{"drop=before", "drop=after-commit", "truncate=20", "garbage", "hang=20", "status=502", "status=503;retry-after=1", "error=server_error;at=after-commit"} {
		out, err := c.PaymentSessions.Create(ctx, newSession(), WithHeader("Juicer-Fault", fault+";times=1"))
		if err != nil || len(out.Attempts) != 2 {
			t.Errorf("%s: %v %+v", fault, err, out)
		}
	}
	_, err := c.PaymentSessions.Create(ctx, newSession(), WithHeader("Juicer-Fault", "garbage"))
	var broken *InvalidResponseError
	if !errors.As(err, &broken) || broken.Outcome != OutcomeUnknown {
		t.Errorf("got %v", err)
	}
}
