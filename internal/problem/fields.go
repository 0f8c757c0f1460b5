package problem

import (
	"regexp"
	"slices"
	"strings"
)

// FieldCode says which rule a field broke.
type FieldCode string

// The field codes.
const (
	FieldRequired             FieldCode = "required"
	FieldUnknown              FieldCode = "unknown_field"
	FieldInvalidType          FieldCode = "invalid_type"
	FieldMustBeInteger        FieldCode = "must_be_integer"
	FieldMustBePositive       FieldCode = "must_be_positive"
	FieldTooSmall             FieldCode = "too_small"
	FieldTooLarge             FieldCode = "too_large"
	FieldTooShort             FieldCode = "too_short"
	FieldTooLong              FieldCode = "too_long"
	FieldNotFound             FieldCode = "not_found"
	FieldForbiddenAddress     FieldCode = "forbidden_address"
	FieldInvalidFormat        FieldCode = "invalid_format"
	FieldInvalidCharacters    FieldCode = "invalid_characters"
	FieldUnsupportedCharacter FieldCode = "unsupported_character"
	FieldNotAllowed           FieldCode = "not_allowed"
	FieldConflict             FieldCode = "conflict"
	FieldTooFewItems          FieldCode = "too_few_items"
	FieldTooManyItems         FieldCode = "too_many_items"
	FieldPastDate             FieldCode = "past_date"
	FieldAlreadyExists        FieldCode = "already_exists"
)

// FieldRule is one row of the field codes.
type FieldRule struct {
	Code    FieldCode
	Message string // template: {Label} from the path, the rest from Breach's args
	When    string // given when
}

// FieldRules lists the field codes in the order of the contract.
func FieldRules() []FieldRule {
	return []FieldRule{
		{FieldRequired, "{Label} is required", "the field is absent, null or empty"},
		{FieldUnknown, "This field is unknown", "the body has a field that this endpoint does not take"},
		{FieldInvalidType, "{Label} must be a {type}", "another JSON type"},
		{FieldMustBeInteger, "{Label} must be an integer", "a number with a fraction"},
		{FieldMustBePositive, "{Label} must be a positive integer", "an amount below 1"},
		{FieldTooSmall, "{Label} must be at least {limit}", "a number below its range"},
		{FieldTooLarge, "{Label} must be at most {limit}", "a number above its range, or a value too long when written out"},
		{FieldTooShort, "{Label} must have at least {limit} characters", "a text that is too short"},
		{FieldTooLong, "{Label} must have at most {limit} characters", "a text that is too long"},
		{FieldNotFound, "{Label} does not exist", "bulk items only: a beneficiary that does not exist"},
		{FieldForbiddenAddress, "{Label} points to an address that is not allowed", "a webhook address inside a private network"},
		{FieldInvalidFormat, "{Label} is not valid: {hint}", "a text of the wrong form"},
		{FieldInvalidCharacters, "{Label} may only contain {hint}", "a text with characters that do not belong in it"},
		{FieldUnsupportedCharacter, "{Label} contains a character that is not supported", "U+0000, U+2028 or U+2029 in a text"},
		{FieldNotAllowed, "{Label} must be one of: {list}", "a value outside its list"},
		{FieldConflict, "{Label} cannot be combined with {other}", "two fields that exclude each other"},
		{FieldTooFewItems, "{Label} must have at least {limit} entries", "a list that is too short"},
		{FieldTooManyItems, "{Label} must have at most {limit} entries", "a list that is too long"},
		{FieldPastDate, "{Label} must be in the future", "a time that has passed"},
		{FieldAlreadyExists, "{Label} is already used", "bulk items only: a reference that is taken"},
	}
}

// Args names what the message takes besides {Label}: type, limit, hint, list, other.
func (r FieldRule) Args() []string {
	var args []string
	for _, p := range placeholder.FindAllString(r.Message, -1) {
		if name := strings.Trim(p, " {}"); name != "Label" {
			args = append(args, name)
		}
	}
	return args
}

// Breach is one broken rule of the field at path, such as items[2].amount, for
// validation_error. A code that is not in the table becomes its own message.
func Breach(code FieldCode, path string, args Details) Field {
	rules := FieldRules()
	i := slices.IndexFunc(rules, func(r FieldRule) bool { return r.Code == code })
	if i < 0 {
		return Field{Code: string(code), Field: path, Message: string(code)}
	}
	message := placeholder.ReplaceAllStringFunc(rules[i].Message, func(p string) string {
		if p == "{Label}" {
			return fieldLabel(path)
		}
		return fillFrom(p, args)
	})
	return Field{Code: string(code), Field: path, Message: article.ReplaceAllString(message, "must be an $1")}
}

// article finds the types that want "an" before them.
var article = regexp.MustCompile(`must be a (integer|object|array)\b`)

// fieldLabel is the last part of a path in words: items[2].amount is Amount,
// items[2] is Items, the empty path is the body.
func fieldLabel(path string) string {
	if path == "" {
		return "Body"
	}
	last := path[strings.LastIndex(path, ".")+1:]
	if i := strings.Index(last, "["); i > 0 {
		last = last[:i]
	}
	return label(last)
}

// Invalid raises validation_error with every breach at once, in body order.
func Invalid(fields ...Field) *Error {
	return &Error{Kind: ValidationError, Fields: fields}
}
