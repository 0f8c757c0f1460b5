/**
 * The errors:
 *
 *   JuicerError                  everything this SDK throws
 *   ├── APIError                 the server answered, and it was not success
 *   │   ├── InvalidRequestError      400 and what has no class of its own
 *   │   ├── ValidationError          422: fieldErrors names the fields
 *   │   ├── AuthenticationError      401: the API key
 *   │   ├── PermissionError          403: the key's scopes
 *   │   ├── NotFoundError            404
 *   │   ├── ConflictError            409
 *   │   ├── IdempotencyError         409 or 422 about the idempotency key
 *   │   ├── RateLimitError           429: retryAfterMs
 *   │   └── ServerError              5xx and 408
 *   ├── TransportError           no whole answer came
 *   │   ├── ConnectionError          refused, reset, DNS, TLS
 *   │   ├── TimeoutError             nothing came in time
 *   │   └── InvalidResponseError     cut off, or not what the API promises
 *   ├── DeadlineError            the time was up before a first request could be sent
 *   ├── CancelledError           your signal ended the call
 *   ├── PaymentDeclined          an answer that says "refused", with raiseOnDecline
 *   └── ConfigurationError       the client lacks a key, a URL, ...
 *
 * Every error says whether money moved: `outcome`. TransportError and DeadlineError
 * are what really happened last; `reason` says why the SDK did not go on.
 */
import { classOf } from "./codes.js";
import { readProblem, type FieldError, type Outcome, type Problem } from "./envelope.js";
import type { StopReason, TransportEvent } from "./policy.js";
import type { Attempt, FailureBlock, Result } from "./result.js";

/** What is known about a call that failed. */
export interface ErrorReport {
	readonly method: string;
	/** The template of the path: no ids. */
	readonly route: string;
	readonly reason: StopReason | undefined;
	/** Undefined for reads. */
	readonly outcome: Outcome | undefined;
	readonly idempotencyKey: string | undefined;
	readonly attempts: readonly Attempt[];
	readonly totalMs: number;
	readonly retryAfterMs: number | undefined;
	readonly status: number | undefined;
	readonly event: TransportEvent | undefined;
	/** X-Request-Id of the last answer. */
	readonly requestId: string | undefined;
	/** The last body as text. */
	readonly body: string | undefined;
	readonly cause?: unknown;
}

/** The root of the tree. */
export class JuicerError extends Error {
	override readonly name: string = "JuicerError";
}

/** What all failed calls have in common. */
export abstract class CallError extends JuicerError {
	/** Whether money moved: not_attempted, refused, pending, unknown, succeeded; undefined for reads. */
	readonly outcome: Outcome | undefined;
	/** Why the SDK did not go on. */
	readonly reason: StopReason | undefined;
	readonly status: number | undefined;
	/** Stable, for programs. */
	readonly code: string | undefined;
	readonly type: string | undefined;
	/** What the server said. */
	readonly serverMessage: string | undefined;
	readonly docUrl: string | undefined;
	readonly fieldErrors: readonly FieldError[];
	readonly details: Readonly<Record<string, unknown>>;
	/** Of the last answer; quote it to support. */
	readonly requestId: string | undefined;
	/** Repeat the call with it, or look it up with client.resume(). */
	readonly idempotencyKey: string | undefined;
	readonly attempts: readonly Attempt[];
	/** How long the server asked to stay away, in milliseconds. */
	readonly retryAfterMs: number | undefined;
	/** From the call to the error, in milliseconds. */
	readonly totalMs: number;
	/** The last body, as it came. */
	readonly body: string | undefined;

