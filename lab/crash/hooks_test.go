package crash

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// receiver is a merchant's server: it refuses every third first attempt, and keeps what it
// was sent.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies map[string]string // accepted, by webhook-id
	firsts int
	times  int
	fault  string // an event that came with another body
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{bodies: map[string]string{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get("Juicer-Attempt") == "1" {
		if r.firsts++; r.firsts%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	id := req.Header.Get("webhook-id")
	if before, again := r.bodies[id]; again && before != string(body) {
		r.fault = id
	}
	r.bodies[id], r.times = string(body), r.times+1
}

// events reads every event of the business.
func (s *server) events(t *testing.T) (ids []string) {
	t.Helper()
	after := 0
	for {
		raw, err := s.read("/events?limit=100&after=" + strconv.Itoa(after))
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Data []struct {
				ID       string
				Sequence int
			}
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Data {
			after++
			if e.Sequence != after {
				t.Fatalf("event %s has the number %d, want %d: there is a gap", e.ID, e.Sequence, after)
			}
			ids = append(ids, e.ID)
		}
		if len(page.Data) == 0 {
			return ids
		}
	}
}

// read gets a page as it is.
func (s *server) read(path string) ([]byte, error) {
	r, err := http.NewRequest("GET", s.url+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", s.key)
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// heard checks that the receiver has taken every event at least once, unchanged.
func (r *receiver) heard(ids []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, id := range ids {
		if r.bodies[id] == "" {
			return fmt.Errorf("event %d (%s) never arrived", i+1, id)
		}
	}
	if len(ids) != len(r.bodies) || r.fault != "" {
		return fmt.Errorf("%d events arrived, %d are listed; %q came with two bodies", len(r.bodies), len(ids), r.fault)
	}
	return nil
}

func TestALostOrChangedWebhookIsNoticed(t *testing.T) {
	r := &receiver{bodies: map[string]string{"a": "1", "b": "2"}}
	if err := r.heard([]string{"a", "b"}); err != nil {
		t.Error(err)
	}
	for what, ids := range map[string][]string{"lost": {"a", "b", "c"}, "of unknown origin": {"a"}} {
		if r.heard(ids) == nil {
			t.Errorf("an event that was %s is not noticed", what)
		}
	}
	r.fault = "a"
	if r.heard([]string{"a", "b"}) == nil {
		t.Error("an event with two bodies is not noticed")
	}
}
