package sandbox

import "github.com/juicer-pay/juicer/internal/problem"

// Trigger says how one code is seen in the test environment.
type Trigger struct {
	Code    string `json:"code"`
	Where   Where  `json:"where"`
	How     string `json:"how"`     // what to do, in Markdown
	Example string `json:"example"` // the header, card number, account ending or field to use
}

// Where says which part of an answer carries the code. Some codes occur in both.
type Where string

// The parts.
const (
	InError   Where = "error"   // error.code
	InFailure Where = "failure" // data.failure.code of a 200
)

// Triggers lists how every error code and every failure code is brought about, in
// the order of the contract. For errors, How provokes the real cause; Example is
// the header that has the answer shown without it.
func Triggers() []Trigger {
	var out []Trigger
	for _, k := range problem.All() {
		out = append(out, Trigger{k.Code, InError, k.Sandbox, FaultHeader + ": error=" + k.Code})
	}
	for _, f := range problem.Failures() {
		how, example := failureTrigger(f.Code)
		out = append(out, Trigger{f.Code, InFailure, how, example})
	}
	return out
}

// failureTrigger finds the input that makes the simulated bank fail so; both are
// empty for a code without one.
func failureTrigger(code string) (how, example string) {
	if number, ok := declinedCards()[code]; ok {
		return "capture with card " + number, number
	}
	if s, ok := stepTriggers()[code]; ok {
		return s.How, s.Example
	}
	if ending, ok := accountEndings()[code]; ok {
		return "pay out to an account number or address that ends in " + ending, ending
	}
	return "", ""
}

// declinedCards are the cards of the simulated bank by the decline they get.
func declinedCards() map[string]string {
	return map[string]string{
		problem.FailureInsufficientFunds:       "4000000000012015",
		problem.FailureCardDeclined:            "4000000000012023",
		problem.FailureTransactionNotPermitted: "4000000000012031",
		problem.FailureExpiredCard:             "4000000000012049",
		problem.FailureIncorrectCVV:            "4000000000012056",
		problem.FailureLostCard:                "4000000000012064",
		problem.FailureStolenCard:              "4000000000012072",
		problem.FailureSuspectedFraud:          "4000000000012080",
		problem.FailureRestrictedCard:          "4000000000012098",
		problem.FailureCardLimitExceeded:       "4000000000012106",
		problem.FailureCardNotSupported:        "4000000000012114",
		problem.FailureIssuerUnavailable:       "4000000000012122",
		problem.FailureProcessingError:         "4000000000012130",
	}
}

// stepTriggers need more than one request.
func stepTriggers() map[string]Trigger {
	return map[string]Trigger{
		problem.FailureIncorrectOTP:           {How: "capture with card 4000000000011108, then authorise with `otp` 000000", Example: "4000000000011108"},
		problem.FailureIncorrectPIN:           {How: "capture with card 4000000000011207, then authorise with `pin` 0000", Example: "4000000000011207"},
		problem.FailureAddressMismatch:        {How: "capture with card 4000000000011306, then authorise with an `avs` whose `zip_code` is not 100001", Example: "4000000000011306"},
		problem.FailureEnrollmentRejected:     {How: "capture with card 4000000000011405, then authorise with `card_enroll` `no`", Example: "4000000000011405"},
		problem.FailureAuthenticationFailed:   {How: "capture with card 4000000000011124, then authorise three times with any `otp`", Example: "4000000000011124"},
		problem.FailureAuthenticationRejected: {How: "capture with card 4000000000011512, then finish its page or `POST /sandbox/payments/{id}/authenticate`", Example: "4000000000011512"},
		problem.FailureUnderpaid:              {How: "deposit less than the amount of a bank transfer session, then move the clock past its end", Example: "POST /sandbox/deposits/bank"},
		problem.FailurePayerCancelled:         {How: "`POST /sandbox/payments/{id}/resolve` with `outcome` `failed` and `code` `payer_cancelled`", Example: "POST /sandbox/payments/{id}/resolve"},
	}
}

// accountEndings are the last characters of a beneficiary's account number or
// address by the failure of the payout.
func accountEndings() map[string]string {
	return map[string]string{
		problem.FailureAccountNotFound:            "9111",
		problem.FailureAccountClosed:              "9112",
		problem.FailureAccountNameMismatch:        "9113",
		problem.FailureBeneficiaryBankUnavailable: "9114",
		problem.FailureBeneficiaryRejected:        "9115",
		problem.FailureAccountRestricted:          "9116",
		problem.FailureReceivingLimitExceeded:     "9117",
		problem.FailureRailRejected:               "9118",
		problem.FailureAddressRejected:            "9118", // of a crypto address
		problem.FailureReversedByBank:             "9141", // after 60 s
	}
}
