package problem

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const sandboxURL = "https://sandbox.juicer.example"

// The examples of the contract, and what is raised to get them.
func examples() []*Error {
	return []*Error{
		Invalid(
			Breach(FieldMustBePositive, "amount", nil),
			Breach(FieldNotAllowed, "currency", Details{"list": []string{"NGN", "USD", "CAD"}})),
		InvalidAPIKey.With(Details{"reason": "checksum"}),
		MissingAPIKey.With(nil),
		ExpiredAPIKey.With(Details{
			"expired_at": time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), "prefix": "test_Eeeby3a"}),
		TestKeyInProduction.With(Details{"environment": "live", "prefix": "test_Ky9Pf34"}),
		ProductionKeyInTest.With(Details{"environment": "test", "prefix": "live_CN6Zj4a"}),
		InsufficientPermissions.With(Details{
			"granted": []string{"payments:read"}, "required": "payouts:write"}),
		RateLimitExceeded.With(Details{"limit": "endpoint", "policy": "100;w=60"}).
			Advise(Again(SameKey, 3000)),
		ServerError.With(Details{"resource": map[string]string{
			"id": "01a20297-d678-7c1d-89ba-1d555790f82e", "type": "payout",
			"url": "https://sandbox.juicer.example/payouts/01a20297-d678-7c1d-89ba-1d555790f82e"}}).BrokeOff(RepeatableWork),
		ReferenceExists.With(Details{
			"differs": []string{"amount"}, "id": "01a20297-4dc0-74cd-9faf-fc8186734721", "kind": "payment session",
			"reference": "ord_1001", "status": "succeeded"}),
		InsufficientFunds.With(Details{"available": 90000, "currency": "NGN", "required": 152500}),
		ProbableDuplicate.With(Details{
			"age_seconds": 41, "id": "01a20297-d678-7c1d-89ba-1d555790f82e", "reference": "po_77", "status": "pending"}),
		IdempotencyKeyInUse.With(Details{"age_ms": 840, "request_id": "req_01m819ge10es0vfhb0nknb8xyj"}),
		IdempotencyKeyReused.With(Details{
			"differs": []string{"amount", "beneficiary.id"}, "request_id": "req_01m819ge10es0vfhb0nknb8xyj"}),
	}
}

