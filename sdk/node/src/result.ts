/** What a call that succeeded gives back. A 200 is not yet a payment: ask succeeded(). */
import { outcomeOf, type Outcome } from "./envelope.js";
import type { HeaderReader } from "./wait.js";

/** One request of a call, as it went. */
export interface Attempt {
	/** Counted attempts: 1, 2, ...; waits for the own key repeat the number. */
	readonly number: number;
	/** When it began, in milliseconds since 1970. */
	readonly at: number;
	/** How long it took, in milliseconds. */
	readonly tookMs: number;
	/** The HTTP status, if there was one. */
	readonly status: number | undefined;
	/** What happened instead of a whole answer: reset, read_timeout, ... */
	readonly event: string | undefined;
	readonly code: string | undefined;
	readonly requestId: string | undefined;
	/** The wait that followed, in milliseconds; 0 after the last one. */
	readonly waitMs: number;
}

/** What the server says about money beside the data. */
export interface MoneyBlock {
	readonly outcome?: Outcome;
	readonly retry?: { readonly allowed?: boolean; readonly with?: string | null; readonly after_ms?: number | null };
	readonly status_url?: string;
}

/** Why a payment, refund or payout was refused. */
export interface FailureBlock {
	readonly code: string;
	readonly message: string;
	readonly reason?: string | null;
	/** Whether a new try, with a new reference, may succeed. */
	readonly retryable?: boolean;
	readonly attempts_left?: number;
}

/** Where a result comes from: the server, a cache it agreed with, or a cache while it was away. */
export type Source = "server" | "cache" | "revalidated" | "stale";

/** An answer as the loop hands it over. */
export interface Answer {
	/** The template of the path that was asked. */
	readonly route: string;
	readonly status: number;
	readonly headers: HeaderReader;
	/** The body as text. */
	readonly text: string;
	/** The body as JSON; undefined if there is none or it was asked for as text. */
	readonly json: unknown;
	readonly attempts: readonly Attempt[];
	readonly idempotencyKey: string | undefined;
	readonly totalMs: number;
}

type Members = Readonly<Record<string, unknown>>;

/** The answer to one call. */
export class Result<T> {
	constructor(
		private readonly answer: Answer,
		/** What the API documents as `data`; the whole body where it is not wrapped. */
		readonly data: T,
		readonly source: Source = "server",
	) {}

	get status(): number {
		return this.answer.status;
	}

	/** Log it, and quote it to support. */
	get requestId(): string | undefined {
		return this.answer.headers.get("x-request-id");
	}

	/** Whether this repeats the answer to an earlier request. */
	get replayed(): boolean {
		return this.answer.headers.get("idempotent-replayed") === "true";
	}

	/** Whether the server was away and this is what it said some time ago. */
	get stale(): boolean {
		return this.source === "stale";
	}

	get attempts(): readonly Attempt[] {
		return this.answer.attempts;
	}

	get idempotencyKey(): string | undefined {
		return this.answer.idempotencyKey;
	}

	/** The whole body: parsed JSON, or text. */
	get raw(): unknown {
		return this.answer.json ?? this.answer.text;
	}

	get headers(): HeaderReader {
		return this.answer.headers;
	}

	get money(): MoneyBlock | undefined {
		return members(members(this.answer.json)?.["money"]) as MoneyBlock | undefined;
	}

	/** Whether money moved; undefined for answers that are not about money. */
	get outcome(): Outcome | undefined {
		return outcomeOf(this.money?.outcome) ?? (aboutMoney.test(this.answer.route) ? outcomeOfStatus(this.data) : undefined);
	}

	/** The same answer about a part of its data. */
	of<U>(data: U): Result<U> {
		return new Result(this.answer, data, this.source);
	}

	/** Whether the money moved. Neither a 200 nor "pending" is that. */
	succeeded(): boolean {
		return this.outcome === "succeeded";
	}

	/** Why it was refused, or undefined. */
	get failure(): FailureBlock | undefined {
		const data = members(this.data);
		return (members(data?.["failure"]) ?? members(members(data?.["payment"])?.["failure"])) as FailureBlock | undefined;
	}
}

/** One page of a list. */
export class Page<T> extends Result<readonly T[]> {
	constructor(
		answer: Answer,
		data: readonly T[],
		source: Source,
		private readonly turn: (cursor: { after?: string; before?: string }) => Promise<Page<T>>,
	) {
		super(answer, data, source);
	}

	/** The cursor of the next page, or undefined at the end. */
	get after(): string | undefined {
		return cursor(this.raw, "after");
	}

	/** The cursor of the page before, or undefined at the start. */
	get before(): string | undefined {
		return cursor(this.raw, "before");
	}

	/** Of `ids` or `references` that were asked for: those that do not exist. */
	get missing(): readonly string[] {
		const missing = members(this.raw)?.["missing"];
		return Array.isArray(missing) ? (missing as string[]) : [];
	}

	/** The next page, or undefined at the end. */
	async next(): Promise<Page<T> | undefined> {
		return this.after === undefined ? undefined : this.turn({ after: this.after });
	}

	/** The page before, or undefined at the start. */
	async previous(): Promise<Page<T> | undefined> {
		return this.before === undefined ? undefined : this.turn({ before: this.before });
	}
}

function cursor(body: unknown, name: string): string | undefined {
	const value = members(members(body)?.["pagination"])?.[name];
	return value === undefined || value === null ? undefined : String(value);
}

/** The `data` of a body, or the body itself where it is not wrapped. */
export function dataOf(json: unknown): unknown {
	const body = members(json);
	return body && "data" in body ? body["data"] : json;
}

/** Whose status is about money. */
const aboutMoney = /^\/(?:payment-sessions|payments|refunds|payouts)(?:\/|$)/;

/** What the words of a status say about money, for servers that send no money block. */
const meanings: ReadonlyMap<unknown, Outcome> = new Map([
	...["succeeded", "success", "captured", "settled"].map((word) => [word, "succeeded"] as const),
	...["failed", "cancelled", "expired", "reversed"].map((word) => [word, "refused"] as const),
	...["pending", "processing", "authenticating"].map((word) => [word, "pending"] as const),
]);

/** What only `state` tells apart. */
const exactMeanings: ReadonlyMap<unknown, Outcome> = new Map([
	["created", "not_attempted"],
	["in_doubt", "unknown"],
]);

function outcomeOfStatus(data: unknown): Outcome | undefined {
	const state = members(data)?.["state"] ?? members(members(data)?.["payment"])?.["state"];
	return exactMeanings.get(state) ?? meanings.get(members(data)?.["status"] ?? members(members(data)?.["payment"])?.["status"]);
}

function members(value: unknown): Members | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}
