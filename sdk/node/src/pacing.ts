/**
 * Pacing: what the RateLimit headers of earlier answers say about the next request,
 * so that a client stays under a limit instead of bouncing off it. The time is given.
 */
import { rateLimitEntries, type HeaderReader, type RateLimitEntry } from "./wait.js";

/** What is known of one limit. */
interface Limit {
	/** Requests that may go at once. */
	left: number;
	/** Sent, and not yet counted in what the server said. */
	flying: number;
	/** When there will be one more, in milliseconds since 1970. */
	nextAt: number;
	/** Milliseconds from one to the next after that. */
	readonly intervalMs: number;
}

/** The limit of this name is the key's, for all routes; every other is that of a route. */
const shared = "key";
const second = 1000;

/** One per client. */
export class Pacing {
	private readonly limits = new Map<string, Limit>();

	/**
	 * Takes a place for a request.
	 *
	 * @param now milliseconds since 1970
	 * @returns milliseconds to wait before it is sent; mostly 0
	 */
	before(route: string, now: number): number {
		let wait = 0;
		for (const [name, limit] of this.limits) if (concerns(name, route)) wait = Math.max(wait, take(limit, now));
		return wait;
	}

	/** Gives the place of a request back that was not sent, or whose answer has come. */
	ended(route: string): void {
		for (const [name, limit] of this.limits) if (concerns(name, route)) limit.flying = Math.max(0, limit.flying - 1);
	}

	/** Takes in what an answer says about the limits. */
	learn(route: string, headers: HeaderReader, now: number): void {
		this.ended(route);
		const intervals = policies(headers.get("ratelimit-policy"));
		for (const entry of rateLimitEntries(headers.get("ratelimit")) ?? []) this.set(route, entry, intervals.get(entry.name), now);
	}

	private set(route: string, entry: RateLimitEntry, intervalMs: number | undefined, now: number): void {
		const name = entry.name === shared ? shared : `${entry.name} ${route}`;
		const flying = this.limits.get(name)?.flying ?? 0;
		const untilNext = entry.seconds * second;
		const left = Math.max(0, entry.remaining - flying);
		this.limits.set(name, { left, flying, nextAt: now + untilNext, intervalMs: intervalMs ?? Math.max(untilNext, 1) });
	}
}

function concerns(name: string, route: string): boolean {
	return name === shared || name.endsWith(` ${route}`);
}

function take(limit: Limit, now: number): number {
	limit.flying++;
	if (limit.left === 0 && now >= limit.nextAt) refill(limit, now);
	if (limit.left > 0) {
		limit.left--;
		return 0;
	}
	const at = limit.nextAt;
	limit.nextAt += limit.intervalMs;
	return at - now;
}

function refill(limit: Limit, now: number): void {
	const come = Math.floor((now - limit.nextAt) / limit.intervalMs) + 1;
	limit.left += come;
	limit.nextAt += come * limit.intervalMs;
}

/** The interval of each policy in `"key";q=100;w=1, "endpoint";q=100;w=60`, in milliseconds. */
function policies(text: string | undefined): Map<string, number> {
	const found = new Map<string, number>();
	for (const [, name, quota, window] of (text ?? "").matchAll(/"([^"]+)";q=([0-9]+);w=([0-9]+)/g)) {
		if (name !== undefined && Number(quota) > 0) found.set(name, (Number(window) * second) / Number(quota));
	}
	return found;
}
