package problem

import (
	"net/http"
	"regexp"
	"slices"
	"testing"
)

func TestEveryKindIsComplete(t *testing.T) {
	for _, k := range All() {
		t.Run(k.Code, func(t *testing.T) {
			for _, fault := range faults(k) {
				t.Error(fault)
			}
		})
	}
}

func TestAnIncompleteKindIsNoticed(t *testing.T) {
	plant := func(change func(*Kind)) []string { k := *NotFound; change(&k); return faults(&k) }
	for name, change := range map[string]func(*Kind){
		"a code that is no wire word":      func(k *Kind) { k.Code = "Not found" },
		"a type that does not fit":         func(k *Kind) { k.Type = TypeAPI },
		"no outcome":                       func(k *Kind) { k.Outcome = "" },
		"a retry without a way":            func(k *Kind) { k.Retry.Allowed = true },
		"an empty message":                 func(k *Kind) { k.Message = "" },
		"a message with a name from afar":  func(k *Kind) { k.Message = "{colour} not found" },
		"details out of order":             func(k *Kind) { k.Details = []string{"resource", "id"} },
		"a fill that the message lacks":    func(k *Kind) { k.Fills = []string{"colour"} },
		"a bare code without its own text": func(k *Kind) { k.Bare = true },
		"no sandbox trigger":               func(k *Kind) { k.Sandbox = "" },
		"nothing to read":                  func(k *Kind) { k.Says = "" },
		"nobody who raises it":             func(k *Kind) { k.Decided = "" },
	} {
		t.Run(name, func(t *testing.T) {
			if len(plant(change)) == 0 {
				t.Error("not noticed")
			}
		})
	}
}

var wireWord = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

func faults(k *Kind) []string {
	var found []string
	claim := func(holds bool, fault string) {
		if !holds {
			found = append(found, fault)
		}
	}
	claim(wireWord.MatchString(k.Code), "code "+k.Code)
	claim(slices.Contains(typesOf(k.Status), k.Type), "type "+k.Type+" does not go with the status")
	for _, o := range append([]Outcome{k.Outcome}, k.Outcomes...) {
		claim(slices.Contains(outcomes, o), "outcome "+string(o))
	}
	claim(k.Retry.Allowed == (k.Retry.With != nil), "retry says how exactly when it is allowed")
	claim(k.Message != "", "no message")
	for _, p := range placeholder.FindAllString(k.Message, -1) {
		claim(k.knows(p), "message has"+p+", which is neither a detail nor a fill")
	}
	claim(slices.IsSorted(k.Details), "details are not in byte order")
	for _, name := range k.Fills {
		claim(regexp.MustCompile(`(?i)\{`+name+`\}`).MatchString(k.Message), "fill "+name+" is not in the message")
	}
	claim(k.Bare == regexp.MustCompile(`^`+k.Code+`: `).MatchString(k.Message), "bare codes, and they alone, lead their message")
	claim(k.Says != "" && k.When != "" && k.Sandbox != "" && k.Decided != "", "a text is missing")
	return found
}

var outcomes = []Outcome{NotAttempted, Refused, Pending, Unknown, Succeeded}

// typesOf is the table of types and statuses.
func typesOf(status int) []string {
	switch status {
	case http.StatusUnauthorized:
		return []string{TypeAuthentication}
	case http.StatusForbidden:
		return []string{TypePermission}
	case http.StatusTooManyRequests:
		return []string{TypeRateLimit}
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		return []string{TypeAPI}
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return []string{TypeInvalidRequest, TypeIdempotency}
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return []string{TypeInvalidRequest}
	}
	return nil
}

func TestEveryCodeIsUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range All() {
		if seen[k.Code] {
			t.Errorf("%s stands twice", k.Code)
		}
		seen[k.Code] = true
		if found, ok := ByCode(k.Code); !ok || found != k {
			t.Errorf("ByCode(%q) does not find it", k.Code)
		}
	}
	if _, ok := ByCode("no_such_code"); ok {
		t.Error("a code that does not exist is found")
	}
}

// The contract's table, told once more in the shortest form: a row that is lost
// or moved to another status shows here.
func TestTheCatalogueIsTheContracts(t *testing.T) {
	want := map[int][]string{
		400: {
			"malformed_json", "invalid_request", "invalid_idempotency_key", "invalid_mode", "not_batchable", "invalid_amount",
			"invalid_currency", "reference_exists", "duplicate_currency_wallet", "insufficient_funds", "limit_exceeded",
			"invalid_beneficiary", "incorrect_payout_pin", "invalid_encryption", "invalid_card", "payment_method_mismatch",
			"payment_session_completed", "payment_session_expired", "authentication_not_expected", "auth_type_mismatch",
			"payment_not_refundable", "refund_exceeds_payment", "bulk_transfer_not_open", "bulk_transfer_empty",
			"bulk_transfer_full", "invalid_status_transition", "wallet_not_active", "customer_not_verified",
			"invalid_account_number", "invalid_bank_code", "account_not_found", "quote_expired", "quote_mismatch",
			"quote_already_used", "order_not_open",
		},
		401: {
			"missing_api_key", "invalid_api_key", "expired_api_key", "revoked_api_key", "test_key_in_production",
			"production_key_in_test",
		},
		403: {"insufficient_permissions"},
		404: {"not_found", "route_not_found"},
		405: {"method_not_allowed"},
		409: {
			"payment_in_progress", "resource_busy", "probable_duplicate", "customer_exists", "beneficiary_exists",
			"balance_not_zero", "idempotency_key_in_use", "idempotency_key_expired",
		},
		413: {"payload_too_large"},
		415: {"unsupported_media_type"},
		422: {"validation_error", "idempotency_key_reused"},
		429: {"rate_limit_exceeded"},
		500: {"server_error"},
		503: {"rail_unavailable", "bank_not_available", "storage_unavailable", "overloaded", "request_timeout"},
	}
	got := map[int][]string{}
	for _, k := range All() {
		got[k.Status] = append(got[k.Status], k.Code)
	}
	for status, codes := range want {
		if !slices.Equal(got[status], codes) {
			t.Errorf("status %d:\n got %v\nwant %v", status, got[status], codes)
		}
	}
	if len(got) != len(want) {
		t.Errorf("statuses: got %d, want %d", len(got), len(want))
	}
}

func TestOnlyFourCodesAreBare(t *testing.T) {
	var bare []string
	for _, k := range All() {
		if k.Bare {
			bare = append(bare, k.Code)
		}
	}
	want := []string{"invalid_amount", "invalid_currency", "reference_exists", "duplicate_currency_wallet"}
	if !slices.Equal(bare, want) {
		t.Errorf("got %v, want %v", bare, want)
	}
}
