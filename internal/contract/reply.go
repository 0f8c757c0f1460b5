package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

var requestIDForm = regexp.MustCompile(`^req_[0-9a-hjkmnp-tv-z]{26}$`)

const jsonContentType = "application/json; charset=utf-8"

// envelope is what every JSON reply is read as; absent parts stay nil.
type envelope struct {
	Message *string         `json:"message"`
	Errors  json.RawMessage `json:"errors"`
	Error   *struct {
		Code       string          `json:"code"`
		Message    string          `json:"message"`
		Outcome    string          `json:"outcome"`
		RequestID  string          `json:"request_id"`
		DocURL     string          `json:"doc_url"`
		Errors     json.RawMessage `json:"errors"`
		RetryAfter *int64          `json:"retry_after"`
		Retry      struct {
			AfterMS *int64 `json:"after_ms"`
		} `json:"retry"`
	} `json:"error"`
	Money *struct {
		Outcome string `json:"outcome"`
	} `json:"money"`
}

// bareCodes have the code itself as their top-level message.
var bareCodes = map[string]bool{
	"invalid_amount": true, "invalid_currency": true, "reference_exists": true, "duplicate_currency_wallet": true,
}

// replyBreaches are those against the rules of every reply, whatever its route.
func replyBreaches(x exchange) []error {
	var breaches []error
	if id := x.header.Get("X-Request-Id"); !requestIDForm.MatchString(id) {
		breaches = append(breaches, fmt.Errorf("header X-Request-Id: %q has another form", id))
	}
	media, _, _ := mime.ParseMediaType(x.header.Get("Content-Type"))
	if len(x.body) == 0 || media == "text/html" || media == "text/csv" {
		return breaches
	}
	if got := x.header.Get("Content-Type"); got != jsonContentType {
		breaches = append(breaches, fmt.Errorf("header Content-Type: got %q, want %q", got, jsonContentType))
	}
	breaches = append(breaches, canonicalBreaches(x.body)...)
	var e envelope
	if err := json.Unmarshal(x.body, &e); err != nil {
		return append(breaches, fmt.Errorf("reply cannot be read: %w", err))
	}
	if e.Error != nil || x.status >= 400 {
		return append(breaches, refusalBreaches(x, e)...)
	}
	return append(breaches, successBreaches(x, e)...)
}

func successBreaches(x exchange, e envelope) []error {
	var breaches []error
	if e.Message != nil || e.Errors != nil {
		breaches = append(breaches, errors.New("a success carries message or errors at its top level"))
	}
	want := ""
	if e.Money != nil {
		want = e.Money.Outcome
	}
	if got := x.header.Get("Juicer-Outcome"); got != want {
		breaches = append(breaches, fmt.Errorf("header Juicer-Outcome: got %q, money.outcome is %q", got, want))
	}
	return breaches
}

func refusalBreaches(x exchange, e envelope) []error {
	if e.Error == nil {
		return []error{fmt.Errorf("status %d without an error", x.status)}
	}
	if e.Message == nil {
		return []error{errors.New("a refusal without a top-level message")}
	}
	var breaches []error
	equal := func(what, got, want string) {
		if got != want {
			breaches = append(breaches, fmt.Errorf("%s: got %q, want %q", what, got, want))
		}
	}
	if x.status < 400 {
		breaches = append(breaches, fmt.Errorf("an error with status %d", x.status))
	}
	equal("header X-Request-Id against error.request_id", x.header.Get("X-Request-Id"), e.Error.RequestID)
	equal("header Juicer-Outcome against error.outcome", x.header.Get("Juicer-Outcome"), e.Error.Outcome)
	equal("top-level message", *e.Message, topMessage(e))
	if !reflect.DeepEqual(compact(e.Errors), compact(e.Error.Errors)) {
		breaches = append(breaches, errors.New("top-level errors do not mirror error.errors"))
	}
	if !strings.HasSuffix(e.Error.DocURL, "/docs/errors#"+e.Error.Code) {
		breaches = append(breaches, fmt.Errorf("error.doc_url %q does not lead to the code", e.Error.DocURL))
	}
	if x.status == http.StatusUnauthorized {
		want := fmt.Sprintf(`Bearer realm="juicer-%s", error="%s"`, x.header.Get("Juicer-Environment"), e.Error.Code)
		equal("header WWW-Authenticate", x.header.Get("WWW-Authenticate"), want)
	}
	return append(breaches, waitBreaches(x, e)...)
}

func topMessage(e envelope) string {
	if bareCodes[e.Error.Code] {
		return e.Error.Code
	}
	return e.Error.Message
}

// noWaitSeconds stands in retry_after of a 503 that no wait will cure.
const noWaitSeconds = 3600

// waitBreaches: 429 and 503 say the same wait four times, all others never.
func waitBreaches(x exchange, e envelope) []error {
	if x.status != http.StatusTooManyRequests && x.status != http.StatusServiceUnavailable {
		if e.Error.RetryAfter != nil || x.header.Get("Retry-After") != "" || x.header.Get("retry_after") != "" {
			return []error{fmt.Errorf("status %d carries a retry_after", x.status)}
		}
		return nil
	}
	if e.Error.RetryAfter == nil {
		return []error{errors.New("error.retry_after is missing")}
	}
	var breaches []error
	text := strconv.FormatInt(*e.Error.RetryAfter, 10)
	for _, name := range []string{"Retry-After", "retry_after"} {
		if got := x.header.Get(name); got != text {
			breaches = append(breaches, fmt.Errorf("header %s: got %q, error.retry_after is %s", name, got, text))
		}
	}
	want := int64(noWaitSeconds)
	if e.Error.Retry.AfterMS != nil {
		want = (*e.Error.Retry.AfterMS + 999) / 1000
	}
	if *e.Error.RetryAfter != want {
		breaches = append(breaches, fmt.Errorf("error.retry_after is %s, error.retry.after_ms means %d", text, want))
	}
	return breaches
}

func compact(raw json.RawMessage) string {
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return string(raw)
	}
	return out.String()
}
