package api_test

import (
	"net/http"
	"testing"

	"github.com/juicer-pay/juicer/internal/node/nodetest"
	"github.com/juicer-pay/juicer/internal/store"
)

// person is the body of a good POST /customers.
func person(email string, more ...any) map[string]any {
	return with(map[string]any{"first_name": "Ada", "last_name": "Obi", "email": email, "phone_number": "+2348031234567",
		"billing_address": map[string]any{"line1": "5 Marina Road", "city": "Lagos", "country": "NG", "zip_code": "100001"}}, more...)
}

// customer makes a customer and gives the id.
func customer(e *nodetest.Env, email string) string {
	e.T.Helper()
	a := e.Do("POST", "/customers", person(email))
	equal(e.T, "status", a.Status, http.StatusCreated)
	return a.Text("data.id")
}

func customerCauses() []cause {
	return []cause{
		{"customer_exists", func(e *nodetest.Env) nodetest.Answer {
			customer(e, "exists@example.com")
			return e.Do("POST", "/customers", person("exists@example.com", "first_name", "Adaeze", "phone_number", "+2348030000000"))
		}},
		{"balance_not_zero", func(e *nodetest.Env) nodetest.Answer {
			who := customer(e, "rich@example.com")
			credit(e, openWallet(e, who, "USDC"), 150_000)
			return e.Do("DELETE", "/customers/"+who, nil)
		}},
	}
}

// told lists the events of an object.
func told(e *nodetest.Env, object string) (names []string) {
	e.T.Helper()
	nodetest.Must(e.T, e.Engine.Store.Read(e.T.Context(), func(v store.View) error {
		all, err := v.EventsOf(object)
		for _, event := range all {
			names = append(names, event.Event)
		}
		return err
	}))
	return names
}

func TestACustomerIsMadeOnceForItsData(t *testing.T) {
	t.Parallel()
	e := start(t)
	first := e.Do("POST", "/customers", person("ada@example.com"))
	equal(t, "status", first.Status, http.StatusCreated)
	equal(t, "Location", first.Header.Get("Location"), "/customers/"+first.Text("data.id"))
	for _, again := range []map[string]any{person("ada@example.com"), person("ada@example.com", "phone_number", nil, "phone", "+2348031234567"),
		person("ada@example.com", "type", "individual", "metadata", map[string]any{})} {
		a := e.Do("POST", "/customers", again)
		equal(t, "the same customer", a.Text("data.id"), first.Text("data.id"))
		equal(t, "status", a.Status, http.StatusCreated)
		equal(t, "Idempotent-Replayed", a.Header.Get("Idempotent-Replayed"), "true")
	}
	other := e.Do("POST", "/customers", person("ada@example.com", "last_name", "Eze", "metadata", map[string]any{"vip": true}))
	want(t, other, http.StatusConflict, "customer_exists")
	alike(t, "differs", other.At("error.details.differs"), []any{"last_name", "metadata"})
	alike(t, "events", told(e, first.Text("data.id")), []string{"customer.created"})
}

func TestWhatANameMayHold(t *testing.T) {
	t.Parallel()
	e := start(t)
	for i, name := range []string{"O’Neil-Jr.", "José", "D'Arcy", "አበበ", "Ngũgĩ wa"} {
		a := e.Do("POST", "/customers", person(nodetest.Ref("n", i)+"@example.com", "first_name", name))
		equal(t, name, a.Text("data.first_name"), name)
	}
	for _, name := range []string{"R2D2", "Ada!", "a@b", "<b>"} {
		a := e.Do("POST", "/customers", person("bad@example.com", "last_name", name))
		want(t, a, http.StatusUnprocessableEntity, "validation_error")
		equal(t, name, field(a, 0, "code"), "invalid_characters")
	}
}

// field is a member of the i-th bad field of a refusal.
func field(a nodetest.Answer, i int, name string) string {
	list, _ := a.At("errors").([]any)
	if i >= len(list) {
		return ""
	}
	s, _ := list[i].(map[string]any)[name].(string)
	return s
}

func TestAPayerIsACustomerToo(t *testing.T) {
	t.Parallel()
	e := start(t)
	paid := e.Paid("payer")
	list := e.Do("GET", "/customers?email=ada@example.com", nil)
	equal(t, "customers with the e-mail", len(list.At("data").([]any)), 1)
	who := list.At("data").([]any)[0].(map[string]any)["id"].(string)
	alike(t, "event", told(e, who), []string{"customer.created"})
	a := e.Do("GET", "/customers/"+who+"?fields=email,status&include=transactions,payment_methods&version=2", nil)
	equal(t, "status", a.Text("data.status"), "active")
	equal(t, "a member that was not asked for", a.At("data.first_name"), nil)
	alike(t, "the payment", a.At("data.transactions").([]any)[0].(map[string]any)["id"], paid)
	alike(t, "the card", a.At("data.payment_methods").([]any)[0].(map[string]any)["type"], "card")
	equal(t, "created again as paid", e.Do("POST", "/customers", person("ada@example.com")).Text("data.id"), who)

	equal(t, "delete", e.Do("DELETE", "/customers/"+who, nil).Status, http.StatusNoContent)
	equal(t, "the payment", e.Do("GET", "/payments/"+paid, nil).Text("data.customer.id"), who)
	equal(t, "a refund of it", e.Do("POST", "/payments/"+paid+"/refunds", nil).Status, http.StatusCreated)
	next := e.NewSession("payer-2")
	if got := e.Do("GET", "/payments/"+next, nil).Text("data.customer.id"); got == who || got == "" {
		t.Errorf("the next payment under the e-mail has customer %q, want a new one", got)
	}
	e.Clean()
}

