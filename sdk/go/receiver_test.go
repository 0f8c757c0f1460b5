package juicer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// shop is a receiver with what it was given to do.
type shop struct {
	Receiver
	http *httptest.Server

	lock     sync.Mutex
	got      []string // sequence and reference, in order
	gaps     []string
	delivery int // requests that came
	changed  chan struct{}
}

func openShop(t *testing.T, s *realServer, backfills bool) *shop {
	t.Helper()
	c := s.client(t)
	out := &shop{changed: make(chan struct{}, 1000)}
	out.Receiver.Handle = out.book
	out.OnGap = func(after, before int64) { out.gaps = append(out.gaps, fmt.Sprintf("%d..%d", after, before)) }
	if backfills {
		out.Client = c
	}
	out.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out.ServeHTTP(w, r)
		out.lock.Lock()
		out.delivery++
		out.lock.Unlock()
		out.changed <- struct{}{}
	}))
	t.Cleanup(out.http.Close)
	endpoint, err := c.WebhookEndpoints.Create(context.Background(), &CreateWebhookEndpoint{URL: out.http.URL})
	if err != nil {
		t.Fatal(err)
	}
	settings, err := c.AccountSettings.Get(context.Background())
	if err != nil || settings.Data.BusinessID == nil {
		t.Fatalf("no business id: %v", err)
	}
	out.Webhook = Webhook{Secret: *endpoint.Data.Secret, BusinessID: *settings.Data.BusinessID}
	return out
}

func (s *shop) book(_ context.Context, e *WebhookEvent) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.got = append(s.got, fmt.Sprint(e.Sequence))
	return nil
}

// until waits until the shop has done n events and had so many deliveries.
func (s *shop) until(t *testing.T, n, deliveries int) []string {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		s.lock.Lock()
		got, came := slices.Clone(s.got), s.delivery
		s.lock.Unlock()
		if len(got) >= n && came >= deliveries {
			return got
		}
		select {
		case <-s.changed:
		case <-deadline:
			t.Fatalf("after 30 s: events %v, %d deliveries; want %d and %d", got, came, n, deliveries)
		}
	}
}

func fault(t *testing.T, c *Client, rule string, nth int64) {
	t.Helper()
	match := &WebhookFaultMatch{Event: EventNamePaymentSessionSucceeded, Nth: &nth}
	if _, err := c.Sandbox.AddWebhookFaults(context.Background(), &AddWebhookFaults{Match: match, Rule: rule}); err != nil {
		t.Fatal(err)
	}
}

func TestTheReceiverDoesEachEventOnce(t *testing.T) {
	s := startServer(t, "--limits", "off")
	s.instant(t)
	c := s.client(t)
	shop := openShop(t, s, true)
	capture(t, c) // events 1, 2: the customer, the payment
	shop.until(t, 2, 2)
	shop.gaps = nil          // the second of the two may have come first
	fault(t, c, "lose", 1)   // event 3 never comes
	fault(t, c, "double", 1) // of those the rule before leaves: event 4 comes twice
	capture(t, c)
	capture(t, c)
	got := shop.until(t, 4, 4)
	slices.Sort(got)
	equal(t, "events", strings.Join(got, " "), "1 2 3 4")
	equal(t, "gaps", strings.Join(shop.gaps, " "), "2..4")
	equal(t, "position", shop.Position(), 4)
}

func TestTheReceiverTakesEventsInAnyOrder(t *testing.T) {
	s := startServer(t, "--limits", "off")
	s.instant(t)
	c := s.client(t)
	shop := openShop(t, s, true)
	capture(t, c)
	shop.until(t, 2, 2)
	fault(t, c, "reorder", 1)
	capture(t, c)
	capture(t, c)
	got := shop.until(t, 4, 4)
	equal(t, "events", strings.Join(got, " "), "1 2 3 4")
}

func TestTheReceiverCatchesUp(t *testing.T) {
	s := startServer(t, "--limits", "off")
	s.instant(t)
	c := s.client(t)
	capture(t, c)
	// Events get their numbers after the answer, by a sequencer.
	if _, err := c.Events.List(context.Background(), &EventsListQuery{After: new(int64(1)), Wait: new(int64(25))}); err != nil {
		t.Fatal(err)
	}
	var got []string
	r := &Receiver{Client: c, Handle: func(_ context.Context, e *WebhookEvent) error {
		got = append(got, e.Event)
		return nil
	}}
	r.StartAt(1)
	if err := r.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	equal(t, "events", strings.Join(got, " "), "payment.session.succeeded")
	equal(t, "position", r.Position(), 2)
}

func TestTheReceiverAnswersWithWhatItDid(t *testing.T) {
	v := readWebhookVectors(t).Vectors[0]
	fails := true
	r := &Receiver{Webhook: Webhook{Secret: v.Secret, Now: func() time.Time { return time.Unix(v.Timestamp, 0) }},
		Handle: func(context.Context, *WebhookEvent) error {
			if fails {
				return errors.New("the shop is closed")
			}
			return nil
		}}
	deliver := func(body string) int {
		req := httptest.NewRequest("POST", "/", strings.NewReader(body))
		req.Header = signedHeader(v.ID, v.Timestamp, v.Signature)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		return w.Code
	}
	equal(t, "work that fails", deliver(v.Body), 500)
	fails = false
	equal(t, "the same again", deliver(v.Body), 200)
	fails = true
	equal(t, "a repetition does nothing", deliver(v.Body), 200)
	equal(t, "a stranger", deliver(v.Body+" "), 401)
	equal(t, "too much", deliver(strings.Repeat(" ", webhookBytesMax+1)), 400)
}

func TestEventsWithoutAnIDAreToldApartByWhatTheySay(t *testing.T) {
	done := 0
	r := &Receiver{Handle: func(context.Context, *WebhookEvent) error { done++; return nil }}
	for _, data := range []string{`{"a":1}`, `{"a":2}`, `{"a":1}`} {
		if err := r.Receive(context.Background(), &WebhookEvent{Event: "e", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "handled", done, 2)
}
