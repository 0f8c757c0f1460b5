import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FileOutbox } from "../dist/esm/index.js";
import { clientOf, order, startServer } from "./server.mjs";
import { failureOf, onStage } from "./stage.mjs";

const directory = () => {
	const path = mkdtempSync(join(tmpdir(), "juicer-outbox-"));
	after(() => rmSync(path, { recursive: true, force: true }));
	return join(path, "outbox");
};
const files = (path) => readdirSync(path).filter((name) => name.endsWith(".json"));

test("key and body are on disk before the first byte leaves, and gone when it is known what became of them", async () => {
	const path = directory();
	const { client, clock, server } = onStage([{ status: 201 }], { outbox: new FileOutbox(path) });
	const seen = [];
	const send = server.send.bind(server);
	server.send = (...given) => (seen.push(files(path).length), send(...given));
	const finished = client.paymentSessions.create({ amount: 1 }, { idempotencyKey: "order-1" });
	while (server.requests.length === 0) await new Promise(setImmediate);
	const [entry] = await new FileOutbox(path).list();
	assert.deepEqual(entry, { key: "order-1", method: "POST", route: "/payment-sessions", path: "/payment-sessions", body: '{"amount":1}', at: clock.epoch });
	assert.equal(statSync(join(path, files(path)[0])).mode & 0o777, 0o600);
	await runOut(clock, finished);
	assert.deepEqual(seen, [1]);
	assert.deepEqual(await new FileOutbox(path).list(), []);
});

/** The disk is real: its time passes beside that of the clock. */
async function runOut(clock, promise) {
	let settled = false;
	promise.then(() => (settled = true), () => (settled = true));
	while (!settled) {
		await new Promise(setImmediate);
		if (clock.timers.length > 0) clock.step();
	}
	return promise;
}

for (const [what, step, left] of [
	["refused", { status: 400, body: { error: { code: "x", outcome: "refused" } } }, 0],
	["not attempted", { status: 401 }, 0],
	["unknown", { event: "reset" }, 1],
	["pending", { status: 409, body: { error: { code: "payment_in_progress", outcome: "pending", retry: { allowed: false } } } }, 1],
]) {
	test(`a write that was ${what} leaves ${left}`, async () => {
		const outbox = new FileOutbox(directory());
		const { client, clock } = onStage([step], { outbox, policy: { maxAttempts: 1 } });
		await failureOf(runOut(clock, client.paymentSessions.create({})));
		assert.equal((await outbox.list()).length, left);
	});
}

test("reads leave nothing, and a draft that a crash left is no entry", async () => {
	const path = directory();
	const outbox = new FileOutbox(path);
	assert.deepEqual(await outbox.list(), []);
	const { client, clock } = onStage([{ status: 200 }], { outbox });
	await runOut(clock, client.payments.stats());
	await outbox.put({ key: "b", method: "POST", route: "/x", path: "/x", body: null, at: 2 });
	await outbox.put({ key: "a/../b", method: "POST", route: "/x", path: "/x", body: null, at: 1 });
	writeFileSync(join(path, "half.json.draft"), "{");
	assert.deepEqual((await outbox.list()).map(({ key }) => key), ["a/../b", "b"]);
});

/** A server between client and server: what it does with a whole request is the test's. */
async function between(target, handle) {
	const server = http.createServer((request, response) => {
		const parts = [];
		request.on("data", (part) => parts.push(part)).on("end", () => handle({ request, response, body: Buffer.concat(parts), forward: () => forward(target, request, Buffer.concat(parts)) }));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.close(), server.closeAllConnections()) };
}

async function forward(target, { headers, method, url }, body) {
	const { host, connection, ...rest } = headers;
	const response = await fetch(target + url, { method, headers: rest, body });
	await response.text();
}

for (const [when, reaches] of [["after the server had run it", true], ["before the server had seen it", false]]) {
	test(`killed when the bytes had left, ${when}: resumed with the same key, one payment`, async () => {
		const server = await startServer();
		const path = directory();
		let child;
		const middle = await between(server.url, async ({ forward: pass }) => {
			if (reaches) await pass();
			child.kill("SIGKILL");
		});
		try {
			const program = `import { FileOutbox, Juicer } from ${JSON.stringify(new URL("../dist/esm/index.js", import.meta.url).href)};
				const client = new Juicer({ baseUrl: ${JSON.stringify(middle.url)}, apiKey: ${JSON.stringify(server.key)}, outbox: new FileOutbox(${JSON.stringify(path)}) });
				await client.paymentSessions.create(${JSON.stringify(order("ord_killed"))});`;
			child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
			const [, signal] = await once(child, "exit");
			assert.equal(signal, "SIGKILL");
			const client = clientOf(server, { outbox: new FileOutbox(path) });
			const resumed = await client.resumeOutbox();
			assert.equal(resumed.length, 1);
			assert.equal(resumed[0].error, undefined);
			assert.equal(resumed[0].result.idempotencyKey, resumed[0].entry.key);
			assert.equal(resumed[0].result.replayed, reaches);
			assert.equal((await client.resume(resumed[0].entry.key)).next, "done");
			const { data } = await client.payments.list({ references: "ord_killed" });
			assert.equal(data.length, 1);
			assert.deepEqual(await client.resumeOutbox(), []);
		} finally {
			middle.close();
			await server.stop();
		}
	});
}
