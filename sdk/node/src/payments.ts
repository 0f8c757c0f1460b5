/** Payments, with what people do most: wait for the end of one, and look at many at once. */
import type { Clock } from "./clock.js";
import type { CallOptions, Core } from "./core.js";
import type { Payment, PaymentsGetQuery } from "./models.js";
import { Payments } from "./resources.js";
import type { Result } from "./result.js";
import type { Signals } from "./signals.js";

/** How long to wait for a payment. */
export interface WaitOptions extends Omit<CallOptions, "timeoutMs"> {
	/** Milliseconds until giving up, and returning the payment as it is; 120,000 if absent. */
	readonly timeoutMs?: number;
}

/** What waiting needs of a client beside its core. */
export interface WaitMeans {
	readonly clock: Clock;
	readonly gather: boolean;
	readonly signals: Signals;
}

const waitDefaultMs = 120_000;
/** As long as the server holds a read. */
const holdMaxMs = 25_000;
/** Between two looks where the server did not hold the read and names no time. */
const lookAgainMs = 2_000;
const gatheredMax = 100;

/** client.payments */
export class ClientPayments extends Payments {
	private waiting: Gathered[] = [];

	constructor(
		core: Core,
		private readonly means: WaitMeans,
	) {
		super(core);
	}

	/**
	 * Waits until a payment is final, or the time is up; then returns it as it is.
	 * Ask succeeded() of the result. Final are `refused` and `succeeded`.
	 */
	async wait(id: string, options: WaitOptions = {}): Promise<Result<Payment>> {
		const { timeoutMs = waitDefaultMs, ...call } = options;
		const until = this.means.clock.steady() + timeoutMs;
		for (;;) {
			const began = this.means.clock.steady();
			const result = await super.get(id, this.held(until), call);
			const left = until - this.means.clock.steady();
			if (isFinal(result) || left <= 0) return result;
			const held = this.means.clock.steady() - began;
			await this.sleep(Math.min(left, Math.max(0, (result.money?.retry?.after_ms ?? lookAgainMs) - held)), options.signal);
		}
	}

	/** Look at a payment. With the client's `gather`, the calls of one tick become one request. */
	override get(id: string, query?: PaymentsGetQuery, options?: CallOptions): Promise<Result<Payment>> {
		if (!this.means.gather || query || options || !uuid.test(id)) return super.get(id, query, options);
		return new Promise((resolve, reject) => {
			if (this.waiting.push({ id, resolve, reject }) === 1) setImmediate(() => this.ask());
		});
	}

	private held(until: number): PaymentsGetQuery {
		const leftMs = Math.min(until - this.means.clock.steady(), holdMaxMs);
		const wait = Math.floor(leftMs / 1000);
		return wait > 0 ? { wait } : {};
	}

	/** Ends early when the signal is aborted; the next look then says so. */
	private sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
		if (ms <= 0 || signal?.aborted) return Promise.resolve();
		return new Promise((resolve) => {
			const end = (): void => {
				stop();
				release();
				resolve();
			};
			const stop = this.means.clock.after(ms, end);
			const release = this.means.signals.follow(signal, end);
		});
	}

	private ask(): void {
		const all = this.waiting;
		this.waiting = [];
		for (let from = 0; from < all.length; from += gatheredMax) void this.askFor(all.slice(from, from + gatheredMax));
	}

	private async askFor(some: readonly Gathered[]): Promise<void> {
		const [first] = some;
		if (!first) return;
		if (some.every(({ id }) => id === first.id)) return settleAll(some, super.get(first.id));
		try {
			const page = await this.list({ ids: [...new Set(some.map(({ id }) => id))].join(",") });
			const found = new Map(page.data.map((payment) => [payment.id.toLowerCase(), payment]));
			for (const one of some) this.hand(one, found.get(one.id.toLowerCase()), page);
		} catch (error) {
			for (const { reject } of some) reject(error);
		}
	}

	/** What the list lacks is asked for alone, so that its error is the real one. */
	private hand(one: Gathered, payment: Payment | undefined, page: Result<unknown>): void {
		if (payment) one.resolve(page.of(payment));
		else settleAll([one], super.get(one.id));
	}
}

interface Gathered {
	readonly id: string;
	readonly resolve: (result: Result<Payment>) => void;
	readonly reject: (error: unknown) => void;
}

function settleAll(some: readonly Gathered[], answer: Promise<Result<Payment>>): void {
	for (const { resolve, reject } of some) answer.then(resolve, reject);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function isFinal(result: Result<unknown>): boolean {
	return result.outcome === "succeeded" || result.outcome === "refused";
}
