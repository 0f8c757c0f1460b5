// What the vectors leave open of decide(), and its rules one by one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, defaultPolicy, isRead } from "../dist/esm/policy.js";
import { event, reply } from "./replies.mjs";

const first = { attempt: 1, waits: 0, elapsedMs: 0, idleMs: 0, paid: 0, lostBefore: false, cancelled: false };
const keyed = { method: "POST", keyed: true, replayable: true };
const error = (code, more) => ({ error: { code, ...more } });
const inUse = reply(409, {}, error("idempotency_key_in_use"));

function decided(answer, { call = {}, policy = {}, progress = {}, rand = 0.5, tokens = 500 } = {}) {
	return decide({ ...defaultPolicy, ...policy }, { ...keyed, ...call }, { ...first, ...progress }, answer, 0, rand, tokens);
}

test("the numbers where nobody asked for others", () => {
	assert.deepEqual({ ...defaultPolicy }, {
		maxAttempts: 4, baseTransientMs: 500, baseThrottleMs: 1000, capMs: 8000, serverWaitMaxMs: 60_000, spreadMaxMs: 1000, deadlineMs: 60_000,
		writeTimeoutMs: 30_000, readTimeoutMs: 10_000, minAttemptMs: 500, maxWaits: 10, bucket: 500, costTransient: 14, costThrottle: 5, gain: 1, gainPerIdleSecond: 1, trustKeys: true,
	});
	assert.ok(Object.isFrozen(defaultPolicy));
});

test("complete answers from 200 to 299, and 304, are success", () => {
	for (const status of [200, 201, 204, 299, 304]) assert.deepEqual(decided(reply(status)), { action: "ok", tokens: 500 });
	for (const status of [100, 199, 300, 303, 305]) assert.equal(decided(reply(status)).action, "stop", status);
	assert.equal(decided(event("truncated_body", 200)).action, "retry");
	assert.equal(decided({ ...reply(200), status: undefined }).action, "stop");
});

test("success gives back: one for a first try, the price of the last retry else", () => {
	assert.equal(decided(reply(200), { tokens: 100 }).tokens, 101);
	assert.equal(decided(reply(200), { tokens: 100, progress: { attempt: 2, paid: 14 } }).tokens, 114);
	assert.equal(decided(reply(200), { tokens: 100, progress: { attempt: 2, paid: 5, waits: 1 } }).tokens, 105);
	assert.equal(decided(reply(200), { tokens: 100, progress: { waits: 2 } }).tokens, 101);
	assert.equal(decided(reply(200), { tokens: 100, progress: { idleMs: 7000 } }).tokens, 108);
	assert.equal(decided(reply(400), { tokens: 100, progress: { idleMs: 7000 } }).tokens, 107);
});

test("a cancelled call stops, whatever came", () => {
	for (const answer of [reply(200), reply(503), event("reset"), inUse]) {
		assert.equal(decided(answer, { progress: { cancelled: true } }).reason, "cancelled");
	}
	assert.equal(decided(event("cancelled")).reason, "cancelled");
	assert.equal(decided(reply(429), { progress: { cancelled: true } }).outcome, "not_attempted");
	assert.equal(decided(event("cancelled")).outcome, "unknown");
	assert.equal(decided(event("cancelled"), { call: { method: "GET", keyed: false } }).outcome, undefined);
});

for (const [name, reason, outcome, sent] of [
	["connect_refused", "transient", "not_attempted", false],
	["connect_timeout", "transient", "not_attempted", false],
	["dns_temporary", "transient", "not_attempted", false],
	["tls_timeout", "transient", "not_attempted", false],
	["not_processed", "transient", "not_attempted", false],
	["dns_not_found", "not_retryable", "not_attempted", false],
	["tls_certificate", "not_retryable", "not_attempted", false],
	["reset", "transient", "unknown", true],
	["read_timeout", "transient", "unknown", true],
	["truncated_body", "transient", "unknown", true],
	["invalid_body", "transient", "unknown", true],
]) {
	test(`${name}: ${reason}, ${outcome}`, () => {
		const decision = decided(event(name));
		assert.equal(decision.reason, reason);
		assert.equal(decision.outcome, outcome);
		assert.equal(decision.lost, sent);
		assert.equal(decided(event(name), { progress: { lostBefore: true } }).outcome, "unknown");
		const unkeyed = decided(event(name), { call: { keyed: false } });
		assert.equal(unkeyed.reason, sent ? "unknown_outcome" : reason);
	});
}

