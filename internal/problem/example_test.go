package problem

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The drivers make one call with the arguments base, method, path, body and key
// (the last two may be empty), and print "ok <status of data>" or "error <text>".
const (
	nodeDriver = `
const [base, method, path, body, idem] = process.argv.slice(2);
call(base, 'test_key', method, path, body ? JSON.parse(body) : undefined, idem || undefined)
  .then(r => console.log('ok', r.data.status), e => console.log('error', e.code ?? '', e.request_id ?? '', e.message));
`
	pythonDriver = `
import sys
base, method, path, body, idem = sys.argv[1:6]
try:
    print("ok", call(base, "test_key", method, path, json.loads(body) if body else None, idem or None)["data"]["status"])
except Exception as e:
    print("error", e)
`
	goDriver = `package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	a := os.Args[1:]
	reply, err := call(context.Background(), a[0], "test_key", a[1], a[2], []byte(a[3]), a[4])
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("ok", reply.Data["status"])
}
`
)

// commands prepares the samples of the page and gives the command line of each.
func commands(t *testing.T) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	out := map[string][]string{}
	for _, sample := range codeSamples() {
		switch sample.Tag {
		case "js":
			out[sample.Language] = []string{"node", put("call.js", sample.Code+nodeDriver)}
		case "python":
			out[sample.Language] = []string{"python3", put("call.py", sample.Code+pythonDriver)}
		case "go":
			put("call.go", sample.Code)
			put("main.go", goDriver)
			put("go.mod", "module sample\n\ngo 1.22\n")
			out[sample.Language] = []string{build(t, dir)}
		default:
			t.Fatalf("no driver for %s", sample.Language)
		}
	}
	return out
}

func build(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(dir, "sample.exe")
	for _, args := range [][]string{{"vet", "."}, {"build", "-o", program, "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	return program
}

// seen is one request as the server got it.
type seen struct{ method, path, body, key, auth string }

// recorder answers the n-th request with the n-th answer, the last one for ever,
// and keeps what it was asked.
type recorder struct {
	mu       sync.Mutex
	answers  []func(http.ResponseWriter)
	requests []seen
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what did not arrive differs from what was sent
	rec.mu.Lock()
	rec.requests = append(rec.requests, seen{r.Method, r.URL.Path, string(body), r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization")})
	answer := rec.answers[min(len(rec.requests), len(rec.answers))-1]
	rec.mu.Unlock()
	answer(w)
}

func (rec *recorder) got() []seen {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.requests)
}

func refuse(e *Error) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		env := Envelope{RequestID: SampleRequestID, PublicURL: "https://x"}
		for name, values := range e.Headers(env) {
			w.Header()[name] = values
		}
		w.WriteHeader(e.Kind.Status)
		_, _ = w.Write(e.Body(env)) // a client that went away shows in what it prints
	}
}

func succeed(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":{"status":"captured"}}`) }

func proxy(w http.ResponseWriter) {
	w.WriteHeader(http.StatusBadGateway)
	_, _ = io.WriteString(w, "<html>Bad Gateway</html>")
}

// hangUp breaks the connection: executed, reply lost.
func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

type conversation struct {
	name    string
	method  string
	key     string
	answers []func(http.ResponseWriter)
	says    []string // parts of what the sample prints
	tries   int
}

func conversations() []conversation {
	type answers = []func(http.ResponseWriter)
	soon := refuse(Overloaded.With(Details{"reason": "load"}).Advise(Again(SameKey, 20)))
	final := refuse(InvalidAmount.With(Details{"minimum": 100, "maximum": 200, "currency": "NGN", "method": "card"}))
	manual := refuse(InsufficientFunds.With(nil))
	return []conversation{
		{"503 then 200 is one payment", "POST", "k1", answers{soon, succeed}, []string{"ok captured"}, 2},
		{"400 is not repeated", "POST", "k1", answers{final}, []string{"error", "invalid_amount", SampleRequestID}, 1},
		{"new_key is left to people", "POST", "k1", answers{manual}, []string{"error", "insufficient_funds"}, 1},
		{"a lost answer is asked for again with the same key", "POST", "k1", answers{hangUp, succeed}, []string{"ok captured"}, 2},
		{"a proxy's page is a lost answer", "POST", "k1", answers{proxy, succeed}, []string{"ok captured"}, 2},
		{"a lost answer without a key is not repeated", "POST", "", answers{hangUp, succeed}, []string{"error"}, 1},
		{"a read is repeated without a key", "GET", "", answers{hangUp, succeed}, []string{"ok captured"}, 2},
		{"four tries and no more", "POST", "k1", answers{soon}, []string{"error", "keep the key"}, 4},
	}
}

func TestTheSamplesOfThePageWork(t *testing.T) {
	for language, command := range commands(t) {
		for _, c := range conversations() {
			t.Run(language+": "+c.name, func(t *testing.T) { c.hold(t, command) })
		}
	}
}

func (c conversation) hold(t *testing.T, command []string) {
	rec := &recorder{answers: c.answers}
	server := httptest.NewServer(rec)
	defer server.Close()
	want := seen{c.method, "/payments/ord_1001", `{"amount":250000}`, c.key, "test_key"}
	if c.method == "GET" {
		want.body = ""
	}
	args := append(slices.Clone(command[1:]), server.URL, want.method, want.path, want.body, want.key)
	out, err := exec.Command(command[0], args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, part := range c.says {
		if !strings.Contains(string(out), part) {
			t.Errorf("no %q in %s", part, out)
		}
	}
	requests := rec.got()
	if len(requests) != c.tries {
		t.Errorf("%d requests, want %d: %s", len(requests), c.tries, out)
	}
	for _, r := range requests {
		if !sameRequest(r, want) {
			t.Errorf("got %+v, want %+v", r, want)
		}
	}
}

// sameRequest compares bodies as JSON: languages put blanks where they like.
func sameRequest(got, want seen) bool {
	var a, b bytes.Buffer
	if want.body != "" && (json.Compact(&a, []byte(got.body)) != nil || json.Compact(&b, []byte(want.body)) != nil) {
		return false
	}
	got.body, want.body = a.String(), b.String()
	return got == want
}
