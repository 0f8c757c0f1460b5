/**
 * A receiver of webhooks: verifies them, hands every event on once, and fetches from
 * /events what did not arrive.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock, type Clock } from "./clock.js";
import { JuicerError } from "./errors.js";
import type { Event, EventName, EventsListQuery } from "./models.js";
import type { Page } from "./result.js";
import { WebhookVerificationError, verifyWebhook, type WebhookEvent, type WebhookHeaders, type WebhookSecrets } from "./webhooks.js";

/**
 * What was seen. Keep it in the same database as your own changes: mark() inside the
 * transaction that books the event is what makes "once" true across crashes.
 */
export interface DedupeStore {
	/** Whether the event was handed on before. */
	has(id: string): Promise<boolean>;
	/** The event was handed on. */
	mark(id: string, sequence: number | undefined): Promise<void>;
	/** Everything up to this number was handed on; 0 at the beginning. */
	position(): Promise<number>;
	setPosition(sequence: number): Promise<void>;
}

/** For tests and small tools: forgets with the process. */
export class MemoryDedupe implements DedupeStore {
	private readonly seen = new Set<string>();
	private upTo = 0;

	async has(id: string): Promise<boolean> {
		return this.seen.has(id);
	}

	async mark(id: string): Promise<void> {
		this.seen.add(id);
	}

	async position(): Promise<number> {
		return this.upTo;
	}

	async setPosition(sequence: number): Promise<void> {
		this.upTo = sequence;
	}
}

/** An event as it is handed on, by webhook or from /events. */
export interface ReceivedEvent {
	readonly id: string;
	readonly event: EventName;
	readonly data: Readonly<Record<string, unknown>>;
	readonly sequence: number | undefined;
	/** Whether it had to be fetched. */
	readonly backfilled: boolean;
}

export interface ReceiverOptions {
	readonly secrets: WebhookSecrets;
	/** Called once per event, one at a time. If it throws, the webhook is answered 500 and comes again. */
	readonly onEvent: (event: ReceivedEvent) => Promise<void> | void;
	readonly store?: DedupeStore;
	/** client.events; without it gaps are told, and not filled. */
	readonly events?: { list(query?: EventsListQuery): Promise<Page<Event>> };
	/** Which fetched events to hand on; all if absent. Say it if the endpoint gets only some. */
	readonly wanted?: (event: EventName) => boolean;
	/** How long a missing event may still come by itself, in milliseconds; 1,000 if absent. */
	readonly patienceMs?: number;
	readonly onGap?: (gap: Gap) => void;
	readonly clock?: Clock;
}

/** Events that did not arrive: numbers above `after`, up to `before` exclusive. */
export interface Gap {
	readonly after: number;
	readonly before: number;
}

/** What a webhook led to, and how to answer it. */
export interface Received {
	readonly status: 200 | 401 | 500;
	readonly duplicate: boolean;
	readonly event: WebhookEvent | undefined;
	readonly error: unknown;
}

const patienceMsDefault = 1_000;
const bodyBytesMax = 1024 * 1024;

/** One per endpoint. */
export class WebhookReceiver {
	private readonly store: DedupeStore;
	private readonly clock: Clock;
	/** Everything runs one after the other. */
	private queue: Promise<unknown> = Promise.resolve();
	private stopWaiting: (() => void) | undefined;
	/** Numbers above the position that were handed on, and what they were due after. */
	private readonly ahead = new Map<number, number>();

	constructor(private readonly options: ReceiverOptions) {
		this.store = options.store ?? new MemoryDedupe();
		this.clock = options.clock ?? systemClock;
	}

	/** Takes one webhook. Answer with `status`, within 10 s. */
	async handle(body: Uint8Array | string, headers: WebhookHeaders): Promise<Received> {
		let verified: WebhookEvent | undefined;
		try {
			const event = verifyWebhook(body, headers, this.options.secrets, this.clock.now());
			verified = event;
			const { id, previousSequence } = event;
			if (id === undefined) throw new WebhookVerificationError("missing_header");
			const duplicate = await this.inTurn(() => this.take({ ...event, id, backfilled: false }, previousSequence));
			return { status: 200, duplicate, event, error: undefined };
		} catch (error) {
			return { status: error instanceof WebhookVerificationError ? 401 : 500, duplicate: false, event: verified, error };
		}
	}

