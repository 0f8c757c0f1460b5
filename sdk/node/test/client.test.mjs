// Calls as their callers see them: requests, results, pages, options, hooks, rates, pacing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PaymentDeclined, ConfigurationError, logLine, version } from "../dist/esm/index.js";
import { Pacing } from "../dist/esm/pacing.js";
import { headersOf } from "./replies.mjs";
import { FrozenClock, failureOf, onStage } from "./stage.mjs";

const money = (outcome) => ({ outcome, retry: { allowed: false, with: null, after_ms: null } });

test("the version has one home", () => {
	assert.equal(version, JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version);
});

test("a request has its path, query, headers and bytes", async () => {
	const { client, clock, server } = onStage([{ status: 200, body: { data: [] } }], { baseUrl: "http://juicer.example/api/", headers: { "X-Shop": "7" } });
	await clock.run(client.payments.list({ limit: 2, references: "a b,c&d", after: undefined }));
	await clock.run(client.paymentSessions.capture("a/b?c", { card: {} }, { headers: { "Juicer-Fault": "delay=1" } }));
	await clock.run(client.paymentSessions.cancel("x"));
	const [list, capture, cancel] = server.requests;
	assert.equal(list.path, "/api/payments?limit=2&references=a%20b%2Cc%26d");
	assert.equal(list.body, undefined);
	assert.equal(list.headers["x-shop"], "7");
	assert.equal(list.headers["idempotency-key"], undefined);
	assert.equal(list.headers["juicer-deadline-ms"], "9500");
	assert.equal(capture.path, "/api/payment-sessions/a%2Fb%3Fc");
	assert.equal(capture.headers["juicer-fault"], "delay=1");
	assert.equal(capture.headers["content-type"], "application/json");
	assert.equal(capture.headers["content-length"], "11");
	assert.equal(capture.headers["user-agent"], `juicer-node/${version}`);
	assert.equal(cancel.body, "{}");
});

test("a path without an id, a key with blanks and a header that is none send nothing", async () => {
	const { client, server } = onStage([{ status: 200 }]);
	for (const id of ["", ".", "..", undefined]) await assert.rejects(client.payments.get(id), TypeError);
	for (const idempotencyKey of ["", "a b", "x".repeat(256), "a\n"]) await assert.rejects(client.paymentSessions.create({}, { idempotencyKey }), ConfigurationError);
	for (const headers of [{ "a b": "x" }, { a: "x\ny" }]) await assert.rejects(client.payments.stats({ headers }), TypeError);
	assert.equal(server.requests.length, 0);
});

test("a result says whether money moved; a 200 alone does not", async () => {
	const outcomeOf = async (body, get = (client) => client.payments.get("x")) => {
		const { client, clock } = onStage([{ status: 200, body }]);
		return clock.run(get(client));
	};
	assert.equal((await outcomeOf({ data: { status: "succeeded" }, money: money("pending") })).outcome, "pending");
	assert.equal((await outcomeOf({ data: {}, money: money("succeeded") })).succeeded(), true);
	for (const [status, outcome] of [["succeeded", "succeeded"], ["captured", "succeeded"], ["failed", "refused"], ["cancelled", "refused"], ["expired", "refused"], ["reversed", "refused"], ["pending", "pending"], ["processing", "pending"], ["odd", undefined], ["constructor", undefined]]) {
		const result = await outcomeOf({ data: { status } });
		assert.equal(result.outcome, outcome, status);
		assert.equal(result.succeeded(), outcome === "succeeded");
	}
	assert.equal((await outcomeOf({ data: { payment: { status: "failed" } } })).outcome, "refused");
	assert.equal((await outcomeOf({ data: { status: "processing", state: "in_doubt" } })).outcome, "unknown");
	assert.equal((await outcomeOf({ data: { status: "pending", payment: { state: "created" } } })).outcome, "not_attempted");
	assert.equal((await outcomeOf({ data: { status: "expired" } }, (client) => client.keys.get("x"))).outcome, undefined);
	const failed = await outcomeOf({ data: { payment: { failure: { code: "card_declined", message: "The card was declined." } } }, money: money("refused") });
	assert.equal(failed.failure.code, "card_declined");
	assert.equal((await outcomeOf({ data: { failure: null } })).failure, undefined);
	const bare = await outcomeOf({ logo: null, webhook_urls: ["a"] });
	assert.deepEqual(bare.data, { logo: null, webhook_urls: ["a"] });
});

