// The sequences S1 to S11 on a virtual clock; the others need sockets or a server.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { CancelledError, ServerError, TimeoutError } from "../dist/esm/index.js";
import { FrozenClock, VirtualClock, failureOf, inUse, onStage } from "./stage.mjs";

const body = { amount: 250_000 };
const post = (client, options) => client.paymentSessions.create(body, options);
const get = (client, options) => client.payments.stats(options);
const waits = ({ attempts }) => attempts.map(({ waitMs }) => waitMs);
const rest = { status: 503 };

test("S1: reset, 503 with a wait, then success: the same key and bytes three times", async () => {
	const { client, clock, server } = onStage([{ event: "reset" }, { status: 503, headers: { "Retry-After": "2" } }, { status: 201 }], { random: [0.5, 0] });
	const result = await clock.run(post(client));
	assert.equal(server.requests.length, 3);
	assert.equal(new Set(server.sent("idempotency-key")).size, 1);
	assert.match(server.sent("idempotency-key")[0], /^[0-9a-f-]{36}$/);
	assert.deepEqual(server.requests.map(({ body: sent }) => sent), Array(3).fill(JSON.stringify(body)));
	assert.deepEqual(server.sent("x-juicer-attempt"), ["1", "2", "3"]);
	assert.deepEqual(waits(result), [250, 2000, 0]);
	assert.equal(clock.time, 2280);
	assert.equal(client.health().tokens, 486);
});

test("S2: no answer, three times in use, then the replay: waits for the own key are no attempts", async () => {
	const { client, clock, server } = onStage([{ hang: true }, inUse, inUse, inUse, { status: 200, headers: { "Idempotent-Replayed": "true" } }], { random: [0.5, 0, 0, 0] });
	const result = await clock.run(post(client));
	assert.equal(server.requests.length, 5);
	assert.equal(Math.max(...result.attempts.map(({ number }) => number)), 2);
	assert.deepEqual(waits(result), [250, 1500, 1500, 1500, 0]);
	assert.equal(result.replayed, true);
	assert.equal(clock.time, 34_790);
});

test("S3: 429 for ever: four requests, nothing attempted, four request ids", async () => {
	const { client, clock, server } = onStage([{ status: 429 }]);
	const error = await failureOf(clock.run(post(client)));
	assert.equal(server.requests.length, 4);
	assert.deepEqual(waits(error), [500, 1000, 2000, 0]);
	assert.equal(error.reason, "attempts_exhausted");
	assert.equal(error.outcome, "not_attempted");
	assert.deepEqual(error.requestIds, ["req_1", "req_2", "req_3", "req_4"]);
	assert.equal(client.health().tokens, 485);
});

test("S4: reset, then 429 for ever: whether money moved stays unknown", async () => {
	const { client, clock, server } = onStage([{ event: "reset" }, { status: 429 }]);
	const error = await failureOf(clock.run(post(client)));
	assert.equal(server.requests.length, 4);
	assert.equal(error.outcome, "unknown");
	assert.equal(error.status, 429);
});

test("S5: no answer at all: the second attempt gets what is left of the minute", async () => {
	const { client, clock, server } = onStage([{ hang: true }]);
	const error = await failureOf(clock.run(post(client)));
	assert.equal(server.requests.length, 2);
	assert.deepEqual(error.attempts.map(({ tookMs }) => tookMs), [30_000, 29_750]);
	assert.equal(clock.time, 60_000);
	assert.equal(error.reason, "deadline");
	assert.ok(error instanceof TimeoutError);
	assert.equal(error.event, "read_timeout");
	assert.equal(error.outcome, "unknown");
	assert.deepEqual(server.sent("juicer-deadline-ms"), ["29500", "29250"]);
});

test("S6: DELETE, reset, then 404: verify first", async () => {
	const { client, clock } = onStage([{ event: "reset" }, { status: 404, body: { error: { code: "not_found" } } }]);
	const error = await failureOf(clock.run(client.customers.delete("01a20297-6918-7e00-aeaf-3b4857ee05cd")));
	assert.equal(error.reason, "verify_first");
	assert.equal(error.outcome, "unknown");
});

/** Runs the clock up to a time, cancels there, and gives the error and how long it took to come. */
async function cancelledAt(ms, { clock, call }) {
	const control = new AbortController();
	const failed = failureOf(call(control.signal));
	clock.after(ms, () => control.abort());
	while (!control.signal.aborted) {
		await new Promise(setImmediate);
		clock.step();
	}
	const began = performance.now();
	const error = await failed;
	return { error, took: performance.now() - began, listeners: getEventListeners(control.signal, "abort").length };
}

