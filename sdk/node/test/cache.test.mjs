import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { CancelledError, MemoryCache } from "../dist/esm/index.js";
import { failureOf, onStage } from "./stage.mjs";

const banks = (name, headers) => ({ status: 200, headers: { ETag: `"${name}"`, "Cache-Control": "private, max-age=60", ...headers }, body: { data: [{ name }] } });
const ask = (client, options) => client.paymentMethods.banks(undefined, options);
const unchanged = { status: 304, headers: { "Cache-Control": "private, max-age=60" }, body: "" };

function cached(steps, options) {
	return onStage(steps, { cache: true, policy: { maxAttempts: 1 }, ...options });
}

test("an answer is used again while it is fresh, then asked about, and replaced when it changed", async () => {
	const { client, clock, server } = cached([banks("one"), unchanged, banks("two")]);
	const sources = [];
	for (const pause of [0, 50_000, 20_000, 50_000, 20_000]) {
		clock.time += pause;
		const result = await clock.run(ask(client));
		sources.push(`${result.source} ${result.data[0].name}`);
	}
	assert.deepEqual(sources, ["server one", "cache one", "revalidated one", "cache one", "server two"]);
	assert.deepEqual(server.sent("if-none-match"), [undefined, '"one"', '"one"']);
});

test("what callers do to a result does not reach the next one", async () => {
	const { client, clock } = cached([banks("one")]);
	(await clock.run(ask(client))).data[0].name = "spoilt";
	assert.equal((await clock.run(ask(client))).data[0].name, "one");
	const both = await clock.run(Promise.all([ask(client), ask(client)]));
	assert.notEqual(both[0].data, both[1].data);
});

for (const step of [{ status: 503 }, { status: 429 }, { status: 500 }, { event: "connect_refused" }, { event: "reset" }]) {
	test(`reference data stands in, marked as stale, while the server says ${step.status ?? step.event}; payments do not`, async () => {
		const { client, clock } = cached([banks("one"), step]);
		await clock.run(ask(client));
		clock.time += 61_000;
		const stale = await clock.run(ask(client));
		assert.deepEqual([stale.source, stale.stale, stale.data[0].name, stale.requestId], ["stale", true, "one", "req_1"]);
		clock.time += 86_400_000;
		await assert.rejects(clock.run(ask(client)));
		const payments = cached([{ status: 200, headers: { ETag: '"p"', "Cache-Control": "private, no-cache" }, body: { data: { id: "x" } } }, step]);
		await payments.clock.run(payments.client.payments.get("x"));
		await assert.rejects(payments.clock.run(payments.client.payments.get("x")));
	});
}

test("a refusal is told, whatever is kept", async () => {
	const { client, clock } = cached([banks("one"), { status: 401, body: { error: { code: "revoked_api_key" } } }]);
	await clock.run(ask(client));
	clock.time += 61_000;
	await assert.rejects(clock.run(ask(client)), { code: "revoked_api_key" });
});

test("a payment is asked about each time, and comes from the cache only if it is the same", async () => {
	const payment = { status: 200, headers: { ETag: '"v1"', "Cache-Control": "private, no-cache" }, body: { data: { id: "x", status: "succeeded" } } };
	const { client, clock, server } = cached([payment, { status: 304, headers: { "Cache-Control": "private, no-cache" }, body: "" }]);
	await clock.run(client.payments.get("x"));
	const again = await clock.run(client.payments.get("x"));
	assert.deepEqual([again.source, again.succeeded(), again.requestId], ["revalidated", true, "req_2"]);
	assert.equal(server.requests.length, 2);
});

test("no-store, lists, writes and errors are not kept", async () => {
	for (const step of [banks("one", { "Cache-Control": "no-store" }), banks("one", { "Cache-Control": "" })]) {
		const { client, clock, server } = cached([step]);
		for (let i = 0; i < 2; i++) await clock.run(ask(client));
		assert.deepEqual(server.sent("if-none-match"), [undefined, undefined]);
	}
	const { client, clock, server } = cached([{ ...banks("one"), status: 201 }]);
	for (let i = 0; i < 2; i++) await clock.run(client.paymentSessions.create({}));
	assert.equal(server.requests.length, 2);
});

test("clients with other keys or headers do not share answers", async () => {
	const store = new MemoryCache();
	for (const apiKey of ["test_a", "test_b", "test_a"]) {
		const { client, clock } = cached([banks(apiKey)], { apiKey, cache: { store } });
		assert.equal((await clock.run(ask(client))).data[0].name, apiKey);
	}
	const { client, clock, server } = cached([banks("x")], { apiKey: "test_a", cache: { store } });
	await clock.run(ask(client));
	assert.equal(server.requests.length, 0);
	await clock.run(ask(client, { headers: { "Juicer-Fault": "delay=1" } }));
	assert.equal(server.requests.length, 1);
});

test("the memory of a cache is bounded, and keeps what was used last", () => {
	const store = new MemoryCache(2);
	const answer = { text: "", etag: undefined, freshUntil: 0, storedAt: 0, requestId: undefined };
	for (const key of ["a", "b"]) store.set(key, answer);
	store.get("a");
	store.set("c", answer);
	assert.deepEqual(["a", "b", "c"].map((key) => store.get(key) !== undefined), [true, false, true]);
});

test("identical reads in flight share one request, and each may go away alone", async () => {
	const { client, clock, server } = cached([banks("one")]);
	const control = new AbortController();
	const leaving = failureOf(ask(client, { signal: control.signal }));
	const staying = [ask(client), ask(client)];
	control.abort();
	assert.ok((await leaving) instanceof CancelledError);
	const results = await clock.run(Promise.all(staying));
	assert.deepEqual(results.map(({ data }) => data[0].name), ["one", "one"]);
	assert.equal(server.requests.length, 1);
	assert.equal(getEventListeners(control.signal, "abort").length, 0);
});

test("when nobody waits any more, the shared request ends", async () => {
	const { client, clock, server } = cached([{ hang: true }]);
	const controls = [new AbortController(), new AbortController()];
	const failed = controls.map(({ signal }) => failureOf(ask(client, { signal })));
	await new Promise(setImmediate);
	controls[0].abort();
	await failed[0];
	assert.equal(server.open, 1);
	controls[1].abort();
	await failed[1];
	assert.equal(server.open, 0);
	assert.deepEqual(clock.timers, []);
});

test("reads that differ, and reads without the cache, are not joined", async () => {
	const { client, clock, server } = cached([banks("one")], { cache: { join: false } });
	await clock.run(Promise.all([ask(client), ask(client)]));
	assert.equal(server.requests.length, 2);
	const joined = cached([banks("one")]);
	await joined.clock.run(Promise.all([ask(joined.client), joined.client.payments.stats()]));
	assert.equal(joined.server.requests.length, 2);
});

test("a signal that was aborted before joins nothing", async () => {
	const { client, server } = cached([banks("one")]);
	assert.ok((await failureOf(ask(client, { signal: AbortSignal.abort() }))) instanceof CancelledError);
	assert.equal(server.requests.length, 0);
});
