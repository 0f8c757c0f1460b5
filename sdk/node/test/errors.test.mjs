import assert from "node:assert/strict";
import { inspect } from "node:util";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as sdk from "../dist/esm/index.js";
import { scrub } from "../dist/esm/errors.js";
import { failureOf, onStage } from "./stage.mjs";

const post = (client, body = {}) => client.paymentSessions.create(body);
const failWith = async (step, options) => {
	const { client, clock } = onStage([step], { policy: { maxAttempts: 1 }, ...options });
	return failureOf(clock.run(post(client)));
};

for (const [status, code, name] of [
	[400, "malformed_json", "InvalidRequestError"],
	[400, undefined, "InvalidRequestError"],
	[401, "missing_api_key", "AuthenticationError"],
	[401, undefined, "AuthenticationError"],
	[403, undefined, "PermissionError"],
	[404, "not_found", "NotFoundError"],
	[408, undefined, "ServerError"],
	[409, "payment_in_progress", "ConflictError"],
	[409, undefined, "ConflictError"],
	[409, "idempotency_key_expired", "IdempotencyError"],
	[422, "idempotency_key_reused", "IdempotencyError"],
	[422, "validation_error", "ValidationError"],
	[422, undefined, "ValidationError"],
	[429, "rate_limit_exceeded", "RateLimitError"],
	[500, undefined, "ServerError"],
	[503, "a_code_of_the_future", "ServerError"],
	[418, "constructor", "InvalidRequestError"],
	[302, undefined, "APIError"],
]) {
	test(`${status} ${code ?? "without a code"} is a ${name}`, async () => {
		const error = await failWith({ status, body: code && { error: { code } } });
		assert.equal(error.name, name);
		assert.ok(error instanceof sdk[name] && error instanceof sdk.APIError && error instanceof sdk.JuicerError && error instanceof Error);
		assert.equal(error.code, code);
		assert.equal(error.status, status);
	});
}

test("every code of the catalogue has a class of the tree", async () => {
	const { problems } = JSON.parse(readFileSync(new URL("../../../spec/problems.json", import.meta.url), "utf8"));
	for (const { code, status } of problems) {
		const error = await failWith({ status, body: { error: { code } } });
		assert.ok(error instanceof sdk.APIError && error.name !== "APIError", code);
	}
	assert.ok(problems.length > 40);
});

test("no whole answer is a TransportError of a kind", async () => {
	for (const [event, name] of Object.entries({ connect_refused: "ConnectionError", reset: "ConnectionError", dns_not_found: "ConnectionError", tls_certificate: "ConnectionError",
		read_timeout: "TimeoutError", connect_timeout: "TimeoutError", tls_timeout: "TimeoutError", truncated_body: "InvalidResponseError", invalid_body: "InvalidResponseError" })) {
		const error = await failWith({ event });
		assert.equal(error.name, name);
		assert.ok(error instanceof sdk.TransportError);
		assert.equal(error.event, event);
	}
});

test("an error says everything that is known", async () => {
	const body = { error: { code: "validation_error", type: "invalid_request_error", message: "The request was invalid", outcome: "not_attempted", doc_url: "http://juicer.example/docs/errors#validation_error",
		retry: { allowed: false, with: null, after_ms: null }, errors: [{ field: "amount", code: "must_be_positive", message: "Amount must be a positive integer" }], details: { a: 1 } } };
	const { client, clock } = onStage([{ event: "connect_refused" }, { status: 422, body }]);
	const error = await failureOf(clock.run(client.paymentSessions.create({}, { idempotencyKey: "order-1" })));
	assert.deepEqual(error.fieldErrors, [{ field: "amount", code: "must_be_positive", message: "Amount must be a positive integer" }]);
	assert.deepEqual(error.details, { a: 1 });
	const { code, docUrl, idempotencyKey, outcome, reason, requestId, requestIds, serverMessage, totalMs, type } = error;
	assert.deepEqual({ code, docUrl, idempotencyKey, outcome, reason, requestId, requestIds, serverMessage, totalMs, type }, {
		code: "validation_error", docUrl: "http://juicer.example/docs/errors#validation_error", idempotencyKey: "order-1", outcome: "not_attempted", reason: "server_said_no",
		requestId: "req_2", requestIds: ["req_2"], serverMessage: "The request was invalid", totalMs: 270, type: "invalid_request_error",
	});
	assert.deepEqual(error.attempts.map(({ event, number, status, tookMs, waitMs }) => ({ event, number, status, tookMs, waitMs })),
		[{ event: "connect_refused", number: 1, status: undefined, tookMs: 10, waitMs: 250 }, { event: undefined, number: 2, status: 422, tookMs: 10, waitMs: 0 }]);
	assert.equal(error.message, "POST /payment-sessions: 422 validation_error: The request was invalid (amount: Amount must be a positive integer). No money moved: nothing was done. Sent again unchanged, it would fail again. Idempotency key order-1. Request req_2. See http://juicer.example/docs/errors#validation_error");
});

