package api_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/party"
)

// last is the sequence of the event before the newest.
func last(e *nodetest.Env) int {
	e.T.Helper()
	rows := e.Do("GET", "/events?limit=100", nil).At("data").([]any)
	return len(rows) - 1
}

// ordered orders a payout with some fields changed: name, value, ...
func ordered(e *nodetest.Env, reference, account string, changes ...any) nodetest.Answer {
	e.T.Helper()
	return e.Do("POST", "/payouts", with(nodetest.Payout(reference, e.Beneficiary(account, "999001")), changes...))
}

func TestAPayoutIsPendingFirstAndThenTold(t *testing.T) {
	e := frozen(start(t))
	for _, c := range []struct{ account, state, event string }{
		{"0690000031", "succeeded", "payout.succeeded"}, {"0690009112", "failed", "payout.failed"}, {"0690009141", "reversed", "payout.reversed"},
	} {
		made := ordered(e, "po_"+c.account, c.account, "metadata", map[string]any{"a": 1, "b": 1.5})
		if made.Status != http.StatusCreated || made.Text("data.state") != "pending" || made.Text("money.outcome") != "pending" {
			t.Fatalf("got %d %s, want it pending", made.Status, made.Body)
		}
		e.Advance(2 * minute)
		now := e.Do("GET", "/payouts/po_"+c.account, nil)
		if now.Text("data.state") != c.state {
			t.Errorf("later it is %s, want %s", now.Body, c.state)
		}
		golden(t, filepath.Join("testdata/payouts", c.state+".http"), e, now)
		golden(t, filepath.Join("testdata/payouts", "event_"+c.state+".http"), e, e.Do("GET", "/events?limit=1&event="+c.event+"&after="+fmt.Sprint(last(e)), nil))
	}
	e.Clean()
}

func TestPayoutsToAccountsOfAllTypes(t *testing.T) {
	e := frozen(start(t))
	for _, c := range []struct {
		name string
		kind party.BeneficiaryType
		c    money.Currency
		d    party.Details
	}{
		{"wire", party.ToBank, money.USD, party.Details{AccountName: "ADA OBI", AccountNumber: "000123", BankName: "First Bank", RoutingNumber: "021000021", Rail: party.Wire}},
		{"interac", party.ToInterac, money.CAD, party.Details{Email: "ada@example.com", FirstName: "Ada", LastName: "Obi"}},
		{"crypto", party.ToCrypto, money.USDT, party.Details{Chain: "TRX", CryptoAddress: "TQ5nV1h7mXbWc8RfKp2yZsD3uJ6eGt9LqA"}},
	} {
		to := e.BeneficiaryOf(c.kind, c.c, c.d)
		a := e.Do("POST", "/payouts", map[string]any{"amount": 20000, "beneficiary_id": to, "beneficiary_type": c.kind, "destination_currency": c.c,
			"fee_charged_to": "recipient", "reference": c.name, "source_currency": c.c})
		if a.Status != http.StatusCreated {
			t.Fatalf("%s: got %d %s", c.name, a.Status, a.Body)
		}
		e.Advance(second)
		a = e.Do("GET", "/payouts/"+c.name, nil)
		if a.Text("data.state") != "succeeded" {
			t.Errorf("%s: %s", c.name, a.Body)
		}
		golden(t, filepath.Join("testdata/payouts", "to_"+c.name+".http"), e, a)
	}
	e.Clean()
}

func TestAPayoutFromAnotherCurrencyShowsItsRate(t *testing.T) {
	e := frozen(start(t))
	quote := set(e, "GET", "/exchange/quote?source_currency=CAD&target_currency=NGN", nil)
	a := ordered(e, "po_1", "0690000031", "source_currency", "CAD", "quote_id", quote.Text("data.id"))
	if a.Status != http.StatusCreated || a.Text("data.rate") != "1030.00" || a.At("data.source_amount") != float64(149) {
		t.Errorf("got %d %s, want 152500 NGN minor units for 149 CAD minor units at 1030.00", a.Status, a.Body)
	}
	again := ordered(e, "po_2", "0690009999", "source_currency", "CAD", "quote_id", quote.Text("data.id"))
	refused(t, again, "quote_already_used")
	if again.Text("error.details.resource_id") != a.Text("data.id") {
		t.Errorf("the quote names %s as its user, want %s", again.Body, a.Text("data.id"))
	}
	golden(t, "testdata/payouts/exchanged.http", e, a)
	e.Advance(second)
	e.Clean()
}

