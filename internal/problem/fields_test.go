package problem

import "testing"

func TestBreachSaysWhatIsWrongWithTheField(t *testing.T) {
	for _, c := range []struct {
		code FieldCode
		path string
		args Details
		want string
	}{
		{FieldRequired, "customer.first_name", nil, "First name is required"},
		{FieldUnknown, "colour", nil, "This field is unknown"},
		{FieldInvalidType, "reference", Details{"type": "string"}, "Reference must be a string"},
		{FieldInvalidType, "customer", Details{"type": "object"}, "Customer must be an object"},
		{FieldMustBeInteger, "amount", nil, "Amount must be an integer"},
		{FieldMustBePositive, "items[2].amount", nil, "Amount must be a positive integer"},
		{FieldTooSmall, "card.expiry_month", Details{"limit": 1}, "Expiry month must be at least 1"},
		{FieldTooLarge, "amount", Details{"limit": int64(999999999999)}, "Amount must be at most 999999999999"},
		{FieldTooShort, "description", Details{"limit": 1}, "Description must have at least 1 characters"},
		{FieldTooLong, "reference", Details{"limit": 50}, "Reference must have at most 50 characters"},
		{FieldNotFound, "items[0].beneficiary", nil, "Beneficiary does not exist"},
		{FieldForbiddenAddress, "url", nil, "Url points to an address that is not allowed"},
		{FieldInvalidFormat, "customer.email", Details{"hint": "an e-mail address"}, "Email is not valid: an e-mail address"},
		{FieldInvalidCharacters, "reference", Details{"hint": "printable characters"}, "Reference may only contain printable characters"},
		{FieldUnsupportedCharacter, "description", nil, "Description contains a character that is not supported"},
		{FieldNotAllowed, "currency", Details{"list": []string{"NGN", "USD"}}, "Currency must be one of: NGN, USD"},
		{FieldConflict, "otp", Details{"other": "pin"}, "Otp cannot be combined with pin"},
		{FieldTooFewItems, "order.items", Details{"limit": 1}, "Items must have at least 1 entries"},
		{FieldTooManyItems, "items[2]", Details{"limit": 3}, "Items must have at most 3 entries"},
		{FieldPastDate, "expires_at", nil, "Expires at must be in the future"},
		{FieldAlreadyExists, "items[1].reference", nil, "Reference is already used"},
		{FieldInvalidType, "", Details{"type": "object"}, "Body must be an object"},
		{FieldRequired, "émile", nil, "Émile is required"},
		{"no_such_code", "amount", nil, "no_such_code"},
	} {
		t.Run(string(c.code)+" of "+c.path, func(t *testing.T) {
			want := Field{Code: string(c.code), Field: c.path, Message: c.want}
			if got := Breach(c.code, c.path, c.args); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestFieldCodesAreUniqueAndComplete(t *testing.T) {
	seen := map[FieldCode]bool{}
	for _, r := range FieldRules() {
		if seen[r.Code] || r.Message == "" || r.When == "" {
			t.Errorf("%s stands twice or lacks a text", r.Code)
		}
		seen[r.Code] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d field codes", len(seen))
	}
}
