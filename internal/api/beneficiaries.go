package api

import (
	"slices"

	"github.com/juicer-pay/juicer/internal/engine"
	"github.com/juicer-pay/juicer/internal/money"
	"github.com/juicer-pay/juicer/internal/party"
	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/store"
	"github.com/juicer-pay/juicer/internal/wire"
)

const (
	sortCodeMax    = 20
	secretTextMin  = 3 // characters of a security question, and of its answer
	secretTextMax  = 100
	nairaDigits    = 10
	dollarsMin     = 4 // digits of an account number in the United States
	dollarsMax     = 17
	bankDigitsMin  = 3
	bankDigitsMax  = 6
	bankCountry    = "NG" // the only country whose banks are listed
	bankDetails    = "account_details"
	cryptoDetails  = "crypto_details"
	interacDetails = "interac_details"
)

// groups are the names under which the fields of an account may stand together.
var groups = map[party.BeneficiaryType]string{party.ToBank: bankDetails, party.ToCrypto: cryptoDetails, party.ToInterac: interacDetails}

// accountFields are all that some type has: they are not looked at while it is open
// which type is meant.
var accountFields = []string{bankDetails, cryptoDetails, interacDetails, "account_name", "account_number", "bank_name", "bank_code", "rail",
	"routing_number", "sort_code", "bic", "address", "bank_address", "recipient_type", "first_name", "last_name", "email", "phone_number", "phone",
	"auto_deposit", "security_question", "security_answer", "chain"}

func createBeneficiary(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	in := engine.NewBeneficiary{Type: wire.OneOf(r, "type", wire.Required, party.BeneficiaryTypes...)}
	in.Currency = wire.OneOf(r, "currency", wire.Required, in.Type.Pays()...)
	switch {
	case in.Type == "" || in.Currency == "":
		r.Ignore(accountFields...)
	case r.Value().Get(groups[in.Type]).Kind() == wire.KindObject:
		r.Object(groups[in.Type], wire.Optional, func(group *wire.Reader) { readAccount(accountReader{r, group, groups[in.Type]}, &in) })
	default:
		r.Object(groups[in.Type], wire.Optional, func(*wire.Reader) {}) // null and [], or a breach
		readAccount(accountReader{top: r}, &in)
	}
	if v := r.Metadata("metadata"); v != nil {
		in.Details.Metadata = v.Canonical()
	}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	return reply(x.engine().CreateBeneficiary(x.ctx(), x.call, in))
}

// accountReader finds the fields of an account, which stand beside the type or in a
// group.
type accountReader struct {
	top, group *wire.Reader // group may be nil
	name       string       // of the group
}

// of is the reader of the object that holds a field. Both may, if they say the same.
func (a accountReader) of(field string) *wire.Reader {
	switch {
	case a.group == nil:
		return a.top
	case !a.top.Has(field):
		return a.group
	case !a.group.Has(field):
		return a.top
	}
	above, below := a.top.Value().Get(field), a.group.Value().Get(field)
	if above != nil && below != nil && string(above.Fingerprint()) != string(below.Fingerprint()) {
		a.top.Breach(field, problem.FieldConflict, problem.Details{"other": a.name + "." + field})
	}
	return a.group
}

func (a accountReader) text(field string, rules ...wire.Rule) string {
	return a.of(field).Text(field, rules...)
}

func readAccount(a accountReader, in *engine.NewBeneficiary) {
	switch {
	case in.Type == party.ToInterac:
		readInterac(a, in)
	case in.Type == party.ToCrypto:
		readCrypto(a, in)
	case in.Currency == money.USD:
		readDollars(a, &in.Details)
	default:
		readNaira(a, &in.Details)
	}
}

func readNaira(a accountReader, d *party.Details) {
	d.AccountName = a.text("account_name", wire.Required, wire.Length(1, nameMax))
	d.AccountNumber = a.text("account_number", wire.Required, wire.Digits(nairaDigits, nairaDigits))
	d.BankName = a.text("bank_name", wire.Required, wire.Length(1, nameMax))
	d.BankCode = a.text("bank_code", wire.Required, wire.Digits(bankDigitsMin, bankDigitsMax))
	a.text("rail", wire.Allowed(party.Nuban))
	d.Rail = party.Nuban
}

func readDollars(a accountReader, d *party.Details) {
	d.AccountName = a.text("account_name", wire.Required, wire.Length(1, nameMax))
	d.AccountNumber = a.text("account_number", wire.Required, wire.Digits(dollarsMin, dollarsMax))
	d.BankName = a.text("bank_name", wire.Required, wire.Length(1, nameMax))
	d.RoutingNumber = a.text("routing_number", wire.Required, formed(party.ValidRouting, "nine digits with a right check digit"))
	d.Rail = a.text("rail", wire.Required, wire.Allowed(party.ACH, party.Wire))
	d.SortCode = a.text("sort_code", wire.MaxLength(sortCodeMax))
	d.BIC = a.text("bic", formed(party.ValidBIC, "8 or 11 capital letters and digits"))
	d.Address, d.BankAddress = readPlace(a, "address"), readPlace(a, "bank_address")
}

