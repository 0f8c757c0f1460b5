/**
 * The retry policy: what to do after one attempt. decide() has no clock, no network
 * and no random source of its own, so the same answer always leads to the same
 * decision; spec/vectors/retry.json holds it against the other languages.
 */
import { afterIdle, give, type BudgetRules } from "./budget.js";
import { readEnvelope, type Envelope, type Outcome } from "./envelope.js";
import { serverWait, type HeaderReader } from "./wait.js";

/** The numbers of the policy. Times are milliseconds. */
export interface Policy extends BudgetRules {
	/** Requests in all; waiting for one's own key does not count. */
	readonly maxAttempts: number;
	readonly baseTransientMs: number;
	readonly baseThrottleMs: number;
	readonly capMs: number;
	/** A server that asks for more is not waited for. */
	readonly serverWaitMaxMs: number;
	/** What is added to the server's wait at most. */
	readonly spreadMaxMs: number;
	/** For the whole call, waits included. */
	readonly deadlineMs: number;
	readonly writeTimeoutMs: number;
	readonly readTimeoutMs: number;
	/** Less time than this is not worth another attempt. */
	readonly minAttemptMs: number;
	/** Waits for one's own idempotency key. */
	readonly maxWaits: number;
	/** Whether the server promises that a key never acts twice. */
	readonly trustKeys: boolean;
}

/** The policy where nobody asked for another. */
export const defaultPolicy: Policy = Object.freeze({
	maxAttempts: 4,
	baseTransientMs: 500,
	baseThrottleMs: 1_000,
	capMs: 8_000,
	serverWaitMaxMs: 60_000,
	spreadMaxMs: 1_000,
	deadlineMs: 60_000,
	writeTimeoutMs: 30_000,
	readTimeoutMs: 10_000,
	minAttemptMs: 500,
	maxWaits: 10,
	bucket: 500,
	costTransient: 14,
	costThrottle: 5,
	gain: 1,
	gainPerIdleSecond: 1,
	trustKeys: true,
});

/** What is the same for all attempts of a call. */
export interface Call {
	readonly method: string;
	/** Whether it carries an idempotency key. */
	readonly keyed: boolean;
	/** Whether its body can be sent again. */
	readonly replayable: boolean;
}

/** Where a call stands when an attempt has ended. */
export interface Progress {
	/** Counted attempts, the one that ended included: 1, 2, ... */
	readonly attempt: number;
	/** Waits for the own key so far. */
	readonly waits: number;
	readonly elapsedMs: number;
	/** Time without any call that the bucket has not been given yet. */
	readonly idleMs: number;
	/** Tokens paid for the last retry. */
	readonly paid: number;
	/** Whether the answer to an earlier attempt was lost. */
	readonly lostBefore: boolean;
	readonly cancelled: boolean;
}

/** What can happen instead of an answer. */
export type TransportEvent =
	| "cancelled"
	| "connect_refused"
	| "connect_timeout"
	| "dns_not_found"
	| "dns_temporary"
	| "tls_timeout"
	| "tls_certificate"
	| "not_processed"
	| "reset"
	| "read_timeout"
	| "truncated_body"
	| "invalid_body";

/** How an attempt ended: an answer, an event, or an event in the middle of an answer. */
export interface Reply {
	readonly status: number | undefined;
	readonly headers: HeaderReader;
	readonly body: string | undefined;
	readonly event: TransportEvent | undefined;
}

/** Why a request is sent again. */
export type RetryReason = "transient" | "throttle" | "in_progress";

/** Why a call ends without success. */
export type StopReason =
	| "cancelled"
	| "not_retryable"
	| "server_said_no"
	| "new_key_needed"
	| "verify_first"
	| "unknown_outcome"
	| "body_not_replayable"
	| "attempts_exhausted"
	| "retry_after_too_long"
	| "deadline"
	| "budget_exhausted";