test("the body of a cut answer does not count, its headers do", () => {
	const cut = { ...reply(503, { "Retry-After": "2" }, error("x", { retry: { allowed: false } })), event: "truncated_body" };
	assert.equal(decided(cut, { rand: 0 }).delayMs, 2000);
});

test("in use is 409 and that code together, and comes before every hint", () => {
	assert.equal(decided(inUse).reason, "in_progress");
	assert.equal(decided(reply(409, {}, error("idempotency_key_in_use", { retry: { allowed: false } }))).reason, "in_progress");
	assert.equal(decided(reply(400, {}, error("idempotency_key_in_use"))).reason, "not_retryable");
	assert.equal(decided(reply(409, {}, error("resource_busy"))).reason, "not_retryable");
});

test("hints come before the status", () => {
	const hint = (status, retry) => decided(reply(status, {}, error("x", { retry }))).reason;
	for (const status of [400, 429, 503]) {
		assert.equal(hint(status, { allowed: false, with: "new_key" }), "server_said_no");
		assert.equal(hint(status, { allowed: true, with: "new_key" }), "new_key_needed");
		assert.equal(hint(status, { allowed: true, with: "after_verify" }), "verify_first");
		assert.equal(hint(status, { with: "after_verify" }), "verify_first");
	}
	assert.equal(hint(429, { allowed: true, with: "same_key" }), "throttle");
	assert.equal(hint(503, { allowed: true, with: "same_key" }), "transient");
	assert.equal(hint(400, { allowed: true, with: "same_key" }), "transient");
	assert.equal(hint(400, { with: "same_key" }), "not_retryable");
});

test("statuses that are tried again, and those that are not", () => {
	for (const status of [408, 500, 502, 503, 504]) assert.equal(decided(reply(status)).reason, "transient", status);
	assert.equal(decided(reply(429)).reason, "throttle");
	for (const status of [300, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 425, 501, 505, 511]) assert.equal(decided(reply(status)).reason, "not_retryable", status);
});

test("behind a lost answer, traces of the own first attempt mean: verify first", () => {
	const lost = { progress: { lostBefore: true } };
	assert.equal(decided(reply(400, {}, error("reference_exists")), lost).reason, "verify_first");
	assert.equal(decided(reply(400, {}, error("reference_exists"))).reason, "not_retryable");
	assert.equal(decided(reply(404), { ...lost, call: { method: "DELETE" } }).reason, "verify_first");
	assert.equal(decided(reply(404), { call: { method: "DELETE" } }).reason, "not_retryable");
	assert.equal(decided(reply(404), { ...lost, call: { method: "PATCH" } }).reason, "not_retryable");
	assert.equal(decided(reply(410), { ...lost, call: { method: "DELETE" } }).reason, "not_retryable");
});

test("without a key only what cannot act twice is tried again", () => {
	const reason = (method, answer) => decided(answer, { call: { method, keyed: false } }).reason;
	for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]) assert.equal(reason(method, reply(500)), "transient", method);
	for (const method of ["POST", "PATCH"]) {
		assert.equal(reason(method, reply(500)), "unknown_outcome");
		assert.equal(reason(method, reply(429)), "throttle");
		assert.equal(reason(method, inUse), "in_progress");
		assert.equal(reason(method, reply(503, {}, error("x", { outcome: "not_attempted" }))), "transient");
		assert.equal(reason(method, reply(503, {}, error("x", { outcome: "refused" }))), "unknown_outcome");
	}
});

test("a body that cannot be sent again ends the call, behind the safety gate", () => {
	assert.equal(decided(reply(503), { call: { replayable: false } }).reason, "body_not_replayable");
	assert.equal(decided(reply(503), { call: { replayable: false, keyed: false } }).reason, "unknown_outcome");
	assert.equal(decided(reply(503), { call: { replayable: false }, progress: { attempt: 4 } }).reason, "body_not_replayable");
});

