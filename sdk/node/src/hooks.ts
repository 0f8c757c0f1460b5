/** What an application may watch: every request, every retry, every call. */
import type { Outcome } from "./envelope.js";
import type { CallError } from "./errors.js";
import type { RetryReason } from "./policy.js";
import type { Attempt } from "./result.js";

/** A request that is about to be sent. */
export interface AttemptStart {
	readonly method: string;
	/** The template of the path: no ids. */
	readonly route: string;
	readonly base: URL;
	/** Path and query as sent. */
	readonly path: string;
	/** Counted attempts: 1, 2, ... */
	readonly number: number;
	/** Requests of this call before this one. */
	readonly resends: number;
}

/** What a hook wants with one request. */
export interface AttemptWatch {
	/** Headers to send, such as traceparent. */
	readonly headers?: Readonly<Record<string, string>>;
	ended(attempt: Attempt): void;
}

/** A call that has ended, one way or the other. */
export interface CallEnd {
	readonly method: string;
	readonly route: string;
	readonly status: number | undefined;
	readonly code: string | undefined;
	readonly requestId: string | undefined;
	readonly idempotencyKey: string | undefined;
	readonly outcome: Outcome | undefined;
	readonly attempts: readonly Attempt[];
	readonly totalMs: number;
	/** Undefined for success. */
	readonly error: CallError | undefined;
}

/** A wait before another request. */
export interface RetryStart {
	readonly method: string;
	readonly route: string;
	readonly idempotencyKey: string | undefined;
	readonly reason: RetryReason;
	readonly delayMs: number;
	readonly attempt: Attempt;
}

/** All optional. A hook that throws is warned about and changes nothing. */
export interface Hooks {
	attempt?(start: AttemptStart): AttemptWatch | undefined;
	retry?(start: RetryStart): void;
	call?(end: CallEnd): void;
}

/** One line per call for a log: no bodies, no ids of people, no keys of the API. */
export function logLine(end: CallEnd): string {
	const fields: [string, unknown][] = [
		["method", end.method],
		["route", end.route],
		["status", end.status ?? "-"],
		["code", end.code ?? "-"],
		["request_id", end.requestId ?? "-"],
		["attempts", end.attempts.length],
		["ms", Math.round(end.totalMs)],
		["outcome", end.outcome ?? "-"],
	];
	return fields.map(([name, value]) => `${name}=${String(value)}`).join(" ");
}

/** Several hooks as one, called in order. */
export function allHooks(hooks: readonly Hooks[]): Hooks {
	const watched: Hooks = {};
	const attempts = hooks.filter((hook) => hook.attempt);
	const retries = hooks.filter((hook) => hook.retry);
	const calls = hooks.filter((hook) => hook.call);
	if (attempts.length > 0) watched.attempt = (start) => allWatches(attempts.map((hook) => quietly(() => hook.attempt?.(start))));
	if (retries.length > 0) watched.retry = (start) => retries.forEach((hook) => quietly(() => hook.retry?.(start)));
	if (calls.length > 0) watched.call = (end) => calls.forEach((hook) => quietly(() => hook.call?.(end)));
	return watched;
}

function allWatches(given: readonly (AttemptWatch | undefined)[]): AttemptWatch | undefined {
	const watches = given.filter((watch) => watch !== undefined);
	if (watches.length === 0) return undefined;
	return {
		headers: Object.assign({}, ...watches.map((watch) => watch.headers)) as Record<string, string>,
		ended: (attempt) => watches.forEach((watch) => quietly(() => watch.ended(attempt))),
	};
}

function quietly<T>(action: () => T): T | undefined {
	try {
		return action();
	} catch (error) {
		process.emitWarning(`A hook of the Juicer SDK failed: ${String(error)}`, { type: "JuicerHookWarning" });
		return undefined;
	}
}
