package upgrade

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/servertest"
)

// place is one installation, whichever release works on it.
type place struct {
	dir      string
	database string // URL; "" for files in dir
	key      string
}

// command runs a release on the place.
func (p *place) command(r release, args ...string) *exec.Cmd {
	args = append(args, "--data", p.dir)
	if p.database != "" {
		args = append(args, "--database", p.database)
	}
	c := exec.Command(r.bin, args...)
	c.Env = servertest.Environ()
	return c
}

// output runs a command to its end and gives what it printed.
func (p *place) output(r release, args ...string) (string, error) {
	var errs bytes.Buffer
	c := p.command(r, args...)
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("juicer %s of %s: %w: %s%s", strings.Join(args, " "), r.name, err, out, errs.String())
	}
	return string(out), err
}

// server is a release at work.
type server struct {
	*exec.Cmd
	url string
	log bytes.Buffer
}

func (p *place) serve(t *testing.T, r release) *server {
	t.Helper()
	s := &server{Cmd: p.command(r, "serve", "--test-addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--limits", "off")}
	s.Stderr = &s.log
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	var ready struct {
		URL string `json:"test_url"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(line), &ready)
	}
	if err != nil {
		t.Fatalf("%s did not get ready: %v", r.name, err)
	}
	s.url = ready.URL
	return s
}

// stop ends a server in order.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("the server ended with %v:\n%s", err, s.log.String())
	}
}

const (
	clients  = 4
	perPhase = 6 // payments that each client makes at least in each phase
)

// shop is the clients of an installation: they know no releases, only addresses.
type shop struct {
	key  string
	card json.RawMessage

	mu    sync.Mutex
	paid  map[string]string // id by reference
	wrong []string          // answers that no client should ever see
}

// reply is what the clients look at of an answer.
type reply struct {
	status int
	body   []byte
	Data   struct {
		ID      string `json:"id"`
		State   string `json:"state"`
		Payment struct {
			State string `json:"state"`
		} `json:"payment"`
	} `json:"data"`
}

var client = &http.Client{Timeout: 40 * time.Second}

func (x *shop) send(method, url, key string, body any) (reply, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	r, err := http.NewRequest(method, url, bytes.NewReader(raw))
	if err != nil {
		return reply{}, err
	}
	r.Header.Set("Authorization", x.key)
	r.Header.Set("Content-Type", "application/json")
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
		return out, err
	}
	return out, json.Unmarshal(out.body, &out)
}

// expect notes an answer that is not the expected one.
func (x *shop) expect(what string, status int, r reply, err error) bool {
	if err == nil && r.status == status {
		return true
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.wrong = append(x.wrong, fmt.Sprintf("%s: %v %d %.300s", what, err, r.status, r.body))
	return false
}

// pay makes one payment, gives a part of it back, and looks at it.
func (x *shop) pay(url, reference string) {
	r, err := x.send("POST", url+"/payment-sessions", reference+"-create", order(reference))
	if !x.expect("create "+reference, http.StatusCreated, r, err) {
		return
	}
	id := r.Data.ID
	r, err = x.send("POST", url+"/payment-sessions/"+id, reference+"-capture", map[string]any{"card": x.card})
	if !x.expect("capture "+reference, http.StatusOK, r, err) {
		return
	}
	x.mu.Lock()
	x.paid[reference] = id
	x.mu.Unlock()
	r, err = x.send("POST", url+"/payments/"+id+"/refunds", reference+"-refund", map[string]any{"amount": 1000})
	x.expect("refund "+reference, http.StatusCreated, r, err)
	r, err = x.send("GET", url+"/payments/"+reference, "", nil)
	if x.expect("look at "+reference, http.StatusOK, r, err) && r.Data.State != "captured" {
		x.expect("state of "+reference+": "+r.Data.State, 0, r, nil)
	}
}

func order(reference string) map[string]any {
	return map[string]any{
		"amount": 250000, "currency": "NGN", "description": "Term fee", "reference": reference,
		"customer": map[string]any{"first_name": "Ada", "last_name": "Obi", "email": "ada@example.com", "phone_number": "+2348031234567",
			"billing_address": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}},
		"order":          map[string]any{"identifier": "INV-7", "items": []any{map[string]any{"name": "Term fee", "type": "service"}}},
		"payment_method": map[string]any{"type": "card"},
	}
}

// during lets all clients pay at the addresses in turn, for as long as work takes and
// perPhase payments each after it.
func (x *shop) during(phase string, urls []string, work func()) {
	over := make(chan struct{})
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			left := perPhase
			for n := 0; left > 0; n++ {
				x.pay(urls[(c+n)%len(urls)], fmt.Sprintf("%s-%d-%d", phase, c, n))
				select {
				case <-over:
					left--
				default:
				}
			}
		})
	}
	work()
	close(over)
	all.Wait()
}
