package conformance

import (
	"fmt"
	"hash/fnv"
	"net/http"
)

func beneficiaryCases() []Case {
	return []Case{
		{ID: "payees/create", Sentence: "a beneficiary is made, told where, and every key is there for every type", run: beneficiaryCreated},
		{ID: "payees/repeat", Sentence: "the same account again is the first one, other data are 409 beneficiary_exists with what differs", run: beneficiaryRepeated},
		{ID: "payees/groups", Sentence: "the fields of an account may stand in a group", run: beneficiaryGrouped},
		{ID: "payees/types", Sentence: "dollar accounts, Interac and crypto addresses are taken; a security answer is never returned", run: beneficiaryTypes},
		{ID: "payees/fields", Sentence: "fields are checked by type and currency, all at once", run: beneficiaryFields},
		{ID: "payees/delete", Sentence: "DELETE is 204, a second time 404, and the account is free again", run: beneficiaryDeleted},
		{ID: "payees/list", Sentence: "beneficiaries are listed by type and currency", run: beneficiaryListed},
		{ID: "payees/banks", Sentence: "banks are listed, only Nigeria has any, and a code that is not among them is 400 invalid_bank_code", run: banksListed},
		{ID: "payees/resolve", Sentence: "a bank tells whose an account is, that there is none, that none can be, or nothing", run: accountResolved},
	}
}

// accountNumber is a naira account number that no other case uses; its ending decides
// nothing.
func (t *trial) accountNumber() string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.unique())) // a hash never fails to write
	return fmt.Sprintf("07%05d000", h.Sum32()%100_000)
}

// payee is the body of a beneficiary that every Juicer accepts.
func (t *trial) payee() object {
	return object{"account_name": "ADA OBI", "account_number": t.accountNumber(), "bank_code": "999001", "bank_name": "Steady Bank", "currency": "NGN",
		"metadata": object{"case": t.unique()}, "type": "bank_account"}
}

func beneficiaryCreated(t *trial) {
	b := t.payee()
	r := t.post("/beneficiaries", b)
	t.status(r, http.StatusCreated)
	t.head(r, "Location", "/beneficiaries/"+r.text("data.id"))
	t.matches(r, "data.id", uuidForm)
	for path, want := range map[string]any{"data.account_number": b["account_number"], "data.account_type": "savings", "data.rail": "nuban",
		"data.status": "active", "data.lifetime": "permanent", "data.virtual": false, "data.address": nil, "data.chain": nil, "data.email": nil,
		"data.user_id": nil} {
		t.equal(r, path, want)
	}
	t.equal(t.get("/beneficiaries/"+r.text("data.id")), "data.bank_code", "999001")
}

func beneficiaryRepeated(t *trial) {
	b := t.payee()
	first := t.post("/beneficiaries", b)
	again := t.post("/beneficiaries", set(b, "rail", "nuban"))
	t.status(again, http.StatusCreated)
	t.replayed(again, true)
	t.equal(again, "data.id", first.text("data.id"))
	other := t.post("/beneficiaries", set(b, "account_name", "ADAEZE OBI"))
	t.refused(other, http.StatusConflict, "beneficiary_exists")
	t.outcome(other, "not_attempted", "no")
	t.equal(other, "error.details.differs", []string{"account_name"})
	t.equal(other, "error.details.id", first.text("data.id"))
}

func beneficiaryGrouped(t *trial) {
	b := t.payee()
	group := object{}
	for _, name := range []string{"account_name", "account_number", "bank_code", "bank_name"} {
		group[name] = b[name]
	}
	r := t.post("/beneficiaries", object{"account_details": group, "currency": "NGN", "metadata": b["metadata"], "type": "bank_account"})
	t.status(r, http.StatusCreated)
	t.equal(r, "data.account_number", b["account_number"])
	t.equal(t.post("/beneficiaries", b), "data.id", r.text("data.id"))
	t.field(t.post("/beneficiaries", object{"account_details": object{}, "currency": "NGN", "type": "bank_account"}), "account_details.bank_code", "required")
}

