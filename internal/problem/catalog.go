package problem

import "slices"

// All is every row of the catalogue in the order of the contract.
// The slice is fresh, the rows are shared.
func All() []*Kind {
	return slices.Concat(
		requestRows(), paymentRows(), transferRows(), // 400
		keyRows(),         // 401, 403
		routeRows(),       // 404, 405, 413, 415, 422
		conflictRows(),    // 409
		idempotencyRows(), // 409, 422
		serverRows(),      // 429, 500, 503
	)
}

// ByCode finds a row by its code.
func ByCode(code string) (*Kind, bool) {
	for _, k := range All() {
		if k.Code == code {
			return k, true
		}
	}
	return nil, false
}
