// S12: many calls through a network and a server that fail in every way, then the books.
import { createHash } from "node:crypto";
import * as net from "node:net";
import { HttpTransport, JuicerError, TransportFailure, systemClock } from "../dist/esm/index.js";
import { clientOf, goodCard, order } from "./server.mjs";

const share = 0.3;
const workers = 32;

/** Numbers in [0, 1) that depend on the seed and a name alone, not on who comes first. */
function rolls(seed, name) {
	const bytes = createHash("sha256").update(`${seed} ${name}`).digest();
	let at = 0;
	return () => bytes.readUInt32LE((at++ * 4) % 32) / 2 ** 32;
}

const between = (roll, low, high) => low + Math.floor(roll() * (high - low + 1));
const header = (rule) => (roll) => ({ rule: rule(roll) });

/** Faults for any attempt: whatever they say about a key is true, or says nothing about it. */
const anyTime = [
	header(() => "drop=before"),
	header(() => "drop=after-commit"),
	header((roll) => `truncate=${between(roll, 0, 400)}`),
	header(() => "garbage"),
	header((roll) => `hang=${between(roll, 50, 300)}`),
	header((roll) => `hang=${between(roll, 50, 300)};at=before`),
	header((roll) => `delay=${between(roll, 10, 100)}`),
	header((roll) => `delay=${between(roll, 10, 100)},drop=after-commit`),
	header((roll) => `status=429;retry-after=${between(roll, 1, 3)}`),
	header(() => "status=401"),
	header(() => "status=404"),
	header(() => "status=405"),
	header(() => "status=413"),
	header(() => "status=415"),
	header(() => "status=500"),
	header(() => "status=502"),
	header((roll) => `status=503;retry-after=${between(roll, 1, 3)}`),
	header(() => "status=504"),
	header(() => "error=server_error;at=after-commit"),
	header(() => "error=storage_unavailable;at=after-commit"),
	header(() => "error=request_timeout;at=after-commit"),
	header(() => "error=overloaded"),
	header(() => "error=rail_unavailable"),
	() => ({ refuse: true }),
	() => ({ half: true }),
];

/**
 * Faults for first attempts: a server that has run a request never answers its key like
 * this, so behind a lost answer they would be lies of the fault, not of the client.
 */
const onlyFirst = [400, 403, 409, 422].map((status) => header(() => `status=${status}`));

/** Adds a fault to three attempts of ten. */
class StormyTransport {
	attempts = 0;
	faults = new Map();
	counts = new Map();
	real = new HttpTransport({ maxConnections: workers });

	constructor(seed) {
		this.seed = seed;
	}

	async send(request, signal) {
		this.attempts++;
		const fault = this.faultOf(request);
		if (fault?.refuse) return this.real.send({ ...request, base: new URL("http://127.0.0.1:1") }, signal);
		if (fault?.half) return sendHalf(request);
		return this.real.send(fault ? { ...request, headers: { ...request.headers, "juicer-fault": fault.rule } } : request, signal);
	}

	faultOf(request) {
		const key = request.headers["idempotency-key"];
		if (key === undefined) return undefined;
		const nth = (this.counts.get(key) ?? 0) + 1;
		this.counts.set(key, nth);
		const roll = rolls(this.seed, `${key} ${nth}`);
		if (roll() >= share) return undefined;
		const kinds = nth === 1 ? [...anyTime, ...onlyFirst] : anyTime;
		const fault = kinds[Math.floor(roll() * kinds.length)](roll);
		const name = fault.rule?.replace(/[0-9]+(?=;|,|$)/g, (digits, at, rule) => (rule.startsWith("status") && at < 10 ? digits : "n")) ?? Object.keys(fault)[0];
		this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
		return fault;
	}

	close() {
		this.real.close();
	}
}