func refused(t *testing.T, a nodetest.Answer, code string) {
	t.Helper()
	if a.Text("error.code") != code {
		t.Errorf("got %d %s, want %s", a.Status, a.Body, code)
	}
}

func TestARepeatedPayoutIsTheFirstOne(t *testing.T) {
	e := start(t)
	to := e.Beneficiary("0690000031", "999001")
	body := nodetest.Payout("po_1", to)
	first := e.Do("POST", "/payouts", body, "Idempotency-Key", "k1")
	if a := e.Do("POST", "/payouts", body, "Idempotency-Key", "k1"); string(a.Body) != string(first.Body) || a.Header.Get("Idempotent-Replayed") != "true" || a.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("the same key gave %s, first %s", a.Body, first.Body)
	}
	e.Do("GET", "/payouts/po_1?wait=5", nil)
	set(e, "DELETE", "/beneficiaries/"+to, nil)
	a := e.Do("POST", "/payouts", with(body, "description", "Other words"), "Idempotency-Key", "k2")
	if a.Status != http.StatusCreated || a.Text("data.id") != first.Text("data.id") || a.Text("data.state") != "succeeded" || a.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the same reference gave %d %s, want the first one as it is now", a.Status, a.Body)
	}
	for field, value := range map[string]any{"amount": 150001, "source_currency": "CAD", "destination_currency": "CAD", "fee_charged_to": "recipient",
		"beneficiary.id": e.Beneficiary("0690000032", "999001")} {
		changed := with(body, field, value)
		if field == "beneficiary.id" {
			changed = with(body, "beneficiary", map[string]any{"id": value, "type": "bank_account"})
		}
		a := e.Do("POST", "/payouts", changed)
		refused(t, a, "reference_exists")
		if got := fmt.Sprint(a.At("error.details.differs")); got != "["+field+"]" {
			t.Errorf("with another %s %s differ", field, got)
		}
	}
	if a := e.Do("GET", "/idempotency-keys/k1", nil); a.Text("data.resource.state") != "succeeded" || a.Text("data.resource.type") != "payout" || a.Text("data.outcome") != "succeeded" {
		t.Errorf("what became of the key: %s", a.Body)
	}
	e.Clean()
}

func TestARefusedPayoutIsKeptUnderItsKeyAndIsNoPayout(t *testing.T) {
	e := start(t)
	body := nodetest.Payout("po_1", e.Beneficiary("0690000031", "999001"))
	withdraw(e, money.NGN, 100)
	first := e.Do("POST", "/payouts", body, "Idempotency-Key", "k1")
	refused(t, first, "insufficient_funds")
	set(e, "POST", "/sandbox/wallets/fund", map[string]any{"currency": "NGN", "amount": 1_000_000})
	again := e.Do("POST", "/payouts", body, "Idempotency-Key", "k1")
	refused(t, again, "insufficient_funds")
	if a := e.Do("GET", "/idempotency-keys/k1", nil); a.At("data.resource") != nil || a.Text("data.outcome") != "refused" {
		t.Errorf("what became of the key: %s", a.Body)
	}
	if a := e.Do("POST", "/payouts", body, "Idempotency-Key", "k2"); a.Status != http.StatusCreated {
		t.Errorf("with another key: %d %s, want it made: a refusal holds no reference", a.Status, a.Body)
	}
	upper := with(body, "beneficiary", map[string]any{"id": strings.ToUpper(body["beneficiary"].(map[string]any)["id"].(string)), "type": "bank_account"})
	if a := e.Do("POST", "/payouts", upper); a.Status != http.StatusCreated || a.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the beneficiary's id in capitals: %d %s, want the first payout", a.Status, a.Body)
	}
	e.Do("GET", "/payouts/po_1?wait=5", nil)
	e.Clean()
}

