// Package crash kills real servers, again and again and at every named crash
// point, while clients with idempotency keys pay; then the books must balance.
package crash

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// built is the binary under test, with the planted flaws compiled in but off.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "juicer-crash")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "juicer")
	out, err := exec.Command("go", "build", "-tags", "flaws", "-o", path, "github.com/juicer-pay/juicer/cmd/juicer").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// server is one installation whose process dies and comes back.
type server struct {
	t        *testing.T
	bin, dir string
	database string // URL; "" for files in dir
	addr     string
	flaw     string
	flags    []string // of serve, beside those that every server here has
	env      []string
	url, key string
	log      logged // of all its lives

	mu   sync.Mutex
	proc *exec.Cmd
	dead chan struct{} // closed when proc has ended
}

func install(t *testing.T, flaw string) *server {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, bin: bin, dir: t.TempDir(), database: servertest.StoreURL(t), addr: servertest.Address(t), flaw: flaw}
	s.url = "http://" + s.addr
	s.start("")
	t.Cleanup(s.kill)
	out, err := s.command("keys", "create", "--quiet").Output()
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	s.key = strings.TrimSpace(string(out))
	return s
}

// command works on the installation's data.
func (s *server) command(args ...string) *exec.Cmd {
	args = append(args, "--data", s.dir)
	if s.database != "" {
		args = append(args, "--database", s.database)
	}
	c := exec.Command(s.bin, args...)
	c.Env = servertest.Environ()
	return c
}

// logged keeps what a process writes while others read it.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is everything so far.
func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start starts the process and waits for its ready line. With a crash point it
// ends by itself there.
func (s *server) start(crashAt string) {
	flags := s.flags
	if len(flags) == 0 {
		flags = []string{"--limits", "off"}
	}
	c := s.command(append([]string{"serve", "--test-addr", s.addr, "--admin-addr", "127.0.0.1:0"}, flags...)...)
	c.Env = servertest.Environ(append([]string{"JUICER_CRASH_AT=" + crashAt, "JUICER_FLAW=" + s.flaw}, s.env...)...)
	c.Stderr = &s.log
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		s.t.Errorf("start the server: %v", err)
		return
	}
	// With a crash point the process may die before it is ready: work left from
	// the life before reaches the point too.
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil && crashAt == "" {
		s.t.Errorf("the server did not get ready: %v\n%s", err, s.log.String())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proc, s.dead = c, make(chan struct{})
	go func(dead chan struct{}) {
		defer close(dead)
		_ = c.Wait() // killed, or ended at its crash point: that is the test
	}(s.dead)
}

// diesItself waits until the process has ended at its crash point.
func (s *server) diesItself() bool {
	s.mu.Lock()
	dead := s.dead
	s.mu.Unlock()
	select {
	case <-dead:
		return true
	case <-time.After(pointTime):
		return false
	}
}

// kill is SIGKILL, and waits until the process is gone.
func (s *server) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		_ = s.proc.Process.Kill() // it may have crashed by itself
		<-s.dead
		s.proc = nil
	}
}

// reply is what the tests look at of an answer.
type reply struct {
	status int
	body   []byte
	Data   struct {
		ID      string `json:"id"`
		State   string `json:"state"`
		Payment struct {
			State string `json:"state"`
		} `json:"payment"`
		AmountRefunded int64          `json:"amount_refunded"`
		Clean          bool           `json:"clean"`
		Totals         map[string]int `json:"totals"`
	} `json:"data"`
	Error struct {
		Code  string `json:"code"`
		Retry struct {
			Allowed bool    `json:"allowed"`
			With    *string `json:"with"`
		} `json:"retry"`
	} `json:"error"`
}

var client = &http.Client{Timeout: 40 * time.Second}

// send sends a request once.
func (s *server) send(method, path, key string, body any) (reply, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	r, err := http.NewRequest(method, s.url+path, bytes.NewReader(raw))
	if err != nil {
		return reply{}, err
	}
	r.Header.Set("Authorization", s.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Juicer-Deadline-Ms", "2000")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	out := reply{status: res.StatusCode}
	if out.body, err = io.ReadAll(res.Body); err != nil {
		return reply{}, err
	}
	return out, json.Unmarshal(out.body, &out)
}

const (
	patience = 60 * time.Second       // how long a client goes on with one request
	pause    = 50 * time.Millisecond  // between its tries
	napMax   = 400 * time.Millisecond // of the killer
	// pointTime is how long a server under load may take to come to a crash point.
	pointTime = 20 * time.Second
)

// insist repeats the identical request with the same key until there is a final
// answer, as the errors page tells clients to do.
func (s *server) insist(method, path, key string, body any) (reply, error) {
	until := time.Now().Add(patience)
	for {
		r, err := s.send(method, path, key, body)
		if err == nil && (r.status < 300 || !r.Error.Retry.Allowed || r.Error.Retry.With == nil || *r.Error.Retry.With != "same_key") {
			return r, nil
		}
		if time.Now().After(until) {
			return r, fmt.Errorf("no final answer to %s %s: %v %s", method, path, err, r.body)
		}
		time.Sleep(pause)
	}
}

// must is send for requests of the test itself.
func (s *server) must(method, path string, body any) reply {
	s.t.Helper()
	r, err := s.insist(method, path, "", body)
	if err != nil || r.status >= 300 {
		s.t.Fatalf("%s %s: %v %d %s", method, path, err, r.status, r.body)
	}
	return r
}

// card encrypts a card with the command that users have.
func (s *server) card(number string) json.RawMessage {
	s.t.Helper()
	c := exec.Command(s.bin, "card", number, "--target", s.url, "--key", s.key)
	c.Env = servertest.Environ()
	out, err := c.Output()
	if err != nil {
		s.t.Fatalf("encrypt %s: %v", number, err)
	}
	return json.RawMessage(bytes.TrimSpace(out))
}

// audit runs `juicer audit`, which waits so many seconds for what is in flight, and
// gives its exit code and report.
func (s *server) audit(wait int) (int, string) {
	s.t.Helper()
	c := s.command("audit", "--wait", strconv.Itoa(wait), "--json")
	out, err := c.Output()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		s.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(out)
}
