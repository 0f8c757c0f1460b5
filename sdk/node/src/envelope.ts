/**
 * The body of an error, read twice: strictly for the retry policy (an object under
 * `error`, or it does not count), and leniently for people, because other servers
 * have other envelopes. Pure.
 */

/** Whether money moved. */
export type Outcome = "not_attempted" | "refused" | "pending" | "unknown" | "succeeded";

const outcomes: readonly unknown[] = ["not_attempted", "refused", "pending", "unknown", "succeeded"];

/** What the retry policy reads of an error's body. */
export interface Envelope {
	readonly code: string | undefined;
	readonly outcome: Outcome | undefined;
	/** error.retry.allowed, where it is a boolean */
	readonly allowed: boolean | undefined;
	/** error.retry.with: same_key, new_key, after_verify */
	readonly with: string | undefined;
	/** error.retry.after_ms as it came; only numbers are waits */
	readonly afterMs: unknown;
	/** error.retry_after as it came, in seconds; only numbers are waits */
	readonly retryAfter: unknown;
}

/** One bad field of a request. */
export interface FieldError {
	readonly field: string;
	readonly code: string;
	readonly message: string;
}

/** What people get to see of an error's body. */
export interface Problem {
	readonly code: string | undefined;
	readonly type: string | undefined;
	readonly message: string | undefined;
	readonly requestId: string | undefined;
	readonly docUrl: string | undefined;
	readonly fieldErrors: readonly FieldError[];
	readonly details: Readonly<Record<string, unknown>>;
}

type Members = Readonly<Record<string, unknown>>;

/** The value of a whole JSON text, or undefined: rubbish behind it, NaN and Infinity are not JSON. */
export function parseJson(text: string | undefined): unknown {
	try {
		return JSON.parse(text ?? "") as unknown;
	} catch {
		return undefined;
	}
}

/** Reads the envelope of the retry policy; undefined if the text is anything else. */
export function readEnvelope(text: string | undefined): Envelope | undefined {
	const error = object(object(parseJson(text))?.["error"]);
	if (!error) return undefined;
	const retry = object(error["retry"]);
	return {
		code: string(error["code"]),
		outcome: outcomeOf(error["outcome"]),
		allowed: typeof retry?.["allowed"] === "boolean" ? retry["allowed"] : undefined,
		with: string(retry?.["with"]),
		afterMs: retry?.["after_ms"],
		retryAfter: error["retry_after"],
	};
}

/** One of the five outcomes, or undefined. */
export function outcomeOf(value: unknown): Outcome | undefined {
	return outcomes.includes(value) ? (value as Outcome) : undefined;
}

/**
 * Reads whatever a server calls an error: `error` as an object or a text,
 * `errors` (inside or beside it) as a list or a map, a `message` at the top, or a
 * page in HTML, of which the title is taken.
 */
export function readProblem(text: string | undefined): Problem {
	const top = object(parseJson(text));
	const error = object(top?.["error"]);
	return {
		code: string(error?.["code"]) ?? string(top?.["code"]),
		type: string(error?.["type"]) ?? string(top?.["type"]),
		message: string(error?.["message"]) ?? string(top?.["error"]) ?? string(top?.["message"]) ?? (top ? undefined : pageTitle(text)),
		requestId: string(error?.["request_id"]) ?? string(top?.["request_id"]),
		docUrl: string(error?.["doc_url"]),
		fieldErrors: fieldErrors(error?.["errors"] ?? top?.["errors"]),
		details: object(error?.["details"]) ?? {},
	};
}

function fieldErrors(value: unknown): FieldError[] {
	if (Array.isArray(value)) return value.flatMap(listed);
	return Object.entries(object(value) ?? {}).flatMap(([field, said]) => mapped(field, said));
}

function listed(value: unknown): FieldError[] {
	if (typeof value === "string") return [{ field: "", code: "", message: value }];
	const one = object(value);
	if (!one) return [];
	return [{ field: string(one["field"]) ?? string(one["path"]) ?? "", code: string(one["code"]) ?? "", message: string(one["message"]) ?? "" }];
}

function mapped(field: string, said: unknown): FieldError[] {
	const messages = Array.isArray(said) ? said : [said];
	return messages.flatMap(listed).map((error) => ({ ...error, field }));
}

const titleMax = 200; // characters

function pageTitle(text: string | undefined): string | undefined {
	const title = /<title[^>]*>([^<]*)</i.exec(text ?? "")?.[1] ?? /<h1[^>]*>([^<]*)</i.exec(text ?? "")?.[1];
	const trimmed = title?.trim().slice(0, titleMax);
	return trimmed === "" ? undefined : trimmed;
}

function object(value: unknown): Members | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

function string(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}