for (const [what, step, options, words] of [
	["a lost answer", { event: "reset" }, {}, ["the connection broke before the answer came", "Whether money moved is not known", "same idempotency key"]],
	["a long wait", { status: 429, headers: { "Retry-After": "61" } }, { policy: {} }, ["429", "The server asks to wait 61 s", "No money moved"]],
	["the deadline", { status: 503 }, { policy: { deadlineMs: 600 } }, ["The deadline leaves no time for another try"]],
	["the budget", { status: 503 }, { policy: { bucket: 1 } }, ["by its own decision"]],
	["exhausted attempts", { status: 503 }, { clock: undefined, policy: {} }, ["Gave up after 4 requests"]],
	["a page", { status: 502, body: "<title>Bad Gateway</title>" }, {}, ["502 Bad Gateway"]],
	["another server's words", { status: 400, body: { error: "Nope!" } }, {}, ["400 Nope! Whether"]],
	["a new key", { status: 400, body: { error: { code: "insufficient_funds", outcome: "refused", retry: { allowed: true, with: "new_key" } } } }, {}, ["No money moved: it was refused", "new idempotency key"]],
	["verification", { status: 500, body: { error: { code: "x", outcome: "unknown", retry: { allowed: true, with: "after_verify" } } } }, {}, ["Read the resource first"]],
	["work still going on", { status: 409, body: { error: { code: "payment_in_progress", outcome: "pending" } } }, {}, ["Money may still move"]],
	["money that has moved", { status: 400, body: { error: { code: "payment_session_completed", outcome: "succeeded" } } }, {}, ["The money has moved"]],
]) {
	test(`the message of ${what} says what happened, whether money moved, and what to do`, async () => {
		const error = await failWith(step, { ...options, clock: undefined });
		for (const word of words) assert.ok(error.message.includes(word), `${error.message} lacks ${word}`);
	});
}

test("time that is up before the first request is a DeadlineError: nothing was attempted", async () => {
	const { client, clock, server } = onStage([{ status: 201 }]);
	const error = await failureOf(clock.run(client.paymentSessions.create({}, { timeoutMs: 0 })));
	assert.ok(error instanceof sdk.DeadlineError);
	assert.equal(error.outcome, "not_attempted");
	assert.equal(server.requests.length, 0);
});

test("reads have no outcome, and their messages speak of no money", async () => {
	const { client, clock } = onStage([{ status: 404, body: { error: { code: "not_found", message: "Payment not found" } } }]);
	const error = await failureOf(clock.run(client.payments.get("x")));
	assert.equal(error.outcome, undefined);
	assert.doesNotMatch(error.message, /money/i);
});

const secretKey = "test_0000000000000000000000000000000HGh7u";
const pan = "4012000033330026";
const leaky = { status: 400, body: { error: { code: "invalid_card", message: `card ${pan} of ${secretKey} whsec_AAECAwQFBgc=`, errors: [{ field: "card 4012 0000 3333 0026", code: "x" }] } } };

test("a support bundle tells the story without a secret in it", async () => {
	const { client, clock } = onStage([{ event: "reset" }, leaky], { apiKey: secretKey });
	const error = await failureOf(clock.run(client.paymentSessions.capture("x", { card: { card_number: pan } }, { idempotencyKey: `order-${pan}` })));
	const bundle = error.supportBundle();
	for (const secret of [secretKey, pan, "4012 0000 3333 0026", "whsec_AAEC"]) assert.ok(!bundle.includes(secret), bundle);
	for (const fact of ["error: InvalidRequestError", "call: POST /payment-sessions/{id}", "status: 400", "code: invalid_card", "outcome: refused", "request ids: req_2", "attempt 1: 2026-11-22T09:00:00.000Z reset in 10 ms", "then waited 250 ms", "attempt 2:"]) assert.ok(bundle.includes(fact), `${bundle}\nlacks ${fact}`);
});

test("what scrubs secrets leaves ids alone, and takes what is planted", () => {
	const ids = "req_01m88d9ssbeqftd9kz6dnnfwrs ffd1aa41-65f5-4b90-baf1-01150dea1c64 1795339801 250000";
	assert.equal(scrub(ids), ids);
	assert.equal(scrub(`a live_CN6Zj4aabcdefghijk b`), "a [removed] b");
});

test("neither inspect nor JSON shows bodies", async () => {
	const error = await failWith({ status: 400, body: { error: { code: "x" }, secret: "Ada Obi" } });
	assert.ok(!inspect(error).includes("Ada Obi"));
	assert.ok(!JSON.stringify(error).includes("Ada Obi"));
	assert.ok(error.body.includes("Ada Obi"));
});

test("without a key the error says where to get one", () => {
	const saved = { ...process.env };
	delete process.env.JUICER_API_KEY;
	delete process.env.JUICER_BASE_URL;
	try {
		assert.throws(() => new sdk.Juicer({ baseUrl: "http://juicer.example" }), (error) => error instanceof sdk.ConfigurationError && /juicer keys create/.test(error.message) && /JUICER_API_KEY/.test(error.message));
		assert.throws(() => new sdk.Juicer({ apiKey: secretKey }), /JUICER_BASE_URL/);
		assert.throws(() => new sdk.Juicer({ apiKey: secretKey, baseUrl: "juicer.example" }), /not an http or https URL/);
		assert.throws(() => new sdk.Juicer({ apiKey: `${secretKey}\nx`, baseUrl: "http://juicer.example" }), (error) => !error.message.includes(secretKey));
		Object.assign(process.env, { JUICER_API_KEY: secretKey, JUICER_BASE_URL: "http://juicer.example" });
		assert.ok(new sdk.Juicer());
	} finally {
		process.env = saved;
	}
});