	constructor(
		readonly report: ErrorReport,
		problem: Problem,
	) {
		super(sentences(report, problem), report.cause === undefined ? undefined : { cause: report.cause });
		this.outcome = report.outcome;
		this.reason = report.reason;
		this.status = report.status;
		this.code = problem.code;
		this.type = problem.type;
		this.serverMessage = problem.message;
		this.docUrl = problem.docUrl;
		this.fieldErrors = problem.fieldErrors;
		this.details = problem.details;
		this.requestId = report.requestId ?? problem.requestId;
		this.idempotencyKey = report.idempotencyKey;
		this.attempts = report.attempts;
		this.retryAfterMs = report.retryAfterMs;
		this.totalMs = report.totalMs;
		this.body = report.body;
		// What may hold names and cards stays out of util.inspect and JSON.
		for (const name of ["report", "body"]) Object.defineProperty(this, name, { enumerable: false });
	}

	/** The request ids of all attempts that got one. */
	get requestIds(): readonly string[] {
		return this.attempts.flatMap(({ requestId }) => requestId ?? []);
	}

	/** A text to paste to support: everything above but keys of the API, bodies and details. */
	supportBundle(): string {
		return supportBundle(this);
	}
}

export class APIError extends CallError {
	override readonly name: string = "APIError";
	declare readonly status: number;
}
export class InvalidRequestError extends APIError {
	override readonly name = "InvalidRequestError";
}
export class ValidationError extends APIError {
	override readonly name = "ValidationError";
}
export class AuthenticationError extends APIError {
	override readonly name = "AuthenticationError";
}
export class PermissionError extends APIError {
	override readonly name = "PermissionError";
}
export class NotFoundError extends APIError {
	override readonly name = "NotFoundError";
}
export class ConflictError extends APIError {
	override readonly name = "ConflictError";
}
export class IdempotencyError extends APIError {
	override readonly name = "IdempotencyError";
}
export class RateLimitError extends APIError {
	override readonly name = "RateLimitError";
}
export class ServerError extends APIError {
	override readonly name = "ServerError";
}

export class TransportError extends CallError {
	override readonly name: string = "TransportError";

	/** What happened: connect_refused, reset, read_timeout, truncated_body, ... */
	get event(): TransportEvent | undefined {
		return this.report.event;
	}
}
export class ConnectionError extends TransportError {
	override readonly name = "ConnectionError";
}
export class TimeoutError extends TransportError {
	override readonly name = "TimeoutError";
}
export class InvalidResponseError extends TransportError {
	override readonly name = "InvalidResponseError";
}

export class DeadlineError extends CallError {
	override readonly name = "DeadlineError";
}
export class CancelledError extends CallError {
	override readonly name = "CancelledError";
}

/** A payment, refund or payout that was refused; thrown instead of returned with raiseOnDecline. */
export class PaymentDeclined extends JuicerError {
	override readonly name = "PaymentDeclined";
	readonly outcome = "refused";
	readonly failure: FailureBlock | undefined;
	readonly requestId: string | undefined;

	constructor(readonly result: Result<unknown>) {
		const { failure, requestId } = result;
		super(`${failure?.message ?? "The payment was refused."} No money moved. ${declineAdvice(failure)} Request ${requestId ?? "id unknown"}.`);
		this.failure = failure;
		this.requestId = requestId;
		Object.defineProperty(this, "result", { enumerable: false });
	}
}

/** The client cannot work with what it was given. */
export class ConfigurationError extends JuicerError {
	override readonly name = "ConfigurationError";
}

function declineAdvice(failure: FailureBlock | undefined): string {
	return failure?.retryable
		? "A new payment with a new reference may succeed."
		: "Ask for another way to pay; this one will be refused again.";
}

/** The error of a call that failed. */
export function errorOf(report: ErrorReport): CallError {
	const problem = report.event === undefined ? readProblem(report.body) : nothing;
	const kind = report.reason === "cancelled" ? CancelledError : report.status !== undefined && report.event === undefined ? apiClass(report.status, problem.code) : transportClass(report.event);
	return new kind(report, problem);
}

const nothing: Problem = { code: undefined, type: undefined, message: undefined, requestId: undefined, docUrl: undefined, fieldErrors: [], details: {} };