test("attempts and waits are counted apart", () => {
	assert.equal(decided(reply(503), { progress: { attempt: 3 } }).action, "retry");
	assert.equal(decided(reply(503), { progress: { attempt: 4 } }).reason, "attempts_exhausted");
	assert.equal(decided(reply(503), { progress: { attempt: 1, waits: 10 } }).action, "retry");
	assert.equal(decided(inUse, { progress: { attempt: 4, waits: 9 } }).action, "retry");
	assert.equal(decided(inUse, { progress: { attempt: 1, waits: 10 } }).reason, "attempts_exhausted");
	assert.equal(decided(inUse, { progress: { attempt: 1, waits: 2 }, policy: { maxWaits: 2 } }).reason, "attempts_exhausted");
	assert.equal(decided(reply(503), { progress: { attempt: 4, elapsedMs: 60_000 }, tokens: 0 }).reason, "attempts_exhausted");
});

test("the server's wait: exactly the limit is waited for, more is told", () => {
	const asked = (seconds) => decided(reply(429, { "Retry-After": String(seconds) }), { rand: 0, policy: { deadlineMs: 1e9 } });
	assert.equal(asked(60).delayMs, 60_000);
	assert.equal(asked(61).reason, "retry_after_too_long");
	assert.equal(asked(61).retryAfterMs, 61_000);
	assert.equal(asked(60).retryAfterMs, 60_000);
	assert.equal(decided(reply(429)).retryAfterMs, undefined);
	assert.equal(decided(reply(429, { "Retry-After": "61" }), { tokens: 0 }).reason, "retry_after_too_long");
});

test("the spread of the server's wait is a quarter, at most a second, and never downwards", () => {
	const delay = (seconds, rand) => decided(reply(429, { "Retry-After": String(seconds) }), { rand }).delayMs;
	assert.equal(delay(2, 0), 2000);
	assert.equal(delay(2, 0.999), 2499);
	assert.equal(delay(4, 0.5), 4500);
	assert.equal(delay(10, 0.999), 10_999);
	assert.equal(decided(reply(429, { "Retry-After": "10" }), { rand: 0.5, policy: { spreadMaxMs: 100 } }).delayMs, 10_050);
});

test("without one: full jitter below a doubling roof", () => {
	const delays = (answer, more = {}) => [1, 2, 3].map((attempt) => decided(answer, { rand: 0.5, progress: { attempt }, ...more }).delayMs);
	assert.deepEqual(delays(reply(503)), [250, 500, 1000]);
	assert.deepEqual(delays(reply(429)), [500, 1000, 2000]);
	assert.deepEqual([0, 1, 4].map((waits) => decided(inUse, { progress: { waits } }).delayMs), [500, 1000, 4000]);
	assert.equal(decided(reply(503), { rand: 0.9999, progress: { attempt: 9 }, policy: { maxAttempts: 99 } }).delayMs, 7999);
	assert.equal(decided(reply(503), { rand: 0 }).delayMs, 0);
});

test("a wait that leaves no time for an attempt is not begun", () => {
	const at = (elapsedMs) => decided(reply(503), { rand: 0.5, progress: { elapsedMs } });
	assert.equal(at(59_250).action, "retry");
	assert.equal(at(59_251).reason, "deadline");
	assert.equal(decided(reply(503), { rand: 0.5, policy: { deadlineMs: 749 } }).reason, "deadline");
	assert.equal(decided(reply(503), { rand: 0.5, policy: { deadlineMs: 750 } }).action, "retry");
	assert.equal(decided(reply(503), { rand: 0.5, policy: { minAttemptMs: 0, deadlineMs: 250 } }).action, "retry");
	assert.equal(at(59_251).tokens, 500);
	assert.equal(decided(reply(503), { progress: { elapsedMs: 60_000 }, tokens: 0 }).reason, "deadline");
});

