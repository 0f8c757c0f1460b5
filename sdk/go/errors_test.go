package juicer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryErrorHasItsPlaceInTheTree(t *testing.T) {
	for text, want := range map[string]any{
		`400 {"error":{"code":"invalid_amount"}}`: new(*InvalidRequestError), "400": new(*InvalidRequestError), "401": new(*AuthenticationError), "403": new(*PermissionError),
		"404": new(*NotFoundError), `409 {"error":{"code":"resource_busy","retry":{"allowed":false}}}`: new(*ConflictError), "409": new(*ConflictError), "422": new(*ValidationError),
		`422 {"error":{"code":"idempotency_key_reused"}}`: new(*IdempotencyError), `409 {"error":{"code":"idempotency_of_another_server"}}`: new(*IdempotencyError),
		"429": new(*RateLimitError), "500": new(*ServerError), "503": new(*ServerError), "408": new(*ServerError), "520": new(*ServerError),
		"reset": new(*ConnectionError), "connect_refused": new(*ConnectionError), "dns_not_found": new(*ConnectionError), "tls_certificate": new(*ConnectionError),
		"read_timeout": new(*TimeoutError), "connect_timeout": new(*TimeoutError), "tls_timeout": new(*TimeoutError),
		"truncated_body 200": new(*InvalidResponseError), "invalid_response 200": new(*InvalidResponseError),
	} {
		r := parseReply(t, text)
		err := typed(&JuicerError{Status: r.status, Code: r.envelope.code, cause: context.DeadlineExceeded}, r.event)
		if !errors.As(err, want) {
			t.Errorf("%s is a %T", text, err)
		}
		var api *APIError
		var transport *TransportError
		if isAPI := errors.As(err, &api); isAPI == errors.As(err, &transport) || isAPI != (r.event == "") || base(err) == nil {
			t.Errorf("%s: %T stands at the wrong place", text, err)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %T hides its cause", text, err)
		}
	}
	if err := typed(&JuicerError{Status: 302}, ""); fmt.Sprintf("%T", err) != "*juicer.APIError" {
		t.Errorf("a redirect is a %T", err)
	}
	var timeout net.Error
	if late := error(&TimeoutError{&TransportError{&JuicerError{}}}); !errors.As(late, new(interface{ Timeout() bool })) || errors.As(late, &timeout) {
		t.Error("a TimeoutError does not say that it is one")
	}
}

const busyBody = `{"error":{"code":"overloaded","type":"api_error","message":"The server is busy.","outcome":"unknown","doc_url":"http://d/#overloaded","request_id":"req_1"}}`

func TestAnErrorSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		steps []step
		want  string
	}{
		"unknown":  {[]step{{status: 503, body: busyBody}}, "POST /payment-sessions: 503 overloaded: The server is busy. Money may have moved. Look it up before you try anything else: by its reference, or with Resume and the key k-1. Request req_4. See http://d/#overloaded"},
		"a field":  {[]step{{status: 422, body: `{"error":{"code":"validation_error","message":"The request was invalid","outcome":"not_attempted","errors":[{"field":"amount","code":"required","message":"Amount is required"}]}}`}}, "POST /payment-sessions: 422 validation_error: The request was invalid. amount: Amount is required. No money moved: nothing was attempted. Request req_1."},
		"a page":   {[]step{{status: 400, body: "<html>"}}, "POST /payment-sessions: 400. Money may have moved. Look it up before you try anything else: by its reference, or with Resume and the key k-1. Request req_1."},
		"new key":  {[]step{{status: 400, body: `{"error":{"code":"insufficient_funds","message":"Too low.","outcome":"refused","retry":{"allowed":true,"with":"new_key"}}}`}}, "POST /payment-sessions: 400 insufficient_funds: Too low. No money moved: it was refused. When the cause is gone, send it with a new key. Request req_1."},
		"too long": {[]step{{status: 429, headers: map[string]string{"Retry-After": "90"}}}, "POST /payment-sessions: 429. No money moved: nothing was attempted. The server asks to wait 1m30s; send it again then. Request req_1."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := simple(context.Background(), scripted(t, &script{steps: c.steps}), "POST", "/payment-sessions", WithIdempotencyKey("k-1"))
				if err == nil {
					t.Fatal("no error")
				}
				equal(t, "words", err.Error(), c.want)
			})
		})
	}
}

func TestABudgetStopIsTheClientsOwnDecisionWithTheServersErrorInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := scripted(t, &script{steps: []step{{status: 503, body: busyBody}}})
		c.account.tokens = 0
		_, err := simple(context.Background(), c, "GET", "/payments/{id}")
		var server *ServerError
		if !errors.As(err, &server) || server.Reason != ReasonBudgetExhausted || server.Code != "overloaded" || !strings.Contains(err.Error(), "decided by itself") {
			t.Errorf("got %v", err)
		}
	})
}