const apiClasses: ReadonlyMap<unknown, typeof APIError> = new Map<unknown, typeof APIError>([
	["InvalidRequestError", InvalidRequestError],
	["ValidationError", ValidationError],
	["AuthenticationError", AuthenticationError],
	["PermissionError", PermissionError],
	["NotFoundError", NotFoundError],
	["ConflictError", ConflictError],
	["IdempotencyError", IdempotencyError],
	["RateLimitError", RateLimitError],
	["ServerError", ServerError],
	[400, InvalidRequestError],
	[401, AuthenticationError],
	[403, PermissionError],
	[404, NotFoundError],
	[408, ServerError],
	[409, ConflictError],
	[422, ValidationError],
	[429, RateLimitError],
]);

function apiClass(status: number, code: string | undefined): typeof APIError {
	const known = apiClasses.get(classOf.get(code ?? "")) ?? apiClasses.get(status);
	if (known) return known;
	if (status >= 500) return ServerError;
	return status >= 400 ? InvalidRequestError : APIError;
}

const timeouts: readonly unknown[] = ["read_timeout", "connect_timeout", "tls_timeout"];
const invalid: readonly unknown[] = ["truncated_body", "invalid_body"];

function transportClass(event: TransportEvent | undefined): new (report: ErrorReport, problem: Problem) => CallError {
	if (event === undefined) return DeadlineError;
	if (timeouts.includes(event)) return TimeoutError;
	return invalid.includes(event) ? InvalidResponseError : ConnectionError;
}

function sentences(report: ErrorReport, problem: Problem): string {
	return [happened(report, problem), moved(report.outcome), next(report), identity(report, problem)].filter((text) => text !== "").join(" ");
}

const events: Readonly<Record<TransportEvent, string>> = {
	cancelled: "the call was cancelled",
	connect_refused: "the connection could not be made",
	connect_timeout: "the connection was not made in time",
	dns_not_found: "the host name does not exist",
	dns_temporary: "the host name could not be looked up",
	tls_timeout: "the TLS handshake took too long",
	tls_certificate: "TLS failed; check the certificate",
	not_processed: "the server did not process the request",
	reset: "the connection broke before the answer came",
	read_timeout: "no answer came in time",
	truncated_body: "the answer was cut off",
	invalid_body: "the answer is not what the API promises",
};

function happened(report: ErrorReport, problem: Problem): string {
	const call = `${report.method} ${report.route}`;
	if (report.reason === "cancelled") return `${call}: the call was cancelled.`;
	if (report.event !== undefined) return `${call}: ${events[report.event]}${causeCode(report.cause, (code) => ` (${code})`)}.`;
	if (report.status === undefined) return `${call}: there was no time left to send it.`;
	const fields = problem.fieldErrors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
	const said = [problem.code, problem.message].filter(Boolean).join(": ");
	return `${call}: ${report.status}${said && ` ${said}`}${fields && ` (${fields})`}${/[.!?]$/.test(fields ? ")" : said) ? "" : "."}`;
}

/** The system's word for a failure of the network, such as ECONNREFUSED. */
function causeCode(cause: unknown, put: (code: string) => string = (code) => code): string {
	const code = (cause as NodeJS.ErrnoException | undefined)?.code;
	return typeof code === "string" ? put(code) : "";
}

function moved(outcome: Outcome | undefined): string {
	switch (outcome) {
		case undefined:
			return "";
		case "not_attempted":
			return "No money moved: nothing was done.";
		case "refused":
			return "No money moved: it was refused.";
		case "pending":
			return "Money may still move: it is being processed.";
		case "unknown":
			return "Whether money moved is not known.";
		case "succeeded":
			return "The money has moved.";
	}
}

function next(report: ErrorReport): string {
	const { outcome, reason } = report;
	const advice = reason === undefined ? "" : why(report, reason);
	if (outcome !== "unknown" && outcome !== "pending") return advice;
	const look = report.idempotencyKey === undefined ? "Look it up by its reference before you send it again." : "Send it again with the same idempotency key, or ask client.resume(key).";
	return [advice, look].filter((text) => text !== "").join(" ");
}

