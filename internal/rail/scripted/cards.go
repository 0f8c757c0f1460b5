package scripted

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/juicer-pay/juicer/internal/problem"
	"github.com/juicer-pay/juicer/internal/rail"
)

// The right answers of all test cards.
const (
	rightCVV   = "100"
	rightOTP   = "123456"
	rightPIN   = "1234"
	rightZip   = "100001"
	rightEnrol = "enrol-ok"
)

// testCard is a row of the catalogue.
type testCard struct {
	number     string
	expiry     string // documented "MM/YY", good for ever; "" for none
	documented bool   // by the original API, not by us
	effect     string
	behaviour  Behaviour
}

// testCards lists all cards but the delayed ones, whose numbers carry their time.
func testCards() []testCard {
	return append(append(documentedCards(), stepCards()...), append(declineCards(), timingCards()...)...)
}

func documentedCards() []testCard {
	return []testCard{
		{"4012000033330026", "01/39", true, "approved", plain()},
		{"5123450000000008", "12/25", true, "approved", plain()},
		{"4761530000000008", "05/25", true, "3DS page, or otp 123456, or card_enroll enrol-ok; then approved", steps("3ds", threeDS())},
		{"5200000000001005", "12/25", true, "3DS page, or otp 123456, or card_enroll enrol-ok; then approved", steps("3ds", threeDS())},
		{"4000000000000010", "01/25", true, "declined insufficient_funds", decline(problem.FailureInsufficientFunds)},
		{"4000000000000002", "01/25", true, "declined card_declined", decline(problem.FailureCardDeclined)},
	}
}

func stepCards() []testCard {
	otp, pin := Step{Type: rail.OTP, OTP: rightOTP}, Step{Type: rail.PIN, PIN: rightPIN}
	return []testCard{
		card("4000000000011009", "approved", plain()),
		card("4000000000011108", "OTP 123456, approved", steps("otp", otp)),
		card("4000000000011116", "OTP 123456, then declined insufficient_funds",
			steps("otp_insufficient_funds", otp).then(problem.FailureInsufficientFunds)),
		card("4000000000011124", "OTP, none is right", steps("otp_never", Step{Type: rail.OTP})),
		card("4000000000011207", "PIN 1234, approved", steps("pin", pin)),
		card("4000000000011702", "PIN 1234, then OTP 123456, approved", steps("pin_otp", pin, otp)),
		card("4000000000011306", "AVS: zip_code 100001, approved", steps("avs", Step{Type: rail.AVS, Zip: rightZip})),
		card("4000000000011405", "card enrol: enrol-ok, approved", steps("card_enroll", Step{Type: rail.CardEnroll, Enrol: rightEnrol})),
		card("4000000000011603", "CVV step: 100, approved", steps("cvv", Step{Type: rail.CVV, CVV: rightCVV})),
		card("4000000000011504", "3DS, page decides, approved by default", steps("3ds", threeDS())),
		card("4000000000011512", "3DS, always refused: authentication_rejected",
			steps("3ds_rejected", Step{Type: rail.ThreeDS, Any: true}).then(problem.FailureAuthenticationRejected)),
		card("4000000000014011", "approved; its refunds fail with account_closed",
			Behaviour{Name: "refund_fails", Refund: &Refund{Failure: problem.FailureAccountClosed}}),
		card("4000000000014029", "approved; its refunds take 1 h", Behaviour{Name: "refund_slow", Refund: &Refund{Delay: time.Hour}}),
	}
}

func declineCards() []testCard {
	numbers := []struct{ number, failure string }{
		{"4000000000012015", problem.FailureInsufficientFunds},
		{"4000000000012023", problem.FailureCardDeclined},
		{"4000000000012031", problem.FailureTransactionNotPermitted},
		{"4000000000012049", problem.FailureExpiredCard},
		{"4000000000012056", problem.FailureIncorrectCVV},
		{"4000000000012064", problem.FailureLostCard},
		{"4000000000012072", problem.FailureStolenCard},
		{"4000000000012080", problem.FailureSuspectedFraud},
		{"4000000000012098", problem.FailureRestrictedCard},
		{"4000000000012106", problem.FailureCardLimitExceeded},
		{"4000000000012114", problem.FailureCardNotSupported},
		{"4000000000012122", problem.FailureIssuerUnavailable},
		{"4000000000012130", problem.FailureProcessingError},
	}
	var out []testCard
	for _, n := range numbers {
		out = append(out, card(n.number, "declined "+n.failure, decline(n.failure)))
	}
	return out
}