	/** A handler for node:http; use it before any middleware that reads bodies. */
	listener(): (request: IncomingMessage, response: ServerResponse) => void {
		return (request, response) => {
			void bodyOf(request).then(async (body) => {
				const { status } = body === undefined ? { status: 413 } : await this.handle(body, request.headers);
				response.writeHead(status).end();
			});
		};
	}

	/** Fetches everything behind the position, such as at start. Returns how many events were handed on. */
	async backfill(): Promise<number> {
		return this.inTurn(() => this.fetch());
	}

	/** Stops waiting for missing events. */
	close(): void {
		this.stopWaiting?.();
		this.stopWaiting = undefined;
	}

	private inTurn<T>(action: () => Promise<T>): Promise<T> {
		const turn = this.queue.then(action);
		this.queue = turn.catch(() => undefined);
		return turn;
	}

	/** Hands an event on, unless it was. Returns whether it was. */
	private async take(event: ReceivedEvent, previous: number | undefined): Promise<boolean> {
		if (await this.store.has(event.id)) return true;
		await this.options.onEvent({ id: event.id, event: event.event, data: event.data, sequence: event.sequence, backfilled: event.backfilled });
		await this.store.mark(event.id, event.sequence);
		if (event.sequence !== undefined) {
			this.ahead.set(event.sequence, previous ?? event.sequence - 1);
			await this.advance();
		}
		return false;
	}

	/** Moves the position over what is complete, and looks after what is not. */
	private async advance(): Promise<void> {
		const start = await this.store.position();
		let position = start;
		for (const [sequence, previous] of [...this.ahead].sort(([a], [b]) => a - b)) {
			if (previous > position) break;
			position = Math.max(position, sequence);
			this.ahead.delete(sequence);
		}
		if (position !== start) await this.store.setPosition(position);
		if (this.ahead.size > 0) this.expect(position);
		else this.close();
	}

	/** Waits a moment for what is missing, then fetches it. */
	private expect(position: number): void {
		if (this.stopWaiting) return;
		this.stopWaiting = this.clock.after(this.options.patienceMs ?? patienceMsDefault, () => {
			this.stopWaiting = undefined;
			void this.inTurn(() => this.fillGap(position)).catch(() => this.expect(position));
		});
	}

	private async fillGap(expected: number): Promise<void> {
		if (this.ahead.size === 0) return;
		const after = Math.max(expected, await this.store.position());
		this.options.onGap?.({ after, before: Math.min(...this.ahead.keys()) });
		if (this.options.events) await this.fetch();
	}

	private async fetch(): Promise<number> {
		const { events } = this.options;
		if (!events) throw new JuicerError("A receiver without client.events cannot fetch what is missing.");
		let handed = 0;
		let page: Page<Event> | undefined = await events.list({ after: await this.store.position(), limit: 100 });
		for (; page; page = await page.next()) {
			for (const event of page.data) if (this.wanted(event) && !(await this.take({ ...event, backfilled: true }, 0))) handed++;
			await this.reached(page.data.at(-1)?.sequence);
		}
		return handed;
	}

	private wanted({ event }: Event): boolean {
		return this.options.wanted?.(event) ?? true;
	}

	/** /events leaves nothing out, so everything up to its last event is complete. */
	private async reached(sequence: number | undefined): Promise<void> {
		if (sequence === undefined) return;
		for (const number of this.ahead.keys()) if (number <= sequence) this.ahead.delete(number);
		await this.store.setPosition(Math.max(sequence, await this.store.position()));
		await this.advance();
	}
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
	const parts: Buffer[] = [];
	let length = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		length += part.length;
		if (length > bodyBytesMax) return undefined;
		parts.push(part);
	}
	return Buffer.concat(parts);
}