func TestAPatchMergesTheAddress(t *testing.T) {
	t.Parallel()
	e := start(t)
	who := customer(e, "patch@example.com")
	a := e.Do("PATCH", "/customers/"+who, map[string]any{"billing_address": map[string]any{"line1": "7 Marina Road", "state": "Lagos"}, "phone": "+2348039999999",
		"first_name": "", "last_name": nil})
	equal(t, "status", a.Status, http.StatusOK)
	equal(t, "line1", a.Text("data.billing_address.line1"), "7 Marina Road")
	equal(t, "city", a.Text("data.billing_address.city"), "Lagos")
	equal(t, "first_name", a.Text("data.first_name"), "Ada")
	equal(t, "phone_number", a.Text("data.phone_number"), "+2348039999999")
	equal(t, "as it is read", e.Do("GET", "/customers/"+who, nil).Text("data.billing_address.state"), "Lagos")

	customer(e, "taken@example.com")
	taken := e.Do("PATCH", "/customers/"+who, map[string]any{"email": "taken@example.com"})
	want(t, taken, http.StatusConflict, "customer_exists")
	equal(t, "a free e-mail", e.Do("PATCH", "/customers/"+who, map[string]any{"email": "free@example.com"}).Text("data.email"), "free@example.com")
	equal(t, "the e-mail it had", e.Do("POST", "/customers", person("patch@example.com")).Status, http.StatusCreated)
	none := e.Do("PATCH", "/customers/"+who, map[string]any{})
	equal(t, "no change", none.Status, http.StatusOK)
	alike(t, "events", told(e, who), []string{"customer.created", "customer.updated", "customer.updated"})
}

func TestADeletedCustomerIsGoneAndItsEmailFree(t *testing.T) {
	t.Parallel()
	e := start(t)
	who := customer(e, "gone@example.com")
	w := openWallet(e, who, "NGN")
	credit(e, w, 100)
	a := e.Do("DELETE", "/customers/"+who, nil)
	want(t, a, http.StatusConflict, "balance_not_zero")
	alike(t, "balances", a.At("error.details.balances"), []any{map[string]any{"amount": float64(100), "currency": "NGN"}})
	equal(t, "debit", move(e, w, "debit", 100).Status, http.StatusOK)
	equal(t, "delete", e.Do("DELETE", "/customers/"+who, nil, "Idempotency-Key", "k").Status, http.StatusNoContent)
	equal(t, "the same request again", e.Do("DELETE", "/customers/"+who, nil, "Idempotency-Key", "k").Status, http.StatusNoContent)
	for _, again := range []nodetest.Answer{e.Do("DELETE", "/customers/"+who, nil), e.Do("GET", "/customers/"+who, nil),
		e.Do("PATCH", "/customers/"+who, map[string]any{"first_name": "Bola"}), e.Do("POST", "/wallets", map[string]any{"currency": "USD", "customer_id": who})} {
		want(t, again, http.StatusNotFound, "not_found")
	}
	equal(t, "the wallet", e.Do("GET", "/wallets/"+w, nil).Text("data.status"), "deleted")
	if again := customer(e, "gone@example.com"); again == who {
		t.Error("the e-mail gives the deleted customer again")
	}
	alike(t, "events of the customer", told(e, who), []string{"customer.created", "customer.deleted"})
	alike(t, "events of the wallet", told(e, w), []string{"wallet.created", "wallet.status_changed"})
	e.Clean()
}

func TestAnIdentityCheckComesBeforeAWallet(t *testing.T) {
	t.Parallel()
	e := start(t)
	equal(t, "setting", e.Do("PATCH", "/sandbox/settings", map[string]any{"kyc": "required"}).Status, http.StatusOK)
	who := e.Do("POST", "/customers", person("kyc@example.com"))
	equal(t, "status", who.Text("data.status"), "pending_kyc")
	id := who.Text("data.id")
	a := e.Do("POST", "/wallets", map[string]any{"currency": "NGN", "customer_id": id})
	want(t, a, http.StatusBadRequest, "customer_not_verified")
	equal(t, "accepted", e.Do("POST", "/sandbox/customers/"+id+"/kyc", map[string]any{"status": "active"}).Text("data.status"), "active")
	want(t, e.Do("POST", "/sandbox/customers/"+id+"/kyc", map[string]any{"status": "rejected"}), http.StatusBadRequest, "invalid_status_transition")
	openWallet(e, id, "NGN")
	equal(t, "a payer", e.Do("GET", "/customers/"+e.Do("GET", "/payments/"+e.NewSession("kyc"), nil).Text("data.customer.id"), nil).Text("data.status"), "pending_kyc")
}

func TestCustomersAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	e := start(t)
	var ids []any
	for i := range 5 {
		ids = append([]any{customer(e, nodetest.Ref("c", i)+"@example.com")}, ids...)
	}
	var got []any
	path := "/customers?limit=2"
	for path != "" {
		a := e.Do("GET", path, nil)
		for _, row := range a.At("data").([]any) {
			got = append(got, row.(map[string]any)["id"])
		}
		path = ""
		if after := a.Text("pagination.after"); after != "" {
			path = "/customers?limit=2&after=" + after
		}
	}
	alike(t, "all customers", got, ids)
	want(t, e.Do("GET", "/customers/"+ids[0].(string)+"?fields=colour", nil), http.StatusBadRequest, "invalid_request")
	want(t, e.Do("GET", "/customers/"+ids[0].(string)+"?include=everything", nil), http.StatusBadRequest, "invalid_request")
}
