package problem

import "net/http"

// Class names the class of error that the SDKs raise for the kind. It is
// "ServerError" for 408 and 5xx, whose outcome may be unknown.
func (k *Kind) Class() string {
	switch {
	case k.Type == TypeIdempotency, k == InvalidIdempotencyKey:
		return "IdempotencyError"
	case k.Status == http.StatusRequestTimeout, k.Status >= http.StatusInternalServerError:
		return "ServerError"
	}
	if class, ok := classes[k.Status]; ok {
		return class
	}
	return "InvalidRequestError"
}

// classes are those that follow from the status.
var classes = map[int]string{
	http.StatusUnauthorized:        "AuthenticationError",
	http.StatusForbidden:           "PermissionError",
	http.StatusNotFound:            "NotFoundError",
	http.StatusConflict:            "ConflictError",
	http.StatusUnprocessableEntity: "ValidationError",
	http.StatusTooManyRequests:     "RateLimitError",
}