func TestFieldsOfAPayoutAreCheckedAllAtOnce(t *testing.T) {
	e := start(t)
	a := e.Do("POST", "/payouts", `{"amount":1.5,"beneficiary":{"id":"x","type":"cheque","colour":1},"description":"`+strings.Repeat("x", 201)+`","destination_currency":"GHS",
		"fee_charged_to":"nobody","pin":"12a4","metadata":[1],"quote_id":7,"allow_duplicate":"yes","reference":"two words","size":1}`)
	refused(t, a, "validation_error")
	got := []string{}
	for _, f := range a.At("error.errors").([]any) {
		got = append(got, f.(map[string]any)["field"].(string)+" "+f.(map[string]any)["code"].(string))
	}
	want := []string{"amount must_be_integer", "beneficiary.type not_allowed", "beneficiary.colour unknown_field", "description too_long",
		"destination_currency not_allowed", "fee_charged_to not_allowed", "pin invalid_format", "metadata invalid_type", "quote_id invalid_type",
		"allow_duplicate invalid_type", "reference invalid_characters", "size unknown_field", "source_currency required"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	refused(t, e.Do("POST", "/payouts", with(nodetest.Payout("po_1", "x"), "amount", 0)), "validation_error")
	crypto := with(nodetest.Payout("po_1", "x"), "beneficiary", map[string]any{"id": "x", "type": "crypto_address"}, "description", strings.Repeat("x", 141))
	refused(t, e.Do("POST", "/payouts", crypto), "validation_error")
	both := with(nodetest.Payout("po_1", "x"), "beneficiary_id", "y")
	refused(t, e.Do("POST", "/payouts", both), "validation_error")
	e.Clean()
}

func TestAPayoutPINIsAskedForOnceItIsSet(t *testing.T) {
	e := start(t)
	set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": "4711"})
	refused(t, ordered(e, "po_1", "0690000031"), "incorrect_payout_pin")
	refused(t, ordered(e, "po_1", "0690000032", "pin", "4712"), "incorrect_payout_pin")
	if a := ordered(e, "po_1", "0690000033", "pin", "4711"); a.Status != http.StatusCreated {
		t.Errorf("with the PIN: %d %s", a.Status, a.Body)
	}
	set(e, "PATCH", "/accounts/settings", map[string]any{"payout_pin": nil})
	if a := ordered(e, "po_2", "0690000034"); a.Status != http.StatusCreated {
		t.Errorf("without a PIN again: %d %s", a.Status, a.Body)
	}
}

func TestTheGuardAgainstDuplicatePayouts(t *testing.T) {
	e := frozen(start(t))
	pay := func(reference, account string, changes ...any) nodetest.Answer {
		a := e.Do("POST", "/payouts", with(nodetest.Payout(reference, account), changes...))
		e.Advance(second)
		return a
	}
	to, closed := e.Beneficiary("0690000031", "999001"), e.Beneficiary("0690009112", "999001")
	for _, reference := range []string{"po_1", "po_2"} { // it is off by itself
		if a := pay(reference, to); a.Status != http.StatusCreated {
			t.Errorf("%s: %d %s", reference, a.Status, a.Body)
		}
	}
	set(e, "PATCH", "/sandbox/settings", map[string]any{"probable_duplicate_s": map[string]any{"payouts": 300}})
	again := pay("po_3", to)
	refused(t, again, "probable_duplicate")
	if again.Text("error.details.reference") != "po_2" {
		t.Errorf("the twin is %s, want the newest", again.Body)
	}
	for _, other := range []nodetest.Answer{pay("po_2", to), pay("po_4", to, "amount", 150001), pay("po_5", closed), pay("po_6", closed), pay("po_7", to, "allow_duplicate", true)} {
		if other.Status != http.StatusCreated {
			t.Errorf("got %d %s, want none of these guarded: a repeat, another amount, after a failure, or allowed", other.Status, other.Body)
		}
	}
	e.Advance(301 * second)
	if a := pay("po_8", to); a.Status != http.StatusCreated {
		t.Errorf("after the window: %d %s", a.Status, a.Body)
	}
	e.Clean()
}

func TestPayoutsAreListedByWhatBecameOfThem(t *testing.T) {
	e := frozen(start(t))
	for n, account := range []string{"0690000031", "0690009112", "0690009123", "0690009135", "0690009141"} {
		ordered(e, fmt.Sprint("po_", n), account)
		e.Advance(minute + second)
	}
	for query, want := range map[string]string{
		"": "po_4 po_3 po_2 po_1 po_0", "?limit=2": "po_4 po_3", "?status=pending": "", "?status=processing": "po_3 po_2", "?status=succeeded": "po_0", "?status=failed": "po_1",
		"?status=reversed": "po_4", "?references=po_2,po_0": "po_2 po_0",
	} {
		a := e.Do("GET", "/payouts"+query, nil)
		if got := referencesOf(a); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	page := e.Do("GET", "/payouts?limit=2", nil)
	if got := referencesOf(e.Do("GET", "/payouts?limit=2&after="+page.Text("pagination.after"), nil)); got != "po_2 po_1" {
		t.Errorf("the second page is %q", got)
	}
	a := e.Do("GET", "/payouts?ids="+e.Do("GET", "/payouts/po_0", nil).Text("data.id")+",none", nil)
	if referencesOf(a) != "po_0" || fmt.Sprint(a.At("missing")) != "[none]" {
		t.Errorf("asked by ids: %s", a.Body)
	}
	refused(t, e.Do("GET", "/payouts?status=paid", nil), "invalid_request")
	refused(t, e.Do("GET", "/payouts?ids=x&limit=1", nil), "invalid_request")
	if a := e.Do("GET", "/payouts/po_2?wait=0", nil); a.Text("data.status") != "processing" || a.Text("money.outcome") != "pending" {
		t.Errorf("one that is under way: %s", a.Body)
	}
	if a := e.Do("GET", "/payouts/po_3", nil); a.Text("data.status") != "processing" || a.Text("data.state") != "in_doubt" || a.Text("money.outcome") != "unknown" {
		t.Errorf("one in doubt: %s", a.Body)
	}
}

func referencesOf(a nodetest.Answer) string {
	var all []string
	rows, _ := a.At("data").([]any)
	for _, row := range rows {
		all = append(all, row.(map[string]any)["reference"].(string))
	}
	return strings.Join(all, " ")
}

func TestAnotherBusinessHasNoPayoutOfOurs(t *testing.T) {
	e := start(t)
	id := ordered(e, "po_1", "0690000031").Text("data.id")
	stranger := under(t, e)
	stranger.Key = foreignKey(e)
	for _, a := range []nodetest.Answer{stranger.Do("GET", "/payouts/"+id, nil), stranger.Do("GET", "/payouts/po_1", nil), e.Do("GET", "/payouts/none", nil),
		stranger.Do("POST", "/sandbox/payouts/"+id+"/resolve", map[string]any{"outcome": "reversed"})} {
		refused(t, a, "not_found")
	}
	if a := stranger.Do("GET", "/payouts", nil); referencesOf(a) != "" {
		t.Errorf("a stranger sees %s", a.Body)
	}
}

func TestTheChargeOfAPayout(t *testing.T) {
	e := nodetest.Start(t) // names in any case are not in the contract
	for query, want := range map[string]string{
		"amount=150000&currency=NGN&currency_rail=nuban":         "true 2500 NGN ",
		"Amount=150000&CURRENCY=NGN&Currency_Rail=nuban":         "true 2500 NGN ",
		"amount=150000&currency=NGN&rail=nuban":                  "true 2500 NGN ",
		"amount=150000&currency=NGN":                             "true 2500 NGN ",
		"amount=150000&currency=CAD":                             "true 100 CAD ",
		"amount=150000&currency=USD&rail=wire":                   "true 2500 USD ",
		"amount=50&currency=NGN&rail=nuban":                      "false 2500 NGN invalid_amount",
		"amount=150000&currency=NGN&rail=ach":                    "false 100 NGN invalid_currency",
		"amount=999999999&currency=NGN&rail=nuban":               "false 2500 NGN insufficient_funds",
		"amount=150000&currency=USD":                             "invalid_request",
		"amount=150000&currency=USD&rail=ach&currency_rail=wire": "invalid_request",
		"amount=1.5&currency=NGN":                                "invalid_request",
		"currency=NGN":                                           "invalid_request",
		"amount=150000&currency=NGN&colour=red":                  "invalid_request",
	} {
		if query == "amount=999999999&currency=NGN&rail=nuban" {
			withdraw(e, money.NGN, 999_999_999)
		}
		a := e.Do("GET", "/payouts/Charge?"+query, nil)
		got := fmt.Sprint(a.At("data.can_perform"), " ", a.At("data.fee.amount"), " ", a.Text("data.fee.currency"), " ", a.Text("data.reason"))
		if a.Status != http.StatusOK {
			got = a.Text("error.code")
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	until := e.Engine.Clock.Now().Add(1 << 40)
	set(e, "PATCH", "/sandbox/rails/wire", map[string]any{"down_until": until.Format("2006-01-02T15:04:05Z")})
	if a := e.Do("GET", "/payouts/charge?amount=150000&currency=USD&rail=wire", nil); a.Text("data.reason") != "rail_unavailable" {
		t.Errorf("with the rail down: %s", a.Body)
	}
}

func TestPayoutsByHandOfTheBank(t *testing.T) {
	e := frozen(start(t))
	resolve := func(reference, outcome string) nodetest.Answer {
		return e.Do("POST", "/sandbox/payouts/"+reference+"/resolve", map[string]any{"outcome": outcome})
	}
	for reference, account := range map[string]string{"doubt": "0690009135", "doubt2": "0690009135", "slow": "0690009123", "good": "0690000031", "bad": "0690009112"} {
		e.Do("POST", "/payouts", nodetest.Payout(reference, e.BeneficiaryOf(party.ToBank, money.NGN, party.Details{AccountNumber: account, BankCode: "999001", Rail: party.Nuban, BankName: reference,
			RoutingNumber: reference})))
	}
	e.Advance(second)
	for _, c := range [][3]string{
		{"doubt", "succeeded", "succeeded"}, {"doubt2", "failed", "failed"}, {"slow", "succeeded", "succeeded"}, {"good", "reversed", "reversed"},
	} {
		if a := resolve(c[0], c[1]); a.Text("data.state") != c[2] {
			t.Errorf("%s resolved as %s: %d %s", c[0], c[1], a.Status, a.Body)
		}
	}
	for _, c := range [][2]string{{"bad", "reversed"}, {"bad", "succeeded"}, {"good", "failed"}, {"doubt", "succeeded"}} {
		refused(t, resolve(c[0], c[1]), "invalid_status_transition")
	}
	refused(t, resolve("none", "failed"), "not_found")
	e.Clean()
}

func TestAStatementNamesThePayout(t *testing.T) {
	e := frozen(start(t))
	for _, account := range []string{"0690000031", "0690009112", "0690009141"} {
		ordered(e, "po_"+account, account)
		e.Advance(2 * minute)
	}
	ordered(e, "po_cad", "0690000032", "source_currency", "CAD")
	e.Advance(second)
	cad := set(e, "GET", "/wallets/all?currency=CAD", nil).At("data").([]any)[0].(map[string]any)["id"].(string)
	if line := set(e, "GET", "/wallets/"+cad+"/statement", nil).At("data.lines").([]any); line[len(line)-1].(map[string]any)["reference"] != "po_cad" {
		t.Errorf("the wallet that was exchanged from says %v, want the payout's reference", line)
	}
	wallet := set(e, "GET", "/wallets/all?currency=NGN", nil).At("data").([]any)[0].(map[string]any)["id"].(string)
	var got []string
	for _, line := range set(e, "GET", "/wallets/"+wallet+"/statement", nil).At("data.lines").([]any) {
		l := line.(map[string]any)
		got = append(got, fmt.Sprint(l["kind"], " ", l["reference"], " ", l["amount"]))
	}
	want := []string{"payout.accepted po_0690000031 -152500", "payout.accepted po_0690009112 -152500", "payout.accepted po_0690009141 -152500",
		"payout.released po_0690009112 152500", "payout.reversed po_0690009141 150000"}
	got = got[len(got)-len(want):]
	slices.Sort(got) // while the clock stands still, entries of one moment have no order
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
