/** The way from a resource's method to the loop and back: what Core promises. */
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { Budget } from "./budget.js";
import type { Cache } from "./cache.js";
import type { CallOptions, Core, Request } from "./core.js";
import { CallError, ConfigurationError, PaymentDeclined } from "./errors.js";
import type { Hooks } from "./hooks.js";
import { newKey } from "./key.js";
import { perform, type Means, type Prepared } from "./loop.js";
import { lowerCase, overridden, type ClientOptions, type Settings } from "./options.js";
import type { Outbox, OutboxEntry } from "./outbox.js";
import type { Pacing } from "./pacing.js";
import type { Policy } from "./policy.js";
import { dataOf, Page, Result, type Answer, type Source } from "./result.js";
import type { Signals } from "./signals.js";

/** What a client adds to its settings. */
export interface Extras {
	readonly budget: Budget;
	readonly hooks: Hooks;
	readonly pacing: Pacing | undefined;
	readonly signals: Signals;
	readonly cache: Cache | undefined;
	readonly outbox: Outbox | undefined;
}

/** An answer and where it comes from. */
export interface Sourced {
	readonly answer: Answer;
	readonly source: Source;
}

/** Sends what resources ask for. One per client. */
export class Caller implements Core {
	private readonly means: Means;

	constructor(
		private readonly settings: Settings,
		private readonly extras: Extras,
		private readonly options: Pick<ClientOptions, "raiseOnDecline">,
	) {
		const { clock, random, transport } = settings;
		this.means = { transport, clock, random, budget: extras.budget, hooks: extras.hooks, pacing: extras.pacing, signals: extras.signals };
	}

	async send<T>(request: Request, options: CallOptions = {}): Promise<Result<T>> {
		const { answer, source } = await this.answer(this.prepare(request, options, "json"));
		const result = new Result<T>(answer, dataOf(answer.json) as T, source);
		if (result.outcome === "refused" && (options.raiseOnDecline ?? this.options.raiseOnDecline)) throw new PaymentDeclined(result);
		return result;
	}

	async page<T>(request: Request, options: CallOptions = {}): Promise<Page<T>> {
		const { answer, source } = await this.answer(this.prepare(request, options, "json"));
		const turn = (cursor: object): Promise<Page<T>> => this.page<T>({ ...request, query: turned(request.query, cursor) }, options);
		return new Page<T>(answer, (dataOf(answer.json) ?? []) as readonly T[], source, turn);
	}

	async *each<T>(request: Request, options: CallOptions = {}): AsyncGenerator<T, void, undefined> {
		for (let page: Page<T> | undefined = await this.page<T>(request, options); page; page = await page.next()) yield* page.data;
	}

	async raw(request: Request, options: CallOptions = {}): Promise<Result<string>> {
		const { answer, source } = await this.answer(this.prepare(request, options, "text"));
		return new Result<string>(answer, answer.text, source);
	}

	/** Sends a write of the outbox again, as it was. */
	async again(entry: OutboxEntry, options: CallOptions = {}): Promise<Result<unknown>> {
		const { key, method, route } = entry;
		const body = entry.body ?? undefined;
		const policy = policyOf(this.settings.policy, options);
		const { answer, source } = await this.answer({
			...{ method, route, key, body, policy, wants: "json", signal: options.signal, attemptTimeoutMs: undefined },
			...{ base: this.settings.base, path: entry.path, headers: this.headers(options, key, body) },
		});
		return new Result(answer, dataOf(answer.json), source);
	}

	private answer(call: Prepared): Promise<Sourced> {
		const { cache, outbox } = this.extras;
		if (call.method === "GET") return cache ? cache.answer(call, (again) => this.perform(again)) : this.fromServer(call);
		return outbox ? outbox.around(call, () => this.fromServer(call)) : this.fromServer(call);
	}

	private async fromServer(call: Prepared): Promise<Sourced> {
		return { answer: await this.perform(call), source: "server" };
	}

	/** The loop, and the hook that hears how it ended. */
	private async perform(call: Prepared): Promise<Answer> {
		if (!this.means.hooks.call) return perform(this.means, call);
		try {
			const answer = await perform(this.means, call);
			this.heard(call, answer, undefined);
			return answer;
		} catch (error) {
			if (error instanceof CallError) this.heard(call, undefined, error);
			throw error;
		}
	}