test("a decline is thrown only where that was asked for", async () => {
	const declined = { status: 200, body: { data: { failure: { code: "insufficient_funds", message: "The card has insufficient funds.", retryable: true } }, money: money("refused") } };
	const quiet = onStage([declined]);
	assert.equal((await quiet.clock.run(quiet.client.paymentSessions.capture("x"))).outcome, "refused");
	const error = await failureOf(quiet.clock.run(quiet.client.paymentSessions.capture("x", {}, { raiseOnDecline: true })));
	assert.ok(error instanceof PaymentDeclined);
	assert.equal(error.failure.code, "insufficient_funds");
	assert.equal(error.outcome, "refused");
	assert.match(error.message, /The card has insufficient funds\. No money moved\. A new payment with a new reference may succeed\. Request req_2/);
	const loud = onStage([declined], { raiseOnDecline: true });
	await assert.rejects(loud.clock.run(loud.client.paymentSessions.capture("x")), PaymentDeclined);
	await loud.clock.run(loud.client.paymentSessions.capture("x", {}, { raiseOnDecline: false }));
});

test("lists turn their pages forth and back, and iterators turn them by themselves", async () => {
	const page = (data, after, before) => ({ status: 200, body: { data, missing: ["z"], pagination: { after, before, limit: 2 } } });
	const steps = [page([1, 2], "c1", null), page([3], null, "b1"), page([1, 2], "c1", null)];
	const { client, clock, server } = onStage(steps);
	const first = await clock.run(client.payments.list({ limit: 2 }));
	const second = await clock.run(first.next());
	assert.equal(await clock.run(second.next()), undefined);
	assert.equal(await clock.run(first.previous()), undefined);
	assert.deepEqual((await clock.run(second.previous())).data, [1, 2]);
	assert.deepEqual([first.after, first.before, second.before, first.missing], ["c1", undefined, "b1", ["z"]]);
	assert.deepEqual(server.requests.map(({ path }) => path), ["/payments?limit=2", "/payments?limit=2&after=c1", "/payments?limit=2&before=b1"]);
	const whole = onStage(steps);
	const items = [];
	await whole.clock.run((async () => {
		for await (const item of whole.client.payments.listAll({ limit: 2 })) items.push(item);
	})());
	assert.deepEqual(items, [1, 2, 3]);
});

test("CSV comes as text", async () => {
	const { client, clock, server } = onStage([{ status: 200, body: "a,b\n1,2\n" }]);
	const { data } = await clock.run(client.wallets.statementCsv("x", {}));
	assert.equal(data, "a,b\n1,2\n");
	assert.match(server.requests[0].path, /format=csv/);
});

test("a read that the server may hold gets the time for it", async () => {
	const { client, clock } = onStage([{ status: 200, after: 24_000 }]);
	await clock.run(client.payments.get("x", { wait: 25 }));
	assert.equal(clock.time, 24_000);
});

test("payments.wait() asks until the payment is final, and then gives it back as it is", async () => {
	const state = (outcome, more) => ({ status: 200, body: { data: { id: "x" }, money: { outcome, retry: { allowed: false, with: null, after_ms: 2000 } } }, ...more });
	const { client, clock, server } = onStage([state("pending", { after: 25_000 }), state("pending"), state("succeeded")]);
	const result = await clock.run(client.payments.wait("x"));
	assert.equal(result.succeeded(), true);
	assert.deepEqual(server.requests.map(({ at, path }) => [at, path]), [[0, "/payments/x?wait=25"], [25_000, "/payments/x?wait=25"], [27_000, "/payments/x?wait=25"]]);
	const slow = onStage([state("pending")]);
	assert.equal((await slow.clock.run(slow.client.payments.wait("x", { timeoutMs: 5000 }))).outcome, "pending");
	assert.ok(slow.clock.time <= 5010, String(slow.clock.time));
	assert.deepEqual(slow.clock.timers, []);
});

test("payments.wait() ends when it is cancelled", async () => {
	const control = new AbortController();
	const { client, clock } = onStage([{ status: 200, body: { data: {}, money: { outcome: "pending", retry: { after_ms: 2000 } } } }]);
	clock.after(500, () => control.abort());
	const error = await failureOf(clock.run(client.payments.wait("x", { signal: control.signal })));
	assert.equal(error.name, "CancelledError");
	assert.equal(clock.time, 500);
	assert.deepEqual(clock.timers, []);
});