func timingCards() []testCard {
	late := Manner{Deferred: true, Delay: time.Minute}
	return []testCard{
		card("4000000000013013", "executed, reply lost; the status query tells the truth from 5 s on",
			manner("reply_lost", Manner{ReplyLost: true, Silence: mute, SilentFor: 5 * time.Second})),
		card("4000000000013021", "lost before the bank saw it; sent once more it is approved", manner("lost_before", Manner{LostBefore: true})),
		card("4000000000013039", "late success: accepted, success callback after 60 s", manner("late_success", late)),
		card("4000000000013047", "late failure: accepted, failure callback (card_declined) after 60 s",
			manner("late_failure", late).then(problem.FailureCardDeclined)),
		card("4000000000013054", "approved, callback delivered twice", manner("callback_twice", Manner{Callbacks: 2})),
		card("4000000000013062", "approved, callback arrives before the reply", manner("callback_first", Manner{Callbacks: 1, Early: true})),
		card("4000000000013070", "executed, no reply, status query never answers",
			manner("silent", Manner{ReplyLost: true, Silence: mute, SilentFor: forever})),
		card("4000000000013088", "bank says failed and confirms it, then executes 60 s later",
			manner("contrary", Manner{Contrary: true}).then(problem.FailureCardDeclined)),
		card("4000000000013096", "bank unreachable for 30 s, then approves", manner("unreachable", Manner{UnreachableFor: 30 * time.Second})),
	}
}

func card(number, effect string, b Behaviour) testCard {
	return testCard{number: number, effect: effect, behaviour: b}
}

func plain() Behaviour { return Behaviour{Name: "approved"} }

func decline(failure string) Behaviour {
	return Behaviour{Name: "declined_" + failure, Failure: failure}
}

func steps(name string, s ...Step) Behaviour { return Behaviour{Name: name, Steps: s} }

func manner(name string, m Manner) Behaviour { return Behaviour{Name: name, Manner: &m} }

func threeDS() Step { return Step{Type: rail.ThreeDS, OTP: rightOTP, Enrol: rightEnrol} }

// then is the behaviour with a refusal at its end.
func (b Behaviour) then(failure string) Behaviour { b.Failure = failure; return b }

// Numbers of the form 400000000002NNNL are approved after NNN seconds; L is the
// Luhn digit.
const (
	delayedPrefix  = "400000000002"
	delayedPattern = delayedPrefix + "NNNL"
	delayedName    = "delayed"
)

func delayed(number string) (Behaviour, bool) {
	if len(number) != len(delayedPattern) || !strings.HasPrefix(number, delayedPrefix) || !luhn(number) {
		return Behaviour{}, false
	}
	seconds, err := strconv.Atoi(number[len(delayedPrefix) : len(number)-1])
	if err != nil {
		return Behaviour{}, false
	}
	return manner(delayedName, Manner{Delay: time.Duration(seconds) * time.Second}), true
}

// luhn reports whether all characters are digits and the last one is right.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// cardTable finds behaviours: by number when a card is charged, by name when the
// bank comes back to an instruction of which it kept no number.
type cardTable struct {
	byNumber map[string]testCard
	byName   map[string]Behaviour
}

func newCardTable() cardTable {
	t := cardTable{byNumber: map[string]testCard{}, byName: map[string]Behaviour{}}
	for _, c := range testCards() {
		t.byNumber[c.number], t.byName[c.behaviour.Name] = c, c.behaviour
	}
	return t
}

// present is what a card does when it is shown to the bank at now: its own
// behaviour, or a refusal for what is printed on it.
func (t cardTable) present(c *rail.Card, now time.Time) (b Behaviour, masked string) {
	number, cvv := c.Reveal()
	masked = mask(number)
	row, listed := t.byNumber[number]
	if !listed {
		if row.behaviour, listed = delayed(number); !listed {
			return decline(problem.FailureCardNotSupported), masked
		}
	}
	switch {
	case cvv != rightCVV:
		return decline(problem.FailureIncorrectCVV), masked
	case expired(c, now) && expiryText(c) != row.expiry:
		return decline(problem.FailureExpiredCard), masked
	}
	return row.behaviour, masked
}

// expired: a card is good to the end of its month, UTC.
func expired(c *rail.Card, now time.Time) bool {
	return !now.Before(time.Date(c.ExpiryYear, time.Month(c.ExpiryMonth)+1, 1, 0, 0, 0, 0, time.UTC))
}

func expiryText(c *rail.Card) string {
	return fmt.Sprintf("%02d/%02d", c.ExpiryMonth, c.ExpiryYear%100)
}

// mask keeps the first six and last four digits.
func mask(number string) string {
	if len(number) < 12 {
		return strings.Repeat("*", len(number))
	}
	return number[:6] + strings.Repeat("*", len(number)-10) + number[len(number)-4:]
}