/** Half of the request, then a reset. */
function sendHalf({ base, body = "", headers, method, path }) {
	const head = Object.entries({ host: base.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
	return new Promise((_, reject) => {
		const socket = net.connect(Number(base.port), base.hostname);
		socket.on("error", () => {});
		socket.once("close", () => reject(new TransportFailure("reset")));
		socket.once("connect", () => socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body.slice(0, body.length / 2)}`, () => socket.resetAndDestroy()));
	});
}

/** Longer than any wait, so that the clock can tell them apart. */
const attemptMs = 50_000;
/** Waits pass two hundred times as fast; the time of attempts is real. */
const hurried = { ...systemClock, after: (ms, action) => systemClock.after(ms >= attemptMs ? ms : ms / 200, action) };

/** Makes the calls. Returns what the client believes: one entry per call. */
export async function storm(server, { calls, policy = {}, seed, wrap = (transport) => transport }) {
	const transport = new StormyTransport(seed);
	const client = clientOf(server, { transport: wrap(transport), clock: hurried, policy: { writeTimeoutMs: attemptMs, readTimeoutMs: attemptMs, ...policy } });
	const believed = [];
	let next = 0;
	const work = async () => {
		for (let i = next++; i < calls / 2; i = next++) {
			const reference = `storm_${i}`;
			const created = await believe({ kind: "create", reference }, () => client.paymentSessions.create(order(reference, 1000 + i), { idempotencyKey: `create-${i}` }));
			const id = created.result?.data.id;
			const second = id
				? believe({ kind: "capture", reference, id }, async () => client.paymentSessions.capture(id, { card: await client.cards.encrypt(goodCard) }, { idempotencyKey: `capture-${i}` }))
				: believe({ kind: "create", reference: `${reference}_again` }, () => client.paymentSessions.create(order(`${reference}_again`, 1000 + i), { idempotencyKey: `create-${i}-again` }));
			believed.push(created, await second);
		}
	};
	await Promise.all(Array.from({ length: workers }, work));
	transport.close();
	return { believed, attempts: transport.attempts, faults: transport.faults, health: client.health() };
}

async function believe(call, send) {
	try {
		return { ...call, result: await send(), error: undefined };
	} catch (error) {
		if (!(error instanceof JuicerError)) throw error;
		return { ...call, result: undefined, error };
	}
}

/** What server and bank have: payments by reference, executions by payment. */
export async function books(server) {
	const client = clientOf(server);
	const payments = new Map();
	for await (const payment of client.payments.listAll({ limit: 100 })) push(payments, payment.reference.split("~")[0], payment);
	const executions = new Map();
	for await (const entry of client.sandbox.listAllRailBooks({ limit: 100, rail: "card" })) push(executions, entry.rail_reference.split("/")[0], entry);
	const { data: audit } = await client.sandbox.audit({ wait: 20 });
	client.close();
	return { payments, executions, audit };
}

function push(map, key, value) {
	map.set(key, [...(map.get(key) ?? []), value]);
}

/** Where what the client believes and the books differ: one sentence each. */
export function contradictions(believed, { audit, executions, payments }) {
	const wrong = believed.flatMap((call) => contradiction(call, payments.get(call.reference) ?? [], executions));
	if (!audit.clean) wrong.push(`the audit is not clean: ${JSON.stringify(audit.totals)}, in flight ${audit.in_flight}`);
	return wrong;
}

function contradiction({ error, id, kind, reference, result }, payments, executions) {
	const wrong = [];
	const charges = payments.flatMap((payment) => executions.get(payment.id) ?? []);
	if (payments.length > 1) wrong.push(`${reference}: ${payments.length} payments`);
	if (charges.length > 1) wrong.push(`${reference}: ${charges.length} charges`);
	const happened = kind === "create" ? payments.length > 0 : (executions.get(id) ?? []).length > 0;
	const said = error ? error.outcome : kind === "create" ? "exists" : result.outcome;
	if (happened && ["not_attempted", "refused"].includes(said)) wrong.push(`${kind} of ${reference}: ${said}, but it happened`);
	if (!happened && ["succeeded", "exists"].includes(said)) wrong.push(`${kind} of ${reference}: ${said}, but it did not happen`);
	if (said === undefined) wrong.push(`${kind} of ${reference}: no outcome`);
	return wrong;
}

/** How the calls ended. */
export function summary(believed) {
	const counts = {};
	for (const { error, kind } of believed) {
		const name = error ? `${kind} ${error.outcome}` : `${kind} done`;
		counts[name] = (counts[name] ?? 0) + 1;
	}
	return counts;
}
