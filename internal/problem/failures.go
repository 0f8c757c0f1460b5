package problem

import "slices"

// The failure codes inside data.
const (
	FailureInsufficientFunds          = "insufficient_funds"
	FailureCardDeclined               = "card_declined"
	FailureTransactionNotPermitted    = "transaction_not_permitted"
	FailureExpiredCard                = "expired_card"
	FailureIncorrectCVV               = "incorrect_cvv"
	FailureLostCard                   = "lost_card"
	FailureStolenCard                 = "stolen_card"
	FailureSuspectedFraud             = "suspected_fraud"
	FailureRestrictedCard             = "restricted_card"
	FailureCardLimitExceeded          = "card_limit_exceeded"
	FailureCardNotSupported           = "card_not_supported"
	FailureIssuerUnavailable          = "issuer_unavailable"
	FailureProcessingError            = "processing_error"
	FailureIncorrectOTP               = "incorrect_otp"
	FailureIncorrectPIN               = "incorrect_pin"
	FailureAddressMismatch            = "address_mismatch"
	FailureEnrollmentRejected         = "enrollment_rejected"
	FailureAuthenticationFailed       = "authentication_failed"
	FailureAuthenticationRejected     = "authentication_rejected"
	FailureUnderpaid                  = "underpaid"
	FailurePayerCancelled             = "payer_cancelled"
	FailureRailRejected               = "rail_rejected"
	FailureAccountNotFound            = "account_not_found"
	FailureAccountClosed              = "account_closed"
	FailureAccountNameMismatch        = "account_name_mismatch"
	FailureAccountRestricted          = "account_restricted"
	FailureReceivingLimitExceeded     = "receiving_limit_exceeded"
	FailureBeneficiaryBankUnavailable = "beneficiary_bank_unavailable"
	FailureBeneficiaryRejected        = "beneficiary_rejected"
	FailureAddressRejected            = "address_rejected"
	FailureReversedByBank             = "reversed_by_bank"
)

// Failure is one row of the refusals that a 200 can carry in data.failure: the
// request was fine, the bank said no.
type Failure struct {
	Code      string
	Kind      string // where it occurs, for the documentation
	Retryable bool   // a new attempt with the same card or account may succeed
	Reason    string // the rail's usual code for it; "" for none or RailsOwn
	RailsOwn  bool   // reason is whatever the rail said
	Step      bool   // carries attempts_left while the payment still waits
	Message   string // template, filled by Sentence
	AfterMS   int64  // wait before a new attempt in milliseconds; 0: no such time is known
}

const (
	kindDecline = "card decline"
	kindStep    = "authentication step"
	kindPayout  = "payout"
	kindReturn  = "payout, refund"

	soonMS = 5000 // the card's bank is likely to answer again by then

	declined = "The card was declined." // payers are not told more
)

// Failures lists the rows in the order of the contract. The slice is fresh.
func Failures() []Failure {
	return slices.Concat(declines(), stepFailures(), railFailures())
}

func declines() []Failure {
	return []Failure{
		{Code: FailureInsufficientFunds, Kind: kindDecline, Retryable: true, Reason: "51", Message: "The card has insufficient funds."},
		{Code: FailureCardDeclined, Kind: kindDecline, Reason: "05", Message: declined},
		{Code: FailureTransactionNotPermitted, Kind: kindDecline, Reason: "57", Message: "The card does not allow this payment."},
		{Code: FailureExpiredCard, Kind: kindDecline, Reason: "54", Message: "The card has expired."},
		{Code: FailureIncorrectCVV, Kind: kindDecline + ", or " + kindStep, Retryable: true, Reason: "N7", Step: true, Message: "The security code is wrong."},
		{Code: FailureLostCard, Kind: kindDecline, Reason: "41", Message: declined},
		{Code: FailureStolenCard, Kind: kindDecline, Reason: "43", Message: declined},
		{Code: FailureSuspectedFraud, Kind: kindDecline, Reason: "59", Message: declined},
		{Code: FailureRestrictedCard, Kind: kindDecline, Reason: "62", Message: "The card is restricted."},
		{Code: FailureCardLimitExceeded, Kind: kindDecline, Retryable: true, Reason: "61", Message: "The card's limit is exceeded."},
		{Code: FailureCardNotSupported, Kind: kindDecline, Reason: "12", Message: "The card type is not supported."},
		{Code: FailureIssuerUnavailable, Kind: kindDecline, Retryable: true, Reason: "91", Message: "The card's bank does not answer.", AfterMS: soonMS},
		{Code: FailureProcessingError, Kind: kindDecline, Retryable: true, Reason: "96", Message: "The payment could not be processed.", AfterMS: soonMS},
	}
}

