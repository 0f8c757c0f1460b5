// The sequences that need real sockets, and what the transport makes of real networks.
import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import * as net from "node:net";
import { after, test } from "node:test";
import { setImmediate as breath } from "node:timers/promises";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CancelledError, ConnectionError, HttpTransport, InvalidResponseError, Juicer, TimeoutError, systemClock } from "../dist/esm/index.js";
import { clientOf, goodCard, order, startServer } from "./server.mjs";
import { failureOf } from "./stage.mjs";

const key = "test_0000000000000000000000000000000HGh7u";
const closers = [];
after(() => Promise.all(closers.map((close) => close())));

/** A raw server: answers per request by the function, which gets the socket; counts what arrives. */
async function rawServer(answer) {
	const wire = { connections: 0, requests: [] };
	const sockets = new Set();
	const server = net.createServer((socket) => {
		wire.connections++;
		sockets.add(socket);
		socket.on("error", () => {}).on("close", () => sockets.delete(socket));
		let text = "";
		let served = 0;
		socket.on("data", (bytes) => {
			text += bytes.toString("latin1");
			for (let request; (request = firstRequest(text)); text = text.slice(request.length)) {
				wire.requests.push(request);
				answer(socket, { nth: wire.requests.length, onConnection: ++served });
			}
		});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	closers.push(() => new Promise((resolve) => {
		for (const socket of sockets) socket.destroy();
		server.close(resolve);
	}));
	return { url: `http://127.0.0.1:${server.address().port}`, wire, sockets };
}

function firstRequest(text) {
	const end = text.indexOf("\r\n\r\n");
	if (end < 0) return undefined;
	const length = Number(/content-length: *([0-9]+)/i.exec(text.slice(0, end))?.[1] ?? 0);
	return text.length < end + 4 + length ? undefined : text.slice(0, end + 4 + length);
}

function reply(status, body, headers = "") {
	return `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

const fine = reply(200, '{"data":{}}');
const client = (url, options) => {
	const made = new Juicer({ baseUrl: url, apiKey: key, random: () => 0, ...options });
	closers.push(() => made.close());
	return made;
};

test("S13: 1,000 calls with one shared signal leave no listener, timer or socket behind", async () => {
	const { url, sockets: accepted } = await rawServer((socket) => socket.write(fine));
	const control = new AbortController();
	const left = () => ({ listeners: getEventListeners(control.signal, "abort").length, timers: active("Timeout"), sockets: active("TCPSocketWrap") });
	const c = client(url);
	const before = left();
	const warnings = [];
	process.on("warning", (warning) => warnings.push(warning.message));
	for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 50 }, () => c.payments.stats({ signal: control.signal })));
	assert.ok(left().sockets > before.sockets, "connections are kept for the next call");
	const running = c.payments.stats({ signal: control.signal });
	assert.equal(left().listeners, 1);
	await running;
	c.close();
	while (accepted.size > 0) await breath();
	assert.deepEqual(left(), before);
	assert.deepEqual(warnings, []);
});

function active(name) {
	return process.getActiveResourcesInfo().filter((other) => other === name).length;
}

for (const [method, call] of [
	["POST", (c) => c.paymentSessions.create({})],
	["DELETE", (c) => c.customers.delete("x")],
]) {
	test(`S8: reset on a reused connection, ${method} with a key: requests on the wire are counted attempts`, async () => {
		const { url, wire } = await rawServer((socket, { onConnection }) => {
			if (onConnection === 1) socket.write(fine);
			else socket.resetAndDestroy();
		});
		const c = client(url);
		await call(c);
		const before = wire.requests.length;
		const result = await call(c);
		assert.equal(before, 1);
		assert.equal(wire.connections, 2, "the second call must have begun on the connection of the first");
		assert.equal(wire.requests.length - before, result.attempts.length);
		assert.equal(result.attempts.length, 2);
		assert.equal(result.attempts[0].event, "reset");
		assert.deepEqual(wire.requests.slice(before).map((text) => /x-juicer-attempt: ([0-9]+)/.exec(text)[1]), ["1", "2"]);
	});
}

test("S8: a transport that sends once more by itself is noticed", async () => {
	const { url, wire } = await rawServer((socket, { nth }) => (nth === 2 ? socket.resetAndDestroy() : socket.write(fine)));
	const real = new HttpTransport();
	closers.push(() => real.close());
	const c = client(url, { transport: { send: (request, signal) => real.send(request, signal).catch(() => real.send(request, signal)) } });
	await c.paymentSessions.create({});
	const before = wire.requests.length;
	const result = await c.paymentSessions.create({});
	assert.notEqual(wire.requests.length - before, result.attempts.length);
});

test("S14: 50 calls, each 503 and then 200, over a pool of one: one connection", async () => {
	const { url, wire } = await rawServer((socket, { nth }) => socket.write(nth % 2 === 1 ? reply(503, "{}") : fine));
	const c = client(url, { maxConnections: 1 });
	for (let i = 0; i < 50; i++) await c.payments.stats();
	assert.equal(wire.requests.length, 100);
	assert.equal(wire.connections, 1);
});

test("S15: two calls with one key at once: one is made, the other waits and gets the replay", async () => {
	const server = await startServer();
	closers.push(() => server.stop());
	const c = clientOf(server);
	const { data } = await c.paymentSessions.create(order("ord_s15"));
	await c.paymentSessions.capture(data.id, { card: await c.cards.encrypt(goodCard) });
	await c.sandbox.changeRail("card", { personality: "slow" }); // seconds, now and then more than ten
	const refund = () => c.payments.refund(data.id, { amount: 100 }, { idempotencyKey: "refund-1", policy: { maxWaits: 40 } });
	const both = await Promise.all([refund(), refund()]);
	assert.deepEqual(both.map(({ status }) => status), [201, 201]);
	assert.deepEqual(both.map(({ replayed }) => replayed).sort(), [false, true]);
	const [first, second] = both.sort((a, b) => Number(a.replayed) - Number(b.replayed));
	assert.equal(first.attempts.length, 1);
	assert.ok(second.attempts.length > 1);
	for (const waited of second.attempts.slice(0, -1)) assert.equal(waited.code, "idempotency_key_in_use");
	assert.ok(second.attempts.every(({ number }) => number === 1), "waits for the own key are no attempts");
	assert.equal(first.data.id, second.data.id);
});

for (const [what, answer, type, event] of [
	["an answer that is cut off", (socket) => socket.write(reply(200, '{"data":{}}').slice(0, -4), () => socket.destroy()), InvalidResponseError, "truncated_body"],
	["a page instead of JSON", (socket) => socket.write(reply(200, "<html>Welcome</html>")), InvalidResponseError, "invalid_body"],
	["an empty 200", (socket) => socket.write(reply(200, "")), InvalidResponseError, "invalid_body"],
	["something that is not HTTP", (socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"), InvalidResponseError, "invalid_body"],
	["a connection that is closed without a word", (socket) => socket.end(), ConnectionError, "reset"],
]) {
	test(`${what} is a lost answer`, async () => {
		const { url } = await rawServer(answer);
		const error = await failureOf(client(url, { policy: { maxAttempts: 1 } }).paymentSessions.create({}));
		assert.ok(error instanceof type, `${error.name}: ${error.message}`);
		assert.equal(error.event, event);
		assert.equal(error.outcome, "unknown");
	});
}

test("a port where nobody listens: nothing was sent, and nothing was attempted", async () => {
	const { url, wire } = await rawServer(() => {});
	await closers.pop()();
	const error = await failureOf(client(url, { policy: { maxAttempts: 2 } }).paymentSessions.create({}));
	assert.ok(error instanceof ConnectionError);
	assert.equal(error.event, "connect_refused");
	assert.equal(error.outcome, "not_attempted");
	assert.equal(error.attempts.length, 2);
	assert.equal(wire.connections, 0);
});

test("a host name that does not exist is not tried again", async () => {
	const error = await failureOf(client("http://nowhere.invalid").paymentSessions.create({}, { timeoutMs: 20_000 }));
	assert.ok(error instanceof ConnectionError);
	assert.match(error.event, /^dns_/);
	assert.equal(error.outcome, "not_attempted");
});

test("a server that does not speak TLS where it should: not tried again, nothing attempted", async () => {
	const plain = net.createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
	await once(plain, "listening");
	closers.push(() => new Promise((resolve) => plain.close(resolve)));
	const error = await failureOf(client(`https://127.0.0.1:${plain.address().port}`).paymentSessions.create({}));
	assert.equal(error.event, "tls_certificate");
	assert.equal(error.outcome, "not_attempted");
	assert.equal(error.attempts.length, 1);
});

test("a TLS handshake that takes too long is tried again: nothing was sent", async () => {
	const { url } = await rawServer(() => {});
	const error = await failureOf(client(url.replace("http:", "https:"), { policy: { maxAttempts: 2, writeTimeoutMs: 50 } }).paymentSessions.create({}));
	assert.ok(error instanceof TimeoutError);
	assert.deepEqual(error.attempts.map(({ event }) => event), ["tls_timeout", "tls_timeout"]);
	assert.equal(error.outcome, "not_attempted");
});

test("a redirect is not followed, and the key goes nowhere else", async () => {
	const other = await rawServer((socket) => socket.write(fine));
	const { url } = await rawServer((socket) => socket.write(reply(307, "", `Location: ${other.url}/payments\r\n`)));
	for (const call of [(c) => c.payments.stats(), (c) => c.paymentSessions.create({})]) {
		const error = await failureOf(call(client(url)));
		assert.equal(error.status, 307);
		assert.equal(error.reason, "not_retryable");
	}
	assert.equal(other.wire.connections, 0);
});

test("a header that is sent twice is joined, and a wait that is sent twice is none", async () => {
	const { url } = await rawServer((socket) => socket.write(reply(429, "", "Retry-After: 5\r\nRetry-After: 10\r\n")));
	const error = await failureOf(client(url, { policy: { maxAttempts: 1 } }).payments.stats());
	assert.equal(error.retryAfterMs, undefined);
});

test("cancelled during a real request: ends within 50 ms and leaves no socket", async () => {
	const took = [];
	for (let i = 0; i < 5; i++) {
		const { url, sockets: open, wire } = await rawServer(() => {});
		const control = new AbortController();
		const failed = failureOf(client(url).paymentSessions.create({}, { signal: control.signal }));
		while (wire.requests.length === 0) await breath();
		const began = performance.now();
		control.abort();
		const error = await failed;
		took.push(performance.now() - began);
		assert.ok(error instanceof CancelledError);
		assert.equal(error.outcome, "unknown");
		while (open.size > 0) await breath();
		assert.equal(wire.requests.length, 1);
		assert.equal(getEventListeners(control.signal, "abort").length, 0);
	}
	const median = took.sort((a, b) => a - b)[2];
	assert.ok(median < 50, `it took ${median} ms`);
});

test("a request that waits for a connection of a full pool has sent nothing when its time is up", async () => {
	const { url, wire } = await rawServer(() => {});
	const control = new AbortController();
	const c = client(url, { maxConnections: 1, policy: { maxAttempts: 1 } });
	const holding = failureOf(c.paymentSessions.create({}, { signal: control.signal }));
	while (wire.requests.length === 0) await breath();
	const waiting = await failureOf(c.paymentSessions.create({}, { policy: { writeTimeoutMs: 50 } }));
	assert.deepEqual([waiting.event, waiting.outcome], ["connect_timeout", "not_attempted"]);
	control.abort();
	assert.equal((await holding).outcome, "unknown");
	assert.equal(wire.requests.length, 1);
});

test("a process ends by itself after its last call, with the connection still idle", async () => {
	const { url } = await rawServer((socket) => socket.write(fine));
	const program = `import { Juicer } from ${JSON.stringify(new URL("../dist/esm/index.js", import.meta.url).href)};
		const result = await new Juicer({ baseUrl: ${JSON.stringify(url)}, apiKey: ${JSON.stringify(key)} }).payments.stats();
		console.log(result.status, process.getActiveResourcesInfo().filter((name) => name === "Timeout").length);`;
	const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
	assert.equal(stdout.trim(), "200 0");
});

test("waits beyond the longest timer are not at once", async () => {
	let fired = false;
	const stop = systemClock.after(2 ** 31 + 1000, () => (fired = true));
	await new Promise((resolve) => setTimeout(resolve, 20));
	stop();
	assert.equal(fired, false);
});
