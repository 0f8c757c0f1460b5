/**
 * The retry budget: a bucket of tokens that all calls of one client share, so that
 * a broken server is not buried under retries. Arithmetic only; the time is given.
 */

/** What the bucket holds and costs, in tokens. */
export interface BudgetRules {
	readonly bucket: number;
	readonly costTransient: number;
	readonly costThrottle: number;
	/** What a call gives back that succeeded at its first try. */
	readonly gain: number;
	/** What one second without any call gives back. */
	readonly gainPerIdleSecond: number;
}

const second = 1000; // milliseconds

/** Tokens after a time without calls: whole seconds count, and the bucket never runs over. */
export function afterIdle(rules: BudgetRules, tokens: number, idleMs: number): number {
	return give(rules, tokens, Math.floor(idleMs / second) * rules.gainPerIdleSecond);
}

/** Tokens after some were given back. */
export function give(rules: BudgetRules, tokens: number, gained: number): number {
	return Math.min(rules.bucket, tokens + gained);
}

/** The bucket of one client. Only the loop around decide() changes it. */
export class Budget {
	tokens: number;
	private inFlight = 0;
	private idleMs = 0;
	private idleSince: number;

	/** @param now milliseconds of a clock that never goes back */
	constructor(bucket: number, now: number) {
		this.tokens = bucket;
		this.idleSince = now;
	}

	/** A call begins; the time in which there was none counts as idle. */
	enter(now: number): void {
		if (this.inFlight++ === 0) this.idleMs += now - this.idleSince;
	}

	/** A call has ended. */
	leave(now: number): void {
		if (--this.inFlight === 0) this.idleSince = now;
	}

	/** The idle milliseconds that nobody has counted yet, in whole seconds; they count once. */
	takeIdle(): number {
		const whole = this.idleMs - (this.idleMs % second);
		this.idleMs -= whole;
		return whole;
	}
}