test("hooks see every request, every retry and every call", async () => {
	const seen = [];
	const hooks = {
		attempt: ({ method, number, resends, route }) => (seen.push(`> ${method} ${route} ${number} ${resends}`), { headers: { traceparent: `t${resends}` }, ended: ({ event, status }) => seen.push(`< ${status ?? event}`) }),
		retry: ({ delayMs, reason }) => seen.push(`~ ${reason} ${delayMs}`),
		call: (end) => seen.push(logLine(end)),
	};
	const { client, clock, server } = onStage([{ event: "reset" }, { status: 200, body: { data: {}, money: money("succeeded") } }, { status: 401, body: { error: { code: "expired_api_key" } } }], { hooks });
	await clock.run(client.paymentSessions.capture("secret-id", {}));
	await failureOf(clock.run(client.payments.stats()));
	assert.deepEqual(seen, [
		"> POST /payment-sessions/{id} 1 0", "< reset", "~ transient 250", "> POST /payment-sessions/{id} 2 1", "< 200",
		"method=POST route=/payment-sessions/{id} status=200 code=- request_id=req_2 attempts=2 ms=270 outcome=succeeded",
		"> GET /payments/stats 1 0", "< 401", "method=GET route=/payments/stats status=401 code=expired_api_key request_id=req_3 attempts=1 ms=10 outcome=-",
	]);
	assert.deepEqual(server.sent("traceparent"), ["t0", "t1", "t0"]);
});

test("a hook that throws is warned about, and the call goes on", async () => {
	const warned = new Promise((resolve) => process.once("warning", resolve));
	const bad = () => { throw new Error("mine"); };
	const { client, clock } = onStage([{ status: 503 }, { status: 200 }], { hooks: [{ attempt: bad, retry: bad, call: bad }, { attempt: () => ({ ended: bad }) }] });
	assert.equal((await clock.run(client.payments.stats())).status, 200);
	assert.match((await warned).message, /A hook of the Juicer SDK failed: Error: mine/);
});

test("health() counts calls by minute and class, and calls nothing", async () => {
	const steps = [{ status: 200 }, { status: 500 }, { status: 429 }, { event: "reset" }, { event: "connect_refused" }, { status: 400 }];
	const { client, clock, server } = onStage(steps, { policy: { maxAttempts: 1 } });
	for (let i = 0; i < steps.length; i++) await clock.run(client.paymentSessions.create({})).catch(() => {});
	const { recent, shares } = client.health();
	assert.deepEqual(recent, { calls: 6, server: 1, throttle: 1, network: 2, unknown_outcome: 3 });
	assert.equal(shares.network, 2 / 6);
	clock.time += 61_000;
	await clock.run(client.paymentSessions.create({})).catch(() => {});
	assert.deepEqual(client.health().minutes.map(({ calls }) => calls), [6, 1]);
	clock.time += 6 * 60_000;
	assert.equal(client.health().recent.calls, 0);
	clock.time += 60 * 60_000;
	assert.deepEqual(client.health().minutes, []);
	assert.equal(server.requests.length, 7);
});

test("a retry that saved a call is no failure of it", async () => {
	const { client, clock } = onStage([{ status: 500 }, { status: 200 }]);
	await clock.run(client.payments.stats());
	assert.equal(client.health().recent.server, 0);
});

test("a threshold calls once when it is crossed, and again only after it was not", async () => {
	const alarms = [];
	const rule = { class: "server", share: 0.5, minutes: 1, atLeast: 4, onThreshold: (alarm) => alarms.push(alarm) };
	let status = 500;
	const { client, clock } = onStage([{ get status() { return status; } }], { policy: { maxAttempts: 1 }, thresholds: [rule] });
	const call = () => clock.run(client.payments.stats()).catch(() => {});
	for (let i = 0; i < 3; i++) await call();
	assert.deepEqual(alarms, []);
	for (let i = 0; i < 3; i++) await call();
	assert.deepEqual(alarms, [{ class: "server", calls: 4, failed: 4, share: 1, minutes: 1 }]);
	status = 200;
	for (let i = 0; i < 8; i++) await call();
	status = 500;
	for (let i = 0; i < 8; i++) await call();
	assert.equal(alarms.length, 2);
});