func TestBodiesAreThoseOfTheContract(t *testing.T) {
	raised := map[string]*Error{}
	for _, e := range examples() {
		raised[e.Kind.Code] = e
	}
	files, err := filepath.Glob("testdata/examples/*.json")
	if err != nil || len(files) != len(raised) {
		t.Fatalf("%d examples, %d raised (%v)", len(files), len(raised), err)
	}
	for _, file := range files {
		code := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(code, func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			e := raised[code]
			if strays := e.Strays(); len(strays) > 0 {
				t.Errorf("strays: %v", strays)
			}
			if diff := cmp.Diff(string(bytes.TrimSpace(want)), string(e.Body(envelopeOf(t, want)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// envelopeOf takes from an example what only the request knows.
func envelopeOf(t *testing.T, example []byte) Envelope {
	t.Helper()
	var in struct {
		Error struct {
			RequestID string `json:"request_id"`
			DocURL    string `json:"doc_url"`
		} `json:"error"`
	}
	if err := json.Unmarshal(example, &in); err != nil {
		t.Fatal(err)
	}
	public, _, _ := strings.Cut(in.Error.DocURL, "/docs/errors")
	return Envelope{RequestID: in.Error.RequestID, PublicURL: public}
}

func TestBody(t *testing.T) {
	env := Envelope{RequestID: "req_1", PublicURL: sandboxURL, Environment: "test"}
	for name, test := range map[string]struct {
		err  *Error
		env  Envelope
		want []string
		not  []string
	}{
		"details are absent when there are none": {
			err: IncorrectPayoutPIN.With(nil), env: env, not: []string{`"details"`},
		},
		"the caller's request id joins the details": {
			err: NotFound.With(Details{"resource": "payment_session", "id": "x"}),
			env: Envelope{RequestID: "req_1", ClientRequestID: "mine", PublicURL: sandboxURL},
			want: []string{
				`"details":{"client_request_id":"mine","id":"x","resource":"payment_session"}`,
				`"message":"Payment session not found"`,
			},
		},
		"the caller's request id makes details by itself": {
			err:  MissingAPIKey.With(nil),
			env:  Envelope{ClientRequestID: "mine"},
			want: []string{`"details":{"client_request_id":"mine"}`},
		},
		"a bare code is the whole top-level message": {
			err:  InvalidAmount.With(Details{"minimum": 100, "maximum": 1000000000, "currency": "NGN", "method": "card"}),
			env:  env,
			want: []string{`"message":"invalid_amount: Amount must be between 100 and 1000000000."`, `},"message":"invalid_amount"}`},
		},
		"nothing is escaped for HTML": {
			err:  UnsupportedMediaType.With(Details{"content_type": "<a&b>"}),
			env:  env,
			want: []string{`"content_type":"<a&b>"`},
		},
		"keys are in byte order at every level of a detail": {
			err: PaymentInProgress.With(Details{"payment": struct {
				Status string         `json:"status"`
				Amount int            `json:"amount"`
				Meta   map[string]any `json:"metadata"`
			}{"processing", 1, map[string]any{"b": 1, "B": 2, "a": json.RawMessage(`1.50`)}}}),
			env:  env,
			want: []string{`"details":{"payment":{"amount":1,"metadata":{"B":2,"a":1.50,"b":1},"status":"processing"}}`},
		},
		"a detail that the row does not list stays inside": {
			err: NotFound.With(Details{"id": "x", "resource": "payment", "sql": "SELECT 1"}),
			env: env, not: []string{"sql", "SELECT"},
		},
		"a fill is in the message and not in the details": {
			err:  PaymentSessionExpired.With(Details{"expires_at": time.Date(2026, 1, 2, 3, 4, 5, 6000, time.FixedZone("", 3600))}),
			env:  env,
			want: []string{`expired at 2026-01-02T02:04:05.000006Z.`},
			not:  []string{`"expires_at"`, `"details"`},
		},
		"a detail that JSON cannot say becomes null": {
			err:  UnsupportedMediaType.With(Details{"content_type": make(chan int)}),
			env:  env,
			want: []string{`"details":{"content_type":null}`},
		},
		"a null leaves no gap in the sentence": {
			err:  LimitExceeded.With(Details{"limit": 20, "period": nil, "remaining": 0, "resets_at": nil}),
			env:  env,
			want: []string{`"message":"The limit is used up."`, `"period":null`, `"retry":{"after_ms":null,"allowed":false,"with":null}`},
		},
		"a validation error without a field still has its list": {
			err: ValidationError.With(nil), env: env, want: []string{`"errors":[]`},
		},
		"an outage without a time to come back says an hour": {
			err:  RailUnavailable.With(Details{"rail": "card", "reason": "not_configured"}),
			env:  env,
			want: []string{`"retry_after":3600`, `"allowed":false`, `"The card rail is not available."`},
		},
		"an outage with a time says it in seconds, rounded up": {
			err:  StorageUnavailable.With(nil).Advise(Again(SameKey, 1001)),
			env:  env,
			want: []string{`"retry_after":2`},
		},
		"a 500 has no retry_after": {
			err: ServerError.With(nil), env: env, not: []string{"retry_after"},
		},
		"the chosen sentence replaces the row's": {
			err:  InvalidRequest.With(Details{"Juicer-Fault": []string{"bad"}}).Say(InvalidHeader),
			env:  env,
			want: []string{`"message":"Invalid header"`, `"details":{"Juicer-Fault":["bad"]}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			body := string(test.err.Body(test.env))
			if !json.Valid([]byte(body)) {
				t.Errorf("not JSON: %s", body)
			}
			for _, part := range test.want {
				if !strings.Contains(body, part) {
					t.Errorf("%s\nis not in %s", part, body)
				}
			}
			for _, part := range test.not {
				if strings.Contains(body, part) {
					t.Errorf("%s\nis in %s", part, body)
				}
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	test := Envelope{Environment: "test"}
	for name, c := range map[string]struct {
		err  *Error
		env  Envelope
		want map[string][]string
	}{
		"a plain refusal": {NotFound.With(nil), test, map[string][]string{}},
		"401 names its realm and code": {MissingAPIKey.With(nil), test, map[string][]string{
			"Www-Authenticate": {`Bearer realm="juicer-test", error="missing_api_key"`}}},
		"401 in live": {TestKeyInProduction.With(nil), Envelope{Environment: "live"}, map[string][]string{
			"Www-Authenticate": {`Bearer realm="juicer-live", error="test_key_in_production"`}}},
		"405 lists what is allowed": {MethodNotAllowed.With(Details{"allowed": []string{"GET", "HEAD"}}), test,
			map[string][]string{"Allow": {"GET, HEAD"}}},
		"429 says the wait in both spellings": {RateLimitExceeded.With(nil).Advise(Again(SameKey, 2001)), test,
			map[string][]string{"Retry-After": {"3"}, "retry_after": {"3"}}},
		"503 says the wait in both spellings": {BankNotAvailable.With(nil), test,
			map[string][]string{"Retry-After": {"120"}, "retry_after": {"120"}}},
	} {
		t.Run(name, func(t *testing.T) {
			want := map[string][]string{
				"Cache-Control": {"no-store"}, "Content-Type": {"application/json; charset=utf-8"},
				"Juicer-Outcome": {string(c.err.Outcome())},
			}
			for name, v := range c.want {
				want[name] = v
			}
			if diff := cmp.Diff(want, map[string][]string(c.err.Headers(c.env))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStrangersBecomeServerErrors(t *testing.T) {
	stranger := errors.New("dial tcp 10.0.0.1: secret")
	e := From(fmt.Errorf("load payment: %w", stranger))
	if e.Kind != ServerError || !errors.Is(e, stranger) {
		t.Errorf("got %v", e)
	}
	known := fmt.Errorf("capture: %w", ResourceBusy.With(nil))
	if got := From(known); got.Kind != ResourceBusy {
		t.Errorf("a known problem was lost: %v", got)
	}
	if !ResourceBusy.Is(known) || NotFound.Is(known) {
		t.Error("Is does not tell kinds apart")
	}
}
