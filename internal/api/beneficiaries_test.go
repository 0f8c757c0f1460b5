package api_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
)

// naira is the body of a beneficiary with a naira account.
func naira(number string, more ...any) map[string]any {
	return with(body("type", "bank_account", "currency", "NGN", "account_name", "ADA OBI", "account_number", number, "bank_name", "Steady Bank",
		"bank_code", "999001"), more...)
}

func dollars(more ...any) map[string]any {
	return with(body("type", "bank_account", "currency", "USD", "account_name", "Ada Obi", "account_number", "12345678", "bank_name", "First Bank",
		"routing_number", "021000021", "rail", "ach", "bic", "FIRNUS33", "sort_code", "12-34", "address", place(), "bank_address", place("city", "New York", "state", "NY")), more...)
}

func place(more ...any) map[string]any {
	return with(body("line1", "1 Main St", "city", "Austin", "state", "TX", "country", "US", "zip_code", "73301"), more...)
}

func interacTo(email string, more ...any) map[string]any {
	return with(body("type", "interac", "currency", "CAD", "recipient_type", "personal", "first_name", "Ada", "last_name", "Obi", "email", email,
		"phone_number", "+14165550123", "security_question", "What do we eat on Sundays?", "security_answer", "jollof rice"), more...)
}

func cryptoTo(currency, chain, address string, more ...any) map[string]any {
	return with(body("type", "crypto_address", "currency", currency, "chain", chain, "address", address), more...)
}

const (
	hexAddress = "0x52908400098527886E0F7030069857D2E4169EE7"
	trxAddress = "TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC"
)

// beneficiary makes a beneficiary and gives its id.
func beneficiary(e *nodetest.Env, body map[string]any) string {
	e.T.Helper()
	return set(e, "POST", "/beneficiaries", body).Text("data.id")
}

func resolved(number, code string) map[string]any {
	return body("account_number", number, "bank_code", code)
}

const resolvePath = "/payment-methods/resolve-bank-account"

func beneficiaryCauses() []cause {
	return []cause{
		{"beneficiary_exists", func(e *nodetest.Env) nodetest.Answer {
			beneficiary(e, naira("0690009999"))
			return e.Do("POST", "/beneficiaries", naira("0690009999", "account_name", "ADAEZE OBI"))
		}},
		{"invalid_bank_code", post("/beneficiaries", naira("0690000031", "bank_code", "000000"))},
		{"invalid_bank_code.resolve", post(resolvePath, resolved("0690000031", "000000"))},
		{"invalid_account_number", post(resolvePath, resolved("0690009161", "999001"))},
		{"account_not_found", post(resolvePath, resolved("0690009162", "999001"))},
		{"bank_not_available", post(resolvePath, resolved("0690009163", "999001"))},
		{"bank_not_available.deadline", post(resolvePath, resolved("0690009164", "999001"), "Juicer-Deadline-Ms", "500")},
		{"validation_error.beneficiary", post("/beneficiaries", with(dollars(), "routing_number", "021000022", "rail", "nuban", "colour", 1,
			"address", place("state", "Texas", "zip_code", "123"), "bank_address", nil))},
	}
}

func TestBeneficiariesAsTheContractShowsThem(t *testing.T) {
	t.Parallel()
	e := start(t)
	for name, b := range map[string]map[string]any{
		"naira": naira("0690000031"), "dollars": dollars(), "interac": interacTo("ada@example.com", "metadata", body("tier", 1)),
		"crypto": cryptoTo("USDT", "TRX", trxAddress),
	} {
		a := e.Do("POST", "/beneficiaries", b)
		golden(t, filepath.Join("testdata/beneficiaries", name+".http"), e, a)
		if got := string(e.Do("GET", a.Header.Get("Location"), nil).Body); got != string(a.Body) {
			t.Errorf("%s reads back as %s, want %s", name, got, a.Body)
		}
	}
	golden(t, "testdata/beneficiaries/list.http", e, e.Do("GET", "/beneficiaries?currency=NGN&type=bank_account", nil))
	golden(t, "testdata/beneficiaries/banks.http", e, e.Do("GET", "/payment-methods/banks?country=NG", nil))
	golden(t, "testdata/beneficiaries/holder.http", e, e.Do("POST", resolvePath, resolved("0690000031", "999001")))
	golden(t, "testdata/beneficiaries/deleted.http", e, e.Do("DELETE", "/beneficiaries/"+beneficiary(e, naira("0690000031")), nil))
}