/** What was decided. `tokens` is what the bucket holds from now on. */
export type Decision =
	| { readonly action: "ok"; readonly tokens: number }
	| ({ readonly action: "retry"; readonly reason: RetryReason; readonly delayMs: number; readonly paid: number } & Verdict)
	| ({ readonly action: "stop"; readonly reason: StopReason } & Verdict);

interface Verdict {
	readonly tokens: number;
	/** Whether money moved, as far as known after this attempt; undefined for reads. */
	readonly outcome: Outcome | undefined;
	/** Whether the next attempt must think that an answer was lost. */
	readonly lost: boolean;
	/** The server's wait, where it asked for a valid one. */
	readonly retryAfterMs: number | undefined;
}

const keyInUse = "idempotency_key_in_use";

/**
 * Decides about a call after one attempt.
 *
 * @param now local time in milliseconds since 1970, for dates in replies without Date
 * @param rand in [0, 1): the jitter
 * @param tokens what the bucket holds
 */
export function decide(policy: Policy, call: Call, progress: Progress, reply: Reply, now: number, rand: number, tokens: number): Decision {
	const held = afterIdle(policy, tokens, progress.idleMs);
	const cancelled = progress.cancelled || reply.event === "cancelled";
	if (!cancelled && complete(reply)) return { action: "ok", tokens: give(policy, held, gained(policy, progress)) };

	const envelope = reply.event === undefined ? readEnvelope(reply.body) : undefined;
	const outcome = isRead(call.method) ? undefined : outcomeOfWrite(policy, progress, reply, envelope);
	const lost = progress.lostBefore || outcome === "unknown" || outcome === "pending";
	const wait = serverWait(reply.headers, envelope, now);
	const stop = (reason: StopReason): Decision => ({ action: "stop", reason, tokens: held, outcome, lost, retryAfterMs: wait });

	if (cancelled) return stop("cancelled");
	const reason = classify(call, progress, reply, envelope);
	if (!isRetry(reason)) return stop(reason);
	if (!safe(call, reply, envelope, reason)) return stop("unknown_outcome");
	if (!call.replayable) return stop("body_not_replayable");
	if (exhausted(policy, progress, reason)) return stop("attempts_exhausted");
	if (wait !== undefined && wait > policy.serverWaitMaxMs) return stop("retry_after_too_long");
	const delayMs = delay(policy, progress, reason, wait, rand);
	if (progress.elapsedMs + delayMs + policy.minAttemptMs > policy.deadlineMs) return stop("deadline");
	const paid = cost(policy, reason);
	if (paid > held) return stop("budget_exhausted");
	return { action: "retry", reason, delayMs, paid, tokens: held - paid, outcome, lost, retryAfterMs: wait };
}

function complete(reply: Reply): boolean {
	if (reply.event !== undefined || reply.status === undefined) return false;
	return (reply.status >= 200 && reply.status < 300) || reply.status === 304;
}

/**
 * A retry that succeeds gives back what it cost; a first attempt that succeeds adds to
 * the bucket, also after waits for its own key, which cost nothing.
 */
function gained(policy: Policy, progress: Progress): number {
	return progress.attempt === 1 ? policy.gain : progress.paid;
}