	private heard({ key, method, route }: Prepared, answer: Answer | undefined, error: CallError | undefined): void {
		const outcome = answer ? new Result(answer, dataOf(answer.json)).outcome : error?.outcome;
		this.means.hooks.call?.({
			method,
			route,
			status: answer?.status ?? error?.status,
			code: error?.code,
			requestId: answer?.headers.get("x-request-id") ?? error?.requestId,
			idempotencyKey: key,
			outcome,
			attempts: answer?.attempts ?? error?.attempts ?? [],
			totalMs: answer?.totalMs ?? error?.totalMs ?? 0,
			error,
		});
	}

	/** A request as it will be sent, and sent again. */
	prepare(request: Request, options: CallOptions, wants: "json" | "text"): Prepared {
		const { method, route } = request;
		const { base, prefix } = this.settings;
		const body = request.body === undefined ? (method === "GET" || method === "DELETE" ? undefined : "{}") : JSON.stringify(request.body);
		const key = method === "GET" ? undefined : keyed(options.idempotencyKey);
		const path = prefix + filled(route, request.path ?? []) + queryText(request.query);
		const policy = policyOf(this.settings.policy, options);
		return { method, route, base, path, headers: this.headers(options, key, body), body, key, policy, signal: options.signal, wants, attemptTimeoutMs: longPoll(request.query, policy) };
	}

	private headers(options: CallOptions, key: string | undefined, body: string | undefined): Record<string, string> {
		const headers: Record<string, string> = { ...this.settings.headers };
		if (body !== undefined) {
			headers["content-type"] = "application/json";
			headers["content-length"] = String(Buffer.byteLength(body));
		}
		if (options.headers) Object.assign(headers, checked(lowerCase(options.headers)));
		if (key !== undefined) headers["idempotency-key"] = key;
		return headers;
	}
}

function keyed(given: string | undefined): string {
	if (given === undefined) return newKey();
	if (!/^[\x21-\x7e]{1,255}$/.test(given)) throw new ConfigurationError("An idempotency key is 1 to 255 printable characters without blanks.");
	return given;
}

function checked(headers: Record<string, string>): Record<string, string> {
	for (const [name, value] of Object.entries(headers)) {
		validateHeaderName(name);
		validateHeaderValue(name, value);
	}
	return headers;
}

function policyOf(policy: Policy, { policy: other, timeoutMs }: CallOptions): Policy {
	if (other === undefined && timeoutMs === undefined) return policy;
	if (timeoutMs !== undefined && !(timeoutMs >= 0)) throw new ConfigurationError(`timeoutMs is a number of milliseconds, not ${String(timeoutMs)}.`);
	return overridden(policy, { ...other, deadlineMs: timeoutMs ?? other?.deadlineMs });
}

/** The template with its values; an empty one would ask another route. */
function filled(route: string, values: readonly string[]): string {
	let next = 0;
	return route.replace(/\{([^}]+)\}/g, (_, name: string) => {
		const value = values[next++];
		if (typeof value !== "string" || value === "" || value === "." || value === "..") throw new TypeError(`${route} needs ${name}: got ${JSON.stringify(value)}`);
		return encodeURIComponent(value);
	});
}

function queryText(query: object | undefined): string {
	if (query === undefined) return "";
	const parts: string[] = [];
	for (const [name, value] of Object.entries(query) as [string, unknown][]) {
		if (value === undefined || value === null) continue;
		parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(Array.isArray(value) ? value.join(",") : String(value))}`);
	}
	return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** The query of another page: a cursor takes the place of the one before. */
function turned(query: object | undefined, cursor: object): object {
	return { ...query, after: undefined, before: undefined, ...cursor };
}

/** What a server may need to answer after the time that ?wait= gives it. */
const longPollSpareMs = 5_000;

/** A read that the server may hold gets the time for it. */
function longPoll(query: object | undefined, policy: Policy): number | undefined {
	const wait = Number((query as { wait?: unknown } | undefined)?.wait);
	return wait > 0 ? Math.max(policy.readTimeoutMs, wait * 1000 + longPollSpareMs) : undefined;
}
