package juicer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const banksBody = `{"data":[{"code":"999001","name":"Steady Bank"}]}`

func cacheable(etag, control string) step {
	return step{status: 200, body: banksBody, headers: map[string]string{"Etag": etag, "Cache-Control": control}}
}

func cached(t *testing.T, s *script) *Client {
	t.Helper()
	c := scripted(t, s)
	c.cache = NewCache(10)
	return c
}

func banks(c *Client) (*Result[[]Bank], error) {
	return c.PaymentMethods.Banks(context.Background(), nil)
}

func TestFreshAnswersComeFromTheCacheAndOldOnesAreAskedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{cacheable(`"1"`, "private, max-age=60"), {status: 304}, cacheable(`"2"`, "private, max-age=60")}}
		c := cached(t, s)
		for _, wait := range []time.Duration{0, 59 * time.Second, 2 * time.Second, 30 * time.Second, 31 * time.Second} {
			time.Sleep(wait) // virtual
			out, err := banks(c)
			if err != nil || len(out.Data) != 1 || out.Stale {
				t.Fatalf("%v %+v", err, out)
			}
		}
		equal(t, "requests", len(s.seen), 3)
		equal(t, "first asks plainly", s.seen[0].header.Get("If-None-Match"), "")
		equal(t, "second asks with the ETag", s.seen[1].header.Get("If-None-Match"), `"1"`)
		equal(t, "third too", s.seen[2].header.Get("If-None-Match"), `"1"`)
	})
}

func TestReferenceDataIsBetterStaleThanMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{cacheable(`"1"`, "max-age=1"), {status: 503}}}
		c := cached(t, s)
		if _, err := banks(c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		out, err := banks(c)
		if err != nil || !out.Stale || len(out.Data) != 1 || len(out.Attempts) != 4 {
			t.Errorf("%v %+v", err, out)
		}
	})
}

func TestWhatIsNeverStale(t *testing.T) {
	for name, c := range map[string]struct {
		route string
		then  step
		want  any
	}{
		"a payment":             {"/payments/{id}", step{status: 503}, new(*ServerError)},
		"banks for a stranger":  {"/payment-methods/banks", step{status: 401}, new(*AuthenticationError)},
		"banks over the limits": {"/payment-methods/banks", step{status: 429}, new(*RateLimitError)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := cached(t, &script{steps: []step{{status: 200, body: createdBody, headers: map[string]string{"Etag": `"1"`, "Cache-Control": "private, no-cache"}}, c.then}})
				if _, err := simple(context.Background(), client, "GET", c.route); err != nil {
					t.Fatal(err)
				}
				if _, err := simple(context.Background(), client, "GET", c.route); !errors.As(err, c.want) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestLifetimes(t *testing.T) {
	for control, want := range map[string]string{
		"private, max-age=86400": "24h0m0s true", "private, no-cache": "0s true", "no-store": "0s false", "": "0s false",
		"max-age=60, no-store": "0s false", "Max-Age=60": "1m0s true", "max-age=-1": "0s false", "max-age=99999999999999": "0s false", "private": "0s true",
	} {
		age, store := lifetime(control)
		equal(t, control, fmt.Sprint(age, store), want)
	}
}

func TestIdenticalReadsShareOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 200, body: banksBody, headers: map[string]string{"Cache-Control": "no-store"}}}}
		c := cached(t, s)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if out, err := banks(c); err != nil || len(out.Data) != 1 {
					t.Error(err)
				}
			})
		}
		all.Wait()
		equal(t, "requests", len(s.seen), 1)
		if _, err := banks(c); err != nil {
			t.Error(err)
		}
		equal(t, "requests afterwards", len(s.seen), 2)
	})
}

func TestOneWhoGoesAwayDoesNotTakeTheOthersAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{took: time.Second, status: 200, body: banksBody}}}
		c := cached(t, s)
		ctx, cancel := context.WithCancel(context.Background())
		var all sync.WaitGroup
		all.Go(func() {
			var cancelled *CancelledError
			if _, err := c.PaymentMethods.Banks(ctx, nil); !errors.As(err, &cancelled) {
				t.Errorf("got %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if _, err := banks(c); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() { // one who waits for another may go too
			late, stop := context.WithTimeout(context.Background(), time.Millisecond)
			defer stop()
			if _, err := c.PaymentMethods.Banks(late, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
		time.Sleep(100 * time.Millisecond)
		cancel()
		all.Wait()
		equal(t, "requests", len(s.seen), 2)
	})
}

func TestTheCacheKeepsToItsLimit(t *testing.T) {
	c := NewCache(3)
	for i := range 50 {
		c.keep(fmt.Sprint(i), answer{}, "max-age=60", "")
	}
	equal(t, "kept", len(c.kept), 3)
}

func TestTheRealServersAnswersAreCached(t *testing.T) {
	s := startServer(t)
	c := s.client(t, func(c *Config) { c.Cache = NewCache(100) })
	id := capture(t, c)
	ctx := context.Background()
	for range 3 {
		if _, err := c.Cards.Encrypt(ctx, goodCard()); err != nil {
			t.Fatal(err)
		}
	}
	first, err := c.Payments.Get(ctx, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Payments.Get(ctx, id, nil)
	if err != nil || second.Attempts[0].Status != 304 || second.Data.ID != first.Data.ID || !second.Succeeded() {
		t.Errorf("%v %+v", err, second)
	}
	log, err := c.Requests.List(ctx, &RequestsListQuery{Path: "/payment-sessions/encryption-keys/test"})
	if err != nil || len(log.Data) != 1 {
		t.Errorf("the key was fetched %d times: %v", len(log.Data), err)
	}
}

func TestReadsOfOneMomentAreGathered(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c := s.client(t, func(c *Config) { c.Gather = 20 * time.Millisecond })
	ctx := context.Background()
	var ids, references []string
	for range 5 {
		out, err := c.PaymentSessions.Create(ctx, newSession())
		if err != nil {
			t.Fatal(err)
		}
		ids, references = append(ids, out.Data.ID), append(references, out.Data.Payment.Reference)
	}
	var all sync.WaitGroup
	for i, name := range append(append(ids, references...), ids[0]) {
		all.Go(func() {
			out, err := c.Payments.Get(ctx, name, nil)
			if err != nil || out.Data.ID != ids[i%5] {
				t.Errorf("%s: %v %+v", name, err, out)
			}
		})
	}
	all.Go(func() {
		var missing *NotFoundError
		if _, err := c.Payments.Get(ctx, "nobody", nil); !errors.As(err, &missing) {
			t.Errorf("got %v", err)
		}
	})
	all.Wait()
	log, err := c.Requests.List(ctx, &RequestsListQuery{Path: "/payments"})
	if err != nil || len(log.Data) != 2 {
		t.Errorf("%d list requests, want one by ids and one by references: %v", len(log.Data), err)
	}
}

func TestAGatheredReadMayBeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := scripted(t, &script{steps: []step{{status: 200, body: `{"data":[],"missing":["a"],"pagination":{}}`}}})
		c.gather = &gatherer{client: c, window: time.Second}
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := c.Payments.Get(ctx, "a", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(2 * time.Second)
		c.gather.mu.Lock()
		defer c.gather.mu.Unlock()
		if len(c.gather.now) != 0 {
			t.Errorf("left: %v", c.gather.now)
		}
	})
}
