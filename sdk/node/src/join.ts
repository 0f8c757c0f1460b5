/** Identical reads in flight share one request; each caller may still go away alone. */
import { errorOf } from "./errors.js";
import type { Prepared } from "./loop.js";
import type { Signals } from "./signals.js";

interface Flight<T> {
	readonly landing: Promise<T>;
	readonly control: AbortController;
	passengers: number;
}

/** The flights of one client, by what they ask. */
export class Joined<T> {
	private readonly flights = new Map<string, Flight<T>>();

	constructor(private readonly signals: Signals) {}

	/** @param start sends the call, with a signal that ends it when nobody waits any more */
	async share(name: string, call: Prepared, start: (call: Prepared) => Promise<T>): Promise<T> {
		if (call.signal?.aborted) throw cancelled(call);
		const flight = this.flights.get(name) ?? this.depart(name, call, start);
		flight.passengers++;
		try {
			return await this.untilAborted(flight.landing, call);
		} finally {
			if (--flight.passengers === 0) this.leave(name, flight);
		}
	}

	private depart(name: string, call: Prepared, start: (call: Prepared) => Promise<T>): Flight<T> {
		const control = new AbortController();
		const landing = start({ ...call, signal: control.signal });
		const flight = { landing, control, passengers: 0 };
		this.flights.set(name, flight);
		const landed = (): void => this.remove(name, flight);
		landing.then(landed, landed);
		return flight;
	}

	private untilAborted(landing: Promise<T>, call: Prepared): Promise<T> {
		if (!call.signal) return landing;
		return new Promise((resolve, reject) => {
			const release = this.signals.follow(call.signal, () => {
				release();
				reject(cancelled(call));
			});
			landing.then(resolve, reject).finally(release);
		});
	}

	private leave(name: string, flight: Flight<T>): void {
		this.remove(name, flight);
		flight.control.abort();
	}

	private remove(name: string, flight: Flight<T>): void {
		if (this.flights.get(name) === flight) this.flights.delete(name);
	}
}

function cancelled({ key, method, route }: Prepared): Error {
	return errorOf({
		...{ method, route, reason: "cancelled", outcome: undefined, idempotencyKey: key, attempts: [], totalMs: 0 },
		...{ retryAfterMs: undefined, status: undefined, event: undefined, requestId: undefined, body: undefined },
	});
}