func TestABeneficiaryIsMadeOnceForItsAccount(t *testing.T) {
	t.Parallel()
	e := start(t)
	grouped := func(b map[string]any, group string) map[string]any {
		out, inner := body("type", b["type"], "currency", b["currency"]), with(b, "type", nil, "currency", nil)
		out[group] = inner
		return out
	}
	named := grouped(interacTo("ada@example.com", "first_name", nil, "last_name", nil, "name", body("first_name", "Ada", "last_name", "Obi")), "interac_details")
	for what, pair := range map[string][2]map[string]any{
		"a naira account, its fields in a group":    {naira("0690000031"), grouped(naira("0690000031"), "account_details")},
		"a naira account, with the rail it has":     {naira("0690000032"), naira("0690000032", "rail", "nuban", "metadata", body())},
		"a dollar account, its fields in a group":   {dollars(), grouped(dollars(), "account_details")},
		"a crypto address, its fields in a group":   {cryptoTo("USDC", "ETH", hexAddress), grouped(cryptoTo("USDC", "ETH", hexAddress), "crypto_details")},
		"a crypto address in another case":          {cryptoTo("USDC", "MATIC", hexAddress), cryptoTo("USDC", "MATIC", "0x"+strings.ToLower(hexAddress[2:]))},
		"interac, its fields in a group":            {interacTo("ada@example.com"), named},
		"interac, with the other name of the phone": {interacTo("bola@example.com"), interacTo("bola@example.com", "phone_number", nil, "phone", "+14165550123")},
		"fields in both places that say the same":   {naira("0690000033"), with(grouped(naira("0690000033"), "account_details"), "account_name", "ADA OBI")},
	} {
		t.Run(what, func(t *testing.T) {
			e := under(t, e)
			first := set(e, "POST", "/beneficiaries", pair[0])
			again := e.Do("POST", "/beneficiaries", pair[1])
			equal(t, "status", again.Status, http.StatusCreated)
			equal(t, "the same beneficiary", again.Text("data.id"), first.Text("data.id"))
			equal(t, "Idempotent-Replayed", again.Header.Get("Idempotent-Replayed"), "true")
		})
	}
	t.Run("other data of the same account clash, whatever they are", func(t *testing.T) {
		e := under(t, e)
		for field, b := range map[string]map[string]any{
			"security_answer": interacTo("ada@example.com", "security_answer", "fufu"), "account_name": naira("0690000031", "account_name", "A. OBI"),
			"bank_address": dollars("bank_address", place()), "rail": dollars("rail", "wire"), "metadata": cryptoTo("USDC", "ETH", hexAddress, "metadata", body("a", 1)),
		} {
			a := e.Do("POST", "/beneficiaries", b)
			want(t, a, http.StatusConflict, "beneficiary_exists")
			alike(t, "differs", a.At("error.details.differs"), []any{field})
		}
	})
	t.Run("many at once make one", func(t *testing.T) {
		e := under(t, e)
		var all []<-chan reply
		for range 12 {
			all = append(all, later(e, "POST", "/beneficiaries", naira("0690000077")))
		}
		ids := map[string]bool{}
		for _, c := range all {
			ids[got(t, c).Text("data.id")] = true
		}
		equal(t, "how many were made", len(ids), 1)
	})
	t.Run("another business has its own", func(t *testing.T) {
		theirs := *under(t, e)
		theirs.Key = foreignKey(e)
		mine := beneficiary(e, naira("0690000031"))
		if other := beneficiary(&theirs, naira("0690000031", "account_name", "THEIRS")); other == mine {
			t.Error("it was given ours")
		}
		want(t, theirs.Do("GET", "/beneficiaries/"+mine, nil), http.StatusNotFound, "not_found")
		want(t, theirs.Do("DELETE", "/beneficiaries/"+mine, nil), http.StatusNotFound, "not_found")
	})
}

