package wire

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/juicer-pay/juicer/internal/id"
	"github.com/juicer-pay/juicer/internal/problem"
)

// form is a rule about the form of a text, without parameters.
type form uint8

// Forms of texts. The breach is invalid_format, except for
// Country (not_allowed) and the three kinds of characters (invalid_characters).
const (
	Email         form = iota // one @ with something on both sides, at most 254 characters
	Phone                     // + and 7..15 digits, the first not 0
	Country                   // ISO 3166 alpha-2, upper case
	UUID                      // of any version, in either case
	IP                        // IPv4 or IPv6, without a zone
	WebURL                    // absolute http or https, at most 2048 characters
	SecureURL                 // WebURL, https only
	HookURL                   // WebURL without user info and fragment
	Printable                 // characters: 0x21..0x7E
	PersonName                // characters: letters and marks of any script, blank - ' ’ .
	WordLike                  // characters: letters, digits, - and _
	Canadian                  // a postal code of Canada, with or without the blank in its middle
	NorthAmerican             // +1 and ten digits
)

func (f form) check(in input) breach {
	s := in.text
	switch f {
	case Email:
		return unless(isEmail(s), "one @ with something on both sides, at most "+strconv.Itoa(EmailMax)+" characters")
	case Phone:
		return unless(isPhone(s), "+ and 7 to 15 digits, such as +2348031234567")
	case Country:
		if !IsCountry(s) {
			return broken(problem.FieldNotAllowed, "list", "the ISO 3166 alpha-2 codes, such as NG")
		}
	case UUID:
		return unless(id.Valid(s), "a UUID")
	case IP:
		return unless(isIP(s), "an IPv4 or IPv6 address")
	case WebURL:
		return unless(isURL(s, nil), "an absolute http or https URL of at most "+strconv.Itoa(URLMax)+" characters")
	case SecureURL:
		return unless(isURL(s, isSecure), "an absolute https URL of at most "+strconv.Itoa(URLMax)+" characters")
	case HookURL:
		return unless(isURL(s, hasNoUser) && !strings.Contains(s, "#"), "an absolute http or https URL of at most "+strconv.Itoa(URLMax)+" characters without user info and fragment")
	case Printable:
		return only(s, isPrintable, "printable ASCII characters without blanks")
	case PersonName:
		return only(s, isOfName, "letters, blanks, hyphens, apostrophes and full stops")
	case Canadian:
		return unless(canadianPostal.MatchString(s), "a Canadian postal code, such as M5H 1A1")
	case NorthAmerican:
		return unless(isPhone(s) && strings.HasPrefix(s, "+1") && len(s) == 12, "+1 and ten digits, such as +14165550123")
	case WordLike:
		return only(s, isOfWord, "letters, digits, - and _")
	}
	return breach{}
}

var canadianPostal = regexp.MustCompile(`^[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] ?[0-9][ABCEGHJ-NPRSTV-Z][0-9]$`)

func unless(good bool, hint string) breach {
	if good {
		return breach{}
	}
	return broken(problem.FieldInvalidFormat, "hint", hint)
}

func only(s string, allowed func(rune) bool, hint string) breach {
	if strings.IndexFunc(s, func(r rune) bool { return !allowed(r) }) < 0 {
		return breach{}
	}
	return broken(problem.FieldInvalidCharacters, "hint", hint)
}

func isPrintable(r rune) bool { return r > ' ' && r <= '~' }

func isOfName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || strings.ContainsRune(" -'’.", r)
}

func isOfWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// isBlank is what may stand neither in an e-mail address nor in a URL.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func isEmail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	return found && local != "" && domain != "" && !strings.Contains(domain, "@") &&
		utf8.RuneCountInString(s) <= EmailMax && strings.IndexFunc(s, isBlank) < 0
}

func isPhone(s string) bool {
	digits, found := strings.CutPrefix(s, "+")
	return found && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && onlyDigits(digits)
}

func isIP(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// isURL refuses backslashes too: browsers take them for slashes, so that such a
// URL leads elsewhere than it says.
func isURL(s string, also func(*url.URL) bool) bool {
	if utf8.RuneCountInString(s) > URLMax || strings.ContainsRune(s, '\\') || strings.IndexFunc(s, isBlank) >= 0 {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && (also == nil || also(u))
}

func isSecure(u *url.URL) bool { return u.Scheme == "https" }

func hasNoUser(u *url.URL) bool { return u.User == nil }

// digits is a rule about the number of digits of a text.
type digits struct{ least, most int }

// Digits is invalid_format for texts that are not least..most digits.
func Digits(least, most int) Rule { return digits{least, most} }

func (d digits) check(in input) breach {
	if onlyDigits(in.text) && len(in.text) >= d.least && len(in.text) <= d.most {
		return breach{}
	}
	hint := strconv.Itoa(d.least) + " to " + strconv.Itoa(d.most) + " digits"
	switch d.most {
	case d.least:
		hint = strconv.Itoa(d.least) + " digits"
	case d.least + 1:
		hint = strconv.Itoa(d.least) + " or " + strconv.Itoa(d.most) + " digits"
	}
	return broken(problem.FieldInvalidFormat, "hint", hint)
}
