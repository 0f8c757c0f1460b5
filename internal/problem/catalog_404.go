package problem

import "net/http"

// 404, 405, 413, 415 and 422: the address, the body's size and type, its fields.
var (
	NotFound = &Kind{
		Code: "not_found", Status: http.StatusNotFound, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "{Resource} not found",
		Details: []string{"id", "resource"},
		Says:    "This id or reference does not exist in this environment for this business. It never means that a payment failed: payments and sessions are found for ever.",
		When:    "no such resource in this environment and business",
		Sandbox: "`GET /payments/no-such-reference`",
		Decided: "api engine",
	}
	RouteNotFound = &Kind{
		Code: "route_not_found", Status: http.StatusNotFound, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "No such endpoint.",
		Details: []string{"method", "path"},
		Says:    "The path is not part of the API. Compare it with `/openapi.json`.",
		When:    "an unknown path; `/sandbox/*` in live",
		Sandbox: "`GET /no-such-endpoint`",
		Decided: "api",
	}
	MethodNotAllowed = &Kind{
		Code: "method_not_allowed", Status: http.StatusMethodNotAllowed, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "{method} is not allowed here.",
		Details: []string{"allowed"}, Fills: []string{"method"},
		Says:    "The path exists, with other methods: `allowed` and the header `Allow` list them.",
		When:    "a known path with another method",
		Sandbox: "`DELETE /payments`",
		Decided: "api",
	}
	PayloadTooLarge = &Kind{
		Code: "payload_too_large", Status: http.StatusRequestEntityTooLarge, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The body is larger than {limit} bytes.",
		Details: []string{"limit"},
		Says:    "Split the request, or shorten `metadata`.",
		When:    "the size of the body",
		Sandbox: "`POST /payment-sessions` with a body of 2 MiB",
		Decided: "api wire",
	}
	UnsupportedMediaType = &Kind{
		Code: "unsupported_media_type", Status: http.StatusUnsupportedMediaType, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "Send application/json.",
		Details: []string{"content_type"},
		Says:    "Bodies are JSON in UTF-8. Set `Content-Type: application/json`.",
		When:    "a body of another type",
		Sandbox: "`POST /payment-sessions` with `Content-Type: text/plain`",
		Decided: "wire",
	}
	ValidationError = &Kind{
		Code: "validation_error", Status: http.StatusUnprocessableEntity, Type: TypeInvalidRequest,
		Outcome: NotAttempted, Retry: Never(),
		Message: "The request was invalid",
		Says:    "The body is readable, but fields are missing, unknown or wrong. `errors` names all of them at once, in the order of the body. Correct them and send the request again; the idempotency key is still free.",
		When:    "fields of the body, looked at by themselves",
		Sandbox: "`POST /payment-sessions` with `{}`",
		Decided: "wire",
	}
)

func routeRows() []*Kind {
	return []*Kind{NotFound, RouteNotFound, MethodNotAllowed, PayloadTooLarge, UnsupportedMediaType, ValidationError}
}