test("pacing holds requests back where the limit is used up, and learns when there is more", async () => {
	const limited = (r, t) => ({ status: 200, headers: { RateLimit: `"key";r=50;t=1, "endpoint";r=${r};t=${t}`, "RateLimit-Policy": '"key";q=100;w=1, "endpoint";q=10;w=60' } });
	const { client, clock, server } = onStage([limited(1, 6), limited(0, 6), limited(0, 6)], { pacing: true });
	for (let i = 0; i < 3; i++) await clock.run(client.payments.stats());
	await clock.run(client.refunds.get("x"));
	assert.deepEqual(server.requests.map(({ at }) => at), [0, 10, 6020, 6030]);
	const late = await failureOf(clock.run(client.payments.stats({ timeoutMs: 1000 })));
	assert.equal(late.name, "DeadlineError");
	assert.equal(late.retryAfterMs > 1000, true);
	assert.equal(server.requests.length, 4);
});

test("a request that pacing held back and that was never sent takes no place", async () => {
	const limited = { status: 200, headers: { RateLimit: '"endpoint";r=0;t=2', "RateLimit-Policy": '"endpoint";q=30;w=60' } };
	const more = { status: 200, headers: { RateLimit: '"endpoint";r=3;t=2', "RateLimit-Policy": '"endpoint";q=30;w=60' } };
	const { client, clock, server } = onStage([limited, more], { pacing: true });
	await clock.run(client.payments.stats());
	for (let i = 0; i < 5; i++) await failureOf(clock.run(client.payments.stats({ timeoutMs: 100 })));
	const control = new AbortController();
	clock.after(100, () => control.abort());
	assert.equal((await failureOf(clock.run(client.payments.stats({ signal: control.signal })))).name, "CancelledError");
	clock.time += 60_000;
	await clock.run(client.payments.stats());
	const began = clock.time;
	for (let i = 0; i < 3; i++) await clock.run(client.payments.stats());
	assert.deepEqual(server.requests.slice(2).map(({ at }) => at - began), [0, 10, 20]);
});

test("a policy with undefined in it is as if that were not there, and a time-out is a number", async () => {
	const { client, clock, server } = onStage([{ status: 503 }], { policy: { maxAttempts: undefined } });
	await failureOf(clock.run(client.payments.stats({ policy: { capMs: undefined } })));
	assert.equal(server.requests.length, 4);
	for (const timeoutMs of [NaN, -1]) await assert.rejects(client.payments.stats({ timeoutMs }), ConfigurationError);
});

test("pacing spreads those who come together over the interval of the limit", () => {
	const pacing = new Pacing();
	const headers = headersOf({ RateLimit: '"endpoint";r=2;t=6', "RateLimit-Policy": '"endpoint";q=10;w=60' });
	assert.equal(pacing.before("/a", 0), 0);
	pacing.learn("/a", headers, 0);
	assert.deepEqual([1, 2, 3, 4].map(() => pacing.before("/a", 1000)), [0, 0, 5000, 11_000]);
	assert.equal(pacing.before("/b", 1000), 0);
	assert.equal(pacing.before("/a", 100_000), 0);
	pacing.learn("/a", headersOf({ RateLimit: "junk" }), 0);
	assert.equal(new Pacing().before("/a", 0), 0);
});

test("a server of Juicyway is not trusted to keep its keys, any other is", async () => {
	const step = [{ event: "reset" }, { status: 400, body: { error: { code: "insufficient_balance" } } }];
	for (const [baseUrl, outcome, policy] of [["https://api.juicyway.com", "unknown"], ["https://juicyway.com/v1", "unknown"], ["https://notjuicyway.com", "refused"], ["http://juicer.example", "refused"], ["https://api.juicyway.com", "refused", { trustKeys: true }]]) {
		const { client, clock } = onStage(step, { baseUrl, ...(policy && { policy }) });
		assert.equal((await failureOf(clock.run(client.payouts.create({})))).outcome, outcome, baseUrl);
	}
});