test("retries are paid for, and an empty budget ends them", () => {
	assert.deepEqual(pick(decided(reply(503), { tokens: 14 })), ["retry", 14, 0]);
	assert.deepEqual(pick(decided(reply(429), { tokens: 5 })), ["retry", 5, 0]);
	assert.deepEqual(pick(decided(inUse, { tokens: 0 })), ["retry", 0, 0]);
	assert.equal(decided(reply(503), { tokens: 13 }).reason, "budget_exhausted");
	assert.equal(decided(reply(429), { tokens: 4 }).reason, "budget_exhausted");
	assert.equal(decided(reply(503), { tokens: 13, progress: { idleMs: 1000 } }).action, "retry");
	assert.equal(decided(reply(503), { tokens: 13 }).tokens, 13);
});

function pick({ action, paid, tokens }) {
	return [action, paid, tokens];
}

test("whether money moved, where the envelope does not say", () => {
	const outcome = (status, body) => decided(reply(status, {}, body)).outcome;
	for (const status of [401, 404, 405, 413, 415, 429]) for (const body of [undefined, error("x")]) assert.equal(outcome(status, body), "not_attempted", status);
	for (const status of [400, 402, 403, 409, 410, 422, 499]) {
		assert.equal(outcome(status, error("x")), "refused", status);
		assert.equal(outcome(status, "<html>"), "unknown", status);
	}
	for (const status of [301, 408, 500, 501, 503, 505]) for (const body of [undefined, error("x")]) assert.equal(outcome(status, body), "unknown", status);
	assert.equal(outcome(409, error("idempotency_key_expired")), "unknown");
	assert.equal(decided(inUse).outcome, "pending");
});

test("where it says so, that counts; reads have no outcome", () => {
	for (const named of ["not_attempted", "refused", "pending", "unknown", "succeeded"]) {
		for (const status of [400, 404, 409, 500]) assert.equal(decided(reply(status, {}, error("x", { outcome: named }))).outcome, named);
	}
	for (const method of ["GET", "HEAD", "OPTIONS"]) assert.equal(decided(reply(400, {}, error("x", { outcome: "refused" })), { call: { method } }).outcome, undefined);
	assert.equal(decided(reply(400, {}, error("x")), { call: { method: "PUT" } }).outcome, "refused");
});

test("behind a lost answer only a final word about the key counts", () => {
	const outcome = (status, body, policy) => decided(reply(status, {}, body), { progress: { lostBefore: true }, policy }).outcome;
	for (const status of [400, 403, 409, 422]) {
		assert.equal(outcome(status, error("x")), "refused", status);
		assert.equal(outcome(status, error("x", { outcome: "not_attempted" })), "not_attempted", status);
		assert.equal(outcome(status, undefined), "unknown", status);
		assert.equal(outcome(status, "<html>"), "unknown", status);
		assert.equal(outcome(status, error("x"), { trustKeys: false }), "unknown", status);
	}
	for (const status of [401, 404, 405, 410, 413, 415, 429, 500, 503]) assert.equal(outcome(status, error("x", { outcome: "not_attempted" })), "unknown", status);
	assert.equal(outcome(400, error("reference_exists")), "unknown");
	assert.equal(outcome(409, error("idempotency_key_in_use")), "pending");
	assert.equal(outcome(409, error("idempotency_key_in_use"), { trustKeys: false }), "unknown");
});

test("a server that does not promise its keys is believed as long as no answer was lost", () => {
	assert.equal(decided(reply(400, {}, error("x")), { policy: { trustKeys: false } }).outcome, "refused");
	assert.equal(decided(event("connect_refused"), { policy: { trustKeys: false } }).outcome, "not_attempted");
});

test("an answer that leaves it open makes all later ones doubtful, and so does one that is still at work", () => {
	const lost = (answer, more) => decided(answer, more).lost;
	assert.equal(lost(reply(503)), true);
	assert.equal(lost(reply(503, {}, error("x", { outcome: "unknown" }))), true);
	assert.equal(lost(reply(503, {}, error("x", { outcome: "not_attempted" }))), false);
	assert.equal(lost(reply(429)), false);
	assert.equal(lost(inUse), true);
	assert.equal(lost(reply(429), { progress: { lostBefore: true } }), true);
	assert.equal(lost(reply(503), { call: { method: "GET" } }), false);
});

test("GET, HEAD and OPTIONS read; everything else may change something", () => {
	assert.deepEqual(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"].filter(isRead), ["GET", "HEAD", "OPTIONS"]);
});