func TestADeletedBeneficiaryIsGoneAndItsAccountFree(t *testing.T) {
	t.Parallel()
	e := start(t)
	id := beneficiary(e, naira("0690000031"))
	equal(t, "delete", e.Do("DELETE", "/beneficiaries/"+id, nil, "Idempotency-Key", "gone").Status, http.StatusNoContent)
	equal(t, "delete, sent again", e.Do("DELETE", "/beneficiaries/"+id, nil, "Idempotency-Key", "gone").Status, http.StatusNoContent)
	want(t, e.Do("DELETE", "/beneficiaries/"+id, nil), http.StatusNotFound, "not_found")
	want(t, e.Do("GET", "/beneficiaries/"+id, nil), http.StatusNotFound, "not_found")
	equal(t, "in the list", len(e.Do("GET", "/beneficiaries", nil).At("data").([]any)), 0)
	if again := beneficiary(e, naira("0690000031", "account_name", "BOLA ADE")); again == id {
		t.Error("the deleted beneficiary came back")
	}
}

func TestTheFieldsOfABeneficiary(t *testing.T) {
	t.Parallel()
	e := start(t)
	for what, c := range map[string]struct {
		body   map[string]any
		fields []string // field code, field code ...
	}{
		"no type and currency":                       {body("account_name", 7), []string{"type required", "currency required"}},
		"an unknown type hides what is below":        {naira("1", "type", "cheque"), []string{"type not_allowed"}},
		"a currency that the type is not paid in":    {naira("0690000031", "currency", "CAD"), []string{"currency not_allowed"}},
		"an account of nine digits, a code of seven": {naira("069000003", "bank_code", "1234567"), []string{"account_number invalid_format", "bank_code invalid_format"}},
		"a field of another type":                    {naira("0690000031", "chain", "ETH"), []string{"chain unknown_field"}},
		"a group of another type":                    {naira("0690000031", "crypto_details", body()), []string{"crypto_details unknown_field"}},
		"two spellings that differ": {naira("0690000031", "account_details", naira("0690000032", "type", nil, "currency", nil)),
			[]string{"account_number conflict"}},
		"what a group lacks": {body("type", "crypto_address", "currency", "USDC", "crypto_details", body("chain", "TRX")),
			[]string{"crypto_details.chain not_allowed", "crypto_details.address required"}},
		"a group that is no object":          {naira("0690000031", "account_details", "x"), []string{"account_details invalid_type"}},
		"a name that is too long":            {naira("0690000031", "account_name", strings.Repeat("x", 101)), []string{"account_name too_long"}},
		"interac without question":           {interacTo("a@b", "security_question", nil, "security_answer", "no"), []string{"security_answer too_short", "security_question required"}},
		"interac with a number from Nigeria": {interacTo("a@b", "phone_number", "+2348031234567"), []string{"phone_number invalid_format"}},
		"an address of another chain":        {cryptoTo("USDT", "TRX", hexAddress), []string{"address invalid_format"}},
		"a chain that the currency has not":  {cryptoTo("USDC", "BSC", hexAddress), []string{"chain not_allowed"}},
		"bad dollars": {dollars("routing_number", "021000022", "account_number", "123", "bic", "xx", "rail", nil),
			[]string{"account_number invalid_format", "bic invalid_format", "routing_number invalid_format", "rail required"}},
	} {
		t.Run(what, func(t *testing.T) {
			a := under(t, e).Do("POST", "/beneficiaries", c.body)
			want(t, a, http.StatusUnprocessableEntity, "validation_error")
			var found []string
			for i := range a.At("errors").([]any) {
				found = append(found, field(a, i, "field")+" "+field(a, i, "code"))
			}
			alike(t, "breaches", found, c.fields)
		})
	}
	t.Run("what is taken", func(t *testing.T) {
		e := under(t, e)
		for _, b := range []map[string]any{
			interacTo("auto@example.com", "auto_deposit", true, "security_question", nil, "security_answer", nil, "phone_number", nil),
			dollars("account_number", "1234", "address", place("country", "DE", "state", "Bayern", "zip_code", "80331", "line2", "EG"), "bic", nil, "sort_code", "",
				"bank_address", place("zip_code", "10045-0001")),
			naira("0690000044", "interac_details", nil, "account_details", []any{}), cryptoTo("USDT", "BSC", hexAddress),
		} {
			equal(t, "status", e.Do("POST", "/beneficiaries", b).Status, http.StatusCreated)
		}
	})
}

