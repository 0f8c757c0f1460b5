/**
 * The loop around decide(): it owns the timer, the key, the budget, the transport,
 * the deadline and the list of attempts, and takes no decision of its own.
 */
import type { Budget } from "./budget.js";
import type { Clock } from "./clock.js";
import { parseJson, readEnvelope } from "./envelope.js";
import { errorOf, type CallError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import type { Pacing } from "./pacing.js";
import { decide, isRead, type Call, type Decision, type Policy, type Reply, type StopReason } from "./policy.js";
import type { Answer, Attempt } from "./result.js";
import type { Signals } from "./signals.js";
import { TransportFailure, type Transport, type WireReply, type WireRequest } from "./transport.js";

/** What the loop works with; one set per client. */
export interface Means {
	readonly transport: Transport;
	readonly budget: Budget;
	readonly clock: Clock;
	/** In [0, 1). */
	readonly random: () => number;
	readonly hooks: Hooks;
	readonly pacing: Pacing | undefined;
	readonly signals: Signals;
}

/** One logical call, ready to be sent as often as it takes. */
export interface Prepared {
	readonly method: string;
	/** The template of the path, for people. */
	readonly route: string;
	readonly base: URL;
	/** Path and query. */
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	/** The same bytes for every attempt. */
	readonly body: string | undefined;
	readonly key: string | undefined;
	readonly policy: Policy;
	readonly signal: AbortSignal | undefined;
	/** What a complete answer has to be. */
	readonly wants: "json" | "text";
	/** A longer time for one attempt than the policy has, such as for ?wait=. */
	readonly attemptTimeoutMs: number | undefined;
}

/** Sends a call until it succeeds or is decided to have failed: then throws a CallError. */
export async function perform(means: Means, call: Prepared): Promise<Answer> {
	const run = new Run(means, call);
	means.budget.enter(run.began);
	try {
		return await run.toEnd();
	} finally {
		run.cancel.release();
		means.budget.leave(means.clock.steady());
	}
}

/** Follows the caller's signal once per call, whatever is going on. */
class Cancellation {
	cancelled: boolean;
	/** Ends what is going on just now. */
	current: (() => void) | undefined;
	readonly release: () => void;

	constructor(signals: Signals, signal: AbortSignal | undefined) {
		this.cancelled = signal?.aborted ?? false;
		this.release = signals.follow(signal, () => {
			this.cancelled = true;
			this.current?.();
		});
	}
}

/** An attempt that has ended. */
interface Ended {
	readonly reply: Reply;
	readonly json: unknown;
	readonly cause: unknown;
	readonly attempt: Attempt;
}

const noHeaders = { get: () => undefined };

class Run {
	readonly began: number;
	readonly cancel: Cancellation;
	private readonly attempts: Attempt[] = [];
	private readonly kind: Call;
	private number = 1;
	private waits = 0;
	private paid = 0;
	private lost = false;
	private last: Ended | undefined;

	constructor(
		private readonly means: Means,
		private readonly call: Prepared,
	) {
		this.began = means.clock.steady();
		this.cancel = new Cancellation(means.signals, call.signal);
		this.kind = { method: call.method, keyed: call.key !== undefined, replayable: true };
	}

	async toEnd(): Promise<Answer> {
		await this.beforeFirst();
		for (;;) {
			const ended = await this.attempt();
			const decision = this.decided(ended);
			if (decision.action === "ok") return this.succeeded(ended);
			if (decision.action === "stop") throw this.failed(decision.reason, decision);
			await this.wait(decision, ended.attempt);
		}
	}

	/** Holds the first request back where the limit is known to be used up. */
	private async beforeFirst(): Promise<void> {
		const { deadlineMs, minAttemptMs } = this.call.policy;
		if (this.cancel.cancelled) throw this.unsent("cancelled", undefined);
		if (deadlineMs <= 0) throw this.unsent("deadline", undefined);
		const { clock, pacing } = this.means;
		const wait = pacing?.before(this.call.route, clock.now()) ?? 0;
		if (wait === 0) return;
		if (wait + minAttemptMs <= deadlineMs) await this.pause(wait);
		else throw this.unpaced("deadline", wait);
		if (this.cancel.cancelled) throw this.unpaced("cancelled", undefined);
	}

	/** The error of a call that gives its place under the limit back. */
	private unpaced(reason: StopReason, wait: number | undefined): CallError {
		this.means.pacing?.ended(this.call.route);
		return this.unsent(reason, wait);
	}

	private elapsed(): number {
		return this.means.clock.steady() - this.began;
	}

	private decided(ended: Ended): Decision {
		const { budget, clock } = this.means;
		const progress = {
			attempt: this.number,
			waits: this.waits,
			elapsedMs: this.elapsed(),
			idleMs: budget.takeIdle(),
			paid: this.paid,
			lostBefore: this.lost,
			cancelled: this.cancel.cancelled,
		};
		const decision = decide(this.call.policy, this.kind, progress, ended.reply, clock.now(), this.means.random(), budget.tokens);
		budget.tokens = decision.tokens;
		return decision;
	}

	private async attempt(): Promise<Ended> {
		const { clock, hooks, pacing } = this.means;
		const { base, method, path, route } = this.call;
		const watch = hooks.attempt?.({ method, route, base, path, number: this.number, resends: this.attempts.length });
		const [at, began] = [clock.now(), clock.steady()];
		const limit = this.timeLimit();
		const got = await this.exchange(this.request(limit, watch?.headers), limit);
		pacing?.learn(route, got.reply.headers, clock.now());
		const ended = { ...got, attempt: this.record(got.reply, at, clock.steady() - began) };
		watch?.ended(ended.attempt);
		this.last = ended;
		return ended;
	}

	private timeLimit(): number {
		const { attemptTimeoutMs, method, policy } = this.call;
		const own = attemptTimeoutMs ?? (isRead(method) ? policy.readTimeoutMs : policy.writeTimeoutMs);
		return Math.min(own, policy.deadlineMs - this.elapsed());
	}

	private request(limit: number, more: Readonly<Record<string, string>> | undefined): WireRequest {
		const { base, body, headers, method, path, policy } = this.call;
		const own = {
			"juicer-deadline-ms": String(Math.max(policy.minAttemptMs, Math.floor(limit - policy.minAttemptMs))),
			"x-juicer-attempt": String(this.number),
		};
		return { method, base, path, headers: more ? { ...headers, ...own, ...more } : { ...headers, ...own }, body };
	}

	/** One request with its time limit; ends at once when the caller cancels. */
	private exchange(request: WireRequest, limit: number): Promise<Omit<Ended, "attempt">> {
		return new Promise((resolve) => {
			const control = new AbortController();
			let open = true;
			const end = (got: Omit<Ended, "attempt">): void => {
				if (!open) return;
				open = false;
				stopTimer();
				this.cancel.current = undefined;
				resolve(got);
			};
			const stopTimer = this.means.clock.after(limit, () => {
				control.abort();
				// The transport knows how far it came; one that does not listen is not waited for.
				setImmediate(() => end(lostBy(new TransportFailure("read_timeout", undefined))));
			});
			this.cancel.current = () => {
				end(lostBy(new TransportFailure("cancelled", this.call.signal?.reason)));
				control.abort();
			};
			this.means.transport.send(request, control.signal).then(
				(reply) => end(this.judged(reply)),
				(error: unknown) => end(lostBy(error)),
			);
		});
	}

	/** A success that is not what was promised is a lost answer. */
	private judged(wire: WireReply): Omit<Ended, "attempt"> {
		const { status, headers, body } = wire;
		const promised = this.call.wants === "json" && status >= 200 && status < 300 && status !== 204;
		const json = promised ? parseJson(body) : undefined;
		const event = promised && (typeof json !== "object" || json === null) ? "invalid_body" : undefined;
		return { reply: { status, headers, body, event }, json, cause: undefined };
	}

	private record(reply: Reply, at: number, tookMs: number): Attempt {
		const code = reply.event === undefined && (reply.status ?? 0) >= 400 ? readEnvelope(reply.body)?.code : undefined;
		const requestId = reply.headers.get("x-request-id");
		const attempt = { number: this.number, at, tookMs, status: reply.status, event: reply.event, code, requestId, waitMs: 0 };
		this.attempts.push(attempt);
		return attempt;
	}

	private async wait(decision: Extract<Decision, { action: "retry" }>, attempt: Attempt): Promise<void> {
		this.advance(decision, attempt);
		if (decision.delayMs > 0 && !this.cancel.cancelled) await this.pause(decision.delayMs);
		if (this.cancel.cancelled) throw this.failed("cancelled", decision);
	}

	private advance({ delayMs, lost, paid, reason }: Extract<Decision, { action: "retry" }>, attempt: Attempt): void {
		const { key, method, route } = this.call;
		this.attempts[this.attempts.length - 1] = { ...attempt, waitMs: delayMs };
		this.means.hooks.retry?.({ method, route, idempotencyKey: key, reason, delayMs, attempt });
		this.lost = lost;
		if (reason === "in_progress") this.waits++;
		else [this.number, this.paid] = [this.number + 1, paid];
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const end = (): void => {
				this.cancel.current = undefined;
				resolve();
			};
			const stopTimer = this.means.clock.after(ms, end);
			this.cancel.current = () => {
				stopTimer();
				end();
			};
		});
	}

	private succeeded({ json, reply }: Ended): Answer {
		return {
			route: this.call.route,
			status: reply.status ?? 0,
			headers: reply.headers,
			text: reply.body ?? "",
			json,
			attempts: this.attempts,
			idempotencyKey: this.call.key,
			totalMs: this.elapsed(),
		};
	}

	private failed(reason: StopReason, verdict: { outcome: CallError["outcome"]; retryAfterMs: number | undefined }): CallError {
		const { reply, cause } = this.last ?? { reply: undefined, cause: undefined };
		return errorOf({
			...this.facts(reason),
			outcome: verdict.outcome,
			retryAfterMs: verdict.retryAfterMs,
			status: reply?.status,
			event: reply?.event,
			requestId: reply?.headers.get("x-request-id"),
			body: reply?.body,
			cause,
		});
	}

	/** The error of a call of which no byte was sent. */
	private unsent(reason: StopReason, retryAfterMs: number | undefined): CallError {
		const outcome = isRead(this.call.method) ? undefined : "not_attempted";
		return errorOf({ ...this.facts(reason), outcome, retryAfterMs, status: undefined, event: undefined, requestId: undefined, body: undefined });
	}

	private facts(reason: StopReason) {
		const { key, method, route } = this.call;
		return { method, route, reason, idempotencyKey: key, attempts: this.attempts, totalMs: this.elapsed() };
	}
}

function lostBy(error: unknown): Omit<Ended, "attempt"> {
	if (!(error instanceof TransportFailure)) return { reply: { status: undefined, headers: noHeaders, body: undefined, event: "reset" }, json: undefined, cause: error };
	return { reply: { status: error.status, headers: error.headers ?? noHeaders, body: undefined, event: error.event }, json: undefined, cause: error.cause };
}