// readPlace reads the address of a holder or of a bank.
func readPlace(a accountReader, field string) *party.Address {
	var p *party.Address
	a.of(field).Object(field, wire.Required, func(r *wire.Reader) {
		state, zip := wire.MaxLength(nameMax), wire.MaxLength(nameMax)
		if country, _ := r.Value().Get("country").Text(); country == "US" {
			state, zip = formed(party.ValidUSState, "the two letters of a state, such as NY"), formed(party.ValidUSZip, "5 or 9 digits")
		}
		p = &party.Address{Line1: r.Text("line1", wire.Required, wire.MaxLength(addressMax)), Line2: wire.OrNull(r.Text("line2", wire.MaxLength(addressMax))),
			City: r.Text("city", wire.Required, wire.MaxLength(addressMax)), State: wire.OrNull(r.Text("state", wire.Required, state)),
			Country: r.Text("country", wire.Required, wire.Country), ZipCode: r.Text("zip_code", wire.Required, zip)}
	})
	return p
}

func readInterac(a accountReader, in *engine.NewBeneficiary) {
	d := &in.Details
	d.RecipientType = a.text("recipient_type", wire.Required, wire.Allowed(party.RecipientPersonal, party.RecipientBusiness))
	readName(a, d)
	d.Email = a.text("email", wire.Required, wire.Email)
	for _, r := range []*wire.Reader{a.top, a.group} {
		if r != nil {
			r.Alias("phone_number", "phone")
		}
	}
	d.PhoneNumber = a.text("phone_number", formed(party.ValidInteracPhone, "+1 and ten digits, such as +14165550123"))
	d.AutoDeposit = a.of("auto_deposit").Bool("auto_deposit", wire.Optional)
	need := wire.Required
	if d.AutoDeposit {
		need = wire.Optional
	}
	d.SecurityQuestion = a.text("security_question", need, wire.Length(secretTextMin, secretTextMax))
	in.Answer = a.text("security_answer", need, wire.Length(secretTextMin, secretTextMax))
}

// readName reads the names, which a group may hold in an object of their own.
func readName(a accountReader, d *party.Details) {
	if a.group != nil && a.group.Value().Get("name").Kind() == wire.KindObject {
		a.group.Object("name", wire.Optional, func(r *wire.Reader) {
			d.FirstName, d.LastName = r.Text("first_name", wire.Required, wire.Length(1, nameMax)), r.Text("last_name", wire.Required, wire.Length(1, nameMax))
		})
		return
	}
	d.FirstName, d.LastName = a.text("first_name", wire.Required, wire.Length(1, nameMax)), a.text("last_name", wire.Required, wire.Length(1, nameMax))
}

func readCrypto(a accountReader, in *engine.NewBeneficiary) {
	d := &in.Details
	d.Chain = a.text("chain", wire.Required, wire.Allowed(party.Chains(in.Currency)...))
	fits := formed(func(s string) bool { return d.Chain == "" || party.FitsChain(d.Chain, s) }, "an address of the chain")
	d.CryptoAddress = a.text("address", wire.Required, fits)
}

// formed is invalid_format for texts that are not as they must be.
func formed(valid func(string) bool, hint string) wire.Rule {
	return wire.Judged(func(text string) (problem.FieldCode, problem.Details) {
		if valid(text) {
			return "", nil
		}
		return problem.FieldInvalidFormat, problem.Details{"hint": hint}
	})
}

func getBeneficiary(x *exchange) (answer, error) {
	b, err := x.engine().FindBeneficiary(x.ctx(), x.business(), x.param("id"))
	if err != nil {
		return answer{}, err
	}
	x.trace.About("beneficiary", b.ID)
	return data(wire.ShowBeneficiary(b)), nil
}

func deleteBeneficiary(x *exchange) (answer, error) {
	return reply(x.engine().DeleteBeneficiary(x.ctx(), x.call, x.param("id")))
}

func listBeneficiaries(x *exchange) (answer, error) {
	q := x.query
	page := q.Page("beneficiaries", pageSizeDefault)
	f := store.BeneficiaryFilter{Type: party.BeneficiaryType(q.Text("type", wire.Allowed(party.BeneficiaryTypes...))),
		Currency: money.Currency(q.Text("currency", wire.Allowed(money.All...)))}
	if err := q.Err(); err != nil {
		return answer{}, err
	}
	rows, err := x.engine().Beneficiaries(x.ctx(), x.business(), page, f)
	if err != nil {
		return answer{}, err
	}
	rows, block := wire.Show(page, rows, func(b *party.Beneficiary) wire.Cursor { return wire.Cursor{CreatedAt: b.CreatedAt, ID: b.ID} })
	out := make([]wire.Beneficiary, len(rows))
	for i, b := range rows {
		out[i] = wire.ShowBeneficiary(b)
	}
	return listed(wire.List{Data: out, Pagination: block}), nil
}

func listBanks(x *exchange) (answer, error) {
	country := x.query.Text("country", wire.Country)
	if err := x.query.Err(); err != nil {
		return answer{}, err
	}
	all, err := x.engine().Banks(x.ctx())
	if err != nil {
		return answer{}, err
	}
	out := []wire.BankRow{}
	for _, b := range all {
		if slices.Contains([]string{"", bankCountry}, country) {
			out = append(out, wire.BankRow{Code: b.Code, Name: b.Name})
		}
	}
	return data(out), nil
}

func resolveBankAccount(x *exchange) (answer, error) {
	r := wire.Read(x.body)
	out := wire.Holder{AccountNumber: r.Text("account_number", wire.Required, wire.Digits(nairaDigits, nairaDigits)),
		BankCode: r.Text("bank_code", wire.Required, wire.Digits(bankDigitsMin, bankDigitsMax))}
	if err := r.Err(); err != nil {
		return answer{}, err
	}
	var err error
	out.AccountName, err = x.engine().HolderOf(x.ctx(), x.call, out.BankCode, out.AccountNumber)
	return data(out), err
}
