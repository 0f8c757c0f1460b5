/**
 * How often calls of this client fail, by minute and class. Local: it calls nothing.
 * The time is given.
 */
import type { CallEnd } from "./hooks.js";

/** Why a call counts as failed. One call may count in several classes. */
export type RateClass = "server" | "throttle" | "network" | "unknown_outcome";

/** All of them. */
export const rateClasses: readonly RateClass[] = ["server", "throttle", "network", "unknown_outcome"];

/** When to call for attention: a share of the calls of the last minutes. */
export interface ThresholdRule {
	readonly class: RateClass;
	/** Above this share of calls, 0 to 1. */
	readonly share: number;
	/** Minutes to look back, this one included; 5 if absent, 60 at most. */
	readonly minutes?: number;
	/** Fewer calls than this are no sign; 20 if absent. */
	readonly atLeast?: number;
	/** Called once when the share goes above, and again only after it was below. */
	readonly onThreshold: (alarm: Alarm) => void;
}

/** What a threshold was crossed by. */
export interface Alarm {
	readonly class: RateClass;
	readonly calls: number;
	readonly failed: number;
	readonly share: number;
	readonly minutes: number;
}

/** Calls and failures of a time. */
export interface Counts extends Readonly<Record<RateClass, number>> {
	readonly calls: number;
}

/** What client.health() says. */
export interface Health {
	/** Of the last five minutes. */
	readonly recent: Counts;
	/** Share of failed calls among the recent ones, by class, 0 to 1. */
	readonly shares: Readonly<Record<RateClass, number>>;
	/** The last hour by minute, oldest first; minutes without calls are left out. */
	readonly minutes: readonly (Counts & { readonly at: number })[];
	/** What the budget for retries holds; 500 is full. */
	readonly tokens: number;
}

type Minute = { -readonly [name in keyof Counts]: number } & { at: number };

const minuteMs = 60_000;
const minutesKept = 60;
const recentMinutes = 5;
const callsMin = 20;

/** One per client. */
export class Rates {
	private readonly minutes: Minute[] = [];
	private readonly above = new Set<ThresholdRule>();

	constructor(private readonly rules: readonly ThresholdRule[] = []) {}

	/** @param now milliseconds since 1970 */
	record(end: CallEnd, now: number): void {
		const minute = this.minute(now);
		minute.calls++;
		for (const name of classesOf(end)) minute[name]++;
		for (const rule of this.rules) this.check(rule, now);
	}

	health(now: number, tokens: number): Health {
		this.forget(now);
		const recent = this.sum(now, recentMinutes);
		const shares = Object.fromEntries(rateClasses.map((name) => [name, recent.calls === 0 ? 0 : recent[name] / recent.calls]));
		return { recent, shares: shares as Record<RateClass, number>, minutes: this.minutes.map((minute) => ({ ...minute })), tokens };
	}

	private minute(now: number): Minute {
		this.forget(now);
		const at = now - (now % minuteMs);
		const last = this.minutes.at(-1);
		if (last && last.at >= at) return last;
		const minute = { at, calls: 0, server: 0, throttle: 0, network: 0, unknown_outcome: 0 };
		this.minutes.push(minute);
		return minute;
	}

	private forget(now: number): void {
		while (this.minutes[0] && this.minutes[0].at <= now - minutesKept * minuteMs) this.minutes.shift();
	}

	private sum(now: number, minutes: number): Counts {
		const from = now - (now % minuteMs) - (minutes - 1) * minuteMs;
		const total = { calls: 0, server: 0, throttle: 0, network: 0, unknown_outcome: 0 };
		for (const minute of this.minutes) {
			if (minute.at < from) continue;
			total.calls += minute.calls;
			for (const name of rateClasses) total[name] += minute[name];
		}
		return total;
	}

	private check(rule: ThresholdRule, now: number): void {
		const minutes = Math.min(rule.minutes ?? recentMinutes, minutesKept);
		const { calls, [rule.class]: failed } = this.sum(now, minutes);
		const over = calls >= (rule.atLeast ?? callsMin) && failed / calls > rule.share;
		if (!over) this.above.delete(rule);
		else if (!this.above.has(rule)) {
			this.above.add(rule);
			rule.onThreshold({ class: rule.class, calls, failed, share: failed / calls, minutes });
		}
	}
}

/** A call counts by how it ended; one that a retry saved is not a failure. */
function classesOf({ error, outcome }: CallEnd): RateClass[] {
	if (!error) return [];
	const classes: RateClass[] = [];
	const status = error.status ?? 0;
	const { event } = error.report;
	if (event !== undefined && event !== "cancelled") classes.push("network");
	else if (event === undefined && (status >= 500 || status === 408)) classes.push("server");
	else if (event === undefined && status === 429) classes.push("throttle");
	if (outcome === "unknown") classes.push("unknown_outcome");
	return classes;
}
