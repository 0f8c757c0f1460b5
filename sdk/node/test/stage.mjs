// A stage for the loop: a clock that tests turn, and a server that follows a script.
import { setImmediate as breath } from "node:timers/promises";
import { Juicer, TransportFailure, WireHeaders } from "../dist/esm/index.js";

/** A clock on which nothing takes time but what waits for it. */
export class VirtualClock {
	time = 0;
	timers = [];
	epoch = Date.UTC(2026, 10, 22, 9, 0, 0);

	now() {
		return this.epoch + this.time;
	}

	steady() {
		return this.time;
	}

	after(ms, action) {
		const timer = { at: this.time + ms, action };
		this.timers.push(timer);
		return () => this.remove(timer);
	}

	remove(timer) {
		this.timers = this.timers.filter((other) => other !== timer);
	}

	/** Goes from timer to timer until the promise is settled; gives what it was settled with. */
	async run(promise) {
		let settled = false;
		promise.then(() => (settled = true), () => (settled = true));
		for (;;) {
			await breath();
			await breath();
			if (settled) return promise;
			this.step();
		}
	}

	step() {
		const next = this.timers.reduce((first, timer) => (first && first.at <= timer.at ? first : timer), undefined);
		if (!next) throw new Error("nothing is due, and the call has not ended");
		this.remove(next);
		this.pass(next.at);
		next.action();
	}

	pass(until) {
		this.time = Math.max(this.time, until);
	}
}

/** A clock on which waits take no time at all: all happens at one instant. */
export class FrozenClock extends VirtualClock {
	pass() {}
}

/**
 * A server that follows a script, one step per request; the last step repeats.
 * A step: {status, headers, body, event, after: ms, hang: true}.
 */
export class Script {
	requests = [];
	open = 0;

	constructor(clock, steps) {
		this.clock = clock;
		this.steps = steps;
	}

	send(request, signal) {
		const step = this.steps[Math.min(this.requests.length, this.steps.length - 1)];
		this.requests.push({ ...request, at: this.clock.time });
		this.open++;
		return new Promise((resolve, reject) => {
			const stop = () => {
				cancel();
				this.open--;
				reject(new TransportFailure("read_timeout", signal.reason));
			};
			const answer = () => {
				signal.removeEventListener("abort", stop);
				this.open--;
				step.event ? reject(new TransportFailure(step.event)) : resolve(replyOf(step, this.requests.length));
			};
			const cancel = step.hang ? () => {} : this.clock.after(step.after ?? 10, answer);
			signal.addEventListener("abort", stop, { once: true });
		});
	}

	/** One header of every request. */
	sent(name) {
		return this.requests.map(({ headers }) => headers[name]);
	}
}

function replyOf({ body, headers = {}, status }, n) {
	const named = { "X-Request-Id": `req_${n}`, ...headers };
	const text = body === undefined ? (status < 300 ? '{"data":{}}' : "") : typeof body === "string" ? body : JSON.stringify(body);
	return { status, headers: new WireHeaders(Object.entries(named).flat()), body: text };
}

/** A client on the stage. `random` is a list of numbers, then 0.5. */
export function onStage(steps, { clock = new VirtualClock(), random = [], ...options } = {}) {
	const server = new Script(clock, steps);
	const rolls = [...random];
	const client = new Juicer({ baseUrl: "http://juicer.example", apiKey: "test_0000000000000000000000000000000HGh7u",
		transport: server, clock, random: () => rolls.shift() ?? 0.5, ...options });
	return { client, clock, server };
}

/** The error of a promise that must be rejected. */
export async function failureOf(promise) {
	try {
		await promise;
	} catch (error) {
		return error;
	}
	throw new Error("it should have failed");
}

export const inUse = { status: 409, body: { error: { code: "idempotency_key_in_use", outcome: "pending", retry: { allowed: true, with: "same_key", after_ms: 1500 } } } };