function why(report: ErrorReport, reason: StopReason): string {
	switch (reason) {
		case "cancelled":
			return "";
		case "not_retryable":
			return report.status === undefined ? "Another try would not help." : "Sent again unchanged, it would fail again.";
		case "server_said_no":
			return (report.status ?? 0) < 500 ? "Sent again unchanged, it would fail again." : "The server says not to send it again.";
		case "new_key_needed":
			return "It may be sent again with a new idempotency key once the cause is gone.";
		case "verify_first":
			return "Read the resource first; send again only if that shows that nothing happened.";
		case "unknown_outcome":
			return "It had no idempotency key, so it was not sent again.";
		case "body_not_replayable":
			return "Its body could not be sent again.";
		case "attempts_exhausted":
			return `Gave up after ${count(report.attempts.length, "request")}.`;
		case "retry_after_too_long":
			return `The server asks to wait ${seconds(report.retryAfterMs ?? 0)}.`;
		case "deadline":
			return "The deadline leaves no time for another try.";
		case "budget_exhausted":
			return "This client stopped by its own decision: its budget for retries is used up.";
	}
}

function identity(report: ErrorReport, problem: Problem): string {
	const id = report.requestId ?? problem.requestId;
	return [report.idempotencyKey && `Idempotency key ${report.idempotencyKey}.`, id && `Request ${id}.`, problem.docUrl && `See ${problem.docUrl}`].filter(Boolean).join(" ");
}

function count(n: number, noun: string): string {
	return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function seconds(ms: number): string {
	return `${Math.ceil(ms / 1000)} s`;
}

function supportBundle(error: CallError): string {
	const { report } = error;
	const lines: [string, unknown][] = [
		["error", error.name],
		["call", `${report.method} ${report.route}`],
		["status", error.status],
		["code", error.code],
		["type", error.type],
		["outcome", error.outcome],
		["reason", error.reason],
		["event", report.event],
		["cause", causeCode(report.cause) || undefined],
		["fields", error.fieldErrors.map(({ field, code }) => `${field} ${code}`).join(", ") || undefined],
		["idempotency key", error.idempotencyKey],
		["request ids", error.requestIds.join(", ") || undefined],
		["retry after", error.retryAfterMs === undefined ? undefined : `${error.retryAfterMs} ms`],
		["total", `${Math.round(error.totalMs)} ms`],
		["more", error.docUrl],
	];
	const known = lines.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${String(value)}`);
	return [...known, ...report.attempts.map(attemptLine)].map(scrub).join("\n");
}

function attemptLine(attempt: Attempt): string {
	const what = [attempt.status, attempt.event, attempt.code].filter((value) => value !== undefined).join(" ");
	const wait = attempt.waitMs > 0 ? `, then waited ${attempt.waitMs} ms` : "";
	return `attempt ${attempt.number}: ${new Date(attempt.at).toISOString()} ${what} in ${Math.round(attempt.tookMs)} ms, request ${attempt.requestId ?? "-"}${wait}`;
}

/** Whatever looks like an API key or a webhook secret. */
const keys = /\b(?:test|live)_[0-9A-Za-z]{12,}|whsec_[0-9A-Za-z+/=]+/g;
/** Whatever has the form of a card number: one run of digits, or groups of four. */
const cards = /\b(?:[0-9]{12,19}|(?:[0-9]{4}[ -]){3}[0-9]{1,7})\b/g;

/** Takes secrets out of a text, whoever put them there. */
export function scrub(text: string): string {
	return text.replace(keys, "[removed]").replace(cards, (digits) => (luhn(digits) ? "[removed]" : digits));
}

function luhn(text: string): boolean {
	const digits = [...text.replace(/[^0-9]/g, "")].reverse().map(Number);
	const sum = digits.reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0);
	return sum % 10 === 0;
}
