/**
 * The cache (opt-in): answers to reads, kept as their headers allow. It obeys
 * Cache-Control and ETag, joins identical reads in flight, and gives reference data
 * that is too old only while the server is away, marked as stale.
 */
import { createHash } from "node:crypto";
import type { Sourced } from "./caller.js";
import type { Clock } from "./clock.js";
import { CallError } from "./errors.js";
import { parseJson } from "./envelope.js";
import { Joined } from "./join.js";
import type { Prepared } from "./loop.js";
import type { Answer } from "./result.js";
import type { Signals } from "./signals.js";
import type { HeaderReader } from "./wait.js";

/** An answer that is kept. */
export interface CachedAnswer {
	readonly text: string;
	readonly etag: string | undefined;
	/** In milliseconds since 1970. */
	readonly freshUntil: number;
	readonly storedAt: number;
	/** The X-Request-Id of the answer. */
	readonly requestId: string | undefined;
}

/** Where answers are kept. Keys name the client's API key by its hash, so clients may share one. */
export interface CacheStore {
	get(key: string): CachedAnswer | undefined;
	set(key: string, answer: CachedAnswer): void;
}

export interface CacheOptions {
	/** In memory, 500 answers, if absent. */
	readonly store?: CacheStore;
	/** How old reference data may be that stands in for a server that is away; one day if absent. */
	readonly staleIfErrorMs?: number;
	/** Whether identical reads in flight share one request; true if absent. */
	readonly join?: boolean;
}

/** Reference data: the same for everybody for a long time. Payments are never served stale. */
const referenceRoutes: ReadonlySet<string> = new Set([
	"/payment-methods/banks",
	"/payment-sessions/encryption-keys/{mode}",
	"/payments/stats",
	"/exchange/pairs",
	"/exchange/swap-configurations",
	"/exchange/rates",
]);

const dayMs = 86_400_000;
const entriesMax = 500;

/** Keeps the answers that were used last. */
export class MemoryCache implements CacheStore {
	private readonly answers = new Map<string, CachedAnswer>();

	constructor(private readonly max = entriesMax) {}

	get(key: string): CachedAnswer | undefined {
		const answer = this.answers.get(key);
		if (answer) this.set(key, answer);
		return answer;
	}

	set(key: string, answer: CachedAnswer): void {
		this.answers.delete(key);
		this.answers.set(key, answer);
		for (const oldest of this.answers.keys()) {
			if (this.answers.size <= this.max) break;
			this.answers.delete(oldest);
		}
	}
}

/** One per client. */
export class Cache {
	private readonly store: CacheStore;
	private readonly staleIfErrorMs: number;
	private readonly joined: Joined<Sourced> | undefined;

	constructor(
		private readonly clock: Clock,
		signals: Signals,
		options: CacheOptions = {},
	) {
		this.store = options.store ?? new MemoryCache();
		this.staleIfErrorMs = options.staleIfErrorMs ?? dayMs;
		this.joined = options.join === false ? undefined : new Joined(signals);
	}

	/** @param perform sends the call; the cache may add a header to it */
	async answer(call: Prepared, perform: (call: Prepared) => Promise<Answer>): Promise<Sourced> {
		const key = nameOf(call);
		const kept = this.store.get(key);
		if (kept && this.clock.now() < kept.freshUntil) return { answer: recalled(call, kept), source: "cache" };
		const ask = (again: Prepared): Promise<Sourced> => this.ask(key, again, kept, perform);
		if (!this.joined) return ask(call);
		const { answer, source } = await this.joined.share(`${key} ${call.wants} ${call.policy.deadlineMs}`, call, ask);
		return { answer: { ...answer, json: jsonOf(call, answer.text) }, source };
	}

	private async ask(key: string, call: Prepared, kept: CachedAnswer | undefined, perform: (call: Prepared) => Promise<Answer>): Promise<Sourced> {
		try {
			const answer = await perform(kept?.etag === undefined ? call : { ...call, headers: { ...call.headers, "if-none-match": kept.etag } });
			if (answer.status !== 304 || !kept) return this.keep(key, answer);
			this.store.set(key, { ...kept, freshUntil: this.freshUntil(answer.headers) ?? 0, storedAt: this.clock.now() });
			return { answer: { ...recalled(call, kept), headers: answer.headers, attempts: answer.attempts, totalMs: answer.totalMs }, source: "revalidated" };
		} catch (error) {
			if (!kept || !this.mayBeStale(call, kept, error)) throw error;
			return { answer: { ...recalled(call, kept), attempts: (error as CallError).attempts }, source: "stale" };
		}
	}

	private keep(key: string, answer: Answer): Sourced {
		const etag = answer.headers.get("etag");
		const freshUntil = this.freshUntil(answer.headers);
		if (answer.status === 200 && freshUntil !== undefined && (etag !== undefined || freshUntil > this.clock.now())) {
			this.store.set(key, { text: answer.text, etag, freshUntil, storedAt: this.clock.now(), requestId: answer.headers.get("x-request-id") });
		}
		return { answer, source: "server" };
	}

	/** Until when an answer needs no question, in milliseconds since 1970; undefined if it must not be kept. */
	private freshUntil(headers: HeaderReader): number | undefined {
		const control = headers.get("cache-control") ?? "";
		if (control === "" || /\bno-store\b/i.test(control)) return undefined;
		const age = /\bno-cache\b/i.test(control) ? undefined : /\bmax-age=([0-9]+)/i.exec(control)?.[1];
		return this.clock.now() + Number(age ?? 0) * 1000;
	}

	private mayBeStale(call: Prepared, kept: CachedAnswer, error: unknown): boolean {
		if (!referenceRoutes.has(call.route) || !(error instanceof CallError) || error.reason === "cancelled") return false;
		const away = error.report.event !== undefined || (error.status ?? 0) >= 500 || error.status === 408 || error.status === 429;
		return away && this.clock.now() - kept.storedAt <= this.staleIfErrorMs;
	}
}

/** What a call asks, and with which headers: nothing of the API key can be read from it. */
function nameOf(call: Prepared): string {
	const asked = JSON.stringify([call.base.origin, call.path, call.headers]);
	return createHash("sha256").update(asked).digest("base64url");
}

function recalled(call: Prepared, kept: CachedAnswer): Answer {
	const headers = { get: (name: string) => (name === "x-request-id" ? kept.requestId : undefined) };
	return { route: call.route, status: 200, headers, text: kept.text, json: jsonOf(call, kept.text), attempts: [], idempotencyKey: undefined, totalMs: 0 };
}

/** Every caller gets objects of its own. */
function jsonOf(call: Prepared, text: string): unknown {
	return call.wants === "json" ? parseJson(text) : undefined;
}
