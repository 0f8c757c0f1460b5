/** Several requests in one, each with a key of its own; the only way in which writes are joined. */
import type { CallOptions, Core } from "./core.js";
import { errorOf, type CallError } from "./errors.js";
import { newKey } from "./key.js";
import { isRead } from "./policy.js";
import { dataOf, Result, type Answer } from "./result.js";
import type { HeaderReader } from "./wait.js";

/** One request of a batch. */
export interface BatchRequest {
	readonly method: "GET" | "POST" | "PATCH" | "DELETE";
	/** With values, and perhaps a query: "/payments/ord_1001". */
	readonly path: string;
	readonly body?: unknown;
	/** Made for every write if absent. */
	readonly idempotencyKey?: string;
}

/** What became of one request; in the order of the requests. */
export type BatchAnswer = { readonly ok: true; readonly result: Result<unknown> } | { readonly ok: false; readonly error: CallError };

interface BatchItem {
	readonly status: number;
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends up to 50 requests as one. They run one after the other, and none stops the
 * others; repeats of a lost answer act once, for every write has its key.
 *
 * @throws a JuicerError if the batch itself fails: then its outcome stands for all
 */
export async function batch(core: Core, requests: readonly BatchRequest[], options?: CallOptions): Promise<BatchAnswer[]> {
	const keyed = requests.map((request) => ({ ...request, idempotencyKey: isRead(request.method) ? undefined : (request.idempotencyKey ?? newKey()) }));
	const body = { requests: keyed.map(({ idempotencyKey, ...request }) => ({ ...request, idempotency_key: idempotencyKey })) };
	const whole = await core.send<BatchItem[]>({ method: "POST", route: "/batch", body }, options);
	return whole.data.map((item, i) => answerOf(item, keyed[i] as Keyed, whole));
}

type Keyed = Omit<BatchRequest, "idempotencyKey"> & { readonly idempotencyKey: string | undefined };

function answerOf(item: BatchItem, request: Keyed, whole: Result<unknown>): BatchAnswer {
	const answer = wired(item, request, whole);
	if (item.status < 400) return { ok: true, result: new Result(answer, dataOf(item.body)) };
	const { attempts, idempotencyKey, text } = answer;
	const outcome = isRead(request.method) ? undefined : outcomeIn(item);
	const facts = { method: request.method, route: answer.route, outcome, idempotencyKey, attempts, status: item.status, body: text };
	return { ok: false, error: errorOf({ ...facts, reason: undefined, totalMs: 0, retryAfterMs: undefined, event: undefined, requestId: whole.requestId }) };
}

function wired(item: BatchItem, request: Keyed, whole: Result<unknown>): Answer {
	const text = JSON.stringify(item.body) ?? "";
	const [route = ""] = request.path.split("?", 1);
	return { route, status: item.status, headers: headersOf(item, whole), text, json: item.body, attempts: whole.attempts, idempotencyKey: request.idempotencyKey, totalMs: 0 };
}

/** An item has few headers of its own; the request id is that of the batch. */
function headersOf(item: BatchItem, whole: Result<unknown>): HeaderReader {
	const own = new Map(Object.entries(item.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
	return { get: (name) => own.get(name) ?? whole.headers.get(name) };
}

type Named = { readonly error?: { readonly outcome?: CallError["outcome"] } } | undefined;

function outcomeIn(item: BatchItem): CallError["outcome"] {
	return (item.body as Named)?.error?.outcome ?? "unknown";
}