// The answer is what protects an Interac transfer: whoever has it can take the money.
func TestASecurityAnswerIsNowhereInClear(t *testing.T) {
	t.Parallel()
	e := start(t)
	const secret = "jollof rice on sundays"
	a := set(e, "POST", "/beneficiaries", interacTo("ada@example.com", "security_answer", secret), "Idempotency-Key", "answer")
	equal(t, "the same request again", e.Do("POST", "/beneficiaries", interacTo("ada@example.com", "security_answer", secret), "Idempotency-Key", "answer").Text("data.id"), a.Text("data.id"))
	e.Do("POST", "/beneficiaries", interacTo("ada@example.com", "security_answer", secret+" no"))
	nodetest.Must(t, e.Engine.Store.Read(t.Context(), func(v store.View) error {
		b, err := v.Beneficiary(a.Text("data.id"))
		nodetest.Must(t, err)
		plain, err := e.Engine.SecurityAnswer(b)
		equal(t, "what the rail gets", plain, secret)
		if strings.Contains(b.Answer, secret) {
			t.Error("the store has the answer in clear")
		}
		return err
	}))
	for _, from := range []string{string(a.Body), e.Log.String(), string(e.Do("GET", "/requests/"+a.Header.Get("X-Request-Id"), nil).Body),
		string(e.Do("GET", "/idempotency-keys/answer", nil).Body)} {
		if strings.Contains(from, secret) {
			t.Errorf("the answer is in %s", from)
		}
	}
}

func TestWhoseAnAccountIs(t *testing.T) {
	t.Parallel()
	e := frozen(start(t))
	name := func(number, code string) string {
		return set(e, "POST", resolvePath, resolved(number, code)).Text("data.account_name")
	}
	equal(t, "the account of the examples", name("0690000031", "999002"), "ADA OBI")
	equal(t, "the same account again", name("1234567890", "999001"), name("1234567890", "999001"))
	t.Run("a bank that takes 10 s of its own time answers once they have passed", func(t *testing.T) {
		e := under(t, e)
		asked := later(e, "POST", resolvePath, resolved("0690009164", "999001"))
		var a reply
		until(t, "the bank answers", func() bool {
			e.Advance(10 * second)
			select {
			case a = <-asked:
				return true
			default:
				return false
			}
		})
		nodetest.Must(t, a.err)
		equal(t, "status", a.Status, http.StatusOK)
	})
	t.Run("a bank that is closed does not answer", func(t *testing.T) {
		e := under(t, e)
		tonight := e.Engine.Clock.Now().Truncate(24 * time.Hour).Add(47*time.Hour + 30*time.Minute)
		set(e, "POST", "/sandbox/clock", body("set", tonight.Format(time.RFC3339)))
		want(t, e.Do("POST", resolvePath, resolved("0690000031", "999006")), http.StatusServiceUnavailable, "bank_not_available")
		e.Advance(2 * hour)
		equal(t, "status in the morning", e.Do("POST", resolvePath, resolved("0690000031", "999006")).Status, http.StatusOK)
	})
	t.Run("a key keeps the answer", func(t *testing.T) {
		e := under(t, e)
		first := set(e, "POST", resolvePath, resolved("0690000031", "999001"), "Idempotency-Key", "whose")
		again := e.Do("POST", resolvePath, resolved("0690000031", "999001"), "Idempotency-Key", "whose")
		equal(t, "Idempotent-Replayed", again.Header.Get("Idempotent-Replayed"), "true")
		equal(t, "the answer", string(again.Body), string(first.Body))
	})
}

func TestBanksAreListedByCountry(t *testing.T) {
	t.Parallel()
	e := start(t)
	equal(t, "banks", len(e.Do("GET", "/payment-methods/banks", nil).At("data").([]any)), 11)
	equal(t, "banks in Ghana", len(e.Do("GET", "/payment-methods/banks?country=GH", nil).At("data").([]any)), 0)
	want(t, e.Do("GET", "/payment-methods/banks?country=Nigeria", nil), http.StatusBadRequest, "invalid_request")
}

func TestBeneficiariesInLiveWithoutAProvider(t *testing.T) {
	t.Parallel()
	e := start(t, nodetest.Live)
	for _, a := range []nodetest.Answer{e.Do("GET", "/payment-methods/banks", nil), e.Do("POST", resolvePath, resolved("0690000031", "999001")),
		e.Do("POST", "/beneficiaries", naira("0690000031"))} {
		want(t, a, http.StatusServiceUnavailable, "rail_unavailable")
		equal(t, "reason", a.Text("error.details.reason"), "not_configured")
	}
	equal(t, "an account that no list of banks is asked about", e.Do("POST", "/beneficiaries", cryptoTo("USDC", "ETH", hexAddress)).Status, http.StatusCreated)
}