func beneficiaryTypes(t *trial) {
	place := object{"city": "Austin", "country": "US", "line1": "1 Main St", "state": "TX", "zip_code": "73301"}
	r := t.post("/beneficiaries", object{"account_name": "Ada Obi", "account_number": t.accountNumber(), "address": place, "bank_address": place,
		"bank_name": "First Bank", "currency": "USD", "rail": "wire", "routing_number": "021000021", "type": "bank_account"})
	t.status(r, http.StatusCreated)
	t.equal(r, "data.address.state", "TX")
	t.equal(r, "data.bank_address.line2", nil)
	r = t.post("/beneficiaries", object{"currency": "CAD", "email": t.unique() + "@example.com", "first_name": "Ada", "last_name": "Obi",
		"recipient_type": "personal", "security_answer": "jollof", "security_question": "What do we eat?", "type": "interac"})
	t.status(r, http.StatusCreated)
	t.equal(r, "data.auto_deposit", false)
	t.absent(r, "data.security_answer")
	address := "0x" + fmt.Sprintf("%040s", t.accountNumber())
	r = t.post("/beneficiaries", object{"crypto_details": object{"address": address, "chain": "ETH"}, "currency": "USDC", "type": "crypto_address"})
	t.status(r, http.StatusCreated)
	t.equal(r, "data.address", address)
}

func beneficiaryFields(t *trial) {
	r := t.post("/beneficiaries", object{"account_number": "069000003", "bank_code": "12", "colour": 1, "currency": "NGN", "rail": "ach", "type": "bank_account"})
	for _, want := range [][2]string{{"account_number", "invalid_format"}, {"bank_code", "invalid_format"}, {"colour", "unknown_field"}, {"rail", "not_allowed"},
		{"account_name", "required"}, {"bank_name", "required"}} {
		t.field(r, want[0], want[1])
	}
	t.field(t.post("/beneficiaries", object{"currency": "CAD", "type": "crypto_address"}), "currency", "not_allowed")
	t.field(t.post("/beneficiaries", object{"address": "0x12", "chain": "TRX", "currency": "USDT", "type": "crypto_address"}), "address", "invalid_format")
}

func beneficiaryDeleted(t *trial) {
	b := t.payee()
	path := "/beneficiaries/" + t.post("/beneficiaries", b).text("data.id")
	t.status(t.delete(path), http.StatusNoContent)
	t.refused(t.delete(path), http.StatusNotFound, "not_found")
	t.refused(t.get(path), http.StatusNotFound, "not_found")
	again := t.post("/beneficiaries", set(b, "account_name", "BOLA ADE"))
	t.status(again, http.StatusCreated)
	t.replayed(again, false)
}

func beneficiaryListed(t *trial) {
	id := t.post("/beneficiaries", t.payee()).text("data.id")
	r := t.get("/beneficiaries?type=bank_account&currency=NGN&limit=100")
	t.status(r, http.StatusOK)
	found := r.text("pagination.after") != "" // newest first: others may have been made since
	for i := range r.list("data") {
		found = found || r.text(pathf("data.%d.id", i)) == id
		t.equal(r, pathf("data.%d.currency", i), "NGN")
	}
	if !found {
		t.failed(&r, "the beneficiary %s", id)
	}
	t.badRequest(t.get("/beneficiaries?type=cheque"), "type")
}

func banksListed(t *trial) {
	r := t.get("/payment-methods/banks")
	t.status(r, http.StatusOK)
	t.head(r, "Cache-Control", "private, max-age=86400")
	t.equal(r, "data.0.code", "999001")
	t.equal(t.get("/payment-methods/banks?country=GH"), "data", []any{})
	bad := t.post("/beneficiaries", set(t.payee(), "bank_code", "000000"))
	t.refused(bad, http.StatusBadRequest, "invalid_bank_code")
	t.equal(bad, "error.details.bank_code", "000000")
}

func accountResolved(t *trial) {
	ask := func(number, code string) reply {
		return t.post("/payment-methods/resolve-bank-account", object{"account_number": number, "bank_code": code})
	}
	r := ask("0690000031", "999001")
	t.status(r, http.StatusOK)
	t.equal(r, "data", object{"account_name": "ADA OBI", "account_number": "0690000031", "bank_code": "999001"})
	t.refused(ask("0690009161", "999001"), http.StatusBadRequest, "invalid_account_number")
	t.refused(ask("0690009162", "999001"), http.StatusBadRequest, "account_not_found")
	t.refused(ask("0690009163", "999001"), http.StatusServiceUnavailable, "bank_not_available")
	t.refused(ask("0690000031", "000000"), http.StatusBadRequest, "invalid_bank_code")
	t.field(ask("069000003", "999001"), "account_number", "invalid_format")
}
