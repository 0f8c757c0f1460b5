package juicer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// TestMain lets the test binary be a program that is killed in the middle of a call.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JUICER_TEST_OUTBOX"); dir != "" {
		fmt.Fprintln(os.Stderr, payAndHang(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// payAndHang makes a payment whose answer does not come.
func payAndHang(dir string) error {
	box, err := OpenOutbox(dir)
	if err != nil {
		return err
	}
	c, err := New(Config{Outbox: box})
	if err != nil {
		return err
	}
	session := newSession()
	session.Reference = "crash-1"
	_, err = c.PaymentSessions.Create(context.Background(), session, WithIdempotencyKey("order-1"), WithHeader("Juicer-Fault", "hang=60000"))
	return err
}

func TestAWriteSurvivesSIGKILL(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx, dir := s.client(t), context.Background(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), "JUICER_TEST_OUTBOX="+dir, "JUICER_BASE_URL="+s.url, "JUICER_API_KEY="+s.key)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for { // until the server has made the payment, and holds the answer back
		var missing *NotFoundError
		_, err := c.Payments.Get(ctx, "crash-1", nil)
		if err == nil {
			break
		}
		if !errors.As(err, &missing) {
			t.Fatal(err)
		}
	}
	_ = child.Process.Kill() // SIGKILL
	_ = child.Wait()
	box, err := OpenOutbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	resumed, err := s.client(t, func(c *Config) { c.Outbox = box }).ResumeOutbox(ctx)
	if err != nil || len(resumed) != 1 || resumed[0].Err != nil {
		t.Fatalf("resumed %+v: %v", resumed, err)
	}
	r := resumed[0]
	equal(t, "key", r.Key, "order-1")
	equal(t, "replayed", r.Result.Replayed, true)
	page, err := c.Payments.List(ctx, nil)
	if err != nil || len(page.Data) != 1 {
		t.Errorf("%d payments, want one: %v", len(page.Data), err)
	}
	keys, err := box.Keys()
	equal(t, "left in the outbox", len(keys), 0)
	equal(t, "error", err, nil)
}

func TestTheOutboxIsOnDiskBeforeTheFirstByteLeaves(t *testing.T) {
	box, err := OpenOutbox(filepath.Join(t.TempDir(), "outbox"))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 503}, {status: 201, body: createdBody}}}
		looked := 0
		c, err := New(Config{BaseURL: "http://juicer.test", APIKey: "k", Outbox: box, Transport: eachAttempt{s, func(r *http.Request) {
			keys, err := box.Keys()
			if err != nil || len(keys) != 1 || keys[0] != r.Header.Get("Idempotency-Key") {
				t.Errorf("while the request leaves the outbox holds %v: %v", keys, err)
			}
			looked++
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := post(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		equal(t, "requests", looked, 2)
	})
}

func TestTheOutboxKeepsWhatIsNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		step step
		left int
	}{
		"success":       {step{status: 201, body: createdBody}, 0},
		"refused":       {step{status: 400, body: `{"error":{"outcome":"refused"}}`}, 0},
		"not attempted": {step{status: 401}, 0},
		"unknown":       {step{err: errReset}, 1},
		"pending":       {step{status: 409, body: inUseBody}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			box, err := OpenOutbox(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				client, err := New(Config{BaseURL: "http://juicer.test", APIKey: "k", Outbox: box, Transport: &script{steps: []step{c.step}}})
				if err != nil {
					t.Fatal(err)
				}
				_, _ = post(context.Background(), client) // how it ended is the row
				keys, err := box.Keys()
				if err != nil || len(keys) != c.left {
					t.Errorf("%v is left: %v", keys, err)
				}
			})
		})
	}
}

func TestAResumedWriteSendsTheSameBytes(t *testing.T) {
	box, err := OpenOutbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{err: errReset}, {err: errReset}, {err: errReset}, {err: errReset}, {status: 201, body: createdBody}}}
		c, err := New(Config{BaseURL: "http://juicer.test", APIKey: "k", Outbox: box, Transport: s})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := send[json.RawMessage](context.Background(), c, request{method: "POST", route: "/payouts/{id}", path: []string{"a/b"}, body: map[string]string{"a": "<&>"}}, nil); err == nil {
			t.Fatal("a reset is no success")
		}
		ended, err := c.ResumeOutbox(context.Background())
		if err != nil || len(ended) != 1 || ended[0].Err != nil || string(ended[0].Result.Data) == "" {
			t.Fatalf("%+v: %v", ended, err)
		}
		told{seen: s.seen}.sameRequest(t)
		equal(t, "path", s.seen[4].path, "/payouts/a%2Fb")
		equal(t, "body", s.seen[4].body, `{"a":"<&>"}`)
	})
}
