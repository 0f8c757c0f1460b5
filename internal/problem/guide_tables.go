package problem

// The tables of the guide that no row of the catalogue can tell.

func envelopeRows() []Row {
	return []Row{
		{"`error.type`", "string", "always", "the kind of error, next table"},
		{"`error.code`", "string", "always", "stable code for programs; the sections below"},
		{"`error.message`", "string", "always", "a sentence for people; it may change, except for a code that leads it"},
		{"`error.request_id`", "string", "always", "equals the header `X-Request-Id`; log it, quote it to support, look it up with `GET /requests/{request_id}`"},
		{"`error.doc_url`", "string", "always", "the code's section on this page"},
		{"`error.outcome`", "string", "always", "did money move? Equals the header `Juicer-Outcome`"},
		{"`error.retry`", "object", "always", "`{after_ms, allowed, with}`: may the request be sent again, how, and when"},
		{"`error.errors`", "list", "`validation_error`", "`{code, field, message}` for every bad field at once, in the order of the body"},
		{"`error.details`", "object", "where the code has any, or you sent `X-Request-Id`", "context by name; your own `X-Request-Id` comes back as `client_request_id`"},
		{"`error.retry_after`", "integer", "429, 503", "seconds, rounded up; equals the headers `Retry-After` and `retry_after`; `retry.allowed` decides first"},
		{"`message`", "string", "always", "mirror of `error.message`; for four codes the bare code"},
		{"`errors`", "list", "with `error.errors`", "mirror of it"},
	}
}

func typeRows() []Row {
	return []Row{
		{"`" + TypeInvalidRequest + "`", "400, 404, 405, 409, 413, 415, 422", "the request: its form, its address, or what it asks for"},
		{"`" + TypeAuthentication + "`", "401", "the key"},
		{"`" + TypePermission + "`", "403", "what the key may do"},
		{"`" + TypeIdempotency + "`", "409, 422", "the `Idempotency-Key`"},
		{"`" + TypeRateLimit + "`", "429", "too many requests"},
		{"`" + TypeAPI + "`", "500, 503", "the server"},
	}
}

func statusRows() []Row {
	return []Row{
		{"200", "Done. For capture, authorise, cancel, refund and payout **look at `data`**: a refused card is 200 with `data.status` `failed` and `data.failure`. 402 is never used."},
		{"201", "A resource was created, or the same one is returned again (header `Idempotent-Replayed`)."},
		{"204", "Done, no content."},
		{"304", "Not modified (`If-None-Match`)."},
		{"400", "Unreadable request, bad query, path or header value, or a business refusal."},
		{"401", "The key: missing, invalid, expired, revoked, or of the other environment."},
		{"403", "The key lacks the scope."},
		{"404", "The resource or route does not exist; never a completed payment session."},
		{"405, 413, 415", "Method not allowed here (`Allow` names those that are); body too large; body not JSON by its type."},
		{"409", "Conflict with something in progress, busy or already there."},
		{"422", "Body fields missing, invalid or unknown."},
		{"429", "Over a limit; it only ever means \"slow down\"."},
		{"500, 503", "The server's fault; a part is temporarily unavailable."},
	}
}

func boundary() []string {
	return []string{
		"422 `validation_error`: the body is readable JSON, and the fields alone show that one is missing, unknown, of the wrong type, format, length, range or list, or that two exclude each other. All of them are reported in one answer.",
		"400: the body is not readable; a query, path or header value is bad; or the fields are well formed but a rule that needs more than the field refuses them: limits of a method, a currency that does not fit, values that do not decrypt, balances, states, uniqueness.",
		"Examples: `amount` missing, `\"12\"`, `12.5`, `0` or `-5` is 422. `amount` 50 with a minimum of 100 is 400 `invalid_amount`. `currency` `XYZ` is 422; `CAD` with `crypto_address` is 400 `invalid_currency`. `limit=0` in a query is 400 `invalid_request`.",
		"A clash with another live object that you may resolve by looking at it is 409. A missing object named by the path, or by an id of its own in the body, is 404; a beneficiary named in a payout is 400 `invalid_beneficiary`.",
		"404 `not_found` says only that this id or reference does not exist here. A payment session, once created, is found for ever; acting on a completed one is 400 `payment_session_completed` or `payment_session_expired` with the whole payment in `details`.",
	}
}

func retryRows() []Row {
	return []Row{
		{"`allowed: false`", "Do not send this again. `after_ms`, if not null, says when to read the resource next."},
		{"`with: \"same_key\"`", "Send the identical request with the same `Idempotency-Key` (without a key: the same `reference`) after `after_ms`. For GET: the same request."},
		{"`with: \"new_key\"`", "The earlier try is finally over. A new one needs a new `Idempotency-Key` and, if a resource was created, a new `reference`. `after_ms: null`: only when the cause is gone; programs never do this by themselves."},
		{"`with: \"after_verify\"`", "Read the resource by reference, or `GET /idempotency-keys/{key}`. Send again only if that shows that nothing happened."},
	}
}

func clientRules() []string {
	return []string{
		"Send every write with an `Idempotency-Key` that was stored together with the body before the first byte leaves, with a time-out of 30 s (at least 26 s), and repeat the same bytes with the same key.",
		"2xx: read `data` and `money`. Error with a JSON body: obey `error.retry`. Neither (connection lost, time-out, cut body, HTML from a proxy): the outcome is unknown; repeat with the same key, without a key look by reference first. A key is never replaced while its outcome is unknown.",
		"At most 4 tries within 60 s. Before the next, wait as long as the server says (`Retry-After`, `retry_after`, `after_ms`), never less, plus a random part of up to a quarter of it (at most 1 s). Without one: a random time up to min(8 s, 0.5 s × 2^(n-1)) after try n, with 1 s instead of 0.5 s after a 429.",
		"`retry.allowed` false: never repeat. `new_key`: only after someone removed the cause. `after_verify`: read first.",
		"Log `request_id`, `code`, `outcome` and the number of the try; never the body of a card request. Count errors by `code`; alarm on the share of 5xx and of `unknown`. If a 5xx persists, contact the operator with the `request_id`.",
		"Cache what may be cached (`Cache-Control`, `ETag`), ask for many payments with `ids` or `references`, and prefer `?wait=` to polling. (`/batch`, webhooks and `/events` come in later releases.)",
	}
}
