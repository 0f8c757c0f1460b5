package problem

import "testing"

func TestEveryKindHasTheClassThatItsReaderExpects(t *testing.T) {
	count := map[string]int{}
	for _, k := range All() {
		count[k.Class()]++
	}
	for class, k := range map[string]*Kind{
		"AuthenticationError": ExpiredAPIKey, "PermissionError": InsufficientPermissions, "NotFoundError": NotFound,
		"ConflictError": ResourceBusy, "IdempotencyError": IdempotencyKeyReused, "ValidationError": ValidationError,
		"RateLimitError": RateLimitExceeded, "ServerError": RequestTimeout, "InvalidRequestError": InvalidAmount,
	} {
		if k.Class() != class {
			t.Errorf("%s is a %s, want %s", k.Code, k.Class(), class)
		}
		if count[class] == 0 {
			t.Errorf("no kind is a %s", class)
		}
		delete(count, class)
	}
	for class := range count {
		t.Errorf("%s is no class of the SDKs", class)
	}
}