for (const [when, steps, ms, requests] of [
	["100 ms into a wait of 5 s", [{ status: 503, headers: { "Retry-After": "5" } }], 110, 1],
	["during a request", [{ hang: true }], 110, 1],
	["during the second request", [rest, { hang: true }], 400, 2],
]) {
	test(`S7: cancelled ${when}: ends within 50 ms, and nothing is left`, async () => {
		const took = [];
		for (let i = 0; i < 5; i++) {
			const { client, clock, server } = onStage(steps);
			const cancelled = await cancelledAt(ms, { clock, call: (signal) => post(client, { signal }) });
			assert.ok(cancelled.error instanceof CancelledError);
			assert.equal(cancelled.error.outcome, "unknown");
			assert.equal(server.requests.length, requests);
			assert.deepEqual(clock.timers, []);
			assert.equal(server.open, 0);
			assert.equal(cancelled.listeners, 0);
			assert.equal(clock.time, ms);
			took.push(cancelled.took);
		}
		const median = took.sort((a, b) => a - b)[2];
		assert.ok(median < 50, `it took ${median} ms`);
	});
}

test("S7: a signal that was aborted before sends nothing, and says so", async () => {
	const { client, clock, server } = onStage([{ status: 201 }]);
	const error = await failureOf(clock.run(post(client, { signal: AbortSignal.abort() })));
	assert.ok(error instanceof CancelledError);
	assert.equal(error.outcome, "not_attempted");
	assert.equal(server.requests.length, 0);
});

test("S9: the caller's own key is never changed, and without options one is made for all attempts", async () => {
	const steps = [{ status: 500 }, { event: "reset" }, { status: 503 }, { status: 201 }];
	const own = onStage(steps);
	const result = await own.clock.run(post(own.client, { idempotencyKey: "order-1001" }));
	assert.deepEqual(own.server.sent("idempotency-key"), Array(4).fill("order-1001"));
	assert.equal(result.idempotencyKey, "order-1001");
	for (const options of [undefined, {}]) {
		const made = onStage(steps);
		const { idempotencyKey } = await made.clock.run(post(made.client, options));
		assert.deepEqual(made.server.sent("idempotency-key"), Array(4).fill(idempotencyKey));
		assert.ok(idempotencyKey.length >= 32);
	}
	for (const call of [(c) => c.customers.delete("x"), (c) => c.customers.update("x", {})]) {
		const other = onStage([{ status: 204 }]);
		await failureOf(other.clock.run(call(other.client))).catch(() => undefined);
		assert.match(other.server.sent("idempotency-key")[0], /^.{32,}$/);
	}
});

for (const [status, requests, tokens, told] of [
	[500, 135, 10, "11 calls of 4, one of 3, 88 of 1"],
	[429, 200, 0, "33 calls of 4, one of 2, 66 of 1"],
]) {
	test(`S10: 100 GETs at one instant, all ${status}: the budget ends the retries`, async () => {
		const { client, clock, server } = onStage([{ status }], { clock: new FrozenClock() });
		const reasons = [];
		const counts = [];
		for (let i = 0; i < 100; i++) {
			const error = await failureOf(clock.run(get(client)));
			reasons.push(error.reason);
			counts.push(error.attempts.length);
		}
		assert.equal(server.requests.length, requests);
		assert.equal(client.health().tokens, tokens);
		assert.equal(clock.time, 0);
		const of = (n) => counts.filter((count) => count === n).length;
		assert.equal([4, 3, 2].flatMap((n) => (of(n) === 0 ? [] : [`${of(n) === 1 ? "one" : `${of(n)} calls`} of ${n}`])).concat(`${of(1)} of 1`).join(", "), told);
		assert.equal(reasons.at(-1), "budget_exhausted");
	});
}

test("S10: an empty budget is told as the client's own decision, with the server's last error", async () => {
	const { client, clock } = onStage([{ status: 500, body: { error: { code: "server_error", message: "Something went wrong on our side." } } }], { clock: new FrozenClock(), policy: { bucket: 13 } });
	const error = await failureOf(clock.run(get(client)));
	assert.ok(error instanceof ServerError);
	assert.equal(error.code, "server_error");
	assert.match(error.message, /This client stopped by its own decision/);
	assert.match(error.message, /Something went wrong on our side/);
});

test("S11: 500, 500, 200: success, and the last retry is given back", async () => {
	const { client, clock, server } = onStage([{ status: 500 }, { status: 500 }, { status: 200 }]);
	await clock.run(get(client));
	assert.equal(server.requests.length, 3);
	assert.equal(client.health().tokens, 486);
});

test("the stage notices a call that never ends", async () => {
	await assert.rejects(new VirtualClock().run(new Promise(() => {})), /nothing is due/);
});