func stepFailures() []Failure {
	return []Failure{
		{Code: FailureIncorrectOTP, Kind: kindStep, Retryable: true, Step: true, Message: "The one-time password is wrong."},
		{Code: FailureIncorrectPIN, Kind: kindStep, Retryable: true, Step: true, Message: "The PIN is wrong."},
		{Code: FailureAddressMismatch, Kind: kindStep, Retryable: true, Step: true, Message: "The address does not match the card's."},
		{Code: FailureEnrollmentRejected, Kind: kindStep, Retryable: true, Step: true, Message: "The card could not be enrolled."},
		{Code: FailureAuthenticationFailed, Kind: "authentication, final", Retryable: true, Message: "Authentication failed."},
		{Code: FailureAuthenticationRejected, Kind: "3DS refused by payer or bank", Retryable: true, Message: "The payment was not approved."},
		{Code: FailureUnderpaid, Kind: "transfer, final", Retryable: true, Message: "Only {amount_paid} of {amount} arrived; it was returned."},
		{Code: FailurePayerCancelled, Kind: "Interac, Binance Pay", Retryable: true, Message: "The payer cancelled."},
	}
}

func railFailures() []Failure {
	return []Failure{
		{Code: FailureRailRejected, Kind: "any rail", RailsOwn: true, Message: "The payment network refused the payment."},
		{Code: FailureAccountNotFound, Kind: kindReturn, RailsOwn: true, Message: "The account does not exist."},
		{Code: FailureAccountClosed, Kind: kindReturn, RailsOwn: true, Message: "The account is closed."},
		{Code: FailureAccountNameMismatch, Kind: kindPayout, RailsOwn: true, Message: "The account name does not match."},
		{Code: FailureAccountRestricted, Kind: kindReturn, RailsOwn: true, Message: "The account cannot receive payments."},
		{Code: FailureReceivingLimitExceeded, Kind: kindPayout, Retryable: true, RailsOwn: true, Message: "The receiving account's limit is exceeded."},
		{Code: FailureBeneficiaryBankUnavailable, Kind: kindPayout, Retryable: true, RailsOwn: true, Message: "The receiving bank is not available."},
		{Code: FailureBeneficiaryRejected, Kind: kindPayout, RailsOwn: true, Message: "The receiving bank refused the payment."},
		{Code: FailureAddressRejected, Kind: "crypto payout", RailsOwn: true, Message: "The network refused the address."},
		{Code: FailureReversedByBank, Kind: "payout, after success", RailsOwn: true, Message: "The receiving bank sent the payment back."},
	}
}

// FailureByCode finds a row; false for a code that is not in the table.
func FailureByCode(code string) (Failure, bool) {
	for _, f := range Failures() {
		if f.Code == code {
			return f, true
		}
	}
	return Failure{}, false
}

// Retry is the advice of money.retry once the object has finally failed so.
func (f Failure) Retry() Retry {
	switch {
	case !f.Retryable:
		return Never()
	case f.AfterMS > 0:
		return Again(NewKey, f.AfterMS)
	}
	return Again(NewKey, -1)
}

// Sentence is the message with its names filled in; only underpaid has any.
func (f Failure) Sentence(d Details) string {
	return placeholder.ReplaceAllStringFunc(f.Message, func(p string) string { return fillFrom(p, d) })
}