func TestTheSupportBundleHasEverythingButSecrets(t *testing.T) {
	secret := []string{"test_0000000000000000000000000000000HGh7u", "live_0000000000000000000000000000004DY1fB", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "4000 0000 0001 1009", "4000000000011009",
		"000102030405060708090a0b0c0d0e0f:d3f7a093fc48ee25f0bedcbd8c3e209f:635df62d3c6fe5e5455f5a7790b9b712"}
	synctest.Test(t, func(t *testing.T) {
		body := `{"error":{"code":"overloaded","message":"About ` + strings.Join(secret, " and ") + `"}}`
		_, err := simple(context.Background(), scripted(t, &script{steps: []step{{err: errReset}, {status: 503, body: body}}}), "POST", "/payouts", WithIdempotencyKey("order-1"))
		bundle := base(err).SupportBundle()
		for _, s := range secret {
			if strings.Contains(bundle, s) {
				t.Errorf("the bundle shows %s:\n%s", s, bundle)
			}
		}
		for _, want := range []string{"POST /payouts", "503", "overloaded", "About", "outcome: unknown", "order-1", "req_4", "connection reset", "attempt 1", "attempt 4", Version} {
			if want == "connection reset" {
				want = "reset"
			}
			if !strings.Contains(bundle, want) {
				t.Errorf("the bundle lacks %q:\n%s", want, bundle)
			}
		}
	})
}

func TestACallThatIsOverBeforeItBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{status: 200, body: createdBody}}}
		c := scripted(t, s)
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		time.Sleep(time.Second)
		_, err := post(ctx, c)
		var late *DeadlineError
		if !errors.As(err, &late) || late.Outcome != OutcomeNotAttempted || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %#v", err)
		}
		equal(t, "requests", len(s.seen), 0)
	})
}

func TestTheCallersDeadlineIsKept(t *testing.T) {
	for name, do := range map[string]func(*Client) error{
		"of the context": func(c *Client) error {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			_, err := post(ctx, c)
			return err
		},
		"of the option": func(c *Client) error {
			_, err := simple(context.Background(), c, "POST", "/payment-sessions", WithTimeout(2*time.Second))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{{status: 503, headers: map[string]string{"Retry-After": "1"}}, {took: never}}}
				start := time.Now()
				err := do(scripted(t, s, 0))
				var late *TimeoutError
				if !errors.As(err, &late) || late.Reason != ReasonDeadline {
					t.Errorf("got %v, want a TimeoutError for the reason deadline", err)
				}
				equal(t, "took", time.Since(start), 2*time.Second)
				equal(t, "what the server is told", s.seen[1].deadline, "490")
			})
		})
	}
}

func TestKeysOfJuicywayAreNotTrusted(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		url   string
		trust *bool
		want  Outcome
	}{
		{"https://api.juicyway.com", nil, OutcomeUnknown}, {"https://juicyway.com", nil, OutcomeUnknown}, {"https://notjuicyway.com", nil, OutcomeRefused},
		{"https://pay.example", nil, OutcomeRefused}, {"https://api.juicyway.com", &yes, OutcomeRefused}, {"https://pay.example", &no, OutcomeUnknown},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{{err: errReset}, {status: 400, body: `{"error":{"code":"insufficient_funds","outcome":"refused"}}`}}}
			client, err := New(Config{BaseURL: c.url, APIKey: "k", TrustKeys: c.trust, Transport: s})
			if err != nil {
				t.Fatal(err)
			}
			_, err = post(context.Background(), client)
			equal(t, c.url, base(err).Outcome, c.want)
		})
	}
}

func TestAClientSaysWhatItLacks(t *testing.T) {
	t.Setenv("JUICER_BASE_URL", "")
	t.Setenv("JUICER_API_KEY", "")
	for want, config := range map[string]Config{
		"juicer keys create": {BaseURL: "http://a"}, "JUICER_BASE_URL": {APIKey: "k"}, "no URL": {BaseURL: "localhost:8080", APIKey: "k"}, "characters": {BaseURL: "http://a", APIKey: "k\nx"},
	} {
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	t.Setenv("JUICER_BASE_URL", "http://127.0.0.1:1/")
	t.Setenv("JUICER_API_KEY", " test_k ")
	c, err := New(Config{})
	if err != nil || c.key != "test_k" || c.base.String() != "http://127.0.0.1:1" {
		t.Errorf("%v %+v", err, c)
	}
}

func TestWhatCannotBeSentIsNotTried(t *testing.T) {
	s := &script{steps: []step{{status: 200, body: createdBody}}}
	c, ctx := scripted(t, s), context.Background()
	for name, err := range map[string]error{
		"a key with a blank": second(simple(ctx, c, "POST", "/a", WithIdempotencyKey("a b"))),
		"a long key":         second(simple(ctx, c, "POST", "/a", WithIdempotencyKey(strings.Repeat("k", 256)))),
		"a broken header":    second(simple(ctx, c, "POST", "/a", WithHeader("X", "a\r\nb"))),
		"an empty id":        second(c.Payments.Get(ctx, "", nil)),
		"a body of channels": second(c.Do(ctx, "POST", "/a", nil, nil, make(chan int))),
	} {
		if err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	equal(t, "requests", len(s.seen), 0)
}

func second[T any](_ T, err error) error { return err }
