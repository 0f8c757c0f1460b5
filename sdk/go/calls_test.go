package juicer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Calls against a real server that are more than one request.

func TestABatchEndsEachItemByItself(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx := s.client(t), context.Background()
	body := newSession()
	results, err := c.Batch(ctx, []BatchItem{
		{Method: "POST", Path: "/payment-sessions", Body: body},
		{Method: "GET", Path: "/payments/" + body.Reference},
		{Method: "GET", Path: "/payments/nobody"},
		{Method: "POST", Path: "/payment-sessions", Body: map[string]any{"amount": -1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var created Session
	if results[0].Err != nil || json.Unmarshal(results[0].Result.Data, &created) != nil || created.Payment.Reference != body.Reference || results[0].Key == "" {
		t.Errorf("the first item: %+v", results[0])
	}
	equal(t, "outcome of the first", results[0].Result.Outcome(), OutcomeNotAttempted)
	if results[1].Err != nil || results[1].Key != "" {
		t.Errorf("the second item: %+v", results[1])
	}
	var missing *NotFoundError
	equal(t, "the third is not found", errors.As(results[2].Err, &missing), true)
	var invalid *ValidationError
	if !errors.As(results[3].Err, &invalid) || len(invalid.Fields) == 0 || invalid.Outcome != OutcomeNotAttempted {
		t.Errorf("the fourth item: %v", results[3].Err)
	}
}

func TestWaitEndsWithThePayment(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx := s.client(t), context.Background()
	id := capture(t, c)
	paid, err := c.Payments.Wait(ctx, id)
	if err != nil || !paid.Succeeded() {
		t.Fatalf("%v %+v", err, paid)
	}
	session, err := c.PaymentSessions.Create(ctx, newSession())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	last, err := c.Payments.Wait(ctx, session.Data.ID)
	if err == nil {
		t.Errorf("a payment that nobody pays ended as %+v", last)
	}
}

func TestWaitLeavesAServerAloneThatDoesNotHoldReadsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pending, paid := step{status: 200, body: `{"data":{"status":"pending"}}`}, step{status: 200, body: `{"data":{"status":"succeeded"}}`}
		s := &script{steps: []step{pending, pending, paid}}
		start := time.Now()
		out, err := scripted(t, s).Payments.Wait(context.Background(), "ord_1")
		if err != nil || !out.Succeeded() {
			t.Fatalf("%v %+v", err, out)
		}
		equal(t, "took", time.Since(start), 2*pollPause+30*time.Millisecond)
		equal(t, "asks", s.seen[0].path, "/payments/ord_1?wait=25")
	})
}

func TestResumeTellsWhatBecameOfAKey(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx := s.client(t), context.Background()
	session, err := c.PaymentSessions.Create(ctx, newSession(), WithIdempotencyKey("order-7/1"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Resume(ctx, "order-7/1")
	if err != nil || found.Data.State != "completed" || found.Data.Resource.ID != session.Data.ID {
		t.Errorf("%v %+v", err, found)
	}
	var missing *NotFoundError
	if _, err := c.Resume(ctx, "never-sent"); !errors.As(err, &missing) {
		t.Errorf("got %v, want a NotFoundError", err)
	}
}

func TestAllPagesAreWalked(t *testing.T) {
	s := startServer(t, "--limits", "off")
	c, ctx := s.client(t), context.Background()
	var want []string
	for range 7 {
		session, err := c.PaymentSessions.Create(ctx, newSession())
		if err != nil {
			t.Fatal(err)
		}
		want = append([]string{session.Data.ID}, want...)
	}
	var got []string
	query := PaymentsListQuery{Limit: new(int64(3))}
	for p, err := range c.Payments.ListAll(ctx, &query) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.ID)
	}
	equal(t, "payments", strings.Join(got, " "), strings.Join(want, " "))
	equal(t, "the caller's query", query.After, "")
	for range c.Payments.ListAll(ctx, &query) {
		break // a walk may end early
	}
	for e, err := range c.Events.ListAll(ctx, &EventsListQuery{Limit: new(int64(1))}) { // cursors that are numbers
		if err != nil || e.Sequence == 0 {
			t.Fatal(err)
		}
	}
	for _, err := range c.Payments.ListAll(ctx, &PaymentsListQuery{Limit: new(int64(0))}) {
		var invalid *InvalidRequestError
		equal(t, "a bad query is yielded", errors.As(err, &invalid), true)
	}
}

func TestADeclineIsAnErrorForThoseWhoWantIt(t *testing.T) {
	s := startServer(t, "--limits", "off")
	s.instant(t)
	ctx, calm := context.Background(), s.client(t)
	strict := s.client(t, func(c *Config) { c.RaiseOnDecline = true })
	try := func(c *Client, options ...Option) (*Result[Session], error) {
		session, err := c.PaymentSessions.Create(ctx, newSession())
		if err != nil {
			t.Fatal(err)
		}
		card, err := c.Cards.Encrypt(ctx, poorCard())
		if err != nil {
			t.Fatal(err)
		}
		return c.PaymentSessions.Capture(ctx, session.Data.ID, &Capture{Card: card}, options...)
	}
	out, err := try(calm)
	if err != nil || out.Succeeded() || out.Outcome() != OutcomeRefused || out.Failure().Code != FailureCodeInsufficientFunds {
		t.Errorf("%v %+v", err, out)
	}
	var declined *PaymentDeclined
	if _, err := try(strict); !errors.As(err, &declined) || declined.Failure.Code != FailureCodeInsufficientFunds || declined.Outcome != OutcomeRefused || declined.RequestID() == "" {
		t.Errorf("got %v, want a PaymentDeclined", err)
	}
	if _, err := try(strict, WithRaiseOnDecline(false)); err != nil {
		t.Error(err)
	}
	if out, err := try(calm, WithRaiseOnDecline(true)); !errors.As(err, &declined) || out == nil {
		t.Errorf("got %v and %v, want the answer and a PaymentDeclined", out, err)
	}
}

func TestAnswersThatAreNotWrapped(t *testing.T) {
	s := startServer(t, "--limits", "off")
	out, err := s.client(t).AccountSettings.AddWebhooks(context.Background(), &AddWebhooks{URLs: []string{"http://127.0.0.1:9/hook"}})
	if err != nil || fmt.Sprint(out.Data.WebhookURLs) != "[http://127.0.0.1:9/hook]" {
		t.Errorf("%v %+v", err, out)
	}
}

func TestOutcomesOfServersThatDoNotSayThem(t *testing.T) {
	for body, want := range map[string]Outcome{
		`{"data":{"status":"succeeded"}}`:                                               OutcomeSucceeded,
		`{"data":{"status":"captured","payment":{"status":"failed"}}}`:                  OutcomeRefused,
		`{"data":{"status":"pending","payment":{"status":"processing"}}}`:               OutcomePending,
		`{"data":{"status":"authenticating"}}`:                                          OutcomePending,
		`{"data":{"status":"cancelled"}}`:                                               OutcomeRefused,
		`{"data":{"status":"wonderful"}}`:                                               "",
		`{"data":["a"]}`:                                                                "",
		`{"data":{"status":"failed"},"money":{"outcome":"unknown","retry":{}}}`:         OutcomeUnknown,
		`{"money":{"outcome":"succeeded","retry":{}},"data":{"status":"nobody knows"}}`: OutcomeSucceeded,
	} {
		out := &Result[any]{Raw: []byte(body)}
		if err := out.into(out.Raw); err != nil || out.Outcome() != want {
			t.Errorf("%s: %v %q, want %q", body, err, out.Outcome(), want)
		}
	}
}
