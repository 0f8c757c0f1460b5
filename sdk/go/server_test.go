package juicer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// realServer is a running `juicer serve` with a fresh store, as a user starts it.
type realServer struct {
	url, key string
	data     string
	log      *syncedText
}

type syncedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (s *syncedText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// String is everything so far.
func (s *syncedText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// juicerBin is the server: JUICER_BIN, or bin/juicer, built when it is not there.
var juicerBin = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("JUICER_BIN"); path != "" {
		return path, nil
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, "bin", "juicer")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/juicer")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w: %s", err, out)
	}
	return path, nil
})

// serverEnviron keeps a developer's own settings away from the server.
func serverEnviron() []string {
	var out []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "JUICER_") {
			out = append(out, e)
		}
	}
	return out
}

func startServer(t testing.TB, flags ...string) *realServer {
	t.Helper()
	bin, err := juicerBin()
	if err != nil {
		t.Fatal(err)
	}
	s := &realServer{data: t.TempDir(), log: &syncedText{}}
	args := append([]string{"serve", "--data", s.data, "--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0"}, flags...)
	cmd := exec.Command(bin, args...)
	cmd.Env, cmd.Stderr = serverEnviron(), s.log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var ready struct {
		TestURL string `json:"test_url"`
	}
	if err != nil || json.Unmarshal(line, &ready) != nil {
		t.Fatalf("the server did not get ready: %v %s\n%s", err, line, s.log)
	}
	s.url = ready.TestURL
	s.key = s.newKey(t)
	return s
}

// command runs one of the server's own commands on its data.
func (s *realServer) command(t testing.TB, args ...string) string {
	t.Helper()
	bin, err := juicerBin()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, append(args, "--data", s.data)...)
	cmd.Env = serverEnviron()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("juicer %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

func (s *realServer) newKey(t testing.TB, flags ...string) string {
	t.Helper()
	return s.command(t, append([]string{"keys", "create", "--quiet"}, flags...)...)
}

// client makes one for the server.
func (s *realServer) client(t testing.TB, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{BaseURL: s.url, APIKey: s.key}
	for _, c := range change {
		c(&config)
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// instant makes the simulated card bank answer at once.
func (s *realServer) instant(t testing.TB) {
	t.Helper()
	_, err := s.client(t).Sandbox.ChangeRail(context.Background(), "card", &ChangeRail{Personality: "instant"})
	if err != nil {
		t.Fatal(err)
	}
}

var referenceCount atomic.Int64

// newSession is a card payment of 2,500.00 NGN with a reference of its own.
func newSession() *CreatePaymentSession {
	return &CreatePaymentSession{
		Amount: 250000, Currency: CurrencyNGN, Description: "Term fee", Reference: fmt.Sprintf("ord_%d_%d", os.Getpid(), referenceCount.Add(1)),
		Customer: CustomerInput{FirstName: "Ada", LastName: "Obi", Email: "ada@example.com", PhoneNumber: "+2348031234567",
			BillingAddress: CustomerInputBillingAddress{Line1: "5 Marina Road", City: "Lagos", Country: "NG", ZipCode: "100001"}},
		Order:         &Order{Identifier: "INV-7", Items: []OrderItem{{Name: "Term fee", Type: "service"}}},
		PaymentMethod: CreatePaymentSessionPaymentMethod{Type: "card"},
	}
}

// goodCard is approved, poorCard has no money.
func goodCard() Card {
	return Card{Number: "4000000000011009", CVV: "100", ExpiryMonth: 1, ExpiryYear: 39}
}
func poorCard() Card {
	return Card{Number: "4000000000012015", CVV: "100", ExpiryMonth: 1, ExpiryYear: 39}
}

// eachAttempt wraps a transport and changes every request of an attempt.
type eachAttempt struct {
	through http.RoundTripper
	change  func(*http.Request)
}

// RoundTrip implements http.RoundTripper.
func (e eachAttempt) RoundTrip(r *http.Request) (*http.Response, error) {
	e.change(r)
	return e.through.RoundTrip(r)
}

func TestAPaymentIsTakenFromARealServer(t *testing.T) {
	s := startServer(t, "--limits", "off")
	client, ctx := s.client(t), context.Background()
	session, err := client.PaymentSessions.Create(ctx, newSession())
	if err != nil {
		t.Fatal(err)
	}
	card, err := client.Cards.Encrypt(ctx, goodCard())
	if err != nil {
		t.Fatal(err)
	}
	paid, err := client.PaymentSessions.Capture(ctx, session.Data.ID, &Capture{Card: card})
	if err != nil {
		t.Fatal(err)
	}
	if !paid.Succeeded() || paid.Failure() != nil || paid.Key == "" || paid.RequestID == "" || len(paid.Attempts) != 1 {
		t.Errorf("the capture did not succeed as it should: %+v", paid)
	}
}