test("what a batch answers is told per request, each write with a key", async () => {
	const body = { data: [
		{ id: "0", status: 200, body: { data: { id: "x", status: "succeeded" } }, headers: { "Juicer-Outcome": "succeeded" } },
		{ id: "1", status: 400, body: { error: { code: "insufficient_funds", message: "The available balance is too low.", outcome: "refused" } }, headers: {} },
		{ id: "2", status: 503, body: { error: { code: "request_timeout", outcome: "not_attempted" } }, headers: {} },
	] };
	const { client, clock, server } = onStage([{ event: "reset" }, { status: 200, body }]);
	const [seen, refused, late] = await clock.run(client.batch([{ method: "GET", path: "/payments/x?wait=1" }, { method: "POST", path: "/payouts", body: { amount: 1 }, idempotencyKey: "po-1" }, { method: "POST", path: "/payouts", body: {} }]));
	assert.equal(seen.ok && seen.result.succeeded(), true);
	assert.equal(seen.result.data.id, "x");
	assert.deepEqual([refused.ok, refused.error.name, refused.error.outcome, refused.error.idempotencyKey], [false, "InvalidRequestError", "refused", "po-1"]);
	assert.deepEqual([late.error.name, late.error.outcome, late.error.requestId], ["ServerError", "not_attempted", "req_2"]);
	const sent = server.requests.map(({ body: text }) => text);
	assert.equal(sent[0], sent[1]);
	const items = JSON.parse(sent[0]).requests;
	assert.deepEqual(items.map((item) => item.idempotency_key === undefined), [true, false, false]);
	assert.equal(items[1].idempotency_key, "po-1");
	assert.equal(late.error.idempotencyKey, items[2].idempotency_key);
});

test("a batch that is lost is told as one", async () => {
	const { client, clock } = onStage([{ event: "reset" }]);
	assert.equal((await failureOf(clock.run(client.batch([{ method: "POST", path: "/payouts", body: {} }])))).outcome, "unknown");
});

test("resume() says what became of a key, and what to do", async () => {
	for (const [step, next] of [
		[{ status: 200, body: { data: { state: "completed" } } }, "done"],
		[{ status: 200, body: { data: { state: "spent" } } }, "done"],
		[{ status: 200, body: { data: { state: "in_progress" } } }, "running"],
		[{ status: 200, body: { data: { state: "interrupted" } } }, "repeat"],
		[{ status: 404, body: { error: { code: "not_found" } } }, "repeat"],
	]) {
		const { client, clock, server } = onStage([step]);
		assert.equal((await clock.run(client.resume("order/1"))).next, next);
		assert.equal(server.requests[0].path, "/idempotency-keys/order%2F1");
	}
	const { client, clock } = onStage([{ status: 404, body: { error: { code: "route_not_found" } } }]);
	await assert.rejects(clock.run(client.resume("x")), { code: "route_not_found" });
	await assert.rejects(async () => client.resumeOutbox(), ConfigurationError);
});

const id = (n) => `01a20297-4dc0-74cd-9faf-fc818673472${n}`;

test("payments.get() of one tick becomes one request, where that was asked for", async () => {
	const list = { status: 200, body: { data: [{ id: id(1), status: "succeeded" }, { id: id(2), status: "failed" }], pagination: {} } };
	const missing = { status: 404, body: { error: { code: "not_found" } } };
	const { client, clock, server } = onStage([list, missing], { gather: true });
	const asked = [id(1), id(2), id(1), id(3)].map((one) => client.payments.get(one));
	const settled = await clock.run(Promise.allSettled(asked));
	assert.deepEqual(settled.map(({ reason, value }) => value?.outcome ?? reason.name), ["succeeded", "refused", "succeeded", "NotFoundError"]);
	assert.deepEqual(server.requests.map(({ path }) => path), [`/payments?ids=${[1, 2, 3].map(id).join("%2C")}`, `/payments/${id(3)}`]);
	await clock.run(client.payments.get(id(1))).catch(() => {});
	assert.equal(server.requests.at(-1).path, `/payments/${id(1)}`);
	const plain = onStage([{ status: 200 }]);
	await plain.clock.run(Promise.all([plain.client.payments.get(id(1)), plain.client.payments.get(id(2))]));
	assert.equal(plain.server.requests.length, 2);
});

test("the frozen clock stands still", async () => {
	const { client, clock } = onStage([{ status: 503 }, { status: 200 }], { clock: new FrozenClock() });
	await clock.run(client.payments.stats());
	assert.equal(clock.time, 0);
});
