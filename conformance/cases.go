package conformance

import "slices"

// Cases lists the whole suite in the order of the report; the rules about every
// reply come after them.
func Cases() []Case {
	return slices.Concat(
		routeCases(), authCases(), scopeCases(), envelopeCases(), bodyCases(), validationCases(),
		sessionCases(), referenceCases(), idempotencyCases(), captureCases(), incomingCases(), stepCases(), browserCases(),
		cancelCases(), refundCases(), paymentCases(), listCases(), waitingCases(), limitCases(),
		exchangeCases(), requestCases(), keyCases(), customerCases(), beneficiaryCases(), payoutCases(), bulkCases(), linkCases(), walletCases(), batchCases(), webhookCases(),
		faultCases(), sandboxCases(), clockCases(), auditCases(),
	)
}
