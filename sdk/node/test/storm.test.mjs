// S12: whatever the network and the server do, there is one payment per key, and no error lies about it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TransportFailure } from "../dist/esm/index.js";
import { startServer } from "./server.mjs";
import { books, contradictions, storm, summary } from "./storm.mjs";

const calls = Number(process.env.JUICER_STORM_CALLS ?? 2000);
const seed = process.env.JUICER_STORM_SEED ?? String(Math.floor(Math.random() * 2 ** 32));

async function run(options) {
	const server = await startServer();
	try {
		const began = performance.now();
		const stormed = await storm(server, { seed, ...options });
		const seconds = (performance.now() - began) / 1000;
		return { ...stormed, seconds, wrong: contradictions(stormed.believed, await books(server)) };
	} finally {
		await server.stop();
	}
}

test(`S12: ${calls} calls with faults in three attempts of ten, seed ${seed}`, async () => {
	const { attempts, believed, faults, seconds, wrong } = await run({ calls });
	const faulty = [...faults.values()].reduce((sum, n) => sum + n, 0);
	console.log(`storm: seed ${seed}, ${believed.length} calls, ${attempts} requests, ${faulty} faults of ${faults.size} kinds, ${seconds.toFixed(1)} s; ${JSON.stringify(summary(believed))}; contradictions ${wrong.length}`);
	assert.deepEqual(wrong, []);
	assert.equal(believed.length, calls);
	assert.ok(faulty / attempts > 0.2 && faulty / attempts < 0.4, `${faulty} faults in ${attempts} requests`);
	if (calls >= 2000) assert.equal(faults.size, 29, "every kind of fault must have come");
});

/** A client that takes a lost answer for a request that was never sent. */
const careless = (transport) => ({
	send: (request, signal) => transport.send(request, signal).catch((failure) => {
		throw new TransportFailure(failure.event === "reset" ? "connect_refused" : failure.event, failure.cause, failure.status, failure.headers);
	}),
});

/** A client that makes every retry a new order. */
const greedy = (transport) => ({
	send(request, signal) {
		const n = request.headers["x-juicer-attempt"];
		if (n === "1" || !request.body?.includes('"reference"')) return transport.send(request, signal);
		const body = request.body.replace(/("reference":"[^"]+)"/, `$1~${n}"`);
		const headers = { ...request.headers, "idempotency-key": `${request.headers["idempotency-key"]}~${n}`, "content-length": String(Buffer.byteLength(body)) };
		return transport.send({ ...request, body, headers }, signal);
	},
});

// About twenty of each flaw's calls go wrong, whatever the seed.
for (const [what, wrap, policy, sentence] of [
	["calls a lost answer not attempted", careless, { maxAttempts: 1 }, /not_attempted, but it happened/],
	["changes key and reference on a retry", greedy, {}, /[2-4] payments/],
]) {
	test(`S12 notices a client that ${what}, seed ${seed}`, async () => {
		const { wrong } = await run({ calls: 600, policy, wrap });
		assert.match(wrong.join("\n"), sentence);
	});
}