/** Whether a method only reads: such calls have no outcome. */
export function isRead(method: string): boolean {
	return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

const retryReasons: readonly string[] = ["transient", "throttle", "in_progress"];

function isRetry(reason: RetryReason | StopReason): reason is RetryReason {
	return retryReasons.includes(reason);
}

function classify(call: Call, progress: Progress, reply: Reply, envelope: Envelope | undefined): RetryReason | StopReason {
	if (reply.event !== undefined) return nothingHelps(reply.event) ? "not_retryable" : "transient";
	if (reply.status === 409 && envelope?.code === keyInUse) return "in_progress";
	return hinted(envelope) ?? byStatus(reply.status) ?? (envelope?.allowed ? "transient" : hopeless(call, progress, reply, envelope));
}

function nothingHelps(event: TransportEvent): boolean {
	return event === "dns_not_found" || event === "tls_certificate";
}

/** The server's hints that end a call; a hint never opens what the safety gate closes. */
function hinted(envelope: Envelope | undefined): StopReason | undefined {
	if (envelope?.allowed === false) return "server_said_no";
	if (envelope?.with === "new_key") return "new_key_needed";
	if (envelope?.with === "after_verify") return "verify_first";
	return undefined;
}

const transientStatuses: readonly unknown[] = [408, 500, 502, 503, 504];

function byStatus(status: number | undefined): RetryReason | undefined {
	if (status === 429) return "throttle";
	return transientStatuses.includes(status) ? "transient" : undefined;
}

/** After a lost answer, some refusals may be the traces of one's own first attempt. */
function hopeless(call: Call, progress: Progress, reply: Reply, envelope: Envelope | undefined): StopReason {
	const gone = call.method === "DELETE" && reply.status === 404;
	return progress.lostBefore && (gone || envelope?.code === "reference_exists") ? "verify_first" : "not_retryable";
}

/** Whether sending again cannot act twice. */
function safe(call: Call, reply: Reply, envelope: Envelope | undefined, reason: RetryReason): boolean {
	return (
		isRead(call.method) ||
		call.method === "PUT" ||
		call.method === "DELETE" ||
		call.keyed ||
		nothingSent(reply.event) ||
		reason !== "transient" ||
		envelope?.outcome === "not_attempted"
	);
}

const sentNothing: readonly unknown[] = [
	"connect_refused",
	"connect_timeout",
	"dns_not_found",
	"dns_temporary",
	"tls_timeout",
	"tls_certificate",
	"not_processed",
];

function nothingSent(event: TransportEvent | undefined): boolean {
	return sentNothing.includes(event);
}

function exhausted(policy: Policy, progress: Progress, reason: RetryReason): boolean {
	return reason === "in_progress" ? progress.waits >= policy.maxWaits : progress.attempt >= policy.maxAttempts;
}

function delay(policy: Policy, progress: Progress, reason: RetryReason, wait: number | undefined, rand: number): number {
	if (wait !== undefined) return wait + Math.floor(rand * Math.min(policy.spreadMaxMs, wait / 4));
	const base = reason === "transient" ? policy.baseTransientMs : policy.baseThrottleMs;
	const n = reason === "in_progress" ? progress.waits + 1 : progress.attempt;
	return Math.floor(rand * Math.min(policy.capMs, base * 2 ** (n - 1)));
}

function cost(policy: Policy, reason: RetryReason): number {
	if (reason === "in_progress") return 0;
	return reason === "throttle" ? policy.costThrottle : policy.costTransient;
}

/** Statuses with which an envelope is final for the key that was sent. */
const finalStatuses: readonly unknown[] = [400, 403, 409, 422];
const untouchedStatuses: readonly unknown[] = [401, 404, 405, 413, 415, 429];

function outcomeOfWrite(policy: Policy, progress: Progress, reply: Reply, envelope: Envelope | undefined): Outcome {
	if (progress.lostBefore && !(policy.trustKeys && isFinal(reply, envelope))) return "unknown";
	if (reply.event !== undefined) return nothingSent(reply.event) ? "not_attempted" : "unknown";
	return envelope?.outcome ?? outcomeByStatus(reply.status, envelope);
}

function isFinal(reply: Reply, envelope: Envelope | undefined): boolean {
	return envelope !== undefined && envelope.code !== "reference_exists" && finalStatuses.includes(reply.status);
}

function outcomeByStatus(status: number | undefined, envelope: Envelope | undefined): Outcome {
	if (status === 409 && envelope?.code === keyInUse) return "pending";
	if (untouchedStatuses.includes(status)) return "not_attempted";
	const refused = envelope !== undefined && status !== undefined && status >= 400 && status < 500 && status !== 408;
	return refused && envelope.code !== "idempotency_key_expired" ? "refused" : "unknown";
}
