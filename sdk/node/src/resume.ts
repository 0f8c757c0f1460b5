/** After a crash: what became of a key, and what to do about it. */
import type { Caller } from "./caller.js";
import type { CallOptions } from "./core.js";
import { CallError, NotFoundError, type JuicerError } from "./errors.js";
import type { IdempotencyKey } from "./models.js";
import type { OutboxEntry, OutboxStore } from "./outbox.js";
import type { Result } from "./result.js";

/** What became of an idempotency key. */
export interface Resumption {
	/**
	 * done: read `record`, it is over. running: ask again later. repeat: send the
	 * identical request with the same key; nothing, or not all, was done.
	 */
	readonly next: "done" | "running" | "repeat";
	/** What the server keeps of the key; undefined if no request with it has begun any work. */
	readonly record: IdempotencyKey | undefined;
}

const nextOf = { completed: "done", spent: "done", in_progress: "running", interrupted: "repeat" } as const;

/**
 * Asks what became of a key that you stored before the process died.
 *
 * @throws a JuicerError if the server does not answer
 */
export async function resume(caller: Caller, key: string, options?: CallOptions): Promise<Resumption> {
	try {
		const { data } = await caller.send<IdempotencyKey>({ method: "GET", route: "/idempotency-keys/{key}", path: [key] }, options);
		return { next: nextOf[data.state], record: data };
	} catch (error) {
		if (error instanceof NotFoundError && error.code === "not_found") return { next: "repeat", record: undefined };
		throw error;
	}
}

/** What became of a write that was left in the outbox. */
export interface Resumed {
	readonly entry: OutboxEntry;
	readonly result: Result<unknown> | undefined;
	readonly error: JuicerError | undefined;
}

/** Sends what is left in the outbox again, oldest first, with the same keys and bytes. */
export async function resumeOutbox(caller: Caller, store: OutboxStore, options?: CallOptions): Promise<Resumed[]> {
	const all: Resumed[] = [];
	for (const entry of await store.list()) {
		try {
			all.push({ entry, result: await caller.again(entry, options), error: undefined });
		} catch (error) {
			if (!(error instanceof CallError)) throw error;
			all.push({ entry, result: undefined, error });
		}
	}
	return all;
}
